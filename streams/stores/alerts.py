"""Alerts in Redis: what is remembered of each, written together with the notifications and the article's status.

A batch of matches is read in three round trips (texts that are like it, alerts that it may belong to, their records),
decided in Python, and committed in one Lua call that checks that nothing it rests on has changed: either all of it is
written or nothing, and then it is read and decided again. So a crash at any point, or the same batch twice, or two
workers with one story, leave the same records and notifications.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from redis.asyncio import Redis

from streams.alert.copies import WINDOW
from streams.alert.decision import Decision, window_alerts_of
from streams.alert.report import Report
from streams.alert.ruling import Ruling
from streams.alerts import AlertContent, AlertRecord, HistoryItem, Reason, alert_id
from streams.messages import Match
from streams.ports import ArticleStatus
from streams.stores import ledger, outbox
from streams.stores.absences import Absences
from streams.stores.alert_plans import plans_of, time_asked_for
from streams.stores.connection import reaching_redis
from streams.stores.kept_alerts import read_alert
from streams.stores.scripts import Script, milliseconds, seconds
from streams.stores.stories import Placed, Stories
from streams.stores.told import Told, read_told
from streams.stores.views import NotificationView
from streams.windows import Absence

KEEP = timedelta(days=30)
"""How long an alert is remembered after an article last joined it. Longer than its notifications are
(`streams.stores.outbox.KEEP` after at most 3 days on their way), so that numbers never start again too early."""

MOST_ALERTS = 200
"""Most alerts of a rule, those last joined, that are looked at for the happening of a report."""


class Decide(Protocol):
    """Decides on one match, its story being known; see `streams.alert.decision.decide`."""

    def __call__(
        self, match: Match, records: Mapping[str, AlertRecord], /, *, held_by: Mapping[str, Reason] = ...
    ) -> Decision:
        """The decision, given the records of the alerts to which it may belong, and those that hold its article."""


Beside = Callable[[str], Mapping[str, timedelta]]
"""The rules whose alerts a decision on this one depends on besides its own, and how far from its articles they lie."""

DecideAbsence = Callable[[Absence, AlertRecord], Ruling]
"""Decides on an alert in which no article has come by then."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with its articles, oldest first, and its notifications, in the order they were told."""

    record: AlertRecord
    articles: tuple[HistoryItem, ...]
    notifications: tuple[NotificationView, ...]


@dataclass(slots=True)
class _Snapshot:
    """What a batch's decisions rest on, as read. `records` and `told` move on as the batch is decided."""

    version: str
    statuses: dict[str, str]
    told: dict[str, Told]
    placed: Placed
    records: dict[str, AlertRecord]


