"""What one rule's match says, in terms by which reports of one happening are compared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.messages import Entity, Match, RuleMatch

PLACE = "where"
"""The slot of places."""
WHO = "who"
"""The slot of those who act."""
WHOSE = "whose"
"""The slot of those whose doing it is about."""
WIDE = frozenset({"country", "region", "governorate", "state", "government", "mountain"})
"""Types of places in which much happens at once; "Georgian soil" names the state."""
WORDS = "~"
"""What stands before a slot's words that name nothing that a gazetteer knows."""
CITY = "city"
"""What a governorate's city adds to its path."""
_CITY_WORDS = frozenset({"city", "مدينة", "المدينة"})
_UNSAID = frozenset({"side", "origin"})
"""Types of entities that name nobody: "of the government", "foreign"."""
_PLACES = frozenset({"capital", "city", "area", "town", "village", "district", "governorate", "region"})
"""Types of places: "Baghdad demands" is said by Iraq, which the gazetteer of places does not say."""

Spots = Mapping[str, tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Report:
    """One rule's match, with what it says in terms that other reports can be compared by; made once for each."""

    match: Match
    fired: RuleMatch
    values: Mapping[str, tuple[str, ...]]
    spots: Spots
    wide: frozenset[str]

    @classmethod
    def of(cls, match: Match, fired: RuleMatch) -> Report:
        """The report that a match is for one of its rules."""
        return cls(match, fired, _values_of(fired), _spots_of(fired), _wide_in(fired))


def _values_of(fired: RuleMatch) -> dict[str, tuple[str, ...]]:
    """What fills each slot, by what it names: a place's path joined by slashes, an actor's state or id.

    Words that name nothing are taken, in small letters, where nothing else fills the slot.
    """
    found: dict[str, tuple[str, ...]] = {}
    for slot, words in fired.slots.items():
        unsaid = _UNSAID if slot == PLACE else _UNSAID | _PLACES
        named = [entity for entity in fired.entities.get(slot, ()) if entity.type not in unsaid]
        names = [_place_name(entity) if slot == PLACE else _actor_name(entity) for entity in named]
        if slot == WHO:
            # "Damascus calls on Ankara to take its troops back": the first one acts. "Iraqi cleric Sadr" is Sadr.
            persons = [name for entity, name in zip(named[:2], names, strict=False) if entity.type == "person"]
            names = (persons or names)[:1]
        rest = [f"{WORDS}{' '.join(word.casefold().split())}" for word in words] if not names else []
        found[slot] = tuple(dict.fromkeys([*names, *rest]))
    return found


def _place_name(entity: Entity) -> str:
    """The path of a place without its gazetteer: two may know one country. A governorate's city has its name."""
    path = "/".join(entity.path[1:]) or entity.name
    return f"{path}/{CITY}" if _is_city(entity) else path


def _is_city(entity: Entity) -> bool:
    return entity.type in WIDE and not _CITY_WORDS.isdisjoint(entity.text.casefold().split())


def _actor_name(entity: Entity) -> str:
    """The state, organisation or group that an actor is or speaks for, else its own id; as in `Traits.actors`.

    A person's id stands after it: "IRQ/abadi".
    """
    if entity.type == "person" and entity.path:
        return "/".join([entity.code, entity.path[-1]] if entity.code else entity.path[1:])
    if entity.code and entity.type != "group":
        return entity.code
    return entity.path[-1] if entity.path else entity.name


def _spots_of(fired: RuleMatch) -> Spots:
    """Those of the rule's places that are spots, with their points: neither wide ones nor mere words."""
    named = fired.entities.get(PLACE, ())
    spots = {_place_name(one): one.point for one in named if one.path and one.type not in WIDE}
    return {**spots, **{_place_name(one): None for one in named if _is_city(one)}}


def _wide_in(fired: RuleMatch) -> frozenset[str]:
    """Those of the rule's places in which much happens at once, mountains left out."""
    return frozenset(
        _place_name(one) for one in fired.entities.get(PLACE, ()) if one.type in WIDE and one.type != "mountain"
    )


def named(values: Iterable[str]) -> frozenset[str]:
    """Those of the values that are names."""
    return frozenset(value for value in values if not value.startswith(WORDS))
