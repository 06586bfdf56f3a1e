"""What comes twice, after a restart, or out of order within the lateness comes to the same; over incidents."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.alert.decision import decide, development_in
from streams.alert.policy import Policy
from streams.alert.report import Report
from streams.alerts import AlertRecord, Reason
from streams.match.match_agent import match_articles
from streams.messages import Match
from streams.replay import article_of, in_order
from streams.routes import tree_of
from streams.stores.alerts import AlertStore
from tests.support.alerting import NOON
from tests.support.incidents import lines_of
from tests.support.redis import Server, fresh_prefix
from tests.support.shipped import shipped_engine

LATENESS = timedelta(minutes=10)
POLICY = Policy(max_age=None, routes=tree_of({"*": ("desk",)}))
MOST = 16


@cache
def matches() -> tuple[Match, ...]:
    """The articles of the incidents that fire a live rule, by their clock."""
    timed = in_order(lines_of("tuned"))
    articles = [article_of(line, clock) for clock, line in timed]
    found = match_articles(shipped_engine(), articles)
    return tuple(match for match in found if match and not all(fired.shadow for fired in match.rules))


@st.composite
def stretches(draw: st.DrawFn) -> tuple[Match, ...]:
    """Up to MOST matches that follow each other, some of them left out."""
    first = draw(st.integers(0, len(matches()) - MOST))
    kept = draw(st.lists(st.booleans(), min_size=MOST, max_size=MOST))
    return tuple(match for match, keep in zip(matches()[first : first + MOST], kept, strict=True) if keep)


@dataclass(frozen=True, slots=True)
class Outcome:
    """By article and rule: story, alert and reason; and the alerts as they are in the end."""

    rulings: Mapping[tuple[str, str], tuple[str, str, Reason]]
    alerts: Mapping[str, AlertRecord]

    @property
    def stories(self) -> set[str]:
        return {story for story, _, _ in self.rulings.values()}


by_policy = partial(decide, policy=POLICY)


async def _run(server: Server, batches: Sequence[Sequence[Match]]) -> Outcome:
    rulings: dict[tuple[str, str], tuple[str, str, Reason]] = {}
    prefix = fresh_prefix()
    async with server.client() as redis:
        for batch in batches:
            # A store of its own each time: nothing is kept but in Redis.
            for decision in await AlertStore(redis, prefix=prefix).settle(batch, by_policy, now=NOON):
                for ruling in decision.rulings:
                    key = (decision.article, ruling.record.rule)
                    assert key not in rulings, "decided twice"
                    rulings[key] = (decision.story, ruling.record.id, ruling.reason)
        views = [await AlertStore(redis, prefix=prefix).view(id_) for id_ in {id_ for _, id_, _ in rulings.values()}]
    return Outcome(rulings, {view.record.id: view.record for view in views if view})


def run(server: Server, batches: Sequence[Sequence[Match]]) -> Outcome:
    """What becomes of the batches, delivered one after another."""
    return asyncio.run(_run(server, batches))


def parted(items: Sequence[Match], cuts: Sequence[int]) -> list[Sequence[Match]]:
    """The items in batches that end at these places."""
    edges = sorted({0, len(items), *(cut for cut in cuts if cut < len(items))})
    return [items[low:high] for low, high in pairwise(edges)]


@settings(max_examples=12, deadline=None)
@given(items=stretches(), cuts=st.lists(st.integers(1, MOST), max_size=8), data=st.data())
def test_redelivery_and_restarts_change_nothing(
    server: Server, items: tuple[Match, ...], cuts: list[int], data: Any
) -> None:
    """In batches of any size, some of them again, or everything again from some place on: the same ids and reasons."""
    batches: list[Sequence[Match]] = []
    done = 0
    for batch in parted(items, cuts):
        batches.append(batch)
        done += len(batch)
        again = data.draw(st.sampled_from(["go on", "the batch again", "from some place on"]))
        if again == "the batch again":
            batches.append(batch)
        elif again == "from some place on":
            batches.append(items[data.draw(st.integers(0, done)) : done])
    assert run(server, batches) == run(server, [[item] for item in items])


@settings(max_examples=15, deadline=None)
@given(items=stretches(), late=st.lists(st.integers(0, 600), min_size=MOST, max_size=MOST))
def test_reordering_within_the_lateness_loses_nothing(
    server: Server, items: tuple[Match, ...], late: list[int]
) -> None:
    """Each article is in an alert, all that is new in it has been told, and few stories are split.

    At most one for each article that was overtaken; it is counted.
    """
    assert max(late) <= LATENESS.total_seconds()
    arrivals = sorted(zip(items, late, strict=False), key=lambda pair: pair[0].seen_at + timedelta(seconds=pair[1]))
    mixed = [item for item, _ in arrivals]
    before, after = (run(server, [[item] for item in order]) for order in (items, mixed))
    assert after.rulings.keys() == before.rulings.keys()
    for match in items:
        for fired in match.rules:
            if not fired.shadow:
                story, alert, _ = after.rulings[match.article.id, fired.rule]
                report = Report.of(match.model_copy(update={"story": story}), fired)
                assert development_in(after.alerts[alert], report) is None
    overtaken = sum(item.seen_at < max(one.seen_at for one in mixed[: place + 1]) for place, item in enumerate(mixed))
    assert len(after.stories) <= len(before.stories) + overtaken
    assert len(after.alerts) <= len(before.alerts) + overtaken
