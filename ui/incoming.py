"""One table that was brought: how it is read, its first rows, and the button that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from core.contracts import Column, Schema, Source
from ui import services, state
from ui.forms import member
from ui.frame import preview
from ui.held import held, hold
from ui.live import ACTIVE, follow
from ui.text import md, plain, said, t

if TYPE_CHECKING:
    from core.store import Job

Json = Any


@dataclass(frozen=True)
class Part:
    """One table of an upload: a file, a file of an archive, a sheet of a workbook."""

    slot: str  # the upload's id and the table's number in it
    upload: str
    name: str
    found: Mapping[str, Json]  # source, preview or error, as the job "inspect" says


def inspect(upload: str, *, slot: str, source: Mapping[str, Json] | None = None) -> Job:
    params: dict[str, Json] = {"upload": upload} | ({"source": dict(source)} if source else {})
    return services.submit("inspect", params, title="Look into the file", subject=slot)


def newest(part: Part) -> Part:
    """The table as it was looked into last: with parameters of the reader's own, if there are any."""
    again = services.newest_job("inspect", part.slot)
    if again is None or not (result := follow(again.id, key=f"add.inspect.{part.slot}", quiet=True).result):
        return part
    kept = {key: part.found[key] for key in ("together", "sheets", "members", "others") if key in part.found}
    found = {**kept, **result["parts"][0], "name": part.name}
    return replace(part, found=found)


def part_card(part: Part, *, alone: bool = True) -> bool:
    """One table: how it is read, its first rows, and the button to read it; whether it can be read."""
    key = f"add.part.{part.slot}"
    read = services.newest_job("read", part.slot)
    if read is not None and read.state in (*ACTIVE, "done"):
        return False  # `readings` says what became of it
    with st.container(border=alone, key=key):
        if alone:
            st.markdown(f"**{md(part.name)}**")
        source = _source_form(part, key)
        if part.found.get("error"):
            st.error(said(part.found["error"]))
        if part.found.get("preview"):
            show_preview(part.found["preview"], key=f"{key}.preview")
        if source is not None and source.to_json() != part.found.get("source"):
            inspect(part.upload, slot=part.slot, source=source.to_json())
            st.rerun()
        ready = source is not None and not part.found.get("error")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(t("Name of the dataset"), stem(part.name), key=f"{key}.name", width=360)
            words = t("Read as one table") if part.found.get("together") else t("Read this file")
            asked = st.button(words, key=f"{key}.read", type="primary", disabled=not ready)
        state.put(f"{key}.called", name)
    if asked:
        read_part(part)
        st.rerun()
    return ready


def _source_form(part: Part, key: str) -> Source | None:
    """How the table is read, as detected; every choice can be overridden."""
    found = part.found.get("source") or {"kind": "delimited_file"}
    known = {kind: cls for kind, cls in Source.members.items() if cls.needs_file}
    with st.expander(t("How it is read"), expanded=True, key=f"{key}.how"):
        kind = st.selectbox(
            t("Read as"), sorted(known, key=lambda kind: known[kind].title), key=f"{key}.kind",
            index=sorted(known, key=lambda kind: known[kind].title).index(found["kind"]),
            format_func=lambda kind: plain(known[kind].title), width=360,
        )  # fmt: skip
        values = found if kind == found["kind"] else {}
        return member(known[kind], columns_of(part.found.get("preview")), values, key=key, across=4)


def stem(name: str) -> str:
    """What a table is called at first: its file's name without the ending, its folder's as it is."""
    return name.strip("/") if name.endswith("/") else PurePath(name.removesuffix(".gz")).stem or name


def columns_of(shown: Mapping[str, Json] | None) -> Schema:
    return tuple(Column.model_validate(column) for column in (shown or {}).get("columns", []))


def show_preview(shown: Mapping[str, Json], *, key: str) -> None:
    """The first rows as they would be stored, and what was noticed on the way."""
    columns = columns_of(shown)
    cells = list(zip(*shown["rows"], strict=True)) or [()] * len(columns)
    names = [f"{column.name} ({plain(column.type)})" for column in columns[: len(cells)]]
    if cells:
        preview(
            pa.table([pa.array(c, pa.string()) for c in cells], names=names),
            key=key,
            height=min(320, 38 + 35 * len(shown["rows"])),
        )
    refused = shown.get("refused", [])
    if refused:
        line, reason, _ = refused[0]
        words = "Rows that do not fit are set aside, such as line {line}: {reason}."
        st.caption(t(words, line=line, reason=reason))
    for note in shown.get("notes", []):
        st.caption(said(note))


def read_part(part: Part) -> None:
    name = state.get(f"add.part.{part.slot}.called") or stem(part.name)
    params = {"upload": part.upload, "source": part.found["source"], "name": name}
    remember(services.submit("read", params, title="Read a file", subject=part.slot))


def remember(job: Job) -> None:
    """Let the address lead to a reading, so that a reload finds it."""
    hold("job", [*held("job"), job.id])
