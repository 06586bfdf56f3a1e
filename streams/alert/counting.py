"""Conditions over time: whether enough articles of a rule came close together. Pure; the clock is `seen_at`.

A rule's articles are counted by group (the values of one of its slots, or all together). An article is judged by the
fullest span of `within` that it lies in, so one that comes late completes what it belongs to, in whatever order
articles are decided. A spike compares that with the same hours of the week in the weeks before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import floor

from streams.messages import Match, Unit, Window
from streams.windows import Counted, WindowCount, WindowState

LATENESS = timedelta(minutes=10)
"""How much later than younger ones an article may come and still be counted with everything it belongs to."""
AHEAD = timedelta(days=1)
"""An article that was seen so much later than another one that is decided after it was seen by a wrong clock."""
MOST = 200
"""Most articles of a group that are remembered; a rule cannot ask for more."""
STEP = 1.5
"""What was told is told again when it has become this many times larger."""
WEEK = timedelta(days=7)
LEAST_WEEKS = 2
"""A spike is silent until a group has been counted for so many weeks."""
_HOUR = timedelta(hours=1)
_OWN = ""
"""The last step: no rule is called so."""


def groups_of(window: Window, values: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The groups in which an article with these values of slots counts; "" where there is no value, or no grouping."""
    return (values.get(window.by) or ("",)) if window.by else ("",)


def counted(match: Match, window: Window) -> Counted:
    """The article of a match, as it is counted."""
    head = match.article
    return Counted(
        article=head.id,
        seen_at=match.seen_at,
        source=head.source,
        story=match.story,
        step=window.step,
        title=head.title[:200],
        url=head.url,
    )


def has_article(state: WindowState, item: Counted) -> bool:
    """Whether it is remembered as one that counts."""
    return any((item.article, item.step) == (known.article, known.step) for known in state.items)


def with_article(state: WindowState, item: Counted, window: Window) -> WindowState:
    """The state with an article in it. One that is in it already changes nothing."""
    state = _with_steps_of(state, window)
    if has_article(state, item):
        return state
    known_story = any(item.story == known.story for known in state.items)
    items = sorted((*state.items, item), key=lambda each: (each.seen_at, each.article, each.step))
    # By the article before, or this one: one that was seen by a clock far ahead must not make all others too old.
    clock = min(item.seen_at, state.items[-1].seen_at) if state.items else item.seen_at
    oldest = clock - window.within - LATENESS
    hours, since = _history_with(state, item, window, clock=clock, again=known_story)
    kept = _fewer(tuple(each for each in items if each.seen_at > oldest), window.unit)
    return state.model_copy(update={"items": kept, "hours": hours, "since": since})


def _with_steps_of(state: WindowState, window: Window) -> WindowState:
    """The state with its articles at the steps of the sequence as the rule has it now: the rule may have been edited.

    What is no step any more goes. Of an earlier release nothing is known, and left as it is.
    """
    after = window.after if window.unit is Unit.STEPS else ()
    if after == state.after or (window.unit is Unit.STEPS and not after):
        return state
    if state.after is None:
        return state.model_copy(update={"after": after})
    before = dict(enumerate((*state.after, _OWN)))
    steps = {
        (item.article, step): item.model_copy(update={"step": step})
        for item in state.items
        for step, name in enumerate((*after, _OWN))
        if name == before.get(item.step)
    }
    return state.model_copy(update={"items": tuple(steps.values()), "after": after})


def count_at(state: WindowState, item: Counted, window: Window) -> WindowCount:
    """The fullest span of `within` in which the article lies, the latest of equals; of a sequence, its steps.

    An article that came so late that it is not remembered counts alone.
    """
    known = next((each for each in state.items if (each.article, each.step) == (item.article, item.step)), None)
    if known is None:
        best: tuple[Counted, ...] = (item,)
    elif window.unit is Unit.STEPS:
        best = _chain(state.items, known, window)
    else:
        spans = _spans(state.items, known, window.within)
        best = max(spans, key=lambda span: (_count(span, window.unit), span[-1].seen_at))
    before = _before(state, best[-1].seen_at, window) if window.history else ()
    counts = {unit: _count(best, unit) for unit in Unit}
    counts[window.unit] = max(counts[window.unit], _count_by_hours(state, best[-1].seen_at, window))
    return WindowCount(
        count=counts[window.unit],
        articles=max(counts[Unit.ARTICLES], counts[Unit.ORIGINS]),
        sources=counts[Unit.SOURCES],
        origins=counts[Unit.ORIGINS],
        within=window.within,
        usual=_usual(before),
        before=before,
        items=best,
    )


def _count_by_hours(state: WindowState, end: datetime, window: Window) -> int:
    """How many there are up to `end` where there were more than are remembered, and hours are known; else 0.

    What is usual there may be more than are remembered, and a spike a multiple of that.
    """
    if window.history is None or len(state.items) < MOST or end < state.items[0].seen_at:
        return 0
    later = [each for each in state.items if each.seen_at > end]
    hour_after = datetime.fromtimestamp((_hour(state.items[-1].seen_at) + 1) * 3600, UTC)
    return floor(_within(state.hours, end - window.within, hour_after)) - _count(later, window.unit)


def is_met(count: WindowCount, window: Window) -> bool:
    """Whether that is as many as the rule asks for, and for a spike as many times the usual; never without history."""
    if count.count < window.at_least:
        return False
    return window.times is None or (count.usual is not None and count.count >= window.times * count.usual)


