"""Decides whether two texts report one happening, and what a further report adds to it. Pure.

Two independent texts share hardly a sentence. They are of one happening when the same rule fired on both within a day,
their slots agree and nothing contradicts. How far they agree is counted in points (see `agreement`); figures on real
and made-up timelines stand in the architecture page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import asin, cos, radians, sin, sqrt

from streams.alert.contrasts import Course, Path, course_of, exchanged, narrowest, opposed, related
from streams.alert.copies import overlap
from streams.alerts import AlertRecord, Happening
from streams.messages import Entity, Match, RuleMatch, Traits

WINDOW = timedelta(hours=24)
"""How far apart two reports of one happening are seen at most."""
NEAR_KM = 12.0
"""How far apart two places may be to be one place of a happening: a town and the villages around it."""
ENOUGH = 2.0
"""Points that make two reports one happening."""
PLACE = "where"
"""The slot of places."""
WHO = "who"
"""The slot of those who act."""
WIDE = frozenset({"country", "region", "governorate"})
"""Types of places in which much happens at once."""
MOST = 64
"""Most values of a slot, and most origins, that are remembered."""
STEP = 1.5
"""A number grows by a step when it becomes this many times larger, and by 3 at least."""
MIN_GROWTH = 3
ORIGIN_STEPS = frozenset({2, 3, 5, 10, 20, 50})
"""Numbers of independent texts that are told."""
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
_CITY, _CITY_WORDS = "city", frozenset({"city", "مدينة", "المدينة"})
_UNSAID = frozenset({"side", "origin"})
"""Types of entities that name nobody: "of the government", "foreign"."""
_EARTH_KM = 6371.0


_WORDS = "~"
"""What stands before a slot's words that name nothing that a gazetteer knows."""

Spots = Mapping[str, tuple[float, float] | None]


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
    """What fills each slot, by what it names: a place's path joined by slashes, an actor's state or id.

    Words that name nothing are taken, in small letters, where nothing else fills the slot.
    """
    found: dict[str, tuple[str, ...]] = {}
    for slot, words in fired.slots.items():
        named = [entity for entity in fired.entities.get(slot, ()) if entity.type not in _UNSAID]
        names = [_place_name(entity) if slot == PLACE else _actor_name(entity) for entity in named]
        if slot == WHO and not any(fired.entities.get(other) for other in fired.slots if other not in {WHO, PLACE}):
            names = names[:1]  # "Damascus calls on Ankara to take its troops back": only the first one acts
        rest = [f"{_WORDS}{' '.join(word.casefold().split())}" for word in words] if not names else []
        found[slot] = tuple(dict.fromkeys([*names, *rest]))
    return found


def _place_name(entity: Entity) -> str:
    """The path of a place without its gazetteer: two may know one country. A governorate's city has its name."""
    path = "/".join(entity.path[1:]) or entity.name
    return f"{path}/{_CITY}" if _is_city(entity) else path


def _is_city(entity: Entity) -> bool:
    return entity.type in WIDE and not _CITY_WORDS.isdisjoint(entity.text.casefold().split())


def _actor_name(entity: Entity) -> str:
    """The state or organisation that an actor is or speaks for, else its own id; as in `Traits.actors`."""
    if entity.code and entity.type != "group":
        return entity.code
    return entity.path[-1] if entity.path else entity.name


def _spots_of(fired: RuleMatch) -> Spots:
    """Those of the rule's places that are spots, with their points: neither wide ones nor mere words."""
    named = fired.entities.get(PLACE, ())
    spots = {_place_name(one): one.point for one in named if one.path and one.type not in WIDE}
    return {**spots, **{_place_name(one): None for one in named if _is_city(one)}}


