"""What is wrong with a source, judged by its own past."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from streams.ingest import polling
from streams.ingest.health import Change, Trouble, change, findings
from streams.sections import SourceSettings
from streams.stores.source_books import EndLine
from streams.stores.sources import SourceState

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GOOD = EndLine("published", 3_000, dated=True)


def _state(rate: float = 1.0, *, silent: timedelta = HOUR, **fields: object) -> SourceState:
    """A source that has long published so many articles an hour, the last so long ago."""
    values = {
        "polled": True,
        "known_since": NOW - 60 * DAY,
        "new_at": NOW - silent,
        "usual_hours": (rate,) * 24,
        "usual_days": (rate,) * 7,
        "comings": 10_000,
    }
    return SourceState.model_validate({**values, **fields})


def _troubles(state: SourceState, *ends: EndLine) -> list[Trouble]:
    return [finding.trouble for finding in findings(state, ends, NOW)]


@pytest.mark.parametrize(
    ("rate", "silent", "told"),
    [
        (10.0, 5 * HOUR, False),  # too short to say
        (2.0, 7 * HOUR, True),
        (1.0, 13 * HOUR, False),
        (1.0, 15 * HOUR, True),
        (1 / 24, 15 * DAY, False),
        (1 / 24, 17 * DAY, True),  # which a rate that forgets in four days would never tell
    ],
)
def test_silence_is_told_when_twelve_articles_were_surely_due(rate: float, silent: timedelta, told: bool) -> None:  # noqa: FBT001  # the expectation
    """Whatever the source's pace."""
    assert _troubles(_state(rate, silent=silent)) == ([Trouble.SILENT] if told else [])


def test_a_poll_that_fails_does_not_end_a_silence() -> None:
    """Nor does the silence begin anew when it answers again and has nothing to say."""
    state = _state(silent=13 * HOUR, said=("silent",), problem="server_error", failing_since=NOW)
    found = _troubles(state)
    assert change(state, found) == Change(frozenset(), frozenset(), frozenset({"silent"}))


def test_a_source_that_is_retired_is_not_said_to_fail_no_longer() -> None:
    """It fails so much that it is given up; when it answers again, that is told once."""
    state = _state(said=("failing",), problem="gone", failing_since=NOW - 31 * DAY, retired=NOW)
    assert change(state, _troubles(state)) == Change(frozenset({"retired"}), frozenset(), frozenset({"retired"}))
    back = _state(said=("retired",))
    assert change(back, _troubles(back)) == Change(frozenset(), frozenset({"retired"}), frozenset())


def test_a_source_that_was_retired_and_fails_at_another_address_has_not_recovered() -> None:
    """Nor is it told to fail: that was said."""
    state = _state(said=("retired",), problem="not_found", failing_since=NOW - DAY)
    assert change(state, _troubles(state)) == Change(frozenset(), frozenset(), frozenset({"retired"}))


def test_a_quiet_weekend_is_no_silence() -> None:
    """Of a source that never publishes then."""
    days = (2.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0)
    monday = datetime(2026, 3, 2, 0, tzinfo=UTC)
    state = _state(1.0, new_at=monday - 50 * HOUR, usual_days=days)
    assert findings(state, (), monday) == ()


def test_rates_learnt_from_little_tell_a_silence_later() -> None:
    """Twenty articles may well have come faster than usual by chance."""
    assert _troubles(_state(0.1, silent=9 * DAY, comings=10_000)) == [Trouble.SILENT]
    assert _troubles(_state(0.1, silent=9 * DAY, comings=20)) == [Trouble.SILENT]
    assert _troubles(_state(0.1, silent=6 * DAY, comings=10_000)) == [Trouble.SILENT]
    assert _troubles(_state(0.1, silent=6 * DAY, comings=20)) == []


def test_a_source_that_was_never_seen_over_a_weekend_may_have_one() -> None:
    """Within its first week."""
    week = {"known_since": NOW - 6 * DAY, "comings": 100}
    assert _troubles(_state(1.0, silent=2.5 * DAY, **week)) == []
    assert _troubles(_state(1.0, silent=3 * DAY, **week)) == [Trouble.SILENT]


def test_a_new_source_is_not_silent() -> None:
    """Its tempo is a guess."""
    assert _troubles(_state(6.0, silent=2 * DAY, known_since=NOW - 2 * DAY)) == []


def test_failures_are_told_after_hours_and_the_end_at_once() -> None:
    """A name server that is away for an hour is nobody's business."""
    soon, late = NOW - 2 * HOUR, NOW - 7 * HOUR
    assert _troubles(_state(problem="timeout", failing_since=soon)) == []
    assert _troubles(_state(problem="timeout", failing_since=late)) == [Trouble.FAILING]
    assert _troubles(_state(problem="gone", failing_since=soon, retired=NOW)) == [Trouble.RETIRED]


