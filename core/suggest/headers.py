"""What could be done with a whole column, by its type, its meaning and what its values look like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from core import sql
from core.contracts import ColumnType, Engine, Json, Step, Table
from core.errors import SightlineError
from core.notation.measures import MEASURES, Unit, unit_of
from core.profile import ColumnProfile, Finding, profile
from core.similar import clusters, counted
from core.steps.words import quoted
from core.suggest.tried import Candidate, Suggestion, tried
from core.wording import Note, note

SAMPLE = 500  # different values that are looked at
MOSTLY = 0.5  # share of them that must look alike
MOST = 12  # suggestions
MOST_VALUES = 20_000  # different values of a column among which similar ones are looked for
MERGES = 1_000  # values that a suggestion merges
FEW_VALUES = 500  # different ones, among which misspelt ones are looked for
LIKE = 0.8  # of the letters of a misspelt value are right
TIMES = 3  # so many times as often stands what it is like
SHORTEST = 4  # letters
DELIMITERS = ("; ", ", ", " - ", " | ", ";", "|", ",", "\t", "/", "_", "@", ":", "-", " ")
_CODE = r"^[\s\p{Z}]*[-+−]?[\d.,]*\d[\d.,]*[\s\p{Z}]*([^\d\s.,;:()\[\]-][^\d,;:()\[\]]{0,20}?)\.?[\s\p{Z}]*$"


def for_column(table: Table, engine: Engine, column: str) -> list[Suggestion]:
    """Steps for this column, the likeliest first; at most twelve."""
    chosen = next(c for c in table.columns if c.name == column)
    alone = Table(sql.over(table.query, {column: sql.name(column)}, row=True), (chosen,))
    found = profile(alone, engine)
    about = found.columns[0]
    candidates = [Candidate(step) for step in _mends(found.findings)]
    if chosen.type == "text":
        candidates += _text(alone, engine, about)
    candidates += _typed(about, chosen.type)
    candidates += _any(about)
    return tried(table, engine, column, candidates)[:MOST]


def build(kind: str, **values: Json) -> list[Candidate]:
    """The step as a candidate; none where the values do not make a step."""
    try:
        return [Candidate(Step.build(kind, values))]
    except SightlineError:
        return []


def _mends(findings: Sequence[Finding]) -> list[Step]:
    """What the profile would do about the column itself, the surest first."""
    fixes = sorted(
        ((not finding.sure, finding.fix) for finding in findings if finding.fix and finding.columns),
        key=lambda fix: fix[0],
    )
    steps = []
    for _, fix in fixes:
        try:
            steps.append(Step.from_json(fix))
        except SightlineError:
            continue
    return steps


def _text(alone: Table, engine: Engine, about: ColumnProfile) -> list[Candidate]:
    column, values = about.name, _sample(alone, engine)
    if not values:
        return []
    found: list[Candidate] = []
    look = about.look
    if look is not None and look.padded:
        found += build("trim_text", columns=[column], collapse=False)
    found += _units(column, values)
    found += _dates(alone, engine, column, values)
    found += _times(alone, engine, column)
    if about.meaning == "e-mail":
        found += build("extract_between", column=column, after="@", name=f"{column} domain")
        found += build("change_case", columns=[column], case="lower")
    if about.meaning == "web address":
        host = r"^(?i:https?://)?(?:www\.)?([^/\s:?#]+)"
        found += build(
            "extract_pattern", column=column, what="own pattern", pattern=host, name=f"{column} host"
        )
    found += _splits(column, values)
    if about.meaning in ("category", "country", "identifier", "free text"):
        if _share(values, lambda v: any(c.isdigit() for c in v) and any(c.isalpha() for c in v)) > MOSTLY:
            found += build("extract_pattern", column=column, what="number", name=f"{column} number")
        found += _merges(alone, engine, column)
        if look is not None and look.variants:
            found += build("change_case", columns=[column], case="lower")
    return found


def _sample(alone: Table, engine: Engine) -> list[str]:
    """Values of the text column, the most frequent ones, none missing or blank."""
    column = sql.name(alone.columns[0].name)
    query = (
        sql.select_values({"value": sql.template("left(:x, 200)", x=column)})
        .from_(alone.query.subquery("t"))
        .where(sql.template("trim(:x) <> ''", x=column))
        .group_by(sql.name("value"))
        .order_by(sql.template("count(*)").desc(), sql.name("value"))
        .limit(SAMPLE)
    )
    found: list[str] = engine.rows(query).column(0).to_pylist()
    return found


def _share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, values)) / len(values)


def _units(column: str, values: Sequence[str]) -> list[Candidate]:
    """All amounts in the unit that most of them have."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = [
        word for word in pc.replace_substring_regex(pa.array(values), _CODE, "\\1 =").to_pylist()
        if word.endswith(" =")
    ]  # fmt: skip
    units: Counter[Unit] = Counter()
    for word in words:
        for unit in unit_of(word[:-2])[:1]:
            units[unit] += 1
    if sum(units.values()) < MOSTLY * len(values):
        return []
    quantities: Counter[str] = Counter()
    for unit, count in units.items():
        quantities[MEASURES[unit].quantity] += count
    quantity = quantities.most_common(1)[0][0]
    to = next(unit for unit, _ in units.most_common() if MEASURES[unit].quantity == quantity)
    return build("convert_units", column=column, to=to)


