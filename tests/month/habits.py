"""Outlets of a simulated web: what is peculiar to each, and when it publishes."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from streams.ingest.health import Trouble

DAY = timedelta(days=1)
WEEK_HOURS = 168


class Habit(StrEnum):
    """What is peculiar to an outlet. Where it is so for a time only, see `SPELLS`."""

    PLAIN = "plain"
    TWIN = "twin"  # a second feed of the outlet before it, with the same articles
    ETAG = "etag"  # answers 304
    STUCK_ETAG = "stuck_etag"  # answers 304 for ever
    NEW_IDS = "new_ids"  # gives each entry another id at each fetch
    NO_IDS = "no_ids"
    NO_LINKS = "no_links"  # entries of a title and a text
    UNDATED = "undated"
    ARABIC_DATES = "arabic_dates"
    FUTURE_DATES = "future_dates"  # a year ahead
    WINDOWS_1256 = "windows_1256"  # undeclared
    ISO_8859_6 = "iso_8859_6"
    UTF_16 = "utf_16"
    BROKEN_XML = "broken_xml"
    NULL_BYTES = "null_bytes"
    LONG_TITLES = "long_titles"  # of 10 KB
    FLAKY = "flaky"  # one answer in ten is a 503
    RATE_LIMITED = "rate_limited"  # one answer in twenty is a 429 with Retry-After
    SLOW = "slow"  # each answer takes seconds
    HANGS = "hangs"  # one answer in 400 never comes
    DELAY = "delay"  # robots.txt asks for 20 s between requests
    PARTLY_FORBIDDEN = "partly_forbidden"  # robots.txt forbids every fifth article
    SOME_WALLS = "some_walls"  # every fourth page is none: walls, bombs, redirects to anywhere
    LIST = "list"  # has no feed, but a page that lists its articles
    BURSTS = "bursts"  # more articles within minutes than its feed holds
    MOVES = "moves"  # to another address for good
    SLEEPS = "sleeps"  # publishes nothing any more
    WAKES = "wakes"  # publishes nothing for a third of the time
    ENDS = "ends"  # answers 410
    RETURNS = "returns"  # answers 410, and comes back
    OUTAGE = "outage"  # answers 502 for a day
    # For a day its feed is ...
    BOMB = "bomb"  # compressed, and 50 MB
    ENDLESS = "endless"
    CROWD = "crowd"  # 100,000 entries
    TITLE = "title"  # a title of 10 MB
    LOOP = "loop"  # a redirect to itself
    TO_FILE = "to_file"  # a redirect to file:
    TO_METADATA = "to_metadata"  # a redirect to an address of a cloud's inside
    TO_FRONT = "to_front"  # a redirect to the front page
    # And of its articles ...
    WALLED = "walled"  # all are behind a wall for a time
    TEASERS = "teasers"  # only the first lines are left
    UNDATES = "undates"  # none has a date any more
    DEAD = "dead"  # never there: 404
    NAMELESS = "nameless"  # never there: no such host


_EVER = 2.0
SPELLS: dict[Habit, tuple[float, float | timedelta]] = {
    Habit.MOVES: (0.5, _EVER),
    Habit.SLEEPS: (0.3, _EVER),
    Habit.WAKES: (0.34, 0.67),
    Habit.ENDS: (0.5, _EVER),
    Habit.RETURNS: (0.2, timedelta(days=3)),
    Habit.WALLED: (0.5, 0.75),
    Habit.TEASERS: (0.5, _EVER),
    Habit.UNDATES: (0.5, _EVER),
    Habit.DEAD: (0.0, _EVER),
    Habit.NAMELESS: (0.0, _EVER),
    **dict.fromkeys((Habit.OUTAGE, Habit.BOMB, Habit.ENDLESS, Habit.CROWD, Habit.TITLE), (0.5, DAY)),
    **dict.fromkeys((Habit.LOOP, Habit.TO_FILE, Habit.TO_METADATA, Habit.TO_FRONT), (0.5, DAY)),
}
"""When a habit shows, in shares of the time: from when, and until when or for how long."""

DEAD = frozenset({Habit.DEAD, Habit.NAMELESS})
ONE_DAY = frozenset(habit for habit, (_, ends) in SPELLS.items() if ends == DAY)
UNREACHABLE = ONE_DAY | DEAD | {Habit.ENDS, Habit.RETURNS}
"""Habits in whose spell the feed cannot be read."""

MUTE = frozenset({Habit.SLEEPS, Habit.WAKES, Habit.ENDS, Habit.RETURNS, *DEAD})
"""Habits in whose spell nothing is published."""

TROUBLES: dict[Habit, Trouble] = {
    Habit.SLEEPS: Trouble.SILENT,
    Habit.WAKES: Trouble.SILENT,
    Habit.ENDS: Trouble.RETIRED,
    Habit.RETURNS: Trouble.RETIRED,
    Habit.WALLED: Trouble.UNREADABLE,
    Habit.TEASERS: Trouble.SHORT,
    Habit.UNDATES: Trouble.UNDATED,
    **dict.fromkeys((*ONE_DAY, *DEAD), Trouble.FAILING),
}
"""What operators are to be told in its spell; nothing of other habits."""


class Rhythm(StrEnum):
    """When in a week an outlet publishes."""

    ROUND = "round"  # at all hours alike
    DAYTIME = "daytime"  # a third as much at night, and half as much at weekends
    OFFICE = "office"  # from Monday to Friday, 7 to 17 h
    MORNING = "morning"  # between 5 and 9 h

    def share(self, at: datetime) -> float:
        """How much of its greatest rate is left at a moment."""
        weekend = at.weekday() >= 5  # Saturday
        match self:
            case Rhythm.ROUND:
                return 1.0
            case Rhythm.DAYTIME:
                return (1.0 if 6 <= at.hour < 20 else 0.33) * (0.5 if weekend else 1.0)
            case Rhythm.OFFICE:
                return 1.0 if 7 <= at.hour < 17 and not weekend else 0.0
            case Rhythm.MORNING:
                return 1.0 if 5 <= at.hour < 9 else 0.0


@dataclass(slots=True)
class Outlet:
    """An outlet: where it is, and when it publishes what; articles are numbered from the oldest.

    `in_feed` is how many its feed holds, `spell` from when until when its habit shows, `twin_of` whose articles it has.
    """

    key: str
    host: str
    habit: Habit
    rhythm: Rhythm
    in_feed: int
    times: list[datetime]
    spell: tuple[datetime, datetime]
    twin_of: Outlet | None = None

    @property
    def name(self) -> str:
        """What operators know it by."""
        return f"Outlet {self.key[1:]}"

    def shows(self, now: datetime) -> bool:
        """Whether its habit shows at a moment."""
        return self.spell[0] <= now < self.spell[1]

    def in_feed_at(self, now: datetime) -> range:
        """The numbers of the articles in its feed."""
        there = bisect_right(self.times, now)
        return range(max(0, there - self.in_feed), there)

    def forbidden(self, number: int) -> bool:
        """Whether robots.txt keeps us from an article."""
        return self.habit is Habit.PARTLY_FORBIDDEN and number % 5 == 0

    def to_be_seen(self, number: int, until: datetime) -> timedelta:
        """For how long at a stretch an article is in a feed that answers, until the end of all."""
        pushed_out = number + self.in_feed
        begins, ends = self.times[number], min(until, self.times[pushed_out]) if pushed_out < len(self.times) else until
        if self.habit not in UNREACHABLE:
            return ends - begins
        before, after = min(ends, self.spell[0]) - begins, ends - max(begins, self.spell[1])
        return max(before, after, timedelta())


def found(count: int, *, began: datetime, span: timedelta, hosts: int, chance: random.Random) -> Iterator[Outlet]:
    """Outlets with all habits in turn, several of them on one host, that publish for `span` from `began`."""
    habits = list(Habit)
    before: Outlet | None = None
    for number in range(count):
        habit = habits[number % len(habits)]
        begins, ends = SPELLS.get(habit, (_EVER, _EVER))
        starts = began + span * begins
        spell = starts, starts + ends if isinstance(ends, timedelta) else began + span * ends
        rhythm = Rhythm.ROUND if habit is Habit.BURSTS else chance.choice(list(Rhythm))
        daily = 12 if TROUBLES.get(habit) in _NEED_MANY else chance.choice([1, 2, 4, 8, 16])
        times = [began - timedelta(hours=hours) for hours in range(5, 0, -1)]
        times += _arrivals(rhythm, daily, began, span, chance)
        if habit is Habit.BURSTS:
            times = sorted([*times, *_bursts(began, span, chance)])
        if habit in MUTE:
            times = [at for at in times if not spell[0] <= at < spell[1]]
        host = f"{habit}{number}.example" if habit in DEAD else f"h{number % hosts}.example"
        outlet = Outlet(f"o{number}", host, habit, rhythm, chance.choice([10, 25, 40]), times, spell)
        if habit is Habit.TWIN and before:
            outlet.host, outlet.times, outlet.twin_of = before.host, before.times, before
        before = outlet
        yield outlet


_NEED_MANY = frozenset({Trouble.SILENT, Trouble.UNREADABLE, Trouble.SHORT, Trouble.UNDATED})
"""Troubles that show in articles that come, or do not."""


def _arrivals(
    rhythm: Rhythm, daily: int, began: datetime, span: timedelta, chance: random.Random
) -> Iterator[datetime]:
    """Articles that come independently of each other, `daily` in the mean of a week."""
    mean = sum(rhythm.share(began + timedelta(hours=hour)) for hour in range(WEEK_HOURS)) / WEEK_HOURS
    at = began
    while (at := at + DAY * chance.expovariate(daily / mean)) < began + span:
        if chance.random() < rhythm.share(at):
            yield at


def _bursts(began: datetime, span: timedelta, chance: random.Random) -> Iterator[datetime]:
    """Thirty articles within twenty minutes, every third day or so."""
    at = began
    while (at := at + DAY * chance.expovariate(1 / 3)) < began + span - DAY:
        yield from (at + timedelta(minutes=chance.uniform(0, 20)) for _ in range(30))


def longest_gap(times: list[datetime]) -> timedelta:
    """The longest time between two articles."""
    return max((later - earlier for earlier, later in pairwise(times)), default=timedelta())