@pytest.mark.parametrize(
    ("recent", "trouble"),
    [
        ([EndLine("login_wall")] * 9 + [GOOD], Trouble.UNREADABLE),
        ([EndLine("feed_text/front_page", 300, dated=True)] * 10, Trouble.REDIRECTED),
        ([EndLine("front_page")] * 5 + [EndLine("login_wall")] * 5, Trouble.UNREADABLE),
        ([EndLine("duplicate")] * 20, Trouble.DUPLICATES),
        ([EndLine("duplicate")] * 19 + [GOOD], None),
        ([EndLine("overtaken")] * 25, None),
        ([EndLine("overtaken")] * 5 + [EndLine("duplicate")] * 20, Trouble.DUPLICATES),
        ([EndLine("duplicate")] * 9 + [EndLine("login_wall")] * 9 + [GOOD], Trouble.UNREADABLE),
        ([EndLine("login_wall")] * 5 + [GOOD] * 5, None),
        ([EndLine("published", 500, dated=True)] * 10, Trouble.SHORT),
        ([EndLine("published", 2_000, dated=True)] * 10, None),
        ([EndLine("published", 3_000)] * 10, Trouble.UNDATED),
        ([EndLine("published", 3_000)] * 9 + [GOOD], None),
    ],
)
def test_what_its_last_articles_show(recent: list[EndLine], trouble: Trouble | None) -> None:
    """Against those before them."""
    assert _troubles(_state(), *recent, *[GOOD] * 20) == ([trouble] if trouble else [])


@pytest.mark.parametrize(("duplicates", "told"), [(19, True), (11, True), (10, False)])
def test_duplicates_are_over_when_half_of_the_articles_are_its_own(duplicates: int, told: bool) -> None:  # noqa: FBT001  # the expectation
    """Not with the first."""
    ends = [EndLine("duplicate")] * duplicates + [GOOD] * 20
    assert _troubles(_state(said=("duplicates",)), *ends) == ([Trouble.DUPLICATES] if told else [])


def test_duplicates_are_not_over_because_others_overtook_the_rest() -> None:
    """Of thirty ends that are kept eleven were overtaken; all others are duplicates, and it says how many."""
    ends = [EndLine("overtaken")] * 11 + [EndLine("duplicate")] * 19
    (found,) = findings(_state(said=("duplicates",)), ends, NOW)
    assert found.trouble is Trouble.DUPLICATES
    assert "19 of the last 19 articles" in found.text
    assert _troubles(_state(), *ends) == []


def test_duplicates_among_its_own_are_not_said_to_be_all() -> None:
    """It was said to bring nothing but duplicates when eleven of twenty were."""
    (found,) = findings(_state(said=("duplicates",)), [EndLine("duplicate")] * 11 + [GOOD] * 19, NOW)
    assert found.text.startswith("brings little but what other sources bring (11 of the last 20 articles)")


def test_a_source_that_comes_in_bursts_is_given_longer() -> None:
    """Twice its own longest gap, counted in articles that were due."""
    assert _troubles(_state(1.0, silent=30 * HOUR, longest_gap=16.0)) == []
    assert _troubles(_state(1.0, silent=33 * HOUR, longest_gap=16.0)) == [Trouble.SILENT]


def test_an_article_that_comes_soon_after_the_first_poll_is_not_the_way_of_a_source() -> None:
    """One that brings about one article a day, the first of them after two hours: four days without are no silence."""
    source = SourceSettings.model_validate({"name": "A", "feed": "http://a.example/", "every": "30m", "slowest": "4h"})
    hours = (2, 10, 33, 35, 38, 51, 55, 56, 58, 72, 83, 106, 131, 139, 172, 177, 215, 236, 338)
    state, now, before = SourceState(polled=True), NOW, None
    while now < NOW + 15 * DAY:
        new = sum(before is not None and before < NOW + hour * HOUR <= now for hour in hours)
        state = polling.paced(source, state, new=new, first=before is None, now=now)
        assert findings(state, (), now) == ()
        before, now = now, now + 4 * HOUR
    assert 1 < sum(state.usual_hours) < 2


@pytest.mark.parametrize(("daily", "burst"), [(1, 1), (4, 1), (16, 1), (40, 1), (16, 3)])
def test_months_of_a_source_raise_hardly_an_alarm_and_its_end_raises_one(daily: int, burst: int) -> None:
    """Made articles with office hours, polled each hour for three months; then nothing."""
    chance = random.Random(daily * burst)  # noqa: S311  # made articles
    source = SourceSettings.model_validate({"name": "A", "feed": "http://a.example/", "every": "1h"})
    times = sorted(
        day + chance.random() * DAY * 0.6
        for day in (NOW + number * DAY for number in range(90))
        for _ in range(sum(chance.random() < daily / burst / 60 for _ in range(60)))
    )
    state, now, alarms = SourceState(polled=True), NOW, 0
    silent = False
    while now < times[-1] + 45 * DAY:
        before, now = now, now + HOUR
        new = burst * sum(before < at <= now for at in times)
        state = polling.paced(source, state, new=new, first=before == NOW, now=now)
        was, silent = silent, bool(findings(state, (), now))
        alarms += silent and not was and now < times[-1]
        if silent and now > times[-1]:
            break
    assert alarms <= (1 if burst == 1 else 4)
    assert now - times[-1] < 40 * DAY / daily * burst + 2 * DAY
