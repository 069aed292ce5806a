"""Tiles of several tables on one dashboard: what reaches which of them, recounted by pandas."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import core.charts  # noqa: F401, registers the members
from core import sql
from core.contracts import Column, Schema, Table
from core.dashboards import OWN, Asker, Board, ChartTile, Filter, NumberTile, Source, State, Tables, TableTile
from core.engine.duckdb import DuckEngine, stored
from core.errors import MissingColumn, NotFound
from core.offline import Contents, choices
from core.selection import Selection
from core.store import LOCAL
from core.store.records import Dashboard
from core.within import Within

ENGINE = DuckEngine(threads=1)
SALES = pd.DataFrame({"region": ["North", "South", "East"] * 40, "code": range(120)})
STAFF = pd.DataFrame({"region": ["North", "South"] * 15, "code": [f"c{i}" for i in range(30)],
                      "age": [20 + i for i in range(30)]})  # fmt: skip
KINDS: dict[str, Schema] = {
    OWN: (Column(name="region", type="text"), Column(name="code", type="integer")),
    "staff": (
        Column(name="region", type="text"), Column(name="code", type="text"),
        Column(name="age", type="integer"),
    ),
}  # fmt: skip
NORTH = Selection.of(Within(column="region", values=("North",)))
OLD = Selection.of(Within(column="age", low=40.0))
LOW = Selection.of(Within(column="code", high=10.0))
TILES = (
    ChartTile(id="sold", chart={"kind": "bar", "x": "region"}),
    ChartTile(id="who", chart={"kind": "bar", "x": "region"}, table="staff"),
    NumberTile(id="count"),
    NumberTile(id="heads", table="staff"),
    TableTile(id="rows", table="staff"),
)
TABLES = Tables.shown(TILES, KINDS)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    made = {}
    for name, frame in (("", SALES), ("staff", STAFF)):
        place = tmp_path / f"t{name}.parquet"
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), place)
        made[name] = Table(stored(place), KINDS[name])
    beside = {"staff": Source("me v2", made["staff"], len(STAFF))}
    return Source("me v1", made[""], len(SALES), beside)


def numbers(source: Source, now: State, way: str = "filter") -> dict[str, int]:
    found = Asker(ENGINE).ask(source, TILES, now, way)  # type: ignore[arg-type]
    return {id: found[id].data.to_pylist()[0]["rows"] for id in ("count", "heads", "rows")}


@pytest.mark.parametrize(
    ("one", "reached"),
    [
        (NORTH, True), (LOW, False), (OLD, False),
        (Selection.of(Within(column=sql.ROW, low=0, high=9)), False),
        (Selection.of(Within(column="region", values=("North",)), Within(column="code", high=3.0)), False),
        (Selection(exclude=True), True),
    ],
)  # fmt: skip
def test_what_is_said_reaches_a_table_that_has_all_its_columns_by_name_and_type(
    one: Selection, reached: bool
) -> None:
    home = "staff" if "age" in one.columns() else OWN
    there = OWN if home else "staff"
    assert TABLES.reaches((one,), home, there) is reached
    assert TABLES.reaches((one,), home, home)
    assert not TABLES.reaches((NORTH,), OWN, "gone")


def test_a_selection_in_one_table_changes_the_tiles_of_the_other(source: Source) -> None:
    everything = {"count": len(SALES), "heads": len(STAFF), "rows": len(STAFF)}
    sold, staff = SALES["region"].eq("North").sum(), STAFF["region"].eq("North").sum()
    assert numbers(source, State()) == everything
    for tile in ("sold", "who"):
        assert numbers(source, State().picked(tile, NORTH)) == {"count": sold, "heads": staff, "rows": staff}
    assert numbers(source, State().picked("who", OLD)) == {
        **everything, "heads": (STAFF["age"] >= 40).sum(), "rows": (STAFF["age"] >= 40).sum(),
    }  # fmt: skip
    filtered = State(filters=(Filter(selections=(NORTH,)), Filter(selections=(OLD,), table="staff")))
    both = (STAFF["region"].eq("North") & (STAFF["age"] >= 40)).sum()
    assert numbers(source, filtered) == {"count": sold, "heads": both, "rows": both}
    assert numbers(source, State().picked("sold", NORTH), "nothing") == everything
    lit = Asker(ENGINE).ask(source, TILES, State().picked("sold", NORTH), "highlight")
    assert (lit["who"].how, lit["sold"].how) == ("highlighted", "all")


def test_a_tile_knows_what_does_not_reach_it() -> None:
    now = State(filters=(Filter(selections=(LOW,)), Filter(selections=(NORTH,)))).picked("who", OLD)
    missed = {tile.id: now.missed(tile, "filter", TABLES) for tile in TILES}
    assert missed["heads"] == (Filter(selections=(LOW,)),)
    assert missed["count"] == (Filter(selections=(OLD,), table="staff"),)
    assert not now.missed(TILES[2].model_copy(update={"answer": "nothing"}), "filter", TABLES)
    assert now.reaching(OWN, TABLES) == (LOW, NORTH)
    assert now.reaching("staff", TABLES) == (NORTH, OLD)
    now.check(TABLES)
    now.check(Tables.shown(TILES, {OWN: KINDS[OWN]}))  # the other table is gone: nothing is asked of it
    with pytest.raises(MissingColumn):
        State().picked("sold", OLD).check(TABLES)


def test_a_tile_whose_table_is_gone_says_so_and_the_others_are_drawn(source: Source) -> None:
    alone = Source(source.key, source.table, source.rows)
    found = Asker(ENGINE).ask(alone, TILES, State().picked("who", NORTH), "filter")
    assert isinstance(found["heads"].error, NotFound)
    assert found["count"].data is not None
    assert found["count"].data.to_pylist()[0]["rows"] == len(SALES), "nothing is known of what it selects"


def test_dashboards_of_one_table_load_as_they_were_kept() -> None:
    """Records written before tiles had tables, filters had them and zooms were kept."""
    tile = {"kind": "chart", "id": "bar", "chart": {"kind": "bar", "x": "region"}, "title": "", "width": 1,
            "height": "middle", "answer": "as all", "filters": []}  # fmt: skip
    kept = {"owner": LOCAL, "dataset": "ds", "version": "vn", "name": "Sales", "tiles": [tile], "across": 2,
            "answer": "filter", "filters": [{"selections": [NORTH.to_json()], "name": "", "segment": ""}],
            "picks": {"bar": NORTH.to_json()}, "undo": [[tile]], "place": 1}  # fmt: skip
    board = Board.of(Dashboard.model_validate(json.loads(json.dumps(kept))))
    assert board.tiles[0].table == OWN
    assert board.tables() == ()
    assert board.state() == State(filters=(Filter(selections=(NORTH,)),), picks={"bar": NORTH})
    assert board.without("bar").state() == State(filters=(Filter(selections=(NORTH,)),))


def test_an_offline_page_filters_both_tables_and_says_what_it_cannot(source: Source) -> None:
    found = choices(source.table, ENGINE, ("region", "code"))
    contents = Contents.of(Asker(ENGINE), ENGINE, source, Board(tiles=TILES), State(), found)
    views = [json.loads(gzip.decompress(base64.b64decode(view))) for view in contents.views]
    labels = [str(one.words) for one in found[0].options]
    north = views[(labels.index("North") + 1) * (len(found[1].options) + 1)]["tiles"]
    assert north["heads"]["value"] == str(STAFF["region"].eq("North").sum())
    assert north["rows"]["table"]["count"] == STAFF["region"].eq("North").sum()
    assert set(north["who"]["doors"]) == {"0"}  # to the North again; the South is not in this page's view
    low = views[1]["tiles"]
    assert low["heads"]["value"] == str(len(STAFF))
    assert "Not reached by" in low["heads"]["words"]
    assert "Not reached by" in low["rows"]["words"]
    assert "Not reached by" in low["who"]["own"]
    assert "Not reached by" not in low["count"]["words"]
