"""The reference is written from the declarations, and is never out of date."""

from pathlib import Path

from core.cli.reference import FAMILIES, load_families, markdown


def test_every_member_of_every_family_is_in_it() -> None:
    text = markdown()
    load_families()
    for _, family in FAMILIES:
        assert family.members
        for kind, member in family.members.items():
            assert f"### {member.title} (`{kind}`)" in text


def test_the_page_in_docs_is_what_the_declarations_say() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference.md"
    assert page.read_text(encoding="utf-8") == markdown(), "run: python -m core reference > docs/reference.md"
