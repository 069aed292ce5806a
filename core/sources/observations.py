"""What to tell about columns that stayed text although their values look like something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from core.sources.forms import Form
from core.wording import Note, few, note

if TYPE_CHECKING:
    import pyarrow as pa

_KINDS: tuple[tuple[str, Note], ...] = (
    (r"0\d+", note("{names}: numbers with leading zeros stay text, so that no zero is lost")),
    (r"[-+]?\d{16,}", note("{names}: numbers of more than 15 digits stay text, so that no digit is lost")),
    (r"\d+E\d+", note("{names}: texts such as 1E5 may be codes and stay text")),
    (r"-?\d{1,3}([., ']\d{3})+([.,]\d+)?",
     note("{names}: numbers with a mark between thousands stay text until that mark is chosen")),
    (r"-?\d+,\d+",
     note("{names}: numbers with a comma stay text: choose it as the decimal sign if it is one")),
)  # fmt: skip


def observed(
    names: Sequence[str], sample: pa.Table, use: Sequence[Form], missing: Sequence[str]
) -> list[Note]:
    """Notes on columns of text, on time zones and on texts read as missing, from a sample of the rows."""
    notes: list[Note] = []
    texts = [i for i, form in enumerate(use) if form.type == "text"][:500]
    nothing = {"", None, *missing}
    values = {i: [v for v in sample.column(i).unique().to_pylist() if v not in nothing][:300] for i in texts}
    told: set[int] = set()
    for pattern, message in _KINDS:
        known = re.compile(r"\s*" + pattern + r"\s*")
        like = [
            i
            for i in texts
            if i not in told
            and values[i]
            and any(known.fullmatch(v) for v in values[i])
            and all(re.fullmatch(r"\s*[-+]?[\d.,' eE]+\s*", v) for v in values[i])
        ]
        told.update(like)
        if like:
            notes.append(note(message.template, names=few([names[i] for i in like])))
    if any(form.name == "datetime with zone" for form in use):
        zoned = [name for name, form in zip(names, use, strict=True) if form.name == "datetime with zone"]
        notes.append(note("{names}: times with a zone were brought to UTC", names=few(zoned)))
    if missing:
        seen = _seen(sample, missing)
        if seen:
            where = [
                note("{text} in {names}", text=text, names=few([names[i] for i in places]))
                for text, places in seen.items()
            ]
            together = reduce(lambda one, other: note("{one}; {other}", one=one, other=other), where)
            notes.append(note("read as missing: {texts}", texts=together))
    return notes


def _seen(sample: pa.Table, missing: Sequence[str]) -> dict[str, list[int]]:
    result: dict[str, list[int]] = {}
    wanted = set(missing)
    for i in range(sample.num_columns):
        for text in wanted & set(sample.column(i).unique().to_pylist()):
            result.setdefault(text, []).append(i)
    return dict(sorted(result.items()))
