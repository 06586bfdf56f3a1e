"""The embedded log by itself: order, retention, a full disk, files that are not what they should be."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.errors import EngineAwayError, EngineError, TopicError
from streams.topics import TopicSpec
from streams.transports.offsets import Partition
from streams.transports.sqlite_log import GROUP_MEMORY, Bounds, SqliteLog
from streams.transports.sqlite_schema import engine_error
from streams.transports.sqlite_writer import LogLimits

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ONE = Partition("notes", 0)
SPEC = TopicSpec("notes", 1, 7 * DAY)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    """A log with one topic of one partition."""
    log = SqliteLog(tmp_path / "log.db", LogLimits(reserve_bytes=0))
    await log.open(check=True)
    await log.create_topic(SPEC)
    yield log
    await log.close()


async def add(log: SqliteLog, *values: str, at: datetime = NOW) -> list[int]:
    """Append values, one after the other."""
    return [await log.append(ONE, key=b"k", value=value.encode(), at=at) for value in values]


async def values(log: SqliteLog, position: int = 0) -> list[bytes | None]:
    """What one read returns."""
    return [record.value for record in (await log.read({ONE: position})).get(ONE, [])]


async def test_offsets_count_up_and_reading_begins_where_asked(log: SqliteLog) -> None:
    """Records come back in the order of their offsets, from the position on."""
    assert await add(log, "a", "b", "c") == [0, 1, 2]
    assert await values(log, 1) == [b"b", b"c"]


async def test_appends_at_once_all_get_an_offset_of_their_own(log: SqliteLog) -> None:
    """A group commit gives each of its records its own offset."""
    offsets = await asyncio.gather(*(log.append(ONE, key=b"k", value=b"v", at=NOW) for _ in range(300)))
    assert sorted(offsets) == list(range(300))


async def test_a_record_stays_while_a_group_has_not_committed_it(log: SqliteLog) -> None:
    """Retention deletes what is old and committed, and nothing that a group still has to read."""
    await log.join("marsad-match", [ONE], NOW)
    await add(log, "old-1", "old-2", at=NOW - 8 * DAY)
    await add(log, "new", at=NOW)
    assert await log.expire(NOW) == 0
    await log.commit("marsad-match", {ONE: 1})
    assert await log.expire(NOW) == 1
    await log.commit("marsad-match", {ONE: 3})
    assert await log.expire(NOW) == 1
    assert await values(log) == [b"new"]
    assert (await log.bounds([ONE]))[ONE] == Bounds(2, 3)


async def test_without_a_group_age_alone_decides(log: SqliteLog) -> None:
    """A topic that no group reads, as the dead letters' is, loses what is older than its retention."""
    await add(log, "old", at=NOW - 8 * DAY)
    await add(log, "new")
    assert await log.expire(NOW) == 1


async def test_a_forgotten_group_keeps_nothing(log: SqliteLog) -> None:
    """A group that nobody started for a month does not fill the disk for ever."""
    await log.join("renamed", [ONE], NOW - GROUP_MEMORY - DAY)
    await add(log, "old", at=NOW - 8 * DAY)
    assert await log.expire(NOW) == 1


async def test_offsets_are_not_used_again_after_everything_expired(log: SqliteLog) -> None:
    """An empty partition goes on counting."""
    await add(log, "a", "b", at=NOW - 8 * DAY)
    await log.expire(NOW)
    assert await add(log, "c") == [2]


async def test_a_changed_retention_is_that_of_a_log_that_is_there(log: SqliteLog) -> None:
    """The setting did nothing once the log had been made, and there is no other way to change it."""
    assert not await log.create_topic(replace(SPEC, retention=2 * SPEC.retention))
    assert (await log.shapes())[SPEC.name].retention == 2 * SPEC.retention


async def test_more_than_one_deletion_s_worth_expires(log: SqliteLog) -> None:
    """Retention goes on until nothing old is left."""
    await asyncio.gather(*(log.append(ONE, key=None, value=b"v", at=NOW - 8 * DAY) for _ in range(1_200)))
    assert await log.expire(NOW) == 1_200


async def test_a_group_that_has_not_committed_begins_at_the_first_record(log: SqliteLog) -> None:
    """Joining notes where the group begins; joining again leaves a commit alone."""
    await add(log, "a", "b")
    await log.join("g", [ONE], NOW)
    assert await log.committed("g") == {ONE: 0}
    await log.commit("g", {ONE: 2})
    await log.join("g", [ONE], NOW)
    assert await log.committed("g") == {ONE: 2}


async def test_what_is_committed_survives_a_new_start(tmp_path: Path) -> None:
    """Another process finds topics, records and commits."""
    first = SqliteLog(tmp_path / "log.db", LogLimits(reserve_bytes=0))
    await first.open()
    await first.create_topic(SPEC)
    await first.join("g", [ONE], NOW)
    await add(first, "a")
    await first.commit("g", {ONE: 1})
    await first.close()
    second = SqliteLog(tmp_path / "log.db", LogLimits(reserve_bytes=0))
    await second.open(check=True)
    assert (await values(second), await second.committed("g")) == ([b"a"], {ONE: 1})
    await second.close()


