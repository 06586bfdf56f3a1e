"""No text makes matching cost more a character as it grows."""

from __future__ import annotations

import time

import pytest

from streams.match.engine import Engine
from streams.match.rulebook import load_rulebook, shipped_rules_dir

ENGINE = Engine(load_rulebook(shipped_rules_dir()))


def _seconds_a_letter(text: str) -> float:
    spent = []
    for _ in range(3):
        begun = time.process_time()
        ENGINE.match("", text)
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
        "a.b ",
    ],
)
def test_cost_grows_no_faster_than_the_text(unit: str) -> None:
    """Ten times the text costs at most ten times as much, with room for a busy machine."""
    short, long = (unit * 5000)[:3000], (unit * 50_000)[:30_000]
    assert _seconds_a_letter(long) < 4 * _seconds_a_letter(short) + 1e-6
