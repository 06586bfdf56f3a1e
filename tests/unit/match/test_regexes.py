"""Regexes are found in the original text, with exact offsets, in linear time; a bad one is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.match.concept_files import ConceptFile
from streams.match.lint import lint
from streams.match.regexes import MAX_LETTERS, RegexError, compile_regex
from tests.unit.match.building import concept, engine_of, fires, rule_data, words_of, write_rules


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        ("M-?1[0-9]{2}", "an m113, an M113 and an M-114", ["M113", "M-114"]),
        ("(?i)m113", "an m113", ["m113"]),
        ("قُصفت", "قُصفت وقصفت", ["قُصفت"]),
        (r"\p{Nd}+", "٢٥ قتيلا", ["٢٥"]),
        ("é+", "𝒳 caféé", ["éé"]),
        ("(?m)^Idlib", "Aleppo\nIdlib", ["Idlib"]),
        ("T-55.*?tank", "a T-55 (old) tank", ["T-55 (old) tank"]),
        (r"\$5", "worth $5", ["5"]),
        (r"(?P<evidence>\w+) said", "Ann said, Bob says", ["Ann"]),
        (r"from (?P<evidence>\w+)|to (\w+)", "from Hama to Homs", ["Hama"]),
    ],
)
def test_where_a_regex_matches(pattern: str, text: str, words: list[str]) -> None:
    """In code points of the original text, case and marks included."""
    assert words_of(engine_of({"regex": pattern}), text) == words


def test_a_regex_is_a_term_like_others() -> None:
    """It stands near, in scopes and in slots, and beside a concept that says which articles to look at."""
    match = {"near": {"within": 2, "of": [{"concept": "tank"}, {"regex": "T-[0-9]+"}]}}
    engine = engine_of(match, concept("tank", en={"common": ["tank"]}), slots={"what": {"regex": "T-[0-9]+"}})
    assert fires(engine, "Tanks of type T-55")
    assert not fires(engine, "Tanks. They are not of the type T-55")
    assert engine.match("", "A T-55 tank")[0].slots == {"what": ("T-55",)}


def test_a_regex_does_not_reach_from_the_title_into_the_text() -> None:
    """What it found began before the text, at letter -6."""
    engine = engine_of({"regex": r"(?s)Idlib.{1,20}shelling|\A(?:shelling|In)|(?m:^)shelling th"})
    (match,) = engine.match("In Idlib", "shelling there")
    found = [(one.field, one.start, one.text) for one in match.evidence]
    assert found == [("text", 0, "shelling th"), ("title", 0, "In")]
    assert words_of(engine, "shelling there") == ["shelling"]


def test_punctuation_alone_is_no_evidence() -> None:
    """A match without a letter or digit marks no words."""
    assert not fires(engine_of({"regex": "!+"}), "What!!!")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("ab(c", "the regex cannot be compiled: missing ): ab(c (at letter 3)"),
        ("ab)c", "the regex cannot be compiled: unexpected ): ab)c (at letter 3)"),
        (r"\([)](a(b)", r"the regex cannot be compiled: missing ): \([)](a(b) (at letter 6)"),
        ("ab(?=c)", "the regex cannot be compiled: invalid perl operator: (?= (at letter 3)"),
        (r"ab\1", r"the regex cannot be compiled: invalid escape sequence: \1 (at letter 3)"),
        ("x[z-a]", "the regex cannot be compiled: invalid character class range: z-a (at letter 3)"),
        ("ab\ud800", "the regex has half a character at position 3"),
        ("a*", "the regex can match nothing at all, which is everywhere; let it ask for a letter"),
        ("x" * (MAX_LETTERS + 1), f"the regex has more than {MAX_LETTERS} letters"),
    ],
)
def test_a_pattern_that_cannot_be_used(pattern: str, told: str) -> None:
    """The error says why, and where."""
    with pytest.raises(RegexError) as caught:
        compile_regex(pattern)
    assert str(caught.value) == told


@given(st.text(max_size=30))
def test_any_text_is_a_regex_or_a_declared_error(pattern: str) -> None:
    """Nothing else comes out, and no text makes it fail."""
    try:
        regex = compile_regex(pattern)
    except RegexError:
        return
    assert engine_of({"regex": pattern}).evaluate(pattern, "a\ud800b " + pattern) is not None
    assert regex is compile_regex(pattern)


def test_a_bad_regex_is_told_with_its_place(tmp_path: Path) -> None:
    """File, line and column, like any other mistake."""
    folder = write_rules(tmp_path, {"a-rule.yaml": rule_data({"all": ["apple", {"regex": "ab(c"}]})})
    (found,) = [one for one in lint(folder) if one.code == "bad-value"]
    assert "cannot be compiled: missing ): ab(c" in found.message
    assert found.line > 1


def test_a_rule_without_a_phrase_is_doubtful(tmp_path: Path) -> None:
    """It works, and costs its evaluation on every article; beside a phrase it does not."""
    assert fires(engine_of({"regex": "T-[0-9]+"}), "T-55")
    slow = {"a-rule.yaml": rule_data({"regex": "T-[0-9]+"})}
    fine = {"a-rule.yaml": rule_data({"all": ["tank", {"regex": "T-[0-9]+"}]})}
    codes = [
        [one.code for one in lint(write_rules(tmp_path / name, files))] for name, files in (("a", slow), ("b", fine))
    ]
    assert ["slow-rule" in found for found in codes] == [True, False]


def test_the_parts_of_a_concept_stand_for_pieces_of_its_regexes() -> None:
    """Each is one piece, alternatives and all, also within another."""
    data = {"id": "name", "title": "name", "parts": {"word": "[a-z]+|[0-9]+", "two": "{{word}} {{word}}"}}
    concept = ConceptFile.model_validate({**data, "patterns": [{"regex": "x {{two}}\\b"}, "{2}"]})
    assert [one.regex or one.phrase for one in concept.patterns] == [
        r"x (?:(?:[a-z]+|[0-9]+) (?:[a-z]+|[0-9]+))\b",
        "{2}",
    ]
