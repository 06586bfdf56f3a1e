"""Decides whether two texts report one happening, and what a further report adds to it. Pure.

Two independent texts share hardly a sentence. They are of one happening when the same rule fired on both within a day,
their slots agree and nothing contradicts. How far slots agree is counted in points (see `agreement`); figures on real
and made-up timelines stand in the architecture page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import asin, cos, radians, sin, sqrt

from streams.alert.copies import Path, narrowest, numbers_contradict, opposed, related
from streams.alerts import AlertRecord, Happening
from streams.messages import Match, RuleMatch

WINDOW = timedelta(hours=24)
"""How far apart two reports of one happening are seen at most."""
NEAR_KM = 12.0
"""How far apart two places may be to be one place of a happening: a town and the villages around it."""
ENOUGH = 2.0
"""Points that make two reports one happening."""
PLACE = "where"
"""The slot of places."""
WIDE = frozenset({"country", "region", "governorate"})
"""Types of places in which much happens at once."""
MOST = 64
"""Most values of a slot, and most origins, that are remembered."""
MOST_WORDS = 160
STEP = 1.5
"""A number grows by a step when it becomes this many times larger, and by 3 at least."""
MIN_GROWTH = 3
ORIGIN_STEPS = frozenset({2, 3, 5, 10, 20, 50})
"""Numbers of independent texts that are told."""
_ALIKE, _SIMILAR = 0.5, 0.3
_EARTH_KM = 6371.0


Spots = Mapping[str, tuple[float, float] | None]


class Agreement(Enum):
    """How one slot of two reports agrees, with its points."""

    SAME = 1.0
    WIDER = 0.75  # one names the place in which the other's lies, or both the same wide one
    UNKNOWN = 0.0
    OTHER = -0.5


@dataclass(frozen=True, slots=True)
class Report:
    """One rule's match, with what it says in terms that other reports can be compared by; made once for each."""

    match: Match
    fired: RuleMatch
    values: Mapping[str, tuple[str, ...]]
    spots: Spots

    @classmethod
    def of(cls, match: Match, fired: RuleMatch) -> Report:
        """The report that a match is for one of its rules."""
        return cls(match, fired, _values_of(fired), _spots_of(fired))


def _values_of(fired: RuleMatch) -> dict[str, tuple[str, ...]]:
    """What fills each slot, by what it names: a gazetteer's path joined by slashes, else the words in small letters."""
    found: dict[str, tuple[str, ...]] = {}
    for slot, words in fired.slots.items():
        named = fired.entities.get(slot, ())
        paths = ["/".join(entity.path) or entity.name for entity in named]
        rest = [" ".join(word.casefold().split()) for word in words if not any(one.text in word for one in named)]
        found[slot] = tuple(dict.fromkeys([*paths, *rest]))
    return found


def _spots_of(fired: RuleMatch) -> Spots:
    """Those of the rule's places that are spots, with their points: neither wide ones nor mere words."""
    named = fired.entities.get(PLACE, ())
    return {"/".join(one.path): one.point for one in named if one.path and one.type not in WIDE}


def agreement_with(record: AlertRecord, report: Report) -> float | None:
    """The points by which a report of the alert's rule is of the alert's happening; None where it is of another."""
    happening, match = record.happening, report.match
    apart = match.seen_at - record.first_seen_at
    if match.seen_at - record.last_seen_at > WINDOW or -apart > WINDOW:
        return None
    if opposed(happening.traits, match.traits):
        return None
    if numbers_contradict(_known_numbers(happening), match.traits.numbers, apart=abs(apart)):
        return None
    points = agreement(happening, report)
    return points if points >= ENOUGH else None


