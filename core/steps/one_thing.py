"""Columns that together name one thing are brought to the combination that most rows have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field as P
from pydantic import StrictBool, StrictInt, StrictStr, field_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Json, Schema, Step, Table, wrong_constant
from core.params import ColumnNames, Frozen
from core.similar.things import things
from core.steps import lookup
from core.steps.words import named
from core.wording import Note, note

COMBINATIONS = 100_000  # that are looked at: the most frequent ones
MOST = 6  # columns


class Names(Frozen):
    """Values of one column, the thing that each names, and whether it may stay where others say the same."""

    values: list[StrictInt | StrictStr]
    things: list[StrictInt]
    stay: list[StrictBool]


class Known(Frozen):
    """What each thing is called, column by column (null: not settled), and which thing each value names."""

    records: dict[str, list[StrictInt | StrictStr | None]] = P(default_factory=dict)
    names: dict[str, Names] = P(default_factory=dict)


class MakeRecordsAgree(Step):
    """Bring columns that name one thing to what most rows say: a journal, its short name and number.

    Which values go together is learned once: those that are each other's most frequent partners. A row speaks
    of the thing that more than half of its known values name. Then its missing cells are filled, a value
    that is nearly the right one is corrected, and where two columns or more agree, a value of another
    thing, or an unknown one, is replaced. Values that stand beside a thing again and again stay. The 100,000
    most frequent combinations are looked at.
    """

    title = "Make records agree"
    group = "Values"
    keeps_order = False  # found with joins
    Learned = Known

    columns: Annotated[tuple[str, ...], ColumnNames("text", "integer", "date", "datetime")] = P(
        title="Columns",
        description="Two to six columns, each of which names the same thing, like journal and ISSN.",
        min_length=2,
        max_length=MOST,
    )

    @field_validator("columns")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> MakeRecordsAgree:
        return cls(columns=("region", "at"))

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        kinds = {column.name: column.type for column in table.columns}
        cells = [
            exp.alias_(_finite(name, kinds[name]), f"c{place}") for place, name in enumerate(self.columns)
        ]
        query = exp.select(*cells, exp.alias_(sql.template("count(*)"), "n")).from_(table.query.subquery("t"))
        query = query.group_by(*[str(place + 1) for place in range(len(cells))])
        order = [exp.column("n").desc(), *[exp.column(f"c{place}") for place in range(len(cells))]]
        found = engine.rows(query.order_by(*order).limit(COMBINATIONS))
        columns = [lookup.as_json(found.column(place).to_pylist()) for place in range(len(cells) + 1)]
        known = things({tuple(row[:-1]): row[-1] for row in zip(*columns, strict=True)}, len(cells))
        return {
            "records": {name: [record[place] for record in known.records]
                        for place, name in enumerate(self.columns)},
            "names": {
                name: {
                    "values": list(known.known[place]),
                    "things": [thing for thing, _ in known.known[place].values()],
                    "stay": [stays for _, stays in known.known[place].values()],
                }
                for place, name in enumerate(self.columns)
            },
        }  # fmt: skip

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        kinds = {column.name: column.type for column in columns}
        records, names = learned.get("records", {}), learned.get("names", {})
        count = len(next(iter(records.values()), []))
        for name in self.columns:
            if name not in records or name not in names or len(records[name]) != count:
                raise wrong_constant(f"records.{name}", "it must give each thing one value", records)
            values, things_, stay = (names[name][part] for part in ("values", "things", "stay"))
            if not len(values) == len(things_) == len(stay) or len(set(map(repr, values))) < len(values):
                raise wrong_constant(f"names.{name}", "it must give each value one thing", names[name])
            if any(not 0 <= thing < count for thing in things_):
                raise wrong_constant(f"names.{name}.things", "each must be one of the records", things_)
            cells = [cell for cell in records[name] if cell is not None] + values
            wrong = next((cell for cell in cells if not lookup.is_cell(cell, kinds[name])), None)
            if wrong is not None:
                raise wrong_constant(f"names.{name}", f"each must fit a column of type {kinds[name]}", wrong)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        """Three layers: what each cell names, what the row speaks of, and the cells of that."""
        kinds = {column.name: column.type for column in columns}
        chosen: dict[str, exp.Expr] = {column.name: sql.name(column.name, "s") for column in columns}
        for place in range(len(self.columns)):
            chosen[_free(f"thing {place}", columns)] = exp.column("r", table=f"m{place}", quoted=True)
            chosen[_free(f"stays {place}", columns)] = exp.column("s", table=f"m{place}", quoted=True)
        inner = exp.select(*[exp.alias_(node, name, quoted=True) for name, node in chosen.items()])
        inner = inner.select(sql.name(sql.ROW, "s")).from_(exp.alias_(exp.to_table(source), "s", table=True))
        for place, name in enumerate(self.columns):
            given = learned["names"][name]
            lists: dict[str, tuple[list[Json], ColumnType]] = {
                "k": (given["values"], kinds[name]),
                "r": (given["things"], "integer"),
                "s": (given["stay"], "boolean"),
            }
            key = exp.column("k", table=f"m{place}", quoted=True)
            same = sql.template(":x = :k", x=sql.name(name, "s"), k=key)
            inner = inner.join(lookup.relation(f"m{place}", lists), on=same, join_type="left")
        mark = _free("thing", columns)
        every: dict[str, exp.Expr] = {name: sql.name(name) for name in chosen}
        middle = exp.select(*[exp.alias_(node, name, quoted=True) for name, node in every.items()])
        middle = middle.select(exp.alias_(self._spoken_of(columns), mark, quoted=True), sql.name(sql.ROW))
        middle = middle.from_(inner.subquery("named"))
        records: dict[str, tuple[list[Json], ColumnType]] = {
            f"c{place}": (learned["records"][name], kinds[name]) for place, name in enumerate(self.columns)
        }
        count = len(learned["records"][self.columns[0]])
        right = lookup.relation("things", {"id": (list(range(count)), "integer"), **records})
        final: dict[str, exp.Expr] = {column.name: sql.name(column.name, "t") for column in columns}
        for place, name in enumerate(self.columns):
            final[name] = sql.template(
                "CASE WHEN :right IS NULL OR (:stays AND :own = :thing) THEN :x ELSE :right END",
                right=exp.column(f"c{place}", table="things", quoted=True), x=sql.name(name, "t"),
                stays=sql.name(_free(f"stays {place}", columns), "t"),
                own=sql.name(_free(f"thing {place}", columns), "t"), thing=sql.name(mark, "t"),
            )  # fmt: skip
        query = exp.select(*[exp.alias_(node, name, quoted=True) for name, node in final.items()])
        query = query.select(sql.name(sql.ROW, "t")).from_(middle.subquery("t"))
        on = sql.template(":a = :b", a=sql.name(mark, "t"), b=exp.column("id", table="things", quoted=True))
        return query.join(right, on=on, join_type="left")

    def _spoken_of(self, columns: Schema) -> exp.Expr:
        """The thing that more than half of the known values name; NULL where there is none."""
        marks = [sql.name(_free(f"thing {place}", columns)) for place in range(len(self.columns))]
        total = _sum("CASE WHEN :x IS NULL THEN 0 ELSE 1 END", [{"x": node} for node in marks])
        strange = _sum(
            "CASE WHEN :v IS NOT NULL AND :x IS NULL THEN 1 ELSE 0 END",
            [{"v": sql.name(name), "x": node} for name, node in zip(self.columns, marks, strict=True)],
        )
        case = exp.Case()
        for node in marks:
            same = _sum("CASE WHEN :x = :y THEN 1 ELSE 0 END", [{"x": other, "y": node} for other in marks])
            clear = sql.template(
                "2 * :same > :total AND (:same > 1 OR :strange = 0)", same=same, total=total, strange=strange
            )
            case = case.when(clear, node.copy())
        return case

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        lines = ["cells, named, stays, right = [], [], [], []"]
        for name in self.columns:
            given, kind = learned["names"][name], kinds[name]
            lines += [
                f"cells.append(pa.array(df[{name!r}]))",
                f"place = pc.index_in(cells[-1], value_set={lookup.as_array(given['values'], kind)})",
                f"named.append({lookup.as_array(given['things'], 'integer')}.take(place))",
                f"stays.append({lookup.as_array(given['stay'], 'boolean')}.take(place))",
                f"right.append({lookup.as_array(learned['records'][name], kind)})",
            ]
        lines += [
            "def count(parts):",
            "    whole = (pc.cast(pc.fill_null(part, False), pa.int64()) for part in parts)",
            "    return sum((np.asarray(part) for part in whole), np.zeros(len(df), dtype=np.int64))",
            "total = count([pc.is_valid(one) for one in named])",
            "strange = count([pc.and_(pc.is_valid(x), pc.is_null(one)) for x, one in zip(cells, named)])",
            "thing = pa.nulls(len(df), pa.int64())",
            "for one in named:",
            "    same = count([pc.equal(one, other) for other in named])",
            "    clear = (2 * same > total) & ((same > 1) | (strange == 0)) & (same > 0)",
            "    thing = pc.if_else(pa.array(clear), pc.coalesce(thing, one), thing)",
            f"for name, x, one, stay, values in zip({list(self.columns)!r}, cells, named, stays, right):",
            "    meant = values.take(thing)",
            "    keep = pc.and_(pc.fill_null(stay, False), pc.fill_null(pc.equal(one, thing), False))",
            "    made = pc.if_else(keep, x, pc.coalesce(meant, x))",
            "    df[name] = pd.Series(pd.arrays.ArrowExtensionArray(made), index=df.index)",
        ]
        return "\n".join(lines)

    def describe(self) -> Note:
        return note("Make {columns} agree as one thing", columns=named(self.columns))


def _sum(text: str, parts: list[dict[str, exp.Expr]]) -> exp.Expr:
    total: exp.Expr = sql.template(text, **parts[0])
    for part in parts[1:]:
        total = exp.Add(this=total, expression=sql.template(text, **part))
    return exp.paren(total)


def _finite(name: str, kind: ColumnType) -> exp.Expr:
    """The cell; infinite dates cannot be kept as JSON and name nothing."""
    if kind not in ("date", "datetime"):
        return sql.name(name)
    node: exp.Expr = sql.template("CASE WHEN isfinite(:x) THEN :x END", x=sql.name(name))
    return node


def _free(name: str, columns: Schema) -> str:
    taken = {column.name.casefold() for column in columns}
    while name in taken:
        name += "_"
    return name
