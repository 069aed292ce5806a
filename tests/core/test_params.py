from typing import Annotated, Literal

import pytest
from pydantic import Field as P

from core.errors import BadParameter
from core.params import ColumnName, ColumnNames, Frozen, Number, TableName, Text, fields, validated


class Pair(Frozen):
    old: Annotated[str, ColumnName()] = P(title="Column", description="The column to rename.")
    new: str = P(title="New name", description="What to call it.")


class Everything(Frozen):
    share: float = P(0.1, ge=0, le=0.5, title="Share", description="How much.")
    rate: Annotated[float, Number(1e-5, 1, log=True)] = P(0.01, gt=0, title="Rate", description="How fast.")
    count: int = P(3, ge=1, title="Count", description="How many.")
    how: Literal["mean", "median"] = P("mean", title="How", description="By what.")
    keep: bool = P(False, title="Keep", description="Whether to keep.")
    note: Annotated[str, Text(lines=4)] = P("", title="Note", description="Anything.")
    by: Annotated[str, ColumnName("number", "integer")] | None = P(None, title="By", description="Column.")
    over: Annotated[tuple[str, ...], ColumnNames()] = P((), title="Over", description="Columns.")
    pairs: tuple[Pair, ...] = P((), title="Pairs", description="Old and new names.")
    table: Annotated[str, TableName()] = P("", title="Table", description="Another one.")
    theirs: Annotated[str | None, ColumnName(of="table")] = P(None, title="Theirs", description="Of it.")


def test_the_eight_kinds_are_read_from_the_declaration() -> None:
    kinds = {field.name: field.kind for field in fields(Everything)}
    assert kinds == {
        "share": "number",
        "rate": "number",
        "count": "number",
        "how": "choice",
        "keep": "switch",
        "note": "text",
        "by": "column",
        "over": "columns",
        "pairs": "rows",
        "table": "table",
        "theirs": "column",
    }
    assert [field.of for field in fields(Everything)[-2:]] == ["", "table"]


def test_ranges_come_from_the_rule_or_from_the_offer() -> None:
    share, rate, count = fields(Everything)[:3]
    assert (share.low, share.high, share.log, share.integer) == (0, 0.5, False, False)
    assert (rate.low, rate.high, rate.log) == (1e-5, 1, True)
    assert (count.low, count.high, count.integer) == (1, None, True)


def test_optional_and_required_are_told_apart() -> None:
    by = next(field for field in fields(Everything) if field.name == "by")
    assert (by.optional, by.required, by.types) == (True, False, ("number", "integer"))
    assert fields(Pair)[0].required


def test_a_wrong_value_is_refused_with_name_rule_and_value() -> None:
    with pytest.raises(BadParameter) as caught:
        validated(Everything, {"share": 3})
    assert str(caught.value) == (
        "The 'share' parameter of Everything must be less than or equal to 0.5. Got 3 instead."
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"how": "mode"},
            "The 'how' parameter of Everything must be 'mean' or 'median'. Got 'mode' instead.",
        ),
        ({"sahre": 1}, "Everything has no parameter 'sahre'."),
        ({"pairs": [{"old": "a"}]}, "The 'pairs.0.new' parameter of Everything is required."),
        ({"rate": float("nan")}, "The 'rate' parameter of Everything must be"),
        ({"count": "many"}, "Got 'many' instead."),
    ],
)
def test_every_refusal_names_the_place(values: dict[str, object], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        validated(Everything, values)
    assert message in str(caught.value)


def test_a_parameter_without_words_is_a_programming_error() -> None:
    class Silent(Frozen):
        x: int = 1

    with pytest.raises(TypeError, match="title and a description"):
        fields(Silent)


def test_a_type_that_no_form_can_show_is_a_programming_error() -> None:
    class Odd(Frozen):
        x: dict[str, int] = P({}, title="X", description="A mapping.")

    with pytest.raises(TypeError, match="no kind of parameter"):
        fields(Odd)
