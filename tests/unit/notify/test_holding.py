"""What waits for a summary, why, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from streams.alerts import HeldBy, Hold
from streams.messages import Severity
from streams.notify.holding import Holding, from_when, hold
from streams.notify.storm import WINDOW, Fresh
from streams.receiver_sections import Digest, QuietHours

NIGHT = QuietHours.model_validate({"from": "22:00", "to": "07:00"})
DAILY = Digest(every="daily")
FRESH = (Fresh("a", Severity.HIGH), Fresh("b", Severity.CRITICAL), Fresh("c", None), Fresh("d", Severity.LOW))


def at(hour: float) -> datetime:
    return datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=hour)


def test_quiet_hours_hold_all_but_what_is_critical_or_cannot_be_read() -> None:
    """Until they end."""
    holding = Holding(storm_limit=20, quiet_hours=(NIGHT,))
    assert hold(holding, FRESH, [], now=at(23)) == Hold(frozenset("ad"), HeldBy.QUIET_HOURS, at(31))


def test_by_day_the_storm_limit_holds() -> None:
    """And where its summary would be told in quiet hours, these."""
    holding = Holding(storm_limit=1, quiet_hours=(NIGHT,))
    assert hold(holding, FRESH, [], now=at(12)) == Hold(frozenset("d"), HeldBy.STORM, at(12) + WINDOW)
    assert hold(holding, FRESH, [], now=at(21.95)) == Hold(frozenset("d"), HeldBy.QUIET_HOURS, at(31))


def test_a_storm_before_quiet_hours_made_two_summaries_at_their_end() -> None:
    """What comes in them goes into the same one."""
    holding = Holding(storm_limit=1, quiet_hours=(NIGHT,))
    before, after = (hold(holding, FRESH, [], now=at(hour)) for hour in (21.95, 22.5))
    assert (before.by, before.until) == (after.by, after.until)


def test_a_digest_holds_everything_that_is_not_critical() -> None:
    """Until its time, or the end of the quiet hours in which that lies."""
    assert hold(Holding(digest=DAILY), FRESH, [], now=at(12)) == Hold(frozenset("ad"), HeldBy.DIGEST, at(32))
    late = QuietHours.model_validate({"from": "22:00", "to": "09:30"})
    assert hold(Holding(digest=DAILY, quiet_hours=(late,)), FRESH, [], now=at(12)).until == at(33.5)


def test_what_a_digest_missed_while_nothing_was_delivered_waited_for_the_next() -> None:
    """Alerts of before eight, with a worker that is back at ten: now, and not tomorrow as those of after eight."""
    for hour, until in ((7.9, 10), (8, 32), (8.1, 32)):
        fresh = [Fresh("a", Severity.HIGH, at(hour)), Fresh("b", Severity.CRITICAL, at(1))]
        assert hold(Holding(digest=DAILY), fresh, [], now=at(10)).until == at(until), hour


def test_times_are_those_of_the_receivers_zone() -> None:
    """Quiet begins at ten in the evening there."""
    holding = Holding(quiet_hours=(NIGHT,), timezone="Asia/Damascus")
    assert hold(holding, FRESH, [], now=at(19)).by is HeldBy.QUIET_HOURS
    assert hold(holding, FRESH, [], now=at(5)).ids == frozenset()


def test_a_receiver_that_asks_for_nothing_is_told_everything() -> None:
    """And need not be asked about."""
    assert hold(Holding(), FRESH, [], now=at(23)).ids == frozenset()
    assert [Holding().asks, Holding(storm_limit=1).asks, Holding(digest=DAILY).asks] == [False, True, True]


def test_what_a_silence_held_back_came_beside_the_digest() -> None:
    """It comes when that does, after quiet hours, and at once where nothing is asked for."""
    late = QuietHours.model_validate({"from": "22:00", "to": "09:30"})
    assert from_when(Holding(digest=DAILY), at(12)) == at(32)
    assert from_when(Holding(digest=DAILY, quiet_hours=(late,)), at(12)) == at(33.5)
    assert from_when(Holding(quiet_hours=(NIGHT,)), at(23)) == at(31)
    assert from_when(Holding(storm_limit=1), at(12)) is None
