"""Works out the days that a head tells of: by date, by their name in the week, and yesterday. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from streams.messages import Traits

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_A_DAY = dt.timedelta(days=1)
_LATELY = 6
"""Dates of so many days before a report was seen are those of news; others look back or ahead."""


def days_told(traits: Traits, seen_at: dt.datetime, *, violent: bool) -> frozenset[dt.date]:
    """The days that a head names which was seen then; of violence not those on which somebody only told of it."""
    said_on = {*traits.said_on} if violent else set[str]()
    return frozenset(_named({*traits.days, *traits.week} - said_on, traits, seen_at.date()))


def days_of_saying(traits: Traits, seen_at: dt.datetime) -> frozenset[dt.date]:
    """The days on which somebody told of it, and that are named for nothing else."""
    return frozenset(_lately(set(traits.said_on), seen_at.date()))


def _named(names: AbstractSet[str], traits: Traits, today: dt.date) -> Iterator[dt.date]:
    if "yesterday" in traits.hours:
        yield today - _A_DAY
    yield from _lately(names, today)
    for ago in range(_LATELY + 1):
        day = today - ago * _A_DAY
        if (day.month, day.day) in traits.dates:
            yield day


def _lately(names: AbstractSet[str], today: dt.date) -> Iterator[dt.date]:
    for ago in range(_LATELY + 1):
        day = today - ago * _A_DAY
        if _DAYS[day.weekday()] in names:
            yield day