class AlertStore:
    """Decides and keeps alerts under `prefix`. Every method may raise EngineAwayError.

    Args:
        redis: the client, as `streams.stores.connection.connect` gives it.
        prefix: put before every key; the same for all the stores of an installation.
        keep: how long an alert is remembered after its last article; raised to twice a rule's `repeat_after`, and to
            the time that its counts go back.
        ledger_keep: as the ledger's.
        mark: what has to stand in Redis (see `streams.stores.marker`).
    """

    def __init__(
        self,
        redis: Redis,
        *,
        prefix: str,
        keep: timedelta = KEEP,
        ledger_keep: timedelta = ledger.KEEP,
        mark: str | None = None,
    ) -> None:
        self._redis, self._prefix, self._keep, self._ledger_keep = redis, prefix, keep, ledger_keep
        self.absences = Absences(redis, prefix=prefix, mark=mark)
        self._commit = Script(
            redis, "ledger", "outbox", "stories", "silences", "alert_commit", prefix=prefix, mark=mark
        )
        self._outbox = outbox.Outbox(redis, prefix=prefix, mark=mark)
        self._records = Script(redis, "alert_records", prefix=prefix, mark=mark)
        self._stories = Stories(redis, prefix=prefix, mark=mark)

    async def settle(
        self,
        matches: Sequence[Match],
        decide: Decide,
        *,
        now: datetime,
        beside: Beside = lambda _rule: {},
    ) -> list[Decision]:
        """Decide on matches in their order and make it durable; `now` is when notifications become due.

        Args:
            matches: a batch.
            decide: decides on each.
            now: the time.
            beside: the rules whose alerts a decision on this rule depends on, besides its own, each with the span.

        Returns:
            The decisions that were committed: none for articles that had been told before, and of those that had
            ended otherwise only what is told now.
        """
        while True:
            snapshot = await self._read(matches, beside)
            decisions = list(_decide_all(decide, snapshot, keep=self._keep))
            if not decisions or await self._write(decisions, matches, snapshot, now):
                return decisions

    async def tell_absences(self, decide: DecideAbsence, *, until: datetime, now: datetime) -> list[Ruling]:
        """Decide on the alerts that were to be told by `until` unless an article came, and make it durable.

        Returns:
            The rulings that were committed, the oldest absence first.
        """
        while True:
            version, absences = await self.absences.due(until)
            rulings = [decide(absence, record) for absence, record in absences]
            if not rulings:
                return []
            plan = {"version": version, "texts": [], "alerts": plans_of(rulings), "articles": []}
            longest = max(time_asked_for(absence.match.rules[0]) for absence, _ in absences)
            if await self._commit_plan(plan, now=now, longest=longest):
                return rulings

    async def recent(self, limit: int = 100) -> tuple[AlertView, ...]:
        """The alerts last told, or else first recorded, newest first."""
        with reaching_redis():
            ids = await self._redis.zrevrange(f"{self._prefix}alerts", 0, limit - 1)
        views = [await self.view(str(id_)) for id_ in ids]
        return tuple(view for view in views if view)

    async def view(self, alert: str) -> AlertView | None:
        """One alert with all that belongs to it; None where it is not known (any more)."""
        kept = await read_alert(self._redis, self._prefix, alert)
        if kept is None:
            return None
        sent = await self._outbox.views(kept.notifications)
        return AlertView(kept.record, kept.articles, tuple(sorted(sent, key=_telling)))

    async def holding(self, article: str) -> tuple[tuple[AlertView, Reason], ...]:
        """The alerts that an article joined, and why it was told or not, also where they keep no more articles."""
        _, _, told = await read_told(self._redis, self._prefix, [article])
        held = [(await self.view(alert), reason) for alert, reason in told[article].held_by.items()]
        return tuple(sorted(((view, why) for view, why in held if view), key=lambda pair: pair[0].record.first_seen_at))

    async def records(self, ids: Sequence[str]) -> dict[str, AlertRecord]:
        """What is remembered of these alerts, by id, where they are known."""
        rows = await self._records.run(*ids) if ids else ()
        return {id_: _record(row) for id_, row in zip(ids, rows, strict=True) if row}

    async def article_ids(self, alert: str) -> frozenset[str]:
        """The articles that are kept with an alert."""
        with reaching_redis():
            articles = await self._redis.hvals(f"{self._prefix}alert:{alert}:articles")
        return frozenset(HistoryItem.model_validate_json(item).article.id for item in articles)

    async def _read(self, matches: Sequence[Match], beside: Beside) -> _Snapshot:
        articles = list(dict.fromkeys(match.article.id for match in matches))
        version, statuses, told = await read_told(self._redis, self._prefix, articles)
        placed = await self._stories.place(matches, {id_: one.story for id_, one in told.items() if one.story})
        held = [alert for one in told.values() for alert in one.held_by]
        ids = await self._near(placed.matches, held, beside)
        return _Snapshot(version, statuses, told, placed, await self.records(ids))

    async def _near(self, matches: Sequence[Match], held: Sequence[str], beside: Beside) -> list[str]:
        """The alerts to which the matches may belong, or which may keep them quiet.

        These are their own, those that `held` the articles before, those of their rules within the days in which a
        copy of one of their texts may come, and of the rules beside them.
        """
        spans: dict[str, list[tuple[datetime, timedelta]]] = defaultdict(list)
        own = list(held)
        for item in matches:
            for fired in item.rules:
                if fired.window:
                    own += window_alerts_of(Report.of(item, fired), fired.window)
                else:
                    own.append(alert_id(fired.rule, item.story))
                    spans[fired.rule].append((item.seen_at, WINDOW))
                for rule, span in beside(fired.rule).items():
                    spans[rule].append((item.seen_at, max(span, WINDOW)))
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            for rule, around in spans.items():
                low = milliseconds(min(at - span for at, span in around))
                high = milliseconds(max(at + span for at, span in around))
                pipe.zrange(
                    f"{self._prefix}alerts:of:{rule}", high, low, byscore=True, desc=True, offset=0, num=MOST_ALERTS
                )
            found = await pipe.execute()
        return list(dict.fromkeys([*own, *(str(id_) for ids in found for id_ in ids)]))

    async def _write(
        self, decisions: Sequence[Decision], matches: Sequence[Match], snapshot: _Snapshot, now: datetime
    ) -> bool:
        texts, prints = snapshot.placed.plan({(item.article, item.revision) for item in decisions})
        plan = {
            "version": snapshot.version,
            "texts": texts,
            "alerts": plans_of(ruling for decision in decisions for ruling in decision.rulings),
            "articles": [
                {
                    "id": item.article,
                    "status": item.status.value,
                    "status_read": snapshot.statuses[item.article],
                    "told": snapshot.told[item.article].after(item).fields(),
                    "replaces": item.revision > 1 and item.status is ArticleStatus.ALERTED,
                }
                for item in decisions
            ],
        }
        longest = max((time_asked_for(fired) for match in matches for fired in match.rules), default=timedelta())
        return await self._commit_plan(plan, prints, now=now, longest=longest)

    async def _commit_plan(
        self, plan: dict[str, Any], prints: Sequence[bytes | str] = (), *, now: datetime, longest: timedelta
    ) -> bool:
        """Whether it was written; nothing was where what it rests on has changed."""
        answer = await self._commit.run(
            milliseconds(now),
            json.dumps({**plan, "told": _TOLD_REASONS}, ensure_ascii=False),
            seconds(max(self._keep, longest)),
            seconds(self._ledger_keep),
            *prints,
        )
        return bool(answer == "ok")