def _dates(alone: Table, engine: Engine, column: str, values: Sequence[str]) -> list[Candidate]:
    """Dates in more than one way of writing, with what is ambiguous about them."""
    if _share(values, lambda v: any(c.isdigit() for c in v) and len(v) >= 6) < MOSTLY:
        return []
    found = []
    for candidate in build("mixed_dates", column=column):
        seen = candidate.step.learn(alone, engine)
        if seen["dates"] and seen["dates"] >= seen["unread"]:
            found.append(Candidate(candidate.step, remark=_told(seen)))
    return found


def _told(seen: dict[str, Json]) -> Note | None:
    count = seen["ambiguous"]
    if not count:
        return None
    if seen["order"] is None:
        return note(
            "{count:,} date can be read in two ways and is left: choose its order. | "
            "{count:,} dates can be read in two ways and are left: choose their order.", count=count,
        )  # fmt: skip
    if seen["order"] == "day first":
        return note(
            "{count:,} date can be read in two ways; as the others, the day is read first. | "
            "{count:,} dates can be read in two ways; as the others, the day is read first.", count=count,
        )  # fmt: skip
    return note(
        "{count:,} date can be read in two ways; as the others, the month is read first. | "
        "{count:,} dates can be read in two ways; as the others, the month is read first.", count=count,
    )  # fmt: skip


def _times(alone: Table, engine: Engine, column: str) -> list[Candidate]:
    """Times of day in more than one way of writing."""
    found = []
    for candidate in build("read_times", column=column):
        read = candidate.step.sql("base", alone.columns, {})
        counts = sql.select_values(
            {"n": sql.template("count(*)"), "times": sql.template("count(:x)", x=sql.name(column))}
        ).from_("read")
        query = counts.with_("base", as_=alone.query.copy()).with_("read", as_=read)
        row = engine.rows(query).to_pylist()[0]
        if row["times"] and row["times"] >= MOSTLY * row["n"]:
            found.append(candidate)
    return found


def _merges(alone: Table, engine: Engine, column: str) -> list[Candidate]:
    """Values that differ in case, accents, punctuation and order of words alone, made one."""
    values = counted(alone, column, engine)
    if len(values) > MOST_VALUES:
        return []
    merges = [
        {"value": value, "becomes": group.proposed}
        for group in clusters(values, "fingerprint")
        for value in group.values[1:]
    ]
    found = build("merge_similar", column=column, merges=merges[:MERGES]) if merges else []
    merged = {merge["value"] for merge in merges}
    return found + _misspelt(column, [value for value in values if value[0] not in merged])


