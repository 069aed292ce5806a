"""Who has a partner by similar text: the same counts as for equal keys."""

from __future__ import annotations

from sqlglot import exp

from core import sql
from core.contracts import Engine, Table
from core.joins.match import EXAMPLES, Match, Side
from core.steps.similar import JoinFuzzy


def similar(left: Table, right: Table, step: JoinFuzzy, engine: Engine) -> Match:
    """Count the partners on both sides of a join by similar text, each text that is compared as a key."""
    query = step.pairs("mine").with_("mine", as_=left.query.copy())
    with engine.held(query.with_(sql.other(step.table), as_=right.query.copy())) as pairs:
        counted = exp.select(sql.template("count(*) AS n")).from_(pairs.subquery("p"))
        total = int(engine.rows(counted)["n"][0].as_py())
        sides = [
            _side(table, step.texts("t", column, "i"), pairs, row, engine)
            for table, column, row in ((left, step.column, "l"), (right, step.other, "r"))
        ]
    # a row's most partners are told by the other side, as Match says
    return Match(
        left=sides[0].model_copy(update={"most": sides[1].most}),
        right=sides[1].model_copy(update={"most": sides[0].most}),
        pairs=total,
    )


def _side(table: Table, texts: exp.Select, pairs: exp.Select, row: str, engine: Engine) -> Side:
    """One table's counts; its `most` are the most partners that one of its own rows has."""
    held = sql.select_values({"i": sql.name(row), "n": sql.template("count(*)")})
    partners = held.from_(pairs.subquery("p")).group_by(sql.name(row))
    same_row = exp.EQ(this=sql.name("i", "t"), expression=sql.name("i", "p"))
    each = sql.select_values({"s": sql.name("s", "t"), "n": sql.name("n", "p")}).from_(texts.subquery("t"))
    each = each.join(partners.subquery("p"), on=same_row, join_type="left")
    counts = {
        "rows": sql.template("count(*)"),
        "most": sql.template("coalesce(max(:n), 0)", n=sql.name("n")),
        "matched": sql.template("count(:n)", n=sql.name("n")),
    }
    keys = sql.select_values({"s": sql.name("s"), **counts}).from_(each.subquery("e")).group_by(sql.name("s"))
    order = "struct_pack(n := rows, t := s)"  # of equally frequent texts the letters decide
    lost = {"most": EXAMPLES}
    told = {
        "filled": sql.template("coalesce(sum(rows), 0)"),
        "matched": sql.template("coalesce(sum(matched), 0)"),
        "keys": sql.template("count(*)"),
        "repeated": sql.template("count(*) FILTER (WHERE rows > 1)"),
        "most": sql.template("coalesce(max(most), 0)"),
        "lost": sql.template(f"arg_max(s, {order}, :most) FILTER (WHERE matched = 0)", **lost),
        "lost_rows": sql.template(f"arg_max(rows, {order}, :most) FILTER (WHERE matched = 0)", **lost),
    }
    query = sql.select_values(told).from_(keys.subquery("k")).with_("t", as_=table.query.copy())
    found = engine.rows(query).to_pylist()[0]
    counted = exp.select(sql.template("count(*) AS n")).from_(table.query.subquery("t"))
    rows = int(engine.rows(counted)["n"][0].as_py())
    return Side(
        rows=rows,
        empty=rows - int(found["filled"]),
        matched=int(found["matched"]),
        keys=int(found["keys"]),
        repeated=int(found["repeated"]),
        most=int(found["most"]),
        lost=tuple(zip(found["lost"] or [], map(int, found["lost_rows"] or []), strict=True)),
    )
