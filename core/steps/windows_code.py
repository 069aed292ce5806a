"""The pandas code of columns that look at other rows: groups side by side, each in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.contracts import ColumnType
from core.steps.group import apart


def grouped(by: Sequence[str], kinds: Mapping[str, ColumnType]) -> list[str]:
    """Lines that number the groups: `group` has the number of each row's."""
    if not by:
        return ["group = np.zeros(len(df), dtype=np.int64)"]
    keys = ", ".join(apart(column, kinds) for column in by)
    return [
        f"keys = pd.concat([{keys}], axis=1, keys=range({len(by)}))",
        "group = keys.groupby(list(keys), sort=False, dropna=False).ngroup().to_numpy(dtype=np.int64)",
    ]


def ordered(
    by: Sequence[str], keys: Sequence[tuple[str, bool]], kinds: Mapping[str, ColumnType]
) -> list[str]:
    """Lines that bring the rows into groups, each in its order (column, descending).

    After them `order` holds the rows' numbers, `place` each one's place in its group from 0, `left`
    how many follow it there and `first` whether it begins one; `same` whether it is equal to the row
    before in the order.
    """
    ascending = [True, *(not descending for _, descending in keys)]
    lines = [
        *grouped(by, kinds),
        "frame = pd.DataFrame({0: group})",
        *(
            f"frame[{place}] = ({apart(column, kinds)}).reset_index(drop=True)"
            for place, (column, _) in enumerate(keys, start=1)
        ),
        f'frame = frame.sort_values(list(frame), ascending={ascending!r}, na_position="last", kind="stable")',
        "order, group = frame.index.to_numpy(), frame[0].to_numpy()",
        "rows, first = np.arange(len(df)), np.ones(len(df), dtype=bool)",
        "first[1:] = group[1:] != group[:-1]",
        "place = rows - np.maximum.accumulate(np.where(first, rows, 0))",
        "left = np.bincount(group)[group] - place - 1",
    ]
    if keys:
        lines += [
            "codes = np.array([pd.factorize(frame[key])[0] for key in list(frame)[1:]])",
            "same = ~first",
            "same[1:] &= (codes[:, 1:] == codes[:, :-1]).all(axis=0)",
        ]
    lines += [
        "def in_rows(made):",
        "    cells = pa.array(made).take(pa.array(np.argsort(order)))",
        "    return pd.Series(pd.arrays.ArrowExtensionArray(cells), index=df.index)",
        "def in_order(column):",
        "    return pa.array(df[column]).take(pa.array(order))",
        "def numbers(cells):",
        "    return pc.cast(cells, pa.float64(), safe=False).to_numpy(zero_copy_only=False)",
        "def known(values):",
        "    return pa.array(values, pa.float64(), from_pandas=True)",
        "def moved(cells, by):",
        "    there = place >= by if by > 0 else left >= -by",
        "    return cells.take(pa.array(np.where(there, rows - by, 0), pa.int64(), mask=~there))",
    ]
    return lines


def computed(number: int, function: str, column: str | None, kind: ColumnType | None, rows: int) -> list[str]:
    """Lines that compute one column in the order of the groups, as `made_<number>`."""
    made, cells = f"made_{number}", f"cells = in_order({column!r})"
    if function == "row number":
        return [f"{made} = place + 1"]
    if function == "rank":
        return [f"{made} = 1 + place - (rows - np.maximum.accumulate(np.where(same, 0, rows)))"]
    if function == "dense rank":
        return [
            "new = np.cumsum(~same)",
            f"{made} = 1 + new - new[rows - place]",
        ]
    if function in ("value before", "value after"):
        return [cells, f"{made} = moved(cells, {rows if function == 'value before' else -rows})"]
    if function == "difference":
        return [cells, f"before = moved(cells, {rows})", *_difference(made, kind)]
    return [cells, "values = numbers(cells)", *_NUMERIC[function](made, rows)]


def _difference(made: str, kind: ColumnType | None) -> list[str]:
    if kind in ("date", "datetime"):
        unit, over = ("pa.int32()", "1.0") if kind == "date" else ("pa.int64()", "1e6")
        return [
            f"now, before = (pc.cast(pc.cast(part, {unit}), pa.int64()) for part in (cells, before))",
            f"{made} = pc.divide(pc.cast(pc.subtract(now, before), pa.float64(), safe=False), {over})",
        ]
    return [
        "with np.errstate(invalid='ignore'):",
        f"    {made} = known(numbers(cells) - numbers(before))",
    ]


def _running_total(made: str, rows: int) -> list[str]:
    return [
        "filled = pd.Series(np.where(np.isnan(values), 0.0, values))",
        "seen = pd.Series(~np.isnan(values)).groupby(group).cumsum().to_numpy() > 0",
        "total = filled.groupby(group).cumsum().to_numpy()",
        f"{made} = known(np.where(seen, total, np.nan))",
    ]


def _moving_mean(made: str, rows: int) -> list[str]:
    return [
        "total, count = np.zeros(len(df)), np.zeros(len(df))",
        "with np.errstate(invalid='ignore', divide='ignore'):",
        f"    for back in range(min({rows}, len(df)) - 1, -1, -1):",
        "        part = np.where(place >= back, values[rows - np.minimum(back, rows)], np.nan)",
        "        total, count = total + np.where(np.isnan(part), 0.0, part), count + ~np.isnan(part)",
        f"    {made} = known(total / count)",
    ]


def _share(made: str, rows: int) -> list[str]:
    return [
        "total = np.bincount(group, weights=np.where(np.isnan(values), 0.0, values))",
        "total = np.where(total == 0, np.nan, total)[group]",
        "with np.errstate(invalid='ignore'):",
        f"    {made} = known(values / total)",
    ]


_NUMERIC = {"running total": _running_total, "moving mean": _moving_mean, "share of group": _share}
