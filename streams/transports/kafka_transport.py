"""Faust's aiokafka driver with what it lacks: an idempotent producer, commits by `HandledOffsets`, a look inside.

Idempotence: an answer lost on the wire made 55 duplicate records in 9,211 without it, none with it; Faust switches it
on for transactions only. aiokafka offers no public way to what the watchdog has to know, hence the private names.
"""
# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, cast

from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.auth import SASLCredentials, SSLCredentials
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, AppT
from faust.types.auth import CredentialsT
from yarl import URL

from streams.transports.engine_config import EngineConfig, KafkaSecurity
from streams.transports.faust_app import LedgerConsumer

_PROBE_SECONDS = 5.0

_COMMIT_SECONDS = 5.0
"""A commit that takes longer is given up and tried again: aiokafka's own retries have no end, and would hold a stop."""

_LEAVE_SECONDS = 5.0
"""aiokafka ends what it has begun with its group first. To join one that has lost a member takes until the broker gives
that up, a whole session; who does not wait for it is given up himself, as one that was killed."""

_FLUSH_SECONDS = 5.0
"""What an idempotent producer could not send it tries for ever; at a stop it gets this long."""

log = logging.getLogger(__name__)


def credentials(security: KafkaSecurity) -> CredentialsT | None:
    """The configured TLS and SASL as Faust takes them; None for plain text.

    Raises:
        EngineError: the certificate file cannot be used.
    """
    context = security.ssl_context()
    if security.authenticated:
        return SASLCredentials(
            username=security.username,
            password=security.password.get_secret_value(),
            mechanism=security.sasl_mechanism.value,
            ssl_context=context,
        )
    return SSLCredentials(context) if context is not None else None


class KafkaConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread in which aiokafka's consumer lives."""

    async def on_thread_stop(self) -> None:
        """Close the client, also where aiokafka trips over its own cancelled fetches, as it does in an outage.

        An exception here would leave Faust waiting for the thread's end.
        """
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await super().on_thread_stop()
        except (KafkaError, asyncio.CancelledError, TimeoutError) as error:
            log.warning("the consumer did not close cleanly: %r", error)
            await self._ensure_consumer()._client.close()

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit; False where that did not succeed. Faust would crash on what an outage brings."""
        consumer, assigned = self._ensure_consumer(), self.assignment()
        wanted = {
            driver.ensure_aiokafka_TP(tp): OffsetAndMetadata(at, "") for tp, at in offsets.items() if tp in assigned
        }
        try:
            async with asyncio.timeout(_COMMIT_SECONDS):
                await consumer.commit(wanted)
        except (KafkaError, TimeoutError) as error:
            log.warning("not committed, will be tried again: %r", error)
            return False
        return True


class KafkaConsumer(LedgerConsumer, driver.Consumer):
    """Faust's consumer; its aiokafka client lives in a thread of its own."""

    def _new_consumer_thread(self) -> KafkaConsumerThread:
        return KafkaConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def _client(self) -> Any:
        """The client of aiokafka, None before the thread has started."""
        return self._thread._consumer

    def check(self) -> None:
        """Raise what aiokafka's coordinator keeps for a caller that Faust never is."""
        if self._client is not None:
            self._client._coordinator.check_errors()

    def quiet_for(self) -> float:
        """Seconds since the broker last answered a fetch for any of our partitions."""
        if self._client is None:
            return 0.0
        subscription = self._client._subscription.subscription
        assignment = subscription.assignment if subscription is not None else None
        if assignment is None:
            return 0.0
        stamps = [assignment.state_value(tp).timestamp for tp in assignment.tps]
        last = max((stamp for stamp in stamps if stamp), default=None)  # milliseconds by the wall clock
        return time.time() - last / 1000 if last else time.monotonic() - self._thread.time_started

    def spare(self) -> bool:
        """Whether the group gave this member no partition because others have them all (more workers than partitions).

        A worker that is deaf looks the same from outside; it has not joined, or the broker has no such topic.
        """
        if self._client is None or self._client._coordinator.generation <= 0:
            return False
        topics = self._client.subscription()
        cluster = self._client._client.cluster
        return bool(topics) and all(cluster.partitions_for_topic(topic) for topic in topics)

    async def answers(self) -> bool:
        """Whether the broker answers a question about its topics; fetches pause while our buffers are full."""
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                return bool(await self._thread.call_thread(self._client.topics))
        except Exception:  # noqa: BLE001  # whatever it is, it is not an answer
            return False


class KafkaProducer(driver.Producer):
    """Faust's producer, idempotent."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}

    async def flush(self) -> None:
        """Wait a while for what is under way; how it ended is told to those who sent it."""
        await self.buffer.flush()
        if self._producer is not None:
            try:
                async with asyncio.timeout(_FLUSH_SECONDS):
                    await self._producer.flush()
            except TimeoutError:
                log.warning("records are still under way after %.0f s", _FLUSH_SECONDS)

    async def on_stop(self) -> None:
        """Close, failing what cannot be sent: whoever waits for it is told, and has not acknowledged anything."""
        await self.flush()
        if self._producer is not None:
            await self._producer._sender.close()
        await super().on_stop()


class KafkaTransport(driver.Transport):
    """aiokafka as a transport of Faust, for the servers of a configuration."""

    Consumer = KafkaConsumer
    Producer = KafkaProducer

    def __init__(self, config: EngineConfig, app: AppT) -> None:
        super().__init__([URL(f"kafka://{server}") for server in config.kafka_servers], app)
        app.conf.broker_credentials = cast("Any", credentials(config.security))
