"""What an exclusion leaves out gives no evidence to the rules that bear its tag."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.match.document import Document
from streams.match.examples import Failure, failures_of
from streams.match.exclusion_files import ExclusionFile
from streams.match.explanation import explain
from streams.match.lint import lint
from streams.match.mutations import mutants_of
from streams.match.nearest_miss import nearest_miss
from streams.match.rulebook import load_rulebook
from tests.unit.match.building import engine_of, exclusion, fires, rule_data, rulebook_of, write_rules

_EXAMPLES = {
    "fires": [{"lang": "en", "text": "football"}],
    "silent": [{"lang": "en", "text": "chess", "because": "chess is war"}],
}


@pytest.mark.parametrize(
    ("scope", "text", "fired"),
    [
        ("document", "They withdraw.\nFootball.", False),
        ("paragraph", "They withdraw. Football.", False),
        ("paragraph", "They withdraw.\nFootball.", True),
        ("sentence", "They withdraw from football.", False),
        ("sentence", "They withdraw. Football.", True),
        ("sentence", "They withdraw from football. They withdraw.", True),
    ],
)
def test_what_is_left_out(scope: str, text: str, fired: bool) -> None:  # noqa: FBT001  # a column
    """The whole article, or the paragraph or sentence alone."""
    excluded = exclusion("sport", "football", scope=scope)
    assert fires(engine_of("withdraw", exclusions=[excluded], tags=["t"]), text) is fired


def test_rules_without_its_tag_do_not_mind() -> None:
    """An exclusion applies by tag only."""
    excluded = exclusion("sport", "football")
    assert fires(engine_of("withdraw", exclusions=[excluded], tags=["u"]), "withdraw football")
    assert not fires(engine_of("withdraw", exclusions=[excluded], tags=["u", "t"]), "withdraw football")


def test_evidence_and_slots_are_not_from_what_is_left_out() -> None:
    """Only the sentence that is left speaks."""
    excluded = exclusion("sport", "football", scope="sentence")
    match = {"sentence": ["withdraw"]}
    engine = engine_of(match, exclusions=[excluded], tags=["t"], slots={"what": {"regex": "[A-Z][a-z]+"}})
    (found,) = engine.match("", "Teams withdraw from football. Troops withdraw.")
    assert [(one.text, one.start) for one in found.evidence] == [("withdraw", 37)]
    assert found.slots == {"what": ("Troops",)}


def test_slots_are_not_filled_from_a_sentence_that_is_left_out() -> None:
    """Though the rule looks at its whole paragraph."""
    excluded = exclusion("sport", "football", scope="sentence")
    slots = {"what": ["Teams", "Troops"]}
    engine = engine_of({"paragraph": ["withdraw"]}, exclusions=[excluded], tags=["t"], slots=slots)
    assert engine.match("", "Teams play football. Troops withdraw.")[0].slots == {"what": ("Troops",)}


def test_an_exclusion_of_articles_looks_at_sentences_that_another_leaves_out() -> None:
    """Each of them looks at the whole article, whatever their order."""
    exclusions = [exclusion("a", "football", scope="sentence"), exclusion("b", "stadium")]
    engine = engine_of("withdraw", exclusions=exclusions, tags=["t"])
    assert not fires(engine, "They withdraw. Football in a stadium.")
    assert fires(engine, "They withdraw. Football.")


def test_explain_names_the_exclusion() -> None:
    """And the words by which it leaves the article out."""
    engine = engine_of("withdraw", exclusions=[exclusion("sport", "football")], tags=["t"])
    told = explain(engine.rules[0], Document("", "withdraw football", engine.vocabulary))
    assert not told.met
    assert (
        nearest_miss(told) == "the article has 'withdraw', but also exclusion sport (football), which must not be there"
    )
    assert explain(engine.rules[0], Document("", "withdraw", engine.vocabulary)).met


def test_explain_said_that_words_are_missing_in_a_sentence_that_an_exclusion_leaves_out() -> None:
    """It names the exclusion, and where it is; another sentence that it leaves out does not matter."""
    excluded = exclusion("sport", "football", "chess", scope="sentence")
    engine = engine_of({"sentence": ["withdraw", "army"]}, exclusions=[excluded], tags=["t"])

    def miss(text: str) -> str:
        return nearest_miss(explain(engine.rules[0], Document("", text, engine.vocabulary)))

    assert miss("Football. The army may withdraw from chess.") == (
        "sentence 2 has 'withdraw' and 'army', but also exclusion sport (chess), which must not be there"
    )
    assert miss("Football. The army.") == "sentence 2 has 'army', but no 'withdraw'"
    assert not miss("Army football. The army may withdraw.")


def test_its_own_examples_are_run() -> None:
    """It has to fire on what it leaves out, and on nothing else."""
    held = exclusion("sport", "football", examples=_EXAMPLES)
    broken = exclusion("games", "chess", examples=_EXAMPLES)
    book = rulebook_of(
        rule_data("apple", examples=_EXAMPLES | {"fires": [{"lang": "en", "text": "apple"}]}), exclusions=[held]
    )
    assert failures_of(book) == []
    book = rulebook_of(rule_data("chess", tags=["t"], status="off"), exclusions=[broken])
    assert [one for one in failures_of(book) if one.rule == "games"] == [
        Failure("games", "fires", 0, "the rule does not fire"),
        Failure("games", "silent", 0, "the rule fires on chess, though: chess is war"),
    ]


def test_coverage_drops_its_parts() -> None:
    """A part that no example of its own or of a rule needs is told."""
    rule = rule_data("apple", examples=_EXAMPLES | {"fires": [{"lang": "en", "text": "apple"}]})
    book = rulebook_of(rule, exclusions=[exclusion("sport", "football", "stadium", examples=_EXAMPLES)])
    told = {mutant.dropped: mutant.caught for mutant in mutants_of(book) if mutant.model == "ExclusionFile"}
    assert told == {"'football'": True, "'stadium'": False}


def _folder(tmp_path: Path, **exclusion_data: object) -> Path:
    data = {"id": "sport", "title": "Sport", "tags": ["t"], "none": ["football"], "examples": _EXAMPLES}
    files = {"a-rule.yaml": rule_data("apple", tags=["t"]), "exclusions/sport.yaml": data | exclusion_data}
    return write_rules(tmp_path, files)


def test_exclusions_are_read_with_the_rules(tmp_path: Path) -> None:
    """And are part of the rulebook's version."""
    book = load_rulebook(_folder(tmp_path))
    assert list(book.exclusions) == ["sport"]
    assert load_rulebook(_folder(tmp_path, tags=["t", "u"])).version != book.version


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"none": [{"concept": "nope"}]}, "unknown-concept"),
        ({"none": [{"none": ["x"]}]}, "fires-on-all"),
        ({"tags": ["u"]}, "unused-exclusion"),
        ({"scope": "title"}, "bad-value"),
        ({"none": []}, "bad-value"),
        ({"nun": ["x"]}, "unknown-key"),
        ({"id": "other"}, "id-differs"),
    ],
)
def test_what_lint_says_of_an_exclusion(tmp_path: Path, change: dict[str, object], code: str) -> None:
    """The same as of other files, and that nothing bears its tag."""
    found = {one.code: one for one in lint(_folder(tmp_path, **change)) if one.file.endswith("sport.yaml")}
    assert code in found


def test_a_whole_exclusion_has_no_finding(tmp_path: Path) -> None:
    """What is right is left alone."""
    assert [one for one in lint(_folder(tmp_path)) if one.file.endswith("sport.yaml")] == []


def test_the_smallest_exclusion() -> None:
    """Its scope is the article."""
    assert (
        ExclusionFile.model_validate(exclusion("e", "apple").model_dump(mode="json", exclude_defaults=True)).scope
        == "document"
    )
