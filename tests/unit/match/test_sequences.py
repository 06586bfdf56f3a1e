"""Rules that speak after others: what lint says of them, and what an article counts for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from streams.errors import RuleError
from streams.match.engine import Engine
from streams.match.match_agent import match_articles
from streams.match.rulebook import load_rulebook
from streams.messages import Article
from tests.unit.match.building import rule_data, write_rules

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHERE = {"slots": {"where": {"phrase": "Saraqib"}}}


def folder_of(tmp_path: Path, *, after: Any, **strike: Any) -> Path:
    """A rule on strikes, and one on truces that speaks after it."""
    truce = rule_data("truce", id="truce", alert={"repeat_after": "12h", "after": after}, **WHERE)
    struck = rule_data("struck", id="strike", **{**WHERE, **strike})
    return write_rules(tmp_path / "rules", {"truce.yaml": truce, "strike.yaml": struck})


def test_an_article_counts_for_the_rules_that_speak_after_its_own(tmp_path: Path) -> None:
    """As a step of theirs, with their title and severity, and the words and places of its own."""
    after = {"rules": ["strike"], "within": "2d", "by": "where"}
    engine = Engine(load_rulebook(folder_of(tmp_path, after=after)))
    texts = ("Saraqib was struck.", "A truce in Saraqib.", "A truce after Saraqib was struck.")
    articles = [Article(id=text, title="", source="s", text=text, seen_at=NOON) for text in texts]
    found = [match.rules for match in match_articles(engine, articles) if match]
    told = [[(rule.rule, rule.window.step if rule.window else None, rule.is_step) for rule in rules] for rules in found]
    struck, step, truce = ("strike", None, False), ("truce", 0, True), ("truce", 1, False)
    assert told == [[struck, step], [truce], [struck, truce, step]]
    assert found[0][1].slots == {"where": ("Saraqib",)}
    assert {rules[-1].event for rules in found} == {""}
    assert found[0][1].window is not None
    assert (found[0][1].window.at_least, found[0][1].title) == (2, engine.rules[1].file.title)


@pytest.mark.parametrize(
    ("after", "strike", "said"),
    [
        ({"rules": ["stroke"], "within": "2d"}, {}, "unknown rule 'stroke' (did you mean 'strike'?)"),
        ({"rules": ["truce"], "within": "2d"}, {}, "the rule comes after itself"),
        ({"rules": ["strike"], "within": "2d"}, {"status": "off"}, "the rule 'strike' is off"),
        ({"rules": ["strike"], "within": "2d", "by": "where"}, {"slots": {}}, "the rule 'strike' has no slot 'where'"),
        ({"rules": ["strike"], "within": "2d", "by": "who"}, {}, "unknown slot 'who'"),
        ({"rules": [], "within": "2d"}, {}, "write at least 1 here"),
        ({"rules": ["strike"], "within": "40d"}, {}, "30d at most"),
    ],
)
def test_a_sequence_that_cannot_be_is_an_error(tmp_path: Path, after: Any, strike: Any, said: str) -> None:
    """At its place, in words that say what to do."""
    with pytest.raises(RuleError) as caught:
        load_rulebook(folder_of(tmp_path, after=after, **strike))
    assert any(said in str(problem) for problem in caught.value.problems), caught.value.problems
