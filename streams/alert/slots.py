"""Decides how the slots of a report agree with what is known: places by where they lie, others by whom they name."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import Enum
from math import asin, cos, radians, sin, sqrt

from streams.alert.outline import Actors, Outline, Point, Whereabouts
from streams.alert.report import named

NEAR_KM = 9.0
"""How far apart two places may be to be one place of a happening: a town and the villages around it."""
_EARTH_KM = 6371.0
_NEAR_DEGREES = NEAR_KM / 110
"""So many degrees of latitude apart places are too far away, whatever their longitude; a degree has over 110 km."""


class Agreement(Enum):
    """How one slot of two reports agrees."""

    SAME = "same"
    BY = "by"  # one says near it
    ASIDE = "aside"  # one names it in passing
    NEAR = "near"  # within NEAR_KM, or named in the other's head
    BESIDE = "beside"  # as near, but each has another one in its title
    APART = "apart"  # the same, but one in its first sentence only
    WIDER = "wider"  # one names the place in which the other's lies, or both the same wide one
    WORDED = "worded"  # in the same words that no gazetteer knows
    UNKNOWN = "unknown"
    UNLIKE = "unlike"  # in other words
    OTHER = "other"


def agreed_places(known: Whereabouts, said: Whereabouts) -> Agreement:
    """How the places agree; what the titles name is where it happened, the rest may say where that lies."""
    if not known.places or not said.places:
        return agreed(known.values, said.values)
    both = known.places & said.places
    near = not both and (_in_heads(known, said) or _are_near(known.points, said.points))
    if known.at & said.at:
        least, most = sorted((known.sureness, said.sureness))
        return Agreement.ASIDE if not least else Agreement.SAME if least == most else Agreement.BY
    if not both and not near:
        before, now = known.places | known.loose, said.places | said.loose
        apart = before.isdisjoint(said.above) and now.isdisjoint(known.above)
        return Agreement.OTHER if apart else Agreement.WIDER
    spot, area = both & (known.spots | said.spots), both - said.wide
    if known.leading and said.leading and (spot or area or near) and not _lie_within(known.leading, said.leading):
        return Agreement.BESIDE if known.titled and said.titled else Agreement.APART
    return Agreement.ASIDE if spot else Agreement.NEAR if area or near else Agreement.WIDER


def in_one_country(known: Whereabouts, said: Whereabouts) -> bool:
    """Whether all places of both lie in one country: of a town and its region, the gazetteer may not know it."""
    return len(known.lands | said.lands) == 1


def _in_heads(known: Whereabouts, said: Whereabouts) -> bool:
    """Whether a spot of one report is named in the head of the other, which has a wide place."""
    return not (said.named.isdisjoint(known.spots) and known.named.isdisjoint(said.spots))


def _lie_within(some: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Whether a place in one title lies within a place in the other one: an airport and its town."""
    return any(f"{one}/".startswith(f"{two}/") or f"{two}/".startswith(f"{one}/") for one in some for two in others)


def agreed(one: AbstractSet[str], other: AbstractSet[str]) -> Agreement:
    """How two slots agree, both in names or both in words; a name and a word say nothing of each other."""
    if not one or not other:
        return Agreement.UNKNOWN
    alike = [value for a in one for b in other if a == b or says(a, b) or says(b, a) for value in (a, b)]
    if alike:
        return Agreement.SAME if named(alike) else Agreement.WORDED
    names = [named(values) for values in (one, other)]
    if all(names):
        return Agreement.OTHER
    in_one_script = len({value.isascii() for value in (*one, *other)}) == 1
    return Agreement.UNLIKE if not any(names) and in_one_script else Agreement.UNKNOWN


def says(longer: str, shorter: str) -> bool:
    """Whether one value has the words of another one; Arabic writes particles on to their beginning, nothing behind."""
    return f"{shorter} " in f"{longer} "


def _are_near(some: tuple[Point, ...], others: tuple[Point, ...]) -> bool:
    for one in some:
        for other in others:
            if abs(one[0] - other[0]) <= _NEAR_DEGREES and kilometres(one, other) <= NEAR_KM:
                return True
    return False


def are_near(one: Point | None, other: Point | None) -> bool:
    """Whether both are known, and lie within NEAR_KM of each other."""
    return one is not None and other is not None and _are_near((one,), (other,))


def kilometres(one: Point, other: Point) -> float:
    """The distance of two points on the Earth by the haversine formula (Sinnott, 1984)."""
    lat, lon, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def agreed_actors(known: Outline, said: Outline) -> Agreement:
    """How those who act agree.

    Slots are filled by nearness, and may be wrong: what either report has for another slot is nobody who acts. Where
    that is not said, two heads are of different actors when each names a state that the other does not.
    """
    before, now = known.actors, said.actors
    if before.persons and now.persons and before.persons.isdisjoint(now.persons):
        return Agreement.OTHER
    if _are_others(before, now) or _are_others(now, before) or _speak_for_others(before, now):
        return Agreement.OTHER
    aside = before.others | now.others
    one, other = before.who - aside, now.who - aside
    if one & other:
        return Agreement.SAME
    if _are_called_alike(before, now):
        return Agreement.WORDED
    heads = known.heads - aside, said.heads - aside
    only = (one or heads[0]) - heads[1], (other or heads[1]) - heads[0]
    differ = any(only) if one and other else all(only)
    if one and other and differ:
        differ = not (one <= said.told_of and other <= known.told_of)
    return Agreement.OTHER if differ else Agreement.UNKNOWN


def _are_called_alike(one: Actors, other: Actors) -> bool:
    """Whether a name that no gazetteer knows is that of the other: "Walid Muallem" and SYR/muallem."""
    return not (one.called.isdisjoint(other.parts | other.called) and other.called.isdisjoint(one.parts))


def _are_others(one: Actors, other: Actors) -> bool:
    """Whether those who are called by names that no gazetteer knows are none of the persons whom it knows.

    Two names that none knows may be a minister's and his spokesman's, or no names.
    """
    return bool(one.called and other.parts) and one.called.isdisjoint(other.parts)


def _speak_for_others(one: Actors, other: Actors) -> bool:
    """Whether both speak for ministries, and none for one of the other's, though none is the other's person."""
    if not one.ministries or not other.ministries or not one.ministries.isdisjoint(other.ministries):
        return False
    return one.persons.isdisjoint(other.persons) and one.called.isdisjoint(other.called)
