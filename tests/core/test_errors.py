import pickle

from core.errors import BadParameter, MissingColumn, SightlineError


def test_values_never_become_part_of_the_template() -> None:
    error = SightlineError("No column {name}.", hint="Try {other}.", name="{other}", other="{0}")
    assert str(error) == "No column {other}. Try {0}."


def test_an_error_keeps_its_template_and_values_across_processes() -> None:
    error = BadParameter("The {place!r} is wrong.", hint="Mend it.", place="x")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(again) is BadParameter
    assert (again.template, again.hint, again.values) == (error.template, error.hint, error.values)


def test_a_missing_column_offers_names_that_are_like_it() -> None:
    error = MissingColumn(needs="Sort", column="pricee", candidates="price")
    assert str(error) == (
        "Sort needs the column 'pricee', which this table does not have. Did you mean one of these: price?"
    )
