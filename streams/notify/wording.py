"""A receiver's language and time zone, and how text of the other direction stands in a sentence. Pure.

What is put into a sentence and may run the other way is isolated (FSI and PDI, UAX 9), so that its digits and
punctuation stay with it. Digits are 0 to 9 in both languages, as Arabic news sites write them, so that times, numbers
and what is searched for look the same everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from streams.notify.words import WORDS, Counted, Language, Words

FSI, PDI = "\u2068", "\u2069"
_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PLAIN = re.compile(r"\d*")
_LETTERED = re.compile(r"[A-Z]{2,5}")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one receiver is told."""

    language: Language = "en"
    timezone: str = "UTC"

    @property
    def words(self) -> Words:
        """The fixed words."""
        return WORDS[self.language]

    def clock(self, at: datetime) -> str:
        """An instant to the minute, with its zone's name or distance from UTC."""
        try:
            there = at.astimezone(ZoneInfo(self.timezone))
        except OverflowError:  # at either end of what a date can say, as 9999-12-31
            there = at.astimezone(UTC)
        return self.isolated(f"{there:%Y-%m-%d %H:%M} {_zone_of(there)}")

    def day(self, at: datetime) -> str:
        """A day that was stated without a time, as it was stated: it is the same day for all readers."""
        return self.isolated(f"{at:%Y-%m-%d}")

    def isolated(self, text: str) -> str:
        """The text to stand within a sentence: isolated where anything in it could run the other way."""
        if _PLAIN.fullmatch(text) or all(
            unicodedata.bidirectional(character) not in _OTHER[self.words.direction] for character in text
        ):
            return text
        return f"{FSI}{text}{PDI}"

    def say(self, template: str, **parts: str) -> str:
        """A fixed sentence with its parts, each isolated where it has to be."""
        return template.format(**{name: self.isolated(part) for name, part in parts.items()})

    def count(self, counted: Counted, n: int, **parts: str) -> str:
        """A fixed phrase with a number."""
        return self.say(counted.form(self.words.plural(n)), n=str(n), **parts)

    def span(self, span: timedelta) -> str:
        """A span of time in the largest unit in which it is whole."""
        minutes = round(span / timedelta(minutes=1))
        if minutes % (24 * 60) == 0 and minutes > 24 * 60:
            return self.count(self.words.days, minutes // (24 * 60))
        if minutes % 60 == 0 and minutes:
            return self.count(self.words.hours, minutes // 60)
        return self.count(self.words.minutes, minutes)

    def listed(self, parts: list[str]) -> str:
        """Parts one after another, commas between them."""
        return self.words.comma.join(map(self.isolated, parts))


_OTHER = {"ltr": {"R", "AL", "AN"}, "rtl": {"L", "EN", "AN"}}
"""Bidirectional classes that do not simply follow a sentence's own direction."""


def unmarked(text: str) -> str:
    """The text without direction marks, which could end an isolate that is put around it."""
    return _MARKS.sub("", text)


def direction(text: str) -> Literal["ltr", "rtl"]:
    """`rtl` or `ltr`, by the first letter that has one (UAX 9, P2 and P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def _zone_of(there: datetime) -> str:
    """`UTC`, `CET`, or the distance (`UTC+3`) where the zone has no letters of its own."""
    name = there.tzname() or ""
    if _LETTERED.fullmatch(name):
        return name
    minutes = (there.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
