"""The steps that mend what a profile found, as JSON: the recipe builds and checks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.contracts import ColumnType, Json
from core.profile.facts import ColumnProfile, Look

Fix = dict[str, Json]


def numbers_from_text(column: str, look: Look, present: int) -> tuple[Fix, int]:
    """The step that reads the numbers of a text column, and how many values it surely reads right."""
    fix: Fix = {"kind": "change_type", "columns": [column], "to": "number"}
    if look.comma:  # 1,5 and 1.234,5: then 1,234 is no thousand either
        return fix | {"decimal": "comma"}, look.comma + look.whole
    if look.whole == present:
        fix["to"] = "integer"
    return fix, look.numeric + look.formatted


def dates_from_text(column: str, look: Look) -> tuple[Fix, int]:
    """The step that reads the dates of a text column, and how many values it surely reads right.

    None for sure when day and month cannot be told apart, or when a column mixes ways of writing.
    """
    orders = {"year first": look.iso, "day first": look.day_first, "month first": look.month_first}
    best = max(orders, key=lambda order: orders[order])
    valid = orders[best]
    if best != "year first" and look.day_first == look.month_first:
        valid = 0
    to = "datetime" if look.timed else "date"
    return {"kind": "change_type", "columns": [column], "to": to, "dates": best}, valid


def trim_text(column: str) -> Fix:
    return {"kind": "trim_text", "columns": [column], "collapse": False}


def words_to_missing(column: str, words: Sequence[str]) -> Fix:
    values = [{"find": word, "missing": True} for word in words]
    return {"kind": "replace_values", "columns": [column], "values": values, "ignore_case": True}


def clear_invalid(column: str, meaning: str) -> Fix:
    return {"kind": "clear_invalid", "columns": [column], "meaning": meaning}


def less_personal(column: str, kind: ColumnType, what: str) -> Fix:
    """A pseudonym where values tell people apart, the year of a birth, the end of a card; no street."""
    if kind in ("date", "datetime"):
        return {"kind": "generalise", "columns": [column], "to": "year"}
    if what in ("street address", "date of birth", "personal data within text"):
        return drop_columns(column)
    if what == "payment card" and kind == "text":
        return {"kind": "mask_text", "columns": [column], "first": 0, "last": 4}
    return {"kind": "hash_with_key", "columns": [column]}


def same_case(column: ColumnProfile) -> Fix:
    """Write all values as the most frequent one is written."""
    model = column.top[0].value if column.top else ""
    case = "lower" if model == model.lower() else "upper" if model == model.upper() else "title"
    return {"kind": "change_case", "columns": [column.name], "case": case}


def drop_columns(column: str) -> Fix:
    return {"kind": "drop_columns", "columns": [column]}


def drop_duplicates() -> Fix:
    return {"kind": "drop_duplicates"}


def drop_similar(columns: Sequence[str]) -> Fix:
    return {"kind": "drop_similar_rows", "columns": [*columns]}


def fill_missing(column: str, method: str) -> Fix:
    return {"kind": "fill_missing", "columns": [column], "method": method}


def clip_outliers(column: str) -> Fix:
    return {"kind": "clip_outliers", "columns": [column], "method": "iqr", "reach": 3.0}


def replaced(column: str, changes: Mapping[str, str | None]) -> Fix:
    """Each of these values becomes another one, or missing."""
    values: list[Json] = [
        {"find": value, "missing": True} if now is None else {"find": value, "put": now}
        for value, now in changes.items()
    ]
    return {"kind": "replace_values", "columns": [column], "values": values}


def one_clock(column: str, form: str) -> Fix:
    return {"kind": "read_times", "column": column, "form": form, "otherwise": "stay"}


def mixed_dates(column: str) -> Fix:
    return {"kind": "mixed_dates", "column": column}


def amounts_from_text(column: str, whole: bool, percent: str, convert: tuple[str, str | None] | None) -> Fix:
    """The numbers of a text column without what stands around them; in one unit where they have several."""
    if convert is not None:
        to, plain = convert
        return {"kind": "convert_units", "column": column, "to": to, "plain": plain, "rest": "ignore"}
    fix: Fix = {"kind": "change_type", "columns": [column], "to": "integer" if whole else "number"}
    if percent:
        fix |= {"to": "number", "percent": percent}
    return fix


def agree(column: str, by: Sequence[str], share: float, fill: bool, spare: bool, together: bool) -> Fix:
    fix: Fix = {"kind": "make_agree", "column": column, "by": [*by]}
    fix |= {"together": True} if together else {}
    return fix | {"share": share, "fill": fill, "spare": spare}


def one_thing(columns: Sequence[str]) -> Fix:
    return {"kind": "make_records_agree", "columns": [*columns]}


def put(steps: list[Fix], fix: Fix) -> None:
    """Add a step; one step for several columns, or several values of one, reads better than several."""
    last = steps[-1] if steps else {}
    apart = fix["kind"] == "make_records_agree"  # its columns belong together
    if {**last, "columns": None} == {**fix, "columns": None} and "columns" in fix and not apart:
        last["columns"] = [*last["columns"], *fix["columns"]]
        return
    alike = [step for step in steps if {**step, "values": None} == {**fix, "values": None}]
    if alike and fix["kind"] == "replace_values" and "ignore_case" not in fix:
        alike[0]["values"] = _one_after_other(alike[0]["values"], fix["values"])
        return
    steps.append(fix)


def _one_after_other(first: list[Json], then: list[Json]) -> list[Json]:
    """Replacements that do at once what two steps do one after the other."""
    later = {row["find"]: row for row in then}
    changed = [
        {**later[row["put"]], "find": row["find"]} if row.get("put") in later else row for row in first
    ]
    known = {row["find"] for row in first}
    return changed + [row for row in then if row["find"] not in known]
