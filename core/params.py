"""The kinds of parameter: annotated pydantic fields that every form, check and document reads.

A member of a family (step, chart, source, model) states each parameter once, as a typed field.
`fields(cls)` turns that declaration into `Field` rows; the form, the command line, the docs and
the error messages are all written from those rows. There are eight kinds:

    number   int or float, with a range            Annotated[float, Number(0, 1, log=True)]
    choice   one of a few named values             Literal["mean", "median"]
    switch   yes or no                             bool
    text     a short text                          str  (Annotated[str, Text(lines=4)] for longer)
    column   the name of one column                Annotated[str, ColumnName("number")]
    columns  the names of several columns          Annotated[tuple[str, ...], ColumnNames("number")]
    rows     a list of small records               tuple[SomeRow, ...] with SomeRow a Frozen model
    table    another table, by its version's id    Annotated[str, TableName()]

A column may be one of the other table's: ColumnName(of="table") names the parameter that chooses it.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from core.errors import BadParameter

M = TypeVar("M", bound=BaseModel)
Kind = Literal["number", "choice", "switch", "text", "column", "columns", "rows", "table"]


class Frozen(BaseModel):
    """A value: never changed after it was made, and refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Number:
    """How a number is offered: the slider's ends and step, whether its scale is logarithmic, what 0 means."""

    low: float | None = None
    high: float | None = None
    step: float | None = None
    log: bool = False
    unit: str = ""
    zero: str = ""  # what 0 stands for, in a word or two, where it is no amount: "all rows"


@dataclass(frozen=True)
class Text:
    """How a text is offered: lines in its box and an example shown while it is empty."""

    lines: int = 1
    example: str = ""


@dataclass(frozen=True, init=False)
class ColumnName:
    """The name of one column, of one of these types (any when none is given).

    `of` is the parameter of kind "table" whose columns are meant; without it they are the table's own.
    """

    types: tuple[str, ...]
    of: str

    def __init__(self, *types: str, of: str = "") -> None:
        object.__setattr__(self, "types", types)
        object.__setattr__(self, "of", of)


@dataclass(frozen=True, init=False)
class ColumnNames(ColumnName):
    """The names of several columns, each of one of these types (any when none is given)."""


@dataclass(frozen=True)
class TableName:
    """Another table of the same owner: the id of one version of a dataset, which never changes."""


@dataclass(frozen=True)
class Field:
    """One parameter as people meet it."""

    name: str
    kind: Kind
    title: str
    help: str
    default: Any  # None when required
    required: bool
    optional: bool  # may be None
    integer: bool = False
    low: float | None = None
    high: float | None = None
    step: float | None = None
    log: bool = False
    unit: str = ""
    zero: str = ""
    choices: tuple[Any, ...] = ()
    types: tuple[str, ...] = ()  # column types allowed
    of: str = ""  # the parameter that chooses the table whose columns are meant
    lines: int = 1
    example: str = ""
    row: type[Frozen] | None = None  # the record of a "rows" field


def fields(cls: type[BaseModel]) -> tuple[Field, ...]:
    """The parameters of a member, in the order they were declared.

    Raises TypeError when a field has no title or help, or is of no known kind: a declaration
    that cannot be shown is a programming error.
    """
    return tuple(_field(name, info) for name, info in cls.model_fields.items())


def _field(name: str, info: FieldInfo) -> Field:
    annotation, metadata = _unwrap(info.annotation, list(info.metadata))
    optional = False
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [arg for arg in get_args(annotation) if arg is not type(None)]
        optional = len(inner) < len(get_args(annotation))
        if len(inner) != 1:
            raise TypeError(f"{name}: a parameter has one type, not {annotation}")
        annotation, metadata = _unwrap(inner[0], metadata)
    required = info.is_required()
    default = None if required else info.get_default(call_default_factory=True)
    if not info.title or not info.description:
        raise TypeError(f"{name}: every parameter needs a title and a description")
    shape = _shape(name, annotation, metadata)
    return Field(
        name=name,
        title=info.title,
        help=info.description,
        default=None if default is PydanticUndefined else default,
        required=required,
        optional=optional,
        **shape,
    )


def _unwrap(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any]]:
    while get_origin(annotation) is Annotated:
        annotation, *extra = get_args(annotation)
        metadata = metadata + extra
    return annotation, metadata


def _shape(name: str, annotation: Any, metadata: list[Any]) -> dict[str, Any]:
    found = {type(item): item for item in metadata}
    if get_origin(annotation) is Literal:
        return {"kind": "choice", "choices": get_args(annotation)}
    if annotation is bool:
        return {"kind": "switch"}
    if annotation in (int, float):
        offer = found.get(Number, Number())
        low, high = _bounds(metadata)
        return {
            "kind": "number",
            "integer": annotation is int,
            "low": offer.low if offer.low is not None else low,
            "high": offer.high if offer.high is not None else high,
            "step": offer.step,
            "log": offer.log,
            "unit": offer.unit,
            "zero": offer.zero,
        }
    if annotation is str:
        if TableName in found:
            return {"kind": "table"}
        if ColumnName in found:
            return {"kind": "column", "types": found[ColumnName].types, "of": found[ColumnName].of}
        offer = found.get(Text, Text())
        return {"kind": "text", "lines": offer.lines, "example": offer.example}
    if get_origin(annotation) is tuple:
        item, _ = _unwrap(get_args(annotation)[0], [])
        if isinstance(item, type) and issubclass(item, Frozen):
            return {"kind": "rows", "row": item}
        if ColumnNames in found:
            return {"kind": "columns", "types": found[ColumnNames].types, "of": found[ColumnNames].of}
    raise TypeError(f"{name}: {annotation} is no kind of parameter that a form can show")


def _bounds(metadata: list[Any]) -> tuple[float | None, float | None]:
    low = next((float(m.ge) for m in metadata if isinstance(m, Ge)), None)  # type: ignore[arg-type]
    if low is None:
        low = next((float(m.gt) for m in metadata if isinstance(m, Gt)), None)  # type: ignore[arg-type]
    high = next((float(m.le) for m in metadata if isinstance(m, Le)), None)  # type: ignore[arg-type]
    if high is None:
        high = next((float(m.lt) for m in metadata if isinstance(m, Lt)), None)  # type: ignore[arg-type]
    return low, high


def validated(cls: type[M], values: Mapping[str, Any]) -> M:
    """Build `cls` from `values`, or raise BadParameter naming parameter, rule and value received.

    >>> validated(Clip, {"share": 3})
    BadParameter: The 'share' parameter of Clip must be less than or equal to 0.5. Got 3 instead.
    """
    try:
        return cls.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "(all)"
        owner = cls.__name__
        if first["type"] == "extra_forbidden":
            raise BadParameter(
                "{owner} has no parameter {place!r}.",
                hint="Its parameters are: {known}.",
                owner=owner,
                place=place,
                known=", ".join(cls.model_fields) or "none",
            ) from None
        if first["type"] == "missing":
            raise BadParameter(
                "The {place!r} parameter of {owner} is required.", place=place, owner=owner
            ) from None
        rule = first["msg"].removeprefix("Value error, ")
        rule = rule.replace("Input should be", "must be", 1)
        got = repr(first["input"])
        raise BadParameter(
            "The {place!r} parameter of {owner} {rule}. Got {got} instead.",
            place=place,
            owner=owner,
            rule=rule,
            got=got if len(got) <= 200 else got[:199] + "\u2026",
        ) from None
