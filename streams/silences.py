"""Silences: what nobody wants to hear of for a while, as Alertmanager has them. Pure; their clock is `seen_at`.

A silence keeps alerts from being told, not from being recorded. What it held back is known, and told when it ends.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, model_validator

from streams.messages import Model
from streams.routes import Matchers, Subject

KEEP = timedelta(days=30)
"""How long a silence that has ended is remembered, with what it held back."""


class Silence(Model):
    """Alerts that have everything asked (`match`, one of `alerts`, one of `stories`) are held back while it lasts."""

    id: str
    match: Matchers | None = None
    alerts: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    author: str
    comment: str

    @model_validator(mode="after")
    def _says_something(self) -> Silence:
        if not (self.match or self.alerts or self.stories):
            raise ValueError("says nothing: name a rule, tag, slot, source, language, country, alert or story")
        if self.ends_at <= self.starts_at:
            raise ValueError("ends before it begins")
        return self

    def ended(self, now: datetime) -> Silence:
        """It, over by now; one that was to come has never been in force."""
        instant = timedelta(microseconds=1)
        return self.model_copy(update={"starts_at": min(self.starts_at, now - instant), "ends_at": now})

    def lasts(self, at: datetime) -> bool:
        """Whether it is in force then."""
        return self.starts_at <= at < self.ends_at

    def asks_for(self, subject: Subject, *, alert: str, stories: Collection[str]) -> bool:
        """Whether it is about the subject's alert, whose texts are `stories`."""
        return (
            (not self.alerts or alert in self.alerts)
            and (not self.stories or not set(self.stories).isdisjoint(stories))
            and (self.match is None or self.match.unmet(subject) is None)
        )


class Held(Model):
    """What a silence keeps of an alert that it held back: who would have been told, and which of them since have been.

    `line` says what it was, for when the alert itself is forgotten; `beside` are other silences that asked for it, and
    hold it back where this one is ended before its time. `subject` is what silences look at in what was held last, for
    those that are added later.
    """

    receivers: tuple[str, ...]
    told_to: tuple[str, ...] = ()
    line: str = ""
    beside: tuple[str, ...] = ()
    subject: Subject | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_release(cls, data: Any) -> Any:
        """It kept one mark, `told`, for all receivers (so does `lua/silences.lua`)."""
        if isinstance(data, dict) and data.get("told"):
            return {**data, "told_to": data["receivers"]}
        return data

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who is to be told yet."""
        return tuple(name for name in self.receivers if name not in self.told_to)

    def is_held_by(self, other: Silence, *, alert: str, stories: Collection[str]) -> bool:
        """Whether another silence asks for it as well; `alert` is its id, and `stories` the texts of that."""
        asks = self.subject is not None and other.asks_for(self.subject, alert=alert, stories=stories)
        return asks or other.id in self.beside

    def handed_on(self, to: str) -> Held:
        """What waits of it, as another silence holds it back."""
        beside = tuple(each for each in self.beside if each != to)
        return self.model_copy(update={"receivers": self.waiting, "told_to": (), "beside": beside})

    def with_more(self, receivers: Iterable[str], beside: Iterable[str], subject: Subject | None) -> Held:
        """It, with whoever else would have been told, and what else asks for the alert, as it is by now."""
        more = {"receivers": [*self.receivers, *receivers], "beside": [*self.beside, *beside]}
        lists = {name: tuple(dict.fromkeys(values)) for name, values in more.items()}
        return self.model_copy(update={**lists, "subject": subject})


def silenced_by(
    silences: Iterable[Silence], subject: Subject, *, alert: str, stories: Collection[str], at: datetime
) -> Silence | None:
    """The silence that holds the alert back; of several that overlap, the one that ends the quiet, and tells of it."""
    asking = [each for each in silences if each.asks_for(subject, alert=alert, stories=stories)]
    found, until = None, at
    while lasting := [each for each in asking if each.lasts(until)]:
        found = max(lasting, key=lambda each: (each.ends_at, each.id))
        until = found.ends_at
    return found


def silences_beside(
    found: Silence, silences: Iterable[Silence], subject: Subject, *, alert: str, stories: Collection[str]
) -> tuple[str, ...]:
    """Other silences that ask for what `found` holds back and touch its time."""
    return tuple(
        each.id
        for each in silences
        if each.id != found.id
        and each.starts_at < found.ends_at
        and each.ends_at > found.starts_at
        and each.asks_for(subject, alert=alert, stories=stories)
    )


def new_id() -> str:
    """A name for a silence, short enough to be typed."""
    return f"s-{secrets.token_hex(4)}"
