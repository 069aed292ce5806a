"""Join: rows of two tables put side by side where their keys are equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import StrictInt
from sqlglot import exp

from core import sql
from core.contracts import Column, Engine, Json, Schema, Table
from core.params import ColumnNames, Text
from core.steps import size
from core.steps.pairing import (
    Combining,
    Known,
    Pair,
    assembled,
    check_pairs,
    chosen,
    common,
    compared,
    keys_code,
    kinds,
    new_names,
    numbered,
    on_said,
    renamed,
    same_keys,
)
from core.steps.words import listed
from core.wording import Note, note

Kind = Literal["left", "inner", "right", "full", "semi", "anti"]


class KnownKeys(Known):
    """The columns of the other table, and how many of its keys stand there several times."""

    repeats: StrictInt = P(ge=0)


class Join(Combining):
    """Put the rows of another table beside the rows of this one where their keys are equal.

    A row with several partners is repeated for each of them. A missing key has no partner. Rows stand
    in the order of this table, then of the other; rows of the other table alone come last, their keys
    in this table's key columns. The columns of this table stay; the other's are added, without its keys.
    """

    title = "Join"
    Learned = KnownKeys

    keys: tuple[Pair, ...] = P(
        title="Where these are equal",
        description="Pairs of columns; all of them must be equal.",
        min_length=1,
    )
    kind_of: Kind = P(
        default="left",
        title="Keep",
        description="left: all rows of this table; inner: rows with a partner; right: all rows of the other "
        "table; full: all rows of both; semi: rows of this table that have a partner, with no column added; "
        "anti: those that have none.",
    )
    loose: bool = P(
        default=False,
        title="Ignore case and spaces",
        description="Compare texts in small letters, without spaces at their ends and repeated ones.",
    )
    keep: Annotated[tuple[str, ...], ColumnNames(of="table")] = P(
        default=(),
        title="Columns to add",
        description="Columns of the other table; none chosen means all but its keys.",
    )
    suffix: Annotated[str, Text(example="_other")] = P(
        default="_other",
        title="Suffix",
        description="What a column's name gets where this table has that name already.",
        min_length=1,
        max_length=100,
    )

    @classmethod
    def example(cls) -> Join:
        from core.examples import OTHER

        return cls(table=OTHER, keys=(Pair(column="region", other="area"),), loose=True)

    def check_both(self, columns: Schema, theirs: Schema) -> None:
        super().check_both(columns, theirs)
        check_pairs(self.keys, columns, theirs, self.title)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        found = super().learn(table, engine)
        theirs = self._counted(table, table.other(self.table), "r")
        counts = {"repeats": "count(*) FILTER (WHERE n > 1)", "most": "coalesce(max(n), 0)"}
        cells = {name: sql.template(count) for name, count in counts.items()}
        known = engine.rows(sql.select_values(cells).from_(theirs.subquery("r"))).to_pylist()[0]
        if known["most"] > 1 and self.kind_of not in ("semi", "anti"):
            self._check_size(table, theirs, int(known["most"]), engine)
        return {**found, "repeats": known["repeats"]}

    def _check_size(self, table: Table, theirs: exp.Select, most: int, engine: Engine) -> None:
        """Refuse keys that pair so many rows with so many that the result could never be kept."""
        if size.rows_of(table, engine) * most <= size.MOST_ROWS:
            return
        mine = self._counted(table, table, "l")
        names = [f"k{i}" for i in range(len(self.keys))]
        equal = exp.and_(*(exp.EQ(this=sql.name(k, "l"), expression=sql.name(k, "r")) for k in names))
        pairs = {"n": sql.template("sum(l.n::DOUBLE * r.n)")}
        query = sql.select_values(pairs).from_(mine.subquery("l")).join(theirs.subquery("r"), on=equal)
        size.check_rows(query, engine)

    def _counted(self, table: Table, source: Table, side: str) -> exp.Select:
        """Each key of this table (l) or of the other (r), and how many rows have it; not the missing."""
        same = same_keys(self.keys, table.columns, table.other(self.table).columns, self.loose, "l", "r")
        keys = [one.this if side == "l" else one.expression for one in same]
        cells: dict[str, exp.Expr] = {f"k{i}": key for i, key in enumerate(keys)}
        cells["n"] = sql.template("count(*)")
        there = exp.and_(*(exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())) for key in keys))
        query = sql.select_values(cells).from_(source.query.subquery(side)).where(there)
        return query.group_by(*(key.copy() for key in keys))

    def stays(self, learned: Mapping[str, Json]) -> bool:
        return self.kind_of == "left" and learned["repeats"] == 0

    def for_new_rows(self) -> Join | None:
        """Rows are not chosen by their partners: all stay, with what their partners have."""
        if self.kind_of in ("semi", "anti"):
            return None
        return self.model_copy(update={"kind_of": "left"})

    def _taken(self, columns: Schema, theirs: Schema) -> dict[str, str]:
        wanted = chosen(self.keep, theirs, [pair.other for pair in self.keys])
        return dict(zip(wanted, new_names(wanted, [c.name for c in columns], self.suffix), strict=True))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        theirs = self.theirs(learned)
        if self.kind_of in ("semi", "anti"):
            return self._filter(source, columns, theirs)
        taken = self._taken(columns, theirs)
        keys = [pair.other for pair in self.keys]
        right, inner, row = renamed(self.table, [*taken, *keys], columns)
        named = dict(zip(keys, inner[len(taken) :], strict=True))
        cells: dict[str, exp.Expr] = {column.name: sql.name(column.name, "l") for column in columns}
        if self.kind_of in ("right", "full"):
            cells |= self._key_cells(columns, theirs, named)
        cells |= {new: sql.name(old, "r") for old, new in zip(inner, taken.values(), strict=False)}
        place = sql.name(sql.ROW, "l")
        single = learned["repeats"] == 0 and self.kind_of in ("left", "inner")
        cells[sql.ROW] = place if single else numbered(place, sql.name(row, "r"))
        inside = tuple(Column(name=named[c.name], type=c.type) for c in theirs if c.name in named)
        pairs = [Pair(column=pair.column, other=named[pair.other]) for pair in self.keys]
        equal = exp.and_(*same_keys(pairs, columns, inside, self.loose, "l", "r"))
        return (
            sql.select_values(cells)
            .from_(exp.to_table(source).as_("l"))
            .join(right, on=equal, join_type=self.kind_of)
        )

    def _key_cells(self, columns: Schema, theirs: Schema, named: Mapping[str, str]) -> dict[str, exp.Expr]:
        """The key columns of this table, with the other's keys in the rows that the other has alone."""
        mine, other = kinds(columns), kinds(theirs)
        found: dict[str, exp.Expr] = {}
        for pair in self.keys:
            one, two = mine[pair.column], other[pair.other]
            to = common(one, two) or one
            a = compared(sql.name(pair.column, "l"), one, to, False)
            b = compared(sql.name(named[pair.other], "r"), two, to, False)
            found.setdefault(pair.column, sql.template("coalesce(:a, :b)", a=a, b=b))
        return found

    def _filter(self, source: str, columns: Schema, theirs: Schema) -> exp.Select:
        equal = exp.and_(*same_keys(self.keys, columns, theirs, self.loose, source, "r"))
        partner = exp.select("1").from_(exp.to_table(sql.other(self.table)).as_("r")).where(equal)
        there: exp.Expr = exp.Exists(this=partner)
        kept = there if self.kind_of == "semi" else exp.Not(this=there)
        cells: dict[str, exp.Expr] = {column.name: sql.name(column.name) for column in columns}
        return sql.select(source, cells).where(kept)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        theirs = self.theirs(learned)
        lines = keys_code(self.keys, columns, theirs, self.loose, self.table)
        if self.kind_of in ("semi", "anti"):
            sign = "" if self.kind_of == "semi" else "~"
            known = 'left["key"].isin(right["key"][right["key"] >= 0])'
            return "\n".join([*lines, f"df = df[({sign}{known}).to_numpy()]"])
        lines.append('pairs = left[left["key"] >= 0].merge(right[right["key"] >= 0], on="key")[["l", "r"]]')
        if self.kind_of in ("left", "full"):
            lines.append('lone_left = left.loc[~left["l"].isin(pairs["l"]), ["l"]].assign(r=len(other))')
        if self.kind_of in ("right", "full"):
            lines.append('lone_right = right.loc[~right["r"].isin(pairs["r"]), ["r"]].assign(l=len(df))')
        parts = {"left": ", lone_left", "right": ", lone_right", "full": ", lone_left, lone_right"}
        if self.kind_of in parts:
            lines.append(f"pairs = pd.concat([pairs{parts[self.kind_of]}])")
        single = learned["repeats"] == 0 and self.kind_of in ("left", "inner")
        lines.append('pairs = pairs.sort_values(["l", "r"])')
        lines += assembled(self._taken(columns, theirs), single=single)
        if self.kind_of in ("right", "full"):
            lines += self._keys_code(columns, theirs)
        return "\n".join(lines)

    def _keys_code(self, columns: Schema, theirs: Schema) -> list[str]:
        types = {"number": "pa.float64()", "datetime": 'pa.timestamp("us")'}
        mine, other = kinds(columns), kinds(theirs)
        lines = []
        for column, pair in {pair.column: pair for pair in reversed(self.keys)}.items():
            one, two = mine[column], other[pair.other]
            cells = f'other[{pair.other!r}].reset_index(drop=True).reindex(pairs["r"])'
            to = types.get(common(one, two) or one, "")
            cast = f".astype(pd.ArrowDtype({to}))" if one != two else ""
            lines += [
                f"key = {cells}{cast}",
                "key.index = df.index",
                f"df[{column!r}] = df[{column!r}]{cast}.fillna(key)",
            ]
        return lines

    def describe(self) -> Note:
        values = {"table": self.said(), "keys": listed(on_said(self.keys))}
        words = {
            "left": "Join {table} on {keys}, keeping all rows of this table",
            "inner": "Join {table} on {keys}, keeping rows with a partner",
            "right": "Join {table} on {keys}, keeping all rows of the other table",
            "full": "Join {table} on {keys}, keeping all rows of both",
            "semi": "Keep rows that have a partner in {table} by {keys}",
            "anti": "Keep rows that have no partner in {table} by {keys}",
        }
        return note(words[self.kind_of], **values)
