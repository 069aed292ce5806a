"""What could be done with the value of one cell, here and in all rows that have it."""

from __future__ import annotations

from typing import Any

from core import sql
from core.contracts import ColumnType, Engine, Json, Step, Table
from core.errors import SightlineError
from core.suggest.headers import DELIMITERS, fill_steps
from core.suggest.tried import Candidate, Suggestion, tried
from core.wording import note

ALIKE = 60  # values like the one of the cell that one step replaces
COMPARED = 200  # characters of a value that is compared with others
_PLAIN = r"[^\p{L}\p{N}]+"


def for_cell(table: Table, engine: Engine, column: str, value: Any) -> list[Suggestion]:
    """Steps that start from this value of the column (None: a missing cell), the likeliest first."""
    kind = next(c.type for c in table.columns if c.name == column)
    found = _missing(column, kind) if value is None else _value(table, engine, column, value, kind)
    return tried(table, engine, column, found)


def built(kind: str, open: bool = False, **values: Json) -> list[Candidate]:
    """The step as a candidate; none where the values do not make a step."""
    try:
        return [Candidate(Step.build(kind, values), open)]
    except SightlineError:
        return []


def _rows(column: str, operator: str, action: str = "keep", value: str = "") -> list[Candidate]:
    condition = {"column": column, "operator": operator, "value": value}
    return built("filter_rows", conditions=[condition], action=action)


def _missing(column: str, kind: ColumnType) -> list[Candidate]:
    return [
        *_rows(column, "is missing", "drop"),
        *fill_steps(column, kind),
        *built("fill_missing", columns=[column], method="previous"),
        *built("fill_missing", open=True, columns=[column], method="constant", value=_some(kind)),
        *_rows(column, "is missing"),
    ]


def _some(kind: ColumnType) -> str:
    """A value that a column of this type can take, to begin with."""
    dated = {"date": "2000-01-01", "datetime": "2000-01-01 00:00"}
    return dated.get(kind, {"boolean": "false", "text": ""}.get(kind, "0"))


def written(value: Any) -> str:
    """A stored value as the parameters of steps take it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _value(table: Table, engine: Engine, column: str, value: Any, kind: ColumnType) -> list[Candidate]:
    text = written(value)
    found = [*_rows(column, "is", value=text), *_rows(column, "is", "drop", text)]
    gone = built("replace_values", columns=[column], values=[{"find": text, "missing": True}])
    for other in built("replace_values", columns=[column], values=[{"find": text, "put": text}]):
        found += [Candidate(other.step, open=True, like=one.step) for one in gone]
    found += gone
    if kind == "text":
        found += _alike(table, engine, column, text)
        found += _split(column, text)
        if text != text.strip():
            found += built("trim_text", columns=[column])
    elif kind != "boolean":
        for operator in (">=", "<="):
            found += _rows(column, operator, value=text)
    return found


def _split(column: str, text: str) -> list[Candidate]:
    """A split at each delimiter that the text has, into as many columns as it has parts."""
    found: list[Candidate] = []
    for delimiter in DELIMITERS:
        parts = [part for part in text.split(delimiter) if part.strip()]
        if 2 <= len(parts) <= 20 and len(found) < 3:
            found += built("split_column", column=column, at=delimiter, parts=len(parts))
    return found


def _alike(table: Table, engine: Engine, column: str, text: str) -> list[Candidate]:
    """All spellings of this value replaced by the most frequent one."""
    if not text.strip() or len(text) > COMPARED:
        return []
    values = spellings(table, engine, column, text)
    if len(values) < 2:
        return []
    best = values[0][0]
    pairs: list[Json] = [{"find": value, "put": best} for value, _ in values[1:]]
    found = built("replace_values", columns=[column], values=pairs)
    remark = note(
        "{count} other spelling was found. | {count} other spellings were found.", count=len(values) - 1
    )
    return [Candidate(candidate.step, remark=remark) for candidate in found]


def spellings(table: Table, engine: Engine, column: str, text: str) -> list[tuple[str, int]]:
    """Values that are this one spelled otherwise, itself among them, the most frequent first.

    They are the same letters and digits (case, accents, spaces and signs aside), or differ by one
    letter in eight (at least one, in words of five letters or more) and in no digit.
    """
    x, given = sql.name(column), sql.literal(text)

    def plain(cell: Any) -> Any:
        return sql.template("lower(strip_accents(regexp_replace(:x, :p, '', 'g')))", x=cell, p=_PLAIN)

    most = max(1, len(text) // 8) if len(text) >= 5 else 0
    near = sql.template(
        "(:a = :b AND :a <> '') OR (:most > 0 AND abs(length(:x) - length(:y)) <= :most"
        " AND length(:x) <= :longest AND levenshtein(lower(:x), lower(:y)) <= :most"
        " AND regexp_replace(:x, '[^0-9]+', '', 'g') = regexp_replace(:y, '[^0-9]+', '', 'g')) OR :x = :y",
        a=plain(x), b=plain(given), x=x, y=given, most=most, longest=COMPARED,
    )  # fmt: skip
    counted = (
        sql.select_values({"value": sql.name("value"), "rows": sql.name("rows")})
        .from_(
            sql.select_values({"value": x, "rows": sql.template("count(*)")})
            .from_(table.query.subquery("t"))
            .group_by(x)
            .subquery("counted")
        )
        .where(near.transform(lambda node: sql.name("value") if node == x else node))
        .order_by(sql.name("rows").desc(), sql.name("value"))
        .limit(ALIKE)
    )
    return [(row["value"], row["rows"]) for row in engine.rows(counted).to_pylist()]
