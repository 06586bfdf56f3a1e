"""Where a source stands after a poll, and what is to be said about it. Pure.

The interval follows the source's tempo between its two bounds: a poll for each article to be expected, and the shortest
one where more than half of the feed was new, before entries fall out of it unseen. A new source begins with what the
dates in its feed tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from streams.errors import FetchError
from streams.ingest import schedule
from streams.ingest.answers import Fetched, NotModified
from streams.ingest.causes import FetchCause
from streams.ingest.tempo import HOUR, LONG, Tempo
from streams.sections import SourceSettings
from streams.stores.sources import SourceState

_CROWDED = 0.5
_YOUNG, _GUESS = timedelta(days=1), timedelta(hours=6)
"""For how long a source has one rate for all hours, and for how much of that what it was taken for at first counts."""
_WHOLE_EVERY, _WHOLE_SOON, _UNSEEN = timedelta(days=1), timedelta(hours=1), timedelta(hours=6)
_OVERDUE = 3.0
_FEWEST_DUE, _LONGER, _FIRST_GAP = 12.0, 2.0, 18.0
_GAP_MEMORY, _WEEK = timedelta(days=30), timedelta(days=7)
_WEEKS_KNOWN = LONG.hours / 7
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def due(source: SourceSettings, state: SourceState, now: datetime) -> datetime | None:
    """When the source is polled next; None where it is due.

    So it is where it would be longer away, by a day, than any wait: a clock said so that was wrong, or an interval that
    was changed. By less clocks of workers may differ, which would then poll in turn.
    """
    longest = max(source.longest, schedule.RETIRED_EVERY if state.retired else schedule.LONGEST)
    return state.next_poll if state.next_poll and state.next_poll - now <= longest + schedule.LONGEST else None


def conditions(source: SourceSettings, state: SourceState, now: datetime) -> tuple[str | None, str | None]:
    """The ETag and date to ask with; neither where the whole feed is to be fetched.

    There are servers that answer 304 for ever. One whose ETag has changed with its feed is asked for the whole once a
    day, and after an hour where several articles are overdue. One that has not shown that is asked for it within the
    longest interval on its first day, or half the time in which the feed is replaced where that is less; later every
    six hours, or `slowest` where that is longer.
    """
    if state.unchanging or state.whole_at is None:
        return None, None
    unseen = now - state.whole_at
    if state.proven:
        whole = unseen >= _WHOLE_EVERY
    else:  # at the next poll it would be too late
        whole = unseen + (now - (state.polled_at or now)) > _longest_unseen(source, state, now)
    if whole or unseen < timedelta() or (unseen >= _WHOLE_SOON and _is_overdue(state, now)):
        return None, None
    return state.etag, state.last_modified


def _longest_unseen(source: SourceSettings, state: SourceState, now: datetime) -> timedelta:
    """How long a feed may go unseen whose ETag is not known to change."""
    if now - (state.known_since or now) >= _YOUNG:
        return max(source.longest, _UNSEEN)
    rate = Tempo(state.hours, state.days).mean if state.hours else 0.0
    half = HOUR * max(1, state.entries or 1) / 2 / rate if rate else source.longest
    return min(source.longest, half)


def _is_overdue(state: SourceState, now: datetime) -> bool:
    """Whether so many articles are due that their absence is odd, or half of the feed."""
    if not (state.new_at and state.usual_hours):
        return False
    odd = max(_OVERDUE, min(state.longest_gap, (state.entries or 0) / 2))
    return Tempo(state.usual_hours, state.usual_days).expected(state.new_at, now) > odd


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
        update["whole_at"] = now
        if changed and (state.etag or state.last_modified):
            same = (result.etag, result.last_modified) == (state.etag, state.last_modified)
            update["proven"] = state.proven or not same
            update["unchanging"] = state.unchanging or (same and conditions(source, state, now) == (None, None))
        if result.moved_to and result.moved_to != address_of(source, state):
            news.append(News.MOVED)
            update["moved_to"] = result.moved_to
    return Poll(state.model_copy(update=update), tuple(news))


def paced(  # noqa: PLR0913  # what a poll found
    source: SourceSettings,
    state: SourceState,
    *,
    new: int,
    first: bool,
    now: datetime,
    dates: Sequence[datetime] = (),
) -> SourceState:
    """The state with the interval that follows from `new` articles since the last poll.

    The `first` poll has archive: what its `dates` tell. In its first day a source has one rate for all hours.
    """
    tempo = Tempo(state.hours, state.days) if state.hours else None
    if tempo is None:
        tempo = Tempo.guessed(dates, now, shortest=source.every, longest=source.longest)
    elif state.polled_at and not first:
        known_for = state.polled_at - (state.known_since or state.polled_at)
        if known_for < _YOUNG:
            tempo = tempo.watched(new, state.polled_at, now, _GUESS + known_for)
        else:
            tempo = tempo.observed(new, state.polled_at, now)
    crowded = not first and state.entries is not None and new > _CROWDED * max(1, state.entries) and new > 1
    usual = _usual(state, new, now) if new and not first else {}
    wait = source.every if crowded else tempo.wait(now, shortest=source.every, longest=source.longest)
    return state.model_copy(
        update={
            "hours": tempo.hours,
            "days": tempo.days,
            "polled_at": now,
            "known_since": state.known_since or now,
            "new_at": now if new or first else state.new_at,
            **usual,
            "next_poll": schedule.next_poll(now, wait),
        }
    )


def relying(source: SourceSettings, state: SourceState, now: datetime) -> SourceState:
    """The state where a hub has announced what came: the feed is polled as seldom as it may be, to see that it does."""
    later = now + source.longest
    return state.model_copy(update={"next_poll": max(later, state.next_poll or later)})


def _usual(state: SourceState, new: int, now: datetime) -> dict[str, object]:
    """What is usual of a source after `new` articles came, and how many were due when they did.

    Rates are learnt where something comes, over the whole time since the last: a mean over polls that is looked at just
    after one came would be too high by that one. In its first week what counts is how many came in all: an article
    within an hour of its first poll would else be its way for weeks. A gap that was told as a silence counts as no more
    than that.
    """
    since = min(now, state.new_at or state.polled_at or now)  # a clock may have been ahead
    known_for = since - (state.known_since or since)
    if not state.usual_hours:
        first = Tempo.even(0.0).watched(new, since, now, known_for)
        return {"usual_hours": first.hours, "usual_days": first.days, "comings": 1}
    before = Tempo(state.usual_hours, state.usual_days)
    due = min(before.expected(since, now), silence_after(state, now - since))
    after = before.observed(new, since, now, LONG.of_young(known_for))
    if known_for < _WEEK:
        after = after.levelled(before.watched(new, since, now, known_for).hours[0])
        due = min(due, _FIRST_GAP)  # it may have been its first weekend
    forgotten = state.longest_gap * math.exp(-(now - since) / _GAP_MEMORY)
    gap = round(max(forgotten, due), 2)
    return {
        "usual_hours": after.hours,
        "usual_days": after.days,
        "longest_gap": gap,
        "comings": state.comings + 1,
    }


def silence_after(state: SourceState, silence: timedelta) -> float:
    """How many articles have to be due before nothing at all, for so long, is a silence.

    12 where the rates are known for certain: of a source whose articles come independently, that is no accident in
    160,000 spans. Rates that were learnt from `n` articles may be too high by chance; that none of `due` comes has odds
    of (1 + due/n)^-n then (the predictive distribution of a Poisson process with a gamma prior), which falls to the
    same odds later. Rates are of the last three weeks, and a weekday's of a seventh of that. Twice the longest gap is
    for those that come in bursts.
    """
    week = Tempo(state.usual_hours, state.usual_days).expected(_EPOCH, _EPOCH + _WEEK) if state.usual_hours else 0.0
    learnt = max(1.0, min(state.comings, _WEEKS_KNOWN * week) * min(1.0, silence / _WEEK))
    return max(learnt * math.expm1(_FEWEST_DUE / learnt), _LONGER * state.longest_gap)


def failed(source: SourceSettings, state: SourceState, error: FetchError, now: datetime) -> Poll:
    """After a poll that failed: a new cause is said once, and so is the end of a source that is dead."""
    weight = schedule.heavier(state.weight, permanent=error.permanent)
    asked = state.next_poll is None or now - state.next_poll <= schedule.LONGEST  # else it was paused, or we were away
    since = state.failing_since if state.failing_since and asked else now
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
                "moved_to": None if error.permanent or dead else state.moved_to,
                "next_poll": max(next_poll, now + schedule.RETIRED_EVERY) if dead or state.retired else next_poll,
                "held_until": now + _at_most_a_day(error.retry_after) if error.retry_after else None,
            }
        ),
        tuple(news),
    )


def _at_most_a_day(span: timedelta) -> timedelta:
    return min(schedule.LONGEST, span)
