"""A rule looks only at the articles that its filters let pass; the reason is told, and what is unknown has a rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams.article_lines import ArticleLine
from streams.match.article_facts import UNKNOWN, ArticleFacts, facts_of, facts_of_line
from streams.match.document import Document
from streams.match.examples import failures_of
from streams.match.explanation import explain
from streams.match.filters import FilterReason, left_out
from streams.match.match_agent import match_articles
from streams.match.mutations import mutants_of
from streams.match.nearest_miss import nearest_miss
from streams.match.rule_filters import Filters
from streams.messages import Article
from streams.sections import SourceSettings
from tests.unit.match.building import engine_of, rule_data, rulebook_of

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_FACTS = ArticleFacts("ar", "SANA", "SY", ("agency", "state"), "politics", timedelta(hours=3))


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({"languages": ["ar", "en"]}, None),
        ({"languages": ["en"]}, FilterReason.LANGUAGE),
        ({"sources": ["sana"]}, None),
        ({"sources": ["afp"]}, FilterReason.SOURCE),
        ({"countries": ["sy"]}, None),
        ({"countries": ["tr"]}, FilterReason.COUNTRY),
        ({"tags": ["agency", "radio"]}, None),
        ({"tags": ["radio"]}, FilterReason.TAG),
        ({"sections": ["Politics"]}, None),
        ({"sections": ["sport"]}, FilterReason.SECTION),
        ({"max_age": "3h"}, None),
        ({"max_age": "2h"}, FilterReason.AGE),
        ({"none": {"sections": ["sport"]}}, None),
        ({"languages": ["ar"], "none": {"tags": ["state"]}}, FilterReason.TAG),
    ],
)
def test_what_passes_and_why_not(filters: object, reason: FilterReason | None) -> None:
    """Each filter lets its values pass, whatever their case, and nothing else."""
    assert left_out(Filters.model_validate(filters), _FACTS) is reason


@pytest.mark.parametrize("key", ["languages", "sources", "countries", "tags", "sections"])
def test_what_an_article_does_not_say(key: str) -> None:
    """It passes, unless the filter says that it must not; `none` leaves out only what is said."""
    assert left_out(Filters.model_validate({key: ["xx"]}), UNKNOWN) is None
    assert left_out(Filters.model_validate({key: ["xx"], "unknown": "stop"}), UNKNOWN) is FilterReason(key)
    assert left_out(Filters.model_validate({"none": {key: ["xx"]}, "unknown": "stop"}), UNKNOWN) is None


def test_an_unknown_age() -> None:
    """Like everything else that is unknown."""
    assert left_out(Filters.model_validate({"max_age": "1h"}), UNKNOWN) is None
    assert left_out(Filters.model_validate({"max_age": "1h", "unknown": "stop"}), UNKNOWN) is FilterReason.AGE


def test_the_engine_asks_the_filters() -> None:
    """And a region of a language is the language."""
    engine = engine_of("apple", filters={"languages": ["en"]})
    assert engine.match("", "apple", ArticleFacts(language="en-GB"))
    assert not engine.match("", "apple", ArticleFacts(language="ar"))


def test_facts_are_the_articles_own_or_its_sources() -> None:
    """What the article states wins; the age is by the clock of its first sight."""
    article = Article(id="x", title="", source="SANA", text="x", seen_at=_NOON, published=_NOON - timedelta(hours=2))
    source = SourceSettings(name="SANA", feed="https://sana.example/rss", country="SY", tags=("state",), section="home")
    assert facts_of(article, None) == ArticleFacts(source="SANA", age=timedelta(hours=2))
    own = article.model_copy(update={"country": "LB", "tags": ("agency",), "section": "world"})
    assert facts_of(article, source) == ArticleFacts(None, "SANA", "SY", ("state",), "home", timedelta(hours=2))
    assert facts_of(own, source) == ArticleFacts(None, "SANA", "LB", ("agency",), "world", timedelta(hours=2))


def test_facts_of_a_line() -> None:
    """Its age is known when it has both moments; of a day without a time from the day's end on."""
    day = ArticleLine(id="x", date=_NOON, date_precision="day", seen_at=_NOON + timedelta(hours=30))
    assert facts_of_line(day).age == timedelta(hours=6)
    line = ArticleLine(id="x", language="ar", source="SANA", date=_NOON, seen_at=_NOON, tags=("agency",))
    assert facts_of_line(line) == ArticleFacts("ar", "SANA", tags=("agency",), age=timedelta())
    assert facts_of_line(ArticleLine(id="x", date=_NOON)) == UNKNOWN


def test_explain_says_that_a_filter_left_the_article_out() -> None:
    """Though all the words are there."""
    engine = engine_of("apple", filters={"sections": ["politics"]})
    told = explain(engine.rules[0], Document("", "apple", engine.vocabulary, ArticleFacts(section="sport")))
    assert not told.met
    assert nearest_miss(told) == "the rule does not look at the article, by its filter sections"


def test_examples_and_coverage_know_facts() -> None:
    """An example states what its article is; a filter that no example needs is told."""
    examples = {
        "fires": [{"lang": "en", "text": "apple", "facts": {"section": "home", "age": "1h"}}],
        "silent": [{"lang": "en", "text": "apple", "because": "it is sport", "facts": {"section": "sport"}}],
    }
    filters = {"none": {"sections": ["sport"]}, "max_age": "2h"}
    book = rulebook_of(rule_data("apple", examples=examples, filters=filters))
    assert failures_of(book) == []
    assert {mutant.dropped: mutant.caught for mutant in mutants_of(book)} == {
        "the filter max_age": False,
        "the filter none sections": True,
    }


def test_an_example_that_a_filter_leaves_out_says_so() -> None:
    """It was told that the rule does not fire, as if words were missing."""
    book = rulebook_of(rule_data("yes", filters={"countries": ["SY"], "unknown": "stop"}))
    assert [failure.message for failure in failures_of(book)] == [
        "the rule does not look at it, by its filter countries: say under facts what it is of"
    ]


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({}, "says nothing"),
        ({"sections": []}, "at least 1"),
        ({"sections": ["a"], "none": {"sections": ["A"]}}, "no article is left"),
        ({"max_age": "soon"}, "not a span"),
        ({"unknown": "perhaps", "tags": ["a"]}, "none of pass, stop"),
        ({"section": ["a"]}, "Extra inputs"),
    ],
)
def test_filters_that_cannot_be(filters: object, told: str) -> None:
    """Empty, contradictory, misspelt."""
    with pytest.raises(ValueError, match=told):
        rulebook_of(rule_data("apple", filters=filters))


def test_an_article_is_matched_by_what_its_source_is() -> None:
    """The match stage knows the configured source."""
    engine = engine_of("apple", filters={"tags": ["state"], "unknown": "stop"})
    article = Article(id="x", title="", source="SANA", text="apple", seen_at=_NOON)
    source = SourceSettings(name="SANA", feed="https://x.example/", tags=("state",))
    assert match_articles(engine, [article]) == [None]
    assert match_articles(engine, [article], {article.source: source})[0]
