"""Where a source stands after a poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams.ingest import polling
from streams.ingest.answers import Fetched, NotModified
from streams.ingest.causes import FetchCause, failure
from streams.ingest.polling import News
from streams.sections import SourceSettings
from streams.stores.sources import SourceState

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FEED = "http://a.example/feed"
SOURCE = SourceSettings.model_validate({"name": "A", "feed": FEED, "every": "10m"})
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def _failed(cause: FetchCause, state: SourceState, now: datetime = NOW) -> polling.Poll:
    return polling.failed(SOURCE, state, failure(cause, "fails", url=FEED), now)


def test_a_source_that_moved_for_good_is_asked_at_its_new_address() -> None:
    """It is said once; where the new address fails for good, the configured one is asked again."""
    moved = polling.succeeded(
        SOURCE, SourceState(), Fetched(b"", "http://b.example/", moved_to="http://b.example/"), NOW
    )
    again = polling.succeeded(SOURCE, moved.state, Fetched(b"", "http://b.example/"), NOW)
    assert (moved.news, again.news) == ((News.MOVED,), ())
    assert polling.address_of(SOURCE, again.state) == "http://b.example/"
    assert polling.address_of(SOURCE, _failed(FetchCause.SERVER_ERROR, again.state).state) == "http://b.example/"
    assert polling.address_of(SOURCE, _failed(FetchCause.NOT_FOUND, again.state).state) == FEED


def test_a_feed_that_its_publisher_ended_is_retired_and_asked_once_a_week() -> None:
    """It is said once, and so is its return."""
    first = _failed(FetchCause.GONE, SourceState(polled=True))
    second = _failed(FetchCause.GONE, first.state, NOW + 7 * DAY)
    back = polling.succeeded(SOURCE, second.state, NotModified(FEED), NOW + 14 * DAY)
    assert (first.news, second.news, back.news) == ((News.RETIRED,), (), (News.RETURNED,))
    assert second.state.next_poll == NOW + 14 * DAY
    assert (back.state.retired, back.state.next_poll) == (None, NOW + 14 * DAY + 10 * MINUTE)


def test_a_source_that_fails_for_a_month_is_retired() -> None:
    """Whatever the cause; before, it is asked once a day at least."""
    state, now, said = SourceState(polled=True, moved_to="http://b.example/"), NOW, []
    while now < NOW + 60 * DAY:
        poll = _failed(FetchCause.UNRESOLVED, state, now)
        assert poll.state.next_poll is not None
        assert timedelta() < poll.state.next_poll - now <= (7 if poll.state.retired else 1) * DAY
        said += [(news, (now - NOW).days) for news in poll.news]
        state, now = poll.state, poll.state.next_poll
    assert said == [(News.FAILED, 0), (News.RETIRED, 30)]
    assert polling.address_of(SOURCE, state) == FEED, "the address that it moved to may be what is dead"


def test_a_source_that_failed_before_it_was_paused_was_retired_at_its_first_failure() -> None:
    """As if it had failed for all the weeks in which nobody asked it."""
    failing = _failed(FetchCause.TIMEOUT, SourceState(polled=True))
    again = _failed(FetchCause.TIMEOUT, failing.state, NOW + 40 * DAY)
    assert (again.state.retired, again.state.failing_since) == (None, NOW + 40 * DAY)


def test_each_new_cause_is_said_once() -> None:
    """And the recovery."""
    one = _failed(FetchCause.TIMEOUT, SourceState())
    two = _failed(FetchCause.TIMEOUT, one.state)
    three = _failed(FetchCause.NOT_FOUND, two.state)
    back = polling.succeeded(SOURCE, three.state, NotModified(FEED), NOW)
    assert [poll.news for poll in (one, two, three, back)] == [
        (News.FAILED,),
        (),
        (News.FAILED,),
        (News.RECOVERED,),
    ]


@pytest.mark.parametrize(("new", "wait"), [(12, 10 * MINUTE), (0, 30 * MINUTE)])
def test_a_feed_that_was_mostly_new_is_polled_soon(new: int, wait: timedelta) -> None:
    """Entries may fall out of it before they are seen; else it is polled when an article is to be expected."""
    state = SourceState(polled=True, entries=20, polled_at=NOW - MINUTE, hours=(2.0,) * 24, days=(2.0,) * 7)
    after = polling.paced(SOURCE, state, new=new, first=False, now=NOW)
    assert after.next_poll is not None
    assert abs(after.next_poll - NOW - wait) < MINUTE


def test_the_archive_of_a_new_source_says_by_its_dates_alone_how_fast_it_is() -> None:
    """Its first poll finds months of articles."""
    after = polling.paced(SOURCE, SourceState(entries=500), new=500, first=True, now=NOW)
    dated = polling.paced(
        SOURCE, SourceState(), new=500, first=True, now=NOW, dates=[NOW - DAY * n for n in range(500)]
    )
    waits = [state.next_poll - NOW for state in (after, dated) if state.next_poll]
    assert [round(wait / MINUTE) for wait in waits] == [24, 60]


@pytest.mark.parametrize(("daily", "most", "least"), [(1, 30, 20), (48, 65, 40)])
def test_a_new_source_is_asked_on_its_first_day_by_what_it_brings(daily: int, most: int, least: int) -> None:
    """Of undated articles, between 10 minutes and an hour: hourly where there is little, else twice as often."""
    state, now, polls = SourceState(polled=True, entries=25), NOW, 0
    while now < NOW + DAY:
        new = int((now - NOW) * daily / DAY) - int(((state.polled_at or NOW) - NOW) * daily / DAY)
        state = polling.paced(SOURCE, state, new=new, first=not polls, now=now)
        assert state.next_poll is not None
        now, polls = state.next_poll, polls + 1
    assert least <= polls <= most


def test_what_is_kept_of_a_source_is_small() -> None:
    """Its rates to a thousandth, packed; as figures they are read, too."""
    state, now = SourceState(url=FEED, etag='"x"' * 20, last_modified="x" * 30, polled=True), NOW
    for number in range(200):
        state = polling.paced(SOURCE, state, new=number % 7, first=not number, now=now)
        now += timedelta(hours=3)
    kept = state.model_dump_json(exclude_defaults=True)
    assert len(kept) < 700
    assert SourceState.model_validate_json(kept) == state
    assert SourceState.model_validate({"hours": [1.5] * 24}).hours == (1.5,) * 24


def _etag(state: SourceState, after: timedelta) -> str | None:
    return polling.conditions(SOURCE, state, NOW + after)[0]


def test_a_server_that_answers_304_for_ever_is_seen_through() -> None:
    """Then its ETag counts no more; where it changed with the feed, the feed is fetched once a day all the same."""
    state = polling.paced(SOURCE, SourceState(etag='"1"', whole_at=NOW), new=9, first=True, now=NOW)
    later = NOW + DAY
    stuck = polling.succeeded(SOURCE, state, Fetched(b"new", FEED, etag='"1"'), later, changed=True).state
    assert (stuck.unchanging, stuck.proven, stuck.whole_at) == (True, False, later)
    assert polling.conditions(SOURCE, stuck, later) == (None, None)
    sound = polling.succeeded(SOURCE, state, Fetched(b"new", FEED, etag='"2"'), later, changed=True).state
    assert (sound.unchanging, sound.proven) == (False, True)
    proven = sound.model_copy(update={"whole_at": NOW, "polled_at": NOW})
    assert [_etag(proven, hours * DAY / 24) for hours in (1, 23, 24)] == ['"2"', '"2"', None]


def test_a_feed_whose_articles_are_overdue_is_seen_sooner() -> None:
    """After an hour: where more of them are due than are ever late, or half of what it holds."""
    rates = {"usual_hours": (6.0,) * 24, "usual_days": (6.0,) * 7, "new_at": NOW, "polled_at": NOW}
    busy = SourceState(etag='"1"', whole_at=NOW, proven=True, entries=10, **rates)
    assert [_etag(busy, minutes * MINUTE) for minutes in (25, 59, 60)] == ['"1"', '"1"', None]
    late = busy.model_copy(update={"longest_gap": 30.0})
    assert (_etag(late, 60 * MINUTE), _etag(late.model_copy(update={"entries": 100}), 60 * MINUTE)) == (None, '"1"')


@pytest.mark.parametrize(
    ("known_for", "rate", "seen", "polled", "asked"),
    [
        (DAY / 2, 0.1, 40 * MINUTE, 10 * MINUTE, '"1"'),
        (DAY / 2, 0.1, 55 * MINUTE, 10 * MINUTE, None),  # the hour of the longest interval is over before the next poll
        (DAY / 2, 6.0, 40 * MINUTE, 10 * MINUTE, '"1"'),
        (DAY / 2, 6.0, 45 * MINUTE, 10 * MINUTE, None),  # five of ten entries are replaced then
        (2 * DAY, 0.1, 4 * 60 * MINUTE, 60 * MINUTE, '"1"'),
        (2 * DAY, 0.1, 6 * 60 * MINUTE, 60 * MINUTE, None),
    ],
)
def test_a_feed_is_seen_until_its_etag_has_shown_that_it_changes(
    known_for: timedelta, rate: float, seen: timedelta, polled: timedelta, asked: str | None
) -> None:
    """On its first day within the longest interval; a feed that has nothing new for a day within hours."""
    state = SourceState(
        etag='"1"',
        known_since=NOW - known_for,
        hours=(rate,) * 24,
        days=(rate,) * 7,
        entries=10,
        whole_at=NOW - seen,
        polled_at=NOW - polled,
    )
    assert _etag(state, timedelta()) == asked


def test_a_clock_that_was_ahead_kept_a_source_from_being_polled_for_years() -> None:
    """A wait that is longer than any is none; a day more is left to the clocks of other workers."""
    for ahead, is_due in ((DAY, False), (30 * DAY, True)):
        state = SourceState(polled=True, next_poll=NOW + ahead)
        assert (polling.due(SOURCE, state, NOW) is None) == is_due
    retired = SourceState(retired=NOW - 30 * DAY, next_poll=NOW + 7 * DAY)
    assert polling.due(SOURCE, retired, NOW) == retired.next_poll


def test_after_a_clock_was_ahead_a_silence_was_never_noticed() -> None:
    """The longest gap grew as it is forgotten, backwards; and the whole feed was asked for no more."""
    rates = {"hours": (1.0,) * 24, "days": (1.0,) * 7, "usual_hours": (1.0,) * 24, "usual_days": (1.0,) * 7}
    later = NOW + 1000 * DAY
    state = SourceState(known_since=NOW - 90 * DAY, polled_at=later, new_at=later, longest_gap=2.0, comings=90, **rates)
    after = polling.paced(SOURCE, state, new=1, first=False, now=NOW)
    assert after.longest_gap <= 2.0
    whole = SourceState(etag='"1"', whole_at=later, polled_at=later, proven=True)
    assert polling.conditions(SOURCE, whole, NOW) == (None, None)
