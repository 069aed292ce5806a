"""Write a checked formula for the engine and for pandas: two renderings of the same typed tree."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from string import ascii_lowercase

from sqlglot import exp

from core import sql
from core.contracts import ColumnType
from core.steps.formula.check import Apply, Convert, Reference, Typed, Value

ARROW_TYPES: dict[ColumnType, str] = {
    "integer": "'int64[pyarrow]'",
    "number": "'double[pyarrow]'",
    "text": "pd.ArrowDtype(pa.string())",
    "boolean": "'bool[pyarrow]'",
    "date": "'date32[day][pyarrow]'",
    "datetime": "'timestamp[us][pyarrow]'",
}
# put before code that calls it: functions that pandas lacks, with Arrow's exact types
HELPER = '''def arrow(function, *values, **options):
    """An Arrow function of columns, as a column."""
    index = next(value.index for value in values if isinstance(value, pd.Series))
    values = [pa.array(value) if isinstance(value, pd.Series) else value for value in values]
    return pd.Series(pd.arrays.ArrowExtensionArray(function(*values, **options)), index=index)
'''


@dataclass(frozen=True)
class Formula:
    """A checked formula: the type of its result, and how the engine and pandas compute it."""

    text: str
    tree: Typed
    type: ColumnType

    def sql(self) -> exp.Expr:
        """One scalar SQL expression over the columns of the table."""
        return _whole_sql(self.tree)

    def pandas(self) -> tuple[str, str]:
        """Code that must stand before (may be empty), and one expression over the data frame `df`."""
        code = _code(self.tree)
        text = code.column if code.written else code.text
        return (HELPER if "arrow(" in text else ""), text

    def columns(self) -> tuple[str, ...]:
        """The columns it reads, each once, in the order they stand in."""
        return tuple(dict.fromkeys(_references(self.tree)))


def _references(part: Typed) -> list[str]:
    if isinstance(part, Reference):
        return [part.name]
    if isinstance(part, Convert):
        return _references(part.part)
    if isinstance(part, Apply):
        return [name for argument in part.arguments for name in _references(argument)]
    return []


def _makes_nan(part: Typed) -> bool:
    return isinstance(part, Apply) and part.form.makes_nan


def _whole_sql(part: Typed) -> exp.Expr:
    """The part with "not a number" (0 * infinity, (-8) ^ 0.5) made missing."""
    node = _sql(part)
    return sql.template("NULLIF(:x, :nan)", x=node, nan=float("nan")) if _makes_nan(part) else node


def _sql(part: Typed) -> exp.Expr:
    if isinstance(part, Reference):
        return sql.name(part.name)
    if isinstance(part, Value):
        if part.value is None:
            return exp.cast(exp.Null(), sql.STORAGE[part.type or "text"])
        return sql.literal(part.value)
    if isinstance(part, Convert):
        return exp.cast(_whole_sql(part.part), sql.STORAGE[part.type or "text"])
    # within arithmetic "not a number" goes on as it is: only what leaves it must be missing
    write = _sql if part.form.makes_nan else _whole_sql
    nodes = {
        letter: write(argument) for letter, argument in zip(ascii_lowercase, part.arguments, strict=False)
    }
    node: exp.Expr = sql.template(part.form.sql, **nodes)
    return node


@dataclass(frozen=True)
class _Code:
    """A piece of pandas code: of a column, or a value that is written out."""

    text: str
    type: ColumnType
    single: bool  # nothing around it can tear it apart
    written: bool = False

    @property
    def raw(self) -> str:
        return self.text if self.single else f"({self.text})"

    @property
    def column(self) -> str:
        """As a column, also when it is a value."""
        if not self.written:
            return self.raw
        return f"pd.Series({self.text}, index=df.index, dtype={ARROW_TYPES[self.type]})"

    def __format__(self, spec: str) -> str:
        return self.column


def _code(part: Typed) -> _Code:
    kind: ColumnType = part.type or "text"
    if isinstance(part, Reference):
        return _Code(f"df[{part.name!r}]", kind, True)
    if isinstance(part, Value):
        return _Code(_python(part.value), kind, True, written=True)
    if isinstance(part, Convert):
        inner = _code(part.part)
        to = "'float64', safe=False" if kind == "number" else "pa.timestamp('us')"
        return _Code(f"arrow(pc.cast, {inner}, {to})", kind, True)
    form = part.form
    pieces = {
        letter: _code(argument) for letter, argument in zip(ascii_lowercase, part.arguments, strict=False)
    }
    if form.pandas == "{a}":
        return pieces["a"]
    # a missing value that is written out has no type of its own in pandas; and something must be a column
    fixed = [kind.startswith("fixed") or kind == "nonzero" for kind in form.takes]
    alone = all(piece.written for piece in pieces.values())
    for (letter, piece), stays in zip(list(pieces.items()), fixed, strict=True):
        if piece.written and not stays and (piece.text == "None" or (alone and letter == "a")):
            pieces[letter] = _Code(piece.column, piece.type, True)
    text = form.pandas.format(**pieces)
    single = form.pandas.startswith(("{a}.", "{b}.", "arrow(")) and " - " not in form.pandas.split("(")[0]
    return _Code(text, kind, single)


def _python(value: object) -> str:
    if isinstance(value, dt.datetime):
        return f"pd.Timestamp({value.isoformat(sep=' ')!r})"
    if isinstance(value, dt.date):
        return f"dt.date({value.year}, {value.month}, {value.day})"
    return repr(value)
