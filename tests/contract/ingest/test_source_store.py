from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.stores.seen import (
    BEGUN_FOR,
    IDLE_LOOK,
    LOOK_AFTER,
    LOOK_FOR,
    MOST_LOOKS,
    NO_MARK,
    REMEMBER,
    Brought,
    Note,
    Printed,
    Seen,
    digest,
)
from streams.stores.sources import Found, Pending, SourceState, SourceStore, Wait

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=1)


@pytest.fixture
def store(redis: Redis) -> SourceStore:
    return SourceStore(redis, prefix="p:", worker="a")


def _entry(id_: str, *, host: str = "a.example", source: str = "The Source", **fields: object) -> Pending:
    values = {"id": id_, "source": source, "host": host, "title": "t", "text": "x", "seen_at": NOW, **fields}
    return Pending.model_validate(values)


async def _add(store: SourceStore, *entries: Pending, now: datetime = NOW, source: str = "The Source") -> Found:
    return await store.record(source, SourceState(polled=True), entries, now=now)


async def _end(store: SourceStore, entry: Pending | Wait, outcome: str = "published", **how: Any) -> None:
    """Settle an entry with a note, as of `now`."""
    assert isinstance(entry, Pending)
    now = how.pop("now", NOW)
    free = how.pop("host_free_at", now)
    await store.finish(entry, Note(entry.id, outcome, entry.mark, **how), host_free_at=free, now=now)


def _shard(article: str) -> int:
    """In which of the small hashes an article stands."""
    return int.from_bytes(digest(article)[:2], "big") % 16_384


PRINTED = Printed(revision=1, content=bytes(range(26)), from_page=True)


async def test_a_state_comes_back_as_it_was_kept(store: SourceStore) -> None:
    """And a source that nobody polled has a fresh one."""
    state = SourceState(url="http://a.example/", etag='"1"', next_poll=NOW, weight=1.5, said=("silent",))
    await store.save("The Source", state)
    assert await store.state("The Source") == state
    assert await store.state("Another") == SourceState()


async def test_an_entry_is_new_once(store: SourceStore) -> None:
    """Neither a pending nor a published one is found again."""
    one, two = _entry("1"), _entry("2")
    counts = [await _add(store, one, one), await _add(store, one, two)]
    claimed = await store.claim(NOW, LEASE)
    assert claimed == one
    await _end(store, one)
    assert [*counts, await _add(store, one, two)] == [Found(1, 0), Found(1, 0), Found(0, 0)]
    assert await store.pending() == 1


async def test_two_sources_may_bring_the_same_article(store: SourceStore) -> None:
    """Each has an entry of its own, and knows what has become of the other's article."""
    await _add(store, _entry("1"))
    await _end(store, await store.claim(NOW, LEASE), printed=PRINTED)
    other = _entry("1", source="Other")
    assert await _add(store, other, source="Other") == Found(1, 0)
    assert await store.seen.look("Other", ["1"], NOW) == [Seen(PRINTED, None, NOW, 0)]
    await _end(store, await store.claim(NOW, LEASE), "duplicate")
    trace = await store.seen.trace("1")
    assert trace is not None
    assert trace.brought == (Brought("The Source", "published"), Brought("Other", "duplicate"))
    assert await _add(store, other, source="Other") == Found(0, 0)


async def _begun(store: SourceStore, source: str = "The Source", now: datetime = NOW) -> Printed | None:
    """What a source takes to be begun of the article."""
    (seen,) = await store.seen.look(source, ["1"], now)
    return seen.begun if seen else None


async def test_a_duplicate_does_not_end_what_another_source_has_begun(store: SourceStore) -> None:
    """Only what was published does, by whomever."""
    await store.seen.begin("The Source", {"1": PRINTED}, NOW)
    await store.seen.note("Other", [Note("1", "duplicate")], NOW)
    assert await _begun(store) == PRINTED
    await store.seen.note("The Source", [Note("1", "published", printed=PRINTED)], NOW)
    assert await _begun(store) is None


async def test_what_another_source_has_just_begun_is_not_taken_for_left_by_a_dead_worker(store: SourceStore) -> None:
    """It is under way, for a while; an own one was left."""
    await store.seen.begin("The Source", {"1": PRINTED}, NOW)
    found = [await _begun(store, "Other", NOW + BEGUN_FOR - SECOND), await _begun(store, "Other", NOW + BEGUN_FOR)]
    assert [await _begun(store), *found] == [PRINTED, None, PRINTED]


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
    await _end(store, claimed, host_free_at=NOW + 5 * SECOND)
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


