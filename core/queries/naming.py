"""What tables are called in statements, and names as SQL writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from core.engine.allowed import RESERVED
from core.engine.stored_tables import Stored
from core.engine.tree import folded
from core.errors import LimitReached
from core.store import Dataset, Store, Version

MOST = 400  # tables that one statement reads: each is a file that its process may open
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*")
_PARTS = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.DOTALL)


@dataclass(frozen=True)
class Named:
    """A table under the name that statements use; `newest`: the dataset's last version."""

    name: str
    version: Version
    newest: bool


def named_tables(store: Store, owner: str) -> dict[str, Named]:
    """The owner's tables by name, the newest dataset first; `sales@2` is the second version of `sales`."""
    versions: dict[str, list[Version]] = {}
    for version in store.list(Version, owner):
        versions.setdefault(version.dataset, []).append(version)
    datasets = [dataset for dataset in store.list(Dataset, owner) if dataset.id in versions]
    found: dict[str, Named] = {}
    for dataset in datasets:
        newest = max(versions[dataset.id], key=lambda one: one.number)
        found[dataset.name] = Named(dataset.name, newest, True)
    taken = {name.casefold() for name in found}
    for dataset in datasets:
        for version in sorted(versions[dataset.id], key=lambda one: -one.number):
            name = f"{dataset.name}@{version.number}"
            if name.casefold() not in taken:  # a dataset may be called so itself
                found[name] = Named(name, version, False)
    return found


def reachable(tables: Mapping[str, Named], text: str) -> dict[str, Named]:
    """The tables that a statement's process is given: all, or of very many those that the text names.

    What is left of `MOST` goes to the newest, so that the process stays warm from one statement to the
    next. LimitReached when the text names more than that.
    """
    if len(tables) <= MOST:
        return dict(tables)
    words = _words(text)
    meant = [name for name in tables if folded(name) in words]
    if len(meant) > MOST:
        raise LimitReached(
            "A statement reads at most {most:,} tables; this one names {got:,}.",
            hint="Put some of them together first, on the page Combine or with statements that you keep.",
            most=MOST,
            got=len(meant),
        )
    given = dict.fromkeys(islice(tables, MOST - len(meant))) | dict.fromkeys(meant)
    return {name: tables[name] for name in given}


def _words(text: str) -> set[str]:
    """All that could be a name in a statement: words, and what stands between quotes of any kind."""
    found = set(_WORD.findall(text))
    for quote in "\"'":
        for quoted in re.findall(f"{quote}((?:[^{quote}]|{quote}{quote})*){quote}", text):
            found.add(quoted.replace(quote * 2, quote))
    for part in _PARTS.finditer(text):  # the same, where a quote in a comment or a text begins nothing
        whole = part.group()
        if whole[0] in "\"'":
            found.add(whole[1:-1].replace(whole[0] * 2, whole[0]))
    return {folded(word) for word in found}


def stored(store: Store, tables: Mapping[str, Version]) -> dict[str, Stored]:
    """The files of tables, as engines for statements take them."""
    return {
        name: Stored(
            str(store.place(version.object, version.owner)), [column.name for column in version.columns]
        )
        for name, version in tables.items()
    }


def written(name: str) -> str:
    """A name as it stands in SQL: in double quotes unless it is a plain word."""
    if _PLAIN.fullmatch(name) and name.lower() not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def place(text: str, start: int | None, length: int | None) -> tuple[int, int, int] | None:
    """Line (from 1), column (from 1) and length in letters of a place given in bytes; None when unknown."""
    data = text.encode(errors="replace")
    if not isinstance(start, int) or not 0 <= start < max(len(data), 1):
        return None
    before = data[:start].decode(errors="replace")
    part = data[start : start + max(1, length or 1)].decode(errors="replace").split("\n")[0]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1, max(1, len(part))
