"""The shipped rules keep what their examples promise, and read the real article right."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from streams.match.examples import Failure, failures_of
from streams.match.fold import fold, fold_phrase
from streams.match.rulebook import shipped_rules_dir
from streams.match.vocabulary import TermKey, Vocabulary, line_of
from streams.messages import RuleMatch
from tests.support.shipped import shipped_engine, shipped_rulebook
from tests.unit.match.building import ARTICLE, rule_data, rulebook_of


@cache
def _matches_of_article() -> dict[str, RuleMatch]:
    text = ARTICLE.read_text(encoding="utf-8")
    return {match.rule: match for match in shipped_engine().match("", text)}


def test_every_example_holds() -> None:
    """What must fire fires, with its slots; what must be silent is."""
    assert failures_of(shipped_rulebook()) == []


def test_an_example_that_does_not_hold_is_told() -> None:
    """With the rule, the list, the number and what happened."""
    examples = {
        "fires": [{"lang": "en", "text": "pear"}, {"lang": "en", "text": "apple", "slots": {"what": "pear"}}],
        "silent": [{"lang": "en", "text": "apple", "because": "a reason"}],
    }
    book = rulebook_of(rule_data("apple", examples=examples, slots={"what": "apple"}, status="off"))
    assert failures_of(book) == [
        Failure("a-rule", "fires", 0, "the rule does not fire"),
        Failure("a-rule", "fires", 1, "the slot what holds apple, not pear"),
        Failure("a-rule", "silent", 0, "the rule fires on apple, though: a reason"),
    ]


def test_an_example_names_all_that_fills_a_slot() -> None:
    """Another word in it is told, as is one where there should be none."""
    texts = [("an apple", []), ("apple, pear", ["apple"]), ("apple, pear", ["pear", "apple"]), ("fell", [])]
    examples = {
        "fires": [{"lang": "en", "text": f"{text} fell", "slots": {"what": words}} for text, words in texts],
        "silent": [{"lang": "en", "text": "x", "because": "a reason"}],
    }
    book = rulebook_of(rule_data("fell", examples=examples, slots={"what": ["apple", "pear"]}))
    assert failures_of(book) == [
        Failure("a-rule", "fires", 0, "the slot what holds apple, not nothing"),
        Failure("a-rule", "fires", 1, "the slot what holds apple, pear, not apple"),
    ]


def test_both_rules_fire_on_the_real_article() -> None:
    """The article that the project starts from."""
    assert set(_matches_of_article()) == {"troop-withdrawal-demand", "escalation-idlib"}


def test_who_whose_and_where_of_the_real_article() -> None:
    """Bagheri, Iran's chief of staff; Turkish and foreign forces; Idlib and east of the Euphrates."""
    match = _matches_of_article()["troop-withdrawal-demand"]
    assert match.slots["who"] == ("باقري", "رئيس هيئة الأركان العامة الإيرانية")
    assert match.slots["whose"] == ("القوات التركية", "القوات الأجنبية")
    assert match.slots["where"] == ("إدلب", "سوريا", "منطقة إدلب وشرق الفرات")
    assert ("Mohammad Bagheri", "IRN") in {(entity.name, entity.code) for entity in match.entities["who"]}
    assert ("Idlib", "SY07") in {(entity.name, entity.code) for entity in match.entities["where"]}


def test_where_somebody_speaks_is_no_evidence_of_the_real_article() -> None:
    """He calls from Damascus; nobody is to leave Damascus, nor does Damascus leave."""
    match = _matches_of_article()["troop-withdrawal-demand"]
    assert {"يدعو", "انسحاب", "إدلب"} <= {one.text for one in match.evidence}
    assert "دمشق" not in {one.text for one in match.evidence}


def test_the_furniture_of_the_real_article_is_no_evidence() -> None:
    """Neither the caption nor anything after the related articles."""
    text = ARTICLE.read_text(encoding="utf-8")
    story_ends, caption = text.index("مقالات متعلقة"), range(text.index("camera icon"), text.index("tag icon"))
    for match in _matches_of_article().values():
        for evidence in match.evidence:
            assert evidence.end <= story_ends
            assert evidence.start not in caption


@pytest.mark.parametrize("name", ["syria", "world", "actors", "nationalities"])
def test_every_name_of_a_gazetteer_is_found(name: str) -> None:
    """As written, and in Arabic with what is written on to it."""
    gazetteer = shipped_rulebook().gazetteers[name]
    vocabulary = Vocabulary(shipped_rulebook().concepts, shipped_rulebook().gazetteers)
    term = vocabulary.number(TermKey("gazetteer", name))
    vocabulary.freeze()
    for entry in gazetteer.entries:
        for language, names in entry.names.items():
            for written in (*names.name, *names.common, *names.exact, *names.ambiguous):
                forms = [written]
                if language == "ar" and written not in names.exact:
                    forms += [f"{prefix}{written}" for prefix in ("و", "ب", "ل", "وب")]
                if language == "en":
                    forms.append(f"{written}'s")
                for form in forms:
                    hits = vocabulary.scan(fold(f"x {form}, y")).get(term, [])
                    assert entry.id in {vocabulary.entries[hit[2]][1].id for hit in hits}, (entry.id, form)


LIKE_OTHER_NAMES = {
    "الجديدة",
    "المشيرفة",
    "الريان",
    "ريان",
    "الحمدانية",
    "الزاهرة",
    "Habit",
    "Joseph",
    "Josef",
    "Kelly",
    "Keli",
    "Kili",
    "Nahil",
}
"""A village of such a name may be anywhere."""


@pytest.mark.parametrize(
    ("language", "one", "other"), [("en", r"(\S+) village", "village of {}"), ("ar", r"قرية (\S+)", "قريتي {}")]
)
def test_a_village_of_idlib_was_found_in_one_word_order_alone(language: str, one: str, other: str) -> None:
    """A name that counts in "X village" alone counts in "village of X" too."""
    places = shipped_rulebook().gazetteers["syria"].entries
    parents = {entry.id: entry.parent for entry in places}
    missing = []
    for entry in places:
        if language in entry.names and "idlib" in line_of(entry.id, parents):
            names = entry.names[language]
            known = {fold_phrase(name) for name in (*names.name, *names.exact, *names.ambiguous)}
            alone = {found[1] for name in names.name if (found := re.fullmatch(one, name))} - LIKE_OTHER_NAMES
            missing += [name for name in alone if not {fold_phrase(name), fold_phrase(other.format(name))} & known]
    assert missing == []


def test_rules_are_found_without_a_checkout() -> None:
    """The folder that holds the shipped rules has the three kinds of files."""
    folder: Path = shipped_rules_dir()
    assert all(any((folder / part).glob("*.yaml")) for part in ("", "concepts", "gazetteers"))
