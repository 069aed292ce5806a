"""What core says in words: a template and its values, so that every sentence can be translated."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from core.params import Frozen


class Note(Frozen):
    """One sentence. The English text is `str(note)`; the screen translates the template.

    A value may be a note itself: a word or a part of the sentence that is translated on its own.
    """

    template: str
    values: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _finished(cls, given: Any) -> Any:
        """A plain text is a note without values: what was written down before notes had them."""
        return {"template": "{text}", "values": {"text": given}} if isinstance(given, str) else given

    @field_validator("values", mode="before")
    @classmethod
    def _nested(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Notes among the values come back from JSON as notes."""
        return {
            name: Note(**value) if isinstance(value, dict) and {*value} == {"template", "values"} else value
            for name, value in values.items()
        }

    def __str__(self) -> str:
        return self.template.format(**self.values) if self.values else self.template


def note(template: str, /, **values: Any) -> Note:
    """A sentence to be shown: note("{rows:,} blank lines were left out", rows=3)."""
    return Note(template=template, values=values)
