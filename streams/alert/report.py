"""What one rule's match says, in terms by which reports of one happening are compared. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from streams.alert.days import days_told
from streams.messages import Entity, Match, RuleMatch

PLACE = "where"
"""The slot of places."""
WHO = "who"
"""The slot of those who act."""
WHOSE = "whose"
"""The slot of those whose doing it is about."""
VIOLENT = frozenset({"ASSAULT", "COERCE"})
"""PLOVER types of rules about violence."""
WIDE = frozenset({"country", "region", "governorate", "state", "government", "mountain"})
"""Types of places in which much happens at once; "Georgian soil" names the state."""
WORDS = "~"
"""What stands before a slot's words that name nothing that a gazetteer knows; only names keep capitals in them."""
CITY = "city"
"""What a governorate's city adds to its path."""
_CAPITALISED = r"[A-Z][^\s,]*(?: (?:al|bin|ben|de|van|von|el))?"
_LAST_NAME = re.compile(rf"\b{_CAPITALISED}(?: {_CAPITALISED})*$")
_ROLES = frozenset(
    word
    for words in (
        "a an the this that these those there but mr mrs ms he she it they we president vice prime minister premier",
        "pm fm foreign defence defense interior ministry secretary general state government cabinet council parliament",
        "army military chief commander king emir crown prince sheikh spokesman spokeswoman envoy ambassador",
        "governor mayor senator leader cleric ayatollah deputy speaker office official officials party",
        "mp mps lawmaker lawmakers member members ministers leaders senators governors mayors politicians judge court",
        "rebel rebels fighters militants insurgents gunmen kidnappers captors protesters protestors demonstrators",
        "villagers residents people elders bishops group groups movement union front alliance coalition bloc",
        "council committee commission assembly congress organization organisation authorities force forces troops",
        "opposition spokesperson chairman chair head rep sen gen col maj lt sir lord dr senior former acting interim",
        "supreme grand new main",
    )
    for word in words.split()
)
"""What is written with capitals beside a name, or in its place."""
_TEXTS = frozenset(
    word
    for words in (
        "resolution statement motion text letter decree decision document communique memo memorandum note order vote",
        "invitation report message speech declaration draft it he she they who which that this",
        "قرار القرار بيان البيان رسالة الرسالة نص النص وثيقة الوثيقة تصريح التصريح مذكرة المذكرة مرسوم المرسوم كتاب",
        "كلمة الإعلان إعلان تقرير التقرير مشروع هو هي هم",
    )
    for word in words.split()
)
"""What says something in somebody's name."""
_HEAD_WORDS = 2
"""Of the words of one who acts, so many tell what that is, with an article."""
_OWNED = re.compile(r"\w{3}(?:ها|هم|ه)$")
_CITY_WORDS = frozenset({"city", "مدينة", "المدينة"})
_UNSAID = frozenset({"side", "origin"})
"""Types of entities that name nobody: "of the government", "foreign"."""
_MINISTRIES = {
    name: re.compile(said, re.IGNORECASE)
    for name, said in (
        ("foreign", r"foreign (?:minist|affairs|office|secretary)|\bFM\b|state department|secretary of state|الخارجية"),
        (
            "defence",
            r"defen[cs]e (?:minist|secretary)|(?:minist\w+|secretary) of defen[cs]e|pentagon|وز(?:ارة|يرة?) الدفاع",
        ),
        ("interior", r"interior minist|minist\w+ of (?:the )?interior|وز(?:ارة|يرة?) الداخلية"),
    )
}
"""Of one state each demands in its own name."""
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

    @property
    def days(self) -> frozenset[date]:
        """Those that it names for what happened."""
        return days_told(self.match.traits, self.match.seen_at, violent=self.fired.event in VIOLENT)

    @property
    def ministries(self) -> tuple[str, ...]:
        """Those for which the one who acts speaks."""
        acts = self.fired.slots.get(WHO, ())
        return tuple(name for name, said in _MINISTRIES.items() if any(map(said.search, acts)))

    @classmethod
    def of(cls, match: Match, fired: RuleMatch) -> Report:
        """The report that a match is for one of its rules."""
        values = _values_of(fired)
        is_demand = bool(fired.event) and fired.event not in VIOLENT
        if is_demand:
            values[PLACE] = _without_owners_land(values, fired)
        if owner := _owner(values, match.traits.actors):
            lands = {
                _place_name(one) for one in fired.entities.get(PLACE, ()) if one.type in WIDE and one.code == owner
            }
            there = tuple(place for place in values.get(PLACE, ()) if place not in lands)
            values = {**values, WHOSE: (owner,), PLACE: there}
        if is_demand:
            values |= _told_apart(values)
        return cls(match, fired, values, _spots_of(fired), _wide_in(fired))

    def name_of(self, slot: str, value: str) -> str:
        """What a reader calls one of the slot's values: its canonical name, or else the words."""
        name_in = _place_name if slot == PLACE else _actor_name
        named_so = (one.name for one in self.fired.entities.get(slot, ()) if name_in(one) == value)
        return next(named_so, value.removeprefix(WORDS))


