"""Empties the outbox: a lane for each receiver, so that one that is dead or slow never delays another.

A lane claims, delivers and claims again until nothing is due; then it sleeps until something is, or until it is woken.
One waker for all blocks on the outbox's list, so that a new notification is claimed at once and idle lanes cost
nothing; every LONGEST_WAIT it wakes all of them, in case a wake-up was lost: another worker took it and died.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import structlog

from streams.errors import EngineAwayError
from streams.notify.delivery import Delivery
from streams.notify.holding import Holding
from streams.notify.notifier import Notifier
from streams.observe.progress import Progress
from streams.stores.circuits import CLOSED
from streams.stores.outbox import LONGEST_WAIT, Claim, NothingDue
from streams.stores.storms import Unruled

AWAY_PAUSE = timedelta(seconds=1)
"""Between two looks at a Redis that is away."""
UNKNOWN_PATIENCE = timedelta(minutes=10)
"""How long a receiver that a worker does not know is left to others: settings do not change everywhere at once."""
_log = structlog.get_logger()


class DeliverAgent:
    """The notify stage. `notifiers` are by receiver; what waits for any other receiver is refused, after a `patience`.

    `holding` is by receiver as well; for one that is not named nothing is held back. Closing the notifiers is left to
    whoever built them.
    """

    def __init__(
        self,
        delivery: Delivery,
        notifiers: Mapping[str, Notifier],
        progress: Progress,
        *,
        holding: Mapping[str, Holding] = MappingProxyType({}),
        patience: timedelta = UNKNOWN_PATIENCE,
    ) -> None:
        self._delivery, self._notifiers, self._progress = delivery, dict(notifiers), progress
        self._holding, self._patience = holding, patience
        self._outbox, self._clock = delivery.outbox, delivery.chances.clock
        self._away: set[str] = set()
        self._wakes: dict[str, asyncio.Event] = {}
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; attempts under way are finished first: one timeout at most.

        Never ends otherwise; while Redis is away it waits, and readiness says so.
        """
        self._stop = stop
        async with asyncio.TaskGroup() as lanes:
            for receiver in self._notifiers:
                self._open_lane(lanes, receiver)
            waker = lanes.create_task(self._keep_waking(lanes))
            await stop.wait()
            for wake in self._wakes.values():
                wake.set()
            await _end(waker)

    def _open_lane(self, lanes: asyncio.TaskGroup, receiver: str) -> None:
        self._wakes[receiver] = asyncio.Event()
        lanes.create_task(self._work(receiver, self._wakes[receiver]))

    async def _keep_waking(self, lanes: asyncio.TaskGroup) -> None:
        """Wake the lane that a new notification is for, and all of them every LONGEST_WAIT, however much comes."""
        time = asyncio.get_running_loop().time
        look = time()
        while True:
            try:
                woken = await self._outbox.wait(LONGEST_WAIT)
                everybody = woken is None or time() >= look
                present = await self._outbox.receivers() if everybody or woken is None else {woken}
                for receiver in present - self._wakes.keys():
                    self._open_lane(lanes, receiver)
                if everybody:
                    self._delivery.metrics.outbox.set((await self._outbox.counts()).undelivered)
                    look = time() + LONGEST_WAIT.total_seconds()
            except EngineAwayError as error:
                self._note_away("redis", error)
                await asyncio.sleep(AWAY_PAUSE.total_seconds())
                continue
            self._note_back("redis")
            for receiver, wake in self._wakes.items():
                if everybody or receiver == woken:
                    wake.set()

    async def _work(self, receiver: str, wake: asyncio.Event) -> None:
        notifier = self._notifiers.get(receiver)
        holding = self._holding.get(receiver, Holding())
        if notifier is None:
            await self._leave_to_others()
        else:
            await self._take_up(receiver, holding)
        while not self._stop.is_set():
            wake.clear()
            try:
                nothing = await self._take(receiver, notifier, holding)
            except EngineAwayError as error:
                self._note_away("outbox", error)
                nothing = NothingDue(self._clock() + AWAY_PAUSE)
            else:
                self._note_back("outbox")
            if nothing and notifier is None and nothing.until is None and not wake.is_set():
                # What comes for it after this may be for a receiver of newer settings, and is left to others again.
                del self._wakes[receiver]
                return
            if nothing:
                await self._rest(wake, nothing)

    async def _take(self, receiver: str, notifier: Notifier | None, holding: Holding) -> NothingDue | None:
        """Claim, and do what is claimed; when to look again where there is nothing to do now."""
        claim = await self._outbox.claim(
            receiver,
            now=self._clock(),
            lease=self._delivery.lease,
            pace=notifier.pace if notifier else None,
            storm_limit=holding.storm_limit,
            holds=holding.asks,
        )
        if isinstance(claim, Unruled):
            await self._delivery.rule(claim, holding)
        elif isinstance(claim, Claim):
            await self._deliver(claim, notifier, holding)
        elif notifier:
            self._delivery.metrics.circuit_open.labels(receiver).set(claim.circuit.is_open)
            return claim
        elif claim.circuit.is_open:
            # Whom the settings do not name any more nobody waits for.
            await self._outbox.circuits.move(receiver, claim.circuit, CLOSED, now=self._clock())
        else:
            return claim
        return None

    async def _leave_to_others(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.total_seconds()):
                await self._stop.wait()

    async def _take_up(self, receiver: str, holding: Holding) -> None:
        """Once, however long Redis is away meanwhile."""
        while not self._stop.is_set():
            try:
                await self._delivery.take_up(receiver, holding)
            except EngineAwayError as error:
                self._note_away("outbox", error)
                await asyncio.sleep(AWAY_PAUSE.total_seconds())
            else:
                return

    async def _deliver(self, claim: Claim, notifier: Notifier | None, holding: Holding) -> None:
        """One attempt, recorded however long Redis is away meanwhile: what is not recorded is sent again.

        Raises:
            EngineAwayError: Redis is away and the stage has to stop.
        """
        attempt = await self._delivery.send(claim, notifier, holding)
        while True:
            try:
                await self._delivery.record(attempt)
            except EngineAwayError as error:
                if self._stop.is_set():
                    raise
                self._note_away("outbox", error)
                await asyncio.sleep(AWAY_PAUSE.total_seconds())
            else:
                return

    def _note_away(self, what: str, error: EngineAwayError) -> None:
        """Not ready; said once for each outage. `redis` is what the waker sees, `outbox` what the lanes do."""
        if what not in self._away:
            self._away.add(what)
            _log.warning("redis_away", error=str(error))
        self._progress.hold(what, str(error))

    def _note_back(self, what: str) -> None:
        if what in self._away:
            self._away.discard(what)
            _log.info("redis_back")
            self._progress.release(what)
        self._progress.beat()

    async def _rest(self, wake: asyncio.Event, nothing: NothingDue) -> None:
        """Until something is due or the lane is woken."""
        if self._stop.is_set():
            return
        until = None
        if nothing.until is not None:
            until = max((nothing.until - self._clock()).total_seconds(), 0.001)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(until):
                await wake.wait()


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel until it is over: `asyncio.wait_for` of Python 3.11, which redis-py uses, can swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
