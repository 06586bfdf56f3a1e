"""What is compared of a happening and of one more report of the rule, worked out once for each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from streams.alert.contrasts import narrowest
from streams.alert.days import days_of_saying
from streams.alert.report import CITY, PLACE, WHO, WHOSE, WORDS, Report, Spots, is_name, named, states_of
from streams.alert.titles import Path
from streams.alerts import Happening
from streams.messages import Traits, opposite_of

_REMEMBERED = 4096
"""Happenings of alerts whose outline is not worked out again for each report."""
_DEMANDS = frozenset({"demand|refuse", "withdraw|deploy", "go|stay"})
_SURE_DEMANDS = frozenset({"demand|refuse", "withdraw|deploy"})
LEADING = 1
"""The first sentence of the text; the title is 0."""
EARLY = 3
"""The third one: a town so early is where it happened, though the title names the governorate."""
FAR = 99
"""Stands for the sentence of what is named further down."""
_VOWELS = re.compile("[aeiouywh'’`]")

Point = tuple[float, float]
_Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Places: the `values` of the slot, the narrowest `places` of them, and these with all in which they lie (`above`).

    `loose` are the narrowest of the head, without those further down in it that only say where something lies. It
    happened `at` the spots that are named first; where a title does, they are `titled`, in a title or first sentence
    `leading`. `sureness` is 2 where the head says that it happened there, 1 where it says beside them, else 0. `named`
    are places of the head, `lands` countries.
    """

    values: _Names
    places: _Names
    loose: _Names
    above: _Names
    spots: _Names
    points: tuple[Point, ...]
    at: _Names
    titled: _Names
    leading: _Names
    sureness: int
    wide: _Names
    named: _Names
    lands: _Names

    @classmethod
    def of(cls, values: tuple[str, ...], spots: Spots, traits: Traits, *, aside: _Names, wide: _Names) -> Whereabouts:
        """From what fills the slot, the points of spots, and the head; `aside` are named only to say where it lies."""
        paths = [tuple(value.split("/")) for value in values if not value.startswith(WORDS)]
        least = narrowest(paths)
        places = frozenset(map("/".join, least))
        sites = sorted((_stands(spot, traits), spot) for spot in spots if spot in values)
        first, at = _first_spots(sites, aside)
        points = (spots.get(place) for place in places)
        return cls(
            values=frozenset(values),
            places=places,
            loose=frozenset(map("/".join, narrowest(_in_head(paths, traits, aside)))) or places,
            above=frozenset("/".join(path[:depth]) for path in least for depth in range(1, len(path) + 1)),
            spots=frozenset(spots),
            points=tuple(point for point in points if point is not None),
            at=at,
            titled=at if first == 0 else frozenset(),
            leading=at if first <= LEADING else frozenset(),
            sureness=_sureness(first, at, aside),
            wide=wide,
            named=places_in(traits.names),
            lands=frozenset(path[0] for path in paths),
        )


def _stands(spot: str, traits: Traits) -> int:
    """The sentence in which a spot is first named; a governorate's city has the governorate's name.

    Traits of earlier releases say only what the title names.
    """
    if not traits.sites:
        headed = places_in(traits.headed)
        return 0 if spot in headed or spot.removesuffix(f"/{CITY}") in headed else EARLY
    return traits.sites.get(spot, traits.sites.get(spot.removesuffix(f"/{CITY}"), FAR))


def _sureness(first: int, at: _Names, aside: _Names) -> int:
    return 0 if first == FAR else 1 if at <= aside else 2


def _in_head(paths: Iterable[Path], traits: Traits, aside: _Names) -> Iterator[Path]:
    """The places of the head, without those further down in it that only say where something lies."""
    for path in paths:
        place = "/".join(path)
        stands = _stands(place, traits)
        if stands <= LEADING or (stands < FAR and place not in aside):
            yield path


def _first_spots(sites: Sequence[tuple[int, str]], aside: _Names) -> tuple[int, _Names]:
    """The spots of the sentence that first says where it happened, without those in which one lies, and its number.

    A governorate's city beside others most likely says where they lie.
    """
    there = [one for one in sites if one[0] != FAR] or sites
    there = [one for one in there if one[1] not in aside] or there
    towns = [one for one in there if not one[1].endswith(f"/{CITY}")]
    there = towns if towns and towns[0][0] <= EARLY else there
    first = there[0][0] if there else FAR
    spots = [spot for stands, spot in there if stands == first]
    spots = [spot for spot in spots if not spot.endswith(f"/{CITY}")] or spots
    return first, frozenset(map("/".join, narrowest(tuple(spot.split("/")) for spot in spots)))


