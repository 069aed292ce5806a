"""Steps used again: copied from one recipe to another, kept as a template, applied to another table."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from core.recipe import Fit, Misfit, Recipe, RecipeStep, fit
from core.store import Dataset, Setting, Version, tables
from core.store.records import Template
from ui import services, state
from ui.text import plain, plain_said, t
from ui.trial import Look, look, table_after

COPIED = "copied steps"  # the setting that holds them
WAYS = ("learn", "keep")
MOST_TOLD = 12


def reuse(version: Version, recipe: Recipe, seen: Look | None, name: str) -> None:
    """Copy steps and paste them, keep the recipe as a template, apply one."""
    with st.expander(t("Copy steps, templates"), key="clean.reuse", expanded=_taking(version) is not None):
        if recipe.steps and seen is not None:
            _copy(version, recipe, seen)
            _keep(version, seen, name)
        _take(version)
        if not recipe.steps and _copied() is None and not _templates() and not _made(version):
            st.caption(t("Add steps first; then they can be copied to another table, or kept as a template."))


def _learned(seen: Look) -> Recipe:
    return Recipe.from_json(json.loads(seen.learned))


def _copy(version: Version, recipe: Recipe, seen: Look) -> None:
    places = range(len(recipe.steps))
    chosen = st.multiselect(
        t("Steps to copy"), places, key="clean.copy.steps", placeholder=plain("All steps"),
        format_func=lambda n: f"{n + 1}. {plain_said(recipe.steps[n].step.describe())}",
    )  # fmt: skip
    if st.button(t("Copy"), key="clean.copy"):
        some = sorted(chosen) or list(places)
        before = look(version, Recipe(steps=recipe.steps[: some[0]])) if some[0] else None
        steps = Recipe(steps=tuple(_learned(seen).steps[n] for n in some))
        columns = before.columns if before else version.columns
        value = {
            "recipe": steps.to_json(),
            "columns": [column.model_dump() for column in columns],
            "origin": _dataset(version),
        }
        _put_copied(value)
        st.toast(t("{count} step copied. | {count} steps copied.", count=len(some)))


def _dataset(version: Version) -> str:
    return services.store().get(Dataset, version.dataset, services.owner()).name


def _put_copied(value: dict[str, Any]) -> None:
    store, owner = services.store(), services.owner()
    kept = store.list(Setting, owner, key=COPIED)
    if kept:
        store.change(Setting, kept[0].id, owner, value=value)
    else:
        store.add(Setting(owner=owner, key=COPIED, value=value))


def _copied() -> Template | None:
    """What was copied, in the shape of a template without a name."""
    kept = services.store().list(Setting, services.owner(), key=COPIED)
    return Template(id=COPIED, owner=services.owner(), name="", **kept[0].value) if kept else None


def _templates() -> list[Template]:
    return services.store().list(Template, services.owner())


def _keep(version: Version, seen: Look, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            t("Name of the template"), name or _dataset(version), key=f"clean.template.name.{version.id}"
        )
        if st.button(t("Save as a template"), key="clean.template.save", disabled=not wanted.strip()):
            services.store().add(
                Template(owner=services.owner(), name=" ".join(wanted.split())[:200],
                         recipe=json.loads(seen.learned), columns=version.columns, origin=_dataset(version))
            )  # fmt: skip
            st.toast(t("The template is saved. It can be applied to any table, here on this page."))
    if version.rows > seen.looked:
        st.caption(
            t(
                "The constants kept with it are those of the first row. | The constants kept with it are "
                "those of the first {rows:,} rows.",
                rows=seen.looked,
            )
        )


def _take(version: Version) -> None:
    copied, own = _copied(), {one.id for one in _templates()}
    kept = {one.id: one for one in (*_templates(), *_made(version))}
    if copied is not None:
        count = len(copied.recipe.get("steps", []))
        label = t("Paste {count} step from {name} | Paste {count} steps from {name}", count=count,
                  name=copied.origin)  # fmt: skip
        if st.button(label, key="clean.paste"):
            _begin(COPIED)
    if not kept:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("Template"), list(kept), key="clean.template", format_func=lambda id: _called(kept[id])
        )
        if st.button(t("Apply"), key="clean.template.apply"):
            _begin(chosen)
        if st.button(t("Delete"), key="clean.template.delete", disabled=chosen not in own):
            services.store().delete(Template, chosen, services.owner())
            st.rerun()


def _called(template: Template) -> str:
    count = len(template.recipe.get("steps", []))
    return plain("{name} ({count} step) | {name} ({count} steps)", name=template.name, count=count)


def _begin(id: str | None) -> None:
    state.put("clean.taking", id)
    st.rerun()


def _taking(version: Version) -> Template | None:
    wanted = state.get("clean.taking")
    if wanted == COPIED:
        return _copied()
    return next((one for one in (*_templates(), *_made(version)) if one.id == wanted), None)


def _made(version: Version) -> list[Template]:
    """The recipes that made versions of this dataset, in the shape of templates."""
    known = {one.id: one for one in tables.versions(services.store(), version.dataset, services.owner())}
    return [
        Template(id=one.id, owner=one.owner, recipe=one.recipe, columns=known[one.parent].columns,
                 name=plain("Steps of version {number}", number=one.number), origin=_dataset(version))
        for one in known.values()
        if one.recipe and one.parent in known and one.id != version.id
    ][:MOST_TOLD]  # fmt: skip


def taken(version: Version, recipe: Recipe, seen: Look | None) -> Recipe | None:
    """How the steps that are being taken over fit this table; the whole recipe once they are added."""
    template = _taking(version)
    if template is None or seen is None:
        return None
    with st.container(border=True, key="clean.taken"):
        name = template.name or plain("Copied steps")
        st.markdown(f"**{t('{name}, made for {origin}', name=name, origin=template.origin)}**")
        keep = _constants() == "keep"
        first = _fit(version.id, seen.learned, _document(template), "{}", keep, services.owner())
        names = _names(first, seen, template)
        found = _fit(version.id, seen.learned, _document(template), json.dumps(names), keep, services.owner())
        report(found)
        with st.container(horizontal=True):
            if st.button(t("Add to the recipe"), key="clean.taken.add", type="primary"):
                state.put("clean.taking", None)
                return Recipe(steps=(*recipe.steps, *_bare(found, keep=keep)))
            if st.button(t("Cancel"), key="clean.taken.cancel"):
                _begin(None)
    return None


def _document(template: Template) -> str:
    return template.model_dump_json(include={"recipe", "columns"})


def _bare(found: Fit, *, keep: bool) -> tuple[RecipeStep, ...]:
    """The steps to add; where they learn here, they learn from all rows once the recipe is saved."""
    if keep:
        return found.recipe.steps
    return tuple(entry.model_copy(update={"learned": None}) for entry in found.recipe.steps)


def _constants() -> str:
    words = {"learn": t("Learn from this table"), "keep": t("Keep what was learned there")}
    return st.radio(
        t("Constants"), WAYS, key="clean.taken.constants", format_func=words.__getitem__, horizontal=True,
        help=t("Medians, limits and categories that steps take from the table they are made for."),
    )  # fmt: skip


def _names(found: Fit, seen: Look, template: Template) -> dict[str, str]:
    """For each column that is not here: which column is meant."""
    wanted: dict[str, Misfit] = {}
    own = {column.name for column in template.columns}
    for misfit in found.misfits:
        if misfit.column in own and misfit.column not in wanted:
            wanted[misfit.column] = misfit
    names: dict[str, str] = {}
    for number, (column, misfit) in enumerate(wanted.items()):
        others = [one.name for one in seen.columns if one.name not in misfit.candidates]
        free = [one for one in (*misfit.candidates, *others) if one not in names.values()]
        chosen = st.selectbox(
            t("{column} is called here", column=column), [None, *free], key=f"clean.taken.{number}",
            format_func=lambda one: plain("it is not here") if one is None else one,
        )  # fmt: skip
        if chosen is not None:
            names[column] = chosen
    return names


@st.cache_data(show_spinner=False, max_entries=32)
def _fit(version_id: str, learned: str, document: str, names: str, keep: bool, owner: str) -> Fit:
    # all that the answer depends on is among the arguments: versions are immutable
    table = table_after(version_id, learned, owner)
    known = json.loads(document)
    there = Template(owner=owner, name="", **known)
    recipe = Recipe.from_json(known["recipe"])
    return fit(recipe, there.columns, table, services.engine(), names=json.loads(names), keep=keep)


def report(found: Fit) -> None:
    """What does not fit, and what is otherwise here."""
    if not found.misfits:
        st.success(t("All steps fit this table."))
    for number in dict.fromkeys(one.number for one in found.misfits):
        here = [one for one in found.misfits if one.number == number]
        reasons = plain("; ").join(plain_said(one.said) for one in here)
        st.warning(
            t("Step {number}, {step}, does not fit and will be switched off: {reasons}", number=number,
              step=plain_said(here[0].step), reasons=reasons)
        )  # fmt: skip
    lines = [
        t("Step {number}, {step}: {found}", number=one.number, step=plain_said(one.step),
          found=plain_said(one.said))
        for one in found.differences
    ]  # fmt: skip
    if lines:
        st.markdown(t("Otherwise here than there:") + "\n" + "\n".join(f"- {x}" for x in lines[:MOST_TOLD]))
    if len(lines) > MOST_TOLD:
        st.caption(t("and {count} more", count=len(lines) - MOST_TOLD))
