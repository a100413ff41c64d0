"""What stands on each kind of document: facts of nobody, laid out, sums that add up, numbers that fail."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bimetal.generators._document.paper import MARK, Paper

if TYPE_CHECKING:
    import numpy as np
    from faker import Faker

    from bimetal.generators._document.words import Locale

CARD, SHEET = (640, 404), (620, 877)
SMALL, TEXT, STRONG, TITLE = ("plain", 11), ("plain", 15), ("bold", 15), ("bold", 22)
TODAY = date(2026, 1, 1)  # documents are dated around it, whatever the day they are drawn on


@dataclass(frozen=True)
class Writer:
    """Who writes: the place, whoever makes facts up, and chance."""

    locale: Locale
    faker: Faker
    rng: np.random.Generator

    def day(self, earliest: int, latest: int) -> date:
        """Pick a day, in days from the project's own today."""
        return TODAY + timedelta(days=int(self.rng.integers(earliest, latest)))

    def dated(self, when: date) -> str:
        """Write a day as the place does."""
        return when.strftime(self.locale.dates)

    def account(self) -> str:
        """Make up an account number whose check digits are 00, which no bank gives out (ISO 13616)."""
        digits = "".join(str(each) for each in self.rng.integers(0, 10, 16))
        return f"{self.locale.name[3:]}00 " + " ".join(digits[k : k + 4] for k in range(0, 16, 4))

    def address(self) -> str:
        """Make up an address of at most three lines."""
        lines = [each.strip() for each in self.faker.address().splitlines()][:3]
        return "\n".join(line[:44] for line in lines)


def identity_card(writer: Writer) -> Paper:
    """Lay out an identity card: eight facts, a silhouette instead of a face, a code whose check digits are none."""
    say, paper = writer.locale.caption, Paper.of(CARD, int(writer.rng.integers(4)))
    paper.put(say("identity_card"), (36, 26), TITLE)
    paper.put(MARK, (470, 30), STRONG)
    _silhouette(paper, writer)
    surname, given = writer.faker.last_name(), writer.faker.first_name()
    facts = (
        ("surname", surname),
        ("given_names", given),
        ("birth_date", writer.dated(writer.day(-25_000, -6_600))),
        ("birth_place", writer.faker.city()),
        ("sex", "FMX"[int(writer.rng.choice(3, p=(0.495, 0.495, 0.01)))]),
        ("nationality", writer.locale.name[3:]),
        ("number", f"X{int(writer.rng.integers(10**7, 10**8))}"),
        ("expires", writer.dated(writer.day(30, 3600))),
    )
    for k, (key, value) in enumerate(facts):
        x, y = (210, 78 + 54 * k) if k < 4 else (430, 78 + 54 * (k - 4))
        paper.put(say(key), (x, y), SMALL)
        paper.put(value[:22], (x, y + 17), STRONG, key)
    plain = "".join(each for each in unicodedata.normalize("NFKD", f"{surname} {given}") if each.isascii())
    code = "".join(each if each.isalpha() else "<" for each in plain.upper())
    paper.put(f"I<{MARK}<{code}".ljust(36, "<")[:36], (36, 330), ("mono", 24), "code")
    paper.put("<<<<<<NOT<A<DOCUMENT<<NO<PERSON<<<<0", (36, 364), ("mono", 24))
    return paper


def invoice(writer: Writer) -> Paper:
    """Lay out an invoice: a seller, a customer, three to eight lines that add up, tax and an account that fails."""
    say, paper = writer.locale.caption, Paper.of(SHEET, int(writer.rng.integers(4)))
    day = writer.day(-700, 0)
    paper.put(writer.faker.company()[:30], (36, 40), TITLE, "seller")
    paper.lines(writer.address(), (36, 74), TEXT, "seller_address")
    paper.put(say("invoice"), (400, 40), TITLE)
    heads = (("number", f"{int(writer.rng.integers(10**5))}"), ("date", writer.dated(day)),
             ("due", writer.dated(day + timedelta(days=30))))  # fmt: skip
    _facts(paper, writer, heads, (400, 78))
    paper.put(say("bill_to"), (36, 172), SMALL)
    paper.put(writer.faker.name()[:40], (36, 190), STRONG, "customer")
    paper.lines(writer.address(), (36, 214), TEXT, "customer_address")
    whole = _items(paper, writer, 310)
    tax = round(whole * 0.2)
    y = 640
    for key, cents in (("subtotal", whole), ("vat", tax), ("total", whole + tax)):
        paper.put(say(key), (330, y), STRONG if key == "total" else TEXT)
        paper.put(writer.locale.money(cents), (460, y), STRONG if key == "total" else TEXT, key)
        y += 28
    paper.put(f"{say('account')}:", (36, 800), SMALL)
    paper.put(writer.account(), (36, 818), ("mono", 15), "account")
    return paper


