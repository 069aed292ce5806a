"""Databases: connect, look around, read tables and queries, and read them again."""

from core.store import Dataset
from ui import services
from ui.connections import chosen, form, status
from ui.databases import browse
from ui.frame import header, next_link
from ui.intake import readings
from ui.refreshing import read_by

header("Databases", "Read tables and queries of your databases. Nothing in them is ever changed.")
readings()
connection, editing = chosen()
if connection is None or editing:
    form(connection)
else:
    found = status(connection)
    if found is not None:
        browse(connection, found)
    read_by(connection)
if services.store().list(Dataset, services.owner()):
    next_link("pages/data/profile.py", "Look at the data", "What it holds, and what is worth mending.")
