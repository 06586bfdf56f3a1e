"""One attempt to deliver a claimed notification: send, judge, record, and tell the operators what they should know."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from streams.alerts import (
    AlertContent,
    Content,
    HeldBy,
    Notice,
    Notification,
    Revision,
    Summary,
    revision_id,
)
from streams.errors import (
    DeliveryDeferredError,
    DeliveryRefusedError,
    DeliveryUncertainError,
    EngineAwayError,
    MalformedMessageError,
)
from streams.messages import Severity
from streams.notify import circuit, notices, retry, storm
from streams.notify.answer import Answer, try_once
from streams.notify.holding import Holding, hold, told_at
from streams.notify.hours import quiet_until
from streams.notify.notifier import Notifier
from streams.observe.metrics import Metrics
from streams.ports import Clock, utc_now
from streams.settings import NotifySettings
from streams.stores.circuits import Circuit
from streams.stores.contents import decoded
from streams.stores.outbox import Claim, Deferred, Delivered, GivenUp, Outbox, Outcome
from streams.stores.storms import Unruled

TIMEOUT = NotifySettings().timeout
LEASE_IN_TIMEOUTS = 3
"""A lease lasts so many times as long as an attempt may: recording it takes a while too, and clocks differ."""
_log = structlog.get_logger()


class AttemptOutcome(StrEnum):
    """How an attempt ended: the metric's label and the log's field."""

    SENT = "sent"
    EDITED = "edited"  # the first message on an alert says by now what has become known
    DEFERRED = "deferred"  # certainly not delivered, or not to all, tried again later
    UNCERTAIN = "uncertain"  # perhaps delivered, tried again later
    REFUSED = "refused"  # given up: the sink will not have it, or there is no such receiver
    TOO_OLD = "too_old"  # given up: failing for longer than `retry.LONGEST_AGE`
    SUPERSEDED = "superseded"  # our lease had ended and another attempt took over


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was made and is not recorded yet.

    `label` is the receiver's name for metrics, `circuit` the receiver's after this attempt, `missed` the receipt's.
    """

    claim: Claim
    label: str
    ended: AttemptOutcome
    outcome: Outcome
    circuit: Circuit
    missed: str = ""


