from datetime import UTC, datetime, timedelta

from streams.ingest import schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERY = timedelta(minutes=10)
DAY = timedelta(days=1)


def test_a_source_that_works_is_polled_every_interval() -> None:
    """Also one whose interval is longer than a day."""
    assert schedule.next_poll(NOW, EVERY) == NOW + EVERY
    assert schedule.next_poll(NOW, 3 * DAY, weight=16) == NOW + 3 * DAY


def test_a_source_that_fails_is_polled_less_and_less_but_daily_for_ever() -> None:
    """Hard failures take half as many polls as soft ones to get there."""
    hard, soft, hard_waits, soft_waits = 0.0, 0.0, [], []
    for _ in range(40):
        hard, soft = schedule.heavier(hard, permanent=True), schedule.heavier(soft, permanent=False)
        hard_waits.append(schedule.next_poll(NOW, EVERY, weight=hard) - NOW)
        soft_waits.append(schedule.next_poll(NOW, EVERY, weight=soft) - NOW)
    assert hard_waits[:4] == [EVERY, 2 * EVERY, 4 * EVERY, 8 * EVERY]
    assert soft_waits[:6] == [EVERY, EVERY, EVERY, 2 * EVERY, 2 * EVERY, 4 * EVERY]
    assert hard_waits[-1] == soft_waits[-1] == DAY


def test_retry_after_is_honoured_up_to_a_day() -> None:
    """Where it asks for less than we would wait anyway, nothing changes."""
    assert schedule.next_poll(NOW, EVERY, retry_after=timedelta(hours=2)) == NOW + timedelta(hours=2)
    assert schedule.next_poll(NOW, EVERY, retry_after=10 * DAY) == NOW + DAY
    assert schedule.next_poll(NOW, EVERY, retry_after=timedelta(seconds=1)) == NOW + EVERY


def test_a_page_is_tried_five_times_within_a_day() -> None:
    """Then it is given up."""
    waits = [schedule.retry_page(NOW, tries=tries) for tries in range(1, 6)]
    assert waits[-1] is None
    assert sum((wait - NOW for wait in waits if wait), timedelta()) < DAY
    assert schedule.retry_page(NOW, tries=1, retry_after=timedelta(hours=3)) == NOW + timedelta(hours=3)


def test_a_host_that_says_too_many_requests_is_left_alone_longer() -> None:
    """Half a minute, or as long as it asks."""
    assert schedule.host_free_at(NOW, timedelta(seconds=5)) == NOW + timedelta(seconds=5)
    assert schedule.host_free_at(NOW, timedelta(seconds=5), rate_limited=True) == NOW + timedelta(seconds=30)
    asked = schedule.host_free_at(NOW, timedelta(seconds=5), rate_limited=True, retry_after=timedelta(minutes=2))
    assert asked == NOW + timedelta(minutes=2)
