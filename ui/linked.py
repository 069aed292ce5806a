"""Rows in the address: selections as a short text, or the name under which the store keeps a long one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import streamlit as st

from core.errors import NotFound, SightlineError
from core.selection import Selection
from core.store import Version
from core.store.records import Setting
from ui import services, state
from ui.behind import pack, unpack
from ui.text import t

LONGEST = 3_000  # characters in the address; browsers and servers in between cut very long ones
_KEPT = "kept."


def written(selections: Sequence[Selection]) -> str | None:
    """Selections for the address; None where there are none."""
    if not selections:
        return None
    packed = pack(selections)
    if len(packed) <= LONGEST:
        return packed
    store, owner = services.store(), services.owner()
    digest = hashlib.sha256(packed.encode()).hexdigest()[:32]
    if not store.list(Setting, owner, key=f"rows {digest}"):
        store.add(Setting(owner=owner, key=f"rows {digest}", value=packed))
    return _KEPT + digest


def read(key: str, version: Version) -> tuple[Selection, ...]:
    """The selections that the address holds, or leads to; none, with a word on it, where they do not fit."""
    text = state.address(key)
    if not text:
        return ()
    try:
        found = unpack(_packed(text))
        for one in found:
            one.where(version.columns)
    except SightlineError:
        st.warning(t("The rows that this address names are not of this table."))
        state.set_address(**{key: None})
        return ()
    return found


def _packed(text: str) -> str:
    if not text.startswith(_KEPT):
        return text
    known = services.store().list(Setting, services.owner(), key=f"rows {text.removeprefix(_KEPT)}")
    if not known:
        raise NotFound("This address leads to rows that are not kept here.")
    return str(known[0].value)
