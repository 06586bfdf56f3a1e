"""A typed phrase covers the forms that its kind has, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from streams.match.inflections import InflectionError, english_plural, english_verb
from streams.match.phrases import Kind, Phrase, PhraseError, forms_of
from streams.match.rule_files import ConceptFile
from tests.unit.match.building import concept, engine_of, fires


def _concept(language: str, kind: str, phrase: str) -> ConceptFile:
    phrases: dict[str, Any] = {language: {kind: [phrase]}}
    return concept("c", **phrases)


@pytest.mark.parametrize(
    ("language", "kind", "phrase", "text"),
    [
        ("ar", "name", "إدلب", "وبإدلب"),
        ("ar", "name", "إدلب", "ادلب،"),
        ("ar", "name", "الفوعة", "وللفوعه"),
        ("ar", "name", "الفوعة", "بالفوعة"),
        ("ar", "name", "اللاذقية", "وللاذقية"),
        ("ar", "common", "انسحاب", "فالانسحاب"),
        ("ar", "common", "انسحاب", "لانسحابها"),
        ("ar", "common", "انسحاب", "للانسحاب"),
        ("ar", "common", "انسحاب", "انسحابًا"),
        ("ar", "common", "مغادرة", "مغادرتهم"),
        ("ar", "common", "مغادرة", "والمغادرة"),
        ("ar", "common", "جلاء", "جلائها"),
        ("ar", "common", "قتلى", "وقتلاهم"),
        ("ar", "common", "لجوء", "بلجوئهم"),
        ("ar", "common", "مبنى قديم", "المبنى القديم"),
        ("ar", "common", "قوة مسلحة", "بالقوة المسلحة"),
        ("ar", "verb", "دعا/يدعو", "ودعت"),
        ("ar", "verb", "دعا/يدعو", "سيدعون"),
        ("ar", "verb", "طالب/يطالب", "طالبوهم"),
        ("ar", "verb", "طالب/يطالب", "ونطالبها"),
        ("ar", "verb", "بدأ/يبدأ", "وبدأت"),
        ("ar", "verb", "بدأ/يبدأ", "بدؤوا"),
        ("ar", "verb", "لجأ/يلجأ", "سيلجأون"),
        ("ar", "verb", "أنشأ/ينشئ", "ينشئون"),
        ("ar", "verb", "أنشأ/ينشئ", "أنشأتها"),
        ("ar", "verb", "جاء/يجيء", "جاؤوا"),
        ("ar", "verb", "دعا/يدعو", "تدعوان"),
        ("ar", "exact", "يجب", "يجب"),
        ("en", "common", "army", "Armies"),
        ("en", "common", "air strike", "air-strikes"),
        ("en", "name", "Turkey", "Turkey's"),
        ("en", "verb", "withdraw/withdrew/withdrawn", "WITHDREW"),
        ("en", "verb", "pull out", "pulling out"),
        ("en", "verb", "urge", "urged"),
        ("fr", "common", "armée", "ARMEE"),
    ],
)
def test_forms_that_a_phrase_covers(language: str, kind: str, phrase: str, text: str) -> None:
    """The forms of news style are found."""
    assert fires(engine_of({"concept": "c"}, _concept(language, kind, phrase)), f"x {text} y")


@pytest.mark.parametrize(
    ("language", "kind", "phrase", "text"),
    [
        ("ar", "name", "إدلب", "الإدلب"),
        ("ar", "name", "إدلب", "إدلبي"),
        ("ar", "name", "حلب", "حلبة"),
        ("ar", "common", "طالب", "طالبان"),
        ("ar", "common", "انسحاب", "الانسحابات"),
        ("ar", "verb", "دعا/يدعو", "دعاوى"),
        ("ar", "verb", "بدأ/يبدأ", "بدت"),
        ("ar", "common", "قتلي", "قتلاهم"),
        ("ar", "name", "اللاذقية", "لاذقية"),
        ("ar", "verb", "دعا/يدعو", "دعوة"),
        ("ar", "exact", "يجب", "ويجب"),
        ("en", "common", "army", "armyworm"),
        ("en", "name", "Iran", "Iranian"),
        ("fr", "common", "armée", "armées"),
    ],
)
def test_look_alikes_that_it_does_not(language: str, kind: str, phrase: str, text: str) -> None:
    """Words that only begin, end or sound alike are not."""
    assert not fires(engine_of({"concept": "c"}, _concept(language, kind, phrase)), f"x {text} y")


def test_a_phrase_does_not_run_from_one_sentence_into_the_next() -> None:
    """Its words have to stand in one sentence."""
    engine = engine_of("air strike")
    assert fires(engine, "an air-strike hit")
    assert not fires(engine, "by air. Strike over")


@pytest.mark.parametrize(
    "phrase",
    [
        Phrase("…", "ar", Kind.NAME),
        Phrase("漢字", "zh", Kind.NAME),
        Phrase("w " * 13, "en", Kind.EXACT),
    ],
)
def test_phrases_that_cannot_be_looked_for(phrase: Phrase) -> None:
    """Nothing to find, letters that are not folded, and whole sentences are refused."""
    with pytest.raises(PhraseError):
        forms_of(phrase)


@pytest.mark.parametrize(
    "phrase",
    [
        Phrase("دعا", "ar", Kind.VERB),
        Phrase("دعا/دعو", "ar", Kind.VERB),
        Phrase("go/went/gone/going", "en", Kind.VERB),
        Phrase("go/", "en", Kind.VERB),
    ],
)
def test_verbs_that_are_not_given_as_their_language_needs(phrase: Phrase) -> None:
    """A verb without its principal parts is refused."""
    with pytest.raises(InflectionError):
        forms_of(phrase)


def test_the_forms_of_english_verbs() -> None:
    """Regular endings follow the spelling; irregular parts are as given."""
    assert english_verb("hit/hit") == {"hit", "hits", "hitting"}
    assert english_verb("carry") == {"carry", "carries", "carrying", "carried"}
    assert english_verb("withdraw/withdrew/withdrawn") == {
        "withdraw",
        "withdraws",
        "withdrawing",
        "withdrew",
        "withdrawn",
    }
    assert english_verb("flee/fled") == {"flee", "flees", "fleeing", "fled"}
    assert english_verb("admit") >= {"admits", "admitting", "admitted"}
    assert english_verb("travel") >= {"traveling", "travelling", "traveled", "travelled"}
    assert english_verb("begin/began/begun") >= {"beginning", "began", "begun"}
    assert english_verb("visit") == {"visit", "visits", "visiting", "visited"}
    assert english_verb("die") == {"die", "dies", "dying", "died"}
    assert english_verb("veto") == {"veto", "vetoes", "vetoing", "vetoed"}


def test_the_plurals_of_english_nouns() -> None:
    """Of a phrase the last word changes."""
    assert [english_plural(noun) for noun in ("army", "blast", "air strike", "bus", "ray", "oligarch")] == [
        "armies",
        "blasts",
        "air strikes",
        "buses",
        "rays",
        "oligarchs",
    ]
