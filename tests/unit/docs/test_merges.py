"""Pages at whose top several people write, and which merge by union, say everything once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("page", "entry"),
    [("streams/README.md", r"^\*\*(\d{4}-\d\d-\d\d · .+?)\*\*"), ("CHANGELOG.md", r"^- ([^\n]+(?:\n  [^\n]+)*)")],
)
def test_a_merge_left_two_wordings_of_one_decision(page: str, entry: str) -> None:
    """Under its title no decision, and in its words no change, stands twice."""
    told = Counter(re.findall(entry, (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
    assert len(told) > 50
    assert [one for one, count in told.items() if count > 1] == []


def test_a_merge_left_decisions_among_those_of_other_days() -> None:
    """They stand newest first, as the page says."""
    page = (ROOT / "streams/README.md").read_text(encoding="utf-8")
    days = re.findall(r"^\*\*(\d{4}-\d\d-\d\d) · ", page, re.MULTILINE)
    assert days == sorted(days, reverse=True)
