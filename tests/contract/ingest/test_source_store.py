from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from streams.stores.source_books import EndLine
from streams.stores.sources import REMEMBER, Pending, SourceState, SourceStore, Wait

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=1)


@pytest.fixture
def store(redis: Redis) -> SourceStore:
    return SourceStore(redis, prefix="p:", worker="a")


def _entry(id_: str, *, host: str = "a.example", source: str = "The Source", **fields: object) -> Pending:
    values = {"id": id_, "source": source, "host": host, "title": "t", "text": "x", "seen_at": NOW, **fields}
    return Pending.model_validate(values)


async def _add(store: SourceStore, *entries: Pending) -> int:
    present = [entry.id for entry in entries]
    return await store.record("The Source", SourceState(polled=True), entries, present=present, now=NOW)


async def test_a_state_comes_back_as_it_was_kept(store: SourceStore) -> None:
    """And a source that nobody polled has a fresh one."""
    state = SourceState(url="http://a.example/", etag='"1"', next_poll=NOW, weight=1.5, said=("silent",))
    await store.record("The Source", state, [], present=[], now=NOW)
    assert await store.state("The Source") == state
    assert await store.state("Another") == SourceState()


async def test_an_entry_is_new_once(store: SourceStore) -> None:
    """Neither a pending nor a published one is found again."""
    one, two = _entry("1"), _entry("2")
    counts = [await _add(store, one, one), await _add(store, one, two)]
    claimed = await store.claim(NOW, LEASE)
    assert claimed == one
    await store.finish(one, EndLine("published", 900, dated=True), host_free_at=NOW, now=NOW)
    assert [*counts, await _add(store, one, two)] == [1, 1, 0]
    assert await store.pending() == 1


async def test_two_sources_may_bring_the_same_article(store: SourceStore) -> None:
    """What one has seen, another may still publish: it may be backlog there and news here."""
    await _add(store, _entry("1"))
    other = _entry("1", source="Other")
    assert await store.record("Other", SourceState(), [other], present=["1"], now=NOW) == 1


async def test_a_host_is_asked_one_thing_at_a_time(store: SourceStore) -> None:
    """While its lease runs nobody gets its next entry; another host's is given."""
    await _add(store, _entry("1"), _entry("2"), _entry("3", host="b.example"))
    first, second = await store.claim(NOW, LEASE), await store.claim(NOW, LEASE)
    assert {entry.host for entry in (first, second) if isinstance(entry, Pending)} == {"a.example", "b.example"}
    assert await store.claim(NOW, LEASE) == Wait(NOW + LEASE)


async def test_a_host_is_left_alone_between_two_requests(store: SourceStore) -> None:
    """Also when its entries had run out meanwhile and new ones came."""
    await _add(store, _entry("1"))
    claimed = await store.claim(NOW, LEASE)
    assert isinstance(claimed, Pending)
    await store.finish(claimed, EndLine("published", 900, dated=True), host_free_at=NOW + 5 * SECOND, now=NOW)
    await _add(store, _entry("2"))
    assert await store.claim(NOW + SECOND, LEASE) == Wait(NOW + 5 * SECOND)
    assert await store.claim(NOW + 5 * SECOND, LEASE) == _entry("2")


async def test_an_entry_put_off_comes_back_when_it_is_due(store: SourceStore) -> None:
    """With what was changed in it."""
    await _add(store, _entry("1"))
    claimed = await store.claim(NOW, LEASE)
    assert isinstance(claimed, Pending)
    later = claimed.model_copy(update={"tries": 1})
    await store.put_off(later, NOW + 60 * SECOND, host_free_at=NOW, now=NOW)
    assert await store.claim(NOW, LEASE) == Wait(NOW + 60 * SECOND)
    assert await store.claim(NOW + 60 * SECOND, LEASE) == later


async def test_the_last_pass_waits_for_nothing_put_off(store: SourceStore) -> None:
    """But still for the host's turn."""
    await _add(store, _entry("1"))
    claimed = await store.claim(NOW, LEASE)
    assert isinstance(claimed, Pending)
    await store.put_off(claimed, NOW + timedelta(hours=6), host_free_at=NOW + 5 * SECOND, now=NOW)
    await store.hasten(NOW)
    assert await store.claim(NOW, LEASE) == Wait(NOW + 5 * SECOND)
    assert await store.claim(NOW + 5 * SECOND, LEASE) == claimed