def _without_owners_land(values: Mapping[str, tuple[str, ...]], fired: RuleMatch) -> tuple[str, ...]:
    """The places without the land of those whose doing it is about: nobody demands that Turks leave Turkey."""
    owners = states_of(named(values.get(WHOSE, ())))
    lands = {_place_name(one) for one in fired.entities.get(PLACE, ()) if one.type in WIDE and one.code in owners}
    return tuple(place for place in values.get(PLACE, ()) if place not in lands)


def _told_apart(values: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Who acts and whose doing it is, where one fills both slots: whoever is asked does not ask.

    Of several whose doing it is one acts; the only one is asked: "the UAE is to take its troops away".
    """
    acts, whose = values.get(WHO, ()), values.get(WHOSE, ())
    owners, actors = states_of(named(whose)), states_of(named(acts))
    if owners - actors:
        return {WHOSE: tuple(one for one in whose if one not in actors)}
    return {WHO: tuple(one for one in acts if one not in owners)}


def _owner(values: Mapping[str, tuple[str, ...]], actors: Iterable[str]) -> str:
    """Whose doing it is where a suffix says so: "سوريا تدعو إسرائيل إلى سحب جنودها" is of Israel's soldiers.

    It is the one actor of the head who does not act, or else the only one, who is asked; "" where that is not plain.
    His land is no place then.
    """
    said = values.get(WHOSE, ())
    if named(said) or not any(map(_OWNED.search, said)):
        return ""
    acts = states_of(values.get(WHO, ()))
    named_ = list(actors)
    others = [actor for actor in named_ if actor not in acts] or named_
    return others[0] if len(others) == 1 else ""


def _values_of(fired: RuleMatch) -> dict[str, tuple[str, ...]]:
    """What fills each slot, by what it names: a place's path joined by slashes, an actor's state or id.

    Words that name nothing are taken, in small letters, where nothing else fills the slot.
    """
    found: dict[str, tuple[str, ...]] = {}
    for slot, words in fired.slots.items():
        unsaid = _UNSAID if slot == PLACE else _UNSAID | _PLACES
        known = [entity for entity in fired.entities.get(slot, ()) if entity.type not in unsaid]
        if slot == WHO:
            acting = [said for said in words if not _names_nobody(said)]
            names, rest = _who_acts(words, known), map(_in_words, map(_last_name, acting))
        else:
            names, rest = [(_place_name if slot == PLACE else _actor_name)(one) for one in known], map(_in_words, words)
        found[slot] = tuple(dict.fromkeys(names or rest))
    return found


def _names_nobody(words: str) -> bool:
    """Whether a text speaks, or a pronoun: "the resolution demands", "بيان الاجتماع"."""
    return any(word.lstrip("و") in _TEXTS or word in _TEXTS for word in words.casefold().split()[:_HEAD_WORDS])


def _in_words(words: str) -> str:
    said = " ".join(words.split())
    return f"{WORDS}{said if is_name(said) else said.casefold()}"


def _last_name(words: str) -> str:
    """The name with which the words of one who acts end, without his office, if they have one in Latin letters."""
    ending = _LAST_NAME.search(words.strip())
    name = [part for part in ending[0].split() if not _ROLES.issuperset(part.casefold().split("-"))] if ending else []
    return " ".join(name) if name and not name[-1].endswith("ing") else words.casefold()


def _who_acts(words: Iterable[str], known: Sequence[Entity]) -> list[str]:
    """The one who acts: "Damascus calls on Ankara to take its troops back" says it of Damascus.

    "Iraqi cleric Sadr" is Sadr, and "the Iraqi prime minister" the one of Iraq who is named elsewhere.
    """
    pairs = [(entity, _actor_name(entity)) for entity in known]
    of_words = ([pair for pair in pairs if pair[0].text in said] for said in words)
    first, *others = [found for found in of_words if found] or [pairs]
    states = states_of(name for _, name in first[:1])
    alike = [found for found in others if not states.isdisjoint(states_of(name for _, name in found))]
    persons = [name for found in (first, *alike) for entity, name in found if entity.type == "person"]
    return (persons or [name for _, name in first])[:1]


def _place_name(entity: Entity) -> str:
    """The path of a place without its gazetteer: two may know one country. A governorate's city has its name."""
    path = "/".join(entity.path[1:]) or entity.name
    return f"{path}/{CITY}" if _is_city(entity) else path


def _is_city(entity: Entity) -> bool:
    return entity.type in WIDE and not _CITY_WORDS.isdisjoint(entity.text.casefold().split())


def _actor_name(entity: Entity) -> str:
    """The state, organisation or group that an actor is or speaks for, else its own id; as in `Traits.actors`.

    A person's id stands after it: "IRQ/abadi", and "sadr/sadr" for one who speaks for no state.
    """
    if entity.type == "person" and entity.path:
        return f"{entity.code or entity.path[-1]}/{entity.path[-1]}"
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


def is_name(value: str) -> bool:
    """Whether mere words are the name of somebody, which keeps its capitals."""
    return value != value.casefold()


def states_of(values: Iterable[str]) -> frozenset[str]:
    """Whom the actors are or speak for."""
    return frozenset(value.partition("/")[0] for value in values)
