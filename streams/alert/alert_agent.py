"""Turns matches into alerts: decides on each batch and returns when records, outbox and ledger are durable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from streams.alert.decision import Decision, Policy, decide
from streams.alerts import AlertRecord
from streams.messages import Match
from streams.observe.metrics import Metrics
from streams.ports import Received
from streams.stores.alerts import AlertStore

_log = structlog.get_logger()


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AlertAgent:
    """The alert stage's handler. `clock` only says when notifications become due; decisions go by `seen_at`."""

    def __init__(
        self, store: AlertStore, policy: Policy, metrics: Metrics, *, clock: Callable[[], datetime] = _utc_now
    ) -> None:
        self._store, self._policy, self._metrics, self._clock = store, policy, metrics, clock

    async def handle(self, batch: Sequence[Received[Match]]) -> None:
        """A `streams.ports.Handler`; a match whose article has been told before changes nothing.

        Raises:
            EngineAwayError: Redis cannot serve now; call again with the same batch.
        """
        decisions = await self._store.settle([item.message for item in batch], self._decide, now=self._clock())
        for decision in decisions:
            self._report(decision)

    def _decide(self, match: Match, records: Mapping[str, AlertRecord]) -> Decision:
        return decide(match, records, self._policy)

    def _report(self, decision: Decision) -> None:
        self._metrics.articles.labels(decision.status.value).inc()
        for ruling in decision.rulings:
            self._metrics.decisions.labels(ruling.reason.value).inc()
            if ruling.reason.told:
                _log.info(
                    "alert",
                    alert=ruling.record.id,
                    rule=ruling.record.rule,
                    reason=ruling.reason.value,
                    article=decision.article,
                    notifications=len(ruling.notifications),
                )
