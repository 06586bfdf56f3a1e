"""The words of conditions over time: the articles that count, and what is known of their number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import AwareDatetime, Field

from streams.messages import Match, Model


class Counted(Model):
    """An article that counts: which, from where, of which text it is a copy, and at which step of a sequence it is."""

    article: str
    seen_at: AwareDatetime
    source: str
    story: str
    step: int = 0
    title: str = ""
    url: str | None = None


class WindowState(Model):
    """What is remembered of one rule's articles in one group.

    `items` are the latest, oldest first; `hours` how many there were in each hour (hours since 1970) as far back as the
    rule's `history`; `since` is from when on these are known; `told` the count that was told last. `after` names the
    rules of the sequence whose steps the items have; None where that is not known.
    """

    items: tuple[Counted, ...] = ()
    hours: Mapping[int, int] = Field(default_factory=dict)
    since: AwareDatetime | None = None
    told: int = 0
    after: tuple[str, ...] | None = None


class WindowCount(Model):
    """How many articles, sources and origins (texts that are nobody's copy) there are within a span of time.

    `count` is the one that is asked for. `usual` is the mean of `before`: the counts of the same hours in the weeks
    before, latest first, without the largest where there are four or more; None where the rule does not ask. `of` is
    the name of the group, where the rule asks for each value of a slot.
    """

    count: int
    articles: int
    sources: int
    origins: int
    within: timedelta
    usual: float | None = None
    before: tuple[float, ...] = ()
    items: tuple[Counted, ...] = ()
    of: str = ""


class Absence(Model):
    """An alert that is told `at` that time if no article of its rule and group comes before; `match` is the last one.

    `match` has the one rule alone.
    """

    at: AwareDatetime
    match: Match
