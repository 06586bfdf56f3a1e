"""Counts in points how far a report agrees with what is known of a happening. Pure.

The weights are set on the incidents of `tests/data/incidents.jsonl` that are marked `tuned`; figures on those that are
not stand in the architecture page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from streams.alert.contrasts import Course, Path, course_of, narrowest, related
from streams.alert.copies import overlap
from streams.alert.report import PLACE, WHO, WORDS, Report, Spots, named
from streams.alerts import Happening
from streams.messages import Traits

NEAR_KM = 12.0
"""How far apart two places may be to be one place of a happening: a town and the villages around it."""
SOON = timedelta(hours=8)
"""Reports of one spot further apart need more than the spot."""
TARGETS = frozenset(
    {
        "market",
        "school",
        "hospital",
        "camp",
        "displaced",
        "farm",
        "worship",
        "bakery",
        "industry",
        "convoy",
        "base",
        "prison",
        "helicopter",
        "power-plant",
        "port",
        "bus",
        "parliament",
        "resolution",
        "protest",
        "election",
        "deadline",
        "condition",
    }
)
"""Scenes (see `streams.match.scenes`) of which a day rarely has two; the others are found in most reports."""
_ALIKE, _SIMILAR = 0.5, 0.3
_COURSES = {Course.SAME: 1.0, Course.GROWN: 0.25, Course.FALLEN: -1.0, Course.ANOTHER: float("-inf")}
_MOST_SCENES, _USUAL = 1.5, 0.25
_WEIGHTS = {**dict.fromkeys(TARGETS, 1.0), "soldiers": 0.5}
_SHARED_STATES, _SEVERAL = 1.0, 2
_DEMANDS = frozenset({"demand|refuse", "withdraw|deploy", "go|stay"})
_KINDS = {"planted": 1.0, "killing": 1.0}
_KINDS_ALIKE, _KINDS_APART, _TARGETS_APART = 0.5, -1.5, -0.75
_LATE = -0.5
_EARTH_KM = 6371.0
_REMEMBERED = 4096
"""Lists of places of alerts that are not worked out again for each report."""


class Agreement(Enum):
    """How one slot of two reports agrees."""

    SAME = "same"
    NEAR = "near"  # within NEAR_KM, or named in the other's head
    WIDER = "wider"  # one names the place in which the other's lies, or both the same wide one
    UNKNOWN = "unknown"
    UNLIKE = "unlike"  # in words that no gazetteer knows
    OTHER = "other"


_PLACES = {
    Agreement.SAME: 2.0,
    Agreement.NEAR: 1.25,
    Agreement.WIDER: 0.75,
    Agreement.UNKNOWN: 0.0,
    Agreement.UNLIKE: -1.0,
    Agreement.OTHER: -0.25,
}
# Among violence, who did it is said in many ways, and wrongly; of a demand it is all that tells it from others.
_ACTORS = {Agreement.SAME: 1.0, Agreement.OTHER: -1.5}
_ACTORS_IN_VIOLENCE = {Agreement.SAME: 0.25}


def agreement(happening: Happening, report: Report, *, apart: timedelta) -> float:
    """The points for one happening: place, actors, tolls, what was done to whom, and how alike the heads are.

    A place elsewhere rules it out. A place at one spot is nearly enough: little happens twice there in a few hours
    under one rule.

    Args:
        happening: what is known.
        report: of the same rule.
        apart: how much later than the first one it was seen.
    """
    known, said = happening.traits, report.match.traits
    place = _place(happening, report)
    violence = _is_violence(known) or _is_violence(said)
    if place is Agreement.OTHER and (violence or not _one_country(happening, report)):
        return float("-inf")
    total = _PLACES[place] + (_LATE if abs(apart) > SOON else 0.0)
    weights = _ACTORS_IN_VIOLENCE if violence else _ACTORS
    actors = _actors(happening, report)
    total += sum(weights.get(agreed, 0.0) for agreed in actors.values())
    total += _tolls(known, said, earlier=apart < timedelta())
    total += _scenes(known, said)
    if not violence and actors[WHO] is Agreement.OTHER:
        return total  # whoever demands a thing does it in the usual words
    if not violence and len(named(known.actors) & named(said.actors)) >= _SEVERAL:
        total += _SHARED_STATES if actors[WHO] is Agreement.SAME else _SHARED_STATES / 2
    likeness = overlap(known.words, said.words) if known.words and said.words else 0.0
    return total + (2.0 if likeness >= _ALIKE else 1.0 if likeness >= _SIMILAR else 0.0)


def _is_violence(traits: Traits) -> bool:
    """Whether something was done, and not demanded of those who do such things."""
    return bool(traits.kinds or traits.deaths or "blast" in traits.scenes) and _DEMANDS.isdisjoint(traits.poles)


def _tolls(known: Traits, said: Traits, *, earlier: bool) -> float:
    before, after = (said, known) if earlier else (known, said)
    course = course_of(before.deaths, after.deaths)
    if course is not Course.UNKNOWN:
        return _COURSES[course]
    return 0.5 if set(before.numbers) & set(after.numbers) else 0.0


def _scenes(known: Traits, said: Traits) -> float:
    """Points for what was done, and to whom or what."""
    kinds = 0.0
    if known.kinds and said.kinds:
        both = set(known.kinds) & set(said.kinds)
        kinds = max((_KINDS.get(kind, _KINDS_ALIKE) for kind in both), default=_KINDS_APART)
    shared = set(known.scenes) & set(said.scenes)
    if not shared & TARGETS and TARGETS & set(known.scenes) and TARGETS & set(said.scenes):
        kinds += _TARGETS_APART
    return kinds + min(_MOST_SCENES, sum(_WEIGHTS.get(scene, _USUAL) for scene in shared))


def _actors(happening: Happening, report: Report) -> dict[str, Agreement]:
    """How the slots besides the place agree.

    Slots are filled by nearness, and may be wrong: what either report has for another slot is nobody who acts. Where
    that is not said, two heads are of different actors when each names a state that the other does not.
    """
    before = {slot: frozenset(values) for slot, values in happening.slots.items() if slot != PLACE}
    now = {slot: frozenset(values) for slot, values in report.values.items() if slot != PLACE}
    found = {
        slot: _agreed(before.get(slot, frozenset()), now.get(slot, frozenset()))
        for slot in before.keys() | now.keys()
        if slot != WHO
    }
    aside = frozenset[str]().union(*(values for some in (before, now) for name, values in some.items() if name != WHO))
    one, other = (named(values.get(WHO, ())) - aside for values in (happening.slots, report.values))
    if one & other:
        return {**found, WHO: Agreement.SAME}
    heads = [named(traits.actors) - aside for traits in (happening.traits, report.match.traits)]
    only = (one or heads[0]) - heads[1], (other or heads[1]) - heads[0]
    differ = any(only) if one and other else all(only)
    return {**found, WHO: Agreement.OTHER if differ else Agreement.UNKNOWN}


def _place(happening: Happening, report: Report) -> Agreement:
    some, others = happening.slots.get(PLACE, ()), report.values.get(PLACE, ())
    known, said = _narrowest(some), _narrowest(others)
    if not known or not said:
        return _agreed(some, others)
    if any(value in happening.spots or value in report.spots for value in known.keys() & said.keys()):
        return Agreement.SAME
    if _in_heads(happening, report) or _are_near({**happening.spots, **report.spots}, known, said):
        return Agreement.NEAR
    wider = any(related(one, other) for one in said.values() for other in known.values())
    return Agreement.WIDER if wider else Agreement.OTHER


@lru_cache(maxsize=_REMEMBERED)
def _narrowest(values: tuple[str, ...]) -> Mapping[str, Path]:
    """The places without those in which another one lies, each with its path."""
    return {"/".join(path): path for path in narrowest(_paths(values))}


@lru_cache(maxsize=_REMEMBERED)
def _places_in(names: tuple[Path, ...]) -> frozenset[str]:
    return frozenset("/".join(path[1:]) for path in names)


def _in_heads(happening: Happening, report: Report) -> bool:
    """Whether a spot of one report is named in the head of the other, which has a wide place."""
    before, now = _places_in(happening.traits.names), _places_in(report.match.traits.names)
    return not (now.isdisjoint(happening.spots) and before.isdisjoint(report.spots))


def _one_country(happening: Happening, report: Report) -> bool:
    """Whether all places of both lie in one country: of a town and its region, the gazetteer may not know it."""
    return len({path[0] for slots in (happening.slots, report.values) for path in _paths(slots.get(PLACE, ()))}) == 1


def _agreed(some: Iterable[str], others: Iterable[str]) -> Agreement:
    """How two slots agree, both in names or both in words; a name and a word say nothing of each other."""
    one, other = set(some), set(others)
    if any(a == b or a in b or b in a for a in one for b in other):
        return Agreement.SAME
    named = [{value for value in values if not value.startswith(WORDS)} for values in (one, other)]
    if all(named):
        return Agreement.OTHER
    in_one_script = len({value.isascii() for value in (*one, *other)}) == 1
    return Agreement.UNLIKE if one and other and not any(named) and in_one_script else Agreement.UNKNOWN


def _paths(values: Iterable[str]) -> Iterable[Path]:
    return (tuple(value.split("/")) for value in values if not value.startswith(WORDS))


def _are_near(spots: Spots, some: Iterable[str], others: Iterable[str]) -> bool:
    rest = list(others)
    return any(are_near(spots, one, other) for one in some for other in rest)


def are_near(spots: Spots, one: str, other: str) -> bool:
    """Whether both places have a point, and lie within NEAR_KM of each other."""
    first, second = spots.get(one), spots.get(other)
    return first is not None and second is not None and kilometres(first, second) <= NEAR_KM


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points on the Earth by the haversine formula (Sinnott, 1984)."""
    lat, lon, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))
