"""The add page: an empty store, files with their preview, samples, made data, managing datasets."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from core.store import LOCAL, Dataset, Job, Upload, Version, tables
from core.store.records import SavedQuery, Setting
from tests.pages.conftest import HOSTILE, Screen
from tests.sources.workbooks import xlsx

CSV = b"id,price,when\n1,9.5,2024-01-31\n2,x,2024-02-29\n3,7,2024-03-01,extra\n"


def upload(screen: Screen, name: str = "sales.csv", data: bytes = CSV) -> None:
    app = screen.open()
    app.file_uploader(key="add.files").upload(name, data, "text/csv").run()
    screen.work()
    screen.app.run()


def test_an_empty_store_offers_three_ways_to_begin(screen: Screen) -> None:
    app = screen.open()
    assert app.title[0].value == "Welcome to Sightline"
    assert {"add.way.file", "add.way.sample", "add.way.made"} <= {button.key for button in app.button}


def test_a_file_is_shown_as_it_would_be_read_before_it_is_read(screen: Screen) -> None:
    upload(screen)
    (kept,) = screen.store.list(Upload, LOCAL)
    assert (kept.name, kept.bytes) == ("sales.csv", len(CSV))
    app = screen.app
    assert app.text_input(key=f"add.part.{kept.id}-0.delimited_file.delimiter").value == ","
    assert list(app.dataframe[0].value.columns) == ["id (integer)", "price (text)", "when (date)"]
    assert screen.store.list(Dataset, LOCAL) == []


def test_the_upload_widget_is_cleared_once_the_file_is_in_the_store(screen: Screen) -> None:
    upload(screen)
    assert [widget.key for widget in screen.app.file_uploader] == ["add.files.1", "add.files.folder.1"]
    assert screen.app.file_uploader[0].value in (None, [])


def test_reading_accounts_for_every_row_and_offers_the_refused_ones(screen: Screen) -> None:
    upload(screen)
    (kept,) = screen.store.list(Upload, LOCAL)
    screen.app.button(key=f"add.part.{kept.id}-0.read").click().run()
    (job,) = screen.work()
    assert job.result is not None
    assert (job.result["rows"], job.result["refused"]) == (2, 1)
    app = screen.app.run()
    assert "2 rows × 3 columns stored, 1 row refused." in screen.texts()
    assert app.get("download_button")[0].key == f"add.refused.{job.id}"


def test_an_override_is_tried_and_then_used(screen: Screen) -> None:
    upload(screen)
    (kept,) = screen.store.list(Upload, LOCAL)
    key = f"add.part.{kept.id}-0"
    screen.app.toggle(key=f"{key}.delimited_file.header").set_value(False).run()
    screen.work()
    screen.app.run()
    assert screen.app.dataframe[0].value.shape[0] == 3
    screen.app.button(key=f"{key}.read").click().run()
    (job,) = screen.work()
    assert job.params["source"]["header"] is False


def test_a_file_that_cannot_be_read_says_why(screen: Screen) -> None:
    upload(screen, "empty.csv", b"")
    assert "is empty" in screen.texts()
    assert not screen.app.exception


def test_a_hostile_file_name_is_plain_text(screen: Screen) -> None:
    upload(screen, f"{HOSTILE}.csv".replace("/", "_"))
    assert not screen.app.exception
    assert "![x](" not in screen.texts()


@pytest.mark.parametrize("name", ["penguins", "gapminder"])
def test_a_sample_is_one_click_away(screen: Screen, name: str) -> None:
    app = screen.open(**{"from": "sample"})
    app.button(key=f"add.sample.{name}").click().run()
    (job,) = screen.work()
    assert job.state == "done"
    screen.app.run()
    assert "stored, 0 rows refused." in screen.texts()


def test_made_data_is_drawn_and_then_made(screen: Screen) -> None:
    app = screen.open(**{"from": "made"})
    app.selectbox(key="add.made.synthetic.shape").set_value("moons").run()
    app.button(key="add.made.go").click().run()
    (job,) = screen.work()
    assert job.result is not None
    assert job.result["rows"] == 1000


def test_a_reload_finds_the_upload_and_the_reading_again(screen: Screen) -> None:
    upload(screen)
    (kept,) = screen.store.list(Upload, LOCAL)
    again = Screen(screen.store)
    app = again.open(upload=kept.id)
    assert app.button(key=f"add.part.{kept.id}-0.read").label == "Read this file"


def test_no_file_is_dropped_however_many_there_are(screen: Screen) -> None:
    app = screen.open()
    files = [(f"{place}.csv", b"id,price\n1,2\n", "text/csv") for place in range(27)]
    app.file_uploader(key="add.files").set_value(files).run()
    kept = screen.store.list(Upload, LOCAL)
    assert len(kept) == 27
    assert "7 more files wait to be looked into." in screen.texts()
    assert len(screen.store.list(Job, LOCAL, state="queued")) == 20
    screen.work()
    app.run()
    screen.work()
    again = Screen(screen.store)
    (setting,) = screen.store.list(Setting, LOCAL)
    shown = again.open(upload=setting.id)
    assert not shown.exception
    read = [
        one for one in shown.button if str(one.key).startswith("add.part.") and one.label == "Read this file"
    ]
    assert len(read) == 27
    shown.button(key="add.forget").click().run()
    assert "upload" not in shown.query_params
    assert screen.store.list(Setting, LOCAL) == []


def test_a_dataset_is_renamed_and_deleted(screen: Screen) -> None:
    dataset, _ = screen.add_table("old")
    app = screen.open()
    app.text_input(key=f"datasets.{dataset.id}.name").set_value("new").run()
    app.button(key=f"datasets.{dataset.id}.rename").click().run()
    assert [item.name for item in screen.store.list(Dataset, LOCAL)] == ["new"]
    app.checkbox(key=f"datasets.{dataset.id}.sure").check().run()
    app.button(key=f"datasets.{dataset.id}.delete").click().run()
    assert screen.store.list(Dataset, LOCAL) == []
    assert screen.store.list(Version, LOCAL) == []


def test_what_reads_a_dataset_is_named_before_it_is_deleted(screen: Screen) -> None:
    dataset, _ = screen.add_table("codes")
    screen.add_table("other")
    screen.store.add(SavedQuery(owner=LOCAL, name="Counts", text="SELECT count(*) FROM codes"))
    app = screen.open()
    assert "Counts" not in screen.texts()
    app.checkbox(key=f"datasets.{dataset.id}.sure").check().run()
    assert "These read it" in screen.texts()
    assert "the saved statement “Counts”" in screen.texts()
    app.button(key=f"datasets.{dataset.id}.delete").click().run()
    assert [item.name for item in screen.store.list(Dataset, LOCAL)] == ["other"]


def test_a_taken_name_is_refused_in_words(screen: Screen) -> None:
    screen.add_table("taken")
    dataset, _ = screen.add_table("other")
    app = screen.open()
    app.text_input(key=f"datasets.{dataset.id}.name").set_value("taken").run()
    app.button(key=f"datasets.{dataset.id}.rename").click().run()
    assert "must not be empty or taken" in screen.texts()
    assert tables.versions(screen.store, dataset.id, LOCAL)


def test_files_with_the_same_columns_can_become_one_table(screen: Screen) -> None:
    app = screen.open()
    files = [(f"{month}.csv", f"day,sold\n1,{i}\n".encode(), "text/csv") for i, month in enumerate("abc")]
    for name, data, kind in files:
        app.file_uploader[0].upload(name, data, kind).run()
        screen.work()
        app = screen.app.run()
    app.button(key="add.together.read").click().run()
    (job,) = screen.work()
    assert job.result is not None
    assert job.result["rows"] == 3
    screen.app.run()
    assert "3 rows × 3 columns stored" in screen.texts()


MONTH = [["day", "sold"], [1, 2], [2, 3]]
BOOK = xlsx({"Jan": MONTH, "Feb": MONTH, "Notes": [["who", "what"], ["Ann", "x"]]})


def test_sheets_of_one_shape_are_read_as_one_table_and_the_others_are_named(screen: Screen) -> None:
    upload(screen, "year.xlsx", BOOK)
    (kept,) = screen.store.list(Upload, LOCAL)
    app = screen.app
    choice = app.radio(key=f"add.several.{kept.id}.way")
    assert choice.options == ["All 2 sheets of this shape as one table: Jan, Feb", "One table of these"]
    assert {"It has other columns: who, what."} == set(app.dataframe[-1].value["Why"])
    app.button(key=f"add.part.{kept.id}-0.read").click().run()
    (job,) = screen.work()
    assert job.result is not None
    assert (job.result["rows"], job.result["refused"]) == (4, 0)
    screen.app.run()
    assert "4 rows × 3 columns stored, 0 rows refused." in screen.texts()
    assert "This was read: see above." in screen.texts()


def test_one_sheet_or_each_can_be_read_by_itself(screen: Screen) -> None:
    upload(screen, "year.xlsx", BOOK)
    (kept,) = screen.store.list(Upload, LOCAL)
    key = f"add.several.{kept.id}"
    screen.app.radio(key=f"{key}.way").set_value("one").run()
    app = screen.app
    assert [option.split(":")[1] for option in app.selectbox(key=f"{key}.table").options] == [
        " Jan (2 columns)",
        " Feb (2 columns)",
        " Notes (2 columns)",
    ]
    app.button(key=f"{key}.all").click().run()
    assert [job.result["rows"] for job in screen.work() if job.result] == [2, 2, 1]
    assert len(screen.store.list(Dataset, LOCAL)) == 3
    assert not screen.app.run().exception


def test_a_folder_comes_as_one_upload_with_its_places(screen: Screen) -> None:
    app = screen.open()
    folder = app.file_uploader(key="add.files.folder.0")
    for name in ("sales/2023/jan.csv", "sales/2024/jan.csv"):
        folder = folder.upload(name, b"day,sold\n1,2\n", "text/csv")
    folder.upload("sales/.hidden", b"x", "").upload("sales/photo.png", b"\x89PNG\r\n", "").run()
    screen.work()
    app = screen.app.run()
    (kept,) = [one for one in screen.store.list(Upload, LOCAL) if one.name == "sales/"]
    left = app.dataframe[-1].value
    assert dict(zip(left["Name"], left["Why"], strict=True))[".hidden"] == "It is hidden."
    assert app.text_input(key=f"add.part.{kept.id}-0.name").value == "sales"
    app.button(key=f"add.part.{kept.id}-0.read").click().run()
    (job,) = screen.work()
    assert job.result is not None
    version = screen.store.get(Version, job.result["version"], LOCAL)
    stored = pq.read_table(screen.store.place(version.object, LOCAL))
    assert stored["file"].to_pylist() == ["2023/jan.csv", "2024/jan.csv"]


def test_a_pasted_table_goes_the_way_of_a_file(screen: Screen) -> None:
    app = screen.open()
    app.text_area(key="add.paste.text.0").set_value("city\tn\nOslo\t1\nRome\t2\n").run()
    app.button(key="add.paste.use").click().run()
    screen.work()
    app = screen.app.run()
    (kept,) = screen.store.list(Upload, LOCAL)
    assert kept.name == "pasted.txt"
    assert app.text_area[0].value == ""
    app.button(key=f"add.part.{kept.id}-0.read").click().run()
    (job,) = screen.work()
    assert job.result is not None
    assert job.result["rows"] == 2
