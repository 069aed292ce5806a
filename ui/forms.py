"""Parameter declaration -> widget: one renderer for steps, charts, sources and models.

    values = form(FillMissing, columns, {"columns": ["age"]}, key="clean.step")
    step = member(FillMissing, columns, {}, key="clean.step")     # validated, or None and a message

The widgets' keys are `<key>.<member kind>.<parameter>`; a record of a "rows" parameter has
`<key>.<member kind>.<parameter>.<record number>.<parameter of the record>`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st

from core.contracts import Member, Schema
from core.errors import SightlineError
from core.params import Field, Frozen, fields
from ui import state
from ui.others import picker, schema
from ui.text import message, plain, t

Json = Any
NO_OTHERS: Mapping[str, Schema] = {}
ON_A_LINE = 2  # parts of a record that stand beside each other even in a narrow column


def form(
    cls: type[Member],
    columns: Schema,
    values: Mapping[str, Json] | None = None,
    *,
    key: str,
    skip: Collection[str] = (),
    only: Collection[str] | None = None,
    across: int = 1,
) -> dict[str, Json]:
    """The parameters of a member as widgets; returns what they say now, as JSON.

    `values` fill the widgets when they first appear. Parameters in `skip` (or not in `only`) are
    not shown and keep their value. `across` widgets stand side by side.
    """
    given = dict(values or {})
    answers: dict[str, Json] = {}
    others: dict[str, Schema] = {}  # the columns of the other tables chosen above
    places = _places(across)
    for field in cls.parameters():
        start = given.get(field.name, _json(field.default))
        if field.name in skip or (only is not None and field.name not in only):
            if field.name in given or not field.required:
                answers[field.name] = start
        else:
            at = f"{key}.{cls.kind()}.{field.name}"
            with nullcontext() if field.kind == "rows" else next(places):
                answers[field.name] = widget(field, columns, start, key=at, others=others)
        if field.kind == "table":
            others[field.name] = schema(answers.get(field.name))
    return {name: value for name, value in answers.items() if not _unanswered(cls, name, value)}


def _places(across: int) -> Iterator[AbstractContextManager[Any]]:
    while True:
        yield from [nullcontext()] if across == 1 else st.columns(across, vertical_alignment="bottom")


def member(
    cls: type[Member],
    columns: Schema,
    values: Mapping[str, Json] | None = None,
    *,
    key: str,
    skip: Collection[str] = (),
    only: Collection[str] | None = None,
    across: int = 1,
) -> Any:
    """A form and the member it describes; None, with the reason under the form, while it is wrong."""
    return built(cls, columns, form(cls, columns, values, key=key, skip=skip, only=only, across=across))


def built(cls: type[Member], columns: Schema, answers: Mapping[str, Json]) -> Any:
    """The member that the answers of a form describe; None, with the reason, while it is wrong."""
    missing = {f.name: f.title for f in cls.parameters() if f.required and f.name not in answers}
    try:
        if not missing:
            made = cls.build(cls.kind(), answers)
            made.check(columns)
            return made
    except SightlineError as error:
        # what nobody has filled in yet is no mistake
        place, _, part = str(error.values.get("place", "")).partition(".")
        begun = part and "is required" in error.template  # its line says what it still needs
        if answers.get(place) not in ([], "") and not begun:
            st.error(message(error))
            return None
        missing = {f.name: f.title for f in cls.parameters() if f.name == place}
    titles = plain(", ").join(plain(title) for title in missing.values())
    st.caption(t("Still to fill in: {missing}.", missing=titles))
    return None


def widget(
    field: Field,
    columns: Schema,
    start: Json,
    *,
    key: str,
    label: bool = True,
    others: Mapping[str, Schema] = NO_OTHERS,
) -> Json:
    """One parameter's widget, showing `start` when it first appears; returns its value as JSON.

    `others` are the columns of other tables, by the parameter that chooses the table.
    """
    shown: Any = "visible" if label else "collapsed"
    if field.kind == "rows":
        return _rows(field, columns, start, key, shown, others)
    offered = others.get(field.of, ()) if field.of else columns
    return _WIDGETS[field.kind](field, offered, start, key, shown)


def _unanswered(cls: type[Member], name: str, value: Json) -> bool:
    field = next(f for f in cls.parameters() if f.name == name)
    return value is None and not field.optional


def _json(value: Any) -> Json:
    if isinstance(value, Frozen):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_json(item) for item in value]
    return value


def _title(field: Field) -> str:
    title = t(field.title)
    return f"{title} ({t(field.unit)})" if field.unit else title


def _room(text: str) -> float:
    """How wide a text is, in Latin letters."""
    return sum(2.5 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def choice_said(choice: Any) -> str:
    """A choice in words: "most_frequent" -> "most frequent", translated."""
    if choice is None:
        return plain("automatic")
    return plain(str(choice).replace("_", " ")) if isinstance(choice, str) else plain(str(choice))


def number_said(field: Field, value: float) -> str:
    """A parameter's number as people read it: 8,192; 0.001; and what 0 stands for."""
    if value == 0 and field.zero:
        return plain(field.zero)
    return f"{value:,}" if field.integer else f"{value:,.6g}"