@dataclass(frozen=True, slots=True)
class Chances:
    """What a delivery takes from the world, so that tests can give it: the time, and a number in [0, 1)."""

    clock: Clock = utc_now
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

    async def send(self, claim: Claim, notifier: Notifier | None, holding: Holding | None = None) -> Attempt:
        """Send a claimed notification once; `record` has to follow. Where it fails, it is not tried in quiet hours."""
        label = claim.receiver if notifier else "unknown"
        with self.metrics.delivery_seconds.labels(label).time():
            answer = await try_once(claim, notifier, self.outbox.tellings, timeout=self._timeout)
        answer = _settled_for(claim, answer, self.chances.clock())
        ended, outcome = self._judge(claim, answer, edits=notifier is not None and notifier.edits)
        if isinstance(outcome, Deferred) and holding and _can_wait(_content(claim)):
            quiet = quiet_until(holding.quiet_hours, outcome.due, timezone=holding.timezone)
            outcome = replace(outcome, due=quiet or outcome.due)
        return Attempt(claim, label, ended, outcome, self._circuit_after(claim, answer), answer.missed)

    async def record(self, attempt: Attempt) -> AttemptOutcome:
        """Record how an attempt went. May be called again after an error: the attempt's number fences it.

        Raises:
            EngineAwayError: it could not be recorded.
        """
        claim, ended, outcome = attempt.claim, attempt.ended, attempt.outcome
        if isinstance(outcome, GivenUp):
            await self._tell_operators(claim, notices.of_loss, outcome.error)
        if attempt.missed:
            await self._tell_operators(claim, notices.of_missed, attempt.missed)
        if not await self.outbox.settle(claim, outcome, now=self.chances.clock()):
            ended = AttemptOutcome.SUPERSEDED
        self.metrics.deliveries.labels(attempt.label, ended.value).inc()
        self._report(claim, ended, outcome)
        if attempt.circuit != claim.circuit:
            # Recorded is recorded: a move that is lost is made good by the next attempt.
            with contextlib.suppress(EngineAwayError):
                await self._move_circuit(claim, attempt.circuit)
        return ended

    async def take_up(self, receiver: str, holding: Holding) -> None:
        """Have what is held for a receiver told when it asks for that now: it may have asked for something else.

        Raises:
            EngineAwayError: it could not be recorded, and nothing was.
        """
        now = self.chances.clock()
        dues = await self.outbox.storms.dues(receiver)
        times = {by: told_at(holding, by, due, now=now) for by, due in dues.items() if due > now}
        await self.outbox.storms.retime(receiver, {by: at for by, at in times.items() if at != dues[by]})

    async def rule(self, unruled: Unruled, holding: Holding) -> None:
        """Let notifications pass, or hold them for a summary, as the receiver has asked.

        Raises:
            EngineAwayError: it could not be recorded, and nothing was.
        """
        now = self.chances.clock()
        fresh = [storm.Fresh(id_, _severity(id_, content), added) for id_, content, added in unruled.fresh]
        held, limit = hold(holding, fresh, unruled.recent, now=now), holding.storm_limit
        written = await self.outbox.storms.rule(unruled, held, limit=limit, window=storm.WINDOW, now=now)
        if written:
            self.metrics.held.labels(unruled.receiver).inc(written)
            log = _log.warning if held.by is HeldBy.STORM else _log.info
            log("held", receiver=unruled.receiver, by=held.by.value, held=written, until=held.until.isoformat())

    def _judge(self, claim: Claim, answer: Answer, *, edits: bool) -> tuple[AttemptOutcome, Outcome]:
        failure, now = answer.failure, self.chances.clock()
        if failure is None:
            if isinstance(answer.content, Revision):
                return AttemptOutcome.EDITED, Delivered(answer.receipt)
            revision = _revision(claim, answer.content, now) if edits else None
            return AttemptOutcome.SENT, Delivered(answer.receipt, revision)
        text, uncertain = str(failure), isinstance(failure, DeliveryUncertainError)
        if isinstance(failure, DeliveryRefusedError) and not failure.everything:
            return AttemptOutcome.REFUSED, GivenUp(text, uncertain=claim.uncertain)
        wait, reached = None, tuple[str, ...]()
        if isinstance(failure, DeliveryDeferredError):
            wait, reached = failure.retry_after, failure.reached
        due = retry.next_attempt(
            now=now, since=claim.since, tries=claim.tries, jitter=self.chances.jitter(), retry_after=wait
        )
        uncertain = uncertain or claim.uncertain
        if due is None:
            last = f"given up after {claim.tries} attempts; the last: {text}"
            return AttemptOutcome.TOO_OLD, GivenUp(last, uncertain)
        ended = AttemptOutcome.UNCERTAIN if isinstance(failure, DeliveryUncertainError) else AttemptOutcome.DEFERRED
        # Sinks count edits apart from messages: those need not wait.
        holds = wait and not isinstance(_content(claim), Revision)
        return ended, Deferred(due, text, uncertain, hold_until=due if holds else None, reached=reached)

    def _circuit_after(self, claim: Claim, answer: Answer) -> Circuit:
        """The receiver's circuit with this attempt. One that asks us to wait is neither dead nor proved alive."""
        failure = answer.failure
        if answer.ours or (isinstance(failure, DeliveryDeferredError) and failure.retry_after):
            return claim.circuit
        if failure is None or (isinstance(failure, DeliveryDeferredError) and failure.reached):
            return circuit.after_success(claim.circuit)
        final = isinstance(failure, DeliveryRefusedError) and failure.everything
        if isinstance(failure, DeliveryRefusedError) and not final:
            # It answered, about this message.
            return circuit.after_success(claim.circuit)
        return circuit.after_failure(claim.circuit, error=str(failure), now=self.chances.clock(), final=final)

    async def _move_circuit(self, claim: Claim, becomes: Circuit) -> None:
        """Write it; operators are told when it opens, unless through itself, and when it closes."""
        was, receiver, now = claim.circuit, claim.receiver, self.chances.clock()
        notice = notices.of_circuit(self._operators, receiver, was, becomes, now=now) if self._operators else None
        if await self.outbox.circuits.move(receiver, was, becomes, now=now, notice=notice):
            self.metrics.circuit_open.labels(receiver).set(becomes.is_open)
            if was.is_open != becomes.is_open:
                log = _log.error if becomes.is_open else _log.info
                log("circuit_open" if becomes.is_open else "circuit_closed", receiver=receiver, error=becomes.error)

    async def _tell_operators(self, claim: Claim, notice_of: notices.Of, error: str) -> None:
        """One notice for each receiver and hour, before the death is recorded: a crash between repeats, not loses.

        A notice that dies makes no notice, or a broken operators' receiver would feed itself.
        """
        if self._operators is None or not _is_news(claim):
            return
        now = self.chances.clock()
        notice = notice_of(self._operators, claim.receiver, error, now=now)
        await self.outbox.add([notice], now=now)

    def _report(self, claim: Claim, ended: AttemptOutcome, outcome: Outcome) -> None:
        fields = {"notification": claim.id, "receiver": claim.receiver, "attempt": claim.attempt}
        match outcome:
            case Delivered(receipt) if ended is AttemptOutcome.EDITED:
                _log.info("edited", **fields, receipt=receipt)
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


def _settled_for(claim: Claim, answer: Answer, now: datetime) -> Answer:
    """The answer; where some of several addresses have it, and the rest were tried long enough, that these miss it."""
    failure = answer.failure
    if not (isinstance(failure, DeliveryDeferredError) and failure.reached and claim.reached):
        return answer
    return Answer(str(failure), str(failure)) if now - claim.since >= retry.LONGEST_FOR_SOME else answer


def _content(claim: Claim) -> Content | None:
    """What was to be sent; None where this release cannot read it."""
    try:
        return claim.notification.content
    except MalformedMessageError:
        return None


def _can_wait(content: object) -> bool:
    """Whether it waits for the end of quiet hours: all that tells of alerts, but `critical` ones."""
    if isinstance(content, AlertContent):
        return content.match.severity is not Severity.CRITICAL
    return isinstance(content, Summary) or (isinstance(content, Notice) and bool(content.held))


def _is_news(claim: Claim) -> bool:
    """Whether somebody misses something when it does not arrive: neither a notice nor an edit is news."""
    return not isinstance(_content(claim), Notice | Revision)


def _revision(claim: Claim, content: object, now: datetime) -> Notification | None:
    """The edit of the first message on this alert, for when it develops: of this one, where it is the first."""
    if not isinstance(content, AlertContent):
        return None
    id_ = revision_id(content.alert, claim.receiver)
    return Notification(id=id_, receiver=claim.receiver, content=Revision(alert=content.alert, seen_at=now))


def _severity(id_: str, content: str) -> Severity | None:
    try:
        told = decoded(id_, "", content).content
    except MalformedMessageError:
        return None
    return told.match.severity if isinstance(told, AlertContent) else None
