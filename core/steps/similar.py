"""Join by similar text: names that people wrote differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema
from core.params import ColumnName, ColumnNames
from core.steps.pairing import Combining, chosen, compared, compared_code, new_names, paired, paired_code
from core.steps.words import quoted
from core.wording import Note, note

LONGEST = 100  # characters that are compared: the time a comparison takes grows with their square
RAREST = 6  # pieces by which partners are looked for, for Jaro-Winkler
STRICT = {"Jaro-Winkler": 0.85, "Levenshtein": 0.8}  # from here on pieces of three bytes find all but few
_START = "02"  # a byte before each text, so that its first letter has as many pieces as the others
_SCORES = {
    "Jaro-Winkler": "jaro_winkler_similarity(:a, :b)",
    "Levenshtein": "1 - levenshtein(:a, :b) / greatest(octet_length(encode(:a)), octet_length(encode(:b)))",
}
_SCORES_CODE = {
    "Jaro-Winkler": "rapidfuzz.distance.JaroWinkler.similarity(a.encode(), b.encode())",
    "Levenshtein": "1 - rapidfuzz.distance.Levenshtein.distance(a.encode(), b.encode())"
    " / max(len(a.encode()), len(b.encode()))",
}


class JoinFuzzy(Combining):
    """Add rows of another table whose text is similar to this one's, with how similar it is.

    Jaro-Winkler suits names (it favours a common beginning), Levenshtein counts single edits. Not all
    pairs of texts are compared: partners are looked for among those that share one of a text's rarest
    pieces of two or three bytes. For Levenshtein these are as many as a threshold of 0.7 or more needs
    for none to be missed; for Jaro-Winkler they are six, and a similar text that shares none of them is
    not found. Texts are compared by their first 100 characters, byte by byte; missing and empty ones have
    no partner.
    """

    title = "Join similar text"

    column: Annotated[str, ColumnName("text")] = P(title="This table", description="The text of this table.")
    other: Annotated[str, ColumnName("text", of="table")] = P(
        title="Other table", description="The text of the other table."
    )
    measure: Literal["Jaro-Winkler", "Levenshtein"] = P(
        default="Jaro-Winkler", title="Measure", description="How similarity is counted, from 0 to 1."
    )
    threshold: float = P(
        default=0.9, ge=0.5, le=1, title="At least", description="How similar partners must be; 1 is equal."
    )
    loose: bool = P(
        default=True,
        title="Ignore case and spaces",
        description="Compare texts in small letters, without spaces at their ends and repeated ones.",
    )
    partners: Literal["best", "all"] = P(
        default="best",
        title="Partners",
        description="best: the most similar row alone, of several the first; all: every one.",
    )
    rows: Literal["all rows", "rows with a partner"] = P(
        default="all rows", title="Keep", description="Whether rows of this table without a partner stay."
    )
    score: str = P(
        default="similarity",
        title="Similarity column",
        description="What the column of similarities is called.",
        min_length=1,
        max_length=1_000,
    )
    keep: Annotated[tuple[str, ...], ColumnNames(of="table")] = P(
        default=(), title="Columns to add", description="Columns of the other table; none chosen means all."
    )

    @property
    def keeps_rows(self) -> bool:  # type: ignore[override]
        return self.rows == "all rows" and self.partners == "best"

    @classmethod
    def example(cls) -> JoinFuzzy:
        from core.examples import OTHER

        return cls(table=OTHER, column="name", other="label", threshold=0.75)

    def for_new_rows(self) -> JoinFuzzy:
        return self.model_copy(update={"rows": "all rows"})

    def _taken(self, columns: Schema, theirs: Schema) -> dict[str, str]:
        wanted = chosen(self.keep, theirs, [])
        taken = [*(column.name for column in columns), self.score]
        return dict(zip(wanted, new_names(wanted, taken, "_other"), strict=True))

    def texts(self, source: str, column: str, row: str) -> exp.Select:
        """The rows (by the name `row`) that hold a text, each with the text as it is compared (s)."""
        text = sql.template(
            "left(:x, :n)", x=compared(sql.name(column), "text", "text", self.loose), n=LONGEST
        )
        there = sql.template(":x <> ''", x=text)
        return sql.select(source, {row: sql.name(sql.ROW), "s": text}, row=False).where(there)

    def _need(self) -> str:
        """How many of a text's rarest pieces are looked up, for its length in bytes :n.

        A text with similarity t to one of n bytes is at most n / t long, so that at most n (1 - t) / t
        edits lie between them, of which each destroys as many pieces as one has letters at most.
        """
        if self.measure == "Levenshtein":
            return ":letters * CAST(floor(:n * (1 - :t) / :t + 1e-9) AS BIGINT) + 1"
        return str(RAREST)

    def _letters(self) -> int:
        """How long the pieces are: long ones are rare, but an edit destroys more of them."""
        return 3 if self.threshold >= STRICT[self.measure] else 2

    def _shorter(self) -> float:
        """The least share of the longer text's length that the shorter one of similar texts has.

        Jaro's similarity is at most (2 + share) / 3, and Winkler's adds 0.4 of what lacks to 1 at most.
        """
        t = self.threshold
        return (t if self.measure == "Levenshtein" else max(0.0, 5 * t - 4 if t > 0.7 else 3 * t - 2)) - 1e-9

    def pairs(self, source: str) -> exp.Select:
        """Which rows of both tables are put together (l and r), and how similar their texts are (x)."""
        query = _candidates(
            self.texts(source, self.column, "l"),
            self.texts(sql.other(self.table), self.other, "r"),
            sql.template(self._need(), n=sql.name("z", "g"), t=self.threshold, letters=self._letters()),
            self._letters(),
            self._shorter(),
        )
        score = sql.template(_SCORES[self.measure], a=sql.name("a"), b=sql.name("b"))
        scored = sql.select_values({"a": sql.name("a"), "b": sql.name("b"), "x": score})
        scored = scored.from_(query.subquery("c"))
        parts = {"l": sql.name("l", "left"), "r": sql.name("r", "right"), "x": sql.name("x", "similar")}
        enough = sql.template(":x >= :t", x=sql.name("x", "similar"), t=self.threshold)
        pairs = (
            sql.select_values(parts)
            .from_(scored.subquery("similar"))
            .join(self.texts(source, self.column, "l").subquery("left"),
                  on=exp.EQ(this=sql.name("s", "left"), expression=sql.name("a", "similar")))
            .join(self.texts(sql.other(self.table), self.other, "r").subquery("right"),
                  on=exp.EQ(this=sql.name("s", "right"), expression=sql.name("b", "similar")))
            .where(enough)
        )  # fmt: skip
        return _best(pairs) if self.partners == "best" else pairs

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        return paired(
            source, columns, self.table, self.pairs(source), self._taken(columns, self.theirs(learned)),
            lone=self.rows == "all rows", single=self.partners == "best", extra=self.score,
        )  # fmt: skip

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        need, letters = str(RAREST), self._letters()
        if self.measure == "Levenshtein":
            t = repr(self.threshold)
            need = f"{letters} * math.floor(len(a.encode()) * (1 - {t}) / {t} + 1e-9) + 1"
        lines = [
            f"other = others[{self.table!r}]",
            "def texts(cells):",
            f"    return [None if pd.isna(s) or s == \"\" else s[:{LONGEST}] for s in cells]",
            "",
            "def pieces(s):",
            f"    s, times, found = {_START * (letters - 1)!r} + s.encode().hex().upper(), {{}}, []",
            f"    for piece in (s[i : i + {2 * letters}] for i in range(0, len(s) - {2 * letters - 2}, 2)):",
            "        times[piece] = times.get(piece, 0) + 1",
            "        found.append(piece if times[piece] == 1 else f\"{piece}{times[piece]}\")",
            "    return found",
            "",
            f"left = texts({compared_code('df', self.column, 'text', 'text', self.loose)})",
            f"right = texts({compared_code('other', self.other, 'text', 'text', self.loose)})",
            "rows, holders = {}, {}",
            "for row, s in enumerate(right):",
            "    if s is not None:",
            "        rows.setdefault(s, []).append(row)",
            "for s in rows:",
            "    for piece in pieces(s):",
            "        holders.setdefault(piece, []).append(s)",
            "similar = {}",
            "for a in set(left) - {None}:",
            "    known = sorted(pieces(a), key=lambda piece: (len(holders.get(piece, [])), piece))",
            f"    near = {{b for piece in known[:{need}] for b in holders.get(piece, [])}}",
            f"    scores = ((b, {_SCORES_CODE[self.measure]}) for b in near)",
            f"    similar[a] = [(row, x) for b, x in scores if x >= {self.threshold!r} for row in rows[b]]",
            "found = [(row, r, x) for row, a in enumerate(left) for r, x in similar.get(a, [])]",
            'pairs = pd.DataFrame(found, columns=["l", "r", "x"])',
            'pairs = pairs.astype({"l": "int64", "r": "int64", "x": "float64"})',
        ]  # fmt: skip
        if self.partners == "best":
            lines += [
                'pairs = pairs.sort_values(["l", "x", "r"], ascending=[True, False, True])',
                'pairs = pairs.drop_duplicates("l")',
            ]
        taken = self._taken(columns, self.theirs(learned))
        lines += paired_code(
            taken, lone=self.rows == "all rows", single=self.partners == "best", extra=self.score
        )
        return "\n".join(lines)

    def describe(self) -> Note:
        words = {
            "best": "Join the row of {table} whose {other} is most similar to {column}, from {threshold} on",
            "all": "Join the rows of {table} whose {other} is similar to {column}, from {threshold} on",
        }
        return note(
            words[self.partners],
            table=self.said(),
            other=quoted(self.other),
            column=quoted(self.column),
            threshold=f"{self.threshold:g}",
        )


def _candidates(left: exp.Select, right: exp.Select, need: Any, letters: int, shorter: float) -> exp.Select:
    """Pairs of different texts (a, b) worth comparing: b has one of the rarest pieces of a."""
    theirs, mine = _pieces(right, letters), _pieces(left, letters)
    held = (
        sql.select_values({"g": sql.name("g"), "n": sql.template("count(*)")})
        .from_(theirs.subquery("t"))
        .group_by(sql.name("g"))
    )
    rank = sql.template(
        "row_number() OVER (PARTITION BY :s ORDER BY coalesce(:n, 0), :g)",
        s=sql.name("s", "g"), n=sql.name("n", "h"), g=sql.name("g", "g"),
    )  # fmt: skip
    ranked = (
        sql.select_values({**{x: sql.name(x, "g") for x in "sgz"}, "place": rank, "need": need})
        .from_(mine.subquery("g"))
        .join(
            held.subquery("h"),
            on=exp.EQ(this=sql.name("g", "g"), expression=sql.name("g", "h")),
            join_type="left",
        )
    )
    near = exp.and_(
        exp.EQ(this=sql.name("g", "m"), expression=sql.name("g", "t")),
        sql.template(":place <= :need", place=sql.name("place", "m"), need=sql.name("need", "m")),
        # what is so much shorter cannot be as similar: it need not be compared
        sql.template(
            "least(:a, :b) >= greatest(:a, :b) * :shorter",
            a=sql.name("z", "m"), b=sql.name("z", "t"), shorter=shorter,
        ),
    )  # fmt: skip
    found = sql.select_values({"a": sql.name("s", "m"), "b": sql.name("s", "t")})
    return found.distinct().from_(ranked.subquery("m")).join(theirs.subquery("t"), on=near)


def _pieces(texts: exp.Select, letters: int) -> exp.Select:
    """Each different text with its length in bytes and its pieces; a piece that comes again is numbered."""
    different = sql.select_values({"s": sql.name("s")}).distinct().from_(texts.subquery("t"))
    starts = sql.template("unnest(range(1, octet_length(encode(:s)) + 1))", s=sql.name("s"))
    each = sql.select_values({"s": sql.name("s"), "i": starts}).from_(different.subquery("d"))
    cut = {"start": _START * (letters - 1), "s": sql.name("s"), "i": sql.name("i"), "n": 2 * letters}
    piece = sql.template("substr(:start || hex(encode(:s)), 2 * :i - 1, :n)", **cut)
    again = "row_number() OVER (PARTITION BY :s, :g ORDER BY :i)"
    times = sql.template(again, s=cut["s"], g=piece, i=cut["i"])
    known = {"s": sql.name("s"), "g": piece, "times": times}
    counted = sql.select_values(known).from_(each.subquery("e"))
    named = "CASE WHEN :times > 1 THEN :g || CAST(:times AS VARCHAR) ELSE :g END"
    shown = {
        "s": sql.name("s"),
        "g": sql.template(named, g=sql.name("g"), times=sql.name("times")),
        "z": sql.template("octet_length(encode(:s))", s=sql.name("s")),
    }
    return sql.select_values(shown).from_(counted.subquery("c"))


def _best(pairs: exp.Select) -> exp.Select:
    """Of the pairs of each row the most similar; of several, the first in the other's order."""
    parts = {part: sql.name(part) for part in "lrx"}
    place = sql.template("row_number() OVER (PARTITION BY :l ORDER BY :x DESC, :r)", **parts)
    ranked = sql.select_values({**parts, "n": place}).from_(pairs.subquery("q"))
    first = sql.template(":n = 1", n=sql.name("n"))
    return sql.select_values(parts).from_(ranked.subquery("q")).where(first)
