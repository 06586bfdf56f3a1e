"""The words of alerting: why a match was told or not, what is remembered of an alert, and what is sent to whom.

The alert stage writes them, the notify stage sends them, `streams.stores` keeps them in Redis as JSON.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from streams.messages import ArticleHead, Model, RuleMatch, Severity, Traits
from streams.windows import WindowCount, WindowState


class Reason(StrEnum):
    """Why a rule's match was told, or why not. The metric's label, the log's field, and what the user is shown."""

    FIRST = "first"  # told: nobody has been told of this happening under this rule, or not those who are now
    HIGHER_SEVERITY = "higher_severity"  # told: what was told is more severe now
    NUMBER_GROWN = "number_grown"  # told: a number has grown by a step (killed, arrested, ...)
    NEW_PLACE = "new_place"  # told: a place that was not told
    NEW_ACTOR = "new_actor"  # told: another slot says what was not told
    NEW_ORIGIN = "new_origin"  # told: the next text that is nobody's copy reports it
    REPEAT = "repeat"  # told: it is still being published `repeat_after` later
    DUPLICATE = "duplicate"  # not told: a copy of a text that was told less than `repeat_after` ago
    COOLDOWN = "cooldown"  # not told: another text, with nothing new, less than `repeat_after` later
    BACKLOG = "backlog"  # not told: published too long ago, or in the archive of a new source
    SHADOW = "shadow"  # not told: the rule is on trial
    BELOW_THRESHOLD = "below_threshold"  # not told: too few articles of the rule so far
    UNROUTED = "unrouted"  # not told: no route takes it
    SILENCED = "silenced"  # not told: a silence holds it back
    INHIBITED = "inhibited"  # not told: an alert of another rule on the same was told

    @property
    def development(self) -> bool:
        """Whether this reason tells something new of what was told before."""
        return self in _DEVELOPMENTS

    @property
    def told(self) -> bool:
        """Whether this reason makes notifications."""
        return self in {Reason.FIRST, Reason.REPEAT} or self.development


_DEVELOPMENTS = frozenset(
    {Reason.HIGHER_SEVERITY, Reason.NUMBER_GROWN, Reason.NEW_PLACE, Reason.NEW_ACTOR, Reason.NEW_ORIGIN}
)


class Happening(Model):
    """What the articles of an alert have said so far; by it other reports of the same happening are known.

    `slots` are the values by slot that were told (see `streams.alert.happenings`; `~` stands before mere words),
    `heard` those of all its articles, `spots` those of its places that are no countries and the like, with a point
    where one is known, `origins` the stories, that is, texts which are nobody's copy. `traits` are those of the first
    article, with the deaths, kinds, means, targets, scenes, names, and places and counts in titles of all, `days` those
    that any article names, `ministries` those for which those who act speak in any; `deaths` is the largest toll told,
    `number` the largest number of articles that told none.
    """

    slots: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    heard: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    spots: Mapping[str, tuple[float, float] | None] = Field(default_factory=dict)
    traits: Traits = Traits()
    days: tuple[date, ...] = ()
    ministries: tuple[str, ...] = ()
    deaths: int = 0
    number: int = 0
    origins: tuple[str, ...] = ()


class AlertRecord(Model):
    """What is remembered of one rule's alert on one story; the state of the decision.

    `number` counts how often it was told, `told_at` is the `seen_at` of the article that made it told last to all; both
    are 0 and None while it was only recorded. `told_to` has the number of the first telling to each receiver, of a
    count since it was told anew; where it is empty though there is a `number`, an earlier release told it. `articles`
    counts the articles that joined it. `headline` and `reason` are those of the article told last, else of the first.
    `window` is what a rule with a condition over time has counted; its `story` is the group then.
    """

    id: str
    rule: str
    title: str
    severity: Severity
    story: str
    headline: str
    reason: Reason
    number: int = 0
    articles: int = 0
    told_at: AwareDatetime | None = None
    told_to: Mapping[str, int] = Field(default_factory=dict)
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    happening: Happening = Happening()
    window: WindowState | None = None

    def newcomers(self, receivers: Iterable[str]) -> tuple[str, ...]:
        """Those of them who have been told nothing of what others were told."""
        return tuple(name for name in receivers if self.told_to and name not in self.told_to)


class KnownText(Model):
    """A text that is remembered, so that copies of it are known: its story, and how large its sketch is."""

    story: str
    pairs: int
    triples: int
    traits: Traits
    seen_at: AwareDatetime


class HistoryItem(Model):
    """One article that joined an alert, and what was decided then. `number` is the alert's number afterwards.

    `story` is the text that it is a copy of; articles of one story are one origin. `by` is what held it back: the
    silence, or the other alert.
    """

    article: ArticleHead
    story: str = ""
    reason: Reason
    by: str = ""
    number: int
    seen_at: AwareDatetime
    rulebook: str


class AlertContent(Model):
    """An alert as it is told: the rule's match on one article. `seen_at` is when the article was first seen.

    `origins` counts the independent texts that have reported it, `window` what made a condition over time true.
    """

    kind: Literal["alert"] = "alert"
    alert: str
    number: int
    reason: Reason
    seen_at: AwareDatetime
    article: ArticleHead
    match: RuleMatch
    origins: int = 1
    window: WindowCount | None = None


