"""Choices that several sources offer, each said in one way."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.params import Text
from core.sources import charsets, forms

Encoding = Annotated[
    charsets.Encoding, Field(title="Encoding", description="How the file's bytes stand for letters.")
]
Mixed = Annotated[
    bool,
    Field(
        title="Mixed encodings",
        description="Lines that are UTF-8 or UTF-16 are read as that, the others in the encoding above.",
    ),
]
Twice = Annotated[
    bool,
    Field(
        title="Undo double encoding",
        description="Lines of UTF-8 that were encoded twice, such as CafÃ©, are read as they were meant.",
    ),
]
Header = Annotated[bool, Field(title="First row holds names", description="Otherwise the columns get names.")]
Skip = Annotated[
    int,
    Field(
        ge=0, le=10_000, title="Lines to leave out", description="Lines before the table, such as a title."
    ),
]
Decimal = Annotated[
    Literal[".", ","], Field(title="Decimal sign", description="What stands before the decimals of a number.")
]
Thousands = Annotated[
    Literal["none", ",", ".", "space", "apostrophe"],
    Field(title="Thousands mark", description="What stands between groups of three digits."),
]
DateOrder = Annotated[
    forms.DateOrder,
    Field(
        title="Dates such as 01/02/2024",
        description="Unclear: a column is read as dates only when its own values leave no doubt.",
    ),
]
Missing = Annotated[
    str,
    Text(example="NA, -, ?"),
    Field(
        title="Missing",
        description="Texts that stand for a missing value, separated by commas. Empty cells always do.",
    ),
]
Totals = Annotated[
    bool,
    Field(title="Leave out totals", description="The last rows are left out when they add up the others."),
]
MISSING = "NA, N/A, #N/A, NaN, nan, null, NULL"  # what most files write for a missing value
