"""What a stage may rely on, whichever log is under it."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from streams.errors import EngineAwayError, RecordTooLargeError, SlotTakenError, TopicError
from streams.messages import Codec, DeadCause, DeadLetter
from streams.transports.engine_config import RECORD_LIMIT
from tests.support.transports import NOTES, Install, WorkerProcess, lines, note, running, spec, until


async def test_a_key_s_messages_arrive_in_order(install: Install) -> None:
    """Messages of one key are handled in the order in which they were published."""
    async with running(install.engine()) as engine:
        for number in range(200):
            await engine.publisher.publish(install.notes.name, f"k{number % 3}", NOTES.encode(note(f"{number}")))
        await until(lambda: len(install.handled) == 200)
    for key in range(3):
        of_key = [int(id_) for id_ in install.handled if int(id_) % 3 == key]
        assert of_key == sorted(of_key)


async def test_a_burst_beyond_all_buffers_arrives_whole_and_in_order(install: Install) -> None:
    """With the handler stuck for a while, more than every buffer holds waits in the log, and comes through after."""
    install.gate.clear()
    async with running(install.engine()) as engine:
        ids = [f"{number}" for number in range(1_500)]
        await asyncio.gather(*(engine.publisher.publish(install.notes.name, "k", NOTES.encode(note(i))) for i in ids))
        install.gate.set()
        await until(lambda: len(install.handled) >= len(ids))
    assert sorted(install.handled, key=int) == ids
    written = [NOTES.decode(r.record.value).id async for r in install.broker.reader.read(install.notes.name)]
    assert install.handled == written


async def test_a_stop_commits_what_was_handled(install: Install) -> None:
    """A clean stop leaves nothing handled uncommitted, and nothing is handled twice after it."""
    async with running(install.engine()):
        await install.write("a", "b", "c")
        await until(lambda: len(install.handled) == 3)
    assert await install.behind() == 0
    async with running(install.engine()):
        await install.write("d")
        await until(lambda: "d" in install.handled)
    assert sorted(install.handled) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.5], ids=str)
async def test_a_start_that_is_given_up_leaves_nothing_behind(install: Install, seconds: float) -> None:
    """Cancelled at any point of its start an engine lets go of everything, and the next one works."""
    await install.write("a")
    before, engine = asyncio.all_tasks(), install.engine()
    starting = asyncio.create_task(engine.start())
    await asyncio.wait({starting}, timeout=seconds)
    given_up = starting.cancel()
    await asyncio.wait({starting})
    assert starting.cancelled() == given_up
    if not given_up:
        await engine.stop()
    await until(lambda: asyncio.all_tasks() <= before)
    async with running(install.engine()):
        await until(lambda: "a" in install.handled)


async def test_what_was_written_before_the_first_start_is_handled(install: Install) -> None:
    """A group that starts for the first time begins with the oldest record."""
    await install.write("early")
    async with running(install.engine()):
        await until(lambda: install.handled == ["early"])


async def test_a_failing_message_is_put_aside_and_its_neighbours_are_not(install: Install) -> None:
    """A handler that keeps raising for one message costs that message alone."""
    install.failing["bad"] = ValueError("no such place")
    await install.write(*(f"n{number}" for number in range(10)), "bad", "last")
    async with running(install.engine()):
        await until(lambda: len(set(install.handled)) == 11 and len(install.letters) == 1)
    [(letter, id_)] = install.letters
    assert (id_, letter.cause, letter.detail) == ("bad", DeadCause.HANDLER_ERROR, "ValueError: no such place")
    assert await install.behind() == 0
    stored = [Codec(DeadLetter).decode(r.record.value) async for r in install.broker.reader.read(install.dead.name)]
    assert stored == [letter]


async def test_malformed_bytes_are_put_aside_with_their_place(install: Install) -> None:
    """What does not decode names its topic, partition and offset, and does not stop what follows."""
    await install.write_raw("k", b"{nonsense")
    await install.write("k")
    async with running(install.engine()):
        await until(lambda: install.handled == ["k"] and len(install.letters) == 1)
    [(letter, id_)] = install.letters
    assert (id_, letter.cause, letter.topic, letter.offset) == (None, DeadCause.MALFORMED, install.notes.name, 0)


async def test_what_match_and_alert_put_aside_stood_in_no_log(install: Install) -> None:
    """A drain ended with 1 and not a word; the line says what, why, and under which name it is listed."""
    await install.write_raw("k", b"{nonsense")
    with capture_logs() as told:
        async with running(install.engine()):
            await until(lambda: len(install.letters) == 1)
    [(letter, _)] = install.letters
    assert [line for line in told if line["event"] == "message_put_aside"] == [
        {
            "event": "message_put_aside",
            "log_level": "error",
            "stage": letter.stage,
            "letter": letter.id,
            "cause": "malformed",
            "detail": letter.detail,
        }
    ]


async def test_a_record_too_large_is_refused_at_once(install: Install) -> None:
    """Publishing more than the broker takes raises instead of waiting for ever."""
    async with running(install.producer()) as engine:
        with pytest.raises(RecordTooLargeError):
            await engine.publisher.publish(install.notes.name, "k", b"x" * (RECORD_LIMIT + 1))


async def test_a_dead_letter_too_large_is_cut(install: Install) -> None:
    """A malformed record near the limit still becomes a dead letter: a part of it, marked as cut."""
    await install.write_raw("k", b"x" * (RECORD_LIMIT - 10))
    async with running(install.engine()):
        await until(lambda: len(install.letters) == 1)
    [(letter, _)] = install.letters
    assert letter.cut
    assert len(letter.value) > RECORD_LIMIT // 2


async def test_a_handler_s_record_too_large_is_put_aside_without_retry(install: Install) -> None:
    """A message whose result no broker accepts is a dead letter after one attempt."""
    install.failing["huge"] = RecordTooLargeError("a record of 2 MB")
    await install.write("huge")
    async with running(install.engine()):
        await until(lambda: len(install.letters) == 1)
    assert (install.letters[0][0].cause, install.calls) == (DeadCause.TOO_LARGE, 1)


async def test_a_newer_schema_stops_its_partition_and_no_other(install: Install) -> None:
    """The partition is neither handled nor committed further; the others go on; a stop does not hang on it."""
    newer = (
        NOTES.encode(note("from the future"))
        .replace(b'"schema":1', b'"schema":9')
        .replace(b'"release":"', b'"release":"9')
    )
    await install.write_raw("k", newer)
    await install.write("k", "other-1", "other-2", "other-3", "other-4")
    async with running(install.engine()):
        await until(
            lambda: bool(install.handled) and any("Marsad 9" in reason for reason in install.progress.reasons())
        )
        await until(lambda: install.metrics.stopped_partitions.labels("match")._value.get() == 1)
    lag = await install.broker.reader.lag("match", [install.notes.name])
    assert sorted(lag.behind > 0 for lag in lag.values()) == [False, True]
    assert "k" not in install.handled
    [stopped] = [one for one in lag.values() if one.behind]
    assert stopped.committed == 0


async def test_an_engine_that_is_away_is_waited_for(install: Install) -> None:
    """EngineAwayError is no failure of the message: the stage waits, says so, and goes on."""
    install.failing["a"] = EngineAwayError("Redis does not answer")
    await install.write("a")
    async with running(install.engine()):
        await until(lambda: install.calls > 3)
        assert any("Redis does not answer" in reason for reason in install.progress.reasons())
        del install.failing["a"]
        await until(lambda: install.handled == ["a"])
        assert install.letters == []


async def test_a_stop_does_not_wait_for_an_engine_that_is_away(install: Install) -> None:
    """A batch that waits for Redis is given up at stop, uncommitted, and comes again at the next start."""
    install.failing["a"] = EngineAwayError("Redis does not answer")
    await install.write("a")
    async with asyncio.timeout(60), running(install.engine()):
        await until(lambda: install.calls > 1)
    assert await install.behind() == 1
    install.failing.clear()
    async with running(install.engine()):
        await until(lambda: install.handled == ["a"])


async def test_a_commit_never_passes_an_unhandled_message(install: Install) -> None:
    """While a batch is in hand, neither it nor anything after it is committed."""
    async with running(install.engine()):
        await install.write("a")
        await until(lambda: install.handled == ["a"])
        install.gate.clear()
        await install.write("b", "c")
        await until(lambda: install.calls == 2)
        await asyncio.sleep(2.5)  # two commits' time: that nothing happens cannot be waited for otherwise
        assert await install.behind() == 2
        install.gate.set()
        await until(lambda: len(install.handled) == 3)


async def test_nothing_is_lost_when_workers_are_killed(install: Install, tmp_path: Path) -> None:
    """Three SIGKILLs amid 300 messages: each is handled at least once."""
    ids = [f"n{number}" for number in range(300)]
    await install.write(*ids)
    out = tmp_path / "handled"
    for _ in range(3):
        worker = WorkerProcess(install, out, seconds_each=0.01)
        before = len(lines(out))
        await worker.start()
        await until(lambda: len(lines(out)) > before + 20, 60)  # noqa: B023  # awaited in this turn of the loop
        await worker.end(signal.SIGKILL)
    worker = WorkerProcess(install, out)
    await worker.start()
    await until(lambda: set(lines(out)) == set(ids), 60)
    assert await worker.end(signal.SIGTERM) == 0
    assert await install.behind() == 0


async def test_a_missing_topic_is_refused_at_start(install: Install) -> None:
    """A worker does not start deaf: the error names the topic and the command that makes it."""
    engine = install.engine()
    engine.needs(spec(f"{install.prefix}absent"))
    with pytest.raises(TopicError, match=r"absent.*marsad topics create"):
        await engine.start()


async def test_another_partition_count_is_refused_at_start(install: Install) -> None:
    """A topic that was made with other settings is named, with both numbers."""
    install.notes = spec(install.notes.name, 5)
    with pytest.raises(TopicError, match="has 2 partitions, the configuration says 5"):
        await install.engine().start()


async def test_topics_are_made_once(install: Install) -> None:
    """Making topics again makes nothing and changes nothing."""
    assert await install.broker.topics.create([install.notes, spec(f"{install.prefix}more")]) == [
        f"{install.prefix}more"
    ]


async def test_a_slot_that_is_taken_is_refused_with_the_pid(install: Install, tmp_path: Path) -> None:
    """A second process of the same stage, host and slot says which process has it."""
    out = tmp_path / "handled"
    worker = WorkerProcess(install, out)
    await install.write("a")
    await worker.start()
    await until(lambda: lines(out) == ["a"], 60)
    with pytest.raises(SlotTakenError, match=r"process \d+"):
        await install.engine().start()
    await worker.end(signal.SIGTERM)


async def test_two_stages_share_a_process(install: Install) -> None:
    """Two engines in one loop: what one publishes the other handles, each with a group of its own."""
    echoed: list[str] = []

    async def echo(batch: list[object]) -> None:
        echoed.extend("seen" for _ in batch)

    async with running(install.engine()), running(install.engine("alert", echo)) as second:
        await second.publisher.publish(install.notes.name, "a", NOTES.encode(note("a")))
        await until(lambda: install.handled == ["a"] and echoed == ["seen"])
    assert (await install.behind("match"), await install.behind("alert")) == (0, 0)


async def test_the_outside_view_does_not_disturb_a_worker(install: Install) -> None:
    """Reading a topic and the lag while a worker runs changes nothing for it."""
    async with running(install.engine()):
        await install.write("a", "b")
        await until(lambda: len(install.handled) == 2)
        read = [NOTES.decode(r.record.value).id async for r in install.broker.reader.read(install.notes.name)]
        assert sorted(read) == ["a", "b"]
        await install.write("c")
        await until(lambda: len(install.handled) == 3)
