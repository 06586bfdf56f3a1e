"""Faust, held inside the envelope in which it loses nothing: one application for each stage.

What differs from Faust as it comes: the transport is handed in (no global registration), the web server is off, the
environment is not read, and commits go by `HandledOffsets` alone (that module says why).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any, Protocol, cast

import faust
from aiokafka.errors import ConsumerStoppedError
from faust.tables import TableManager
from faust.transport.consumer import Consumer
from faust.types import TP, Message
from faust.types.transports import TransportT
from mode import ServiceT
from mode.utils.futures import notify
from yarl import URL

from streams.transports.engine_config import RECORD_HEAD, EngineConfig
from streams.transports.offsets import HandledOffsets, Partition

_FOREVER_SECONDS = 2_000_000.0
"""For `broker_max_poll_interval`: the longest that fits aiokafka's 32-bit milliseconds. At the default a long outage
downstream removes a worker from its group for good."""


_ROOM_SECONDS = 0.1
"""How long to wait for room at most before looking again: partitions also come back by a resume."""

_TURN = 64
"""Messages delivered before other tasks get a turn."""


class Flow(Protocol):
    """What a consumer asks of the stage that handles its events."""

    offsets: HandledOffsets

    async def settle(self) -> None:
        """Finish what is in hand, or give it up unacknowledged; take nothing more until `reopen`."""

    def reopen(self) -> None:
        """Partitions were assigned anew and will be read from their commits: forget all that came before."""


class TransportFactory(Protocol):
    """Makes the transport that a Faust application is to use."""

    def transport(self, app: StageApp) -> TransportT:
        """A transport of its own for `app`."""


class StageApp(faust.App):
    """The Faust application of one stage. `flow` handles its events."""

    def __init__(self, group: str, *, factory: TransportFactory, flow: Flow, **options: Any) -> None:
        self.factory, self.flow = factory, flow
        super().__init__(group, **options)

    async def on_start(self) -> None:
        """Begin; without a consumer where nothing is consumed: Faust would make one with a thread it never starts."""
        if self.producer_only:
            self.finalize()
        else:
            await super().on_start()

    def _new_transport(self) -> TransportT:
        return self.factory.transport(self)

    def _new_producer_transport(self) -> TransportT:
        return self.factory.transport(self)


class NoTables(TableManager):
    """Faust's tables are not used: their manager does not wait a second for some to be declared."""

    async def on_start(self) -> None:
        """Let the conductor subscribe."""
        await self._update_channels()
        await self.recovery.start()


