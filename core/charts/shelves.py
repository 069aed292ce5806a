"""Fields on shelves: which chart suits what was put across, up or as colour, and where each field goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.charts.suggest import suggest
from core.contracts import Chart, Column, Schema
from core.errors import SightlineError
from core.params import Field, fields
from core.profile.facts import MEASURED, ColumnProfile, Meaning, Profile
from core.profile.meaning import named_as_identifier

Json = dict[str, Any]
Placed = dict[str, tuple[str, ...]]  # {shelf: the columns on it}
ORDER = ("x", "y", "colour", "size", "shape", "facet", "facet_row", "facet_column", "tooltip")
GROUPS = ("colour", "shape", "facet", "facet_row", "facet_column")  # their values are told apart
MEASURE = ("value", "y")  # the parameter whose numbers an aggregation sums up, the first that a chart has
_MEANING: dict[str, Meaning] = {
    "text": "category", "boolean": "boolean", "date": "date", "datetime": "date", "integer": "number",
    "number": "number",
}  # fmt: skip


def sketch(columns: Schema, rows: int) -> Profile:
    """What types and names tell of a table that nobody has profiled yet: an order's number is no measure."""
    return Profile(
        rows=rows,
        columns=tuple(
            ColumnProfile(name=c.name, type=c.type, meaning=_guess(c), rows=rows, missing=0, distinct=0)
            for c in columns
        ),
    )


def _guess(column: Column) -> Meaning:
    names = column.type in ("integer", "text") and named_as_identifier(column.name)
    return "identifier" if names else _MEANING[column.type]


def places(cls: type[Chart]) -> tuple[Field, ...]:
    """The parameters of a chart that take columns: those that many charts have first, in one order."""
    taken = [field for field in fields(cls) if field.kind in ("column", "columns")]
    return tuple(sorted(taken, key=lambda f: ORDER.index(f.name) if f.name in ORDER else len(ORDER)))


def shelves(cls: type[Chart]) -> list[tuple[str, Field | None]]:
    """The shelves beside a chart: its own, and those that other charts know; None: this one has not it."""
    own = {field.name: field for field in places(cls)}
    known = {field.name for member in Chart.members.values() for field in places(member)}
    common = [name for name in ORDER if name in known or name in own]
    return [(name, own.get(name)) for name in (*common, *(name for name in own if name not in common))]


def placed(document: Mapping[str, Any]) -> Placed:
    """Which columns stand on which shelf of a chart."""
    found: Placed = {}
    for field in places(Chart.members[document["kind"]]):
        value = document.get(field.name)
        names = (value,) if isinstance(value, str) else tuple(value or ())
        found |= {field.name: names} if names else {}
    return found


def moved(now: Placed, shelf: str, column: str, source: str = "", many: bool = False) -> Placed:
    """The shelves after a column was put on one, taken from another or from the list of fields.

    What stood on a shelf for one column goes back to where the new one came from.
    """
    made = {name: list(columns) for name, columns in now.items()}
    if source in made and column in made[source]:
        made[source].remove(column)
    there = made.get(shelf, [])
    if many:
        made[shelf] = [*(name for name in there if name != column), column]
    else:
        made[shelf] = [column]
        if source and source != shelf and there and there != [column]:
            made[source] = [*made.get(source, []), *there]
    return {name: tuple(columns) for name, columns in made.items() if columns}


def without(now: Placed, shelf: str, column: str) -> Placed:
    """The shelves after a column was taken off one."""
    left = {name: tuple(c for c in names if (name, c) != (shelf, column)) for name, names in now.items()}
    return {name: names for name, names in left.items() if names}


def assembled(cls: type[Chart], now: Placed, columns: Schema, kept: Mapping[str, Any] = {}) -> Json | None:
    """The chart with these columns on its shelves; None where it has no such shelf or not for such columns.

    `kept` are settings to go on with (an aggregation, an order); those that do not fit any more are left out.
    """
    own = {field.name: field for field in places(cls)}
    values: Json = {}
    for shelf, names in now.items():
        field = own.get(shelf)
        if field is None or (field.kind == "column" and len(names) != 1):
            return None
        values[shelf] = list(names) if field.kind == "columns" else names[0]
    if any(field.required and name not in values for name, field in own.items()):
        return None
    settings = {f.name: kept[f.name] for f in fields(cls) if f.name not in own and f.name in kept}
    for extra in (settings, {k: v for k, v in settings.items() if k != "aggregation"}, {}):
        made = _built(cls, {**extra, **_measure(cls, values, columns, extra), **values}, columns)
        if made is not None:
            return made
    return None


def _measure(
    cls: type[Chart], values: Mapping[str, Any], columns: Schema, settings: Mapping[str, Any]
) -> Json:
    """How a column is summed up at first: numbers by their mean, others by their different values.

    What does not add up is not stacked at first either.
    """
    by_name = {field.name: field for field in fields(cls)}
    aggregation = by_name.get("aggregation")
    column = next((values.get(name) for name in MEASURE if name in by_name), None)
    if aggregation is None or column is None or settings.get("aggregation", "count") != "count":
        return {}
    kind = next((c.type for c in columns if c.name == column), "text")
    wanted = "mean" if kind in ("integer", "number") else "distinct"
    made = {"aggregation": wanted} if wanted in aggregation.choices else {}
    apart = "bars" in by_name and "side by side" in by_name["bars"].choices and values.get("colour")
    return made | ({"bars": "side by side"} if apart and "bars" not in settings else {})


def _built(cls: type[Chart], values: Json, columns: Schema) -> Json | None:
    try:
        made = cls.build(cls.kind(), values)
        made.check(columns)
    except SightlineError:
        return None
    return dict(made.to_json())


