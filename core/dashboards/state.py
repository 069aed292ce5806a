"""What is filtered and selected on a dashboard right now; it stands in the address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field as P
from pydantic import ValidationError

from core.affordable import check_cost
from core.contracts import Json
from core.dashboards.tables import ALONE, OWN, Tables
from core.dashboards.tiles import Tile, Way
from core.errors import BadParameter
from core.filters import Filter, every
from core.params import Frozen
from core.selection import Selection

FILTERS = 50
PICKS = 50


class Asked(Frozen):
    """What reaches one tile: the rows it shows, and those that it tells apart among them."""

    filter: tuple[Selection, ...] = ()
    highlight: tuple[Selection, ...] = ()

    def columns(self) -> frozenset[str]:
        """The columns that its conditions ask about."""
        return frozenset(column for one in (*self.filter, *self.highlight) for column in one.columns())

    def everything(self) -> tuple[Selection, ...]:
        return (*self.filter, *self.highlight)


class State(Frozen):
    """Shared filters, what is selected on which tile (by its id), and where a tile is zoomed to."""

    filters: Annotated[tuple[Filter, ...], P(max_length=FILTERS)] = ()
    picks: dict[str, Selection] = P(default_factory=dict, max_length=PICKS)
    zooms: dict[str, Selection] = P(default_factory=dict, max_length=PICKS)

    @classmethod
    def from_json(cls, document: Json) -> State:
        """Read back what `to_json` wrote: it may come from an address. BadParameter where it cannot be."""
        try:
            found = cls.model_validate(document)
            check_cost((*found.selections(), *found.zooms.values()))
            return found
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise BadParameter(
                "This is no state of a dashboard, at {place}: {rule}.",
                hint="Open the dashboard without it.",
                place=".".join(map(str, first["loc"])) or "all of it",
                rule=first["msg"].removeprefix("Value error, "),
            ) from None

    def to_json(self) -> Json:
        return self.model_dump(mode="json", exclude_defaults=True)

    def text(self) -> str:
        """The state as a part of an address."""
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def digest(self) -> str:
        return hashlib.sha256(self.text().encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def check(self, tables: Tables) -> None:
        """MissingColumn where it asks about a column that its table has not. One that is gone has none."""
        homes = [(one.table, one.selections) for one in self.filters]
        homes += [(tables.home(id), (one,)) for of in (self.picks, self.zooms) for id, one in of.items()]
        for home, selections in homes:
            for selection in selections if home in tables.columns else ():
                selection.where(tables.columns[home])

    def selections(self) -> tuple[Selection, ...]:
        """All that is said, of whichever table."""
        return (*every(self.filters), *self.picks.values())

    def reaching(self, table: str = OWN, tables: Tables = ALONE) -> tuple[Selection, ...]:
        """What holds of a table: its rows that are in sight where a tile has nothing selected itself."""
        return every(one for one in self._said(tables) if tables.reaches(one.selections, one.table, table))

    def asked(self, tile: Tile, way: Way, tables: Tables = ALONE) -> Asked:
        """What reaches a tile: the filters, its own ones, its zoom, and what is selected on all others."""
        zoom = [self.zooms[tile.id]] if tile.id in self.zooms else []
        shared, others = (
            every(one for one in said if tables.reaches(one.selections, one.table, tile.table))
            for said in (self.filters, self._picked(tables, tile.id))
        )
        filters = (*shared, *every(tile.filters), *zoom)
        own = tile.way(way)
        if own == "filter":
            return Asked(filter=(*filters, *others))
        return Asked(filter=filters, highlight=others if own == "highlight" else ())

    def missed(self, tile: Tile, way: Way, tables: Tables) -> tuple[Filter, ...]:
        """What is filtered and selected that does not reach a tile, as its table knows nothing of it."""
        others = self._picked(tables, tile.id) if tile.way(way) != "nothing" else ()
        said = (*self.filters, *others)
        return tuple(one for one in said if not tables.reaches(one.selections, one.table, tile.table))

    def _said(self, tables: Tables) -> tuple[Filter, ...]:
        return (*self.filters, *self._picked(tables))

    def _picked(self, tables: Tables, but: str = "") -> tuple[Filter, ...]:
        """What is selected on all tiles but one, with the table that each is of."""
        picks = ((id, pick) for id, pick in self.picks.items() if id != but)
        return tuple(Filter(selections=(pick,), table=tables.home(id)) for id, pick in picks)

    def picked(self, tile: str, selection: Selection | None) -> State:
        """With this selected on a tile; None lets go of what was."""
        picks = {id: pick for id, pick in self.picks.items() if id != tile}
        return self.model_copy(update={"picks": picks if selection is None else {**picks, tile: selection}})

    def zoomed(self, tile: str, region: Selection | None) -> State:
        """With a tile zoomed to these rows; None shows all of them again."""
        zooms = {id: one for id, one in self.zooms.items() if id != tile}
        return self.model_copy(update={"zooms": zooms if region is None else {**zooms, tile: region}})

    def changed(self, place: int, filter_: Filter) -> State:
        """With another filter at this place."""
        filters = (*self.filters[:place], filter_, *self.filters[place + 1 :])
        return self.model_copy(update={"filters": filters})

    def filtered(self, *more: Filter) -> State:
        """With more shared filters, each once."""
        return self.model_copy(update={"filters": tuple(dict.fromkeys((*self.filters, *more)))[:FILTERS]})

    def without(self, place: int) -> State:
        """Without the filter at this place."""
        return self.model_copy(
            update={"filters": tuple(one for at, one in enumerate(self.filters) if at != place)}
        )

    def kept(self, tiles: Iterable[str]) -> State:
        """Without what was selected on tiles that are no longer there."""
        known = set(tiles)
        picks = {id: pick for id, pick in self.picks.items() if id in known}
        zooms = {id: one for id, one in self.zooms.items() if id in known}
        same = len(picks) == len(self.picks) and len(zooms) == len(self.zooms)
        return self if same else self.model_copy(update={"picks": picks, "zooms": zooms})
