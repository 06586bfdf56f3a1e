"""Which rules fire, on which characters, and with what in their slots."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.match.engine import Engine
from streams.match.excerpts import MAX_EXCERPTS
from streams.match.explain import Reason, reasons_of
from streams.match.rule_files import GazetteerFile
from streams.messages import Evidence, Excerpt, Severity
from streams.notify.render import EXCERPTS
from streams.routes import names_of
from tests.unit.match.building import concept, engine_of, fires, rule_data, rulebook_of, words_of

DEMAND = concept("demand", ar={"verb": ["دعا/يدعو"]}, en={"verb": ["demand"]})
FORCES = concept("forces", ar={"common": ["قوات"]}, en={"common": ["troop"]})
PLACE_WORDS = concept("place-words", ar={"common": ["بلدة"]}, en={"exact": ["town of"]})


def _places() -> GazetteerFile:
    entries: list[dict[str, Any]] = [
        {
            "id": "idlib",
            "name": "Idlib",
            "type": "governorate",
            "code": "SY07",
            "names": {"ar": ["إدلب"], "en": ["Idlib"]},
        },
        {
            "id": "hass",
            "name": "Hass",
            "type": "town",
            "parent": "idlib",
            "names": {"ar": {"ambiguous": ["حاس"]}, "en": {"ambiguous": ["Hass"]}},
        },
        {"id": "homs", "name": "Homs", "type": "governorate", "code": "SY04", "names": {"ar": ["حمص"], "en": ["Homs"]}},
    ]
    data = {"id": "places", "title": "Places", "context": [{"concept": "place-words"}], "families": ["governorate"]}
    return GazetteerFile.model_validate({**data, "entries": entries})


def _place_engine(**narrow: str) -> Engine:
    return engine_of({"gazetteer": "places", **narrow}, PLACE_WORDS, gazetteers=(_places(),))


@given(
    title=st.text(alphabet="دعاقوتا ً\u200fb.\n🙂", max_size=15),
    text=st.lists(
        st.sampled_from(["دَعَا", "القُـوّات", "troops", "🙂", "\u202b", ". ", "\n", " ", "\ud800", "ﻻ"]), max_size=25
    ),
)
def test_evidence_slices_back_exactly(title: str, text: list[str]) -> None:
    """Whatever surrounds the words, the offsets are those of the original characters."""
    fields = {"title": title, "text": "".join(text)}
    engine = engine_of({"any": [{"concept": "demand"}, {"concept": "forces"}]}, DEMAND, FORCES)
    for match in engine.match(fields["title"], fields["text"]):
        assert match.evidence
        places = [(evidence.field, evidence.start) for evidence in match.evidence]
        assert places == sorted(places)
        for evidence in match.evidence:
            assert fields[evidence.field][evidence.start : evidence.end] == evidence.text
        for excerpt in match.excerpts:
            assert all(0 <= start < end <= len(excerpt.text) for start, end in excerpt.marks)


def test_a_match_says_what_the_alert_needs() -> None:
    """Rule, title, severity, evidence, the sentence with marks, and how long it stays quiet."""
    engine = engine_of({"sentence": [{"concept": "demand"}, {"concept": "forces"}]}, DEMAND, FORCES, tags=["war"])
    (match,) = engine.match("Talks", "He spoke. “They demand that troops go.” He left.")
    assert match.evidence == (
        Evidence(field="text", start=16, end=22, text="demand"),
        Evidence(field="text", start=28, end=34, text="troops"),
    )
    assert match.excerpts == (Excerpt(text="“They demand that troops go.”", marks=((6, 12), (18, 24))),)
    assert (match.rule, match.title, match.severity, match.shadow) == ("a-rule", "A rule", Severity.LOW, False)
    assert (match.tags, match.repeat_after) == (("war",), timedelta(hours=12))


def test_a_long_sentence_is_cut_around_its_evidence() -> None:
    """An excerpt stays readable, and its marks stay true."""
    text = "x " * 1000 + "troops" + " y" * 1000
    (match,) = engine_of({"concept": "forces"}, FORCES).match("", text)
    (excerpt,) = match.excerpts
    ((start, end),) = excerpt.marks
    assert excerpt.text[start:end] == "troops"
    assert len(excerpt.text) <= 600


def test_rules_that_are_off_are_not_evaluated_and_those_on_trial_are_marked() -> None:
    """Off is silent, shadow fires with its flag."""
    rules = [rule_data("apple", id=status, status=status) for status in ("live", "shadow", "off")]
    found = Engine(rulebook_of(*rules)).match("", "apple")
    assert [(match.rule, match.shadow) for match in found] == [("live", False), ("shadow", True)]


def test_only_rules_whose_mandatory_words_are_there_are_candidates() -> None:
    """The presearcher asks for one word of every mandatory group."""
    rules = [rule_data({"all": ["apple", "pear"]}, id="both"), rule_data({"any": ["apple", "plum"]}, id="either")]
    engine = Engine(rulebook_of(*rules))
    assert [fired.rule.file.id for fired in engine.evaluate("", "apple")] == ["either"]
    assert [fired.rule.file.id for fired in engine.evaluate("", "pear apple")] == ["both", "either"]


def test_a_gazetteer_can_be_narrowed_to_a_type_and_to_what_lies_in_a_place() -> None:
    """Type and within choose entries; within takes in the place itself."""
    assert not fires(_place_engine(within="idlib"), "in Homs")
    assert fires(_place_engine(within="idlib"), "in Idlib")
    assert words_of(_place_engine(type="town"), "the town of Hass in Idlib") == ["Hass"]


def test_a_gazetteer_can_be_narrowed_to_what_lies_outside_a_place() -> None:
    """Neither the place, nor one in it, nor one that it lies in."""
    engine = _place_engine(outside="idlib")
    assert words_of(engine, "from the town of Hass in Idlib to Homs, all in Syria") == ["Homs"]


def test_an_ambiguous_name_counts_beside_a_place_word_or_with_its_family() -> None:
    """Alone it is an everyday word; another governorate's name does not help."""
    engine = _place_engine(within="idlib")
    assert not fires(engine, "رجل حاس")
    assert not fires(engine, "رجل حاس من حمص")
    assert fires(engine, "في بلدة حاس")
    assert fires(engine, "رجل حاس. ثم إدلب")