def chosen(now: Placed, profile: Profile, columns: Schema, kept: Mapping[str, Any] = {}) -> Json | None:
    """The chart that the meaning of the fields on the shelves asks for.

    A suggestion for these columns that has them on these shelves comes first; then any chart that can
    have them there, those of a kind that is suggested before others; then a suggestion that has them
    elsewhere: who puts a category upwards gets its bars, though they stand across.
    """
    names = list(dict.fromkeys(name for columns_ in now.values() for name in columns_))
    found = [chart.to_json() for chart, _ in suggest(names, profile, limit=20)]
    if not names:
        return found[0] if found else None
    for document in found:
        if placed(document) == now:
            return _kept(document, kept, columns)
    ranks = {kind: place for place, kind in reversed(list(enumerate(d["kind"] for d in found)))}
    fits = [(cls, made) for cls in Chart.members.values() if (made := assembled(cls, now, columns))]
    if fits:
        _, made = min(fits, key=lambda fit: (ranks.get(fit[0].kind(), 99), _spare(fit[0], now), fit[0].title))
        return _kept(made, kept, columns)
    elsewhere = (d for d in found if {c for taken in placed(d).values() for c in taken} == set(names))
    return next(elsewhere, None)


def _spare(cls: type[Chart], now: Placed) -> int:
    return sum(field.name not in now for field in places(cls))


def _kept(document: Json, kept: Mapping[str, Any], columns: Schema) -> Json:
    """The settings of the same kind of chart go on; another kind begins with its own."""
    if kept.get("kind") != document["kind"]:
        return document
    cls = Chart.members[document["kind"]]
    return assembled(cls, placed(document), columns, kept) or document


def added(
    now: Placed, column: str, profile: Profile, columns: Schema, kept: Mapping[str, Any]
) -> Json | None:
    """The chart with one more column, put where its meaning asks for it; None where no chart takes it.

    A number beside others becomes a size, a measure or one more of several numbers: as a colour, a shape
    or a panel it would be cut into a few of its values, which nobody asked for.
    """
    if not now:
        return chosen({"x": (column,)}, profile, columns)
    about = {one.name: one for one in profile.columns}
    number = column in about and about[column].meaning in MEASURED
    if number and kept.get("kind") and (further := _further(now, column, about, columns, kept)):
        return further
    names = list(dict.fromkeys([*(name for taken in now.values() for name in taken), column]))
    offers = [
        document
        for chart, _ in suggest(names, profile, limit=20)
        if _apart(document := chart.to_json(), now, about)
    ]
    for document in offers:
        if set(columns_of(document)) == set(names):
            return _kept(document, kept, columns)
    for document in offers:
        full = _filled(document, names, columns) if column in columns_of(document) else None
        if full is not None and _apart(full, now, about):
            return _kept(full, kept, columns)
    for shelf in _free(now, kept):
        if number and shelf in (*GROUPS, "tooltip"):
            continue
        found = chosen({**now, shelf: (*now.get(shelf, ()), column)}, profile, columns, kept)
        if found is not None:
            return found
    return None


def _further(
    now: Placed, column: str, about: Mapping[str, ColumnProfile], columns: Schema, kept: Mapping[str, Any]
) -> Json | None:
    """The present chart with one more number: as the size, as the measure, or beside its other numbers."""
    cls = Chart.members[kept["kind"]]
    own = {field.name: field for field in places(cls)}
    free = [shelf for shelf in ("size", *MEASURE) if shelf in own and shelf not in now]
    several = [
        shelf for shelf, names in now.items()
        if own[shelf].kind == "columns" and all(about[name].meaning in MEASURED for name in names)
    ]  # fmt: skip
    tries = (
        {**now, shelf: (*now.get(shelf, ()), column)} for shelf in (*free, *several) if shelf != "tooltip"
    )
    return next((made for one in tries if (made := assembled(cls, one, columns, kept))), None)


def _apart(document: Json, now: Placed, about: Mapping[str, ColumnProfile]) -> bool:
    """Whether no number and no date newly stands where a few values are told apart."""
    return not any(
        about[name].meaning in (*MEASURED, "date")
        for shelf, names in placed(document).items() if shelf in GROUPS
        for name in names if name in about and name not in now.get(shelf, ())
    )  # fmt: skip


def _filled(document: Json, names: Sequence[str], columns: Schema) -> Json | None:
    """A suggested chart with the columns that it leaves out on its free shelves."""
    now, cls = placed(document), Chart.members[document["kind"]]
    for name in names:
        if name in (taken for columns_ in now.values() for taken in columns_):
            continue
        tries = ({**now, shelf: (name,)} for shelf in ORDER if shelf not in now)
        better = next((one for one in tries if assembled(cls, one, columns, document)), None)
        if better is None:
            return None
        now = better
    return assembled(cls, now, columns, document)


def _free(now: Placed, kept: Mapping[str, Any]) -> Iterator[str]:
    many = [f.name for f in places(Chart.members[kept["kind"]]) if f.kind == "columns"] if kept else []
    yield from (shelf for shelf in many if shelf not in ORDER)
    yield from (shelf for shelf in ORDER if shelf not in now or shelf in many)


def changed(
    now: Placed, profile: Profile, columns: Schema, current: Mapping[str, Any], free: bool
) -> Json | None:
    """The chart after a change of shelves: of the kind that was chosen, or, `free`, of the one that suits.

    A kind that cannot have the columns so gives way to one that can; None where none can.
    """
    if not free:
        made = assembled(Chart.members[current["kind"]], now, columns, current)
        if made is not None:
            return made
    return chosen(now, profile, columns, current)


def columns_of(document: Mapping[str, Any]) -> Sequence[str]:
    """The columns a chart draws, each once."""
    return list(dict.fromkeys(name for names in placed(document).values() for name in names))