def agreement(happening: Happening, report: Report) -> float:
    """The points for one happening: place, other slots, and how alike the heads are; a place elsewhere rules it out.

    A place at one spot counts double: little happens twice there in a day under one rule.
    """
    values = report.values
    place = _place(happening, report)
    if place is Agreement.OTHER:
        return float("-inf")
    total: float = place.value * (2 if place is Agreement.SAME else 1)
    for slot in values.keys() - {PLACE}:
        total += _slot(happening.slots.get(slot, ()), values[slot]).value
    likeness = _overlap(happening.traits.words, report.match.traits.words)
    return total + (2.0 if likeness >= _ALIKE else 1.0 if likeness >= _SIMILAR else 0.0)


def news_in(happening: Happening, report: Report) -> Happening:
    """The happening with all that a report says, which is told, or the only thing known while nobody is told."""
    values, match = report.values, report.match
    slots = {
        name: tuple(dict.fromkeys((*happening.slots.get(name, ()), *values.get(name, ()))))[:MOST]
        for name in {**happening.slots, **values}
    }
    changes = {
        "slots": slots,
        "spots": {**happening.spots, **report.spots},
        "number": max([happening.number, *match.traits.numbers]),
    }
    return joined(happening, match).model_copy(update=changes)


def joined(happening: Happening, match: Match) -> Happening:
    """The happening with one more report of it that told nobody anything.

    What only this report says stays new until it is told.
    """
    known = happening.traits if happening.origins else match.traits
    words = tuple(sorted({*known.words, *match.traits.words}))[:MOST_WORDS]
    origins = tuple(dict.fromkeys((*happening.origins, match.story)))[:MOST]
    return happening.model_copy(update={"traits": known.model_copy(update={"words": words}), "origins": origins})


def new_values(happening: Happening, report: Report, slot: str) -> tuple[str, ...]:
    """What fills the slot and was not told; a place in which a known one lies, or near one, is not new."""
    known = happening.slots.get(slot, ())
    fresh = [value for value in report.values.get(slot, ()) if value not in known]
    if slot != PLACE:
        return tuple(value for value in fresh if not any(value in old or old in value for old in known))
    spots = {**happening.spots, **report.spots}
    return tuple(
        value for value in fresh if not any(old.startswith(f"{value}/") or _near(spots, value, old) for old in known)
    )


def has_grown(happening: Happening, match: Match) -> bool:
    """Whether a number has grown by a step since it was told."""
    largest = max(match.traits.numbers, default=0)
    return bool(happening.number) and largest >= max(happening.number * STEP, happening.number + MIN_GROWTH)


def _known_numbers(happening: Happening) -> tuple[int, ...]:
    return (*happening.traits.numbers, happening.number) if happening.number else happening.traits.numbers


def _place(happening: Happening, report: Report) -> Agreement:
    known, said = (narrowest(_paths(slots.get(PLACE, ()))) for slots in (happening.slots, report.values))
    if not known or not said:
        return Agreement.UNKNOWN
    spots = {**happening.spots, **report.spots}
    before, now = ({"/".join(path) for path in paths} for paths in (known, said))
    if any(value in spots and (value in before or any(_near(spots, value, old) for old in before)) for value in now):
        return Agreement.SAME
    return Agreement.WIDER if any(related(value, old) for value in said for old in known) else Agreement.OTHER


def _slot(known: Iterable[str], said: Iterable[str]) -> Agreement:
    before, now = set(known), set(said)
    if not before or not now:
        return Agreement.UNKNOWN
    if any(value == old or value in old or old in value for value in now for old in before):
        return Agreement.SAME
    return Agreement.OTHER


def _paths(values: Iterable[str]) -> Iterable[Path]:
    return (tuple(value.split("/")) for value in values)


def _near(spots: Spots, one: str, other: str) -> bool:
    first, second = spots.get(one), spots.get(other)
    return first is not None and second is not None and kilometres(first, second) <= NEAR_KM


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points on the Earth by the haversine formula (Sinnott, 1984)."""
    lat, lon, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def _overlap(some: Iterable[int], others: Iterable[int]) -> float:
    """The overlap coefficient: what is shared, as a part of the smaller set."""
    one, other = set(some), set(others)
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
