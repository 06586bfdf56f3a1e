"""What a robots.txt in an odd form allows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from streams.ingest.robots import read_robots

AGENT = "marsad/0.1 (+https://desk.example)"


@pytest.mark.parametrize("name", ["marsad", "Marsad", "Marsad/2.0", "MARSAD/0.1 (news)"])
def test_a_group_named_for_us_with_a_version_was_not_ours(name: str) -> None:
    """The product alone counts."""
    rules = read_robots(f"User-agent: {name}\nDisallow: /\n\nUser-agent: *\nAllow: /\n", AGENT)
    assert not rules.allow("https://a.example/1")


@pytest.mark.parametrize("delay", ["nan", "inf", "-5", "1e400", "soon", ""])
def test_a_pause_that_is_none_is_none(delay: str) -> None:
    """And what stands beside it holds."""
    rules = read_robots(f"User-agent: *\nCrawl-delay: {delay}\nDisallow: /خاص/\n", AGENT)
    assert rules.delay == timedelta()
    assert not rules.allow("https://a.example/%D8%AE%D8%A7%D8%B5/1")


def test_rules_between_carriage_returns_were_lost_behind_a_version() -> None:
    """A line ends with CR, LF or both (RFC 9309, 2.2)."""
    rules = read_robots("User-agent: otherbot/2.0\rAllow: /\r\rUser-agent: *\rDisallow: /\r", AGENT)
    assert not rules.allow("https://a.example/1")
