"""Tables in web pages and in Markdown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.errors import BadInput, LimitReached
from core.sources import DelimitedFile, MarkupTable, markup, offers
from tests.sources.conftest import Reader

PAGE = """<!DOCTYPE html><html><head><style>td {color: red}</style></head><body>
<table><tr><td>Menu</td></tr></table>
<table><thead><tr><th>Land</th><th>Year</th><th>Sold</th></tr></thead><tbody>
<tr><td rowspan=2>Norway</td><td>2023</td><td>1,234.5</td></tr>
<tr><td>2024</td><td>5 <b>6</b><script>alert("x<td>y")</script></td></tr>
<tr><td>S&amp;W<br>north</td><td colspan="2">n/a</td></tr>
<tr><td>short
</table>
<table><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table></body></html>"""


def test_the_largest_table_of_a_page_is_read(read: Reader) -> None:
    found = read(PAGE, "page.html")
    assert found.source == MarkupTable(table=1)
    assert found.column("Land") == ["Norway", "Norway", "S&W north", "short"]
    assert found.column("Year") == ["2023", "2024", "n/a", None]
    assert found.column("Sold") == ["1,234.5", "5 6", "n/a", None]


def test_the_tables_of_a_page_are_offered_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "p"
    file.write_text(PAGE)
    assert [(o.name, o.source) for o in offers(file, "page.html", tmp_path)] == [
        ("page.html: 1", MarkupTable(table=1)),
        ("page.html: 2", MarkupTable(table=2)),
    ]


def test_a_page_is_read_as_pandas_wrote_it(read: Reader) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x & y", "<z>"], "c": [0.5, 1.5]})
    found = read(frame.to_html(index=False), "frame.xls")
    assert pd.DataFrame(found.table.to_pydict()).equals(frame)


MARKDOWN = """# Sales

Some words | and a bar.

| city | n   | when       |
|:-----|----:|:----------:|
| Oslo | 1   | 2024-01-31 |
| a\\|b | 2   |            |

More words.
"""


def test_a_table_in_markdown(read: Reader) -> None:
    found = read(MARKDOWN, "notes.md")
    assert found.source == MarkupTable()
    assert found.types() == {"city": "text", "n": "integer", "when": "date"}
    assert found.column("city") == ["Oslo", "a|b"]


def test_a_table_as_terminals_draw_it(read: Reader) -> None:
    text = "+----+------+\n| id | name |\n+----+------+\n|  1 | Ann  |\n|  2 | Bob  |\n+----+------+\n"
    found = read(text, "out.txt")
    assert found.column("id") == [1, 2]
    bare = " id | name \n----+------\n  1 | Ann\n  2 | Bob\n(2 rows)\n"
    assert read(bare, "out.txt").column("name") == ["Ann", "Bob"]


def test_bars_without_a_drawn_line_are_delimiters(read: Reader) -> None:
    found = read("id|name\n1|Ann\n2|Bob\n", "t.txt")
    assert isinstance(found.source, DelimitedFile)
    assert found.column("name") == ["Ann", "Bob"]


def test_a_table_that_is_not_there_is_told(read: Reader) -> None:
    with pytest.raises(BadInput, match="no table 9: there are 2"):
        read(PAGE, "p.html", MarkupTable(table=9))
    with pytest.raises(BadInput, match="seems to be a web page"):
        read("<html><body><p>words</p></body></html>", "p.html")


# ---- hostile


@pytest.mark.parametrize(
    "page",
    [
        "<table><tr><td colspan=99999999999>a<td rowspan=1000000>b<tr><td>c</table>",
        "<table>" * 5_000 + "<tr><td>x<tr><td>y",
        "<table><tr><td>a</td></tr><tr><td>" + "<" * 20_000,
        "<table><tr><th>a<th>b" + "<tr><td>1<td>2" * 100 + "<!--" + "<td>" * 5_000,
        "<table></td></tr></table></table><table><tr><td>1<tr><td>2</table>",
    ],
)
def test_pages_that_nobody_would_write_are_read_or_refused(read: Reader, page: str) -> None:
    try:
        found = read(page, "p.html")
    except BadInput:
        return
    assert found.account.rows_in == found.account.rows + found.account.refused


def test_cells_without_end_are_refused(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "_CELLS", 10_000)
    page = "<table>" + "<tr><td colspan=1000>x" * 100 + "</table>"
    with pytest.raises(LimitReached, match="more than 10,000 cells"):
        read(page, "p.html")
    with pytest.raises(LimitReached, match="more than 10,000 cells"):
        read("a|b\n--|--\n" + "|" * 20_000, "p.md")
