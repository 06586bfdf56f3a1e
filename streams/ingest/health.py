"""What is wrong with a source, judged by its own past. Pure.

A source is silent when so many articles were due since its last one that none at all is no accident
(`streams.ingest.polling.silence_after`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from streams.ingest.causes import FetchCause
from streams.ingest.polling import silence_after
from streams.ingest.revisions import DUPLICATE
from streams.ingest.tempo import Tempo
from streams.stores.source_books import EndLine
from streams.stores.sources import SourceState

_LEARNT = timedelta(days=3)
_COMINGS = 10
_SHORTEST_SILENCE = timedelta(hours=6)
_WEEK, _WEEKEND = timedelta(days=7), timedelta(days=3)
"""Of a source that was not heard for a week before it fell silent nobody knows what it does at weekends."""

_FAILS_FOR = timedelta(hours=6)
_RECENT, _BEFORE = 10, 15
_ONLY, _OVERTAKEN = 20, "overtaken"
_MOST = 0.8
_FALLEN = 0.35


class Trouble(StrEnum):
    """One word for each way in which a source that was sound may not be; the worst first."""

    RETIRED = "retired"  # ended by its publisher, or failing for a month
    FAILING = "failing"  # has not answered as it should for hours
    SILENT = "silent"  # answers, and has brought nothing for longer than it ever does
    REDIRECTED = "redirected"  # most of its links lead to its front page
    UNREADABLE = "unreadable"  # most of its pages are no articles: walls, blocks
    SHORT = "short"  # its texts have become a third of what they were: teasers, or a changed template
    UNDATED = "undated"  # none of its articles has a date any more
    DUPLICATES = "duplicates"  # brings nothing but what other sources bring


_UNHEARD = frozenset({Trouble.SILENT, Trouble.FAILING, Trouble.RETIRED})


@dataclass(frozen=True, slots=True)
class Finding:
    """A trouble, in words that follow the source's name, with what to do."""

    trouble: Trouble
    text: str


def findings(state: SourceState, ends: Sequence[EndLine], now: datetime) -> tuple[Finding, ...]:
    """What is wrong with a source, of which `ends` are how its last articles ended, newest first; the worst first."""
    found = [_of_polls(state, now), *_of_articles(ends, told=Trouble.DUPLICATES in state.said)]
    return tuple(finding for finding in found if finding)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be told of a source, and what has been said of it thereafter."""

    began: frozenset[str]
    ended: frozenset[str]
    said: frozenset[str]


def change(state: SourceState, found: Collection[str]) -> Change:
    """What is new among the troubles `found`, by what was said before.

    A source that fails cannot be heard to speak again, so that its silence is not over; nor is it over that it failed,
    or was retired, because it fails at another address now. One that is retired has not ceased to fail.
    """
    before, now = frozenset(state.said), frozenset(found)
    said = now | (before & _UNHEARD if state.problem else frozenset())
    failing = frozenset({Trouble.FAILING} if Trouble.RETIRED in said else ())
    said -= failing
    return Change(said - before, before - said - failing, said)


def _of_polls(state: SourceState, now: datetime) -> Finding | None:
    """That it does not answer, or that it has nothing to say."""
    if state.retired:
        text = f"is retired since {state.retired:%Y-%m-%d} ({state.problem}); it is asked once a week, or remove it"
        return Finding(Trouble.RETIRED, text)
    if state.problem and state.failing_since and now - state.failing_since >= _FAILS_FOR:
        return Finding(Trouble.FAILING, f"fails since {state.failing_since:%Y-%m-%d %H:%M} UTC ({state.problem})")
    if state.problem or not (state.new_at and state.known_since and state.usual_hours):
        return None
    silence = now - state.new_at
    shortest = _SHORTEST_SILENCE if state.new_at - state.known_since >= _WEEK else _WEEKEND
    if now - state.known_since < _LEARNT or silence < shortest or state.comings < _COMINGS:
        return None
    expected = Tempo(state.usual_hours, state.usual_days).expected(state.new_at, now)
    if expected < silence_after(state, silence):
        return None
    text = f"has brought nothing since {state.new_at:%Y-%m-%d %H:%M} UTC, when about {expected:.0f} articles were due"
    return Finding(Trouble.SILENT, f"{text}; look whether its feed is still the right one")


def _of_articles(ends: Sequence[EndLine], *, told: bool) -> list[Finding | None]:
    """What its articles show; `told` says that it was said to bring duplicates only.

    Of two feeds with the same articles each may be the later one for a time. So only the one that is here for less long
    is told of, and that it is over when half of those that can be judged, however few, are its own again.
    """
    judged = [end.outcome for end in ends if end.outcome != _OVERTAKEN][:_ONLY]
    count, of = judged.count(DUPLICATE), len(judged)
    if count > of / 2 if told else count == _ONLY:
        what = "nothing" if count == of else "little"
        text = f"brings {what} but what other sources bring ({count} of the last {of} articles); it may be removed"
        return [Finding(Trouble.DUPLICATES, text)]
    own = [end for end in ends if end.outcome not in {DUPLICATE, _OVERTAKEN}]
    recent, before = own[:_RECENT], own[_RECENT:]
    if len(recent) < _RECENT:
        return []
    return [_unreadable(recent), _short(recent, before), _undated(recent, before)]


def _unreadable(recent: Sequence[EndLine]) -> Finding | None:
    causes = Counter(end.outcome.removeprefix("feed_text/") for end in recent if end.outcome != "published")
    if causes.total() < _MOST * len(recent):
        return None
    if causes[FetchCause.FRONT_PAGE] >= _MOST * len(recent):
        text = f"has links that lead to its front page ({causes[FetchCause.FRONT_PAGE]} of the last {len(recent)})"
        return Finding(Trouble.REDIRECTED, f"{text}; look for its feed's new address")
    named = ", ".join(f"{count} {cause}" for cause, count in causes.most_common(3))
    return Finding(Trouble.UNREADABLE, f"has pages that are no articles: {named} of the last {len(recent)}")


def _short(recent: Sequence[EndLine], before: Sequence[EndLine]) -> Finding | None:
    now = [end.letters for end in recent if end.outcome == "published"]
    then = [end.letters for end in before if end.outcome == "published"]
    if len(now) < _RECENT // 2 or len(then) < _BEFORE or median(now) >= _FALLEN * median(then):
        return None
    text = f"has texts of about {median(now):.0f} letters, which were {median(then):.0f}"
    return Finding(Trouble.SHORT, f"{text}; its pages may have a wall or a new form")


def _undated(recent: Sequence[EndLine], before: Sequence[EndLine]) -> Finding | None:
    told = [end for end in recent if end.letters]
    had = [end for end in before if end.letters and end.dated]
    if len(told) < _RECENT // 2 or any(end.dated for end in told) or len(had) < _MOST * max(_BEFORE, len(before)):
        return None
    return Finding(Trouble.UNDATED, "has no dates any more")
