"""The two packs keep what they reached on English news whose authors had seen no rule.

The articles are in tests/data/english-news.jsonl: the rules were mended by those of the part `dev`, and those of `held`
were only counted. The bounds are what each part reached on 2026-11-28, a little less.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from streams.errors import InputError
from streams.match.engine import Engine
from streams.match.evaluation import Evaluation, read_labelled
from streams.match.rulebook import load_rulebook, shipped_rules_dir

ARTICLES = Path(__file__).parents[2] / "data" / "english-news.jsonl"
DEMAND, IDLIB = "troop-withdrawal-demand", "escalation-idlib"


def _lines(part: str, batch: int) -> list[bytes]:
    lines = ARTICLES.read_bytes().splitlines()
    return [line for line in lines if (one := json.loads(line))["part"] == part and one["batch"] == batch]


@cache
def _shipped() -> Engine:
    return Engine(load_rulebook(shipped_rules_dir()))


@cache
def _evaluated(part: str, batch: int) -> Evaluation:
    evaluation = Evaluation(_shipped())
    for item in read_labelled(_lines(part, batch), file=part):
        assert not isinstance(item, InputError)
        evaluation.take(item)
    return evaluation


@pytest.mark.parametrize(
    ("rule", "part", "batch", "least"),
    [
        (DEMAND, "dev", 1, 0.90),
        (DEMAND, "dev", 2, 0.94),
        (DEMAND, "held", 1, 0.66),
        (DEMAND, "held", 2, 0.62),
        (IDLIB, "dev", 1, 0.90),
        (IDLIB, "held", 1, 0.93),
    ],
)
def test_the_rules_keep_their_f1(rule: str, part: str, batch: int, least: float) -> None:
    """By part and batch; the figures are those of rules/README.md."""
    f1 = _evaluated(part, batch).scores[rule, "all", "all"].f1
    assert f1 is not None
    assert f1 >= least


@pytest.mark.parametrize(("part", "batch"), [("dev", 1), ("dev", 2), ("held", 1), ("held", 2)])
def test_at_most_one_article_in_a_part_is_a_false_alarm_of_a_demand(part: str, batch: int) -> None:
    """Reports of withdrawals that happen, of talks, contests and expelled diplomats are silent."""
    assert _evaluated(part, batch).scores[DEMAND, "all", "all"].false_alarms <= 1


def test_there_are_enough_articles() -> None:
    """170 that were looked at, and 120 that were only counted."""
    assert [len(_lines(part, batch)) for part in ("dev", "held") for batch in (1, 2)] == [80, 90, 80, 40]
