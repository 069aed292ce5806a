"""The command about keys: key."""

from __future__ import annotations

import re

import click

from core import keys
from core.errors import BadParameter


@click.command()
@click.argument("name", default="default")
def key(name: str) -> None:
    """Print the key of a step that hashes, as an exported script needs it in its environment.

    A store that has no key file yet gets one. Whoever sees the key can find out whose hashes they are.
    """
    if not re.fullmatch(keys.NAME, name):
        raise BadParameter(
            "A key's name is made of small letters, digits and _. Got {got!r} instead.", got=name[:80]
        )
    click.echo(f"{keys.environment_name(name)}={keys.key(name, make=True).hex()}")