def test_us_behind_whom_a_quotation_ends_was_the_united_states() -> None:
    """A name in capitals is meant where it is written in them."""
    usa = {"id": "usa", "name": "United States", "type": "state", "names": {"en": {"ambiguous": ["US"]}}}
    actors = {"id": "actors", "title": "Actors", "context": ["said"], "entries": [usa]}
    engine = engine_of({"gazetteer": "actors"}, gazetteers=(GazetteerFile.model_validate(actors),))
    assert words_of(engine, "The US said so.") == ["US"]
    assert not fires(engine, '"They bombed us," said the man. Us? Said who?')


def test_us_in_capitals_was_nobody_where_no_context_stood_beside_it() -> None:
    """A name in capitals is told from the word by them, but in a sentence that is all in capitals."""
    usa = {"id": "usa", "name": "United States", "type": "state", "names": {"en": {"ambiguous": ["US"]}}}
    actors = {"id": "actors", "title": "Actors", "context": ["said"], "entries": [usa]}
    engine = engine_of({"gazetteer": "actors"}, gazetteers=(GazetteerFile.model_validate(actors),))
    assert words_of(engine, "US: Drone strike killed six. Moscow urged by US to go.") == ["US", "US"]
    assert not fires(engine, "LEAVE US ALONE!\nGive it to us.")
    assert words_of(engine, "US SAID SO.") == ["US"]


def test_an_ambiguous_phrase_needs_its_context_in_the_sentence() -> None:
    """The context of another sentence does not count."""
    leave = concept("leave", en={"ambiguous": [{"verb": ["leave/left"], "context": [{"concept": "forces"}]}]})
    engine = engine_of({"concept": "leave"}, leave, FORCES)
    assert fires(engine, "The troops left")
    assert not fires(engine, "He left. The troops")


SLOTS = {
    "whose": {"terms": [{"near": {"within": 0, "of": ["Turkish", {"concept": "forces"}]}}, {"concept": "forces"}]},
    "who": {"terms": ["Iran", "Iraq"], "nearest": [{"concept": "demand"}]},
    "where": {"terms": [{"gazetteer": "places"}], "otherwise": ["area"], "after": [{"concept": "forces"}]},
}


def _slot_engine() -> Engine:
    match = {"sentence": [{"concept": "demand"}, {"concept": "forces"}]}
    return engine_of(match, DEMAND, FORCES, PLACE_WORDS, gazetteers=(_places(),), slots=SLOTS)


def test_slots_are_filled_from_the_matching_sentences_only() -> None:
    """Nearest, before and after are judged there; every declared slot is present."""
    text = "Homs and Iran. Iraq, Homs: Iran demanded that Turkish troops leave Idlib. Iraq."
    (match,) = _slot_engine().match("", text)
    assert match.slots == {"whose": ("Turkish troops",), "who": ("Iran",), "where": ("Idlib",)}
    assert [(e.text, e.name, e.code) for e in match.entities["where"]] == [("Idlib", "Idlib", "SY07")]


def test_what_else_fills_a_slot_when_its_terms_are_missing() -> None:
    """Otherwise is a fall-back, and an empty slot stays there."""
    (match,) = _slot_engine().match("", "We demand that troops leave the area.")
    assert match.slots == {"whose": ("troops",), "who": (), "where": ("area",)}


def test_words_are_told_once_in_their_first_spelling() -> None:
    """Values that fold to the same are one value."""
    (match,) = _slot_engine().match("", "We demand that troops leave Idlib. They demand that TROOPS leave IDLIB.")
    assert match.slots["where"] == ("Idlib",)


def test_the_reasons_of_a_match() -> None:
    """Each term with its words, in the order of the text."""
    engine = engine_of({"sentence": [{"concept": "demand"}, {"concept": "forces"}]}, DEMAND, FORCES)
    (fired,) = engine.evaluate("", "Troops: we demand, they demanded troops.")
    assert reasons_of(fired) == [Reason("forces", ("Troops", "troops")), Reason("demand", ("demand", "demanded"))]


def test_sinks_are_given_more_sentences_than_they_show() -> None:
    """So that they can say how many they left out."""
    (match,) = engine_of("apple").match("", "An apple fell. " * 30)
    assert len(match.excerpts) == MAX_EXCERPTS > EXCERPTS


def test_a_town_was_not_found_by_the_name_of_its_province() -> None:
    """By its id alone, which for many is another one: a route to Deir ez-Zor took no town in deir-ez-zor."""
    deir = {
        "id": "deir",
        "name": "Deir ez-Zor",
        "type": "governorate",
        "code": "SY09",
        "names": {"en": ["Deir ez-Zor"]},
    }
    town = {"id": "hajin", "name": "Hajin", "type": "town", "parent": "deir", "names": {"en": ["Hajin"]}}
    places = GazetteerFile.model_validate({"id": "places", "title": "Places", "entries": [deir, town]})
    engine = engine_of("troops", gazetteers=(places,), slots={"where": {"gazetteer": "places"}})
    (fired,) = engine.match("", "troops in Hajin")
    assert names_of(fired, "where") == {"hajin", "deir", "deir ez-zor", "sy09"}
