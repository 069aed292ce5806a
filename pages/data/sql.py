"""SQL: ask the tables with statements of one's own, and keep what comes of them."""

import streamlit as st

from core.queries.naming import named_tables
from ui import remade, result, services, sql
from ui.frame import ADD, empty, header
from ui.text import t

header("SQL", "Ask your tables with statements of your own. They read, and change nothing.")
tables = named_tables(services.store(), services.owner())
if not tables:
    empty(
        "There is no data yet",
        "Add a table first: your own file, a sample, or a made data set.",
        ADD,
        "Add data",
    )

main, side = st.columns([10, 4], gap="medium")
with side:
    sql.beside(tables)
with main:
    query = sql.run(*sql.write(tables))
if query is not None:
    result.show(query)
else:
    st.caption(t("A result of up to {rows:,} rows is shown here.", rows=sql.ROWS))

remade.listed()
