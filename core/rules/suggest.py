"""Rules that a profile gives reason for: what has held so far, written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from core.profile import ColumnProfile, Profile
from core.rules.columns import AllowedValues, InRange, NotMissing
from core.rules.rule import Rule
from core.rules.tables import Fresh, RowCount, Unique

MOST_LISTED = 10  # values of a column that are worth listing
REPEATED = 5  # rows for each of them, on average, before they count as a list
YOUNG = 45.0  # days: a newest date that is older tells of no regular supply
FOUND = 60


def suggest(profile: Profile, now: dt.datetime, known: Sequence[Rule] = ()) -> list[Rule]:
    """Rules that hold on the profiled table and are worth keeping, the most telling first.

    What `known` rules ask already is left out. Ranges come as warnings only: that nothing was larger
    so far is no proof that nothing may be.
    """
    found: list[Rule] = [RowCount(typical=True)]
    for column in profile.columns:
        found += _of_column(column, now)
    taken = {_about(rule) for rule in known}
    order = [cls.kind() for cls in (Unique, RowCount, Fresh, NotMissing, AllowedValues, InRange)]
    fresh = [rule for rule in found if _about(rule) not in taken]
    return sorted(fresh, key=lambda rule: order.index(rule.kind()))[:FOUND]


def _of_column(column: ColumnProfile, now: dt.datetime) -> list[Rule]:
    found: list[Rule] = []
    if not column.rows:
        return found
    if column.missing == 0:
        found.append(NotMissing(column=column.name))
    if column.unique and column.distinct_exact and column.type in ("text", "integer") and not column.missing:
        found.append(Unique(columns=(column.name,)))
    elif column.type == "text" and _is_list(column):
        values = [count.value for count in column.top]
        found.append(AllowedValues(column=column.name, values="\n".join(values), severity="warning"))
    if column.type in ("integer", "number") and not column.unique:
        found += _range(column)
    if column.type in ("date", "datetime") and isinstance(column.maximum, str):
        found += _fresh(column.name, column.maximum, now)
    return found


def _is_list(column: ColumnProfile) -> bool:
    listed = sum(count.count for count in column.top) == column.present and column.top_exact
    plain = all(count.value.strip() and "\n" not in count.value for count in column.top)
    few = 1 < len(column.top) <= MOST_LISTED and column.present >= REPEATED * len(column.top)
    return listed and plain and few


def _range(column: ColumnProfile) -> list[Rule]:
    low, high = column.minimum, column.maximum
    if not isinstance(low, int | float) or not isinstance(high, int | float) or column.infinite:
        return []
    least = 0.0 if low >= 0 else None
    if low == high:
        return []
    usual = float(low) if low else None
    return [InRange(column=column.name, least=least, usual_least=usual, usual_most=float(high))]


def _fresh(name: str, newest: str, now: dt.datetime) -> list[Rule]:
    try:
        moment = dt.datetime.fromisoformat(newest).replace(tzinfo=None)
    except ValueError:
        return []
    age = (now - moment) / dt.timedelta(days=1)
    if not 0 <= age <= YOUNG:
        return []
    return [Fresh(column=name, days=max(2.0, float(round(2 * age + 1))), severity="warning")]


def _about(rule: Rule) -> tuple[str, str]:
    values = rule.to_json()
    return rule.kind(), str(values.get("column") or values.get("columns") or "")
