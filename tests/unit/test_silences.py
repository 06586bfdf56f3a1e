"""Silences: what they refuse to be, and which one holds an alert back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from streams.messages import Severity
from streams.routes import Subject
from streams.silences import silenced_by
from tests.support.alerting import NOON, silence

HOUR = timedelta(hours=1)
SUBJECT = Subject("withdrawal", Severity.HIGH)


def test_a_silence_of_nothing_is_refused() -> None:
    """It would silence everything."""
    with pytest.raises(ValidationError, match="says nothing"):
        silence()


def test_a_silence_ends_after_it_begins() -> None:
    """The two were exchanged, most likely."""
    with pytest.raises(ValidationError, match="ends before it begins"):
        silence(stories=["s1"], ends_at=NOON)


def test_of_several_silences_the_longest_is_named() -> None:
    """It is the one that has to end before anybody hears."""
    short = silence(id="s-short", match={"rules": ["withdrawal"]})
    long = silence(id="s-long", stories=["s1"], ends_at=NOON + 2 * HOUR)
    other = silence(id="s-other", alerts=["a2"], ends_at=NOON + 9 * HOUR)
    found = [
        silenced_by([short, long, other], SUBJECT, alert="a1", stories={"s1"}, at=NOON + hours * HOUR)
        for hours in (0, 1, 2)
    ]
    assert found == [long, long, None]


def test_a_silence_that_is_ended_early_holds_nothing_from_then_on() -> None:
    """One that was still to come is never in force."""
    now = NOON + HOUR / 2
    begun, to_come = silence(stories=["s1"]), silence(stories=["s1"], starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    assert [begun.ended(now).lasts(at) for at in (NOON, now)] == [True, False]
    assert [to_come.ended(now).lasts(at) for at in (now, NOON + 1.5 * HOUR)] == [False, False]


def test_what_silences_that_overlap_hold_back_is_told_by_the_last() -> None:
    """At the end of the first it would be told while the second is still in force."""
    rule = {"rules": ["withdrawal"]}
    first = silence(match=rule)
    second = silence(match=rule, id="s-2", starts_at=NOON + HOUR / 2, ends_at=NOON + 2 * HOUR)
    apart = silence(match=rule, id="s-3", starts_at=NOON + 3 * HOUR, ends_at=NOON + 4 * HOUR)
    subject = Subject("withdrawal", Severity.HIGH)
    assert silenced_by((first, second, apart), subject, alert="a", stories=(), at=NOON) == second
