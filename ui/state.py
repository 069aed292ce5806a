"""The only door to Streamlit's session state and to the address bar.

Both hold ids and JSON, never live objects: what matters lives in the store, and a page that is
reloaded or sent to somebody else finds its dataset, version and run again by the address.
"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

KEPT = ("dataset", "version", "run", "lang")  # follow the reader from page to page


def get(key: str, default: Any = None) -> Any:
    """What this session remembers under a key."""
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:
    """Remember JSON under a key for this session."""
    st.session_state[key] = value


def drop(prefix: str) -> None:
    """Forget everything whose key is `prefix` or starts with `prefix.`: resets a form."""
    for key in [str(key) for key in st.session_state]:
        if key == prefix or key.startswith(prefix + "."):
            del st.session_state[key]


def address(key: str) -> str | None:
    """A value of the address bar; one of KEPT is found again after a change of page."""
    found = st.query_params.get(key)
    if key not in KEPT:
        return found
    if found is not None:
        put(f"address.{key}", found)
        return found
    remembered = get(f"address.{key}")
    if remembered is not None:
        st.query_params[key] = remembered
    return remembered


def document(text: str | bytes) -> Any:
    """The JSON of an address, which anybody may have written. ValueError where it cannot be shown."""
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # half a character (\\ud800) is no text
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    return found


def set_address(**values: str | None) -> None:
    """Write values to the address bar, all of them as one place to go back from; None removes one."""
    before = st.query_params.to_dict()
    after = {key: value for key, value in {**before, **values}.items() if value is not None}
    if after != before:
        st.query_params.from_dict(after)
    for key, value in values.items():
        if value is None:
            st.session_state.pop(f"address.{key}", None)
        elif key in KEPT:
            put(f"address.{key}", value)


def kept() -> dict[str, str]:
    """The address to hand to another page."""
    return {key: value for key in KEPT if (value := address(key)) is not None}