async def test_a_worker_that_was_killed_goes_on_where_it_was(redis: Redis, store: SourceStore) -> None:
    """Its successor of the same slot has its leases back at once; another worker's stay."""
    await _add(store, _entry("1"), _entry("2", host="b.example"))
    first = await store.claim(NOW, LEASE)
    other = await SourceStore(redis, prefix="p:", worker="b").claim(NOW, LEASE)
    assert await store.lease("The Source", LEASE)
    assert isinstance(first, Pending)
    assert isinstance(other, Pending)
    successor = SourceStore(redis, prefix="p:", worker="a")
    await successor.resume(["The Source"], NOW)
    assert await successor.claim(NOW, LEASE) == first
    assert await successor.claim(NOW, LEASE) == Wait(NOW + LEASE)
    assert await SourceStore(redis, prefix="p:", worker="c").lease("The Source", LEASE)


async def test_a_lease_that_ran_out_is_anybodys(redis: Redis, store: SourceStore) -> None:
    """And the first worker's late settlement does not take the lease from the second."""
    await _add(store, _entry("1"), _entry("2"))
    slow = await store.claim(NOW, LEASE)
    other = SourceStore(redis, prefix="p:", worker="b")
    later = NOW + LEASE
    assert await other.claim(later, LEASE) == slow
    assert isinstance(slow, Pending)
    await store.finish(slow, EndLine("published", 900, dated=True), host_free_at=later, now=later)
    assert await store.claim(later, LEASE) == Wait(later + LEASE)


async def test_a_source_is_leased_to_one_worker(redis: Redis, store: SourceStore) -> None:
    """Who has it may renew and leave it; leaving what is another's does nothing."""
    other = SourceStore(redis, prefix="p:", worker="b")
    assert await store.lease("The Source", LEASE)
    assert await store.lease("The Source", LEASE)
    await other.leave("The Source")
    assert not await other.lease("The Source", LEASE)
    await store.leave("The Source")
    assert await other.lease("The Source", LEASE)


async def test_what_is_long_gone_from_a_feed_is_forgotten(store: SourceStore) -> None:
    """What is still in it is not, however old."""
    await store.mark_seen("The Source", ["old", "gone"], NOW)
    later = NOW + REMEMBER + SECOND
    await store.record("The Source", SourceState(), [], present=["old"], now=later)
    assert await store.unseen("The Source", ["old", "gone", "new"]) == ["gone", "new"]


async def test_a_feed_that_was_not_read_forgets_nothing(store: SourceStore) -> None:
    """A 304 says nothing about what is in it."""
    await store.mark_seen("The Source", ["old"], NOW)
    await store.record("The Source", SourceState(), [], present=[], now=NOW + 2 * REMEMBER)
    assert await store.unseen("The Source", ["old"]) == []


async def test_an_article_seen_costs_little_memory(redis: Redis, store: SourceStore) -> None:
    """Under 150 bytes for each, so that a million fit beside everything else."""
    ids = [f"c1:{number:024x}" for number in range(2_000)]
    await store.mark_seen("The Source", ids, NOW)
    used = await redis.memory_usage("p:source:The Source:seen", samples=0)
    assert used is not None
    assert used < 150 * len(ids)


async def test_outcomes_add_up_to_what_was_found(store: SourceStore) -> None:
    """Each entry counts once, however often it is settled; what is pending is the rest."""
    await _add(store, _entry("1"), _entry("2", host="b.example"), _entry("3", host="c.example"))
    for outcome in ("published", "robots"):
        claimed = await store.claim(NOW, LEASE)
        assert isinstance(claimed, Pending)
        await store.finish(claimed, EndLine(outcome, 900, dated=True), host_free_at=NOW, now=NOW)
        await store.finish(claimed, EndLine(outcome, 900, dated=True), host_free_at=NOW, now=NOW)
    assert await store.books.outcomes("The Source") == {"found": 3, "published": 1, "robots": 1}
    assert await store.pending() == 1


async def test_an_entry_may_go_on_at_another_host(store: SourceStore) -> None:
    """Where a redirect led: it waits for that host's turn, and the first one has its pause."""
    await _add(store, _entry("1"), _entry("2"))
    claimed = await store.claim(NOW, LEASE)
    assert isinstance(claimed, Pending)
    await store.put_off(claimed, NOW, host_free_at=NOW + 5 * SECOND, now=NOW, host="b.example")
    moved = await store.claim(NOW, LEASE)
    assert moved == claimed.model_copy(update={"host": "b.example"})
    assert await store.claim(NOW, LEASE) == Wait(NOW + 5 * SECOND)
