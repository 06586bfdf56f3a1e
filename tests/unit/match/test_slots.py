"""A slot takes the nearest, the first, or what another way finds; see `streams.match.rule_files.SlotNode`."""

from __future__ import annotations

from typing import Any

import pytest

from streams.match.rule_files import RuleFile
from tests.unit.match.building import concept, engine_of, rule_data

PEOPLE = concept("people", en={"exact": ["Ann", "Bob", "Cid"]})
VERBS = concept("demand", en={"exact": ["demands", "urges"]})
MATCH = {"sentence": [{"concept": "people"}]}
PERSON = [{"concept": "people"}]
DEMAND = [{"concept": "demand"}]


def _who(slot: dict[str, Any], text: str) -> tuple[str, ...]:
    [fired] = engine_of(MATCH, PEOPLE, VERBS, slots={"who": slot}).match("", text)
    return tuple(fired.slots["who"])


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Ann met Bob, who urges peace.", ("Bob",)),
        ("Bob now urges Ann.", ("Ann",)),
        ("Ann and some of her many friends say that peace is what she demands.", ()),
        ("Ann met Bob.", ()),
    ],
)
def test_within_asks_for_a_mark_close_by(text: str, who: tuple[str, ...]) -> None:
    """At most one word between; where there is no mark at all, nothing."""
    assert _who({"terms": PERSON, "nearest": DEMAND, "within": 1}, text) == who


def test_the_first_of_the_words_that_are_left() -> None:
    """Not all of them, and after the other hints."""
    assert _who({"terms": PERSON, "first": True}, "Ann, Bob and Cid met.") == ("Ann",)
    assert _who({"terms": PERSON, "after": DEMAND, "first": True}, "Ann urges Bob and Cid.") == ("Bob",)


def test_a_fallback_has_hints_of_its_own() -> None:
    """It is tried in a sentence where the ways before it find nothing."""
    last = {"terms": PERSON, "first": True}
    slot = {"terms": PERSON, "nearest": DEMAND, "within": 0, "fallback": {**last, "after": DEMAND, "fallback": last}}
    assert _who(slot, "Ann met Bob, and Bob urges peace.") == ("Bob",)
    assert _who(slot, "Ann urges all and also Bob, and Cid.") == ("Ann",)
    assert _who(slot, "She urges all and also Bob, and Cid.") == ("Bob",)
    assert _who(slot, "Ann met Cid.") == ("Ann",)


def test_nobody_of_a_dateline_fills_a_slot() -> None:
    """Where an agency wrote it is neither the place nor who acts; nor what a pronoun stands for."""
    assert _who({"terms": PERSON}, "ANN (AP) — Bob urges peace.") == ("Bob",)
    slot = {"terms": HE, "pronouns": HE, "antecedents": PERSON, "nearest": DEMAND, "earlier": 3}
    assert _who(slot, "ANN (AP) — Bob came. Then he urges peace on Cid.") == ("Bob",)


def test_within_needs_nearest() -> None:
    """It says how near to what."""
    slots = {"who": {"terms": PERSON, "within": 1}}
    with pytest.raises(ValueError, match="within says how near to `nearest`, which is not there"):
        RuleFile.model_validate({**rule_data(match=MATCH), "slots": slots})


HE = [{"phrase": "he"}]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Ann met Bob, and he urges peace.", ("Ann",)),
        ("Ann came. Bob met Cid. Snow fell. Then he urges peace on Ann.", ("Bob",)),
        ("Ann came. Snow fell. Rain fell. Hail fell. Then he urges peace on Ann.", ()),
    ],
)
def test_a_pronoun_stands_for_who_was_named_before(text: str, who: tuple[str, ...]) -> None:
    """The first one in its sentence, else in the nearest of so many sentences before; never somebody behind it."""
    slot = {"terms": [*PERSON, *HE], "nearest": DEMAND, "pronouns": HE, "earlier": 2}
    [fired] = engine_of({"sentence": DEMAND}, PEOPLE, VERBS, slots={"who": slot}).match("Cid", text)
    assert tuple(fired.slots["who"]) == who


def test_a_pronoun_may_stand_for_more_than_the_terms() -> None:
    """Antecedents fill the slot only in a pronoun's place."""
    slot = {"terms": HE, "pronouns": HE, "antecedents": PERSON, "earlier": 1}
    assert _who(slot, "Ann came. He met Bob.") == ("Ann",)
    assert _who(slot, "Ann came. Bob went.") == ()


def test_sentences_before_are_looked_at_where_there_is_nobody() -> None:
    """Without pronouns; and no candidate touches what it must not."""
    slot = {"terms": PERSON, "without": [{"phrase": "Ann"}], "earlier": 2}
    [fired] = engine_of({"sentence": DEMAND}, PEOPLE, VERBS, slots={"who": slot}).match(
        "Cid", "Bob and Cid came. Ann came. Snow urges peace."
    )
    assert fired.slots["who"] == ("Bob",)


def test_antecedents_need_pronouns() -> None:
    """They are what those stand for."""
    slots = {"who": {"terms": PERSON, "antecedents": PERSON}}
    with pytest.raises(ValueError, match="antecedents are what `pronouns` stand for, which are not there"):
        RuleFile.model_validate({**rule_data(match=MATCH), "slots": slots})


def test_a_pronoun_may_be_the_very_word_that_candidates_are_near() -> None:
    """The verb of a subject that was named before its first verb."""
    urges = [{"phrase": "urges"}]
    slot = {"terms": [*PERSON, *urges], "nearest": DEMAND, "pronouns": urges}
    assert _who(slot, "Ann met Bob and urges peace on Cid.") == ("Ann",)


@pytest.mark.parametrize("text", ["Ann saw Bob, and he urges peace.", "Ann met Bob. He urges peace on Ann."])
def test_a_pronoun_does_not_stand_for_what_fills_another_slot(text: str) -> None:
    """Neither in its own sentence, nor by the same words in one before."""
    slots = {
        "whose": {"terms": [{"phrase": "Ann"}]},
        "who": {"terms": HE, "pronouns": HE, "antecedents": PERSON, "earlier": 1},
    }
    [fired] = engine_of({"sentence": DEMAND}, PEOPLE, VERBS, slots=slots).match("Cid", text)
    assert fired.slots["who"] == ("Bob",)
