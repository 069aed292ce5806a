"""What is worth mending in a table: findings in plain words, each with a step where one helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from core.contracts import Json
from core.profile import mend
from core.profile.facts import MEASURED, NAMED, ColumnProfile, Finding, Look, Pair
from core.profile.meaning import named_as_identifier

MOSTLY_MISSING = 0.5
SOME_MISSING = 0.05
MIXED = 0.8  # share of the values that must look like numbers or dates
RARE = 0.01  # share of far values above which they are the shape of the column
STRONG = 0.95
MANY = 1000  # categories
ENORMOUS = 1e150  # squares of larger numbers, and of the inverse, leave the range of a computer's numbers


def findings(
    columns: Sequence[ColumnProfile],
    duplicates: int,
    exact: bool,
    pairs: Sequence[Pair],
    closer: Sequence[Finding] = (),
) -> tuple[Finding, ...]:
    """All findings of a table, the gravest first; `closer` ones stand for others of their kind."""
    found = [*_rows(columns, duplicates, exact)]
    known = {(finding.kind.replace("mixed_types", "text_type"), finding.columns) for finding in closer}
    # numbers and dates in several ways of writing are no spellings
    known |= {("variants", columns) for kind, columns in known if kind in ("text_type", "clocks")}
    # what lies far outside because it stands for a missing value is no outlier
    explained: Counter[tuple[str, ...]] = Counter()
    for finding in closer:
        if finding.kind == "sentinel":
            explained[finding.columns] += finding.values["count"]
    for column in columns:
        found += [
            finding
            for finding in _column(column)
            if (finding.kind.replace("mixed_types", "text_type"), finding.columns) not in known
            and not (finding.kind == "outliers" and finding.values["count"] <= explained[finding.columns])
        ]
    found += closer
    found += _pairs(pairs)
    gravity = {"serious": 0, "warning": 1, "note": 2}
    return tuple(sorted(found, key=lambda finding: gravity[finding.severity]))


def _rows(columns: Sequence[ColumnProfile], duplicates: int, exact: bool) -> Iterator[Finding]:
    if duplicates:
        template = (
            "{count:,} row repeats an earlier row in every column. | {count:,} rows repeat an earlier "
            "row in every column."
        )
        if not exact:
            template = (
                "About {count:,} row repeats an earlier row in every column. | About {count:,} rows "
                "repeat an earlier row in every column."
            )
        # without a column that tells records apart, two customers may truly be alike
        kinds = columns[0].rows - duplicates
        sure = exact and any(column.distinct >= 0.98 * kinds and not column.missing for column in columns)
        yield Finding(
            kind="duplicates", severity="warning", template=template,
            values={"count": duplicates}, fix=mend.drop_duplicates(), sure=sure,
        )  # fmt: skip


def _column(column: ColumnProfile) -> Iterator[Finding]:
    name = column.name
    if column.present == 0:
        if column.rows:
            yield Finding(
                kind="all_missing", columns=(name,), severity="serious",
                template="{column!r} is empty in every row.", values={"column": name},
                fix=mend.drop_columns(name), sure=True,
            )  # fmt: skip
        return
    if column.meaning == "constant":
        if column.rows > 1:
            yield _constant(column)
        return
    yield from _missing(column)
    if column.look is not None:
        yield from _text(column, column.look)
    if column.meaning == "identifier":
        yield Finding(
            kind="identifier", columns=(name,),
            template="{column!r} looks like an identifier: it names rows and says nothing about them.",
            values={"column": name}, fix=mend.drop_columns(name),
        )  # fmt: skip
    if (
        column.meaning in ("category", "country", "free text")
        and column.type == "text"
        and column.distinct > MANY
    ):
        yield Finding(
            kind="many_categories", columns=(name,),
            template="{column!r} has {about}{count:,} different values: too many to compare one by one.",
            values={"column": name, "count": column.distinct,
                    "about": "" if column.distinct_exact else "about "},
        )  # fmt: skip
    yield from _numbers(column)
    yield from _invalid(column)
    yield from _personal(column)


def _invalid(column: ColumnProfile) -> Iterator[Finding]:
    """Values that cannot be what the column means, unless another finding speaks of the same ones."""
    as_text = column.type == "text" and column.meaning in ("number", "amount", "percent", "date")
    if not column.invalid or column.infinite or as_text:
        return
    yield Finding(
        kind="invalid", columns=(column.name,), severity="warning",
        template="{column!r} has {count:,} value that is not valid as {what}. | {column!r} has {count:,} "
            "values that are not valid as {what}.",
        values={"column": column.name, "count": column.invalid, "what": column.meaning},
        fix=mend.clear_invalid(column.name, column.meaning),
    )  # fmt: skip


def _personal(column: ColumnProfile) -> Iterator[Finding]:
    if column.personal is not None:
        yield Finding(
            kind="personal", columns=(column.name,), severity="warning",
            template="{column!r} looks like personal data: {what}.",
            values={"column": column.name, "what": column.personal},
            fix=mend.less_personal(column.name, column.type, column.personal),
        )  # fmt: skip


def _constant(column: ColumnProfile) -> Finding:
    value = column.top[0].value if column.top else str(column.minimum)
    template = "{column!r} has one value only, {value!r}, and can explain nothing."
    if column.missing:
        template = "{column!r} has one value only, {value!r}, where it has one at all."
    return Finding(
        kind="constant", columns=(column.name,), severity="warning", template=template,
        values={"column": column.name, "value": value},
        fix=None if column.missing else mend.drop_columns(column.name),
    )  # fmt: skip


def _missing(column: ColumnProfile) -> Iterator[Finding]:
    share = column.missing / column.rows
    values = {"column": column.name, "share": share, "count": column.missing}
    if share >= MOSTLY_MISSING:
        yield Finding(
            kind="mostly_missing", columns=(column.name,), severity="warning", values=values,
            template="{column!r} is missing in {share:.0%} of the rows ({count:,}).",
            fix=mend.drop_columns(column.name),
        )  # fmt: skip
    elif share >= SOME_MISSING:
        number = column.type in ("integer", "number")
        fillable = number or column.meaning in NAMED
        yield Finding(
            kind="missing", columns=(column.name,), values=values,
            template="{column!r} is missing in {share:.0%} of the rows ({count:,}).",
            fix=mend.fill_missing(column.name, "median" if number else "most frequent") if fillable else None,
        )  # fmt: skip


def _text(column: ColumnProfile, look: Look) -> Iterator[Finding]:
    name, present = column.name, look.rows - look.blank
    about = "about " if look.sampled else ""
    scale = column.present / look.rows if look.rows else 1.0

    def rows(count: int) -> int:
        return round(count * scale)

    if present <= 0:
        yield Finding(
            kind="blank", columns=(name,), severity="serious", values={"column": name},
            template="{column!r} holds nothing but words for a missing value.", fix=mend.drop_columns(name),
        )  # fmt: skip
        return
    yield from _mixed(column, look, present)
    if look.blank:
        yield Finding(
            kind="disguised_missing", columns=(name,), severity="warning",
            template="{column!r} has {about}{count:,} texts that mean a missing value, such as {examples}.",
            values={
                "column": name, "count": rows(look.blank), "about": about,
                "examples": ", ".join(f'"{word}"' for word in look.words[:3]),
            },
            fix=mend.words_to_missing(name, look.words), sure=not look.sampled,
        )  # fmt: skip
    if look.padded:
        yield Finding(
            kind="spaces", columns=(name,), severity="warning",
            template="{column!r} has {about}{count:,} value with spaces before or after the text. | "
                "{column!r} has {about}{count:,} values with spaces before or after the text.",
            values={"column": name, "count": rows(look.padded), "about": about},
            fix=mend.trim_text(name), sure=True,
        )  # fmt: skip
    if look.variants and column.meaning in NAMED:
        yield Finding(
            kind="variants", columns=(name,), severity="warning",
            template="{column!r} spells the same value in several ways: {about}{count:,} row differs from "
                "others by capitals or outer spaces alone. | {column!r} spells the same value in "
                "several ways: {about}{count:,} rows differ from others by capitals or outer spaces "
                "alone.",
            values={"column": name, "count": rows(look.variants), "about": about},
            fix=mend.same_case(column),
        )  # fmt: skip


def _mixed(column: ColumnProfile, look: Look, present: int) -> Iterator[Finding]:
    """A text column whose values are numbers or dates in disguise."""
    numbers, dates = max(look.numeric + look.formatted, look.comma + look.whole), look.iso + look.slashed
    count = max(numbers, dates)
    if column.meaning == "identifier" or count < MIXED * present:
        return
    if numbers >= dates:
        what, (fix, valid) = "numbers", mend.numbers_from_text(column.name, look, present)
    else:
        what, (fix, valid) = "dates", mend.dates_from_text(column.name, look)
    template = "Every value of {column!r} is text that reads as {what}."
    if valid == 0:
        template = "{column!r} holds dates as text, but which number is the day cannot be told."
    elif valid < present:
        template = (
            "{share:.1%} of the values of {column!r} are text that reads as {what}; the others are not."
        )
    whole = valid == present and not look.sampled
    yield Finding(
        kind="text_type" if valid == present else "mixed_types",
        columns=(column.name,),
        severity="warning",
        template=template,
        values={"column": column.name, "what": what, "share": valid / present},
        fix=fix if valid else None,
        # digits in a column called "code" or "zip" may be names, not amounts
        sure=whole and not look.coded and not named_as_identifier(column.name),
    )


def _extreme(column: ColumnProfile) -> Iterator[Finding]:
    """Numbers at the ends of what a computer can hold."""
    low, high = column.minimum, column.maximum
    if column.type != "number" or not isinstance(low, float) or not isinstance(high, float):
        return
    largest = max(abs(low), abs(high))
    ends: dict[str, Json] = {"column": column.name, "low": low, "high": high}
    if largest > ENORMOUS:
        far = column.histogram is not None and column.histogram.below + column.histogram.above
        yield Finding(
            kind="enormous", columns=(column.name,), severity="warning", values=ends,
            template="{column!r} reaches from {low:.3g} to {high:.3g}: numbers so large that charts leave "
            "them out and models refuse them. Are they in the right unit?",
            fix=mend.clip_outliers(column.name) if far else None,
        )  # fmt: skip
    elif 0 < largest < 1 / ENORMOUS:
        yield Finding(
            kind="minute", columns=(column.name,), severity="warning", values=ends,
            template="{column!r} lies between {low:.3g} and {high:.3g}: so close to zero that models and "
            "charts cannot calculate with it. Multiply it, or use a smaller unit.",
        )  # fmt: skip
    if column.present - column.infinite > 1 and column.sd is None:
        yield Finding(
            kind="beyond_range", columns=(column.name,), values=ends,
            template="{column!r} has no standard deviation here: it is larger than the largest number a "
            "computer can hold.",
        )  # fmt: skip


def _numbers(column: ColumnProfile) -> Iterator[Finding]:
    name = column.name
    yield from _extreme(column)
    if column.infinite:
        yield Finding(
            kind="infinite", columns=(name,), severity="serious",
            template="{column!r} has {count:,} infinite value: no mean and no model can use it. | "
                "{column!r} has {count:,} infinite values: no mean and no model can use them.",
            values={"column": name, "count": column.infinite},
            fix=mend.clip_outliers(name) if column.type == "number" else None,
        )  # fmt: skip
    histogram = column.histogram
    if histogram is None or column.quartiles is None or column.meaning not in MEASURED:
        return
    far = histogram.below + histogram.above
    if far and column.quartiles[2] > column.quartiles[0]:
        rare = far <= max(1, RARE * column.present)
        yield Finding(
            kind="outliers", columns=(name,), severity="warning" if rare else "note",
            template="{column!r} has {count:,} value far outside the others: the middle half lies between "
                "{q1:,.6g} and {q3:,.6g}, the ends are {low:,.6g} and {high:,.6g}. | {column!r} has "
                "{count:,} values far outside the others: the middle half lies between {q1:,.6g} and "
                "{q3:,.6g}, the ends are {low:,.6g} and {high:,.6g}.",
            values={"column": name, "count": far, "q1": column.quartiles[0], "q3": column.quartiles[2],
                    "low": column.minimum, "high": column.maximum},
            fix=mend.clip_outliers(name),
        )  # fmt: skip


def _pairs(pairs: Sequence[Pair]) -> Iterator[Finding]:
    for pair in pairs[:20]:
        if abs(pair.correlation) >= STRONG and pair.rows >= 10:
            yield Finding(
                kind="correlated", columns=(pair.first, pair.second),
                template="{first!r} and {second!r} say nearly the same: their correlation is {r:.3f}.",
                values={"first": pair.first, "second": pair.second, "r": pair.correlation},
                fix=mend.drop_columns(pair.second),
            )  # fmt: skip
