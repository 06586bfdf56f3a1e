"""The two packs keep what they reached on news whose authors had seen no rule.

The rules were mended by the articles of the part `dev`; those of `held` were only counted. The bounds are what each
part reached on 2026-11-28, a little less.
"""

from __future__ import annotations

import pytest

from streams.match.evaluation import Evaluation
from tests.support.measured import lines_of, measured

DEMAND, IDLIB = "troop-withdrawal-demand", "escalation-idlib"
RETOLD, INCIDENTS = "retold-news.jsonl", "incidents.jsonl"


def _evaluated(language: str, part: str, batch: int) -> Evaluation:
    return measured(f"{language}-news.jsonl", part=part, batch=batch)


@pytest.mark.parametrize(
    ("rule", "language", "part", "batch", "least"),
    [
        (DEMAND, "english", "dev", 1, 0.90),
        (DEMAND, "english", "dev", 2, 0.94),
        (DEMAND, "english", "held", 1, 0.66),
        (DEMAND, "english", "held", 2, 0.62),
        (DEMAND, "english", "dev", 3, 0.93),
        (DEMAND, "english", "held", 3, 0.57),
        (DEMAND, "arabic", "dev", 1, 0.95),
        (DEMAND, "arabic", "dev", 2, 0.81),
        (DEMAND, "arabic", "held", 1, 0.94),
        (IDLIB, "english", "dev", 1, 0.90),
        (IDLIB, "english", "held", 1, 0.93),
        (IDLIB, "english", "dev", 3, 0.91),
        (IDLIB, "english", "held", 3, 0.89),
        (IDLIB, "arabic", "dev", 1, 0.95),
        (IDLIB, "arabic", "dev", 2, 0.95),
    ],
)
def test_the_rules_keep_their_f1(rule: str, language: str, part: str, batch: int, least: float) -> None:
    """By language, part and batch; first figures stand in tests/data/README.md."""
    f1 = _evaluated(language, part, batch).scores[rule, "all", "all"].f1
    assert f1 is not None
    assert f1 >= least


@pytest.mark.parametrize(
    ("language", "part", "batch", "most"),
    [
        ("english", "dev", 1, 1),
        ("english", "dev", 2, 1),
        ("english", "held", 1, 1),
        ("english", "held", 2, 1),
        ("english", "dev", 3, 1),
        ("english", "held", 3, 3),
        ("arabic", "dev", 1, 0),
        ("arabic", "dev", 2, 3),
        ("arabic", "held", 1, 2),
    ],
)
def test_few_articles_are_false_alarms_of_a_demand(language: str, part: str, batch: int, most: int) -> None:
    """Reports of withdrawals that happen, of talks, contests and expelled diplomats are silent."""
    assert _evaluated(language, part, batch).scores[DEMAND, "all", "all"].false_alarms <= most


def test_there_are_enough_articles() -> None:
    """447 that were looked at, and 313 that were only counted."""
    parts = [("english", part, batch) for batch in (1, 2, 3) for part in ("dev", "held")]
    parts += [("arabic", "dev", 1), ("arabic", "dev", 2), ("arabic", "held", 1)]
    counts = [len(lines_of(f"{language}-news.jsonl", part=part, batch=batch)) for language, part, batch in parts]
    assert counts == [80, 80, 90, 40, 124, 123, 43, 110, 70]


@pytest.mark.parametrize(
    ("rule", "language", "part", "least"),
    [
        (DEMAND, "ar", "dev", 0.97),
        (DEMAND, "ar", "read", 0.92),
        (DEMAND, "en", "dev", 0.93),
        (DEMAND, "en", "read", 0.92),
        (IDLIB, "ar", "dev", 0.97),
        (IDLIB, "ar", "read", 0.97),
        (IDLIB, "en", "dev", 0.97),
        (IDLIB, "en", "read", 0.93),
        (DEMAND, "ar", "second", 0.91),
        (DEMAND, "ar", "second-held", 0.91),
        (DEMAND, "en", "second", 0.89),
        (DEMAND, "en", "second-held", 0.93),
        (IDLIB, "ar", "second", 0.88),
        (IDLIB, "ar", "second-held", 0.98),
        (IDLIB, "en", "second", 0.87),
        (IDLIB, "en", "second-held", 0.94),
    ],
)
def test_the_rules_keep_their_f1_on_real_reports_retold(rule: str, language: str, part: str, least: float) -> None:
    """By language and part; `read` was only counted until 2026-11-29, when it stood at .77 and .83.

    `second-held` never was read, and says best what to expect.
    """
    f1 = measured(RETOLD, part=part).scores[rule, "language", language].f1
    print(f"\n{rule} {language} {part}: F1 {f1 or 0:.3f}")  # noqa: T201  # the figure
    assert f1 is not None
    assert f1 >= least


@pytest.mark.parametrize(
    ("part", "slot", "least"),
    [
        ("read", "who", 0.8),
        ("read", "whose", 0.86),
        ("read", "where", 0.74),
        ("second-held", "who", 0.78),
        ("second-held", "whose", 0.91),
        ("second-held", "where", 0.8),
    ],
)
def test_slots_of_retold_demands_hold_the_words_that_they_should(part: str, slot: str, least: float) -> None:
    """On reports that were read last, and on those that never were, where the rule fires."""
    recall = measured(RETOLD, part=part).slot_scores[DEMAND, slot].recall
    print(f"\n{part}: {slot} {recall or 0:.3f}")  # noqa: T201  # the figure
    assert recall is not None
    assert recall >= least


@pytest.mark.parametrize(
    ("part", "recall", "who", "whose", "where"),
    [
        ("latest-held", 0.92, 0.82, 0.92, 0.88),
        ("newest-held", 0.94, 0.78, 0.86, 0.83),
        ("added-held", 0.9, 0.7, 0.8, 0.88),
    ],
)
def test_demands_as_several_outlets_told_them_are_found(  # what is known of each part
    part: str, *, recall: float, who: float, whose: float, where: float
) -> None:
    """All are demands; of these parts nobody has read `latest-held` and `added-held`."""
    evaluation = measured(INCIDENTS, part=part, rule=DEMAND)
    found = [evaluation.scores[DEMAND, "all", "all"].recall]
    found += [evaluation.slot_scores[DEMAND, slot].recall for slot in ("who", "whose", "where")]
    print(f"\n{part}: recall, who, whose, where {[round(one or 0, 3) for one in found]}")  # noqa: T201  # the figures
    for one, least in zip(found, (recall, who, whose, where), strict=True):
        assert one is not None
        assert one >= least