async def test_news_that_failed_once_went_behind_all_the_archive_of_its_host(store: SourceStore) -> None:
    """Until it is due again archive is fetched, then it; what is looked at again has no such place."""
    await _add(store, *(_entry(f"old {number}", backlog=True) for number in range(4)), _entry("new"), _entry("known"))
    later = NOW + timedelta(minutes=5)
    for again in (True, False):
        claimed = await store.claim(NOW, LEASE)
        assert isinstance(claimed, Pending)
        await store.put_off(claimed, later, host_free_at=NOW, now=NOW, again=again)
    taken = []
    for now in (NOW, NOW + 4 * 60 * SECOND, later, later, later):
        claimed = await store.claim(now, LEASE)
        await _end(store, claimed, now=now)
        taken.append(claimed.id if isinstance(claimed, Pending) else claimed)
    assert taken == ["old 0", "old 1", "new", "old 2", "old 3"]
    assert await store.claim(later, LEASE) == _entry("known")


async def test_news_that_is_to_be_tried_again_later_holds_up_no_archive(store: SourceStore) -> None:
    """Nor is anything claimed before it is due; the host is looked at when the first of them is."""
    await _add(store, _entry("new"), _entry("old", backlog=True))
    for minutes in (5, 6):
        claimed = await store.claim(NOW, LEASE)
        assert isinstance(claimed, Pending)
        await store.put_off(claimed, NOW + timedelta(minutes=minutes), host_free_at=NOW, now=NOW)
    assert await store.claim(NOW, LEASE) == Wait(NOW + timedelta(minutes=5))
    claimed = await store.claim(NOW + timedelta(minutes=5), LEASE)
    assert claimed == _entry("new")
    await _end(store, claimed, now=NOW + timedelta(minutes=5))
    assert await store.claim(NOW + timedelta(minutes=5), LEASE) == Wait(NOW + timedelta(minutes=6))


@pytest.mark.parametrize("backlog", [False, True])
async def test_the_last_pass_waits_for_nothing_put_off(store: SourceStore, *, backlog: bool) -> None:
    """But still for the host's turn."""
    await _add(store, _entry("1", backlog=backlog))
    claimed = await store.claim(NOW, LEASE)
    assert isinstance(claimed, Pending)
    await store.put_off(claimed, NOW + timedelta(hours=6), host_free_at=NOW + 5 * SECOND, now=NOW)
    await store.hasten(NOW)
    assert await store.claim(NOW, LEASE) == Wait(NOW + 5 * SECOND)
    assert await store.claim(NOW + 5 * SECOND, LEASE) == claimed


async def test_a_worker_that_was_killed_goes_on_where_it_was(redis: Redis, store: SourceStore) -> None:
    """Its successor of the same slot has its leases back, of a host after its pause; another worker's stay."""
    await _add(store, _entry("1"), _entry("2", host="b.example"))
    first = await store.claim(NOW, LEASE)
    other = await SourceStore(redis, prefix="p:", worker="b").claim(NOW, LEASE)
    assert await store.lease("The Source", LEASE)
    assert isinstance(first, Pending)
    assert isinstance(other, Pending)
    successor = SourceStore(redis, prefix="p:", worker="a")
    await successor.resume(["The Source"], NOW, hosts_free_at=NOW + 5 * SECOND)
    assert await successor.claim(NOW, LEASE) == Wait(NOW + 5 * SECOND)
    assert await successor.claim(NOW + 5 * SECOND, LEASE) == first
    assert await successor.claim(NOW + 5 * SECOND, LEASE) == Wait(NOW + LEASE)
    assert await SourceStore(redis, prefix="p:", worker="c").lease("The Source", LEASE)


async def test_a_lease_that_ran_out_is_anybodys(redis: Redis, store: SourceStore) -> None:
    """And the first worker's late settlement does not take the lease from the second."""
    await _add(store, _entry("1"), _entry("2"))
    slow = await store.claim(NOW, LEASE)
    other = SourceStore(redis, prefix="p:", worker="b")
    later = NOW + LEASE
    assert await other.claim(later, LEASE) == slow
    assert isinstance(slow, Pending)
    await _end(store, slow, now=later)
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


LATER = NOW + REMEMBER + timedelta(days=2)


