"""What the tree of a typed statement may hold: each kind of node with its fields, and names to use."""

from __future__ import annotations

from typing import Any

from core.engine.allowed import FUNCTIONS, TABLE_FUNCTIONS, WINDOWS
from core.engine.names import called, known_type, no_schema, one_path, table_name
from core.engine.tree import (
    Rule,
    Scope,
    Walk,
    each,
    fields,
    folded,
    maybe,
    nothing,
    one_of,
    plain,
    shaped,
    values,
)


def expression(walk: Walk, node: Any, scope: Scope, what: str) -> None:
    _EXPRESSION(walk, node, scope, what)


def query(walk: Walk, node: Any, scope: Scope, what: str) -> None:
    """A query node: first the WITH queries, one after another, then the rest with them in scope."""
    kind = node.get("type") if isinstance(node, dict) else None
    if kind not in _QUERIES:
        raise walk.refuse(
            "Only queries can stand here: {what} changes or writes something.",
            "Statements read; a result is kept with “Save as a table”.",
            what=str(kind).removesuffix("_QUERY_NODE").removesuffix("_NODE"),
        )
    if set(node) != set(_QUERIES[kind]):
        raise walk.unknown(kind)
    scope = _with_queries(walk, node["cte_map"], scope)
    if kind == "RECURSIVE_CTE_NODE":
        _recursive(walk, node, scope)
        return
    for name, rule in _QUERIES[kind].items():
        rule(walk, node[name], scope, f"{kind} {name}")


def _with_queries(walk: Walk, node: Any, scope: Scope) -> Scope:
    """Check the WITH queries; the scope with their names added.

    Inside its own text the name of a WITH query means a table, or nothing: were it taken for the
    query itself, `WITH x AS (SELECT * FROM x)` would reach whatever else is called x.
    """
    if not isinstance(node, dict) or set(node) != {"map"} or not isinstance(node["map"], list):
        raise walk.unknown("WITH")
    for entry in node["map"]:
        if not isinstance(entry, dict) or set(entry) != {"key", "value"}:
            raise walk.unknown("WITH")
        name = folded(str(entry["key"]))
        walk.record(_WITH, entry["value"], scope - {name}, "WITH")
        scope = scope | {name}
    return scope


def _recursive(walk: Walk, node: dict[str, Any], scope: Scope) -> None:
    """Only the second half of a recursive query can name it."""
    name = folded(str(node["cte_name"]))
    for part, rule in _RECURSIVE.items():
        inner = scope | {name} if part == "right" else scope - {name} if part == "left" else scope
        rule(walk, node[part], inner, f"RECURSIVE {part}")


def no_rows_of_files(walk: Walk, node: Any, scope: Scope, what: str) -> None:
    """A function that yields rows: only those that make them of their arguments."""
    call = node.get("function_name") if isinstance(node, dict) else None
    if isinstance(call, str) and folded(call) not in TABLE_FUNCTIONS:
        raise walk.refuse(
            "{name} cannot be read from: statements reach your tables, and no files or settings.",
            "Add the file on the page Add; then it is a table. To make rows: range, generate_series, unnest.",
            name=f"{call}(…)"[:100],
        )
    walk.record(_FUNCTION, node, scope, "FUNCTION")


def shown(walk: Walk, node: Any, scope: Scope, what: str) -> None:
    """What DESCRIBE or SUMMARIZE is about: a query, never a list of what the engine knows."""
    if node is None:
        raise walk.refuse(
            "Lists of tables and settings cannot be shown here.",
            "Your tables stand beside the editor; DESCRIBE and SUMMARIZE take one of them.",
        )
    query(walk, node, frozenset(), what)


