"""Files in and out. serve.py streams both past the server's memory; without it they stay small.

`serve.py` turns the routes on; under `streamlit run app.py` alone an upload goes through
Streamlit's own widget and a download of more than a mebibyte is refused with the reason.
"""

from __future__ import annotations

import hmac
import secrets
import tempfile
import urllib.parse
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

import streamlit as st

from core.errors import LimitReached
from core.export.bundle import model_zip
from ui import services, state
from ui.held import held, hold
from ui.text import plain, t

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from core.queries.running import Query
    from core.store import Run, Upload, Version
    from core.store.records import RuleResult

INLINE = 1024 * 1024  # Streamlit may mix up two downloads above this size; see SECURITY in docs
CHUNK = 1024 * 1024
MOST_FILES = 1_000  # of one folder
LOOK = 64 * CHUNK  # bytes after which a sender who told no size, or a wrong one, is checked again


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass
class Routes:
    """Whether serve.py stands around the pages, and the secret that its upload route asks for."""

    present: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def admits(self, token: str) -> bool:
        return self.present and hmac.compare_digest(token.encode(), self.token.encode())


ROUTES = Routes()


def download(label: str, object_id: str, name: str, *, key: str, primary: bool = False) -> None:
    """A button that downloads an object of the store under a file name."""
    kind = "primary" if primary else "secondary"
    if ROUTES.present:
        query = urllib.parse.urlencode({"name": name})
        st.link_button(label, f"/download/{urllib.parse.quote(object_id)}?{query}", key=key, type=kind)
        return
    place = services.store().place(object_id, services.owner())
    small = place.stat().st_size <= INLINE
    st.download_button(
        label, data=place.read_bytes() if small else b"", file_name=name, key=key, type=kind,
        disabled=not small, on_click="ignore",
        help=None if small else t("Above 1 MiB: start Sightline with “make run” to download this."),
    )  # fmt: skip


def download_table(version: Version, name: str, *, key: str) -> None:
    """Buttons that download a version of a dataset as CSV and as Parquet."""
    if ROUTES.present:
        query = urllib.parse.urlencode({"name": name})
        for kind, label in (("csv", t("Download as CSV")), ("parquet", t("Download as Parquet"))):
            st.link_button(label, f"/table/{version.id}/{kind}?{query}", key=f"{key}.{kind}")
        return
    download(t("Download as Parquet"), version.object, f"{name}.parquet", key=f"{key}.parquet")


def download_failing(result: RuleResult, rule_id: str, name: str, *, key: str) -> None:
    """A button that downloads the rows that break a rule as CSV; they are asked for while it is sent."""
    if ROUTES.present:
        query = urllib.parse.urlencode({"name": name})
        where = f"/failing/{urllib.parse.quote(result.id)}/{urllib.parse.quote(rule_id)}?{query}"
        st.link_button(t("Download as CSV"), where, key=key)
        return
    st.button(
        t("Download as CSV"), key=key, disabled=True,
        help=t("Start Sightline with “make run” to download this."),
    )  # fmt: skip


def download_answer(query: Query, name: str, *, key: str) -> None:
    """A button that downloads the rows that a statement gave as CSV."""
    if ROUTES.present:
        where = f"/statement/{urllib.parse.quote(query.id)}?{urllib.parse.urlencode({'name': name})}"
        st.link_button(t("Download as CSV"), where, key=key)
        return
    assert query.answer is not None
    small = query.answer.data.nbytes <= INLINE // 4
    st.download_button(
        t("Download as CSV"), data=query.csv() if small else b"", file_name=f"{name}.csv", mime="text/csv",
        key=key, disabled=not small, on_click="ignore",
        help=None if small else t("Start Sightline with “make run” to download this."),
    )  # fmt: skip


def download_model(label: str, run: Run, name: str, *, key: str) -> None:
    """A button that downloads a run's model as a zip; the zip is made while it is sent."""
    if ROUTES.present:
        query = urllib.parse.urlencode({"name": name})
        st.link_button(label, f"/model/{urllib.parse.quote(run.id)}?{query}", key=key)
        return
    small = sum(place.stat().st_size for place in model_files(run.id)) <= INLINE
    st.download_button(
        label, data=lambda: b"".join(model_zip(*model_files(run.id))), file_name=name, key=key,
        mime="application/zip", disabled=not small, on_click="ignore",
        help=None if small else t("Above 1 MiB: start Sightline with “make run” to download this."),
    )  # fmt: skip


def model_files(run_id: str) -> tuple[Path, Path]:
    """The weights and the card of a finished run; NotFound when it is not there or not finished."""
    from core.store import Run

    store, owner = services.store(), services.owner()
    run = store.get(Run, run_id, owner)
    return store.place(run.weights or "", owner), store.place(run.card or "", owner)


def download_made(label: str, data: bytes | str, name: str, *, key: str, mime: str = "text/plain") -> None:
    """A button that downloads something small that was made for this page."""
    content = data.encode() if isinstance(data, str) else data
    if len(content) > INLINE:
        raise LimitReached(
            "This download has {size:,} bytes; a page gives at most 1,048,576.", size=len(content)
        )
    st.download_button(label, data=content, file_name=name, mime=mime, key=key, on_click="ignore")