async def test_a_full_file_refuses_and_recovers(tmp_path: Path) -> None:
    """SQLITE_FULL becomes EngineAwayError, loses nothing that was acknowledged, and passes when there is room again."""
    log = SqliteLog(tmp_path / "log.db", LogLimits(reserve_bytes=0, max_pages=60))
    await log.open()
    await log.create_topic(SPEC)
    with pytest.raises(EngineAwayError, match="the disk is full"):
        await add(log, *["x" * 4_000] * 200, at=NOW - 8 * DAY)
    stored = len(await values(log))
    assert (await log.bounds([ONE]))[ONE].next == stored > 0
    assert await log.expire(NOW) == stored
    assert await log.append(ONE, key=b"k", value=b"x" * 4_000, at=NOW) == stored
    await log.close()


async def test_the_reserve_is_left_for_commits(tmp_path: Path) -> None:
    """With little space left appends are refused while commits go through; with space again they are accepted."""
    free = [10_000_000]
    log = SqliteLog(tmp_path / "log.db", LogLimits(reserve_bytes=1_000_000, free_bytes=lambda _: free[0]))
    await log.open()
    await log.create_topic(SPEC)
    await log.join("g", [ONE], NOW)
    await add(log, "a")
    free[0] = 900_000
    with pytest.raises(EngineAwayError, match="free some space"):
        await add(log, "b")
    await log.commit("g", {ONE: 1})
    free[0] = 10_000_000
    assert await add(log, "b") == [1]
    await log.close()


async def test_appends_wait_while_too_much_is_waiting(tmp_path: Path) -> None:
    """Back-pressure: a burst beyond the limit is taken bit by bit, and all of it."""
    log = SqliteLog(tmp_path / "log.db", LogLimits(reserve_bytes=0, waiting_bytes=10_000))
    await log.open()
    await log.create_topic(SPEC)
    await asyncio.gather(*(log.append(ONE, key=None, value=b"x" * 4_000, at=NOW) for _ in range(50)))
    assert (await log.bounds([ONE]))[ONE].next == 50
    await log.close()


async def test_a_locked_file_is_an_engine_that_is_away(log: SqliteLog) -> None:
    """Another process that holds the write lock makes appends fail in a way that is waited out."""
    other = SqliteLog(log.path, LogLimits(reserve_bytes=0, busy=timedelta(milliseconds=50)))
    await other.open()
    with sqlite3.connect(log.path, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(EngineAwayError, match="another process keeps it locked"):
            await add(other, "a")
        holder.execute("ROLLBACK")
    holder.close()
    assert await add(other, "a") == [0]
    await other.close()


async def test_a_log_that_is_no_longer_where_it_was_is_noticed(log: SqliteLog) -> None:
    """A worker whose data folder was deleted went on, ready, on files that nobody finds again."""
    log.require_file()
    log.path.rename(log.path.with_name("moved.db"))
    with pytest.raises(EngineError, match="was deleted, moved or replaced"):
        log.require_file()
    log.path.touch()
    with pytest.raises(EngineError, match="was deleted, moved or replaced"):
        log.require_file()


async def test_one_bad_append_does_not_fail_its_neighbours(log: SqliteLog) -> None:
    """Pieces of a failed group are tried one by one."""
    outcomes = await asyncio.gather(
        log.append(ONE, key=None, value=b"a", at=NOW),
        log.append(Partition("notes", 9), key=None, value=b"b", at=NOW),
        log.append(ONE, key=None, value=b"c", at=NOW),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], TopicError)
    assert await values(log) == [b"a", b"c"]


async def test_an_unknown_topic_says_how_to_make_it(log: SqliteLog) -> None:
    """The error names the command."""
    with pytest.raises(TopicError, match="marsad topics create"):
        log.partitions("absent")


async def test_a_later_schema_is_refused(log: SqliteLog) -> None:
    """A log written by a later release is left alone, with clear words."""
    with sqlite3.connect(log.path) as later:
        later.execute("PRAGMA user_version=99")
    later.close()
    with pytest.raises(EngineError, match="schema 99, this release reads up to 1"):
        await SqliteLog(log.path).open()


async def test_another_program_s_database_is_refused(tmp_path: Path) -> None:
    """A file that is a database but not a log is not written into."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (id)")
    other.close()
    with pytest.raises(EngineError, match="database of another program"):
        await SqliteLog(path).open()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Bytes that are not SQLite's are called damaged, with what to do."""
    path = tmp_path / "log.db"
    path.write_bytes(b"this is not a database at all" * 200)
    with pytest.raises(EngineError, match=r"damaged .* move it"):
        await SqliteLog(path).open()


async def test_a_damaged_page_is_found_at_start(tmp_path: Path) -> None:
    """quick_check at start finds a page that was overwritten."""
    path = tmp_path / "log.db"
    log = SqliteLog(path, LogLimits(reserve_bytes=0))
    await log.open()
    await log.create_topic(SPEC)
    await asyncio.gather(*(log.append(ONE, key=None, value=b"x" * 3_000, at=NOW) for _ in range(50)))
    await log.close()
    with path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 8 * 4096)
    with pytest.raises(EngineError, match="damaged"):
        await SqliteLog(path).open(check=True)


def test_a_log_that_is_not_ours_to_write_was_told_as_a_matter_of_time(tmp_path: Path) -> None:
    """After one start as root a worker waited a minute, time and again, and never said for what."""
    path = tmp_path / "log.db"
    with contextlib.closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE t (x)")
    reading = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with contextlib.closing(reading), pytest.raises(sqlite3.Error) as unwritten:
        reading.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.Error) as unopened:
        sqlite3.connect(tmp_path).close()
    for caught in (unwritten, unopened):
        assert "its folder belong to" in str(engine_error(caught.value, path))
