"""The field that databases in files have: an upload, or a file in a folder that the administrator allows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field as P

from core import reach
from core.errors import BadInput
from core.params import Text
from core.sources.database.base import Database, Here


class LocalFile(Database):
    """What a database in a file is reached by."""

    needs_password: ClassVar[bool] = False

    upload: str = P(
        default="", max_length=80, title="Uploaded file", description="The upload that holds the database."
    )
    place: Annotated[str, Text(example="/srv/data/shop.db")] = P(
        default="",
        max_length=4_000,
        title="File on this server",
        description="Its full name; it has to lie in a folder that SIGHTLINE_DB_FOLDERS names.",
    )

    def file(self, here: Here) -> Path:
        """The database's file."""
        if self.upload:
            if here.file is None:
                raise BadInput("The uploaded file is gone.", hint="Upload it again.")
            return here.file
        return reach.allowed_file(self.place)
