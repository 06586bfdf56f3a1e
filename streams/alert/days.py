"""Works out the days that a head tells of: by date, by their name in the week, and yesterday. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from streams.messages import Traits

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_A_DAY = dt.timedelta(days=1)
_LATELY = 6
"""Dates of so many days before a report was seen are those of news; others look back or ahead."""


def days_told(traits: Traits, seen_at: dt.datetime) -> frozenset[dt.date]:
    """The days that a head names which was seen then."""
    return frozenset(_named(traits, seen_at.date()))


def _named(traits: Traits, today: dt.date) -> Iterator[dt.date]:
    if "yesterday" in traits.hours:
        yield today - _A_DAY
    for ago in range(_LATELY + 1):
        day = today - ago * _A_DAY
        if _DAYS[day.weekday()] in (*traits.days, *traits.week) or (day.month, day.day) in traits.dates:
            yield day
