"""Clean tables to pollute, the same for the same seed, with the cells that dialects stumble over."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True)
class Clean:
    """A table as it should be read; `header` None where its columns have no names."""

    header: Row | None
    rows: tuple[Row, ...]

    @property
    def lines(self) -> tuple[Row, ...]:
        return self.rows if self.header is None else (self.header, *self.rows)


_TEXT = """
    amber basalt cedar delta ember fjord granite harbor indigo juniper kelp lantern meadow
    nectar onyx pebble quartz river saffron timber umber velvet willow yarrow zephyr
"""
_WORDS = tuple(_TEXT.split())
_NAMES = ("Ann O'Brien", "Bo Li", "Cé Dé", "Émile Zola", "D'Arcy Fox", "Zoë Ng", "Max Weiß", "Ole Høj")


def orders(seed: int = 0) -> Clean:
    """A header and 83 rows of nine columns: dates, times, numbers, codes and texts that need quotes."""
    chance = random.Random(seed)
    header = ("Date", "Time", "Qty", "ItemID", "Price", "Kind", "Description", "Link", "Remarks")
    rows = []
    for number in range(83):
        description = " ".join(chance.sample(_WORDS, 3))
        if number % 4 == 0:
            description = f"{description}, with {chance.choice(_WORDS)}"
        remark = chance.choice(("", "", "in stock", "ask first", "last one; sold soon"))
        if number % 9 == 2:
            remark = f'called "{chance.choice(_WORDS)}" here'
        if number % 21 == 5:
            remark = "first line\nsecond line"
        rows.append(
            (
                f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/20{chance.randint(10, 24)}",
                f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}",
                str(chance.randint(1, 90)),
                f"{chance.choice('ABC')}{chance.randint(100, 999)}-{chance.randint(10, 99)}",
                f"{chance.randint(1, 400)}.{chance.randint(0, 99):02}",
                chance.choice(("tool", "book", "toy")),
                description,
                f"http://shop.example/{chance.choice(_WORDS)}?id={chance.randint(1, 99)}&x=1",
                remark,
            )
        )
    return Clean(header, tuple(rows))


def _kinds(chance: random.Random) -> dict[str, Callable[[], str]]:
    return {
        "id": lambda: str(chance.randint(1, 99_999)),
        "amount": lambda: f"{chance.randint(0, 5_000)}.{chance.randint(0, 99):02}",
        "comma amount": lambda: f"{chance.randint(0, 5_000)},{chance.randint(0, 99):02}",
        "date": lambda: f"20{chance.randint(10, 24)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "stamp": lambda: (
            f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02} "
            f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:00"
        ),
        "name": lambda: chance.choice(_NAMES),
        "word": lambda: chance.choice(_WORDS),
        "code": lambda: f"{chance.choice('KLM')}-{chance.randint(10, 99)}",
        "sentence": lambda: f"{' '.join(chance.sample(_WORDS, 5))}, {chance.choice(_WORDS)}.",
        "quoted": lambda: f'the "{chance.choice(_WORDS)}" one' if chance.random() < 0.3 else "plain",
        "lines": lambda: "one\ntwo" if chance.random() < 0.1 else chance.choice(_WORDS),
        "gap": lambda: "" if chance.random() < 0.4 else str(chance.randint(1, 9)),
        "truth": lambda: chance.choice(("yes", "no")),
        "mail": lambda: f"{chance.choice(_WORDS)}@{chance.choice(_WORDS)}.org",
    }


def made(seed: int) -> Clean:
    """A table of 2 to 10 columns and 5 to 60 rows, of kinds of cells drawn by the seed."""
    chance = random.Random(seed)
    kinds = _kinds(chance)
    width = chance.randint(2, 10)
    chosen = [chance.choice(("id", "date", "amount", "code"))]  # a first cell is never empty
    chosen += [chance.choice(sorted(kinds)) for _ in range(width - 1)]
    # a column of numbers or dates: without one even people cannot tell a header from a row
    if not {"id", "date", "amount", "stamp", "comma amount"} & set(chosen[1:]):
        chosen[-1] = "amount"
    header = tuple(f"{kind.title().replace(' ', '_')}{i}" for i, kind in enumerate(chosen))
    rows = tuple(tuple(kinds[kind]() for kind in chosen) for _ in range(chance.randint(5, 60)))
    return Clean(header, rows)