class Notice(Model):
    """Something about Marsad itself that its operators should know. `cause` is a short stable word.

    What a silence held back is told to its receivers: `held` are lines by alert, and `about` is the silence.
    """

    kind: Literal["notice"] = "notice"
    cause: str
    title: str
    text: str
    seen_at: AwareDatetime
    about: str = ""
    held: Mapping[str, str] = Field(default_factory=dict)


class HeldBy(StrEnum):
    """Why notifications wait for a summary."""

    STORM = "storm"  # more than the receiver's limit came at once
    QUIET_HOURS = "quiet_hours"  # the receiver's
    DIGEST = "digest"  # the receiver is told every so often


@dataclass(frozen=True, slots=True)
class Hold:
    """The ids of notifications that are held, why, and until when their summary waits."""

    ids: frozenset[str]
    by: HeldBy
    until: datetime


class Summary(Model):
    """What was held back for a receiver, told as one message.

    `seen_at` is when the first of them was held, `until` when it is told, `by` why, `limit` the receiver's in a storm.
    `told` is what was held, in that order; it is known once the summary is about to be sent.
    """

    kind: Literal["summary"] = "summary"
    seen_at: AwareDatetime
    until: AwareDatetime
    by: HeldBy = HeldBy.STORM
    limit: int = 0
    told: tuple[AlertContent, ...] = ()


class Revision(Model):
    """What the first message on an alert is to say by now: it is edited in place, and is no message of its own.

    `told` is what the receiver was told of the alert, the first message first; `sources` are those of all articles that
    have joined it, `articles` and `origins` count them and their independent texts, and `number` is the largest number
    told (0 for none). All but `alert` is known once the edit is about to be made.
    """

    kind: Literal["revision"] = "revision"
    alert: str
    seen_at: AwareDatetime
    told: tuple[AlertContent, ...] = ()
    sources: tuple[str, ...] = ()
    articles: int = 0
    origins: int = 0
    number: int = 0


Content = AlertContent | Notice | Summary | Revision


class Notification(Model):
    """One content for one receiver. `id` keys the outbox and is the sink's idempotency key.

    `first` is the id of the notification that told the receiver of this alert first; "" where it is this one.
    """

    id: str
    receiver: str
    first: str = ""
    content: Annotated[Content, Field(discriminator="kind")]

    @property
    def alert(self) -> str | None:
        """The alert that this tells of; None for a notice, and for a summary of several."""
        return self.content.alert if isinstance(self.content, AlertContent | Revision) else None


class NotificationState(StrEnum):
    """Where a notification is on its way."""

    PENDING = "pending"  # waits for its time
    LEASED = "leased"  # a worker is sending it
    SENT = "sent"  # the sink has it
    HELD = "held"  # waits for a summary: of a storm, quiet hours, a digest
    SUMMARISED = "summarised"  # the sink has the summary that lists it
    DEAD = "dead"  # given up; `marsad alerts retry` sends it again


def alert_id(rule: str, story: str) -> str:
    """The identity of a rule's alert on a story."""
    return f"a1:{_digest('alert', rule, story)}"


def notification_id(alert: str, receiver: str, number: int) -> str:
    """The identity of telling one receiver the `number`-th time (1 is the first) of an alert."""
    return f"n1:{_digest('notification', alert, receiver, str(number))}"


def summary_id(receiver: str, by: HeldBy, opened_at: datetime) -> str:
    """The identity of a summary for a receiver."""
    return f"n1:{_digest('summary', receiver, by.value, opened_at.isoformat())}"


def revision_id(alert: str, receiver: str) -> str:
    """The identity of the edits of a receiver's first message on an alert."""
    return f"n1:{_digest('revision', alert, receiver)}"


def notice_id(cause: str, receiver: str, at: datetime) -> str:
    """The identity of a notice: one for each cause and receiver in an hour."""
    return f"n1:{_digest('notice', cause, receiver, str(int(at.timestamp()) // 3600))}"


def notice_to(receiver: str, *, cause: str, title: str, text: str, now: datetime) -> Notification:
    """A notice on its way to a receiver; another one of its cause within the hour has the same id, and is not sent."""
    notice = Notice(cause=cause, title=title, text=text, seen_at=now)
    return Notification(id=notice_id(cause, receiver, now), receiver=receiver, content=notice)


def held_back_to(receiver: str, silence: str, held: Mapping[str, str], *, about: str, now: datetime) -> Notification:
    """What a silence held back, on its way to a receiver: `held` are lines by alert. Its id is that of these alerts."""
    title = f"Silence {about} has ended; alerts that it held back: {len(held)}"
    notice = Notice(cause="silence-ended", title=title, text="", seen_at=now, about=about, held=held)
    id_ = f"n1:{_digest('silence', silence, receiver, *sorted(held))}"
    return Notification(id=id_, receiver=receiver, content=notice)


def _digest(*parts: str) -> str:
    """128 bits of SHA-256 over the parts, each with its length, so that no two lists of parts run together."""
    framed = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))
    return hashlib.sha256(framed).hexdigest()[:32]