@dataclass(frozen=True, slots=True)
class Actors:
    """Who acts (`who`, states and groups), as `persons`, as `called` by consonants of names, and `whose` doing it is.

    `ministries` are those for which they speak, `owners` the states of `whose`, `others` of all slots but those of
    places and of who acts.
    """

    who: _Names
    persons: _Names
    called: _Names
    parts: _Names
    ministries: _Names
    whose: _Names
    owners: _Names
    others: _Names

    @classmethod
    def of(cls, values: Mapping[str, tuple[str, ...]], ministries: Iterable[str]) -> Actors:
        """From what fills the slots, and the ministries."""
        acts, whose = values.get(WHO, ()), values.get(WHOSE, ())
        persons = frozenset(name for name in named(acts) if "/" in name)
        called = (words for words in acts if words.startswith(WORDS) and is_name(words))
        return cls(
            who=states_of(named(acts)),
            persons=persons,
            called=_consonants(called),
            parts=_consonants(persons),
            ministries=frozenset(ministries),
            whose=frozenset(whose),
            owners=states_of(named(whose)),
            others=states_of(one for slot, some in values.items() if slot not in {PLACE, WHO} for one in some),
        )


@dataclass(frozen=True, slots=True)
class Outline:
    """A happening or a report in sets; `against` are the opposites of its poles.

    `heads` are the states and others that its title and first sentence name, `told_of` with all ids of the head, `days`
    those that are named.

    A report has the PLOVER type of what its rule is about, when it was seen, and the days on which it was `said_on`.
    """

    traits: Traits
    where: Whereabouts
    actors: Actors
    heads: _Names
    told_of: _Names
    poles: _Names
    against: _Names
    deaths: frozenset[int]
    numbers: frozenset[int]
    kinds: _Names
    means: _Names
    targets: _Names
    scenes: _Names
    words: frozenset[int]
    latin: frozenset[int]
    arabic: frozenset[int]
    is_violence: bool
    is_demand: bool
    days: frozenset[date]
    said_on: frozenset[date]
    event: str
    seen_at: datetime | None

    @classmethod
    def of(  # noqa: PLR0913  # what a report has besides its head
        cls,
        traits: Traits,
        where: Whereabouts,
        actors: Actors,
        *,
        days: Iterable[date] = (),
        said_on: Iterable[date] = (),
        event: str = "",
        seen_at: datetime | None = None,
    ) -> Outline:
        """From the head, and what fills the slots."""
        poles = frozenset(traits.poles)
        violent = bool(traits.kinds or traits.deaths or "blast" in traits.scenes)
        return cls(
            traits=traits,
            where=where,
            actors=actors,
            heads=named(traits.actors),
            told_of=named(traits.actors) | {path[-1] for path in traits.names},
            poles=poles,
            against=frozenset(map(opposite_of, poles)),
            deaths=frozenset(traits.deaths),
            numbers=frozenset(traits.numbers),
            kinds=frozenset(traits.kinds),
            means=frozenset(traits.means),
            targets=frozenset(traits.targets),
            scenes=frozenset(traits.scenes),
            words=frozenset(traits.words),
            latin=frozenset(traits.latin),
            arabic=frozenset(traits.arabic),
            is_violence=violent and _DEMANDS.isdisjoint(poles),
            is_demand=not _SURE_DEMANDS.isdisjoint(poles),
            days=frozenset(days),
            said_on=frozenset(said_on),
            event=event,
            seen_at=seen_at,
        )


def outline_of(report: Report) -> Outline:
    """The outline of one report."""
    traits, values, seen_at = report.match.traits, report.values, report.match.seen_at
    aside = places_in(traits.aside)
    where = Whereabouts.of(values.get(PLACE, ()), report.spots, traits, aside=aside, wide=report.wide)
    actors, said_on = Actors.of(values, report.ministries), days_of_saying(traits, seen_at)
    event = report.fired.event
    return Outline.of(traits, where, actors, days=report.days, said_on=said_on, event=event, seen_at=seen_at)


def outline_known(happening: Happening) -> Outline:
    """The outline of what is known; that of one object is remembered."""
    return _outline_of(_Itself(happening))


class _Itself:
    """A happening that is equal to itself alone: to compare what it says would take longer than its outline does."""

    __slots__ = ("happening",)

    def __init__(self, happening: Happening) -> None:
        self.happening = happening

    def __hash__(self) -> int:
        return id(self.happening)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.happening is self.happening


@lru_cache(maxsize=_REMEMBERED)
def _outline_of(known: _Itself) -> Outline:
    happening = known.happening
    traits, values = happening.traits, heard_in(happening)
    aside = places_in(traits.aside)
    where = Whereabouts.of(values.get(PLACE, ()), happening.spots, traits, aside=aside, wide=frozenset())
    return Outline.of(traits, where, Actors.of(values, happening.ministries), days=happening.days)


def heard_in(happening: Happening) -> Mapping[str, tuple[str, ...]]:
    """The values by slot of all its reports; an alert of 0.1 has those that were told."""
    return happening.heard or happening.slots


def places_in(names: Iterable[Path]) -> _Names:
    """The places by their paths without their gazetteer."""
    return frozenset("/".join(path[1:]) for path in names)


def _consonants(names: Iterable[str]) -> _Names:
    """The consonants of each part of the names, in which spellings agree: Pashinian, Pashinyan."""
    parts = (part for name in names for part in _last(name).casefold().replace("-", " ").split())
    return frozenset(kept for part in parts if len(kept := _VOWELS.sub("", part)) > 1)


def _last(name: str) -> str:
    return name.removeprefix(WORDS).rpartition("/")[2]
