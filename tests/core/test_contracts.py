import pytest

from core.contracts import Account, Column, Member, near
from core.errors import BadParameter


class Family(Member, family=True):
    """A family of its own, so that the real ones stay as they are."""


class FillTheGap(Family):
    """Fill the gap."""

    title = "Fill the gap"


def test_a_class_registers_itself_under_its_name() -> None:
    assert Family.members == {"fill_the_gap": FillTheGap}


def test_families_are_separate() -> None:
    assert "fill_the_gap" not in getattr(Member, "members", {})


def test_two_members_of_one_name_are_a_programming_error() -> None:
    with pytest.raises(TypeError, match="two members"):
        type("FillTheGap", (Family,), {"title": "Again", "__module__": __name__})


def test_json_round_trip() -> None:
    assert Family.from_json(FillTheGap().to_json()) == FillTheGap()


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadParameter, match=r"There is no family called 'x'. There are: fill_the_gap."):
        Family.from_json({"kind": "x"})


def test_an_account_that_does_not_add_up_cannot_be_made() -> None:
    columns = (Column(name="a", type="text"),)
    with pytest.raises(ValueError, match="10 rows in, 8 stored, 1 refused"):
        Account(rows_in=10, rows=8, refused=1, columns=columns)


def test_near_names_ignore_case() -> None:
    assert near("PRICE", {"price": 1, "size": 2}) == ["price"]
