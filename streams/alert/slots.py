"""Decides how the slots of two reports agree: places by where they lie, others by whom they name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from streams.alert.contrasts import Path, narrowest, related
from streams.alert.report import CITY, PLACE, WHO, WORDS, Report, Spots, is_name, named, states_of
from streams.alerts import Happening

NEAR_KM = 12.0
"""How far apart two places may be to be one place of a happening: a town and the villages around it."""
_EARTH_KM = 6371.0
_REMEMBERED = 4096
"""Lists of places of alerts that are not worked out again for each report."""
_VOWELS = re.compile("[aeiouywh'’`]")


class Agreement(Enum):
    """How one slot of two reports agrees."""

    SAME = "same"
    ASIDE = "aside"  # one names it in passing
    NEAR = "near"  # within NEAR_KM, or named in the other's head
    BESIDE = "beside"  # as near, but each has another one in its title
    WIDER = "wider"  # one names the place in which the other's lies, or both the same wide one
    WORDED = "worded"  # in the same words that no gazetteer knows
    UNKNOWN = "unknown"
    UNLIKE = "unlike"  # in other words
    OTHER = "other"


def heard_in(happening: Happening) -> Mapping[str, tuple[str, ...]]:
    """The values by slot of all its reports; an alert of 0.1 has those that were told."""
    return happening.heard or happening.slots


def agreed_places(happening: Happening, report: Report) -> Agreement:
    """How the places agree; what the titles name is where it happened, the rest may say where that lies."""
    some, others = heard_in(happening).get(PLACE, ()), report.values.get(PLACE, ())
    known, said = _narrowest(some), _narrowest(others)
    if not known or not said:
        return _agreed(some, others)
    both, spots = known.keys() & said.keys(), {**happening.spots, **report.spots}
    near = not both and (_in_heads(happening, report) or _are_near(spots, known, said))
    if not both and not near:
        wider = any(related(one, other) for one in said.values() for other in known.values())
        return Agreement.WIDER if wider else Agreement.OTHER
    titled = _in_title(known, spots, happening.traits.headed), _in_title(said, spots, report.match.traits.headed)
    one, other = titled[0] or _spots_in(known, spots), titled[1] or _spots_in(said, spots)
    other = other - _places_in(report.match.traits.aside) or other
    if one & other:
        return Agreement.SAME
    spot, area = both & spots.keys(), both - report.wide
    if all(titled) and (spot or area or near) and not _lie_within(known, said, titled):
        return Agreement.BESIDE
    return Agreement.ASIDE if spot else Agreement.NEAR if area or near else Agreement.WIDER


def _lie_within(known: Mapping[str, Path], said: Mapping[str, Path], titled: Sequence[set[str]]) -> bool:
    """Whether a place in one title lies within a place in the other one: an airport and its town."""
    return any(related(known[one], said[other]) for one in titled[0] for other in titled[1])


def _spots_in(places: Mapping[str, Path], spots: Spots) -> set[str]:
    """Those of the places that are spots, without a city beside others: most likely it says where they lie."""
    found = places.keys() & spots.keys()
    return {place for place in found if not place.endswith(f"/{CITY}")} or found


def _in_title(places: Mapping[str, Path], spots: Spots, headed: tuple[Path, ...]) -> set[str]:
    return _spots_in(places, spots) & _places_in(headed)


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


def in_one_country(happening: Happening, report: Report) -> bool:
    """Whether all places of both lie in one country: of a town and its region, the gazetteer may not know it."""
    return (
        len({path[0] for slots in (heard_in(happening), report.values) for path in _paths(slots.get(PLACE, ()))}) == 1
    )


def _agreed(some: Iterable[str], others: Iterable[str]) -> Agreement:
    """How two slots agree, both in names or both in words; a name and a word say nothing of each other."""
    one, other = set(some), set(others)
    alike = [value for a in one for b in other if says(a, b) or says(b, a) for value in (a, b)]
    if alike:
        return Agreement.SAME if named(alike) else Agreement.WORDED
    names = [named(values) for values in (one, other)]
    if all(names):
        return Agreement.OTHER
    in_one_script = len({value.isascii() for value in (*one, *other)}) == 1
    return Agreement.UNLIKE if one and other and not any(names) and in_one_script else Agreement.UNKNOWN


def _paths(values: Iterable[str]) -> Iterable[Path]:
    return (tuple(value.split("/")) for value in values if not value.startswith(WORDS))


def _are_near(spots: Spots, some: Iterable[str], others: Iterable[str]) -> bool:
    rest = list(others)
    return any(are_near(spots, one, other) for one in some for other in rest)


def says(longer: str, shorter: str) -> bool:
    """Whether one value has the words of another one; Arabic writes particles on to their beginning, nothing behind."""
    return f"{shorter} " in f"{longer} "


def are_near(spots: Spots, one: str, other: str) -> bool:
    """Whether both places have a point, and lie within NEAR_KM of each other."""
    first, second = spots.get(one), spots.get(other)
    return first is not None and second is not None and kilometres(first, second) <= NEAR_KM


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points on the Earth by the haversine formula (Sinnott, 1984)."""
    lat, lon, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def agreed_actors(happening: Happening, report: Report) -> dict[str, Agreement]:
    """How the slots besides the place agree.

    Slots are filled by nearness, and may be wrong: what either report has for another slot is nobody who acts. Where
    that is not said, two heads are of different actors when each names a state that the other does not.
    """
    heard = [
        {slot: frozenset(values) for slot, values in some.items()} for some in (heard_in(happening), report.values)
    ]
    before, now = ({slot: values for slot, values in some.items() if slot != PLACE} for some in heard)
    found = {
        slot: _agreed(before.get(slot, frozenset()), now.get(slot, frozenset()))
        for slot in before.keys() | now.keys()
        if slot != WHO
    }
    aside = states_of(
        value for some in (before, now) for slot, values in some.items() if slot != WHO for value in values
    )
    asking = [named(some.get(WHO, ())) for some in (before, now)]
    persons = [{value for value in values if "/" in value} for values in asking]
    one, other = (states_of(values) - aside for values in asking)
    called = [
        {value for value in some.get(WHO, ()) if value.startswith(WORDS) and is_name(value)} for some in (before, now)
    ]
    if all(persons) and persons[0].isdisjoint(persons[1]):
        return {**found, WHO: Agreement.OTHER}
    if _others(called[0], persons[1] or called[1]) or _others(called[1], persons[0]):
        return {**found, WHO: Agreement.OTHER}
    if one & other:
        return {**found, WHO: Agreement.SAME}
    heads = [named(traits.actors) - aside for traits in (happening.traits, report.match.traits)]
    only = (one or heads[0]) - heads[1], (other or heads[1]) - heads[0]
    differ = any(only) if one and other else all(only)
    return {**found, WHO: Agreement.OTHER if differ else Agreement.UNKNOWN}


def _others(called: Iterable[str], persons: Iterable[str]) -> bool:
    """Whether those who are called by names that no gazetteer knows are none of the others, as far as names tell."""
    some, others = (frozenset(part for one in names for part in _consonants(one)) for names in (called, persons))
    return bool(some and others) and some.isdisjoint(others)


@lru_cache(maxsize=_REMEMBERED)
def _consonants(name: str) -> frozenset[str]:
    """The consonants of each part of a name, in which its spellings agree: Pashinian, Pashinyan."""
    parts = name.removeprefix(WORDS).rpartition("/")[2].casefold().replace("-", " ").split()
    return frozenset(kept for part in parts if len(kept := _VOWELS.sub("", part)) > 1)
