"""The rule on ceasefires in Syria tells truces that happen from those that are wished for."""

from __future__ import annotations

import json

from tests.support.shipped import shipped_engine
from tests.unit.match.building import DATA

RULE = "ceasefire-syria"


def test_sentences_about_truces_are_read_right() -> None:
    """Begun, extended, broken and ended ones fire; calls, hopes, talks, refusals and other countries' are silent."""
    engine = shipped_engine()
    wrong = []
    for line in (DATA / "ceasefire.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        fires = any(match.rule == RULE for match in engine.match(one["title"], one["text"]))
        if fires != (one["labels"][RULE] == "yes"):
            wrong.append(one["id"])
    assert wrong == []