def agreement_with(record: AlertRecord, report: Report) -> float | None:
    """The points by which a report of the alert's rule is of the alert's happening; None where it is of another."""
    happening, match = record.happening, report.match
    apart = match.seen_at - record.first_seen_at
    if match.seen_at - record.last_seen_at > WINDOW or -apart > WINDOW:
        return None
    if opposed(happening.traits, match.traits) or exchanged(
        happening.traits.title, match.traits.title, independent=True
    ):
        return None
    points = agreement(happening, report, apart=apart)
    return points if points >= ENOUGH else None


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
    if not violence and len(_named(known.actors) & _named(said.actors)) >= _SEVERAL:
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
    one, other = (_named(values.get(WHO, ())) - aside for values in (happening.slots, report.values))
    if one & other:
        return {**found, WHO: Agreement.SAME}
    heads = [_named(traits.actors) - aside for traits in (happening.traits, report.match.traits)]
    only = (one or heads[0]) - heads[1], (other or heads[1]) - heads[0]
    differ = any(only) if one and other else all(only)
    return {**found, WHO: Agreement.OTHER if differ else Agreement.UNKNOWN}


def _named(values: Iterable[str]) -> frozenset[str]:
    """Those of the values that are names."""
    return frozenset(value for value in values if not value.startswith(_WORDS))


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
        "number": max([happening.number, *_counts(match.traits)]),
    }
    return joined(happening, match).model_copy(update=changes)


def joined(happening: Happening, match: Match) -> Happening:
    """The happening with one more report of it that told nobody anything.

    What only this report says stays new until it is told.
    """
    known, said = happening.traits if happening.origins else match.traits, match.traits
    together = {
        "deaths": tuple(sorted({*known.deaths, *said.deaths}))[-MOST:],
        "kinds": tuple(sorted({*known.kinds, *said.kinds})),
        "scenes": tuple(sorted({*known.scenes, *said.scenes})),
    }
    origins = tuple(dict.fromkeys((*happening.origins, match.story)))[:MOST]
    return happening.model_copy(update={"traits": known.model_copy(update=together), "origins": origins})


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
    largest = max(_counts(match.traits), default=0)
    return bool(happening.number) and largest >= max(happening.number * STEP, happening.number + MIN_GROWTH)


def _counts(traits: Traits) -> tuple[int, ...]:
    """The numbers that may grow: of the dead, if they are counted."""
    return traits.deaths or traits.numbers


def _place(happening: Happening, report: Report) -> Agreement:
    known, said = (narrowest(_paths(slots.get(PLACE, ()))) for slots in (happening.slots, report.values))
    if not known or not said:
        return _agreed(happening.slots.get(PLACE, ()), report.values.get(PLACE, ()))
    spots = {**happening.spots, **report.spots}
    before, now = ({"/".join(path) for path in paths} for paths in (known, said))
    if any(value in spots for value in before & now):
        return Agreement.SAME
    if any(_near(spots, value, old) for value in now for old in before) or _in_heads(happening, report):
        return Agreement.NEAR
    return Agreement.WIDER if any(related(value, old) for value in said for old in known) else Agreement.OTHER


def _in_heads(happening: Happening, report: Report) -> bool:
    """Whether a spot of one report is named in the head of the other, which has a wide place."""
    heads = [{"/".join(path[1:]) for path in traits.names} for traits in (happening.traits, report.match.traits)]
    return not (heads[1].isdisjoint(happening.spots) and heads[0].isdisjoint(report.spots))


def _one_country(happening: Happening, report: Report) -> bool:
    """Whether all places of both lie in one country: of a town and its region, the gazetteer may not know it."""
    return len({path[0] for slots in (happening.slots, report.values) for path in _paths(slots.get(PLACE, ()))}) == 1


def _agreed(some: Iterable[str], others: Iterable[str]) -> Agreement:
    """How two slots agree, both in names or both in words; a name and a word say nothing of each other."""
    one, other = set(some), set(others)
    if any(a == b or a in b or b in a for a in one for b in other):
        return Agreement.SAME
    named = [{value for value in values if not value.startswith(_WORDS)} for values in (one, other)]
    if all(named):
        return Agreement.OTHER
    in_one_script = len({value.isascii() for value in (*one, *other)}) == 1
    return Agreement.UNLIKE if one and other and not any(named) and in_one_script else Agreement.UNKNOWN


def _paths(values: Iterable[str]) -> Iterable[Path]:
    return (tuple(value.split("/")) for value in values if not value.startswith(_WORDS))


def _near(spots: Spots, one: str, other: str) -> bool:
    first, second = spots.get(one), spots.get(other)
    return first is not None and second is not None and kilometres(first, second) <= NEAR_KM


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points on the Earth by the haversine formula (Sinnott, 1984)."""
    lat, lon, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))
