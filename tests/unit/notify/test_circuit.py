"""When a receiver that fails is left alone, and when it is tried again."""

from __future__ import annotations

from datetime import timedelta

from streams.alerts import Notice
from streams.notify.circuit import FIRST_WAIT, LONGEST_WAIT, TRIP, after_failure, after_success, wait
from streams.notify.notices import of_circuit
from streams.stores.circuits import CLOSED, Circuit
from tests.support.alerting import NOON


def failing(times: int) -> Circuit:
    circuit = CLOSED
    for _ in range(times):
        circuit = after_failure(circuit, error="no answer", now=NOON)
    return circuit


def test_it_opens_after_some_failures_in_a_row() -> None:
    """Not before, and the first wait is short."""
    assert not failing(TRIP - 1).is_open
    assert (failing(TRIP).opened_at, failing(TRIP).until) == (NOON, NOON + FIRST_WAIT)


def test_one_success_closes_it() -> None:
    """Failures before do not count any more; what was closed stays the same object, and is not written."""
    assert after_success(failing(TRIP)) == after_success(failing(1)) == CLOSED
    assert after_success(CLOSED) is CLOSED


def test_a_failed_probe_waits_twice_as_long() -> None:
    """Up to a bound; when it opened is remembered."""
    later = after_failure(failing(TRIP), error="still", now=NOON + FIRST_WAIT)
    assert (later.opened_at, later.until, later.error) == (NOON, NOON + 3 * FIRST_WAIT, "still")
    assert [wait(probes) for probes in (4, 5, 10**9)] == [16 * FIRST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


def test_what_is_refused_whatever_is_sent_opens_it_at_once() -> None:
    """A revoked token need not be tried five times."""
    assert after_failure(CLOSED, error="token_revoked", now=NOON, final=True).is_open


def test_operators_are_told_of_opening_and_closing_once_each() -> None:
    """Under the same id whoever tells it, another for the next outage, and nothing of a probe that failed."""
    was, opened = failing(TRIP - 1), failing(TRIP)
    told = of_circuit("ops", "desk", was, opened, now=NOON)
    assert told is not None
    assert told == of_circuit("ops", "desk", was, opened, now=NOON)
    assert of_circuit("ops", "desk", opened, after_failure(opened, error="x", now=NOON), now=NOON) is None
    closed = of_circuit("ops", "desk", opened, CLOSED, now=NOON + timedelta(minutes=95))
    assert closed is not None
    assert isinstance(closed.content, Notice)
    assert (closed.content.title, "1 h 35 min" in closed.content.text) == ("Marsad reaches desk again", True)
    assert of_circuit("ops", "desk", CLOSED, failing(1), now=NOON) is None


def test_a_dead_receiver_is_not_told_that_it_is_dead() -> None:
    """The operators' own; that it is back is told."""
    assert of_circuit("ops", "ops", failing(TRIP - 1), failing(TRIP), now=NOON) is None
    assert of_circuit("ops", "ops", failing(TRIP), CLOSED, now=NOON) is not None