def silent_at(state: WindowState, window: Window, now: datetime) -> datetime | None:
    """When a group without another article has been silent for longer than is usual; None where it never will be.

    It is the first end of a span without articles, by the hour and within a week, for which `usual` were to be expected
    by the weeks before: what is silent at night is missed in the morning. It begins with the full hour after the last
    article, since what else usually comes in its hour has come. `now` is when an article was last decided.
    """
    seen = [each.seen_at for each in state.items if each.seen_at <= now + AHEAD]
    if not seen or window.usual is None or sum(state.hours.values()) < LEAST_WEEKS * window.usual:
        return None
    first = datetime.fromtimestamp((_hour(seen[-1]) + 1) * 3600, UTC) + window.within
    ends = (first + hours * _HOUR for hours in range(WEEK // _HOUR + 1))
    return next((end for end in ends if (_usual(_before(state, end, window)) or 0.0) >= window.usual), None)


def silence_at(state: WindowState, window: Window, at: datetime) -> WindowCount:
    """What is told of a silence: nothing where something is usual, after the last article."""
    before = _before(state, at, window)
    none = {"count": 0, "articles": 0, "sources": 0, "origins": 0}
    return WindowCount(**none, within=window.within, usual=_usual(before), before=before, items=state.items[-1:])


def _history_with(
    state: WindowState, item: Counted, window: Window, *, clock: datetime, again: bool
) -> tuple[dict[int, int], datetime | None]:
    """The hours with an article in them, unless it is one of a text that came `again`, and since when all are known.

    What a rule did not count, before it was a spike or while its history was shorter, is not known to be nothing: a
    time without any hours is that of an earlier release.
    """
    if window.history is None:
        return {}, None
    hours, since = Counter(state.hours), (state.since if state.hours else None) or item.seen_at
    if not (again and window.unit is Unit.ORIGINS):
        hours[_hour(item.seen_at)] += 1
    first = _hour(clock - LATENESS - window.history - window.within)
    early = sum(count for hour, count in hours.items() if hour < _hour(since - AHEAD))
    # Most were seen before it: the first one was, by a clock far ahead.
    if since - item.seen_at <= LATENESS or 2 * early > hours.total():
        since = min(since, item.seen_at)
    kept = {hour: count for hour, count in sorted(hours.items()) if hour >= first}
    return kept, max(since, datetime.fromtimestamp(first * 3600, UTC))


def has_grown(count: WindowCount, state: WindowState) -> bool:
    """Whether there are a step more than were told last."""
    return state.told > 0 and count.count >= STEP * state.told


def _spans(items: Iterable[Counted], item: Counted, within: timedelta) -> Iterator[tuple[Counted, ...]]:
    """The articles, oldest first, within each span that ends with an article and holds the one asked about."""
    items = tuple(items)
    times = [each.seen_at for each in items]
    for end in dict.fromkeys(times):
        if item.seen_at <= end < item.seen_at + within:
            yield items[bisect_right(times, end - within) : bisect_right(times, end)]


def _chain(items: Iterable[Counted], item: Counted, window: Window) -> tuple[Counted, ...]:
    """The article with the nearest one of each step before it and after it, one after another, within the span."""
    items, chain = tuple(items), [item]
    for step in range(item.step - 1, -1, -1):
        before = [each for each in items if each.step == step and each.seen_at < chain[0].seen_at]
        chain = [before[-1], *chain] if before else chain
        if not before:
            break
    for step in range(item.step + 1, window.at_least):
        after = [each for each in items if each.step == step and each.seen_at > chain[-1].seen_at]
        if not after:
            break
        chain.append(after[0])
    return tuple(chain) if chain[-1].seen_at - chain[0].seen_at <= window.within else (item,)


def _fewer(items: tuple[Counted, ...], unit: Unit) -> tuple[Counted, ...]:
    """As many as are remembered; the oldest go first whose like is left, so that copies push out no other text."""
    while len(items) > MOST:
        times = Counter(_of(each, unit) for each in items)
        spare = next((index for index, each in enumerate(items) if times[_of(each, unit)] > 1), 0)
        items = items[:spare] + items[spare + 1 :]
    return items


def _count(items: Iterable[Counted], unit: Unit) -> int:
    return len({_of(each, unit) for each in items})


def _of(item: Counted, unit: Unit) -> str | int:
    """What is counted once, however many articles there are of it."""
    match unit:
        case Unit.ARTICLES:
            return item.article
        case Unit.SOURCES:
            return item.source
        case Unit.ORIGINS:
            return item.story
        case Unit.STEPS:
            return item.step


def _before(state: WindowState, end: datetime, window: Window) -> tuple[float, ...]:
    """The counts of the same span in each of the weeks before in which there was counting, latest first."""
    assert window.history is not None  # noqa: S101  # the caller has looked
    counts = []
    for weeks in range(1, floor(window.history / WEEK) + 1):
        until = end - weeks * WEEK
        if state.since is None or until - window.within < state.since:
            break
        counts.append(_within(state.hours, until - window.within, until))
    return tuple(counts)


def _within(hours: Mapping[int, int], start: datetime, end: datetime) -> float:
    """How many there were between two instants, an hour that is cut being even."""
    total = 0.0
    for hour in range(_hour(start), _hour(end) + 1):
        if hour in hours:
            begins = datetime.fromtimestamp(hour * 3600, UTC)
            share = (min(end, begins + _HOUR) - max(start, begins)) / _HOUR
            total += hours[hour] * max(share, 0.0)
    return round(total, 2)


def _usual(before: tuple[float, ...]) -> float | None:
    if len(before) < LEAST_WEEKS:
        return None
    kept = sorted(before)[:-1] if len(before) >= 4 else before  # noqa: PLR2004  # as WindowCount says
    return round(sum(kept) / len(kept), 2)


def _hour(at: datetime) -> int:
    return floor(at.timestamp() / 3600)
