"""Sharing: a dashboard's and a chart's page made in a job and kept; links follow, are frozen, withdrawn."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import pytest

from core.dashboards import NumberTile
from core.offline.page import under
from core.store import LOCAL, Job, tables
from core.store.records import Dashboard, Exported, Link
from tests.pages.conftest import Screen
from tests.pages.test_dashboard import BAR, NORTH, PAGE, TABLE, board_of
from ui import transfer
from ui.sharing import links, route

CHART = json.dumps({"kind": "histogram", "x": "quantity"})


@pytest.fixture(autouse=True)
def routes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer.ROUTES, "present", True)


def text_of(screen: Screen, page: Exported) -> str:
    """The page with its answers unpacked, without the scripts."""
    html = screen.store.place(page.object, LOCAL).read_text(encoding="utf-8")
    own = "".join(re.split(r"<script>.*?</script>", html, flags=re.DOTALL))
    views = re.findall(r'id="view\d+">([^<]+)<', own)
    return own + "".join(gzip.decompress(base64.b64decode(view)).decode() for view in views)


def only(screen: Screen, kind: Any) -> Any:
    (found,) = screen.store.list(kind, LOCAL)
    return found


def test_a_page_is_made_in_a_job_and_kept_for_the_same_wish(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE, dashboard=record.id)
    app.multiselect(key=f"dash.share.filters.{record.id}").set_value(["region", "member"]).run()
    app.button(key="dash.share.make").click().run()
    assert not app.exception
    assert screen.store.list(Exported, LOCAL) == []  # the page that is looked at makes none
    assert app.button(key="dash.share.make").disabled
    (job,) = screen.work()
    assert (job.task, job.state) == ("make_page", "done")
    app.run()
    assert app.get_by_key("dash.share.download")
    text = text_of(screen, only(screen, Exported))
    assert f"version {version.number}" in text
    assert len(re.findall(r'id="view\d+"', text)) > 6
    other = Screen(screen.store).open(PAGE, dashboard=record.id)
    other.multiselect(key=f"dash.share.filters.{record.id}").set_value(["region", "member"]).run()
    assert other.get_by_key("dash.share.download")
    assert len(screen.store.list(Job, LOCAL)) == 1


def test_pages_that_no_link_shows_go_but_for_the_last_few(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version, BAR)
    app = screen.open(PAGE, dashboard=record.id)
    for name in version.columns[:7]:
        app.multiselect(key=f"dash.share.filters.{record.id}").set_value([name.name]).run()
        app.button(key="dash.share.make").click().run()
        screen.work()
    assert len(screen.store.list(Exported, LOCAL)) == 5


def test_one_press_prints_what_is_on_the_screen(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE, dashboard=record.id)
    app.button(key="dash.pdf").click().run()
    screen.work()
    app.run()
    assert not app.exception
    page = only(screen, Exported)
    assert app.get_by_key("dash.pdf.open").proto.url == f"/print/{page.id}#print"
    assert text_of(screen, page).count('id="view') == 1  # paper has no filters to choose from


def test_columns_with_personal_data_are_warned_about_before_sharing(screen: Screen) -> None:
    import pyarrow as pa

    mails = [f"person{number}@mail.example" for number in range(60)]
    _, version = screen.add_table("people", pa.table({"who": mails, "region": ["North", "South"] * 30}))
    regions = board_of(screen, version, BAR)
    app = screen.open(PAGE, dashboard=regions.id)
    assert any("Profile the table to learn" in one.value for one in app.caption)
    screen.open("pages/data/profile.py", dashboard=regions.id)
    screen.work()
    app = screen.open(PAGE, dashboard=regions.id)
    assert not [one.value for one in app.warning]
    app.multiselect(key=f"dash.share.filters.{regions.id}").set_value(["who"]).run()
    assert "who" in app.warning[0].value


def test_a_private_column_that_is_on_no_tile_is_not_in_the_file(screen: Screen) -> None:
    import pyarrow as pa

    rows = pa.table({"secret_name": [f"hidden{i}" for i in range(40)], "region": ["North", "South"] * 20,
                     "id": list(range(40))})  # fmt: skip
    _, version = screen.add_table("people", rows)
    wrong = BAR.model_copy(update={"id": "wrong", "chart": {"kind": "bar", "x": "secret_names"}})
    record = board_of(screen, version, BAR, TABLE, wrong)
    app = screen.open(PAGE, dashboard=record.id)
    app.multiselect(key=f"dash.share.filters.{record.id}").set_value(["region"]).run()
    app.button(key="dash.share.make").click().run()
    screen.work()
    text = text_of(screen, only(screen, Exported))
    assert "hidden" not in text
    assert not re.search(r"secret_name(?!s)", text)  # nor as what a tile might have meant
    assert "North" in text


def test_a_link_is_told_once_opened_and_withdrawn(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE, dashboard=record.id)
    app.button(key="dash.share.link").click().run()
    assert not app.exception
    link = only(screen, Link)
    (shown,) = [code.value for code in app.code if "/shared/" in code.value]
    assert link.digest not in shown
    assert "Not opened yet" in screen.texts()
    token = shown.rpartition("/")[2]
    assert route.visit(token).words == route.WAIT
    assert [job.state for job in screen.work()] == ["done"]
    assert route.visit(token).place == screen.store.place(only(screen, Exported).object, LOCAL)
    app.run()
    assert "Last opened" in screen.texts()
    app.button(key=f"dash.share.withdraw.{link.id}").click().run()
    assert not screen.store.list(Link, LOCAL)
    assert not [code for code in app.code if "/shared/" in code.value]


def test_a_link_follows_its_dashboard_until_it_is_frozen(screen: Screen) -> None:
    dataset, version = screen.add_table()
    record = board_of(screen, version, BAR)
    link, token = links.make(screen.store, record, None, filters=("region",))
    assert link.expires is None
    assert route.visit(token).words == route.WAIT
    screen.work()
    first = route.visit(token).place
    assert first is not None
    assert route.visit(token).place == first
    assert screen.work() == []  # nothing has changed

    screen.store.change(Dashboard, record.id, LOCAL, filters=[{"selections": [NORTH.to_json()]}])
    older = route.visit(token)  # the newest that is finished, while the next is made
    assert older.place == first
    assert "A newer page is being made" in older.words
    shown = b"".join(under(first, older.words)).decode()
    assert shown.index("A newer page is being made") < shown.index('<main id="page">')
    assert (
        shown.replace(shown[shown.index('<p role="status"') : shown.index("<main")], "") == first.read_text()
    )
    assert route.visit(token) == older
    assert len(screen.work()) == 1
    second = route.visit(token).place
    assert not route.visit(token).words
    assert second != first
    assert "Only rows where region is North" in text_of(screen, screen.store.list(Exported, LOCAL)[0])

    with screen.store.new_object(LOCAL, ".parquet") as made:
        made.path.write_bytes(screen.store.place(version.object, LOCAL).read_bytes())
    tables.add_version(
        screen.store, LOCAL, dataset.id, object=made, columns=version.columns, rows=version.rows, origin="x"
    )
    assert route.visit(token).place == second
    screen.work()
    third = route.visit(token).place
    assert third != second
    app = screen.open(PAGE, dashboard=record.id)
    assert "Shows version 2" in screen.texts()
    app.button(key=f"dash.share.freeze.{link.id}").click().run()
    assert "Frozen: shows version 2" in screen.texts()
    screen.store.change(Dashboard, record.id, LOCAL, filters=[])
    assert route.visit(token).place == third
    assert screen.work() == []
    screen.open(PAGE, dashboard=record.id).button(key=f"dash.share.follow.{link.id}").click().run()
    assert route.visit(token).place == third
    assert len(screen.work()) == 1
    assert route.visit(token).place != third


def test_a_page_that_could_not_be_made_is_not_asked_for_again_and_again(screen: Screen) -> None:
    _, version = screen.add_table()
    _, token = links.make(screen.store, board_of(screen, version, BAR), 7)
    assert route.visit(token).words == route.WAIT
    (job,) = screen.store.list(Job, LOCAL)
    screen.store.change(Job, job.id, LOCAL, state="failed")
    assert route.visit(token).words == route.WAIT
    assert len(screen.store.list(Job, LOCAL)) == 1


def test_a_chart_is_taken_along_as_a_page_of_its_own(screen: Screen) -> None:
    screen.add_table()
    wanted = json.dumps([{"column": "region", "values": ["North"]}])
    app = screen.open("pages/explore/charts.py", chart=CHART, filter=wanted)
    app.button(key="charts.export.make").click().run()
    screen.work()
    app.run()
    assert not app.exception
    page = only(screen, Exported)
    assert page.object in app.get_by_key("charts.export.html").proto.url
    text = text_of(screen, page)
    assert "Only rows where region is North" in text
    app.button(key="charts.export.pdf").click().run()
    assert app.get_by_key("charts.export.pdf.open").proto.url == f"/print/{page.id}#print"
    assert len(screen.store.list(Job, LOCAL)) == 1  # one page for both


def test_a_kept_chart_is_taken_along_with_the_filters_it_was_kept_with(screen: Screen) -> None:
    screen.add_table()
    wanted = json.dumps([{"column": "region", "values": ["North"]}])
    app = screen.open("pages/explore/charts.py", chart=CHART, filter=wanted)
    app.button(key="charts.keep").click().run()
    from core.store import SavedChart

    kept = only(screen, SavedChart)
    app = Screen(screen.store).open("pages/explore/charts.py", chart=CHART)
    app.button(key=f"charts.kept.{kept.id}.make").click().run()
    screen.work()
    assert "Only rows where region is North" in text_of(screen, only(screen, Exported))


def test_a_page_shows_another_table_in_its_newest_version_and_goes_with_it(screen: Screen) -> None:
    _, version = screen.add_table()
    import pyarrow as pa

    staff, own = screen.add_table("staff", pa.table({"region": ["North", "South"] * 9}))
    record = board_of(screen, version, BAR, NumberTile(id="heads", table=staff.id))
    _, token = links.make(screen.store, record, None, filters=("region",))
    assert route.visit(token).words == route.WAIT
    assert [job.state for job in screen.work()] == ["done"]
    page = only(screen, Exported)
    assert page.beside == (own.id,)
    assert '"value":"18"' in text_of(screen, page)
    assert '"value":"9"' in text_of(screen, page)  # of the North alone, on the page's own filter
    assert "Table: staff, version 1" in text_of(screen, page)
    with screen.store.new_object(LOCAL, ".parquet") as made:
        made.path.write_bytes(screen.store.place(own.object, LOCAL).read_bytes())
    tables.add_version(
        screen.store, LOCAL, staff.id, object=made, columns=own.columns, rows=own.rows, origin="x"
    )
    route.visit(token).place
    assert [job.state for job in screen.work()] == ["done"]
    assert len(screen.store.list(Exported, LOCAL)) == 2
    tables.remove(screen.store, staff.id, LOCAL)
    assert not screen.store.list(Exported, LOCAL), "what it showed of the table is gone with it"
    assert screen.store.get(Dashboard, record.id, LOCAL)
