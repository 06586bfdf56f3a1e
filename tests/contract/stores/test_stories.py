"""Texts are known again by any worker, in one batch or another, and by the clock of the articles alone."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import pytest
from redis.asyncio import Redis

from streams.alert.copies import Likeness
from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import KnownText, Reason
from streams.match.sketch import sketch
from streams.messages import Match, Sketch, Traits
from streams.replay import decided
from streams.routes import tree_of
from streams.stores import stories
from streams.stores.alerts import AlertStore
from streams.stores.stories import Stories
from tests.support.alerting import NOON, fired, match

POLICY = Policy(max_age=None, routes=tree_of({"*": ("desk",)}))
HOUR = timedelta(hours=1)
POSTING = 7  # bytes


by_policy = partial(decide, policy=POLICY)


def words(seed: int, count: int = 300) -> list[bytes]:
    chance = random.Random(seed)  # noqa: S311  # no secret
    return [b"w%d" % chance.randrange(3000) for _ in range(count)]


def copy_of(text: list[bytes], name: str, *, hours: float = 0, place: str = "town", **traits: object) -> Match:
    """An article with this text; its fingerprint is its name's, so that only the sketch tells that it is a copy."""
    told = match(name, fired(slots={"where": (place,)}), seen_at=NOON + hours * HOUR)
    changes = {"story": f"s1:{name}", "sketch": sketch(b" ".join(text)), "traits": Traits(**traits)}
    return told.model_copy(update=changes)


async def outcome(store: AlertStore, *batches: list[Match]) -> list[tuple[str, Reason]]:
    """Story and reason of each article, in order."""
    found = []
    for batch in batches:
        for decision in await store.settle(batch, by_policy, now=NOON):
            found += [(decision.story, ruling.reason) for ruling in decision.rulings]
    return found


@pytest.mark.parametrize("apart", [False, True], ids=["one batch", "two batches"])
async def test_a_shortened_copy_joins_its_story(store: AlertStore, *, apart: bool) -> None:
    """Whether the first text came in the same batch or before, cut to half and with a new end it is known."""
    text = words(1)
    articles = [copy_of(text, "a"), copy_of(text[:150] + words(2, 20), "b", hours=1), copy_of(words(3), "c", place="x")]
    batches = [[one] for one in articles] if apart else [articles]
    assert await outcome(store, *batches) == [
        ("s1:a", Reason.FIRST),
        ("s1:a", Reason.DUPLICATE),
        ("s1:c", Reason.FIRST),
    ]


async def test_a_copy_of_a_copy_belongs_to_the_first(store: AlertStore) -> None:
    """The third text is like the second only; its story is that in which the second is."""
    text = words(1, 400)
    chain = [copy_of(text[:250], "a"), copy_of(text[100:350], "b"), copy_of(text[220:], "c")]
    assert [story for story, _ in await outcome(store, *([one] for one in chain))] == ["s1:a"] * 3


async def test_copies_that_contradict_are_two_stories(store: AlertStore) -> None:
    """The same words around the opposite: it is told, and not as news of the first."""
    text = words(1)
    two = [copy_of(text, "a", poles=("withdraw|deploy",)), copy_of(text, "b", poles=("deploy|withdraw",))]
    assert await outcome(store, two) == [("s1:a", Reason.FIRST), ("s1:b", Reason.FIRST)]


async def test_time_is_that_of_the_articles(store: AlertStore) -> None:
    """Four days later by `seen_at` a copy begins a story anew, though Redis knows the text; out of order too."""
    text = words(1)
    later = copy_of(text, "b", hours=96)
    assert await outcome(store, [copy_of(text, "a")], [later], [copy_of(text, "c", hours=-1)]) == [
        ("s1:a", Reason.FIRST),
        ("s1:b", Reason.FIRST),
        ("s1:a", Reason.DUPLICATE),
    ]


async def test_workers_with_copies_of_one_text_tell_it_once(redis: Redis, prefix: str) -> None:
    """Six workers at once, each with another edit of one text: one story, one telling."""
    text = words(1)
    copies = [copy_of([*words(10 + n, 20), *text], f"a{n}") for n in range(6)]
    stores = [AlertStore(redis, prefix=prefix) for _ in copies]
    calls = (one.settle([item], by_policy, now=NOON) for one, item in zip(stores, copies, strict=True))
    decisions = [decision for found in await asyncio.gather(*calls) for decision in found]
    assert len({decision.story for decision in decisions}) == 1
    told = sorted(ruling.reason for decision in decisions for ruling in decision.rulings)
    assert told == [Reason.DUPLICATE] * 5 + [Reason.FIRST]


async def test_workers_with_reports_of_one_happening_make_one_alert(redis: Redis, prefix: str) -> None:
    """Six texts that share nothing but place and rule, at the same time: one alert."""
    reports = [copy_of(words(n), f"a{n}", words=(1, 2, 3, 4)) for n in range(6)]
    stores = [AlertStore(redis, prefix=prefix) for _ in reports]
    calls = (one.settle([item], by_policy, now=NOON) for one, item in zip(stores, reports, strict=True))
    decisions = [decision for found in await asyncio.gather(*calls) for decision in found]
    assert len({ruling.record.id for decision in decisions for ruling in decision.rulings}) == 1
    assert len({decision.story for decision in decisions}) == 6


