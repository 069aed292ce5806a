"""Databases: how to reach one, what is in it, and its tables and queries read into tables."""

from core.sources.database.base import Database, Found, Held, Here, Reading, Session, Shape, Taken
from core.sources.database.dialects import OtherDatabase
from core.sources.database.duckdb_file import DuckdbFile
from core.sources.database.mysql import MySql
from core.sources.database.postgres import PostgreSql
from core.sources.database.sqlite_file import SqliteFile

__all__ = [
    "Database",
    "DuckdbFile",
    "Found",
    "Held",
    "Here",
    "MySql",
    "OtherDatabase",
    "PostgreSql",
    "Reading",
    "Session",
    "Shape",
    "SqliteFile",
    "Taken",
]