async def _fill_up(store: SourceStore, *beside: str) -> None:
    """Other articles come to where these are kept, so that what is over there is forgotten."""
    for id_ in beside:
        others = (f"new {number}" for number in range(200_000) if _shard(f"new {number}") == _shard(id_))
        await store.seen.note("Busy", [Note(other, "published") for other in islice(others, 8)], LATER)


async def test_what_is_long_gone_from_a_feed_is_forgotten(store: SourceStore) -> None:
    """What is still in it is not, however old; nor is what was begun and never published remembered for ever."""
    await store.seen.begin("The Source", {"gone": PRINTED}, NOW)
    await store.seen.note("The Source", [Note(id_, "published") for id_ in ("old", "gone")], NOW)
    await _add(store, _entry("old"), now=LATER)
    await _fill_up(store, "old", "gone")
    found = await store.seen.look("Another", ["old", "gone"], LATER)
    assert [seen is None for seen in found] == [False, True]


async def test_what_a_feed_held_that_was_not_read_since_is_not_forgotten(store: SourceStore) -> None:
    """A 304 says nothing about what is in it, nor does silence for months; other sources fill up the place meanwhile.

    So it is with a file. What a second source still may have stays known, too; a source that was removed has nothing.
    """
    await store.seen.note("Quiet", [Note("quiet", "published"), Note("both", "published")], NOW)
    await store.seen.note("The Source", [Note("both", "duplicate")], NOW)
    await store.seen.note("Removed", [Note("removed", "published")], NOW)
    await store.books.forget("Removed")
    await store.save("Quiet", SourceState(polled=True))
    await _add(store, _entry("else"), now=LATER)
    await _fill_up(store, "quiet", "both", "removed")
    found = await store.seen.look("Another", ["quiet", "both", "removed"], LATER)
    assert [seen is None for seen in found] == [False, False, True]


async def test_an_article_seen_costs_little_memory(redis: Redis, store: SourceStore) -> None:
    """Under 150 bytes for each of 100,000, with what was published of it, so that a million fit beside all else."""
    notes = [Note(f"c1:{number:024x}", "published", "abcdef", PRINTED) for number in range(100_000)]
    await store.seen.note("The Source", notes, NOW)
    keys = [key async for key in redis.scan_iter("p:seen:*", count=10_000)]
    pipe = redis.pipeline(transaction=False)
    for key in keys:
        pipe.memory_usage(key, samples=0)
    used = sum(await pipe.execute())
    assert used / len(notes) < 100
    assert await redis.object("encoding", "p:seen:1") == "listpack"


async def test_a_changed_entry_is_looked_at_again_and_an_equal_one_is_not(store: SourceStore) -> None:
    """It is found once more, and ends once more."""
    await _add(store, _entry("1", mark="aaaaaa"))
    await _end(store, await store.claim(NOW, LEASE), printed=PRINTED)
    assert await _add(store, _entry("1", mark="aaaaaa")) == Found(0, 0)
    changed = _entry("1", mark="bbbbbb")
    assert [await _add(store, changed), await _add(store, changed)] == [Found(0, 1), Found(0, 0)]
    assert await store.claim(NOW, LEASE) == changed
    await _end(store, changed, "unchanged", looks=IDLE_LOOK)
    assert await _add(store, changed) == Found(0, 0)
    assert await store.books.outcomes("The Source") == {"found": 2, "published": 1, "unchanged": 1}
    assert await store.seen.look("The Source", ["1"], NOW) == [Seen(PRINTED, "unchanged", NOW, IDLE_LOOK)]