class LedgerConsumer(Consumer):
    """Mixed into a transport's consumer: rebalances and commits go by the stage's `HandledOffsets`.

    It also delivers without detours. Faust's loop makes two tasks for every message, and sleeps for a second whenever
    its buffers are full: with articles of some KB that is a few hundred a second.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = asyncio.Event()

    @property
    def flow(self) -> Flow:
        """The stage that handles this consumer's events."""
        return cast("StageApp", self.app).flow

    def ack(self, message: Message) -> bool:
        """Faust is done with the message; says nothing about whether it was handled."""
        self._unacked_messages.discard(message)
        message.acked = True
        notify(self._waiting_for_ack)
        return True

    async def wait_empty(self) -> None:
        """Let the stage finish what is in hand and commit that. Called before a rebalance and at stop."""
        await self.flow.settle()
        self._unacked_messages.clear()
        while await self.maybe_wait_for_commit_to_finish():
            pass  # the one under way may have begun before the last batch was handled
        await self.commit(start_new_transaction=False)

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ARG002, FBT001, FBT002
        """Commit every position that has moved; whether that was done. What was not is tried again by the timer."""
        assigned = self.assignment()
        offsets = self.flow.offsets
        positions = {p: at for p, at in offsets.uncommitted().items() if TP(*p) in assigned}
        if not positions:
            return False
        if not await self._commit({TP(*p): at for p, at in positions.items()}):
            return False
        offsets.commit(positions)
        self.app.monitor.on_tp_commit({TP(*p): at for p, at in positions.items()})
        return True

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Begin afresh with these partitions."""
        self.flow.reopen()
        await super().on_partitions_assigned(assigned, generation_id)

    def on_buffer_drop(self, tp: TP) -> None:
        """The stage has room again."""
        super().on_buffer_drop(tp)
        self._room.set()

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        """Fetch and deliver until the fetcher is stopped; ends without an error only in a stop."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                await self._drain_once()
        except (asyncio.CancelledError, ConsumerStoppedError):
            if not self.app.should_stop:
                raise

    async def _drain_once(self) -> None:
        await asyncio.sleep(0)
        if self.flow_active and not self._get_active_partitions():
            self._room.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), _ROOM_SECONDS)
            return
        if not self.flow_active:
            await self.wait(cast("Any", self.can_resume_flow))
        # Taken now: before the wait it would be the last round's, and the first records of this round would be dropped.
        generation = self.app.consumer_generation_id
        records, active = await self._wait_next_records(timeout=1.0)
        if not records or self.should_stop:
            return
        if not self.flow_active:
            await self._go_back()
            return
        for turn, (tp, record) in enumerate(self.scheduler.iterate(records)):
            if turn % _TURN == _TURN - 1:
                await asyncio.sleep(0)
            if not self.flow_active or generation != self.app.consumer_generation_id:
                await self._go_back()
                return
            if tp in (active or ()) or tp in self._buffered_partitions:
                await self._deliver(tp, self._to_message(tp, record))

    async def _deliver(self, tp: TP, message: Message) -> None:
        self._read_offset[tp] = message.offset
        if not self.flow.offsets.fetch(Partition(*tp), message.offset):
            return
        channels = cast("Any", self.app.topics)._tp_index[tp]  # noqa: SLF001  # Faust has no other way to them
        if self.app.flow_control.is_active() and not any(channel.queue.full() for channel in channels):
            await self.callback(message)  # does not wait for anything
        else:
            await self.wait_first(self.callback(message), cast("Any", self.suspend_flow.wait()))

    async def _go_back(self) -> None:
        """What was fetched and not delivered has to be read again; what was delivered is known and not repeated."""
        try:
            await self.perform_seek()
        except Exception as error:  # noqa: BLE001  # the seek after the rebalance does it once more
            self.log.warning("no seek while the flow was stopped: %r", error)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: `Watchdog` sees to it that there is progress, and says so once."""


def partitions_of(tps: Iterable[TP]) -> set[Partition]:
    """Faust's topic partitions as ours."""
    return {Partition(tp.topic, tp.partition) for tp in tps}


def options(config: EngineConfig, *, member: str | None) -> dict[str, Any]:
    """Faust's settings, all those that matter given, so that none is taken from the environment.

    The figures are those under which 84,400 messages went through kills, rebalances and broker stops without a loss.
    """
    return {
        "broker": URL("kafka://localhost"),  # never used: transports come from the factory
        "datadir": config.data_dir / "faust",
        "env_prefix": "MARSAD_NEVER_READ_",
        "autodiscover": False,
        "web_enabled": False,
        "store": "memory://",
        "TableManager": NoTables,
        "processing_guarantee": "at_least_once",
        "consumer_group_instance_id": member,
        "consumer_auto_offset_reset": "earliest",
        "consumer_metadata_max_age_ms": 30_000,
        "producer_acks": -1,
        "producer_linger": 0.0,
        "producer_max_request_size": config.record_limit + RECORD_HEAD,
        "producer_threaded": False,
        "stream_buffer_maxsize": 256,
        "stream_processing_timeout": 300.0,
        "stream_wait_empty": True,
        "stream_recovery_delay": 0.0,
        "broker_commit_interval": 1.0,
        "broker_commit_every": 1000,
        "broker_session_timeout": config.session_timeout.total_seconds(),
        "broker_heartbeat_interval": min(5.0, config.session_timeout.total_seconds() / 9),
        "broker_request_timeout": 2 * config.session_timeout.total_seconds(),
        "broker_rebalance_timeout": max(60.0, config.session_timeout.total_seconds()),
        "broker_max_poll_interval": _FOREVER_SECONDS,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "table_standby_replicas": 0,
    }
