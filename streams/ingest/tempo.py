"""How fast a source publishes, by hour of the day and day of the week, learnt from its own polls. Pure.

Rates are articles an hour. The rate of an hour of the week is that of its hour, times how its day compares with the
others: 31 numbers for a source in place of 168, which a few weeks of polls fill. Each is a mean that forgets (an
exponentially weighted one), so that a source that changes its ways is known again after some days.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
_FEWEST = 3.0


@dataclass(frozen=True, slots=True)
class Memory:
    """How fast a tempo forgets: after so many hours of one hour of the day, two thirds of what was known are replaced.

    `days` is the same for the hours of a day of the week. Of a span longer than `longest`, that much is looked at.
    """

    hours: float
    days: float
    longest: timedelta

    def of_young(self, known_for: timedelta) -> Memory:
        """That of a source known for so long: about as long, so that what was guessed first is soon gone."""
        days = known_for / timedelta(days=1)
        return replace(self, hours=min(self.hours, max(_FEWEST, days)), days=min(self.days, 24 * max(1.0, days / 7)))


SHORT = Memory(4.0, 48.0, timedelta(days=2))
"""For the interval between polls: four days, two weeks."""

LONG = Memory(20.0, 200.0, timedelta(days=21))
"""For what is usual: three weeks, two months."""

_WEEK = timedelta(days=7)
_HIGHEST = 60.0  # articles an hour
_DAY_BOUNDS = (0.1, 4.0)
_ANY = 0.001


@dataclass(frozen=True, slots=True)
class Tempo:
    """Rates by hour of the day (24) and by day of the week (7, Monday first), in UTC."""

    hours: tuple[float, ...]
    days: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Articles an hour, in the mean of all hours of the day."""
        return sum(self.hours) / len(self.hours)

    @classmethod
    def even(cls, rate: float) -> Tempo:
        """The same rate at all times."""
        rate = round(min(_HIGHEST, rate), 3)
        return cls((rate,) * 24, (rate,) * 7)

    @classmethod
    def guessed(cls, dates: Sequence[datetime], now: datetime, *, shortest: timedelta, longest: timedelta) -> Tempo:
        """Of a source that nobody knows, by the dates of what it has now, as far as it has any.

        Its rate of the last week; at most one that asks for the `shortest` interval, in case its dates mean nothing.
        Without dates it asks for the middle between that and the `longest` one, as a ratio.
        """
        past = [now - date for date in dates if date <= now]
        if not past:
            return cls.even(HOUR / timedelta(seconds=math.sqrt(shortest.total_seconds() * longest.total_seconds())))
        recent = [age for age in past if age <= _WEEK]
        watched = min(_WEEK, max(past)) if recent else min(past)
        return cls.even(min(HOUR / shortest, max(1, len(recent)) / max(1.0, watched / HOUR)))

    def watched(self, new: int, since: datetime, now: datetime, known_for: timedelta) -> Tempo:
        """What is known of a young source after `new` articles came between two moments: one rate for all times.

        Its rate before was learnt in so long a time.
        """
        before, span = known_for / HOUR, max(now - since, timedelta()) / HOUR
        return Tempo.even((self.mean * before + new) / max(1.0, before + span))

    def levelled(self, mean: float) -> Tempo:
        """The same shape of day and week, with this rate in the mean of all hours."""
        own = self.mean
        if own <= _ANY:
            return Tempo.even(mean)
        return Tempo(*(tuple(round(rate * mean / own, 3) for rate in rates) for rates in (self.hours, self.days)))

    def observed(self, new: int, since: datetime, now: datetime, memory: Memory = SHORT) -> Tempo:
        """What is known after `new` articles came between two moments."""
        since = max(since, now - memory.longest)
        if now <= since:
            return self
        rate = new / ((now - since) / HOUR)
        hours, days = list(self.hours), list(self.days)
        for moment, share in _hours_between(since, now):
            hour, day = moment.hour, moment.weekday()
            hours[hour] += (rate - hours[hour]) * -math.expm1(-share / memory.hours)
            days[day] += (rate - days[day]) * -math.expm1(-share / memory.days)
        return Tempo(tuple(round(rate, 3) for rate in hours), tuple(round(rate, 3) for rate in days))

    def expected(self, since: datetime, until: datetime) -> float:
        """How many articles come between two moments, if all goes on as it was."""
        weeks, rest = divmod(max(until - since, timedelta()), timedelta(days=7))
        whole = self._sum(since, since + timedelta(days=7)) * weeks if weeks else 0.0
        return whole + self._sum(since, since + rest)

    def _sum(self, since: datetime, until: datetime) -> float:
        return sum(self._rate(moment) * share for moment, share in _hours_between(since, until))

    def wait(self, now: datetime, *, shortest: timedelta, longest: timedelta) -> timedelta:
        """How long until one article is to be expected, within bounds."""
        expected, waited = 0.0, 0.0
        for moment, share in _hours_between(now, now + longest):
            rate = self._rate(moment)
            if expected + rate * share >= 1:
                return min(longest, max(shortest, HOUR * (waited + (1 - expected) / rate)))
            expected, waited = expected + rate * share, waited + share
        return max(shortest, longest)

    def _rate(self, moment: datetime) -> float:
        lowest, highest = _DAY_BOUNDS
        mean = sum(self.days) / len(self.days)
        factor = self.days[moment.weekday()] / mean if mean > _ANY else 1.0
        return self.hours[moment.hour] * min(highest, max(lowest, factor))


def _hours_between(since: datetime, until: datetime) -> Iterator[tuple[datetime, float]]:
    """The hours that a span touches, each by a moment in it, with the share of it that is in the span."""
    at, until = since.astimezone(UTC), until.astimezone(UTC)
    while at < until:
        end = min(until, at.replace(minute=0, second=0, microsecond=0) + HOUR)
        yield at, (end - at) / HOUR
        at = end
