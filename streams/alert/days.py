"""Works out the days that a head tells of: by date, by their name in the week, and yesterday. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from streams.messages import Traits

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_A_DAY = dt.timedelta(days=1)
_LATELY = 6
"""Dates of so many days before a report was seen are those of news; others look back or ahead."""


class DaysTold(NamedTuple):
    """The days that a head `named`, and `all`: with the one on which it was seen."""

    named: frozenset[dt.date]
    all: frozenset[dt.date]


def days_told(traits: Traits, seen_at: dt.datetime | None, later: dt.timedelta = dt.timedelta()) -> DaysTold:
    """The days of a report, none where it is not known when it was seen.

    Args:
        traits: its head.
        seen_at: when another one was seen.
        later: how much later than that the report itself was.
    """
    if seen_at is None:
        return DaysTold(frozenset(), frozenset())
    today = (seen_at + later).date()
    named = frozenset(_named(traits, today))
    return DaysTold(named, named | {today})


def _named(traits: Traits, today: dt.date) -> Iterator[dt.date]:
    if "yesterday" in traits.hours:
        yield today - _A_DAY
    for ago in range(_LATELY + 1):
        day = today - ago * _A_DAY
        if _DAYS[day.weekday()] in (*traits.days, *traits.week) or (day.month, day.day) in traits.dates:
            yield day
