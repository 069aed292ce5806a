"""The form of the step that marks rows: words, dates as dates, and the editor of conditions."""

from __future__ import annotations

from core.contracts import Step
from core.selection import Mark, Selection
from core.steps.flag import FlagRows
from core.store import LOCAL, Version
from core.store.records import Draft
from core.within import Within
from tests.pages.conftest import Screen

PAGE = "pages/data/clean.py"
SPRING = Within(column="day", low=19_783.0, high=19_875.0)
EITHER = Selection(marks=(Mark(parts=(Within(column="region", values=("North",)),)), Mark(parts=(SPRING,))))


def edited(screen: Screen) -> tuple[Version, FlagRows]:
    """The page with the step of a recipe opened to be changed."""
    _, version = screen.add_table()
    kinds = {column.name: column.type for column in version.columns}
    step = FlagRows.of("mine", (EITHER,), kinds)
    steps = [{"step": step.to_json(), "active": True, "learned": {}}]
    screen.store.add(Draft(owner=LOCAL, version=version.id, steps=steps))
    screen.open(PAGE).menu_button(key="clean.step.0.menu").click("edit").run()
    return version, step


def steps(screen: Screen) -> list[Step]:
    (draft,) = screen.store.list(Draft, LOCAL)
    return [Step.from_json(one["step"]) for one in draft.steps]


def test_a_new_step_is_filled_in_with_the_editor(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    app.selectbox(key="clean.kind").select("flag_rows").run()
    next(one for one in app.text_input if one.label == "Name").set_value("north").run()
    app.selectbox(key="clean.form.new.add.0").select("region").run()
    assert not app.exception
    next(one for one in app.multiselect if one.label == "Values of region").set_value(["North"]).run()
    assert "Mark in “north” the rows where region is North" in screen.texts().replace('"north"', "“north”")
    app.selectbox(key="clean.form.new.add.1").select("day").run()
    slider = next(one for one in app.slider if one.label == "Range of day")
    first_day, last_day = slider.value
    slider.set_range(first_day, first_day + (last_day - first_day) / 2).run()
    assert not app.exception
    app.button(key="clean.keep").click().run()
    (made,) = steps(screen)
    first, second = made.chosen()
    assert first.marks[0].parts[0].values == ("North",)
    assert second.marks[0].parts[0].column == "day"
    assert '"high": "' in made.selections
    app.selectbox(key="clean.kind").select("flag_rows").run()
    assert "Choose a column: a condition on it says which rows are marked." in screen.texts()


def test_a_step_is_said_in_words_and_changed_condition_by_condition(screen: Screen) -> None:
    _, step = edited(screen)
    app = screen.app
    assert not app.exception
    labels = [block.proto.popover.label.replace("\\", "") for block in app.get("popover")]
    assert "region is North" in labels
    assert "day from 2024-03-01 to 2024-06-01" in labels
    assert not app.text_area
    app.button(key="clean.keep").click().run()
    assert steps(screen) == [step]

    app.menu_button(key="clean.step.0.menu").click("edit").run()
    app.button(key="clean.form.0.0.1.0.remove").click().run()
    next(one for one in app.toggle if one.key == "clean.form.0.0.exclude").set_value(True).run()
    app.button(key="clean.drop").click().run()
    assert steps(screen) == [step]
    app.menu_button(key="clean.step.0.menu").click("edit").run()
    app.button(key="clean.form.0.0.0.0.remove").click().run()
    app.button(key="clean.keep").click().run()
    (after,) = steps(screen)
    assert after.chosen() == (Selection.of(SPRING),)
