"""What is decided does not depend on what is decided with it: a replay takes a hundred articles, a worker a few."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest
from redis.asyncio import Redis

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import Reason
from streams.messages import Match, Severity, Sketch, Unit, Update, Window
from streams.routes import tree_of
from streams.sections import Inhibition
from streams.stores.alerts import AlertStore
from tests.support.alerting import NOON, fired, match
from tests.support.redis import fresh_prefix

QUIET = Inhibition.model_validate({"source": "r1", "target": "r2"})
POLICY = Policy(max_age=None, routes=tree_of({"*": ("desk",)}), inhibitions=(QUIET,))
HOUR = timedelta(hours=1)
ARTICLES, DAYS = 60, 8


def report(number: int, text: int, hours: float, *, edited: bool = False, place: str = "town") -> Match:
    """An article with this text, or an edited copy of it, of which only the sketch tells."""
    told = match(f"a{number}", fired(slots={"where": (place,)}), seen_at=NOON + hours * HOUR)
    prints = (((1000 * text + n) * 2654435761 * 97) % (1 << 40) for n in range(3 * edited, 20))
    name = f"text {text}, {number}" if edited else f"text {text}"
    return told.model_copy(update={"story": name, "sketch": Sketch(triples=tuple(sorted(prints)))})


async def decided(redis: Redis, matches: Sequence[Match], size: int) -> list[tuple[str, str, str, Reason]]:
    """Article, story, alert and reason of all that is decided, so many together."""
    store, found = AlertStore(redis, prefix=fresh_prefix()), []
    for start in range(0, len(matches), size):
        batch, decide_each = matches[start : start + size], partial(decide, policy=POLICY)
        for decision in await store.settle(batch, decide_each, now=NOON, beside=POLICY.sources_for):
            found += [(decision.article, decision.story, one.record.id, one.reason) for one in decision.rulings]
    return found


@pytest.mark.parametrize("size", [1, 3], ids=["one by one", "together"])
async def test_a_re_print_of_a_further_report_was_an_alert_of_its_own(redis: Redis, size: int) -> None:
    """A day and more after the alert's last article, unless it was decided together with that."""
    found = await decided(redis, [report(1, 1, 0), report(2, 2, 1), report(3, 2, 30)], size)
    assert len({alert for _, _, alert, _ in found}) == 1
    assert [reason for *_, reason in found] == [Reason.FIRST, Reason.NEW_ORIGIN, Reason.REPEAT]


@pytest.mark.parametrize("size", [1, 3], ids=["one by one", "together"])
async def test_an_edited_copy_was_one_of_a_re_print_that_is_not_remembered(redis: Redis, size: int) -> None:
    """Four days after the text, two after its re-print: it was a copy where it was decided together with that."""
    found = await decided(redis, [report(1, 1, 0), report(2, 1, 48), report(3, 1, 96, edited=True)], size)
    assert [story for _, story, *_ in found] == ["text 1", "text 1", "text 1, 3"]


@pytest.mark.parametrize("size", [1, 4], ids=["one by one", "together"])
async def test_a_count_of_last_month_was_told_again_in_a_replay(redis: Redis, size: int) -> None:
    """Live it was forgotten by then, and told first."""
    count = fired("count", window=Window(at_least=2, unit=Unit.ARTICLES, within=HOUR))
    reports = [report(1, 1, 0), report(2, 2, 0), report(3, 3, 31 * 24), report(4, 4, 31 * 24)]
    found = await decided(redis, [one.model_copy(update={"rules": (count,)}) for one in reports], size)
    assert [reason for *_, reason in found] == [Reason.BELOW_THRESHOLD, Reason.FIRST] * 2


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_decided_together_it_is_the_same(redis: Redis, seed: int) -> None:
    """Copies, updates, developments and re-prints of a few texts on a few places under two rules, over a week."""
    chance = random.Random(seed)  # noqa: S311  # to be repeated
    matches, hours, revisions = list[Match](), 0.0, dict[str, int]()
    for number in range(ARTICLES):
        hours += chance.expovariate(ARTICLES / (24 * DAYS))
        one = report(number, chance.randrange(12), hours, edited=chance.random() < 0.5)
        id_ = chance.choice(list(revisions)) if revisions and chance.random() < 0.1 else one.article.id
        revisions[id_] = revisions.get(id_, 0) + 1
        update = Update(revision=revisions[id_]) if revisions[id_] > 1 else None
        rules = [
            fired(
                rule,
                severity=chance.choice(list(Severity)),
                slots={"where": (chance.choice("ABCD"),), "who": (chance.choice("XY"),)},
                repeat_after=chance.choice([0, 1, 12, 36]) * HOUR,
                new_if=chance.choice([(), ("where",), ("who", "where")]),
            )
            for rule in chance.sample(["r1", "r2"], chance.randint(1, 2))
        ]
        head = one.article.model_copy(update={"id": id_, "update": update})
        matches.append(one.model_copy(update={"article": head, "rules": tuple(rules)}))
    alone = await decided(redis, matches, 1)
    assert len({reason for *_, reason in alone}) >= 6
    assert await decided(redis, matches, 7) == alone
    assert await decided(redis, matches, 100) == alone
