"""Bringing data in: files with their preview, pasted text, and what became of each reading."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.contracts import Source
from core.sources import FilesTogether, alike
from core.store import Version
from core.wording import table_size
from ui import services, state
from ui.frame import link
from ui.held import held, hold
from ui.incoming import Part, columns_of, inspect, newest, part_card, read_part, remember, stem
from ui.live import ACTIVE, follow
from ui.several import several
from ui.text import md, plain, said, t
from ui.transfer import download, forget_uploads, keep_upload, uploads

if TYPE_CHECKING:
    from core.store import Job, Upload

Json = Any
AT_ONCE = 20  # files that are looked into at the same time: of many only so many jobs wait
PASTED = 2_000_000  # characters: what is longer comes as a file


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
    now, later = _in_turn(received)
    found = [(upload, _parts(upload)) for upload in now]
    alone = [one for _, parts in found if len(parts) == 1 and part_card(one := newest(parts[0]))]
    of_several = [part for upload, parts in found if len(parts) > 1 for part in several(upload, parts)]
    ready = [*alone, *of_several]
    if later:
        st.caption(
            t("{count:,} more file waits to be looked into. | {count:,} more files wait to be looked into.",
              count=later)
        )  # fmt: skip
    _as_one(alone)
    with st.container(horizontal=True):
        if len(ready) > 1 and st.button(t("Read all files"), key="add.read.all", type="primary"):
            for part in ready:
                read_part(part)
            forget_uploads("add.files")
            st.rerun()
        if received and st.button(t("Forget these files"), key="add.forget", type="tertiary"):
            forget_uploads("add.files")
            st.rerun()


def _in_turn(received: Sequence[Upload]) -> tuple[list[Upload], int]:
    """The files to show now, and how many wait until some of these were looked into."""
    now: list[Upload] = []
    open_places = AT_ONCE
    for upload in received:
        job = services.newest_job("inspect", upload.id)
        open_places -= job is None or job.state in ACTIVE
        if open_places < 0:
            break
        now.append(upload)
    return now, len(received) - len(now)


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
    same = [ready[i] for i in alike([[c.name for c in columns_of(part.found["preview"])] for part in ready])]
    if not same:
        return
    with st.container(border=True, key="add.together"):
        st.markdown(f"**{t('{count} files have the same columns', count=len(same))}**")
        st.caption(t("As one table, with a column that says which file a row is from."))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                t("Name of the dataset"), stem(same[0].name), key="add.together.name", width=360
            )
            if st.button(t("Read as one table"), key="add.together.read", type="primary"):
                params: dict[str, Json] = {
                    "uploads": [part.upload for part in same],
                    "source": FilesTogether().to_json(),
                    "name": name or stem(same[0].name),
                }
                remember(services.submit("read", params, title="Read a file"))
                forget_uploads("add.files")
                st.rerun()


def _parts(upload: Upload) -> list[Part]:
    """The tables in an upload and how each reads, as the job "inspect" found them."""
    job = services.newest_job("inspect", upload.id) or inspect(upload.id, slot=upload.id)
    job = follow(job.id, key=f"add.inspect.{upload.id}", quiet=True)
    if job.state != "done" or job.result is None:
        return []
    return [
        Part(f"{upload.id}-{number}", part["upload"], part["name"], part)
        for number, part in enumerate(job.result["parts"])
    ]


def readings() -> None:
    """What became of the readings that the address names."""
    for job_id in held("job"):
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
        hold("job", [other for other in held("job") if other != job_id])
        st.rerun()


def _arrived(job: Job, result: Mapping[str, Json]) -> None:
    version = services.store().get(Version, result["version"], services.owner())
    size = table_size(version.rows, len(version.columns))
    name = plain(str(job.params.get("name") or version.origin))
    with st.container(border=True, key=f"add.arrived.{job.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            words = t("{size} stored,", size=size) + " "
            words += t("{count:,} row refused. | {count:,} rows refused.", count=result["refused"])
            st.markdown(f":green-badge[{t('Stored')}] **{md(name)}**  {words}", width="stretch")
            if version.refused:
                label = t("Download the refused rows")
                download(label, version.refused, f"{stem(name)}-refused.csv", key=f"add.refused.{job.id}")
            link(
                "pages/data/profile.py", "See what is in it", key=f"add.open.{job.id}", primary=True,
                dataset=result["dataset"], version=result["version"],
            )  # fmt: skip
            _hide(job.id)
        for note in result["notes"]:
            st.caption(said(note))
