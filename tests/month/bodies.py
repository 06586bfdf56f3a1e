"""What the outlets of a simulated web send: feeds, lists and pages of all kinds, and bodies that no reader wants."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache

from tests.month.habits import Habit, Outlet
from tests.support.web import article_page, bomb, gzipped, item, rss

MEGABYTE = 1_000_000
MOST_BYTES = MEGABYTE
"""What the simulation's workers take of a body; in proportion to what they are sent."""

_ENGLISH = tuple(
    """the minister said that talks on a border crossing went on while forces near town held their positions and
    officials from both sides met again after reports of shelling in several villages late last night where people had
    left their homes for a school in valley north capital agency relief water power market road bridge winter
    """.split()  # noqa: SIM905  # words to be read
)
_ARABIC = tuple(
    """قال الوزير إن المحادثات حول المعبر مستمرة بين الطرفين بعد تقارير عن قصف قرى في ريف الشمال حيث غادر الناس بيوتهم
    إلى مدرسة في المدينة وأكد مسؤولون أن القوات بقيت في مواقعها قرب الجسر والسوق والطريق خلال ليل أمس
    """.split()  # noqa: SIM905  # words to be read
)
_MONTHS = tuple("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split())  # noqa: SIM905  # words to be read
ARABIC = frozenset({Habit.WINDOWS_1256, Habit.ISO_8859_6, Habit.UTF_16, Habit.ARABIC_DATES})
_CODECS = {Habit.WINDOWS_1256: "cp1256", Habit.ISO_8859_6: "iso-8859-6", Habit.UTF_16: "utf-16"}

WALLS = {
    "consent": "<h1>We value your privacy</h1><p>Accept all cookies to read on.</p>",
    "login": "<h1>Members</h1><p>Please log in to continue reading.</p><form><input type='password'></form>",
    "blocked": "<h1>Access denied</h1><p>Are you a robot?</p>",
    "missing": "<h1>404</h1><p>Page not found</p>",
    "shell": "<div id='app'></div><script>start()</script><script>go()</script>",
}


def paragraphs(outlet: Outlet, number: int) -> list[str]:
    """The text of an article, which no other has."""
    chance = random.Random(f"{outlet.key}/{number}")  # noqa: S311  # a simulation
    words = _ARABIC if outlet.habit in ARABIC else _ENGLISH
    return [" ".join([*chance.choices(words, k=45), f"{outlet.key} {number} {part}."]) for part in range(4)]


def title_of(outlet: Outlet, number: int) -> str:
    """Its headline."""
    if outlet.habit is Habit.LONG_TITLES:
        return f"{number} " + f"{outlet.name} and more " * 500
    return f"الخبر {number}" if outlet.habit in ARABIC else f"{outlet.name} {number}"


def page_of(outlet: Outlet, number: int, *, teaser: bool = False) -> bytes:
    """The page of an article."""
    language = "ar" if outlet.habit in ARABIC else "en"
    text = paragraphs(outlet, number)
    page = article_page(title_of(outlet, number), *(text[:1] if teaser else text), language=language)
    if outlet.habit is Habit.NULL_BYTES:
        page = page.replace("</h1>", "\0</h1>")
    declared = '<meta charset="iso-8859-6">' if outlet.habit is Habit.ISO_8859_6 else ""
    return page.replace('<meta charset="utf-8">', declared).encode(_CODECS.get(outlet.habit, "utf-8"))


def wall(kind: str) -> bytes:
    """A page that stands where an article should."""
    return f"<!doctype html><html><head><title>News</title></head><body>{WALLS[kind]}</body></html>".encode()


def list_of(outlet: Outlet, numbers: Iterable[int], place: str) -> bytes:
    """A page that lists articles."""
    links = (
        f'<h2><a href="{place}{number}?id={number}">Headline of an article of {outlet.name}, {number}</a></h2>'
        for number in numbers
    )
    return f"<html><body>{''.join(links)}</body></html>".encode()


def feed_of(outlet: Outlet, numbers: range, place: str, now: datetime) -> bytes:
    """A feed, newest first."""
    items = []
    for number in reversed(numbers):
        link = "" if outlet.habit is Habit.NO_LINKS else f"{place}{number}"
        text = " ".join(paragraphs(outlet, number)) if outlet.habit is Habit.NO_LINKS else ""
        items.append(
            item(title_of(outlet, number), link, text, guid=_guid(outlet, number, now), date=_date(outlet, number, now))
        )
    markup = rss(*items, title=outlet.name).decode()
    match outlet.habit:
        case Habit.BROKEN_XML:
            markup = markup.replace("<title>", "<title>This & that: ").removesuffix("</channel></rss>")
        case Habit.NULL_BYTES:
            markup = markup.replace("</title>", "\0</title>")
        case Habit.WINDOWS_1256:
            markup = markup.replace(' encoding="utf-8"', "")
        case Habit.ISO_8859_6 | Habit.UTF_16:
            markup = markup.replace('"utf-8"', f'"{_CODECS[outlet.habit]}"')
    return markup.encode(_CODECS.get(outlet.habit, "utf-8"))


def _guid(outlet: Outlet, number: int, now: datetime) -> str:
    match outlet.habit:
        case Habit.NEW_IDS:
            return f"{now.timestamp()}-{number}"
        case Habit.NO_IDS | Habit.NO_LINKS:
            return ""
    return f"{outlet.key}-{number}"


def _date(outlet: Outlet, number: int, now: datetime) -> str:
    at = outlet.times[number]
    match outlet.habit:
        case Habit.UNDATED:
            return ""
        case Habit.UNDATES if outlet.shows(now):
            return ""
        case Habit.ARABIC_DATES:
            return f"{at.day} {_MONTHS[at.month - 1]} {at.year} {at:%H:%M}"
        case Habit.FUTURE_DATES:
            return format_datetime(at + timedelta(days=365))
    return format_datetime(at)


@cache
def crowd() -> bytes:
    """A feed of 100,000 entries."""
    return rss("<item/>" * 100_000)


@cache
def long_title() -> bytes:
    """A feed with a title of 10 MB, compressed."""
    return gzipped(rss(item("A" * 10 * MEGABYTE, "http://a.example/1")))


@cache
def bomb_of_50() -> bytes:
    """50 MB of nothing, compressed."""
    return bomb(50)
