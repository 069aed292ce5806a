"""The command line: read, profile, clean, compare, check, fit, score, key, reference.

Each command prints text for people, or with --json one JSON document with all digits. A message
that a person can act on goes to standard error, and the exit status is then 1.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from core.cli.cage import Fork
from core.cli.compared import check, compare
from core.cli.data import clean, profile, read
from core.cli.inputs import printable
from core.cli.keys import key
from core.cli.models import fit, score
from core.cli.reference import reference
from core.errors import SightlineError


class _Commands(click.Group):
    """Turns what a user can be told into a message and an exit status, in one place."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except SightlineError as error:
            click.echo(printable(f"Error: {error}"), err=True)
            context.exit(1)
        except OSError as error:
            if error.filename is None:
                raise  # no file of the user's: a defect of ours
            click.echo(printable(f"Error: {error.filename}: {error.strerror}."), err=True)
            context.exit(1)


@click.group(cls=_Commands, help=__doc__)
def commands() -> None: ...


for _command in (read, profile, clean, compare, check, fit, score, key, reference):
    commands.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    commands.main(
        args=list(sys.argv[1:] if arguments is None else arguments), prog_name="python -m core", obj=Fork()
    )
