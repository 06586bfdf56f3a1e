"""In which order matches were decided, as far as the ends of what was told show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from streams.alerts import NotificationState
from streams.decided_order import Logged, in_order
from streams.deliveries import Delivery

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def logged(article: str, partition: int, offset: int, milliseconds: int) -> Logged:
    """A match of the log, appended so long after NOW."""
    return Logged(NOW + timedelta(milliseconds=milliseconds), partition, offset, article, b"")


def test_the_order_of_a_partition_is_kept() -> None:
    """Clocks of two producers may differ; the alert stage read a partition in its order all the same."""
    matches = [logged("b", 0, 1, 5), logged("a", 0, 0, 10), logged("c", 1, 0, 7)]
    assert [each.article for each in in_order(matches, [])] == ["c", "a", "b"]


def ended(article: str, milliseconds: int, *, number: int = 1) -> Delivery:
    """The end of what was told of an article so long after NOW."""
    at = NOW + timedelta(milliseconds=milliseconds)
    return Delivery(
        id=f"n1:{article}",
        receiver="r",
        alert="a1:1",
        article=article,
        number=number,
        state=NotificationState.SENT,
        added_at=at,
        seen_at=at,
    )


def test_what_was_told_comes_in_the_order_in_which_it_was() -> None:
    """Whatever the log says: partitions are not read at one pace. What was not told comes as late as these may."""
    matches = [logged("a", 0, 0, 1), logged("b", 1, 0, 2), logged("c", 1, 1, 3), logged("d", 2, 0, 2)]
    ordered = in_order(matches, [ended("a", 20), ended("c", 10)])
    assert [each.article for each in ordered] == ["b", "c", "a", "d"]


def test_what_was_not_told_came_after_all_that_was() -> None:
    """Where the alert stage kept up it was decided on before what was logged after it, and counted, say, for that."""
    second = 1000
    matches = [logged("a", 0, 0, 0), logged("b", 1, 0, second), logged("c", 0, 1, 2 * second), logged("d", 2, 0, 9)]
    ordered = in_order(matches, [ended("a", 5), ended("c", 2 * second + 30, number=2)])
    assert [each.article for each in ordered] == ["a", "d", "b", "c"]


def test_what_was_not_told_waits_with_what_had_to_wait() -> None:
    """The alert stage was away for a minute: a copy in another partition was not decided on before its text was."""
    minute = 60_000
    matches = [logged("text", 0, 0, 0), logged("copy", 1, 0, 10), logged("late", 1, 1, 2 * minute)]
    ordered = in_order(matches, [ended("text", minute), ended("late", 2 * minute + 5, number=2)])
    assert [each.article for each in ordered] == ["text", "copy", "late"]


def test_what_was_sent_again_by_hand_comes_where_the_log_has_it() -> None:
    """It was added to the outbox long after it was first told."""
    matches = [logged("a", 0, 0, 1), logged("b", 1, 0, 2)]
    ordered = in_order(matches, [ended("a", 2 * 3_600_000), ended("b", 10)])
    assert [each.article for each in ordered] == ["a", "b"]


def test_what_was_told_in_one_step_comes_in_the_order_of_its_numbers() -> None:
    """One batch of the alert stage has one time."""
    matches = [logged("second", 0, 0, 1), logged("first", 1, 0, 2)]
    ordered = in_order(matches, [ended("second", 10, number=2), ended("first", 10)])
    assert [each.article for each in ordered] == ["first", "second"]


def test_what_stands_before_in_a_partition_waits_for_its_own_predecessors() -> None:
    """The second telling of one alert is before the first of another, and after its own first."""
    matches = [logged("x2", 0, 0, 1), logged("y1", 0, 1, 2), logged("x1", 1, 0, 3)]
    y1 = ended("y1", 10).model_copy(update={"alert": "a1:other"})
    ordered = in_order(matches, [ended("x2", 10, number=2), y1, ended("x1", 10)])
    assert [each.article for each in ordered] == ["x1", "x2", "y1"]


def test_an_update_comes_where_it_was_told() -> None:
    """The later telling of an article is that of its later revision, hours after the first."""
    hour = 3_600_000
    matches = [
        logged("a", 0, 0, 1),
        logged("b", 1, 0, 2 * hour),
        replace(logged("a", 0, 1, 3 * hour), revision=2),
        logged("c", 1, 1, 4 * hour),
    ]
    update = ended("a", 3 * hour + 10, number=3).model_copy(update={"id": "n1:update"})
    ordered = in_order(matches, [ended("a", 10), ended("b", 2 * hour + 10, number=2), update])
    assert [(each.article, each.revision) for each in ordered] == [("a", 1), ("b", 1), ("a", 2), ("c", 1)]


def test_clocks_that_differ_lose_nothing() -> None:
    """Numbers that contradict the order of a partition cannot have been; then that order counts."""
    matches = [logged("x2", 0, 0, 1), logged("x1", 0, 1, 2)]
    ordered = in_order(matches, [ended("x2", 5, number=2), ended("x1", 10)])
    assert [each.article for each in ordered] == ["x2", "x1"]
