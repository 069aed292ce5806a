"""The rules of a dataset on the screen: what holds and what does not, the form of one, and suggestions."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import streamlit as st

from core import rules
from core.profile import Profile
from core.rules import Result, Rule, Verdict
from core.store import Version
from core.store.records import RuleResult
from ui import services, state
from ui.forms import member
from ui.live import ACTIVE, follow
from ui.text import md, plain, plain_said, said, t

SUGGESTED = 8  # suggestions shown before "more"
Asked = tuple[Literal["show", "edit", "remove"], str] | None
MARKS = {"ok": ":green-badge[{}]", "warning": ":orange-badge[{}]", "error": ":red-badge[{}]"}
WORDS = {"ok": "Holds", "warning": "Warning", "error": "Error"}


def known(version: Version) -> list[dict[str, Any]]:
    """The rules of the version's dataset, each with its id."""
    return list(rules.rules_of(services.store(), services.owner(), version.dataset).rules)


def results(version: Version) -> list[RuleResult]:
    """Every check of the dataset's rules, the newest first."""
    return services.store().list(RuleResult, services.owner(), dataset=version.dataset)


def checked(version: Version, entries: list[dict[str, Any]]) -> RuleResult | None:
    """What the rules, as they are now, say of this version; a job is sent to ask where nobody has yet."""
    found = next((result for result in results(version) if result.version == version.id), None)
    if found is not None and [_asked(one) for one in found.results] == [_asked(one) for one in entries]:
        job = services.newest_job("check_rules", version.id)
        if job is not None and job.state in ACTIVE:
            follow(job.id, key="quality.job", quiet=True)
        return found
    job = services.newest_job("check_rules", version.id)
    tried = state.get("quality.tried") == [version.id, entries]
    if job is None or (job.state not in ACTIVE and not tried):
        state.put("quality.tried", [version.id, entries])
        job = check(version)
    job = follow(job.id, key="quality.job", quiet=True)
    if job.state == "done" and state.get("quality.seen") != job.id:
        state.put("quality.seen", job.id)
        st.rerun()
    if job.state not in ACTIVE and st.button(t("Try again"), key="quality.again"):
        state.put("quality.tried", None)
        st.rerun()
    return None


def _asked(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return entry["id"], entry["rule"]


def check(version: Version) -> Any:
    """Send a job to check the rules on this version."""
    params = {"version": version.id, "others": others(version.dataset)}
    return services.submit("check_rules", params, title="Check the rules", subject=version.id)


def others(dataset: str) -> dict[str, str]:
    """The tables that the dataset's rules look in, as a job that makes a version of it must name them."""
    return rules.references(services.store(), services.owner(), dataset)


def headline(result: RuleResult, version: Version) -> None:
    """All rules in one line, and when they were checked."""
    found = [Result.model_validate(one) for one in result.results]
    words = said(Verdict(rows=version.rows, results=tuple(found)).said())
    told = {"ok": st.success, "warning": st.warning, "error": st.error}
    told[result.outcome](words)
    st.caption(t("Checked on version {number} at {time} UTC.", number=version.number,
                 time=f"{result.created:%Y-%m-%d %H:%M}"))  # fmt: skip


def listing(entries: list[dict[str, Any]], result: RuleResult | None, shown: str | None) -> Asked:
    """A line for each rule: whether it holds, what it asks, what was found. Returns what was asked for."""
    found = {one["id"]: Result.model_validate(one).found for one in result.results} if result else {}
    asked: Asked = None
    for entry in entries:
        rule, answer, key = Rule.from_json(entry["rule"]), found.get(entry["id"]), f"quality.{entry['id']}"
        with st.container(
            border=True, key=key, horizontal=True, wrap=False, vertical_alignment="center", gap="small"
        ):
            mark = MARKS[answer.outcome].format(t(WORDS[answer.outcome])) + " " if answer else ""
            told = f"  \n:small[:gray[{_measured(answer)}]]" if answer else ""
            words = said(rule.describe())
            st.markdown(f"{mark}{f'**{words}**' if entry['id'] == shown else words}{told}", width="stretch")
            if answer and st.button(t("Show"), key=f"{key}.show", type="tertiary"):
                asked = ("show", entry["id"])
            words_of = {"edit": t("Edit"), "remove": t("Remove")}
            chosen = st.menu_button(
                "⋯", list(words_of), key=f"{key}.menu", type="tertiary",
                format_func=words_of.__getitem__, help=t("Edit or remove this rule"),
            )  # fmt: skip
            if chosen:
                asked = (chosen, entry["id"])
    return asked


def _measured(answer: rules.Measured) -> str:
    """What was found, and against which limit."""
    words = said(answer.said)
    if answer.unit == "% of rows" and answer.limit:
        return words + " · " + t("up to {limit:.6g}% may", limit=answer.limit)
    return words


def editor(version: Version, editing: dict[str, Any] | None) -> tuple[Rule | None, str | None]:
    """The form of a new rule, or of the one being edited; returns the rule, and "keep" or "drop"."""
    if editing is None:
        if state.get("quality.kept"):
            state.put("quality.kept", False)
            state.put("quality.kind", None)
        members = Rule.members
        kind = st.selectbox(
            t("Add a rule"),
            sorted(members, key=lambda one: (members[one].group, members[one].title)),
            index=None, key="quality.kind", placeholder=plain("Choose what must hold"),
            format_func=lambda one: f"{plain(members[one].group)} · {plain(members[one].title)}",
        )  # fmt: skip
        if kind is None:
            return None, None
        values: dict[str, Any] = {}
    else:
        kind, values = editing["rule"]["kind"], editing["rule"]
    cls = Rule.members[kind]
    with st.container(border=True, key="quality.editor"):
        st.markdown(f"**{t(cls.title)}**  \n:gray[{t(cls.summary())}]")
        place = "new" if editing is None else editing["id"]
        rule = member(cls, version.columns, values, key=f"quality.form.{place}")
        verdict = None
        with st.container(horizontal=True):
            label = t("Add the rule") if editing is None else t("Change the rule")
            if st.button(label, key="quality.keep", type="primary", disabled=rule is None):
                verdict = "keep"
            if st.button(t("Cancel"), key="quality.drop"):
                verdict = "drop"
    state.put("quality.kept", verdict is not None)
    return rule, verdict


def suggestions(profile: Profile, entries: list[dict[str, Any]]) -> list[Rule]:
    """Rules that the profile gives reason for, each one press away; returns those that were asked for."""
    have = [Rule.from_json(entry["rule"]) for entry in entries]
    found = rules.suggest(profile, dt.datetime.now(dt.UTC).replace(tzinfo=None), have)
    if not found:
        return []
    st.subheader(t("Suggested"), anchor=False)
    st.caption(t("What holds on this version and may be worth keeping watch over."))
    asked = []
    everything = bool(state.get("quality.all"))
    for number, rule in enumerate(found if everything else found[:SUGGESTED]):
        words = md(plain_said(rule.describe()))
        if st.button(f":material/add: {words}", key=f"quality.suggestion.{number}", type="tertiary"):
            asked.append(rule)
    rest = 0 if everything else len(found) - SUGGESTED
    if rest > 0 and st.button(t("Show {count} more", count=rest), key="quality.more", type="tertiary"):
        state.put("quality.all", True)
        st.rerun()
    if st.button(
        t("Add the suggested rule | Add all {count} suggested rules", count=len(found)),
        key="quality.suggested",
    ):
        return found
    return asked
