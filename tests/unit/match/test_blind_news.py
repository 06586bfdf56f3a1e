"""The two packs keep what they reached on news whose authors had seen no rule.

The rules were mended by the articles of the part `dev`; those of `held` were only counted. The bounds are what each
part reached on 2026-11-28, a little less.
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

DATA = Path(__file__).parents[2] / "data"
DEMAND, IDLIB = "troop-withdrawal-demand", "escalation-idlib"


def _lines(language: str, part: str, batch: int) -> list[bytes]:
    lines = (DATA / f"{language}-news.jsonl").read_bytes().splitlines()
    return [line for line in lines if (one := json.loads(line))["part"] == part and one["batch"] == batch]


@cache
def _shipped() -> Engine:
    return Engine(load_rulebook(shipped_rules_dir()))


@cache
def _evaluated(language: str, part: str, batch: int) -> Evaluation:
    evaluation = Evaluation(_shipped())
    for item in read_labelled(_lines(language, part, batch), file=part):
        assert not isinstance(item, InputError)
        evaluation.take(item)
    return evaluation


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
    assert [len(_lines(*part)) for part in parts] == [80, 80, 90, 40, 124, 123, 43, 110, 70]