async def test_a_text_is_remembered_once(store: AlertStore, redis: Redis, prefix: str) -> None:
    """The same fingerprint again adds no prints, and every key of a text expires."""
    text = words(1)
    await outcome(store, [copy_of(text, "a")])
    before = {key async for key in redis.scan_iter(f"{prefix}postings:*")}
    assert before
    again = copy_of(text, "b").model_copy(update={"story": "s1:a"})
    await outcome(store, [again])
    assert {key async for key in redis.scan_iter(f"{prefix}postings:*")} == before
    assert await redis.get(f"{prefix}texts") == "1"
    kept = [key async for key in redis.scan_iter(f"{prefix}*") if ":text" in key or "postings:" in key]
    assert all([await redis.ttl(key) > 0 for key in kept if key != f"{prefix}texts"])


async def test_set_phrases_do_not_grow_for_ever(store: AlertStore, redis: Redis, prefix: str) -> None:
    """600 texts that share one sentence: a print is kept for 512 of them, and they are 600 stories."""
    shared = words(1, 40)
    batch = [copy_of([*shared, *words(100 + n, 200)], f"a{n}", place=f"town {n}") for n in range(600)]
    found = await outcome(store, *(batch[start : start + 100] for start in range(0, 600, 100)))
    assert len({story for story, _ in found}) == 600
    sizes = [await redis.strlen(key) async for key in redis.scan_iter(f"{prefix}postings:*")]
    assert max(sizes) == 512 * POSTING


async def test_prints_spread_over_all_buckets(store: AlertStore, redis: Redis, prefix: str) -> None:
    """Prints are multiples of 16: by their lowest bits they filled one bucket in 16, and 400,000 texts all of these."""
    await outcome(store, [copy_of(words(n), f"a{n}", place=f"town {n}") for n in range(20)])
    buckets = [int(key.rpartition(":")[2]) async for key in redis.scan_iter(f"{prefix}postings:3:*")]
    assert {bucket % 16 for bucket in buckets} == set(range(16))
    assert max(buckets) >= 2**17


async def test_prints_are_told_apart_by_all_their_bits(store: AlertStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """All in one bucket, with low bits that stand in other postings and across two of them: shared are those alone."""
    chance, lows = random.Random(7), [0, 1, 2, 256, 257, 512, 0x10000, 0x10001, 0x10100]  # noqa: S311  # no secret
    texts = [
        match(f"a{n}", fired()).model_copy(
            update={
                "story": f"s1:a{n}",
                "sketch": Sketch(words=9, triples=tuple(sorted(chance.sample(lows, 5)))),
            }
        )
        for n in range(30)
    ]
    told: dict[str, Counter[int]] = {}

    def take(item: Match, _same: KnownText | None, likenesses: Iterable[Likeness]) -> str:
        told[item.story] = Counter(one.triples for one in likenesses)
        return item.story

    monkeypatch.setattr(stories, "story_of", take)
    await outcome(store, *([text] for text in texts))
    for number, text in enumerate(texts[:20]):  # at most 20 are answered
        own = set(text.sketch.triples)
        shared = [len(own & set(other.sketch.triples)) for other in texts[:number]]
        assert told[text.story] == Counter(count for count in shared if count >= 3)


async def test_messages_of_the_first_release_are_placed_by_their_fingerprint(redis: Redis, prefix: str) -> None:
    """Without a sketch nothing is alike; the story is the fingerprint."""
    placed = await Stories(redis, prefix=prefix).place([match("a1"), match("a2")], {})
    assert [one.story for one in placed.matches] == ["s1", "s1"]


@pytest.mark.parametrize("batches", [False, True], ids=["one batch", "batches"])
async def test_a_text_that_comes_again_after_its_time_is_remembered_anew(store: AlertStore, *, batches: bool) -> None:
    """Four days later it is a new text: what contradicts it then is told from it, and not from the old one."""
    old, again, other = (
        match(name, fired(), seen_at=NOON + hours * HOUR).model_copy(
            update={"story": "s1:same", "traits": Traits(poles=(pole,))}
        )
        for name, hours, pole in (("a", 0, "go|stay"), ("b", 96, "go|stay"), ("c", 97, "stay|go"))
    )
    placed = [
        story for story, _ in await outcome(store, *([[old], [again], [other]] if batches else [[old, again, other]]))
    ]
    assert placed[0] == "s1:same"
    assert len(set(placed)) == 3


async def test_a_text_that_came_again_when_it_was_forgotten_was_a_repeat_of_its_old_alert(
    store: AlertStore, redis: Redis, prefix: str
) -> None:
    """Redis expires the text after four days, the alert after thirty: it begins anew as in a replay, which has both."""
    old, again = match("a"), match("b", seen_at=NOON + 6 * 24 * HOUR)
    live = []
    for one in (old, again):
        for decision in await store.settle([one], by_policy, now=NOON):
            live += [(decision.story, ruling.record.id, ruling.reason) for ruling in decision.rulings]
        await _pass(redis, prefix, 6 * 24 * HOUR)
    assert [reason for *_, reason in live] == [Reason.FIRST, Reason.FIRST]
    assert live == [(told.story, told.alert, told.reason) async for told in decided([old, again])]


async def test_a_copy_that_waited_until_its_text_was_forgotten_is_a_copy(
    store: AlertStore, redis: Redis, prefix: str
) -> None:
    """The stage was away for a week: what was seen in it is judged by when it was seen, not by when it is decided."""
    copy = match("b", seen_at=NOON + 5 * HOUR)
    await store.settle([match("a")], by_policy, now=NOON)
    await _pass(redis, prefix, 7 * 24 * HOUR)
    assert await outcome(store, [copy]) == [("s1", Reason.DUPLICATE)]


async def _pass(redis: Redis, prefix: str, span: timedelta) -> None:
    """What would have expired by then is gone."""
    async for key in redis.scan_iter(f"{prefix}*"):
        if 0 <= await redis.ttl(key) <= span.total_seconds():
            await redis.delete(key)
