"""Functions of dates and datetimes. A date serves where a datetime is asked for, as its midnight."""

from __future__ import annotations

from core.steps.formula.forms import Form, Function, form


def _date(name: str, call: str, help: str, example: str, *forms: Form) -> Function:
    return Function(name, "Dates", call, help, example, forms)


def _part(name: str, help: str, sql: str, pandas: str) -> Function:
    """A part of a date or a datetime, as a whole number."""
    forms = (form(kind, "integer", sql, pandas) for kind in ("date", "datetime"))
    return _date(name, f"{name}(date)", help, f"{name}(day)", *forms)


def _time(name: str, help: str) -> Function:
    """A part of a time of day, as a whole number."""
    written = form("datetime", "integer", f"{name}(:a)", f"{{a}}.dt.{name}")
    return _date(name, f"{name}(datetime)", help, f"{name}(at)", written)


def _later(kind: str, sql: str, count: str, unit: int, arrow: str) -> Form:
    """So many days added: in Arrow by way of the count of days or microseconds that a date is."""
    return form(
        f"{kind}, integer",
        kind,
        "CAST(:a + to_days(CAST(CASE WHEN :b BETWEEN -1000000 AND 1000000 THEN :b END AS INTEGER)) "
        f"AS {sql})",
        f"arrow(pc.cast, arrow(pc.cast, arrow(pc.cast, arrow(pc.cast, {{a}}, '{count}'), 'int64')"
        f" + {{b}}.where(lambda v: v.between(-1000000, 1000000)) * {unit}, '{count}'), {arrow})",
    )


DATES = (
    _part("year", "The year.", "year(:a)", "{a}.dt.year"),
    _part("quarter", "The quarter, 1 to 4.", "quarter(:a)", "{a}.dt.quarter"),
    _part("month", "The month, 1 to 12.", "month(:a)", "{a}.dt.month"),
    _part("week", "The ISO week, 1 to 53: it begins on Monday.", "weekofyear(:a)", "arrow(pc.iso_week, {a})"),
    _part("day_of_month", "The day of the month, 1 to 31.", "day(:a)", "{a}.dt.day"),
    _part("weekday", "The day of the week: Monday is 1, Sunday 7.", "isodow(:a)", "({a}.dt.day_of_week + 1)"),
    _time("hour", "The hour, 0 to 23."),
    _time("minute", "The minute, 0 to 59."),
    _date(
        "date",
        "date(datetime)",
        "The day without the time, or a day written as a text.",
        'date("2024-01-30")',
        form("date", "date", ":a", "{a}"),
        form("datetime", "date", "CAST(:a AS DATE)", "arrow(pc.cast, {a}.dt.floor('D'), 'date32')"),
    ),
    _date(
        "month_start",
        "month_start(date)",
        "The first day of its month.",
        "month_start(day)",
        form(
            "datetime",
            "date",
            "CAST(date_trunc('month', :a) AS DATE)",
            "arrow(pc.cast, arrow(pc.floor_temporal, {a}, unit='month'), 'date32')",
        ),
    ),
    _date(
        "add_days",
        "add_days(date, days)",
        "So many days later; earlier when below 0. Missing beyond a million days.",
        "add_days(day, quantity)",
        _later("date", "DATE", "int32", 1, "'date32'"),
        _later("datetime", "TIMESTAMP", "int64", 86_400_000_000, "pa.timestamp('us')"),
    ),
    _date(
        "days_between",
        "days_between(from, to)",
        "Days from the first date to the second, by the calendar; times of day do not count.",
        'days_between(day, "2024-12-31")',
        form(
            "date, date",
            "integer",
            "date_diff('day', :a, :b)",
            "arrow(pc.days_between, {a}, {b})",
        ),
        form(
            "datetime, datetime",
            "integer",
            "date_diff('day', CAST(:a AS DATE), CAST(:b AS DATE))",
            "arrow(pc.days_between, {a}, {b})",
        ),
    ),
    _date(
        "hours_between",
        "hours_between(from, to)",
        "Hours from the first time to the second, with decimals.",
        'hours_between(at, "2024-12-31 12:00")',
        form(
            "datetime, datetime",
            "number",
            "CAST(epoch_us(:b) - epoch_us(:a) AS DOUBLE) / 3600000000",
            "(arrow(pc.cast, {b}, 'int64') - arrow(pc.cast, {a}, 'int64')) / 3_600_000_000",
        ),
    ),
)
