"""The order in which the alert stage decided on the matches of a log, as far as the ends of what it told show it.

Several workers read the partitions, none at the pace of another, so the times of the records say little. Three things
are known: a partition is read in its order; what was told was added to the outbox at a time that its end names; and the
tellings of one alert have numbers. What was not told was decided on as long after it was logged as what was told around
it. The more is known before it, the less it tells: a little more than the longest of these times is taken, as far as
its partition allows. Of what was told at one time, in one step of the alert stage, that comes first before which the
least stands that was not told.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import NamedTuple

from streams.deliveries import Delivery

LONGEST_LAG = timedelta(hours=1)
"""A notification that was added later than this after its match was sent again by hand since, and tells no time."""
ONE_STEP = timedelta(seconds=0.1)
"""What was logged so shortly before something that was told may have been decided on in one step with it."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A match as the log has it, packed, since all of them are held until their order is known."""

    at: datetime
    partition: int
    offset: int
    article: str
    packed: bytes
    revision: int = 1


class _Place(NamedTuple):
    """Where a match stands: its partition, and how many are before it there."""

    partition: int
    position: int


def in_order(matches: Iterable[Logged], ends: Iterable[Delivery]) -> list[Logged]:
    """All the matches, in an order in which they may have been decided with these ends."""
    partitions: dict[int, list[Logged]] = defaultdict(list)
    for logged in sorted(matches, key=lambda logged: (logged.partition, logged.offset)):
        partitions[logged.partition].append(logged)
    revisions: dict[str, dict[int, _Place]] = defaultdict(dict)
    for number, of_one in partitions.items():
        for index, logged in enumerate(of_one):
            revisions[logged.article].setdefault(logged.revision, _Place(number, index))
    told = [end for end in ends if end.article in revisions]
    places = {end.id: _place_of(end, revisions[end.article].values(), partitions) for end in told}
    merge = _Merge(partitions, _predecessors(told, places), set(places.values()))
    steps: dict[datetime, dict[_Place, int]] = defaultdict(dict)
    lags = dict[_Place, timedelta]()
    for end in told:
        place = places[end.id]
        logged = partitions[place.partition][place.position]
        lags[place] = _lag(end, logged)
        steps[_told_at(end, logged)].setdefault(place, end.number)
    rest = deque(sorted(_untold(partitions, lags), reverse=True))
    for at, step in sorted(steps.items()):
        while rest and rest[-1][0] < at:
            merge.up_to(rest.pop()[1])
        while step:
            nearest = min(step, key=lambda place: (merge.untold_before(place), step[place], place))
            merge.up_to(nearest)
            del step[nearest]
    while rest:
        merge.up_to(rest.pop()[1])
    return merge.ordered


def _told_at(end: Delivery, logged: Logged) -> datetime:
    return end.added_at if logged.at <= end.added_at <= logged.at + LONGEST_LAG else logged.at


def _lag(end: Delivery, logged: Logged) -> timedelta:
    """How long after it was logged it was decided on; the longest where that is not known."""
    lag = end.added_at - logged.at
    return lag if timedelta() <= lag <= LONGEST_LAG else LONGEST_LAG


def _untold(
    partitions: Mapping[int, list[Logged]], lags: Mapping[_Place, timedelta]
) -> Iterator[tuple[datetime, _Place]]:
    """What was not told, and until when each was probably decided on, in the order of its partition."""
    everywhere = _Lags((partitions[place.partition][place.position].at, lag) for place, lag in lags.items())
    for number, of_one in partitions.items():
        places = [_Place(number, index) for index in range(len(of_one))]
        own = _Lags((of_one[place.position].at, lags[place]) for place in places if place in lags)
        times, latest = list(accumulate((logged.at for logged in of_one), max)), datetime.max.replace(tzinfo=UTC)
        for place, at in zip(reversed(places), reversed(times), strict=True):
            lag = lags[place] if place in lags else ONE_STEP + max(own.around(at), everywhere.around(at))
            latest = min(latest, at + lag)
            if place not in lags:
                yield latest, place


class _Lags:
    """How long after it was logged was decided on what was told, by when it was logged."""

    def __init__(self, told: Iterable[tuple[datetime, timedelta]]) -> None:
        self._told = sorted(told)

    def around(self, at: datetime) -> timedelta:
        """The longer one of those just before and after this time."""
        index = bisect_left(self._told, at, key=itemgetter(0))
        return max((lag for _, lag in self._told[max(index - 1, 0) : index + 1]), default=timedelta())


def _place_of(end: Delivery, revisions: Iterable[_Place], partitions: Mapping[int, list[Logged]]) -> _Place:
    """Where the match stands of which an end tells: that of the article's last revision before it was told."""
    places = sorted(revisions, key=lambda place: partitions[place.partition][place.position].at)
    before = [place for place in places if partitions[place.partition][place.position].at <= end.added_at]
    return before[-1] if before else places[0]


def _predecessors(told: Iterable[Delivery], places: Mapping[str, _Place]) -> dict[_Place, set[_Place]]:
    """For what was told, what was told just before it of the same alert; `places` are by the ends' ids."""
    alerts: dict[str, dict[int, _Place]] = defaultdict(dict)
    for end in told:
        alerts[end.alert][end.number] = places[end.id]
    before: dict[_Place, set[_Place]] = defaultdict(set)
    for tellings in alerts.values():
        numbers = sorted(tellings)
        for one, other in pairwise(numbers):
            before[tellings[other]].add(tellings[one])
    return before


class _Merge:
    """Takes from the partitions, each in its order, and never something before its predecessors; `ordered` is all."""

    def __init__(
        self, partitions: Mapping[int, list[Logged]], before: Mapping[_Place, set[_Place]], told: Container[_Place]
    ) -> None:
        self._partitions, self._before = partitions, before
        self._untold = {
            number: [0, *accumulate(_Place(number, index) not in told for index in range(len(of_one)))]
            for number, of_one in partitions.items()
        }
        self._taken: dict[int, int] = dict.fromkeys(partitions, 0)
        self.ordered: list[Logged] = []

    def untold_before(self, place: _Place) -> int:
        """How much that was not told has to be taken from its partition before it."""
        counts = self._untold[place.partition]
        return counts[place.position] - counts[min(self._taken[place.partition], place.position)]

    def up_to(self, place: _Place) -> None:
        """Take this one, after all that has to come before it."""
        wanted = [place]
        while wanted:
            number, index = wanted[-1]
            if self._taken[number] > index:
                wanted.pop()
                continue
            head = _Place(number, self._taken[number])
            # A cycle cannot have been; clocks that differ can make one, and then the partition's order counts.
            missing = [
                p for p in self._before.get(head, ()) if self._taken[p.partition] <= p.position and p not in wanted
            ]
            if missing:
                wanted.append(missing[0])
            else:
                self.ordered.append(self._partitions[number][head.position])
                self._taken[number] += 1
