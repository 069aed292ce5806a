"""The frequent kinds of what the engine has against a statement, each with what we say of it instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.wording import Note, note


@dataclass(frozen=True)
class Kind:
    """A pattern of the engine's sentence, ours, and what to do; its groups are the values of both."""

    pattern: re.Pattern[str]
    said: Note
    hint: Note
    columns: bool = False  # whether `candidates` are columns like the value `name`


def _kind(pattern: str, said: Note, hint: Note, *, columns: bool = False) -> Kind:
    return Kind(re.compile(pattern, re.DOTALL), said, hint, columns)


KINDS: tuple[Kind, ...] = (
    # names
    _kind(
        r'Referenced column "(?P<name>.*?)" not found in FROM clause!?(?:\s*Candidate bindings: '
        r"(?P<candidates>.*))?$",
        note("There is no column called {name!r} in what this statement reads."),
        note("Did you mean one of these: {candidates}?"),
        columns=True,
    ),
    _kind(
        r'(?:Values list|Table) "(?P<table>.*?)" does not have a column named '
        r'"(?P<name>.*?)"(?:\s*Candidate bindings:? (?P<candidates>.*))?$',
        note("{table!r} has no column called {name!r}."),
        note("Did you mean one of these: {candidates}?"),
        columns=True,
    ),
    _kind(
        r'Column "(?P<name>.*?)" in (?P<word>EXCLUDE|REPLACE|RENAME) list not found in FROM '
        r"clause(?:\s*Candidate bindings: (?P<candidates>.*))?$",
        note("{word} names the column {name!r}, which is not there."),
        note("Did you mean one of these: {candidates}?"),
        columns=True,
    ),
    _kind(
        r'Column "(?P<name>.*?)" does not exist on (?P<side>left|right) side of join',
        note("The tables cannot be joined by the column {name!r}: one side does not have it."),
        note("Write ON and the two columns instead of USING: ON a.id = b.number."),
    ),
    _kind(
        r'Referenced table "(?P<table>.*?)" not found!?(?:\s*Candidate tables: (?P<candidates>.*))?$',
        note("Nothing after FROM is called {table!r}."),
        note("A table with an alias is called by the alias. There are: {candidates}."),
    ),
    _kind(
        r'Ambiguous reference to column name "(?P<name>.*?)" \(use: (?P<candidates>.*)\)$',
        note("More than one of the tables has a column called {name!r}."),
        note("Say which one is meant: {candidates}."),
    ),
    _kind(
        r'Ambiguous reference to table "(?P<table>.*?)"',
        note("Two tables are called {table!r} here."),
        note("Give one of them another name: FROM a AS one JOIN a AS other."),
    ),
    # grouping
    _kind(
        r'column "?(?P<name>.*?)"? must appear in the GROUP BY clause',
        note("The column {name!r} is neither grouped by nor summed up."),
        note("Name it after GROUP BY, or take one value of each group: any_value, min, max, sum, count."),
    ),
    _kind(
        r"WHERE clause cannot contain aggregates",
        note("WHERE chooses rows before they are grouped, so no aggregate can stand there."),
        note("Write the condition after GROUP BY, with HAVING."),
    ),
    _kind(
        r"WHERE clause cannot contain window functions",
        note("WHERE chooses rows before window functions are computed."),
        note("Write the condition with QUALIFY, behind WHERE and GROUP BY."),
    ),
    _kind(
        r"GROUP BY clause cannot contain aggregates",
        note("GROUP BY makes the groups, so no aggregate can stand there."),
        note("Group by columns, or put the aggregate in a WITH query first."),
    ),
    _kind(
        r"aggregate function calls cannot (?:be nested|contain)",
        note("An aggregate cannot stand inside another."),
        note("Compute the inner one in a WITH query first."),
    ),
    # types
    _kind(
        r"No function matches the given name and argument types '(?P<word>[^\w\s(]+)\((?P<types>.*?)\)'",
        note("{word} does not work on {types}."),
        note("CAST(x AS BIGINT) makes a number of a text, CAST(x AS DATE) a date; || puts texts together."),
    ),
    _kind(
        r"No function matches the given name and argument types "
        r"'(?P<name>\w+)\((?P<types>.*?)\)'\. .*?Candidate functions:(?P<calls>.*)$",
        note("{name} does not work on these types: {types}."),
        note("It takes {calls}. CAST(x AS type) converts a value; TRY_CAST gives an empty one if it cannot."),
    ),
    _kind(
        r"Cannot compare values of type (?P<left>.*?) and (?:values of )?type (?P<right>.*?) - an "
        r"explicit cast",
        note("{left} and {right} cannot be compared."),
        note("Convert one of them: CAST(x AS {right})."),
    ),
    _kind(
        r"Cannot (?:mix|combine) (?:values of )?types? (?P<left>.*?) and (?P<right>.*?) in "
        r"(?P<word>.*?)(?: operator| clause)? - an explicit cast",
        note("{word} needs values of one type; here are {left} and {right}."),
        note("Convert one of them: CAST(x AS {left})."),
    ),
    _kind(
        r"Unimplemented type for cast \((?P<left>.*?) -> (?P<right>.*?)\)(?: when casting from source "
        r"column (?P<name>.*))?$",
        note("{left} cannot be converted to {right}."),
        note("Convert it to a text first, or build the value from its parts, such as make_date."),
    ),
    # values
    _kind(
        r"(?:Failed to cast value: )?Could not convert string '(?P<value>.*)' to (?P<into>\w+) when "
        r"casting from source column (?P<name>.*)$",
        note("The value {value!r} of the column {name!r} cannot be read as {into}."),
        note("TRY_CAST gives an empty value instead."),
    ),
    _kind(
        r"(?:Failed to cast value: )?Could not convert string '(?P<value>.*)' to (?P<into>\w+)",
        note("The value {value!r} cannot be read as {into}."),
        note("TRY_CAST gives an empty value instead."),
    ),
    _kind(
        r'invalid (?P<word>\w+) field format: "(?P<value>.*)", expected format is \((?P<format>.*?)\)',
        note("The value {value!r} is not written as {format}."),
        note("TRY_CAST gives an empty value instead; try_strptime reads dates written another way."),
    ),
    _kind(
        r'(?P<word>\w+) field value out of range: "(?P<value>.*)"',
        note("There is no such day or time: {value!r}."),
        note("TRY_CAST gives an empty value instead."),
    ),
    _kind(
        r'Could not parse string "(?P<value>.*?)" according to format specifier "(?P<format>.*?)"',
        note("The value {value!r} is not written as {format!r}."),
        note("try_strptime gives an empty value instead; %Y is the year, %m the month, %d the day."),
    ),
    _kind(
        r"Failed to parse format specifier (?P<format>.*?): ",
        note("{format!r} is no form of a date or time."),
        note("%Y is the year, %m the month, %d the day, %H, %M and %S the time."),
    ),
    _kind(
        r"Type \w+ with value (?P<value>.*?) can't be cast because .* destination type (?P<into>.+)$",
        note("The value {value} does not fit {into}."),
        note("Choose a larger type, such as BIGINT or DOUBLE; TRY_CAST gives an empty value instead."),
    ),
    _kind(
        r'Casting value "(?P<value>.*?)" to type (?P<into>.*?) failed: value is out of range',
        note("The value {value} does not fit {into}."),
        note("Choose a larger type, such as BIGINT or DOUBLE; TRY_CAST gives an empty value instead."),
    ),
    _kind(
        r"Overflow in (?P<word>[\w ]+?) of (?P<into>\w+) \((?P<value>.*?)\)",
        note("{value} is too large a number for {into}."),
        note("Convert to a larger type before you compute: CAST(x AS DOUBLE) or CAST(x AS HUGEINT)."),
    ),
    _kind(
        r"Division by zero in expression (?P<value>.*?)\. Use",
        note("A division by zero: {value}."),
        note("x // NULLIF(y, 0) gives an empty value instead."),
    ),
    _kind(
        r'extract specifier "(?P<value>.*?)" not recognized',
        note("{value!r} is no part of a date or time."),
        note("There are year, quarter, month, week, day, hour, minute and second."),
    ),
    # shape
    _kind(
        r"More than one row returned by a subquery used as an expression",
        note("The query in brackets yields several rows where one value is needed."),
        note("Use an aggregate such as max in it, or LIMIT 1; to look for a value among them, write IN."),
    ),
    _kind(
        r"Subquery returns (?P<got>\d+) columns - expected (?P<into>\d+)",
        note("The query in brackets yields {got} columns where {into} is needed."),
        note("Name the column that is meant."),
    ),
    _kind(
        r"Set operations can only apply to expressions with the same number of result columns",
        note("Both sides of UNION, INTERSECT or EXCEPT need the same number of columns."),
        note("Name the columns on both sides, or write UNION BY NAME."),
    ),
    _kind(
        r"(?P<word>ORDER|GROUP BY) term out of range - should be between 1 and (?P<most>\d+)",
        note("There is no column of that number to order or group by: there are {most}."),
        note("Write the column's name instead of a number."),
    ),
    _kind(
        r"LIMIT/OFFSET cannot be negative",
        note("LIMIT and OFFSET cannot be negative."),
        note("Leave it out to have all rows."),
    ),
    _kind(
        r"Cannot extract field '(?P<name>.*?)' from expression \"(?P<table>.*)\" because",
        note("{table!r} has no field {name!r}: it is no table here and no struct."),
        note("Write table.column with a table or alias that stands after FROM."),
    ),
    _kind(
        r"(?:Referenced column \".*\" was not found because the|\* expression without) FROM clause",
        note("The statement names columns, and no table that they are in."),
        note("Write FROM and the name of a table behind them."),
    ),
    # what cannot be read at all; the first two are sentences of ours
    _kind(
        r'instead of "(?P<got>.*)", "(?P<word>.*)"$',
        note("This is not SQL that can be read: was {word} meant where {got!r} stands?"),
        note("Look at the marked place, or just before it."),
    ),
    _kind(
        r'ends after "(?P<value>.*)"$',
        note("The statement ends after {value!r}, where something should follow."),
        note("Something that was begun is not finished: a bracket, a list, or a condition."),
    ),
    _kind(
        r'syntax error at or near "(?P<value>.*)"$',
        note("This is not SQL that can be read: it goes wrong at {value!r}."),
        note("Look at the marked place, or just before it."),
    ),
    _kind(
        r"syntax error at end of input",
        note("The statement ends too early."),
        note("Something that was begun is not finished: a bracket, a list, or a condition."),
    ),
    _kind(
        r"unterminated (?:quoted )?string literal",
        note("A text is begun with ' and not ended."),
        note("Put ' at its end; inside a text, write it twice."),
    ),
    _kind(
        r"unterminated quoted identifier",
        note('A name is begun with " and not ended.'),
        note("Put it at its end. Names stand between double quotes, texts between single ones."),
    ),
    _kind(
        r'Duplicate CTE name "(?P<name>.*?)"',
        note("Two WITH queries are called {name!r}."),
        note("Give one of them another name."),
    ),
    _kind(
        r"VALUES lists must all be the same length, expected (?P<into>\d+) \w+ but found a list "
        r"with (?P<got>\d+)",
        note("The rows of VALUES have different lengths: {into} and {got}."),
        note("Give each row as many values."),
    ),
)
