"""When a receiver that fails is left alone, and when it is tried again: a circuit breaker. Pure.

Closed, every notification is tried. After TRIP failures in a row it opens: nothing is tried until a wait is over, then
one notification is (half-open); where that fails, the next wait is twice as long. One success closes it. A receiver
that refuses us whatever we send (a revoked token, a channel that is gone) opens it at once.
(M. Nygard, Release It!, 2007; the waits are short, since what is spared is only this receiver's own attempts.)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from streams.stores.circuits import CLOSED, Circuit

TRIP = 5
"""Failures in a row. At the back-off's delays one message alone takes about ten seconds to fail so often."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=2)
ERROR_LIMIT = 300


def after_success(circuit: Circuit) -> Circuit:
    """Closed; the same object where it was closed already, and nothing has to be written."""
    return circuit if circuit == CLOSED else CLOSED


def after_failure(circuit: Circuit, *, error: str, now: datetime, final: bool = False) -> Circuit:
    """The circuit with one failure more; `final` where it is certain that others would fail as well."""
    failures = circuit.failures + 1
    error = error[:ERROR_LIMIT]
    if circuit.opened_at is not None:
        probes = circuit.probes + 1
        return replace(circuit, failures=failures, probes=probes, until=now + wait(probes), error=error)
    if final or failures >= TRIP:
        return replace(circuit, failures=failures, opened_at=now, until=now + wait(0), probes=0, error=error)
    return replace(circuit, failures=failures, error=error)


def wait(probes: int) -> timedelta:
    """How long an open circuit waits after so many failed probes."""
    return min(FIRST_WAIT * (1 << min(probes, 30)), LONGEST_WAIT)
