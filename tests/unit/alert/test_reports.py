"""Who acts, whose doing it is and where, as far as a rule's slots and the head say it together."""

from __future__ import annotations

import time

import pytest

from streams.alert.outline import outline_known, outline_of
from streams.alert.report import Report
from streams.alert.slots import Agreement, agreed_actors
from streams.alerts import Happening
from streams.messages import Entity, Traits
from tests.support.alerting import fired, match

IRAQ = Entity(text="Iraqi", name="Iraq", code="IRQ", type="state", path=("actors", "iraq"))
ISRAEL = Entity(text="إسرائيل", name="Israel", code="ISR", type="country", path=("world", "israel"))
SADR = Entity(text="Moqtada al-Sadr", name="Sadr", type="person", path=("actors", "sadr"))
MAHDI = Entity(text="Abdul-Mahdi", name="Abdul Mahdi", code="IRQ", type="person", path=("actors", "abdul-mahdi"))


def said_by(*words: str, known: tuple[Entity, ...] = (), actors: tuple[str, ...] = ()) -> Report:
    """A report of a demand whose `who` are these words, in which these entities are known."""
    rule = fired("demand", slots={"who": words}, entities={"who": known})
    return Report.of(match("a", rule).model_copy(update={"traits": Traits(actors=actors)}), rule)


@pytest.mark.parametrize(
    ("words", "known", "who"),
    [
        (("Iraqi cleric Moqtada al-Sadr",), (IRAQ, SADR), ("sadr/sadr",)),
        (("Iraqi cleric Sadr", "Iraqi cleric Moqtada al-Sadr"), (IRAQ, SADR), ("sadr/sadr",)),
        (("Iraqi PM", "Prime Minister Adel Abdul-Mahdi"), (IRAQ, MAHDI), ("IRQ/abdul-mahdi",)),
        (("Iraqi PM", "cleric Moqtada al-Sadr"), (IRAQ, SADR), ("IRQ",)),
        (("Prime Minister Nikol Pashinian",), (), ("~Nikol Pashinian",)),
        (("the foreign ministry",), (), ("~the foreign ministry",)),
        (("Having",), (), ("~having",)),
        (("MPs",), (), ("~mps",)),  # "Lawmakers" would be of another name
        (("Secretary-General Anders Rasmussen",), (), ("~Anders Rasmussen",)),
        (("رئيس الحكومة",), (), ("~رئيس الحكومة",)),
        (("the resolution",), (), ()),
        (("بيان الاجتماع",), (), ()),
        (("وهو",), (), ()),
    ],
)
def test_the_one_who_acts(words: tuple[str, ...], known: tuple[Entity, ...], who: tuple[str, ...]) -> None:
    """A person before his state, of whichever of its words; a name that nobody knows keeps its capitals."""
    assert said_by(*words, known=known).values["who"] == who


def test_initials_without_blanks_before_another_word_stopped_the_alert_stage() -> None:
    """Each of them doubled the time that it took to look for a name at the end."""
    begun = time.process_time()
    assert said_by("A." * 24 + " committee").values["who"] == ("~" + "a." * 24 + " committee",)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("one", "other", "agreed"),
    [
        (said_by("Shiite cleric Sadr"), said_by("Abdul-Mahdi", known=(MAHDI,)), Agreement.OTHER),
        (said_by("Abdul Mahdi"), said_by("Abdul-Mahdi", known=(MAHDI,)), Agreement.WORDED),
        (said_by("Nikol Pashinian"), said_by("Premier Pashinyan"), Agreement.WORDED),
        (said_by("Nikol Pashinian"), said_by("Ararat Mirzoyan"), Agreement.UNKNOWN),
        (said_by("the prime minister"), said_by("Abdul-Mahdi", known=(MAHDI,)), Agreement.UNKNOWN),
        (said_by("Sadr", known=(SADR,)), said_by("Abdul-Mahdi", known=(MAHDI,)), Agreement.OTHER),
    ],
    ids=["a name nobody knows", "his name", "spelt otherwise", "two names nobody knows", "an office", "two persons"],
)
def test_two_who_are_named_are_two(one: Report, other: Report, agreed: Agreement) -> None:
    """An office or a pronoun may be either of them; names that nobody knows may be a minister's and his spokesman's."""
    assert agreed_actors(outline_known(Happening(heard=one.values)), outline_of(other)) is agreed
    assert agreed_actors(outline_known(Happening(heard=other.values)), outline_of(one)) is agreed


@pytest.mark.parametrize(
    ("whose", "actors", "values"),
    [
        ("جنودها", ("ISR", "SYR"), {"whose": ("ISR",), "where": ()}),
        ("جنودها", ("ISR", "SYR", "USA"), {"whose": ("~جنودها",), "where": ("israel",)}),
        ("الجنود", ("ISR", "SYR"), {"whose": ("~الجنود",), "where": ("israel",)}),
    ],
    ids=["hers", "of two", "nobody's"],
)
def test_its_soldiers_are_those_of_the_one_who_is_asked(
    whose: str, actors: tuple[str, ...], values: dict[str, tuple[str, ...]]
) -> None:
    """سوريا تدعو إسرائيل إلى سحب جنودها: of Israel, which is no place then."""
    syria = Entity(text="سوريا", name="Syria", code="SYR", type="state", path=("actors", "syria"))
    slots = {"who": ("سوريا",), "whose": (whose,), "where": ("إسرائيل",)}
    rule = fired("demand", slots=slots, entities={"who": (syria,), "where": (ISRAEL,)})
    found = Report.of(match("a", rule).model_copy(update={"traits": Traits(actors=actors)}), rule).values
    assert {slot: found[slot] for slot in values} == values


@pytest.mark.parametrize(("event", "where"), [("REQUEST", ()), ("ASSAULT", ("israel",)), ("", ("israel",))])
def test_the_land_of_those_who_are_to_leave_is_no_place(event: str, where: tuple[str, ...]) -> None:
    """Nobody demands that Israel's soldiers leave Israel; where the rule is of violence they may be there."""
    slots, entities = {"whose": ("إسرائيل",), "where": ("إسرائيل",)}, {"whose": (ISRAEL,), "where": (ISRAEL,)}
    rule = fired("demand", slots=slots, entities=entities, event=event)
    assert Report.of(match("a", rule), rule).values["where"] == where


def test_who_is_asked_does_not_ask() -> None:
    """By nearness it would be both: "the UAE is to take its troops away"; a person may speak against his state."""
    for who, left in ((IRAQ, ()), (MAHDI, ("IRQ/abdul-mahdi",))):
        rule = fired(
            "demand",
            event="DEMAND",
            slots={"who": (who.text,), "whose": ("Iraqi",)},
            entities={"who": (who,), "whose": (IRAQ,)},
        )
        assert Report.of(match("a", rule), rule).values["who"] == left


def test_of_several_whose_doing_it_is_one_asks() -> None:
    """Slots are filled by nearness: "Lebanon insists that Israel leave" may have both."""
    rule = fired(
        "demand",
        event="REQUEST",
        slots={"who": ("Iraqi",), "whose": ("Iraqi", "إسرائيل")},
        entities={"who": (IRAQ,), "whose": (IRAQ, ISRAEL)},
    )
    values = Report.of(match("a", rule), rule).values
    assert (values["who"], values["whose"]) == (("IRQ",), ("ISR",))
