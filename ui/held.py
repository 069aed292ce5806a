"""Lists of ids that the address leads to: short ones stand in it, long ones in the store. None is cut off."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import NotFound
from core.store.records import Setting
from ui import services, state

SHORT = 20  # ids that stand in an address; browsers and servers in between cut very long ones


def held(key: str) -> list[str]:
    """The ids that the address holds, or leads to, under this key."""
    text = state.address(key) or ""
    if (kept := _kept(key, text)) is not None:
        return [str(id) for id in kept.value]
    return list(filter(None, text.split(".")))


def hold(key: str, ids: Sequence[str]) -> None:
    """Hold these ids instead; a reload, or the address in another tab, finds them."""
    store, owner = services.store(), services.owner()
    kept = _kept(key, state.address(key) or "")
    if len(ids) <= SHORT:
        if kept is not None:
            store.delete(Setting, kept.id, owner)
        state.set_address(**{key: ".".join(ids) or None})
    elif kept is not None:
        store.change(Setting, kept.id, owner, value=list(ids))
    else:
        record = store.add(Setting(owner=owner, key=f"held {key}", value=list(ids)))
        state.set_address(**{key: record.id})


def _kept(key: str, text: str) -> Setting | None:
    if not text.startswith(f"{Setting.prefix}_"):
        return None
    try:
        record = services.store().get(Setting, text, services.owner())
    except NotFound:
        return None
    return record if record.key == f"held {key}" else None