def bank_statement(writer: Writer) -> Paper:
    """Lay out a month of an account: what was there, what came and went, what is left."""
    say, paper = writer.locale.caption, Paper.of(SHEET, int(writer.rng.integers(4)))
    first = writer.day(-700, -40)
    paper.put(f"{MARK} Bank", (36, 40), TITLE, "bank")
    paper.put(say("bank_statement"), (380, 44), STRONG)
    paper.put(writer.faker.name()[:40], (36, 96), STRONG, "customer")
    paper.lines(writer.address(), (36, 120), TEXT, "customer_address")
    period = f"{writer.dated(first)} - {writer.dated(first + timedelta(days=30))}"
    _facts(paper, writer, (("period", period),), (380, 92))
    paper.put(say("account"), (36, 200), SMALL)
    paper.put(writer.account(), (36, 218), ("mono", 15), "account")
    held = int(writer.rng.integers(20_000, 900_000))
    y = _balance(paper, writer, ("balance_before", held), 262)
    for step in sorted(writer.rng.integers(0, 30, int(writer.rng.integers(8, 16))).tolist()):
        moved = int(writer.rng.normal(-3_000, 30_000))
        held += moved
        paper.put(writer.dated(first + timedelta(days=step)), (36, y), TEXT, "line_date")
        paper.put(writer.faker.company()[:26], (150, y), TEXT, "line_description")
        paper.put(writer.locale.money(moved), (440, y), TEXT, "line_amount")
        y += 28
    _balance(paper, writer, ("balance_after", held), y + 10)
    return paper


def proof_of_address(writer: Writer) -> Paper:
    """Lay out a bill of a supplier that shows where somebody would live."""
    say, paper = writer.locale.caption, Paper.of(SHEET, int(writer.rng.integers(4)))
    day = writer.day(-200, 0)
    paper.put(writer.faker.company()[:30], (36, 40), TITLE, "supplier")
    paper.put(say("proof_of_address"), (36, 76), TEXT)
    paper.put(writer.faker.name()[:40], (36, 170), STRONG, "customer")
    paper.lines(writer.address(), (36, 196), TEXT, "customer_address")
    heads = (("date", writer.dated(day)), ("number", f"C-{int(writer.rng.integers(10**6)):06d}"))
    _facts(paper, writer, heads, (400, 166))
    paper.rule(330)
    paper.put(say("electricity"), (36, 350), STRONG)
    period = f"{writer.dated(day - timedelta(days=31))} - {writer.dated(day - timedelta(days=1))}"
    _facts(paper, writer, (("period", period),), (36, 384))
    units = int(writer.rng.integers(60, 900))
    paper.put(f"{units} kWh", (36, 440), TEXT, "used")
    paper.put(say("total"), (330, 440), STRONG)
    paper.put(writer.locale.money(units * int(writer.rng.integers(18, 42))), (460, 440), STRONG, "total")
    return paper


KINDS: dict[str, Callable[[Writer], Paper]] = {
    "identity_card": identity_card,
    "invoice": invoice,
    "bank_statement": bank_statement,
    "proof_of_address": proof_of_address,
}


def _facts(paper: Paper, writer: Writer, facts: tuple[tuple[str, str], ...], at: tuple[float, float]) -> None:
    for k, (key, value) in enumerate(facts):
        paper.put(writer.locale.caption(key), (at[0], at[1] + 30 * k), SMALL)
        paper.put(
            value, (at[0] + (70 if key != "period" else 0), at[1] + 30 * k + (18 if key == "period" else 0)), TEXT, key
        )


def _items(paper: Paper, writer: Writer, y: int) -> int:
    """Write the lines of an invoice below their heads, and return their sum in cents."""
    places = (("item", 36), ("quantity", 270), ("price", 340), ("amount", 460))
    for key, x in places:
        paper.put(writer.locale.caption(key), (x, y), SMALL)
    paper.rule(y + 20)
    whole = 0
    for k in range(int(writer.rng.integers(3, 9))):
        count, price = int(writer.rng.integers(1, 10)), int(writer.rng.integers(199, 40_000))
        whole += count * price
        cells = (writer.faker.word().capitalize(), f"{count}", *map(writer.locale.money, (price, count * price)))
        for (key, x), cell in zip(places, cells, strict=True):
            paper.put(cell, (x, y + 32 + 28 * k), TEXT, f"line_{key}")
    return whole


def _balance(paper: Paper, writer: Writer, said: tuple[str, int], y: int) -> int:
    key, cents = said
    paper.put(writer.locale.caption(key), (36, y), STRONG)
    paper.put(writer.locale.money(cents), (440, y), STRONG, key)
    paper.rule(y + 24)
    return y + 38


def _silhouette(paper: Paper, writer: Writer) -> None:
    """Draw head and shoulders in grey: nobody's face."""
    shade = int(writer.rng.integers(120, 180))
    grey = (shade, shade, shade + 6)
    paper.pen.rectangle((36, 78, 180, 262), (226, 229, 234), PALE_EDGE)
    paper.pen.ellipse((76, 108, 140, 182), grey)
    paper.pen.pieslice((48, 186, 168, 330), 180, 360, grey)
    paper.pen.rectangle((37, 263, 179, 300), (249, 249, 249))


PALE_EDGE = (150, 156, 166)