def _misspelt(column: str, values: Sequence[tuple[str, int]]) -> list[Candidate]:
    """Values that are a few letters from a much more frequent one, to be confirmed one by one."""
    if len(values) > FEW_VALUES:
        return []
    merges = [
        {"value": value, "becomes": group.proposed}
        for group in clusters(values, "Levenshtein", LIKE)
        for value, rows in zip(group.values[1:], group.rows[1:], strict=True)
        if TIMES * rows <= group.rows[0] and len(value) >= SHORTEST
    ]
    if not merges:
        return []
    remark = note(
        "{count:,} value is like a more frequent one: {value} like {other}. | "
        "{count:,} values are like more frequent ones: {value} like {other}.",
        count=len(merges), value=quoted(merges[0]["value"]), other=quoted(merges[0]["becomes"]),
    )  # fmt: skip
    step = build("merge_similar", column=column, method="Levenshtein", similarity=LIKE, merges=merges)
    return [Candidate(one.step, open=True, remark=remark) for one in step]


def _splits(column: str, values: Sequence[str]) -> list[Candidate]:
    """A split at the delimiter that cuts most values into the same number of parts."""
    best: tuple[float, int, str] | None = None
    for delimiter in DELIMITERS[:-1]:
        counts = Counter(len([p for p in value.split(delimiter) if p.strip()]) for value in values)
        parts, rows = max(((p, n) for p, n in counts.items() if p > 1), key=lambda pn: pn[1], default=(0, 0))
        share = rows / len(values)
        if share >= MOSTLY and parts <= 20 and (best is None or share > best[0]):
            best = (share, parts, delimiter)
    return [] if best is None else build("split_column", column=column, at=best[2], parts=best[1])


def fill_steps(column: str, kind: ColumnType) -> list[Candidate]:
    """Ways to fill the missing values of a column of this type."""
    methods = {"number": ("median", "mean"), "integer": ("median", "most frequent")}.get(
        kind, ("most frequent",)
    )
    return [step for method in methods for step in build("fill_missing", columns=[column], method=method)]


def _typed(about: ColumnProfile, kind: ColumnType) -> list[Candidate]:
    column = about.name
    found: list[Candidate] = []
    if about.missing:
        found += fill_steps(column, kind)
        found += build("drop_missing", columns=[column])
    if kind in ("integer", "number"):
        if about.meaning not in ("identifier", "phone", "postcode", "year"):
            found += build("clip_outliers", columns=[column], method="iqr", reach=3.0)
            found += build("normalise_numbers", columns=[column])
        found += build("change_type", columns=[column], to="text")
    elif kind in ("date", "datetime"):
        found += build("date_parts", column=column)
    elif kind == "text":
        if about.meaning in ("number", "amount", "percent"):
            found += build("change_type", columns=[column], to="number")
        found += build("change_type", columns=[column], to="boolean") if about.meaning == "boolean" else []
    if about.unique or about.meaning == "identifier":
        found += build("drop_duplicates", columns=[column])
    return found


def _any(about: ColumnProfile) -> list[Candidate]:
    new = [{"column": about.name, "name": about.name}]
    return [
        *_less_personal(about),
        *(Candidate(c.step, open=True) for c in build("rename_columns", names=new)),
        *build("drop_columns", columns=[about.name]),
    ]


def _less_personal(about: ColumnProfile) -> list[Candidate]:
    """What makes a column that seems to hold personal data tell less."""
    if about.personal is None:
        return []
    found: list[Candidate] = []
    if about.type in ("text", "integer"):
        found += build("hash_with_key", columns=[about.name])
    if about.type == "text":
        found += build("mask_text", columns=[about.name])
    if about.type in ("date", "datetime"):
        found += build("generalise", columns=[about.name], to="year")
    return found
