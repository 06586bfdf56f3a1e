"""The rule on Idlib reads sentences of our own right: what happens there, and what only names it.

The sentences are in tests/data/idlib-*.jsonl, each with the frame in which it is said. Those with an even number were
not looked at while the rule was written. The bounds are what each half reached on 2026-11-25, less one sentence.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from streams.match.engine import Engine
from streams.match.rulebook import load_rulebook, shipped_rules_dir
from tests.unit.match.building import DATA

RULE = "escalation-idlib"


@cache
def _sentences(language: str) -> tuple[dict[str, Any], ...]:
    lines = (DATA / f"idlib-{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


@cache
def _filled(language: str) -> dict[str, tuple[str, ...] | None]:
    """By sentence the words of `where`, None where the rule does not fire."""
    engine = Engine(load_rulebook(shipped_rules_dir()))
    found = {}
    for one in _sentences(language):
        matches = {match.rule: match for match in engine.match(one["title"], one["text"])}
        found[one["id"]] = matches[RULE].slots["where"] if RULE in matches else None
    return found


@pytest.mark.parametrize(
    ("language", "half", "misses", "false_alarms"),
    [("ar", 1, 15, 2), ("ar", 0, 12, 6), ("en", 1, 4, 1), ("en", 0, 7, 7)],
)
def test_errors_on_sentences_of_our_own_do_not_grow(language: str, half: int, misses: int, false_alarms: int) -> None:
    """Frames that report violence in Idlib fire; origins, talks, prospects, the past and other places are silent."""
    missed, alarmed = [], []
    for one in _sentences(language):
        if int(one["id"][-3:]) % 2 != half:
            continue
        fires, should = _filled(language)[one["id"]] is not None, one["labels"][RULE] == "yes"
        if should and not fires:
            missed.append(f"{one['frame']}: {one['id']}")
        if fires and not should:
            alarmed.append(f"{one['frame']}: {one['id']}")
    assert len(missed) <= misses, missed
    assert len(alarmed) <= false_alarms, alarmed


@pytest.mark.parametrize("language", ["ar", "en"])
def test_where_holds_the_place_of_the_violence(language: str) -> None:
    """Of the sentences that fire rightly, at most two in a hundred fill `where` without a word of the right place."""
    wrong = []
    for one in _sentences(language):
        found, wanted = _filled(language)[one["id"]], one.get("slots", {}).get(RULE, {}).get("where", [])
        if found is not None and wanted and not any(place in value for place in wanted for value in found):
            wrong.append(one["id"])
    assert len(wrong) <= len(_sentences(language)) // 50, wrong


def test_there_are_enough_sentences_in_every_language() -> None:
    """At least 250 in each, of which at least a third is silent."""
    for language in ("ar", "en"):
        labels = [one["labels"][RULE] for one in _sentences(language)]
        assert len(labels) >= 250
        assert labels.count("no") * 3 >= len(labels)
