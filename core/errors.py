"""What a user can be told: SightlineError and its few children.

Every message is a template and its values, so that it can be translated and so that
hostile names never become part of a template. Anything that is not a SightlineError is
a defect of ours: it surfaces with a reference number and a log entry.
"""

from __future__ import annotations

from typing import Any


class SightlineError(Exception):
    """Something a person can understand and mend: what is wrong, what is allowed, what to do.

    >>> str(SightlineError("No column {name!r}.", hint="Choose one of {choices}.",
    ...                    name="ag", choices="age, sex"))
    "No column 'ag'. Choose one of age, sex."
    """

    def __init__(self, template: str, /, *, hint: str = "", **values: Any) -> None:
        self.template, self.hint, self.values = template, hint, values
        super().__init__(template)

    def __str__(self) -> str:
        parts = (self.template, self.hint)
        return " ".join(part.format(**self.values) for part in parts if part)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.template, self.hint, self.values)


def _rebuild(cls: type[SightlineError], template: str, hint: str, values: dict[str, Any]) -> SightlineError:
    return cls(template, hint=hint, **values)


class BadParameter(SightlineError):
    """A parameter's value breaks its rule: names the parameter, the rule and the value received."""


class MissingColumn(SightlineError):
    """A column that something needs is not in the table; says which, and which ones are like it."""

    def __init__(
        self,
        template: str = "{needs} needs the column {column!r}, which this table does not have.",
        /,
        *,
        hint: str = "Did you mean one of these: {candidates}?",
        **values: Any,
    ) -> None:
        super().__init__(template, hint=hint, **values)


class BadInput(SightlineError):
    """A file or a table cannot be used as it is; names the place and the reason."""


class NotFound(SightlineError):
    """The object does not exist, or belongs to somebody else: the two look the same."""


class LimitReached(SightlineError):
    """Memory, time, disk space or a quota would be exceeded; says how much and what to do."""


class Cancelled(SightlineError):
    """The person asked for the work to stop."""

    def __init__(self, template: str = "Stopped on request.", /, **values: Any) -> None:
        super().__init__(template, **values)
