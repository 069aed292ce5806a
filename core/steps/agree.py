"""Rows that speak of the same thing say the same about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field as P
from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr, field_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Json, Schema, Step, Table, wrong_constant
from core.errors import BadParameter
from core.params import ColumnName, ColumnNames, Frozen, Number
from core.steps import lookup
from core.steps.words import named, quoted
from core.wording import Note, note

GROUPS = 20_000  # agreed values that are kept for one column: those of the largest groups
MOST = 4  # columns that may vote


class Agreed(Frozen):
    """The groups of one column and the value agreed in each."""

    keys: list[StrictBool | StrictInt | StrictStr]
    values: list[StrictBool | StrictInt | StrictFloat | StrictStr]


class Joint(Frozen):
    """The groups of several columns together: the keys by column, and the value agreed in each group."""

    keys: dict[str, list[StrictBool | StrictInt | StrictStr]]
    values: list[StrictBool | StrictInt | StrictFloat | StrictStr]


class Groups(Frozen):
    """What was agreed, by the column whose groups it holds for, or by several together."""

    groups: dict[str, Agreed] = P(default_factory=dict)
    joint: Joint | None = None


Vote = tuple[Mapping[str, list[Json]], list[Json]]  # keys by column, and the values agreed


class MakeAgree(Step):
    """Bring a column to the value that most rows of the same group have: one city for a postcode.

    For each value of a column in "Says which" the most frequent value of the column is learned once (of
    equally frequent ones the smallest) and used again on new rows. Groups with fewer values than asked,
    or in which too few agree, are left as they are, and so are rows whose group is not known. Where
    several columns say which, they vote: a cell is changed only when more of them speak for another
    value than for its own; or they say it together, as an airline and a flight's number do, where neither
    does alone. The 20,000 largest groups are kept.
    """

    title = "Make rows agree"
    group = "Values"
    keeps_order = False  # found with a join
    Learned = Groups

    column: Annotated[str, ColumnName()] = P(
        title="Column", description="The column whose cells are brought to the agreed value."
    )
    by: Annotated[tuple[str, ...], ColumnNames("text", "integer", "boolean", "date", "datetime")] = P(
        title="Says which",
        description="Columns that each say what the value is, like the postcode for the city; up to four.",
        min_length=1,
        max_length=MOST,
    )
    together: bool = P(
        default=False,
        title="Only together",
        description="A group is the rows that are the same in all of these columns, and none says it alone.",
    )
    least: Annotated[int, Number(2, 100, 1)] = P(
        default=3, title="Fewest values", description="A smaller group says nothing.", ge=2, le=1_000_000
    )
    share: Annotated[float, Number(0.3, 1, 0.05)] = P(
        default=0.6,
        title="Share that agrees",
        description="The part of a group's values that must be the same.",
        gt=0,
        le=1,
    )
    fill: bool = P(
        default=True, title="Fill missing cells", description="Put the agreed value in missing cells, too."
    )

    spare: bool = P(
        default=False,
        title="Spare agreed values",
        description="Replace a value on which other groups agree only when two columns speak against it: "
        "where one does, that one may be wrong.",
    )

    @field_validator("by")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> MakeAgree:
        return cls(column="price", by=("region", "member"), least=2, share=0.2, spare=True)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if self.column in self.by:
            raise BadParameter(
                "Make rows agree: {column!r} cannot say what its own value is.",
                hint="Choose another column that says which.",
                column=self.column,
            )

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        kinds = {column.name: column.type for column in table.columns}
        found: dict[str, Json] = {}
        for names in self._groups():
            rows = engine.rows(self._agreed(table, names, kinds))
            *keys, values = (lookup.as_json(column.to_pylist()) for column in rows.columns)
            if self.together:
                return {"joint": {"keys": dict(zip(names, keys, strict=True)), "values": values}}
            found[names[0]] = {"keys": keys[0], "values": values}
        return {"groups": found}

    def _groups(self) -> list[tuple[str, ...]]:
        """The columns of each vote."""
        return [self.by] if self.together else [(by,) for by in self.by]

    def _votes(self, learned: Mapping[str, Json]) -> list[Vote]:
        """The keys and the agreed values of each vote."""
        if self.together:
            return [(learned["joint"]["keys"], learned["joint"]["values"])]
        groups = learned["groups"]
        return [({by: groups[by]["keys"]}, groups[by]["values"]) for by in self.by]

    def _agreed(self, table: Table, names: Sequence[str], kinds: Mapping[str, ColumnType]) -> exp.Select:
        """The most frequent value of each group that is large and agrees enough."""
        b = sql.name(self.column)
        sound = exp.and_(*(sql.template(":x IS NOT NULL", x=sql.name(one)) for one in (*names, self.column)))
        for name in (*names, self.column):
            if kinds[name] in ("number", "date", "datetime"):  # infinite values cannot be kept as JSON
                sound = exp.and_(sound, sql.template("isfinite(:x)", x=sql.name(name)))
        # 0.0 + x: minus zero and zero are one group
        value = sql.template("0.0 + :b", b=b) if kinds[self.column] == "number" else b
        keys = [f"a{place}" for place in range(len(names))]
        group = ", ".join(keys)
        inner = exp.select(*(exp.alias_(sql.name(name), key) for name, key in zip(names, keys, strict=True)))
        inner = inner.select(exp.alias_(value, "b"), exp.alias_(sql.template("count(*)"), "n"))
        inner = inner.from_(table.query.subquery("t")).where(sound).group_by(*keys, "b")
        ranked = exp.select(
            "*",
            exp.alias_(sql.template(f"row_number() OVER (PARTITION BY {group} ORDER BY n DESC, b)"), "place"),
            exp.alias_(sql.template(f"sum(n) OVER (PARTITION BY {group})"), "total"),
        ).from_(inner.subquery("counted"))
        chosen = sql.template(
            "place = 1 AND n > 1 AND total >= :least AND n >= :share * total",
            least=self.least, share=self.share,
        )  # fmt: skip
        return (
            exp.select(*keys, "b")
            .from_(ranked.subquery("ranked"))
            .where(chosen)
            .order_by(exp.column("total").desc(), *keys)
            .limit(GROUPS)
        )

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        kinds = {column.name: column.type for column in columns}
        part, held = ("joint", learned.get("joint")) if self.together else ("groups", learned.get("groups"))
        known = list((held or {}).get("keys", {}) if self.together else held or {})
        for by in self.by:
            if by not in known:
                raise wrong_constant(f"{part}.{by}", "it is missing", known)
        for keys, values in self._votes(learned):
            where = f"{part}.{' '.join(keys)}"
            if {len(cells) for cells in (*keys.values(), values)} not in ({len(values)},):
                raise wrong_constant(where, "it must give each group one value", keys)
            groups = set(map(repr, zip(*keys.values(), strict=True)))
            if set(keys) - set(self.by) or len(values) > GROUPS or len(groups) < len(values):
                raise wrong_constant(where, "it must give each group one value", keys)
            for name, cells in (*keys.items(), (self.column, values)):
                wrong = next((cell for cell in cells if not lookup.is_cell(cell, kinds[name])), None)
                if wrong is not None:
                    raise wrong_constant(where, f"each must fit a column of type {kinds[name]}", wrong)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        chosen: dict[str, exp.Expr] = {column.name: sql.name(column.name, "s") for column in columns}
        known = self._votes(learned)
        votes = [exp.column("v", table=f"m{place}", quoted=True) for place in range(len(known))]
        chosen[self.column] = self._elected(sql.name(self.column, "s"), votes)
        query = exp.select(*[exp.alias_(node, name, quoted=True) for name, node in chosen.items()])
        query = query.select(sql.name(sql.ROW, "s")).from_(exp.alias_(exp.to_table(source), "s", table=True))
        for place, (keys, values) in enumerate(known):
            lists = {f"k{number}": (cells, kinds[by]) for number, (by, cells) in enumerate(keys.items())}
            groups = lookup.relation(f"m{place}", {**lists, "v": (values, kinds[self.column])})
            same = [
                sql.template(":x = :k", x=sql.name(by, "s"), k=exp.column(key, f"m{place}", quoted=True))
                for key, by in zip(lists, keys, strict=True)
            ]
            query = query.join(groups, on=exp.and_(*same), join_type="left")
        if self.spare:
            every = lookup.relation("own", {"v": (self._every(learned), kinds[self.column])})
            own = sql.template(":x = :v", x=sql.name(self.column, "s"), v=exp.column("v", "own", quoted=True))
            query = query.join(every, on=own, join_type="left")
        return query

    def _every(self, learned: Mapping[str, Json]) -> list[Json]:
        """All values on which any group agrees, each once."""
        return list(dict.fromkeys(cell for _, values in self._votes(learned) for cell in values))

    def _elected(self, cell: exp.Expr, votes: list[exp.Column]) -> exp.Expr:
        """The value that most of the votes are for, unless as many are for the cell's own."""
        counts = [_count(vote, votes) for vote in votes]
        best = sql.template(f"greatest({', '.join(f':n{place}' for place in range(len(votes)))})",
                            **{f"n{place}": count for place, count in enumerate(counts)})  # fmt: skip
        winner = exp.Case()
        for vote, count in zip(votes, counts, strict=True):
            winner = winner.when(sql.template(":count = :best", count=count, best=best), vote.copy())
        changed = sql.template(":best > :own", best=best, own=_count(cell, votes))
        if not self.fill:
            changed = exp.and_(sql.template(":cell IS NOT NULL", cell=cell), changed)
        if self.spare:
            known = exp.column("v", table="own", quoted=True)
            changed = exp.and_(sql.template("(:known IS NULL OR :best > 1)", known=known, best=best), changed)
        elected: exp.Expr = exp.Case(default=cell.copy()).when(changed, winner)
        return elected

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        kind, name = kinds[self.column], self.column
        lines = [f"own, votes = pa.array(df[{name!r}]), []"]
        for keys, values in self._votes(learned):
            lines += ["group = known = pa.scalar(0, pa.int64())"]
            for by, cells in keys.items():
                # a number for each key, and from all of a group's numbers one
                lines += [
                    f"keys = {lookup.as_array(cells, kinds[by])}",
                    "kinds = pc.unique(keys)",
                    f"place = pc.cast(pc.index_in(pa.array(df[{by!r}]), value_set=kinds), pa.int64())",
                    "group = pc.add(pc.multiply(group, len(kinds)), place)",
                    "place = pc.cast(pc.index_in(keys, value_set=kinds), pa.int64())",
                    "known = pc.add(pc.multiply(known, len(kinds)), place)",
                ]
            place = "pc.index_in(group, value_set=known)"
            lines += [f"votes.append({lookup.as_array(values, kind)}.take({place}))"]
        lines += [
            "def backing(cells):",
            "    same = [pc.cast(pc.fill_null(pc.equal(cells, vote), False), pa.int64()) for vote in votes]",
            "    return sum((np.asarray(one) for one in same), np.zeros(len(cells), dtype=np.int64))",
            "counts = [backing(vote) for vote in votes]",
            "best, elected = np.max(counts, axis=0), own",
            "for vote, count in reversed(list(zip(votes, counts))):",
            "    elected = pc.if_else(pa.array((count == best) & (best > backing(own))), vote, elected)",
        ]
        if self.spare:
            lines += [
                f"known = pc.is_in(own, value_set={lookup.as_array(self._every(learned), kind)})",
                "elected = pc.if_else(pc.and_(known, pa.array(best < 2)), own, elected)",
            ]
        if not self.fill:
            lines.append("elected = pc.if_else(pc.is_null(own), own, elected)")
        lines.append(f"df[{name!r}] = pd.Series(pd.arrays.ArrowExtensionArray(elected), index=df.index)")
        return "\n".join(lines)

    def describe(self) -> Note:
        column, by = quoted(self.column), named(self.by)
        if self.together and len(self.by) > 1:
            return note("Make {column} agree for the same {by} together", column=column, by=by)
        return note("Make {column} agree for the same {by}", column=column, by=by)


def _count(cell: exp.Expr, votes: list[exp.Column]) -> exp.Expr:
    """How many of the votes are for this cell's value: none for a missing one."""
    parts: list[exp.Expr] = [
        sql.template("CASE WHEN :x = :v THEN 1 ELSE 0 END", x=cell, v=vote) for vote in votes
    ]
    total: exp.Expr = parts[0]
    for part in parts[1:]:
        total = exp.Add(this=total, expression=part)
    return exp.paren(total)