async def test_an_entry_that_changes_at_every_poll_is_looked_at_ever_more_rarely_and_then_no_more(
    store: SourceStore,
) -> None:
    """Polled every minute for a week: six looks that find nothing, each after a longer while than the one before."""
    now, times = NOW, []
    await _add(store, _entry("1", mark="000001"))
    await _end(store, await store.claim(NOW, LEASE), printed=PRINTED)
    for number in range(7 * 24 * 60):
        now = NOW + number * timedelta(minutes=1)
        if number < 100 or number % 60 == 0:
            await _add(store, _entry("1", mark=f"{number + 2:06x}", seen_at=now), now=now)
        if isinstance(claimed := await store.claim(now, LEASE), Pending):
            times.append(now)
            await _end(store, claimed, "unchanged", looks=IDLE_LOOK, now=now)
    assert len(times) == MOST_LOOKS // IDLE_LOOK
    pauses = [later - before for before, later in pairwise(times)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= LOOK_AFTER


async def test_an_old_article_is_not_looked_at_again(store: SourceStore) -> None:
    """A week after it was first seen."""
    await _add(store, _entry("1", mark="aaaaaa"))
    await _end(store, await store.claim(NOW, LEASE), printed=PRINTED)
    late = NOW + LOOK_FOR + SECOND
    assert await _add(store, _entry("1", mark="bbbbbb"), now=late) == Found(0, 0)


async def test_what_a_waiting_entry_says_is_what_its_feed_said_last(store: SourceStore) -> None:
    """Until it was tried: then it goes its way, however often the feed changes, and is looked at again afterwards."""
    first, second, third = (_entry("1", mark=mark, title=mark) for mark in ("aaaaaa", "bbbbbb", "cccccc"))
    await _add(store, first)
    await _end(store, await store.claim(NOW, LEASE), printed=PRINTED)
    assert [await _add(store, second), await _add(store, third)] == [Found(0, 1), Found(0, 0)]
    claimed = await store.claim(NOW, LEASE)
    assert claimed == third
    assert isinstance(claimed, Pending)
    tried = claimed.model_copy(update={"tries": 1})
    await store.put_off(tried, NOW, host_free_at=NOW, now=NOW)
    await _add(store, second)
    assert await store.claim(NOW, LEASE) == tried


async def test_an_entry_of_an_earlier_release_has_no_mark_until_its_feed_is_read(store: SourceStore) -> None:
    """And is not looked at again for that."""
    await store.seen.note("The Source", [Note("1", "published", NO_MARK, PRINTED)], NOW)
    assert await _add(store, _entry("1", mark="aaaaaa")) == Found(0, 0)
    assert await _add(store, _entry("1", mark="bbbbbb")) == Found(0, 1)


async def test_a_source_that_was_forgotten_begins_anew_and_its_articles_stay_known(store: SourceStore) -> None:
    """Under its name; what it brought before is brought by another source now."""
    await store.seen.note("The Source", [Note("1", "published", printed=PRINTED)], NOW)
    await store.books.forget("The Source")
    assert await _add(store, _entry("1")) == Found(1, 0)
    assert await store.seen.look("The Source", ["1"], NOW) == [Seen(PRINTED, None, NOW, 0)]
    trace = await store.seen.trace("1")
    assert trace is not None
    assert trace.brought == (Brought(None, "published"),)


async def test_outcomes_add_up_to_what_was_found(store: SourceStore) -> None:
    """Each entry counts once, however often it is settled; what is pending is the rest."""
    await _add(store, _entry("1"), _entry("2", host="b.example"), _entry("3", host="c.example"))
    for outcome in ("published", "robots"):
        claimed = await store.claim(NOW, LEASE)
        assert isinstance(claimed, Pending)
        await _end(store, claimed, outcome, looks=1)
        await _end(store, claimed, outcome, looks=1)
    assert await store.books.outcomes("The Source") == {"found": 3, "published": 1, "robots": 1}
    assert await store.pending() == 1


async def test_accounts_of_a_source_that_was_removed_and_added_again_add_up(store: SourceStore) -> None:
    """What it found before and is published later counts as found: more had ended than were."""
    await _add(store, _entry("1"), _entry("2"))
    for _ in range(2):
        claimed = await store.claim(NOW, LEASE)
        assert isinstance(claimed, Pending)
        await _end(store, claimed, "published", looks=1)
        await store.books.forget("The Source")
    assert await store.books.outcomes("The Source") == {}
    await _add(store, _entry("3"))
    await store.books.forget("The Source")
    await _add(store, _entry("4"))
    claimed = await store.claim(NOW, LEASE)
    assert isinstance(claimed, Pending)
    await _end(store, claimed, "published", looks=1)
    assert await store.books.outcomes("The Source") == {"found": 2, "published": 1}


async def test_an_entry_may_go_on_at_another_host(store: SourceStore) -> None:
    """Where a redirect led: it waits for that host's turn, and the first one has its pause."""
    await _add(store, _entry("1"), _entry("2"))
    claimed = await store.claim(NOW, LEASE)
    assert isinstance(claimed, Pending)
    await store.put_off(claimed, NOW, host_free_at=NOW + 5 * SECOND, now=NOW, host="b.example")
    moved = await store.claim(NOW, LEASE)
    assert moved == claimed.model_copy(update={"host": "b.example"})
    assert await store.claim(NOW, LEASE) == Wait(NOW + 5 * SECOND)