_ORDERS = each(
    fields(
        type=one_of("ORDER_DEFAULT", "ASCENDING", "DESCENDING"),
        null_order=one_of("ORDER_DEFAULT", "NULLS FIRST", "NULLS LAST"),
        expression=expression,
    )
)
_NO_TEXT: dict[str, Rule] = {"query_location": plain, "query_location_length": plain}
_PART: dict[str, Rule] = {"type": plain, "alias": plain, **_NO_TEXT}
_NODE: dict[str, Rule] = {**_PART, "class": plain}
_ARGUMENTS = each(fields(name=plain, expression=expression))
STATEMENT: dict[str, Rule] = {"node": query, "named_param_map": nothing}
_SUBQUERY = fields(**STATEMENT)
_CHILDREN: dict[str, Rule] = {**_NODE, "children": each(expression)}
_PAIR: dict[str, Rule] = {**_NODE, "left": expression, "right": expression}
_FUNCTION: dict[str, Rule] = {
    **_NODE,
    "function_name": called(FUNCTIONS | TABLE_FUNCTIONS),
    "schema": no_schema,
    "catalog": no_schema,
    "filter": maybe(expression),
    "order_bys": fields(type=one_of("ORDER_MODIFIER"), orders=_ORDERS),
    "distinct": one_of(True, False),
    "is_operator": one_of(True, False),
    "export_state": one_of(False),
    "arguments": _ARGUMENTS,
    "qualified_name": one_path,
}
_WINDOW: dict[str, Rule] = {
    **_NODE,
    "function_name": called(FUNCTIONS | WINDOWS),
    "schema": no_schema,
    "catalog": no_schema,
    "partitions": each(expression),
    "orders": _ORDERS,
    "start": plain,
    "end": plain,
    "start_expr": maybe(expression),
    "end_expr": maybe(expression),
    "offset_expr": maybe(expression),
    "default_expr": maybe(expression),
    "ignore_nulls": plain,
    "filter_expr": maybe(expression),
    "exclude_clause": plain,
    "distinct": plain,
    "arg_orders": _ORDERS,
    "has_ignore_nulls": plain,
    "arguments": _ARGUMENTS,
    "qualified_name": one_path,
}
_TYPE: dict[str, Rule] = {
    **_NODE,
    "catalog": nothing,
    "schema": nothing,
    "type_name": known_type,
    "children": each(expression),
    "qualified_name": one_path,
}
_COLUMN = fields(catalog=nothing, schema=nothing, table=plain, column=plain)
_STAR: dict[str, Rule] = {
    **_NODE,
    "relation_name": plain,
    "exclude_list": each(plain),
    "replace_list": each(fields(key=plain, value=expression)),
    "columns": one_of(True, False),
    "expr": maybe(expression),
    "qualified_exclude_list": each(_COLUMN),
    "rename_list": each(fields(key=_COLUMN, value=plain)),
}
_CLASSES: dict[str, dict[str, Rule]] = {
    "BETWEEN": {**_NODE, "input": expression, "lower": expression, "upper": expression},
    "CASE": {
        **_NODE,
        "case_checks": each(fields(when_expr=expression, then_expr=expression)),
        "else_expr": expression,
    },
    "CAST": {
        **_NODE,
        "child": expression,
        "try_cast": one_of(True, False),
        "type_expr": shaped({"TYPE": _TYPE}, "class"),
    },
    "COLLATE": {**_NODE, "child": expression, "collation": plain},
    "COLUMN_REF": {**_NODE, "column_names": each(plain)},
    "COMPARISON": _PAIR,
    "CONJUNCTION": _CHILDREN,
    "CONSTANT": {**_NODE, "literal": fields(kind=plain, text=plain)},
    "FUNCTION": _FUNCTION,
    "LAMBDA": {**_NODE, "lhs": expression, "expr": expression, "syntax_type": plain},
    "OPERATOR": {**_CHILDREN, "type": one_of(
        "ARRAY_EXTRACT", "ARRAY_SLICE", "STRUCT_EXTRACT", "COMPARE_IN", "COMPARE_NOT_IN", "GROUPING_FUNCTION",
        "OPERATOR_COALESCE", "OPERATOR_IS_NOT_NULL", "OPERATOR_IS_NULL", "OPERATOR_NOT", "OPERATOR_TRY",
        "OPERATOR_UNPACK", "OPERATOR_NULLIF", "ARRAY_CONSTRUCTOR",
    )},
    "POSITIONAL_REFERENCE": {**_NODE, "index": plain},
    "STAR": _STAR,
    "SUBQUERY": {
        **_NODE,
        "subquery_type": plain,
        "subquery": _SUBQUERY,
        "child": maybe(expression),
        "comparison_type": plain,
    },
    "TYPE": _TYPE,
    "WINDOW": _WINDOW,
}  # fmt: skip
_EXPRESSION = shaped(_CLASSES, "class")

