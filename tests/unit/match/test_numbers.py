"""Numbers are read in figures and words, and counted with what they are of."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.match.document import Document
from streams.match.explanation import explain
from streams.match.fold import fold
from streams.match.mutations import mutants_of
from streams.match.nearest_miss import nearest_miss
from streams.match.numbers import ENDLESS, numbers_in
from tests.unit.match.building import concept, engine_of, fires, rule_data, rulebook_of, words_of

_KILLED = concept(
    "killed", en={"exact": ["killed", "dead"]}, ar={"common": ["مقتل", "قتلى", "قتيل"], "verb": ["قتل/يقتل"]}
)
_FIVE = {"number": {"at_least": 5, "of": [{"concept": "killed"}]}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("killed 1,234 people", [("1,234", 1234, 1234)]),
        ("قتل ٥ مدنيين", [("٥", 5, 5)]),
        ("١٬٢٣٤ و١٢٫٥", [("١٬٢٣٤", 1234, 1234), ("و١٢٫٥", 12.5, 12.5)]),
        ("1.000 Tote, 1.5 million", [("1.000", 1000, 1000), ("1.5 million", 1_500_000, 1_500_000)]),
        ("3 آلاف and 20 thousand", [("3 آلاف", 3000, 3000), ("20 thousand", 20_000, 20_000)]),
        ("5-10 or so", [("5-10", 5, 10)]),
        ("Toll: 5\n- 10 dead", [("5", 5, 5), ("10", 10, 10)]),
        ("between 5 and 10", [("5 and 10", 5, 10)]),
        ("بين 5 و10 قتلى", [("5 و10", 5, 10)]),
        ("من خمسة إلى سبعة", [("خمسة إلى سبعة", 5, 7)]),
        ("twenty-five, one hundred and three", [("twenty-five", 25, 25), ("one hundred and three", 103, 103)]),
        (
            "خمسة وعشرون، ثلاثة عشر، مئة وخمسة",
            [("خمسة وعشرون", 25, 25), ("ثلاثة عشر", 13, 13), ("مئة وخمسة", 105, 105)],
        ),
        ("more than 50, up to 7", [("50", 50, ENDLESS), ("7", 0, 7)]),
        ("ما لا يقل عن عشرة، أقل من 3", [("عشرة", 10, ENDLESS), ("3", 0, 3)]),
        ("مائتي رجل", [("مائتي", 200, 200)]),
        ("ألفان وخمسمئة، خمسون ألفا", [("ألفان وخمسمئة", 2500, 2500), ("خمسون ألفا", 50_000, 50_000)]),
        ("%50 and ٪٥٠ and 50\u200f%", []),
        ("dozens, مئات", [("dozens", 24, ENDLESS), ("مئات", 200, ENDLESS)]),
        ("twenty. Five", [("twenty", 20, 20), ("Five", 5, 5)]),
        ("on May 5, 2015 at 10:30, in 2014, 2016-05-12, 1/2", []),
        ("5th M16 F-16 50% 7 percent بنسبة 5 بالمئة", []),
        ("5 may be dead", [("5", 5, 5)]),
        ("غارات يوم الاثنين على اثنين", [("اثنين", 2, 2)]),
        ("no one, not one, No One", []),
        ("نصف المليون", [("المليون", 500_000, 500_000)]),
        ("half a dozen, a half million", [("dozen", 6, 6), ("million", 500_000, 500_000)]),
        ("ربع مليون ونصف المليون", [("مليون", 250_000, 250_000), ("المليون", 1_000_000, 1_000_000)]),
        ("one and a half million", [("one", 1, 1), ("million", 1_000_000, 1_000_000)]),
        ("مليوني نازح", [("مليوني", 2_000_000, 2_000_000)]),
        ("tens of thousands, مئات الآلاف", [("tens of thousands", 20_000, ENDLESS), ("مئات الآلاف", 200_000, ENDLESS)]),
        ("بنسبة 20 في المئة أو عشرين في المائة", []),
        ("بـ3 صواريخ، الـ١٢ قتيلا", [("بـ3", 3, 3), ("الـ١٢", 12, 12)]),
        ("9" * 50, []),
        ("", []),
    ],
)
def test_numbers_of_a_text(text: str, expected: list[tuple[str, float, float]]) -> None:
    """With their words and bounds; dates, times, shares and figures within words are none."""
    folded = fold(text)
    found = [(text[slice(*folded.span(one.start, one.end))], one.low, one.high) for one in numbers_in(folded)]
    assert found == expected


@given(st.text(alphabet="0159٥ ,.-–/:%وa\u00a0\n٬" + "ثلاثة", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Numbers come in order, do not overlap, and go up."""
    found = numbers_in(fold(text))
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert all(one.low <= one.high for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "At least 5 people were killed.",
        "The strike killed seven.",
        "12, including 3 children, dead",
        "مقتل 5 مدنيين",
        "قتل ستة أشخاص",
        "خمسة عشر قتيلا",
        "Dozens were killed",
        "The dead were 10, days after the raid",
    ],
)
def test_enough_are_counted(text: str) -> None:
    """In both languages and either order."""
    assert fires(engine_of(_FIVE, _KILLED), text)