def value_said(field: Field, value: Json) -> str:
    """A parameter's value in words, as plain text in the reader's language."""
    if isinstance(value, bool):
        return plain("yes") if value else plain("no")
    if field.kind == "number" and isinstance(value, int | float):
        return number_said(field, value)
    return choice_said(value)


def _number(field: Field, columns: Schema, start: Json, key: str, label: Any) -> Json:
    if field.log and not field.optional and field.high is not None:
        return _log_slider(field, start, key, label)
    kind: Callable[[Any], Any] = int if field.integer else float
    low, high = (None if v is None else kind(v) for v in (field.low, field.high))
    value = None if start is None else kind(start)
    if (
        low is not None
        and high is not None
        and not field.optional
        and high - low <= (200 if field.integer else 100)
    ):
        step = kind(field.step) if field.step else (1 if field.integer else (high - low) / 100)
        value = low if value is None else value  # one that was set elsewhere may lie beyond the usual ends
        return st.slider(
            _title(field), min(low, value), max(high, value), value, step,
            key=key, help=t(field.help), label_visibility=label, format=None if field.integer else "%.4g",
        )  # fmt: skip
    return st.number_input(
        _title(field), low, high, value, kind(field.step) if field.step else (1 if field.integer else 0.1),
        key=key, help=t(field.help), label_visibility=label, format=None if field.integer else "%.6g",
        placeholder=plain("automatic") if field.optional else None,
    )  # fmt: skip


def _log_slider(field: Field, start: Json, key: str, label: Any) -> Json:
    """Steps of 1, 2, 5 over the decades; a value in between becomes a step of its own."""
    kind: Callable[[Any], Any] = int if field.integer else float
    steps = {
        kind(value) for value in decades(field.low or 0.0, float(field.high or 1.0), integer=field.integer)
    }
    current = state.get(key, start)
    steps |= {kind(value) for value in (start, current) if value is not None}
    ordered = sorted(steps)
    return st.select_slider(
        _title(field), ordered, kind(start) if start is not None else ordered[0],
        format_func=lambda value: number_said(field, value),
        key=key, help=t(field.help), label_visibility=label,
    )  # fmt: skip


def decades(low: float, high: float, *, integer: bool = False) -> list[float]:
    """The stops of a logarithmic scale: 1, 2 and 5 in each decade, the ends, and 0 where allowed."""
    smallest = low if low > 0 else (1.0 if integer else high * 1e-8)
    stops = [0.0] if low <= 0 else []
    for power in range(math.floor(math.log10(smallest)), math.ceil(math.log10(high)) + 1):
        stops += [float(f"{digit}e{power}") for digit in (1, 2, 5)]
    inside = [stop for stop in stops if stop == 0 or smallest <= stop <= high]
    return sorted({*inside, float(smallest), float(high)})


def _choice(field: Field, columns: Schema, start: Json, key: str, label: Any) -> Json:
    options: list[Any] = ([None] if field.optional else []) + list(field.choices)
    index = options.index(start) if start in options else None
    if (
        1 < len(options) <= 4
        and sum(_room(choice_said(option)) for option in options) <= 20
        and index is not None
    ):
        return st.segmented_control(
            _title(field), options, default=start, required=True, format_func=lambda c: t(choice_said(c)),
            key=key, help=t(field.help), label_visibility=label,
        )  # fmt: skip
    return st.selectbox(
        _title(field), options, index=index, format_func=choice_said,
        key=key, help=t(field.help), label_visibility=label, placeholder=plain("Choose"),
    )  # fmt: skip


def _switch(field: Field, columns: Schema, start: Json, key: str, label: Any) -> Json:
    if field.optional:
        return _choice(_with_choices(field, (True, False)), columns, start, key, label)
    return st.toggle(_title(field), bool(start), key=key, help=t(field.help), label_visibility=label)


def _with_choices(field: Field, choices: tuple[Any, ...]) -> Field:
    from dataclasses import replace

    return replace(field, choices=choices)


def _text(field: Field, columns: Schema, start: Json, key: str, label: Any) -> Json:
    shown = "" if start is None else str(start)
    example = plain(field.example) if field.example else None
    if field.lines > 1:
        typed = st.text_area(
            _title(field), shown, height=28 * field.lines + 24,
            key=key, help=t(field.help), label_visibility=label, placeholder=example,
        )  # fmt: skip
    else:
        typed = st.text_input(
            _title(field), shown, key=key, help=t(field.help), label_visibility=label, placeholder=example
        )
    return None if field.optional and typed == "" else typed


