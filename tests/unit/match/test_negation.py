"""Words count or not by whether something negates them, with the negators that are shipped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from streams.match.document import Document
from streams.match.engine import Engine
from streams.match.explanation import explain
from streams.match.lint import lint
from streams.match.mutations import mutants_of
from streams.match.nearest_miss import nearest_miss
from streams.match.rule_files import ConceptFile
from streams.match.rulebook import Rulebook, shipped_rules_dir
from tests.support.shipped import shipped_rulebook
from tests.unit.match.building import concept, engine_of, fires, rule_data, rulebook_of, words_of, write_rules

_ASKED = concept("asked", ar={"verb": ["طالب/يطالب"], "common": ["مطالبة"]}, en={"verb": ["demand"]})
_EXAMPLES = {
    "fires": [{"lang": "en", "text": "He demanded it."}],
    "silent": [{"lang": "en", "text": "He did not demand it.", "because": "he did not"}],
}


@cache
def _concepts() -> tuple[ConceptFile, ...]:
    shipped = shipped_rulebook().concepts
    names = ("negator", "negator-after", "pseudo-negator", "clause-start")
    return (_ASKED, *(shipped[name] for name in names))


def _book(**said: bool) -> Rulebook:
    return rulebook_of(rule_data({"concept": "asked", **said}, examples=_EXAMPLES), concepts=_concepts())


@pytest.mark.parametrize(
    "text", ["It was a demand ,", "a demand», ", "«It was a demand»،", "قال: «مطالبة» ،", "demand ;;,"]
)
def test_a_comma_that_ends_a_text_ends_its_last_clause(text: str) -> None:
    """After a space or another mark it stands nowhere in the folded text, which once put the article aside."""
    assert fires(Engine(_book(negated=False)), text)


@pytest.mark.parametrize(
    "text",
    [
        "Ankara did not demand a withdrawal.",
        "Ankara didn't ever publicly demand it.",
        "The minister denied that he demanded a withdrawal.",
        "The demand was denied in Ankara.",
        "أنقرة لم تطالب بالانسحاب.",
        "ولن يطالب الوزير بذلك.",
        "نفى الوزير أن يكون طالب بالانسحاب.",
        "نفت أنقرة مطالبتها بالانسحاب.",
        "أكد عدم المطالبة بالانسحاب.",
        "دعاهم إلى ألا يطالبوا بالانسحاب.",
        "تعهد بألّا يطالب به.",
    ],
)
def test_words_that_are_negated(text: str) -> None:
    """A negation before the verb, a denial, and a denial behind."""
    assert fires(Engine(_book(negated=True)), text)
    assert not fires(Engine(_book(negated=False)), text)


@pytest.mark.parametrize(
    "text",
    [
        "Ankara demanded a withdrawal.",
        "Ankara demanded that they do not stay.",
        "Ankara not only demanded it.",
        "The minister did not attend, and demanded a withdrawal.",
        "The minister did not comment but demanded a withdrawal.",
        "It is not known why the minister of the country demanded it.",
        "No comment. Ankara demanded it.",
        "Ankara did not deny that it demanded a withdrawal.",
        "طالبت أنقرة بعدم الانسحاب.",
        "لم يحضر الوزير الاجتماع وطالب بالانسحاب.",
        "لم يعلق، طالب بالانسحاب.",
        "لا بد أن يطالب بالانسحاب.",
        "لم ينف أنه طالب بالانسحاب.",
        "إلا أنه طالب بالانسحاب.",
        "وألات الحرب طالب بها.",
    ],
)
def test_words_that_are_not(text: str) -> None:
    """Out of reach, in another clause, or what only looks like a negation."""
    assert fires(Engine(_book(negated=False)), text)
    assert not fires(Engine(_book(negated=True)), text)


def test_what_is_negated_rests_on_the_negation_too() -> None:
    """A reader of the alert sees why it is said to be denied."""
    assert words_of(Engine(_book(negated=True)), "He did not demand it.") == ["not", "demand"]


@pytest.mark.parametrize(
    "pattern", [{"regex": "n[o0]+t"}, {"number": {"at_most": 0}}, {"near": {"within": 0, "of": ["by", "no"]}}]
)
def test_patterns_negate_too(pattern: object) -> None:
    """Also those that no scan of words finds; a negation is not looked for where nothing of it is near."""
    engine = engine_of({"concept": "asked", "negated": False}, _ASKED, concept("negator", patterns=[pattern]))
    assert fires(engine, "They demand it.")
    assert [fires(engine, f"They do {words} demand it.") for words in ("n00t", "0", "by no")].count(False) == 1


def test_a_group_is_judged_by_its_first_word() -> None:
    """A negation within the group does not negate it."""
    near = {"near": {"within": 5, "of": [{"concept": "asked"}, "stay"]}, "negated": False}
    engine = Engine(rulebook_of(rule_data(near), concepts=_concepts()))
    assert fires(engine, "He demanded that they not stay.")
    assert not fires(engine, "He never demanded that they stay.")


def test_the_nearest_miss_names_words_that_do_not_count() -> None:
    """So that nobody looks for a word that is there."""
    engine = Engine(_book(negated=False))
    document = Document("", "He did not demand it.", engine.vocabulary)
    told = nearest_miss(explain(engine.rules[0], document))
    assert told == "the article has nothing that it asks for: no asked (not negated) (there is 'demand', but not so)"


def test_coverage_drops_negated() -> None:
    """The mutant without it is caught by the example that denies; the words that negate are not dropped."""
    told = {mutant.dropped: mutant.caught for mutant in mutants_of(_book(negated=False))}
    assert told["negated: false"]
    assert "the phrase 'not'" not in told


def test_negated_needs_its_concept(tmp_path: Path) -> None:
    """A rulebook without the concept negator could not tell."""
    rule = rule_data({"phrase": "apple", "negated": False})
    folder = write_rules(tmp_path, {"a-rule.yaml": rule})
    found = [(one.code, one.message) for one in lint(folder) if one.code.startswith("unknown")]
    assert found == [("unknown-concept", "unknown concept 'negator'")]


def test_lint_has_nothing_to_say_of_the_shipped_negators() -> None:
    """That they are frequent words is what they are for."""
    names = ("negator", "pseudo-negator", "clause-start")
    assert [one for one in lint(shipped_rules_dir()) if Path(one.file).stem in names] == []


def test_a_negator_that_asks_for_negation_is_a_circle(tmp_path: Path) -> None:
    """It would have to be judged by itself."""
    negator = {"id": "negator", "title": "x", "patterns": [{"phrase": "not", "negated": False}]}
    rule = rule_data({"phrase": "apple", "negated": False})
    folder = write_rules(tmp_path, {"a-rule.yaml": rule, "concepts/negator.yaml": negator})
    assert [one.message for one in lint(folder) if one.code == "circle"] == [
        "'negator' is a part of itself, through 'negator'"
    ]


def test_a_language_without_negators_is_told(tmp_path: Path) -> None:
    """There negated: false would let everything pass."""
    rule = rule_data({"phrase": "apple", "negated": False}, languages=["en", "tr"])
    negator = {"id": "negator", "title": "x", "phrases": {"en": {"exact": ["not"]}}}
    folder = write_rules(tmp_path, {"a-rule.yaml": rule, "concepts/negator.yaml": negator})
    found = [one.message for one in lint(folder) if one.code == "language-gap"]
    assert found == ["nothing is negated in 'tr': the concept negator has no words in it"]


@pytest.mark.parametrize(
    "match",
    [
        {"sentence": "apple", "negated": True},
        {"all": ["apple"], "quoted": True},
        {"any": ["apple"], "none": ["pear"], "negated": False},
        {"any": [{"all": ["apple", "pear"]}], "negated": False},
    ],
)
def test_negated_and_quoted_ask_about_words(match: object) -> None:
    """Not about sentences, nor about parts without words of their own."""
    with pytest.raises(ValueError, match="negated"):
        rulebook_of(rule_data(match))
