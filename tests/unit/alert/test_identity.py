"""Identities never change from one release to the next: they key what is in Redis and in Slack."""

from __future__ import annotations

from datetime import timedelta

from streams.alerts import alert_id, notice_id, notification_id
from tests.support.alerting import NOON


def test_recorded_values_stand() -> None:
    """The ids that the first release gave; a change needs a new version prefix."""
    assert alert_id("troop-withdrawal-demand", "s1:abc") == "a1:3c12439d4013c3e6098a9fc13eb4b1aa"
    assert notification_id("a1:x", "desk", 1) == "n1:83d09b48994317940975943234622866"
    assert notice_id("cause", "ops", NOON) == "n1:ac2a097ff1f3e79109ed0fdeadd931dd"


def test_parts_do_not_run_together() -> None:
    """Moving a character from one part to the next gives another id."""
    assert alert_id("ab", "c") != alert_id("a", "bc")
    assert notification_id("a", "b1", 1) != notification_id("a", "b", 11)


def test_a_notice_is_new_each_hour() -> None:
    """The same within the hour, another in the next, another for another cause or receiver."""
    same = notice_id("c", "ops", NOON)
    assert notice_id("c", "ops", NOON + timedelta(minutes=59)) == same
    others = [notice_id("c", "ops", NOON + timedelta(hours=1)), notice_id("d", "ops", NOON), notice_id("c", "x", NOON)]
    assert same not in others