@lru_cache(maxsize=1024)
def _record(raw: str) -> AlertRecord:
    """A record as it is kept; most of those that a batch reads are as they were for the batch before."""
    return AlertRecord.model_validate_json(raw)


def _decide_all(decide: Decide, snapshot: _Snapshot, *, keep: timedelta) -> Iterable[Decision]:
    """The decisions in order, each resting on those before it. An article that has been told is passed over.

    One that ended untold is, where it is the very same: what came after it must not make it news. The same address may
    come again from another source, as news where it was archive, or whole where it was a summary or unreadable. That is
    told once; the status stands, and what tells nobody changes nothing. One that was dead-lettered comes again because
    somebody retries it: what is decided is always kept. An update is decided on, and kept, unless it or a later one has
    been. An alert that no article has joined for as long as alerts are kept is forgotten, as it is by Redis, whose
    clock is not that of a replay.
    """
    ended = {id_: status for id_, status in snapshot.statuses.items() if status}
    for match in snapshot.placed.matches:
        id_, revision = match.article.id, match.article.revision
        before, told = ended.get(id_), snapshot.told[id_]
        if told.revision > revision or (revision > 1 and told.revision == revision):
            continue
        if told.is_of(match) or (revision == 1 and before in _TOLD):
            continue
        longest = max((keep, *map(time_asked_for, match.rules)))
        known = {id_: one for id_, one in snapshot.records.items() if match.seen_at - one.last_seen_at <= longest}
        decision = decide(match, known, held_by=told.held_by if revision > 1 else {})
        if revision == 1 and before not in _OPEN and decision.status is not ArticleStatus.ALERTED:
            continue
        ended[id_] = decision.status
        snapshot.told[id_] = told.after(decision)
        snapshot.records.update((ruling.record.id, ruling.record) for ruling in decision.rulings)
        yield decision


_TOLD_REASONS = {reason.value: True for reason in Reason if reason.told}
_TOLD = frozenset({ArticleStatus.ALERTED, ArticleStatus.DUPLICATE, ArticleStatus.COOLDOWN})
_OPEN = frozenset({None, ArticleStatus.DEAD_LETTERED})


def _telling(view: NotificationView) -> tuple[int, str]:
    content = view.notification.content if view.notification else None
    return (content.number if isinstance(content, AlertContent) else 0, view.receiver)
