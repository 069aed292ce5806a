"""Bringing data in: files with their preview, pasted text, and what became of each reading."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from core.contracts import Column, Schema, Source
from core.sources import FilesTogether, alike
from core.store import Upload, Version
from ui import services, state
from ui.forms import member
from ui.frame import link, preview
from ui.live import ACTIVE, follow
from ui.text import md, plain, said, t
from ui.transfer import download, forget_uploads, keep_upload, uploads

if TYPE_CHECKING:
    from core.store import Job

Json = Any
PASTED = 2_000_000  # characters: what is longer comes as a file


@dataclass(frozen=True)
class Part:
    """One table of an upload: a file, a file of an archive, a sheet of a workbook."""

    slot: str  # the upload's id and the table's number in it
    upload: str
    name: str
    found: Mapping[str, Json]  # source, preview or error, as the job "inspect" says


def files() -> None:
    """Drop files, see how each will be read, correct it, read it."""
    kinds = [kind for kind in Source.members.values() if kind.needs_file]
    endings = sorted({ending for kind in kinds for ending in kind.extensions} | {".gz", ".zip"})
    label = t("Drop files here, or click to choose")
    hint = t(
        "Text tables (CSV, TSV, ...), Excel, OpenDocument, JSON, Parquet, Arrow, Avro, ORC, HTML, gzip, zip"
    )
    received = uploads(label, endings, hint=hint, key="add.files")
    _pasted()
    ready = [part for upload in received for part in _parts(upload) if part_card(part)]
    ready = [part for part in ready if not part.found.get("together")]  # its files are there one by one too
    _as_one(ready)
    with st.container(horizontal=True):
        if len(ready) > 1 and st.button(t("Read all files"), key="add.read.all", type="primary"):
            for part in ready:
                _read_part(part)
            forget_uploads("add.files")
            st.rerun()
        if received and st.button(t("Forget these files"), key="add.forget", type="tertiary"):
            forget_uploads("add.files")
            st.rerun()


def _pasted() -> None:
    """A table copied from a spreadsheet, a page or a note: its text goes the way of a file."""
    with st.expander(t("Paste a table instead"), key="add.paste"):
        turn = state.get("add.paste.turn", 0)
        text = st.text_area(
            t("Copied cells, or a table as text"), key=f"add.paste.text.{turn}", height=160,
            max_chars=PASTED, help=t("From a spreadsheet or a page; as CSV, JSON, Markdown or HTML."),
        )  # fmt: skip
        if st.button(t("Use this text"), key="add.paste.use", disabled=not text.strip()):
            data = text.encode("utf-8", "replace")
            keep_upload(io.BytesIO(data), t("pasted") + ".txt", len(data))
            state.put("add.paste.turn", turn + 1)  # an empty box again
            st.rerun()


def _as_one(ready: Sequence[Part]) -> None:
    """Several files that have most of their columns in common can become one table."""
    files = Counter(part.upload for part in ready)
    single = [part for part in ready if files[part.upload] == 1]
    same = [single[i] for i in alike([[c.name for c in _columns(part.found["preview"])] for part in single])]
    if not same:
        return
    with st.container(border=True, key="add.together"):
        st.markdown(f"**{t('{count} files have the same columns', count=len(same))}**")
        st.caption(t("As one table, with a column that says which file a row is from."))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                t("Name of the dataset"), _stem(same[0].name), key="add.together.name", width=360
            )
            if st.button(t("Read as one table"), key="add.together.read", type="primary"):
                params: dict[str, Json] = {
                    "uploads": [part.upload for part in same],
                    "source": FilesTogether().to_json(),
                    "name": name or _stem(same[0].name),
                }
                remember(services.submit("read", params, title="Read a file"))
                forget_uploads("add.files")
                st.rerun()


def _parts(upload: Upload) -> list[Part]:
    """The tables in an upload and how each reads, as the job "inspect" found them."""
    job = services.newest_job("inspect", upload.id) or _inspect(upload.id, slot=upload.id)
    job = follow(job.id, key=f"add.inspect.{upload.id}", quiet=True)
    if job.state != "done" or job.result is None:
        return []
    found = []
    for number, part in enumerate(job.result["parts"]):
        slot = f"{upload.id}-{number}"
        again = services.newest_job("inspect", slot)  # the last try with parameters of the reader's own
        if again is not None and follow(again.id, key=f"add.inspect.{slot}", quiet=True).result:
            part = {**again.result["parts"][0], "name": part["name"]}
        found.append(Part(slot, part["upload"], part["name"], part))
    return found


def _inspect(upload: str, *, slot: str, source: Mapping[str, Json] | None = None) -> Job:
    params: dict[str, Json] = {"upload": upload} | ({"source": dict(source)} if source else {})
    return services.submit("inspect", params, title="Look into the file", subject=slot)


def part_card(part: Part) -> bool:
    """One table: how it is read, its first rows, and the button to read it; whether it can be read."""
    key = f"add.part.{part.slot}"
    read = services.newest_job("read", part.slot)
    if read is not None and read.state in (*ACTIVE, "done"):
        return False  # `readings` says what became of it
    with st.container(border=True, key=key):
        st.markdown(f"**{md(part.name)}**")
        if count := part.found.get("together"):
            st.caption(t("Its {count} files as one table; one by one they are below.", count=count))
        source = _source_form(part, key)
        if part.found.get("error"):
            st.error(said(part.found["error"]))
        if part.found.get("preview"):
            show_preview(part.found["preview"], key=f"{key}.preview")
        if source is not None and source.to_json() != part.found.get("source"):
            _inspect(part.upload, slot=part.slot, source=source.to_json())
            st.rerun()
        ready = source is not None and not part.found.get("error")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(t("Name of the dataset"), _stem(part.name), key=f"{key}.name", width=360)
            asked = st.button(t("Read this file"), key=f"{key}.read", type="primary", disabled=not ready)
        state.put(f"{key}.called", name)
    if asked:
        _read_part(part)
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
        return member(known[kind], _columns(part.found.get("preview")), values, key=key, across=4)


def _stem(name: str) -> str:
    return PurePath(name.removesuffix(".gz")).stem or name


def _columns(shown: Mapping[str, Json] | None) -> Schema:
    return tuple(Column.model_validate(column) for column in (shown or {}).get("columns", []))


def show_preview(shown: Mapping[str, Json], *, key: str) -> None:
    """The first rows as they would be stored, and what was noticed on the way."""
    columns = _columns(shown)
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


def _read_part(part: Part) -> None:
    name = state.get(f"add.part.{part.slot}.called") or _stem(part.name)
    params = {"upload": part.upload, "source": part.found["source"], "name": name}
    remember(services.submit("read", params, title="Read a file", subject=part.slot))


def remember(job: Job) -> None:
    """Keep a reading in the address, so that a reload finds it."""
    earlier = (state.address("job") or "").split(".")
    state.set_address(job=".".join([*filter(None, earlier), job.id][-20:]))


def readings() -> None:
    """What became of the readings that the address names."""
    for job_id in filter(None, (state.address("job") or "").split(".")):
        job = services.find_job(job_id)
        if job is None or job.task not in ("read", "import_database"):
            continue
        job = follow(job_id, key=f"add.job.{job_id}", quiet=True)
        if job.state == "done" and job.result is not None:
            _arrived(job, job.result)
        elif job.state not in ACTIVE:
            _hide(job_id)


def _hide(job_id: str) -> None:
    if st.button(t("Hide"), key=f"add.hide.{job_id}", type="tertiary"):
        rest = [other for other in (state.address("job") or "").split(".") if other != job_id]
        state.set_address(job=".".join(rest) or None)
        st.rerun()


def _arrived(job: Job, result: Mapping[str, Json]) -> None:
    version = services.store().get(Version, result["version"], services.owner())
    counts = {"rows": version.rows, "columns": len(version.columns), "count": result["refused"]}
    name = plain(str(job.params.get("name") or version.origin))
    with st.container(border=True, key=f"add.arrived.{job.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            words = t("{rows:,} rows × {columns:,} columns stored,", **counts) + " "
            words += t("{count:,} row refused. | {count:,} rows refused.", **counts)
            st.markdown(f":green-badge[{t('Stored')}] **{md(name)}**  {words}", width="stretch")
            if version.refused:
                label = t("Download the refused rows")
                download(label, version.refused, f"{_stem(name)}-refused.csv", key=f"add.refused.{job.id}")
            link(
                "pages/data/profile.py", "See what is in it", key=f"add.open.{job.id}", primary=True,
                dataset=result["dataset"], version=result["version"],
            )  # fmt: skip
            _hide(job.id)
        for note in result["notes"]:
            st.caption(said(note))
