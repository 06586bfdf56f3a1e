"""Where a source stands after a poll, and what is to be said about it. Pure.

The interval follows the source's tempo between its two bounds: a poll for each article to be expected, and the shortest
one where more than half of the feed was new, before entries fall out of it unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from streams.errors import FetchError
from streams.ingest import schedule
from streams.ingest.answers import Fetched, NotModified
from streams.ingest.causes import FetchCause
from streams.ingest.tempo import Tempo
from streams.sections import SourceSettings
from streams.stores.sources import SourceState

_CROWDED = 0.5
_WHOLE_EVERY, _WHOLE_SOON = timedelta(days=1), timedelta(hours=1)
_OVERDUE = 3.0


class News(StrEnum):
    """What changed with a source; the name of the log's event."""

    FAILED = "source_failed"
    RECOVERED = "source_recovered"
    MOVED = "source_moved"
    RETIRED = "source_retired"
    RETURNED = "source_returned"


@dataclass(frozen=True, slots=True)
class Poll:
    """A source's state after a poll, and what changed."""

    state: SourceState
    news: tuple[News, ...] = ()


def address_of(source: SourceSettings, state: SourceState) -> str:
    """Where the feed is asked for: where it moved for good, or as configured."""
    return state.moved_to or str(source.address)


def conditions(state: SourceState, now: datetime) -> tuple[str | None, str | None]:
    """The ETag and date to ask with; neither where the whole feed is to be fetched.

    There are servers that answer 304 for ever. So the whole is fetched once a day, and after an hour where several
    articles were due since the last one.
    """
    if state.unchanging or state.whole_at is None or now - state.whole_at >= _WHOLE_EVERY:
        return None, None
    overdue = state.new_at is not None and state.usual_hours and now - state.whole_at >= _WHOLE_SOON
    if overdue and state.new_at and Tempo(state.usual_hours, state.usual_days).expected(state.new_at, now) > _OVERDUE:
        return None, None
    return state.etag, state.last_modified


def succeeded(
    source: SourceSettings, state: SourceState, result: Fetched | NotModified, now: datetime, *, changed: bool = False
) -> Poll:
    """After a poll that worked, whether or not the body has `changed`; `paced` follows, with what was new."""
    news = [News.RETURNED] if state.retired else [News.RECOVERED] if state.problem else []
    update: dict[str, object] = {
        "polled": True,
        "weight": 0.0,
        "problem": None,
        "failing_since": None,
        "retired": None,
        "held_until": None,
        "next_poll": schedule.next_poll(now, source.every),
    }
    if isinstance(result, Fetched):
        update |= {"etag": result.etag, "last_modified": result.last_modified}
        if conditions(state, now) == (None, None):
            update["whole_at"] = now
            same = (result.etag, result.last_modified) == (state.etag, state.last_modified) != (None, None)
            update["unchanging"] = state.unchanging or (same and changed)
        if result.moved_to and result.moved_to != address_of(source, state):
            news.append(News.MOVED)
            update["moved_to"] = result.moved_to
    return Poll(state.model_copy(update=update), tuple(news))


def paced(source: SourceSettings, state: SourceState, *, new: int, first: bool, now: datetime) -> SourceState:
    """The state with the interval that follows from `new` articles since the last poll; the `first` has archive."""
    tempo = Tempo(state.hours, state.days) if state.hours else Tempo.guessed(source.every)
    if state.polled_at and not first:
        tempo = tempo.observed(new, state.polled_at, now)
    crowded = not first and state.entries is not None and new > _CROWDED * max(1, state.entries) and new > 1
    wait = source.every if crowded else tempo.wait(now, shortest=source.every, longest=source.longest)
    return state.model_copy(
        update={
            "hours": tempo.hours,
            "days": tempo.days,
            "polled_at": now,
            "known_since": state.known_since or now,
            "new_at": now if new or first else state.new_at,
            "usual_hours": tempo.hours if new and not first else state.usual_hours,
            "usual_days": tempo.days if new and not first else state.usual_days,
            "next_poll": schedule.next_poll(now, wait),
        }
    )


def failed(source: SourceSettings, state: SourceState, error: FetchError, now: datetime) -> Poll:
    """After a poll that failed: a new cause is said once, and so is the end of a source that is dead."""
    weight = schedule.heavier(state.weight, permanent=error.permanent)
    since = state.failing_since or now
    dead = error.cause == FetchCause.GONE or now - since >= schedule.DEAD_AFTER
    next_poll = schedule.next_poll(now, source.every, weight=weight, retry_after=error.retry_after)
    news = [News.RETIRED] if dead and not state.retired else []
    if state.problem != error.cause and not news and not state.retired:
        news.append(News.FAILED)
    return Poll(
        state.model_copy(
            update={
                "weight": weight,
                "problem": error.cause,
                "failing_since": since,
                "retired": (state.retired or now) if dead else state.retired,
                # An address that was told to us and fails for good is forgotten: the configured one may know better.
                "moved_to": None if error.permanent else state.moved_to,
                "next_poll": max(next_poll, now + schedule.RETIRED_EVERY) if dead or state.retired else next_poll,
                "held_until": now + _at_most_a_day(error.retry_after) if error.retry_after else None,
            }
        ),
        tuple(news),
    )


def _at_most_a_day(span: timedelta) -> timedelta:
    return min(schedule.LONGEST, span)