@pytest.mark.parametrize(
    "text",
    [
        "Four people were killed.",
        "It killed 3 and wounded 12.",
        "مقتل 3 وإصابة 12",
        "He was killed in 2015.",
        "Dead. 7 others fled.",
        "7 of the people who live in that street were killed",
        "A 65-year-old man was killed.",
        "Killed 10 days ago",
        "Two were killed 10 km north of Idlib.",
        "He was killed aged 65.",
        "Killed for $500",
        "قتل رجل يبلغ 65 عاما",
        "قتل على بعد مئات الكيلومترات",
        "5 fled",
    ],
)
def test_too_few_or_of_something_else(text: str) -> None:
    """A unit belongs to the nearest number of its sentence, a few words away."""
    assert not fires(engine_of(_FIVE, _KILLED), text)


def test_evidence_reaches_from_the_number_to_what_it_counts() -> None:
    """So that a reader sees both."""
    assert words_of(engine_of(_FIVE, _KILLED), "Some 7 men were killed there.") == ["7 men were killed"]


def test_time_and_ways_are_counted_where_they_are_asked_for() -> None:
    """A number of days is one of days alone."""
    engine = engine_of({"number": {"at_least": 5, "of": ["days", "hours"]}})
    assert fires(engine, "Killed 10 days ago")
    assert not fires(engine, "10 killed in 3 days")


def test_a_number_alone_has_bounds_only() -> None:
    """Without `of` any number counts that is within the bounds; such a rule is evaluated on every article."""
    engine = engine_of({"number": {"at_least": 5, "at_most": 9}})
    assert fires(engine, "It was 7.")
    assert not fires(engine, "It was 17 or 3.")


def test_a_number_stands_near_and_in_sentences() -> None:
    """It marks words, as a term does."""
    engine = engine_of({"sentence": [{"near": {"within": 2, "of": [_FIVE, "Idlib"]}}]}, _KILLED)
    assert fires(engine, "7 killed in Idlib")
    assert not fires(engine, "7 killed. In Idlib")


def test_a_miss_names_the_number() -> None:
    """With what it is of."""
    engine = engine_of(_FIVE, _KILLED)
    document = Document("", "2 killed", engine.vocabulary)
    told = nearest_miss(explain(engine.rules[0], document))
    assert told == "the article has nothing that it asks for: no at least 5 [killed] (within 3 words)"


def test_coverage_drops_bounds_and_units() -> None:
    """A bound that no example needs is told."""
    examples = {
        "fires": [{"lang": "en", "text": "7 killed"}],
        "silent": [{"lang": "en", "text": "3 killed", "because": "too few"}],
    }
    match = {"number": {"at_least": 5, "at_most": 9, "of": [{"concept": "killed"}]}}
    book = rulebook_of(rule_data(match, examples=examples), concepts=(_KILLED,))
    told = {mutant.dropped: mutant.caught for mutant in mutants_of(book) if mutant.model == "RuleFile"}
    assert told == {"at least 5": True, "at most 9": False, "killed": False}


@pytest.mark.parametrize(
    "number",
    [{}, {"at_least": 5, "at_most": 3}, {"at_least": -1}, {"of": [{"all": ["a", "b"]}]}, {"within": 99}, {"of": []}],
)
def test_numbers_that_cannot_be(number: object) -> None:
    """Bounds the wrong way round, units that are no words."""
    with pytest.raises(ValueError, match="number"):
        rulebook_of(rule_data({"number": number}))
