"""Subscribes to feeds at their hubs, and takes the hubs' calls. I/O; what to do is `streams.ingest.websub`'s.

A push is heard as "poll this feed now": what it carries is checked for its signature and left at that.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from streams.errors import FetchError
from streams.ingest import websub
from streams.ingest.press import patiently
from streams.ingest.robots import host_of
from streams.ingest.visits import Visits
from streams.ingest.websub import Signature, Step
from streams.observe.progress import Progress
from streams.sections import SourceSettings
from streams.stores.sources import SourceStore
from streams.stores.subscriptions import Subscription, SubscriptionStore

PATH = "/websub/"
EVERY = timedelta(seconds=30)
_LEADS_FOR = timedelta(minutes=3)
"""Longer than one call of a hub."""
_NEAR = timedelta(seconds=15)
_GONE, _ACCEPTED, _TOO_SLOW, _TOO_LARGE = 410, 202, 408, 413

log = structlog.get_logger(__name__)


class Subscriptions:
    """One worker's dealings with hubs. `address` is the public one under which callbacks reach the workers.

    `poll` is called with the name of a source that was pushed.
    """

    def __init__(  # noqa: PLR0913  # collaborators, each named by the composition root
        self,
        sources: Sequence[SourceSettings],
        visits: Visits,
        store: SubscriptionStore,
        *,
        address: str,
        known: SourceStore,
        progress: Progress,
        clock: Callable[[], datetime],
        poll: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._sources = {source.name: source for source in sources if source.feed}
        self._callback = address.rstrip("/") + PATH
        self._visits, self._store, self._known = visits, store, known
        self._progress, self._clock, self.poll = progress, clock, poll
        self._held: dict[str, Subscription] = {}
        self._due: set[str] = set()
        self._found = asyncio.Event()

    def holds(self, source: str) -> bool:
        """Whether a hub pushes this source to us, as of the last look."""
        held = self._held.get(source)
        return held is not None and held.holds(self._clock())

    async def pushed(self, source: str) -> datetime | None:
        """When a push came that no poll has followed, of this worker or another."""
        if source not in self._due:
            return None
        at = await patiently(self._progress, lambda: self._store.due_since(source))
        if at is None:
            self._due.discard(source)
        return at

    async def found(self, source: str, hub: str | None, topic: str) -> None:
        """A feed was read, and names this hub, or none."""
        held = self._held.get(source)
        if (held.hub, held.topic) == (hub, topic) if held else hub is None:
            return
        if hub is None:
            await patiently(self._progress, lambda: self._store.forget(source))
            self._held.pop(source, None)
            return
        new = Subscription(hub=hub, topic=topic)
        known = await patiently(self._progress, lambda: self._store.get(source))
        if known is None or (known.hub, known.topic) != (hub, topic):
            await patiently(self._progress, lambda: self._store.put(source, new))
        self._held[source] = known if known and (known.hub, known.topic) == (hub, topic) else new
        self._found.set()

    async def followed(self, source: str, began: datetime) -> None:
        """A poll that began then has succeeded."""
        if source in self._due:
            await patiently(self._progress, lambda: self._store.followed(source, began))

    async def run(self, stop: asyncio.Event) -> None:
        """Subscribe, renew and unsubscribe as it comes due, until `stop`."""
        while not stop.is_set():
            await self.look(stop)
            self._found.clear()
            waiting = [asyncio.ensure_future(event.wait()) for event in (stop, self._found)]
            try:
                await asyncio.wait(waiting, timeout=EVERY.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waiting:
                    task.cancel()

    async def look(self, stop: asyncio.Event) -> None:
        """Do what is due now; what another worker was pushed and has not polled is polled here."""
        self._held = await patiently(self._progress, self._store.all)
        for source in await patiently(self._progress, self._store.due):
            self._due.add(source)
            self.poll(source)
        if not await patiently(self._progress, lambda: self._store.lead(_LEADS_FOR)):
            return
        for source, subscription in list(self._held.items()):
            if stop.is_set():
                return
            wanted = await self._wanted(source)
            if step := websub.next_step(subscription, self._clock(), wanted=wanted):
                await self._take(source, subscription, step)
                await patiently(self._progress, lambda: self._store.lead(_LEADS_FOR))

    async def _wanted(self, source: str) -> bool:
        if source not in self._sources:
            return False
        state, paused = await patiently(self._progress, lambda: self._known.look(source))
        return not paused and not state.retired

    async def _take(self, source: str, subscription: Subscription, step: Step) -> None:
        if step is Step.END:
            await self._end(source, subscription)
        elif await self._enter(host_of(subscription.hub)):
            await self._ask(source, subscription, step)

    async def _end(self, source: str, subscription: Subscription) -> None:
        """Forget a source that is gone; of another remember where it could be subscribed to."""
        if source in self._sources:
            await patiently(self._progress, lambda: self._store.put(source, subscription.without_hub()))
        else:
            await patiently(self._progress, lambda: self._store.forget(source))

    async def _enter(self, host: str) -> bool:
        """Lease a hub's host, if it can be had soon."""
        patience = self._clock() + _NEAR
        while until := await self._visits.try_to_enter(host):
            if until > patience:
                return False
            self._progress.beat()
            await asyncio.sleep(max(0.005, min(1.0, (until - self._clock()).total_seconds())))
        return True

    async def _ask(self, source: str, subscription: Subscription, step: Step) -> None:
        """Send one request to a hub; it is noted before, because the hub may call back before it answers."""
        asked = subscription
        if not asked.token:
            asked = asked.model_copy(update={"token": secrets.token_urlsafe(24), "secret": secrets.token_hex(32)})
            await patiently(self._progress, lambda: self._store.put(source, asked))
        tries = (subscription.tries if subscription.asked == step.value else 0) + 1
        noted = {"asked": step.value, "asked_at": self._clock(), "tries": tries}
        await patiently(self._progress, lambda: self._store.note(source, **noted))
        try:
            async with self._visits.visit(asked.hub, entered=True):
                await self._visits.fetcher.post(asked.hub, websub.form_of(asked, step, self._callback))
        except FetchError as error:
            problem = str(error)
            log.warning("hub_failed", source=source, hub=asked.hub, step=step.value, problem=problem)
            await patiently(self._progress, lambda: self._store.note(source, problem=problem))

    async def verify(self, token: str, query: Mapping[str, str]) -> tuple[int, str]:
        """The answer to a hub that asks about a subscription: status and text."""
        known = await self._called(token)
        if known is None:
            return _GONE, "there is no such subscription\n"
        source, subscription = known
        reply = websub.verified(subscription, query, self._clock())
        if reply.changes:
            await self._store.note(source, **reply.changes)
            self._held[source] = subscription.model_copy(update=dict(reply.changes))
        if reply.ended:
            await self._end(source, subscription)
        log.info("hub_called", source=source, mode=query.get("hub.mode", ""), status=reply.status)
        return reply.status, reply.text

    async def deliver(self, token: str, signature: str, body: AsyncIterable[bytes]) -> int:
        """The status for a push: 2xx for whatever was understood, so that who guesses at a signature learns nothing."""
        known, pushes = await self._called(token), self._visits.fetcher.metrics.pushes
        if known is None:
            pushes.labels("unknown").inc()
            return _GONE
        source, subscription = known
        check, size, limits = Signature(subscription.secret, signature), 0, self._visits.fetcher.settings
        try:
            async with asyncio.timeout(limits.timeout.total_seconds()):
                async for chunk in body:
                    size += len(chunk)
                    if size > limits.max_bytes:
                        pushes.labels("too_large").inc()
                        return _TOO_LARGE
                    check.feed(chunk)
        except TimeoutError:
            pushes.labels("timeout").inc()
            return _TOO_SLOW
        if not check.right:
            pushes.labels("forged").inc()
            log.warning("push_unsigned", source=source, hub=subscription.hub)
            return _ACCEPTED
        await self._store.pushed(source, self._clock())  # before it is answered: who dies now has not lost it
        pushes.labels("accepted").inc()
        self._due.add(source)
        self.poll(source)
        return _ACCEPTED

    async def _called(self, token: str) -> tuple[str, Subscription] | None:
        """Which source a callback is about."""
        source = await self._store.named(token)
        subscription = await self._store.get(source) if source else None
        return (source, subscription) if source and subscription and subscription.token == token else None
