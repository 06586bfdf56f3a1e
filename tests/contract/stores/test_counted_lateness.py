"""Counts come to the same after redelivery, a restart, or out of order within the lateness; over made-up weeks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.alert.counting import LATENESS, silent_at
from streams.alert.decision import Decision, decide
from streams.alerts import AlertRecord, Reason
from streams.messages import Match, Unit, Window
from streams.stores.alerts import AlertStore
from streams.windows import WindowState
from tests.contract.stores.test_lateness import POLICY, by_policy, parted
from tests.support.alerting import NOON, fired, match
from tests.support.redis import Server, fresh_prefix

HOUR, MINUTE, WEEK = timedelta(hours=1), timedelta(minutes=1), timedelta(days=7)
WINDOWS = {
    "at_least articles": Window(at_least=3, unit=Unit.ARTICLES, within=HOUR, by="where"),
    "at_least origins": Window(at_least=3, unit=Unit.ORIGINS, within=HOUR, by="where"),
    "at_least sources": Window(at_least=2, unit=Unit.SOURCES, within=2 * HOUR),
    "spike": Window(at_least=3, unit=Unit.ARTICLES, within=2 * HOUR, times=2, history=4 * WEEK, by="where"),
    "after": Window(at_least=3, unit=Unit.STEPS, within=2 * HOUR, by="where"),
    "absence": Window(at_least=0, unit=Unit.ARTICLES, within=HOUR, history=4 * WEEK, usual=1, by="where"),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """An article: when it is seen, how much later it is decided, and what it says."""

    minute: int
    late: float
    text: int
    source: int
    places: tuple[str, ...]
    step: int

    def match(self, number: int, window: Window) -> Match:
        """The match of the `number`-th article, of a rule with this condition."""
        if window.unit is Unit.STEPS:
            window = window.model_copy(update={"step": self.step})
        rule = fired("counted", window=window, slots={"where": self.places}, entities={})
        seen = NOON + self.minute * MINUTE
        made = match(f"a{number}", rule, seen_at=seen, published=seen, source=f"source {self.source}")
        return made.model_copy(update={"story": f"s1:{self.text}"})


def drawn(begin: int, end: int) -> st.SearchStrategy[Drawn]:
    return st.builds(
        Drawn,
        minute=st.integers(begin, end),
        late=st.floats(0, LATENESS / MINUTE),
        text=st.integers(0, 5),
        source=st.integers(0, 3),
        places=st.sampled_from([(), ("Saraqib",), ("Ariha",), ("Saraqib", "Ariha")]),
        step=st.integers(0, 2),
    )


WEEKS = st.builds(
    lambda old, new: [*old, *new],
    st.lists(st.sampled_from([1, 2, 3]).flatmap(lambda back: drawn(-back * 10080, 240 - back * 10080)), max_size=8),
    st.lists(drawn(0, 240), min_size=1, max_size=12),
)


def in_time(articles: Iterable[Drawn], window: Window) -> list[Match]:
    """Decided as they are seen, the like in any order."""
    made = [one.match(number, window) for number, one in enumerate(articles)]
    return sorted(made, key=lambda each: each.seen_at)


def as_they_come(articles: Sequence[Drawn], window: Window) -> list[Match]:
    """Each decided so much later than it is seen."""
    made = [one.match(number, window) for number, one in enumerate(articles)]
    pairs = sorted(zip(articles, made, strict=True), key=lambda pair: pair[0].minute + pair[0].late)
    return [each for _, each in pairs]


def decided(order: Iterable[Match]) -> dict[str, AlertRecord]:
    """The alerts in the end; all that is remembered goes through JSON at each step."""
    raw: dict[str, str] = {}
    for each in order:
        records = {id_: AlertRecord.model_validate_json(one) for id_, one in raw.items()}
        decision = decide(each, records, POLICY)
        raw |= {ruling.record.id: ruling.record.model_dump_json() for ruling in decision.rulings}
    return {id_: AlertRecord.model_validate_json(one) for id_, one in raw.items()}


def states(alerts: Mapping[str, AlertRecord], window: Window) -> dict[str, WindowState]:
    """What counts from now on: neither what was told nor what is too old for any span, in items and in hours."""
    found = {}
    for id_, one in alerts.items():
        if state := one.window:
            last = state.items[-1].seen_at
            items = tuple(each for each in state.items if each.seen_at > last - window.within - LATENESS)
            first = (last - window.within - (window.history or timedelta())).timestamp() // 3600
            hours = {hour: count for hour, count in state.hours.items() if hour >= first}
            found[id_] = state.model_copy(update={"told": 0, "items": items, "hours": hours})
    return found


def groups_told(alerts: Mapping[str, AlertRecord]) -> set[str]:
    return {id_ for id_, one in alerts.items() if one.told_at}


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@settings(max_examples=60, deadline=None)
@given(articles=WEEKS)
def test_reordering_within_the_lateness_counts_the_same_and_tells_the_same_groups(
    window: Window, articles: list[Drawn]
) -> None:
    """Whatever comes late completes what it belongs to: no group is told in one order and not in the other."""
    before, after = decided(in_time(articles, window)), decided(as_they_come(articles, window))
    states_before, states_after = states(before, window), states(after, window)
    assert states_after == states_before
    assert groups_told(after) == groups_told(before)
    if window.usual:
        for id_, state in states_before.items():
            assert silent_at(state, window, NOON) == silent_at(states_after[id_], window, NOON)


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@settings(max_examples=6, deadline=None)
@given(articles=WEEKS, cuts=st.lists(st.integers(1, 16), max_size=5), data=st.data())
def test_redelivery_and_restarts_count_nothing_twice(
    server: Server, window: Window, articles: list[Drawn], cuts: list[int], data: Any
) -> None:
    """In batches of any size, late, and everything again from some place on: the same reasons and counts."""
    order = as_they_come(articles, window)
    batches: list[Sequence[Match]] = []
    done = 0
    for batch in parted(order, cuts):
        batches.append(batch)
        done += len(batch)
        if data.draw(st.booleans()):
            batches.append(order[data.draw(st.integers(0, done)) : done])
    assert asyncio.run(settled(server, batches)) == asyncio.run(settled(server, [[each] for each in order]))


async def settled(server: Server, batches: Sequence[Sequence[Match]]) -> tuple[dict[tuple[str, str], Reason], Any]:
    """By article and alert the reason, and the alerts in the end; a store of its own for each batch."""
    reasons: dict[tuple[str, str], Reason] = {}
    prefix = fresh_prefix()
    async with server.client() as redis:
        for batch in batches:
            for decision in await AlertStore(redis, prefix=prefix).settle(batch, by_policy, now=NOON):
                for ruling in decision.rulings:
                    key = (decision.article, ruling.record.id)
                    assert key not in reasons, "decided twice"
                    reasons[key] = ruling.reason
        views = [await AlertStore(redis, prefix=prefix).view(id_) for id_ in sorted({id_ for _, id_ in reasons})]
    return reasons, [view.record for view in views if view]


def test_what_is_drawn_is_told_now_and_then() -> None:
    """The properties are not about nothing."""
    articles = [Drawn(minute, 0, minute, minute % 2, ("Ariha",), minute % 3) for minute in range(6)]
    weeks_ago = [Drawn(-n * 10080 - 200, 0, 0, 0, ("Ariha",), 0) for n in (1, 2, 3)]
    for name, window in WINDOWS.items():
        alerts = decided(in_time([*weeks_ago, *articles], window))
        assert bool(groups_told(alerts)) != (name == "absence"), name


def test_a_decision_is_one_for_each_group() -> None:
    """An article that names two places is counted in both."""
    (each,) = in_time([Drawn(0, 0, 0, 0, ("Saraqib", "Ariha"), 0)], WINDOWS["at_least articles"])
    decision: Decision = by_policy(each, {})
    assert len(decision.rulings) == 2
