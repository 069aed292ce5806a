"""An upload that holds several tables: those of one shape as one, or one after another; what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from ui import services
from ui.frame import preview
from ui.incoming import Part, newest, part_card, read_part
from ui.live import ACTIVE
from ui.text import md, plain, plain_said, t

if TYPE_CHECKING:
    from core.store import Upload

Json = Any
ONE = "one"
NAMES = 4  # of the files of a group that its choice names
AT_ONCE = 100  # tables that one click reads


def several(upload: Upload, parts: Sequence[Part]) -> list[Part]:
    """Choose which tables of an upload are read, and how; what can be read now is given back."""
    key = f"add.several.{upload.id}"
    joint = {part.slot: part for part in parts if part.found.get("together")}
    single = [part for part in parts if part.found.get("source") and part.slot not in joint]
    bad = [(part.name, part.found["error"]) for part in parts if not part.found.get("source")]
    read = _read()
    with st.container(border=True, key=key):
        _title(upload, len(single))
        way = ONE
        if joint:
            way = st.radio(
                t("What to read"), [*joint, ONE], key=f"{key}.way",
                format_func=lambda item: (
                    _together(joint[item], upload) if item in joint else t("One table of these")
                ),
            )  # fmt: skip
        if way in joint:
            chosen = newest(joint[way])
            done = chosen.slot in read
            ready = [chosen] if part_card(chosen, alone=False) else []
            left = [(name, why) for name, why in chosen.found.get("others", [])]
        else:
            ready = _one_of([part for part in single if part.slot not in read], key)
            done, left = not ready and bool(single), bad
        if done:
            st.caption(t("This was read: see above."))
        _left_out(left, key=f"{key}.left")
    return ready


def _read() -> set[str]:
    """Slots of the tables that are read, or being read."""
    from core.store import Job

    jobs = services.store().list(Job, services.owner(), task="read")
    return {str(job.subject) for job in jobs if job.subject and job.state in (*ACTIVE, "done")}


def _title(upload: Upload, count: int) -> None:
    folder = upload.name.endswith("/")
    words = t("Folder, {count} table | Folder, {count} tables", count=count) if folder else t(
        "{count} table | {count} tables", count=count
    )  # fmt: skip
    st.markdown(f"**{md(upload.name.strip('/'))}** &nbsp; :gray[{words}]")


def _together(part: Part, upload: Upload) -> str:
    """Of what the table of a group is made."""
    names = part.found["members"]
    some = ", ".join(names[:NAMES]) + (" …" if len(names) > NAMES else "")
    if part.found.get("sheets"):
        some = some if part.upload == upload.id else f"{part.name}: {some}"
        return t("All {count} sheets of this shape as one table: {names}", count=len(names), names=some)
    return t("All {count} files of this shape as one table: {names}", count=len(names), names=some)


def _one_of(parts: Sequence[Part], key: str) -> list[Part]:
    """One of the tables, with its card; and the button that reads all of them."""
    if not parts:
        return []
    slots = {part.slot: part for part in parts}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        slot = st.selectbox(
            t("Table"),
            list(slots),
            format_func=lambda item: _called(slots[item]),
            key=f"{key}.table",
            width=420,
        )
        most = min(len(parts), AT_ONCE)
        if len(parts) > 1 and st.button(
            t("Read all {count} tables, each by itself", count=most), key=f"{key}.all"
        ):
            for part in parts[:most]:
                read_part(newest(part))
            st.rerun()
    shown = newest(slots[slot])
    ready = part_card(shown, alone=False)
    return [part for part in parts if part.slot != slot] + ([shown] if ready else [])


def _called(part: Part) -> str:
    count = len((part.found.get("preview") or {}).get("columns", []))
    words = plain("{count} column | {count} columns", count=count) if count else plain("cannot be read")
    return f"{part.name} ({words})"


def _left_out(left: Sequence[tuple[str, Json]], *, key: str) -> None:
    """What is not read, and why."""
    if not left:
        return
    count = len(left)
    words = t("{count} is not in it: why? | {count} are not in it: why?", count=count)
    with st.expander(words, key=key):
        rows = {plain("Name"): [name for name, _ in left], plain("Why"): [plain_said(why) for _, why in left]}
        preview(pa.table(rows), key=f"{key}.table", height=min(320, 38 + 35 * count))