_SAMPLE = maybe(
    fields(
        sample_size=values, is_percentage=plain, method=plain, seed=plain, repeatable=plain, sample_rate=plain
    )
)
_TABLE_NAME: dict[str, Rule] = {
    **_PART,
    "sample": _SAMPLE,
    "schema_name": plain,
    "catalog_name": plain,
    "table_name": plain,
    "column_name_alias": each(plain),
    "at_clause": nothing,
    "qualified_name": fields(path=each(plain)),
}
_SOURCE: dict[str, Rule] = {**_PART, "sample": _SAMPLE}
_JOIN: dict[str, Rule] = {
    **_SOURCE,
    "left": lambda walk, node, scope, what: table(walk, node, scope, what),
    "right": lambda walk, node, scope, what: table(walk, node, scope, what),
    "condition": maybe(expression),
    "join_type": plain,
    "ref_type": plain,
    "using_columns": each(plain),
    "delim_flipped": plain,
    "duplicate_eliminated_columns": nothing,
    "is_implicit": plain,
    "ranking_expression": maybe(expression),
    "nearest_count": plain,
    "nearest_order_type": plain,
    "nearest_approx": plain,
}
_PIVOT: dict[str, Rule] = {
    **_SOURCE,
    "source": lambda walk, node, scope, what: table(walk, node, scope, what),
    "aggregates": each(expression),
    "unpivot_names": each(plain),
    "pivots": each(
        fields(
            pivot_expressions=each(expression),
            unpivot_names=each(plain),
            entries=each(
                lambda walk, node, scope, what: walk.record(
                    _ENTRY if isinstance(node, dict) and "star_expr" in node else _LISTED, node, scope, what
                )
            ),
            pivot_enum=nothing,
        )
    ),
    "groups": each(plain),
    "column_name_alias": each(plain),
    "include_nulls": plain,
}
_LISTED: dict[str, Rule] = {"values": each(values), "alias": plain}
_ENTRY: dict[str, Rule] = {**_LISTED, "star_expr": maybe(expression)}
_TABLES: dict[str, dict[str, Rule]] = {
    "EMPTY": _SOURCE,
    "EXPRESSION_LIST": {
        **_SOURCE,
        "expected_names": each(plain),
        "expected_types": each(values),
        "values": each(each(expression)),
    },
    "JOIN": _JOIN,
    "PIVOT": _PIVOT,
    "SHOW_REF": {
        **_SOURCE,
        "table_name": plain,
        "query": shown,
        "show_type": one_of("DESCRIBE", "SUMMARY"),
        "catalog_name": nothing,
        "schema_name": nothing,
        "qualified_name": one_path,
    },
    "SUBQUERY": {**_SOURCE, "subquery": _SUBQUERY, "column_name_alias": each(plain)},
    "TABLE_FUNCTION": {
        **_SOURCE,
        "function": no_rows_of_files,
        "column_name_alias": each(plain),
        "with_ordinality": plain,
    },
}
_NAMELESS = shaped(_TABLES)


def table(walk: Walk, node: Any, scope: Scope, what: str) -> None:
    """Whatever stands after FROM."""
    named = isinstance(node, dict) and node.get("type") == "BASE_TABLE"
    if named:
        walk.record(_TABLE_NAME, node, scope, "TABLE")
        table_name(walk, node, scope)
    else:
        _NAMELESS(walk, node, scope, what)


_WITH: dict[str, Rule] = {
    "aliases": each(plain),
    "materialized": plain,
    "key_targets": nothing,
    "payload_aggregates": nothing,
    "query_node": query,
}
_MODIFIERS = each(
    shaped(
        {
            "ORDER_MODIFIER": {"type": plain, "orders": _ORDERS},
            "LIMIT_MODIFIER": {
                "type": plain,
                "limit": maybe(expression),
                "offset": maybe(expression),
                "limit_type": plain,
            },
            "DISTINCT_MODIFIER": {"type": plain, "distinct_on_targets": each(expression)},
        }
    )
)
_ANY_QUERY: dict[str, Rule] = {
    "type": plain,
    "modifiers": _MODIFIERS,
    "cte_map": lambda *_: None,  # `query` has checked it
}
_RECURSIVE: dict[str, Rule] = {
    **_ANY_QUERY,
    "cte_name": plain,
    "union_all": plain,
    "left": query,
    "right": query,
    "aliases": each(plain),
    "key_targets": nothing,
}
_QUERIES: dict[str, dict[str, Rule]] = {
    "SELECT_NODE": {
        **_ANY_QUERY,
        "select_list": each(expression),
        "from_table": table,
        "where_clause": maybe(expression),
        "group_expressions": each(expression),
        "group_sets": each(each(plain)),
        "aggregate_handling": plain,
        "having": maybe(expression),
        "sample": _SAMPLE,
        "qualify": maybe(expression),
    },
    "SET_OPERATION_NODE": {
        **_ANY_QUERY,
        "setop_type": plain,
        "left": maybe(query),
        "right": maybe(query),
        "setop_all": plain,
        "children": each(query),
    },
    "RECURSIVE_CTE_NODE": _RECURSIVE,
}
