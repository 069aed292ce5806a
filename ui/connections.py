"""Connections on the screen: which one, its form, and what came of the last try."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import streamlit as st
from pydantic import SecretStr

from core import connections, reach
from core.errors import SightlineError
from core.sources.database import Database, OtherDatabase
from core.sources.database.dialects import allowed_dialects
from core.sources.database.local import LocalFile
from core.sources.database.network import Server
from core.store import Connection, Upload
from ui import services, state
from ui.forms import member
from ui.live import ACTIVE, follow
from ui.refreshing import moment
from ui.text import md, message, plain, t
from ui.transfer import forget_uploads, uploads

if TYPE_CHECKING:
    from core.store import Job

Json = Any
KINDS = ("postgre_sql", "my_sql", "sqlite_file", "duckdb_file", "other_database")


def chosen() -> tuple[Connection | None, bool]:
    """The connection in the address (None: a new one), and whether it is to be changed."""
    store, owner = services.store(), services.owner()
    known = {one.id: one for one in store.list(Connection, owner)}
    wanted = state.address("connection")
    if not known or wanted == "new":
        if known and st.button(t("Back to the connections"), key="databases.back", type="tertiary"):
            state.set_address(connection=None)
            st.rerun()
        return None, False
    current = wanted if wanted in known else next(iter(known))
    with st.container(border=True, key="databases.bar"):
        left, right = st.columns([7, 5], vertical_alignment="bottom")
        with left:
            _picker({id: one.name for id, one in known.items()}, current)
        with right.container(horizontal=True, vertical_alignment="bottom"):
            if st.button(t("New connection"), key="databases.new"):
                state.set_address(connection="new")
                st.rerun()
            if st.button(t("Change it"), key="databases.edit", type="tertiary"):
                state.put("databases.editing", current)
                st.rerun()
            with st.popover(t("Delete"), key="databases.more", type="tertiary"):
                st.markdown(t("Its password is forgotten and its schedules end. Tables that were read stay."))
                if st.button(t("Delete the connection"), key="databases.delete", type="primary"):
                    connections.remove(store, current, owner)
                    state.set_address(connection=None)
                    st.rerun()
    return known[current], state.get("databases.editing") == current


def _picker(names: Mapping[str, str], current: str) -> None:
    key = "databases.connection"
    state.put(key, current)

    def change() -> None:
        state.put("databases.editing", None)
        state.set_address(connection=state.get(key))

    st.selectbox(
        t("Connection"), list(names), format_func=lambda id: names.get(id, id), key=key, on_change=change
    )


def form(before: Connection | None) -> None:
    """The fields of a connection; saved with its password sealed, and tried at once."""
    key = f"databases.form.{before.id if before else 'new'}"
    with st.container(border=True, key=key):
        st.subheader(t("Change the connection") if before else t("Connect a database"), anchor=False)
        left, right = st.columns(2, vertical_alignment="bottom")
        kinds = [kind for kind in KINDS if kind != OtherDatabase.kind() or allowed_dialects()]
        given = before.settings if before else {}
        with left:
            kind = st.selectbox(
                t("Kind of database"), kinds, key=f"{key}.kind",
                index=kinds.index(given["kind"]) if given.get("kind") in kinds else 0,
                format_func=lambda kind: plain(Database.members[kind].title),
            )  # fmt: skip
        name = right.text_input(
            t("Name of the connection"), before.name if before else "", key=f"{key}.name",
            placeholder=plain("as its database is called"),
        )  # fmt: skip
        cls = Database.members[kind]
        values = given if kind == given.get("kind") else {}
        database = _file(cls, values, key) if issubclass(cls, LocalFile) else _server(cls, values, key)
        # as a form, the password arrives with the button, however the focus got from one to the other
        with st.form(f"{key}.save", border=False):
            password = _password(before, key) if cls.needs_password else ""
            asked = st.form_submit_button(
                t("Save and test"), key=f"{key}.asked", type="primary", disabled=database is None
            )
        if before is not None and st.button(t("Cancel"), key=f"{key}.cancel", type="tertiary"):
            _leave(key)
            st.rerun()
        if asked and database is not None:
            _save(before, name.strip() or _called(database), database, password, key)


def _password(before: Connection | None, key: str) -> str:
    kept = before is not None and before.secret is not None
    return st.text_input(
        t("Password"), key=f"{key}.password", type="password", autocomplete="new-password",
        placeholder=plain("kept; type another one to change it") if kept else None,
        help=t("Kept encrypted, with a key outside the store. It is not shown again."),
    )  # fmt: skip


def _server(cls: type[Database], values: Mapping[str, Json], key: str) -> Database | None:
    skip: list[str] = []
    if cls is OtherDatabase:
        dialects = allowed_dialects()
        start = values.get("dialect")
        dialect = st.selectbox(
            t("Dialect"),
            dialects,
            index=dialects.index(start) if start in dialects else 0,
            key=f"{key}.dialect",
        )
        values, skip = {**values, "dialect": dialect}, ["dialect", "tls", "authority"]
    found: Database | None = member(cls, (), values, key=key, skip=skip, across=2)
    if isinstance(found, Server) and found.tls in ("prefer", "off") and cls is not OtherDatabase:
        st.warning(t("Without TLS that is checked, the password and all rows can be read on the way."))
    return found


def _file(cls: type[Database], values: Mapping[str, Json], key: str) -> Database | None:
    offered = reach.offered_files(cls.endings)
    ways = {"upload": "Upload a file", "place": "A file on this server"}
    way = "upload"
    if reach.folders():
        way = st.segmented_control(
            t("Where it is"), list(ways), default="place" if values.get("place") else "upload", required=True,
            format_func=lambda way: t(ways[way]), key=f"{key}.way",
        )  # fmt: skip
    if way == "place":
        start = values.get("place")
        place = st.selectbox(
            t("File on this server"), offered, index=offered.index(start) if start in offered else None,
            key=f"{key}.place", placeholder=plain("Choose") if offered else plain("There is none."),
        )  # fmt: skip
        return cls.build(cls.kind(), {"place": place}) if place else None  # type: ignore[no-any-return]
    received = uploads(
        t("Drop the database's file here, or click to choose"), cls.endings, key=f"{key}.file", many=False
    )
    id = received[0].id if received else values.get("upload")
    if not id:
        st.caption(t("Its endings are usually {endings}.", endings=", ".join(cls.endings)))
        return None
    kept = services.store().get(Upload, id, services.owner())
    st.caption(
        t("File: {name}, {size:,} byte | File: {name}, {size:,} bytes", name=kept.name, size=kept.bytes)
    )
    return cls.build(cls.kind(), {"upload": id})  # type: ignore[no-any-return]


def _called(database: Database) -> str:
    """A name for a connection that was given none."""
    if isinstance(database, Server):
        return f"{database.database} · {database.host}"
    if isinstance(database, LocalFile) and database.upload:
        return services.store().get(Upload, database.upload, services.owner()).name
    return PurePath(getattr(database, "place", "")).name


def _save(before: Connection | None, name: str, database: Database, password: str, key: str) -> None:
    store, owner = services.store(), services.owner()
    secret = SecretStr(password) if password else None
    try:
        kept = connections.keep(store, owner, name, database, secret, before.id if before else None)
    except SightlineError as error:
        st.error(message(error))
        return
    _leave(key)
    state.set_address(connection=kept.id)
    test(kept)
    st.rerun()


def _leave(key: str) -> None:
    """Forget what was typed: the password above all."""
    forget_uploads(f"{key}.file")
    state.put("databases.editing", None)
    state.drop(key)


def test(connection: Connection) -> Job:
    """Try the connection and list what is in the database."""
    params = {"connection": connection.id}
    return services.submit("connect_database", params, title="Connect to the database", subject=connection.id)


def status(connection: Connection) -> Mapping[str, Json] | None:
    """What the last try found; None while there is nothing, and then it says why."""
    job = services.newest_job("connect_database", connection.id) or test(connection)
    job = follow(job.id, key=f"databases.test.{connection.id}", quiet=True)
    if job.state in ACTIVE:
        return None
    found = job.result if job.state == "done" else None
    with st.container(horizontal=True, vertical_alignment="center", key="databases.status"):
        if found is not None:
            safe = found["tls"] or ("" if not _is_server(connection) else plain("not encrypted"))
            seen = plain("seen {when}", when=moment(job.ended or job.created))
            words = " · ".join(filter(None, (found["server"], safe, seen)))
            st.markdown(f":green-badge[{t('Connected')}] {md(words)}", width="stretch")
        label = t("Look again") if found is not None else t("Try again")
        if st.button(label, key="databases.again", type="tertiary"):
            test(connection)
            st.rerun()
    return found


def _is_server(connection: Connection) -> bool:
    return "host" in connection.settings
