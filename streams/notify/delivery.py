"""One attempt to deliver a claimed notification: send, judge, record, and tell the operators of what was given up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog

from streams.alerts import AlertContent, Notice, notice_to
from streams.errors import (
    DeliveryDeferredError,
    DeliveryError,
    DeliveryRefusedError,
    DeliveryUncertainError,
    MalformedMessageError,
)
from streams.notify import retry
from streams.notify.notifier import Earlier, Notifier
from streams.observe.metrics import Metrics
from streams.settings import NotifySettings
from streams.stores.outbox import Claim, Deferred, Delivered, GivenUp, Outbox, Outcome

TIMEOUT = NotifySettings().timeout
LEASE_IN_TIMEOUTS = 3
"""A lease lasts so many times as long as an attempt may: recording it takes a while too, and clocks differ."""
_log = structlog.get_logger()


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AttemptOutcome(StrEnum):
    """How an attempt ended: the metric's label and the log's field."""

    SENT = "sent"
    DEFERRED = "deferred"  # certainly not delivered, tried again later
    UNCERTAIN = "uncertain"  # perhaps delivered, tried again later
    REFUSED = "refused"  # given up: the sink will not have it, or there is no such receiver
    TOO_OLD = "too_old"  # given up: failing for longer than `retry.LONGEST_AGE`
    SUPERSEDED = "superseded"  # our lease had ended and another attempt took over


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was made and is not recorded yet. `label` is the receiver's name for metrics."""

    claim: Claim
    label: str
    ended: AttemptOutcome
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Chances:
    """What a delivery takes from the world, so that tests can give it: the time, and a number in [0, 1)."""

    clock: Callable[[], datetime] = _utc_now
    jitter: Callable[[], float] = random.random


class Delivery:
    """Delivers claims. `operators` is the receiver of notices about what was given up; None tells nobody.

    `timeout` is for one attempt. `lease` is for how long a claim is ours: then whoever has it counts as dead.
    """

    def __init__(
        self,
        outbox: Outbox,
        metrics: Metrics,
        *,
        operators: str | None = None,
        timeout: timedelta = TIMEOUT,
        chances: Chances | None = None,
    ) -> None:
        self.outbox, self.metrics, self._operators = outbox, metrics, operators
        self.chances = chances or Chances()
        self._timeout, self.lease = timeout, LEASE_IN_TIMEOUTS * timeout

    async def attempt(self, claim: Claim, notifier: Notifier | None) -> AttemptOutcome:
        """Send a claimed notification once and record how it went; without a notifier it is refused.

        Raises:
            EngineAwayError: the outcome could not be recorded; the lease's end brings the notification back.
        """
        return await self.record(await self.send(claim, notifier))

    async def send(self, claim: Claim, notifier: Notifier | None) -> Attempt:
        """Send a claimed notification once; `record` has to follow."""
        label = claim.receiver if notifier else "unknown"
        with self.metrics.delivery_seconds.labels(label).time():
            receipt, failure = await self._send(claim, notifier)
        ended, outcome = self._judge(claim, receipt, failure)
        return Attempt(claim, label, ended, outcome)

    async def record(self, attempt: Attempt) -> AttemptOutcome:
        """Record how an attempt went. May be called again after an error: the attempt's number fences it.

        Raises:
            EngineAwayError: it could not be recorded.
        """
        claim, ended, outcome = attempt.claim, attempt.ended, attempt.outcome
        if isinstance(outcome, GivenUp):
            await self._tell_operators(claim, outcome)
        if not await self.outbox.settle(claim, outcome, now=self.chances.clock()):
            ended = AttemptOutcome.SUPERSEDED
        self.metrics.deliveries.labels(attempt.label, ended.value).inc()
        self._report(claim, ended, outcome)
        return ended

    async def _send(self, claim: Claim, notifier: Notifier | None) -> tuple[str, DeliveryError | None]:
        """The receipt, or why there is none. Whatever a notifier raises is an answer: the lane goes on."""
        if notifier is None:
            return "", DeliveryRefusedError(f"no receiver is called {claim.receiver!r} in the configuration")
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                earlier = Earlier(claim.uncertain, claim.since, claim.first_receipt)
                return (await notifier.send(claim.notification, earlier)).text, None
        except DeliveryError as error:
            return "", error
        except TimeoutError:
            return "", DeliveryUncertainError(f"no answer within {self._timeout.total_seconds():.0f} s")
        except MalformedMessageError as error:
            # A later release may have written it and read it.
            return "", DeliveryDeferredError(str(error))
        except Exception as error:  # noqa: BLE001  # a notifier's bug: said by its name alone, for texts hold secrets
            return "", DeliveryUncertainError(f"internal error {type(error).__name__}{_where(error)}")

    def _judge(self, claim: Claim, receipt: str, failure: DeliveryError | None) -> tuple[AttemptOutcome, Outcome]:
        if failure is None:
            return AttemptOutcome.SENT, Delivered(receipt)
        text, uncertain = str(failure), isinstance(failure, DeliveryUncertainError)
        if isinstance(failure, DeliveryRefusedError):
            return AttemptOutcome.REFUSED, GivenUp(text, uncertain=claim.uncertain)
        now = self.chances.clock()
        wait = failure.retry_after if isinstance(failure, DeliveryDeferredError) else None
        due = retry.next_attempt(
            now=now, since=claim.since, tries=claim.tries, jitter=self.chances.jitter(), retry_after=wait
        )
        uncertain = uncertain or claim.uncertain
        if due is None:
            last = f"given up after {claim.tries} attempts; the last: {text}"
            return AttemptOutcome.TOO_OLD, GivenUp(last, uncertain)
        ended = AttemptOutcome.UNCERTAIN if isinstance(failure, DeliveryUncertainError) else AttemptOutcome.DEFERRED
        return ended, Deferred(due, text, uncertain, hold_until=due if wait else None)

    async def _tell_operators(self, claim: Claim, outcome: GivenUp) -> None:
        """One notice for each receiver and hour, before the death is recorded: a crash between repeats, not loses.

        A notice that dies makes no notice, or a broken operators' receiver would feed itself.
        """
        if self._operators is None or _is_notice(claim):
            return
        now = self.chances.clock()
        notice = notice_to(
            self._operators,
            cause=f"undelivered-{claim.receiver}",
            title=f"Marsad could not deliver to {claim.receiver}",
            text=f"{outcome.error}. See `marsad alerts list`; once it is mended, `marsad alerts retry` sends again.",
            now=now,
        )
        await self.outbox.add([notice], now=now)

    def _report(self, claim: Claim, ended: AttemptOutcome, outcome: Outcome) -> None:
        fields = {"notification": claim.id, "receiver": claim.receiver, "attempt": claim.attempt}
        match outcome:
            case Delivered(receipt) if ended is AttemptOutcome.SENT:
                content = claim.notification.content
                late = (self.chances.clock() - content.seen_at).total_seconds()
                if isinstance(content, AlertContent):
                    self.metrics.alert_latency_seconds.observe(max(late, 0.0))
                _log.info("delivered", **fields, receipt=receipt)
            case Deferred(due, error):
                _log.warning("delivery_deferred", **fields, outcome=ended.value, error=error, due=due.isoformat())
            case GivenUp(error):
                _log.error("delivery_given_up", **fields, outcome=ended.value, error=error)
            case _:
                _log.warning("delivery_superseded", **fields)


def _is_notice(claim: Claim) -> bool:
    try:
        return isinstance(claim.notification.content, Notice)
    except MalformedMessageError:
        return False


def _where(error: BaseException) -> str:
    """File and line of the innermost frame."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