def uploads(
    label: str, extensions: Sequence[str], *, key: str, hint: str = "", many: bool = True
) -> list[Upload]:
    """A place to drop files; returns what was received since `forget_uploads`, kept in the store.

    The address leads to their ids, however many they are, so that a reload finds them. `label` and `hint`
    are translated.
    """
    received = _through_route if ROUTES.present else _through_widget
    known = held("upload")
    fresh = [item for item in received(label, hint, extensions, key, many) if item not in known]
    if fresh:
        known = [*known, *fresh] if many else fresh
        hold("upload", known)
        if not ROUTES.present:
            st.rerun()  # the widget is cleared: its copy in memory goes
    return _records(known)


def keep_upload(source: Readable, name: str, size: int) -> Upload:
    """Keep what was not dropped as a file, a pasted text, beside the files that were."""
    record = spool(source, name, size)
    hold("upload", [*held("upload"), record.id])
    return record


def forget_uploads(key: str) -> None:
    """Start again with an empty place to drop files."""
    hold("upload", [])
    state.put(f"{key}.turn", state.get(f"{key}.turn", 0) + 1)


def _records(ids: Sequence[str]) -> list[Upload]:
    from core.store import Upload

    store, owner = services.store(), services.owner()
    kept = {item.id: item for item in store.list(Upload, owner)}
    return [kept[item] for item in ids if item in kept]


def _through_widget(label: str, hint: str, extensions: Sequence[str], key: str, many: bool) -> list[str]:
    turn = state.get(f"{key}.turn", 0)
    files = st.file_uploader(
        label,
        type=[ending.lstrip(".") for ending in extensions] or None, accept_multiple_files=many,
        key=f"{key}.{turn}" if turn else key, help=hint or None,
    )  # fmt: skip
    found = files if isinstance(files, list) else [files] if files else []
    ids = [spool(file, file.name, file.size).id for file in found]
    if many:
        with st.expander(t("Or choose a folder"), key=f"{key}.folder"):
            inside = st.file_uploader(
                t("Folder"), accept_multiple_files="directory", key=f"{key}.folder.{turn}",
                label_visibility="collapsed",
            )  # fmt: skip
        ids += [_folder(inside).id] if inside else []
    if ids:
        state.put(f"{key}.turn", turn + 1)
    return ids


def _folder(files: Sequence[UploadedFile]) -> Upload:
    """Files of a folder, named with their places in it, as one upload."""
    root = PurePosixPath(files[0].name).parts[0]
    with tempfile.TemporaryFile() as place:
        with zipfile.ZipFile(place, "w", zipfile.ZIP_STORED) as archive:
            for file in files:
                archive.writestr(file.name.removeprefix(f"{root}/"), file.getbuffer())
        size = place.tell()
        place.seek(0)
        return spool(place, f"{root}/", size)


def spool(source: Readable, name: str, size: int) -> Upload:
    """Copy an open file into the store in pieces; `size` is what it claims to be."""
    from core.store import Upload

    store, owner = services.store(), services.owner()
    store.check_space(size, owner)
    with store.new_object(owner, suffix(name)) as made, made.path.open("wb") as out:
        written = checked = 0
        while piece := source.read(CHUNK):
            written += out.write(piece)
            if written - checked >= LOOK and written > size:
                store.check_space(LOOK, owner)
                checked = written
    record = Upload(owner=owner, name=name[:255], bytes=made.bytes, object=made.id)
    return store.add(record, [made])


def suffix(name: str) -> str:
    """A harmless file ending: letters and digits of the name's last ending."""
    ending = "".join(c for c in Path(name).suffix.lower() if c.isascii() and c.isalnum())[:12]
    return f".{ending}" if ending else ""


@lru_cache(maxsize=1)
def _drop_zone() -> Any:
    """The component, registered once for the whole server."""
    folder = Path(__file__).parent / "drop"
    html, css, *scripts = (
        (folder / name).read_text(encoding="utf-8")
        for name in ("drop.html", "drop.css", "zip.js", "folder.js", "drop.js")
    )
    return st.components.v2.component("sightline.drop", html=html, css=css, js="\n".join(scripts))


def _through_route(label: str, hint: str, extensions: Sequence[str], key: str, many: bool) -> list[str]:
    too_many = "It holds more than {most:,} files: bring its folders one by one."
    result = _drop_zone()(
        key=f"{key}.drop.{state.get(f'{key}.turn', 0)}",
        data={
            "label": label, "many": many, "accept": ",".join(extensions), "token": ROUTES.token,
            "kinds": hint,
            "failed": plain("This file was not received. Try again."), "stop": plain("Stop"),
            "stopped": plain("Stopped"), "folder": plain("Or choose a folder"),
            "looking": plain("Looking through the folder"), "most": MOST_FILES,
            "nothing": plain("This folder holds no files that can be read."),
            "tooMany": plain(too_many, most=MOST_FILES),
        },
        default={"ids": []},
        on_ids_change=lambda: None,
    )  # fmt: skip
    return list(result.ids or [])
