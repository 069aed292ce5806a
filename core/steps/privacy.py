"""Personal data made less telling: masked, or replaced by keyed hashes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import keys, sql
from core.contracts import Engine, Json, Schema, Step, Table
from core.params import ColumnNames, Frozen, Number, Text
from core.steps.cells import with_cells
from core.steps.words import named
from core.wording import Note, note

_SERIES = "pd.Series({values}, index=df.index, dtype={dtype})"
_TEXT = "pd.ArrowDtype(pa.string())"


class MaskText(Step):
    """Replace the characters of a text but for the first and last few.

    A text that is too short to keep any of it secret is masked whole. A mask keeps people from reading
    a value by chance. It is no protection against whoever knows what to look for: the characters that
    are left may tell two people apart, or name one.
    """

    title = "Mask text"
    group = "Personal data"

    columns: Annotated[tuple[str, ...], ColumnNames("text")] = P(
        title="Columns", description="The text columns to mask.", min_length=1
    )
    first: Annotated[int, Number(0, 20)] = P(
        default=0, ge=0, le=1_000, title="Keep at the start", description="Characters that stay readable."
    )
    last: Annotated[int, Number(0, 20)] = P(
        default=4, ge=0, le=1_000, title="Keep at the end", description="Characters that stay readable."
    )
    sign: Literal["*", "•", "#"] = P(
        default="*", title="Sign", description="What stands for each hidden character."
    )
    same_length: bool = P(
        default=True,
        title="Show how long it was",
        description="One sign for each hidden character; otherwise five signs, however many there were.",
    )

    @classmethod
    def example(cls) -> MaskText:
        return cls(columns=("name", "amount"), first=1, last=1)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kept = self.first + self.last
        hidden = "length(:x) - :kept" if self.same_length else "5"
        whole = "length(:x)" if self.same_length else "5"
        text = (
            f"CASE WHEN length(:x) <= :kept THEN repeat(:sign, {whole})"
            f" ELSE left(:x, :first) || repeat(:sign, {hidden}) || right(:x, :last) END"
        )
        cells = {
            name: sql.template(
                text, x=sql.name(name), kept=kept, sign=self.sign, first=self.first, last=self.last
            )
            for name in self.columns
        }
        return with_cells(source, columns, cells)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kept, sign = self.first + self.last, repr(self.sign)
        end = f" + text[-{self.last}:]" if self.last else ""
        lines = [
            "def masked(text):",
            f"    if len(text) <= {kept}:",
            f"        return {sign} * {'len(text)' if self.same_length else '5'}",
            f"    hidden = {f'len(text) - {kept}' if self.same_length else '5'}",
            f"    return text[:{self.first}] + {sign} * hidden{end}",
            "",
        ]
        return "\n".join([*lines, *_mapped(self.columns, "masked(value)")])

    def describe(self) -> Note:
        columns = named(self.columns)
        if not self.first and not self.last:
            return note("Mask {columns}", columns=columns)
        if not self.first or not self.last:
            template = (
                "Mask {columns} but for the first character | Mask {columns} but for the first {count}"
                if self.first
                else "Mask {columns} but for the last character | Mask {columns} but for the last {count}"
            )
            return note(template, columns=columns, count=self.first or self.last)
        return note(
            "Mask {columns}, but for the first {first} and the last {last} characters",
            columns=columns, first=self.first, last=self.last,
        )  # fmt: skip


class Key(Frozen):
    """Which key the hashes were made with: a few digits by which it is known again."""

    check: str = P(pattern=r"^[0-9a-f]{16}$")


class HashWithKey(Step):
    """Replace values by hashes that nobody can make without a secret key.

    HMAC-SHA256 (RFC 2104). The same value gives the same hash wherever the same key is used, so that
    rows can still be counted, grouped and joined. Without the key a hash cannot be undone by hashing
    all phone numbers there are, as a plain hash can. The key is made when it is first needed and lies
    in the store's key file, or in the environment: it stands in no recipe, query or exported script.
    Whoever has the key can find out whose a hash is, and how often a value occurs still shows: the rows
    have a pseudonym, they are not anonymous.
    """

    title = "Hash with a key"
    group = "Personal data"
    Learned = Key

    columns: Annotated[tuple[str, ...], ColumnNames("text", "integer")] = P(
        title="Columns", description="The columns whose values are replaced.", min_length=1
    )
    key: Annotated[str, Text(example="customers")] = P(
        default="default",
        title="Key",
        description="The name of the key: small letters, digits and _. Tables that are to be joined need "
        "the same; those that must not be joined need different ones.",
        pattern=keys.NAME,
    )
    length: Annotated[int, Number(16, 64)] = P(
        default=32, ge=16, le=64, title="Length",
        description="Hexadecimal digits. With 16, two of four billion values may be given the same.",
    )  # fmt: skip

    @classmethod
    def example(cls) -> HashWithKey:
        return cls(columns=("name", "id"))

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        return {"check": keys.fingerprint(keys.key(self.key, make=True))}

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        text = (
            "left(sha256(CAST(getvariable(:far) AS BLOB) ||"
            " unhex(sha256(CAST(getvariable(:near) AS BLOB) || encode(CAST(:x AS VARCHAR))))), :n)"
        )
        blocks: dict[str, Any] = {
            "near": sql.literal(keys.variable(self.key, learned["check"], "inner")),
            "far": sql.literal(keys.variable(self.key, learned["check"], "outer")),
        }
        cells = {name: sql.template(text, x=sql.name(name), n=self.length, **blocks) for name in self.columns}
        return with_cells(source, columns, cells)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        variable = keys.environment_name(self.key)
        lines = [
            f"# the key stands in the environment alone: `python -m core key {self.key}` prints it",
            f"key = bytes.fromhex(os.environ[{variable!r}])",
            f"known = hmac.new(key, {keys.KNOWN_TEXT!r}, hashlib.sha256).hexdigest()[:16]",
            f"if known != {learned['check']!r}:",
            f'    raise SystemExit("{variable} holds another key than the recipe was made with")',
            "",
            "def hashed(value):",
            "    return hmac.new(key, str(value).encode(), hashlib.sha256).hexdigest()[:" + f"{self.length}]",
            "",
        ]
        return "\n".join([*lines, *_mapped(self.columns, "hashed(value)", _TEXT)])

    def describe(self) -> Note:
        return note("Hash {columns} with the key {key}", columns=named(self.columns), key=self.key)


def _mapped(columns: tuple[str, ...], each: str, dtype: str = "") -> list[str]:
    """pandas code that puts each value that is there through a function."""
    lines = []
    for name in dict.fromkeys(columns):
        values = f"[None if pd.isna(value) else {each} for value in df[{name!r}]]"
        series = _SERIES.format(values=values, dtype=dtype or f"df[{name!r}].dtype")
        lines.append(f"df[{name!r}] = {series}")
    return lines
