"""The order in which the alert stage decided on the matches of a log, as far as the ends of what it told show it.

Several workers read the partitions, none at the pace of another, so the times of the records say little. Three things
are known: a partition is read in its order; what was told was added to the outbox at a time that its end names; and the
tellings of one alert have numbers. What was not told changed nothing, and the more is known before it, the less it
tells: it comes as late as its partition allows. Of what was told at one time, in one step of the alert stage, that
comes first before which the least stands that was not told.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

from streams.deliveries import Delivery

LONGEST_LAG = timedelta(hours=1)
"""A notification that was added later than this after its match was sent again by hand since, and tells no time."""


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
    for end in told:
        place = places[end.id]
        steps[_told_at(end, partitions[place.partition][place.position])].setdefault(place, end.number)
    for _, step in sorted(steps.items()):
        while step:
            nearest = min(step, key=lambda place: (merge.untold_before(place), step[place], place))
            merge.up_to(nearest)
            del step[nearest]
    return merge.whole()


def _told_at(end: Delivery, logged: Logged) -> datetime:
    return end.added_at if logged.at <= end.added_at <= logged.at + LONGEST_LAG else logged.at


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
    """Takes from the partitions, each in its order, and never something before its predecessors."""

    def __init__(
        self, partitions: Mapping[int, list[Logged]], before: Mapping[_Place, set[_Place]], told: Container[_Place]
    ) -> None:
        self._partitions, self._before = partitions, before
        self._untold = {
            number: [0, *accumulate(_Place(number, index) not in told for index in range(len(of_one)))]
            for number, of_one in partitions.items()
        }
        self._taken: dict[int, int] = dict.fromkeys(partitions, 0)
        self._ordered: list[Logged] = []

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
                self._ordered.append(self._partitions[number][head.position])
                self._taken[number] += 1

    def whole(self) -> list[Logged]:
        """All that was taken, and then the rest by its time."""
        rest = (of_one[self._taken[number] :] for number, of_one in self._partitions.items())
        return [*self._ordered, *heapq.merge(*rest, key=lambda logged: logged.at)]