def allowed(field: Field, columns: Schema) -> list[str]:
    """The columns a picker offers: those of the types the parameter takes."""
    return [column.name for column in columns if not field.types or column.type in field.types]


def _column(field: Field, columns: Schema, start: Json, key: str, label: Any) -> Json:
    names = allowed(field, columns)
    options: list[Any] = ([None] if field.optional else []) + names
    kinds = {column.name: column.type for column in columns}
    return st.selectbox(
        _title(field), options, index=options.index(start) if start in options else None,
        format_func=lambda name: plain("none") if name is None else f"{name}  ({plain(kinds.get(name, ''))})",
        key=key, help=t(field.help), label_visibility=label,
        placeholder=plain("Choose a column") if names else plain("No column of a fitting type"),
    )  # fmt: skip


def _columns(field: Field, columns: Schema, start: Json, key: str, label: Any) -> Json:
    names = allowed(field, columns)
    return st.multiselect(
        _title(field), names, [name for name in start or [] if name in names],
        key=key, help=t(field.help), label_visibility=label,
        placeholder=plain("Choose columns") if names else plain("No column of a fitting type"),
    )  # fmt: skip


def _rows(
    field: Field, columns: Schema, start: Json, key: str, label: Any, others: Mapping[str, Schema]
) -> Json:
    """A list of small records, each a line of widgets; lines are added and removed."""
    assert field.row is not None
    parts = fields(field.row)
    least = 1 if field.required else 0
    first = [_json(item) for item in start or []] or [{}] * least
    lines: list[int] = state.get(f"{key}.lines", list(range(len(first))))
    st.caption(_title(field), help=t(field.help))
    found: list[dict[str, Json]] = []
    for position, line in enumerate(lines):
        given = first[line] if line < len(first) else {}
        at = f"{key}.{line}"
        with st.container(border=len(parts) > ON_A_LINE, key=at):
            cells, last = _cells(parts)
            record = {
                part.name: _in(
                    cell,
                    part,
                    columns,
                    given,
                    f"{at}.{part.name}",
                    label=position == 0 or last is None,
                    others=others,
                )
                for cell, part in zip(cells, parts, strict=True)
            }
            found.append({name: value for name, value in record.items() if value is not None})
            if lacking := _lacking(parts, found[-1]):
                st.caption(t("Still to fill in: {missing}.", missing=lacking))
            with last or st.container():
                gone = st.button(
                    "✕", key=f"{at}.remove", help=t("Remove this line"), disabled=len(lines) == least
                )
        if gone:
            state.put(f"{key}.lines", [other for other in lines if other != line])
            st.rerun()
    if st.button(t("Add a line"), key=f"{key}.add", type="tertiary"):
        state.put(f"{key}.lines", [*lines, max([len(first) - 1, *lines]) + 1])
        st.rerun()
    return [record for record in found if not _untouched(parts, record)]


def _cells(parts: tuple[Field, ...]) -> tuple[list[Any], Any]:
    """A place for each part of a record and one for its button: on one line, or two parts a line."""
    if len(parts) <= ON_A_LINE:
        beside = [part for part in parts if part.kind != "switch"] or list(parts)
        *cells, last = st.columns([*(4 for _ in beside), 1.3], vertical_alignment="bottom")
        if len(beside) == len(parts):
            return cells, last
        row = iter(cells)  # a switch stands below: in a narrow column its name would be cut
        return [st.container() if part.kind == "switch" else next(row) for part in parts], last
    return [cell for _ in parts[::2] for cell in st.columns(2)][: len(parts)], None


def _lacking(parts: tuple[Field, ...], record: Mapping[str, Json]) -> str:
    """What a line that was begun still must have, by its titles."""
    titles = [plain(part.title) for part in parts if part.required and part.name not in record]
    return "" if _untouched(parts, record) else plain(", ").join(titles)


def _untouched(parts: tuple[Field, ...], record: Mapping[str, Json]) -> bool:
    """A line nobody filled in: what it must have is missing and the rest is as it came."""
    return any(part.required and part.name not in record for part in parts) and all(
        record.get(part.name) in (None, _json(part.default)) for part in parts if not part.required
    )


def _in(
    cell: Any,
    part: Field,
    columns: Schema,
    given: Mapping[str, Json],
    key: str,
    *,
    label: bool,
    others: Mapping[str, Schema],
) -> Json:
    start = given.get(part.name, _json(part.default))
    with cell:
        return widget(part, columns, start, key=key, label=label, others=others)


_WIDGETS: dict[str, Callable[[Field, Schema, Json, str, Any], Json]] = {
    "number": _number,
    "choice": _choice,
    "switch": _switch,
    "text": _text,
    "column": _column,
    "columns": _columns,
    "table": picker,
}
