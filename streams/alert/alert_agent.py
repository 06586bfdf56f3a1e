"""Turns matches into alerts: decides on each batch and returns when records, outbox and ledger are durable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import structlog

from streams.alert.decision import Decision, decide
from streams.alert.policy import Policy
from streams.messages import Match
from streams.observe.metrics import Metrics
from streams.ports import Clock, Received, utc_now
from streams.stores.alerts import AlertStore
from streams.stores.silences import SilenceStore

_log = structlog.get_logger()


class AlertAgent:
    """The alert stage's handler. `clock` only says when notifications become due; decisions go by `seen_at`.

    The policy's silences are those of `silences`, asked anew for each batch.
    """

    def __init__(
        self,
        store: AlertStore,
        silences: SilenceStore,
        policy: Policy,
        metrics: Metrics,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._store, self._silences, self._policy = store, silences, policy
        self._metrics, self._clock = metrics, clock

    async def handle(self, batch: Sequence[Received[Match]]) -> None:
        """A `streams.ports.Handler`; a match whose article has been told before changes nothing.

        Raises:
            EngineAwayError: Redis cannot serve now; call again with the same batch.
        """
        policy = replace(self._policy, silences=await self._silences.all())
        matches = [item.message for item in batch]
        decide_each = partial(decide, policy=policy)
        decisions = await self._store.settle(matches, decide_each, now=self._clock(), beside=policy.sources_for)
        for decision in decisions:
            self._report(decision)

    def _report(self, decision: Decision) -> None:
        if decision.revision == 1:
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
