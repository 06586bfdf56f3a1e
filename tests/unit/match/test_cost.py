"""No text makes matching cost more a character as it grows."""

from __future__ import annotations

import time

import pytest

from streams.match.engine import Engine
from streams.match.match_agent import match_articles
from streams.messages import Article
from tests.support.alerting import NOON
from tests.support.shipped import shipped_engine
from tests.unit.match.building import concept, engine_of, exclusion

_KILLED = {"number": {"at_least": 5, "of": ["killed"]}}
EVERYTHING = engine_of(
    {
        "any": [
            {"phrase": "killed", "negated": False, "quoted": True},
            {"sentence": [{"phrase": "killed", "negated": True}, _KILLED]},
            {"near": {"within": 3, "of": [_KILLED, {"regex": "a.*b|a"}, {"any": ["killed"], "quoted": False}]}},
            {"sentences": {"within": 3, "of": [{"sentences": {"within": 2, "of": ["killed", "never"]}}, _KILLED]}},
            {
                "score": {
                    "threshold": 2,
                    "of": [{"weight": 1, "sentence": ["killed"]}, {"weight": 1, "phrase": "never"}],
                }
            },
        ]
    },
    concept("negator", en={"exact": ["not", "never"]}, ar={"exact": ["لا"]}),
    concept("negator-after", en={"exact": ["denied"]}),
    concept("pseudo-negator", en={"exact": ["not only"]}),
    concept("clause-start", en={"exact": ["but"]}),
    exclusions=[exclusion("e", {"all": ["only", {"regex": "b[0-9]"}]}, scope="sentence")],
    tags=["t"],
)


def _seconds_a_letter(text: str, engine: Engine, *, title: str = "") -> float:
    article = Article(id="x", title=title, source="S", text=text, seen_at=NOON)
    spent = []
    for _ in range(3):
        begun = time.process_time()
        match_articles(engine, [article], unmatched=True)  # and what the alert stage is told of its story
        spent.append(time.process_time() - begun)
    return min(spent) / len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "دعا القوات التركية انسحاب إدلب قصف ",  # every term of both rules, in one endless sentence
        "دعا القوات التركية انسحاب إدلب قصف\n",
        "Turkey demand troops withdraw Idlib until ",
        "Idlib shelling ",
        "troops withdraw demanded ",
        "حاس قصف ",  # ambiguous names without their context
        "ﻻ",
        "قـ ـصـ ـف",
        "قـ ـ",
        "a.b ",
        "US ",  # the whole sentence was looked at for each name in capitals
        "a\n",  # each line was held against each stretch of furniture
    ],
)
def test_cost_grows_no_faster_than_the_text(unit: str) -> None:
    """Ten times the text costs at most ten times as much, with room for a busy machine."""
    short, long = (unit * 5000)[:3000], (unit * 50_000)[:30_000]
    engine = shipped_engine()
    assert _seconds_a_letter(long, engine) < 4 * _seconds_a_letter(short, engine) + 1e-6


@pytest.mark.parametrize(
    "unit",
    [
        "killed not never only 5 ",
        "5 killed. ",
        "not only killed, 5-7 killed but denied\n",
        "«killed “5 killed” a",
        "killed 1,111,",
        "1a1/",
        "11111",
        "a ",
        "five hundred and ",
        "killed only b1. never ",
    ],
)
def test_no_condition_costs_more_a_letter_in_a_longer_text(unit: str) -> None:
    """Negation, quotation, numbers, regexes, windows, scores and exclusions, over what each of them likes least."""
    short, long = (unit * 1000)[:1000], (unit * 10_000)[:10_000]
    assert _seconds_a_letter(long, EVERYTHING) < 4 * _seconds_a_letter(short, EVERYTHING) + 1e-6


@pytest.mark.parametrize("stop", [",", "."])
@pytest.mark.parametrize(
    "slot",
    [
        {"terms": ["Idlib"], "behind": ["in"]},
        {"terms": ["Idlib"], "until": ["killed"]},
        {"terms": ["Idlib", "he"], "pronouns": ["he"], "earlier": 2, "title": True},
        {"terms": ["nobody", "he"], "pronouns": ["he"], "earlier": 2},
    ],
    ids=["behind", "until", "pronouns", "pronouns of nobody"],
)
def test_slots_of_a_sentence_without_an_end_and_of_sentences_without_number(slot: object, stop: str) -> None:
    """Each name was held against each other word, and all sentences before were looked up for each: it took minutes."""
    engine = engine_of("killed", slots={"where": slot})
    short, long = (f"killed he in Idlib{stop} " * count for count in (200, 2000))
    assert _seconds_a_letter(long, engine) < 4 * _seconds_a_letter(short, engine) + 1e-6


def test_a_long_word_in_capitals_took_twice_the_time_with_each_letter() -> None:
    """One of forty letters, below a title and before another word, stopped a worker for good."""
    short, long = (f"{'A' * count} was hit." for count in (12, 24))
    spent = [_seconds_a_letter(text, EVERYTHING, title="Raid") for text in (short, long)]
    assert spent[1] < 4 * spent[0] + 1e-3
