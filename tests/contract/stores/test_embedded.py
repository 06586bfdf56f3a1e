"""The embedded Valkey is shared, survives its users, and is never started twice on one folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.errors import EngineAwayError, EngineError
from streams.settings import EngineSettings, Secrets
from streams.stores.connection import connect, reaching_redis
from streams.stores.embedded import SOCKET_LIMIT, EmbeddedValkey

KEEPS_ONE_KEY = """
import asyncio, sys
from pathlib import Path
from streams.settings import EngineSettings, Secrets
from streams.stores.connection import connect

async def main():
    async with connect(EngineSettings(data=Path(sys.argv[1])), Secrets({})) as redis:
        await redis.set("kept", sys.argv[2])
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


def start_user(folder: Path, value: str) -> subprocess.Popen[str]:
    """Another process that uses the server of `folder`, once it has written `value`."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPS_ONE_KEY, str(folder), value],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Let it leave as it should."""
    process.communicate("\n", timeout=20)
    assert process.returncode == 0


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey")
    yield server
    server.stop()


async def read(folder: Path) -> str | None:
    async with connect(EngineSettings(data=folder), Secrets({})) as redis:
        return await redis.get("kept")  # type: ignore[return-value]  # a str, since answers are decoded


def test_the_last_to_leave_stops_it(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    """Two users: it goes on after the first leaves and stops after the second."""
    other = EmbeddedValkey(tmp_path / "valkey")
    assert valkey.start() == other.start()
    valkey.stop()
    assert other.running
    other.stop()
    other.stop()
    assert not EmbeddedValkey(tmp_path / "valkey").running


def test_users_that_start_together_share_one_server(tmp_path: Path) -> None:
    """Eight threads start at once: one server, one pid."""
    users = [EmbeddedValkey(tmp_path / "valkey") for _ in range(8)]
    threads = [threading.Thread(target=user.start) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = (tmp_path / "valkey" / "server.log").read_text(encoding="utf-8")
    assert log.count("Ready to accept connections") == 1
    for user in users:
        user.stop()
    assert not users[0].running


async def test_it_survives_the_kill_of_its_worker_and_is_adopted(tmp_path: Path) -> None:
    """SIGKILL of the only user leaves the server alive with its data; the next user adopts and later stops it."""
    worker = start_user(tmp_path, "before the kill")
    worker.kill()
    worker.communicate()
    server = EmbeddedValkey(tmp_path / "valkey")
    assert server.running
    pid = (tmp_path / "valkey" / "pid").read_text(encoding="utf-8")
    assert await read(tmp_path) == "before the kill"
    assert (tmp_path / "valkey" / "pid").read_text(encoding="utf-8") == pid
    assert not server.running


async def test_a_tool_beside_a_worker_leaves_it_its_server(tmp_path: Path) -> None:
    """A short-lived second process comes and goes; the worker's server stays until the worker ends."""
    worker = start_user(tmp_path, "shared")
    assert await read(tmp_path) == "shared"
    assert EmbeddedValkey(tmp_path / "valkey").running
    end(worker)
    assert not EmbeddedValkey(tmp_path / "valkey").running


async def test_what_was_answered_survives_the_kill_of_the_server(tmp_path: Path) -> None:
    """SIGKILL of the server loses no answered write, and the same client goes on without being told anything."""
    async with connect(EngineSettings(data=tmp_path), Secrets({})) as redis:
        for number in range(50):
            await redis.set(f"key{number}", number)
        os.kill(int((tmp_path / "valkey" / "pid").read_text(encoding="utf-8")), signal.SIGKILL)
        assert len([key async for key in redis.scan_iter("key*")]) == 50


async def test_the_server_hears_no_interrupt_of_the_terminal(tmp_path: Path) -> None:
    """It runs in a session of its own."""
    async with connect(EngineSettings(data=tmp_path), Secrets({})):
        pid = int((tmp_path / "valkey" / "pid").read_text(encoding="utf-8"))
        assert os.getsid(pid) == pid != os.getsid(0)


async def test_it_is_set_to_lose_nothing(tmp_path: Path) -> None:
    """Every write is synced, nothing is evicted, and no network port is open."""
    async with connect(EngineSettings(data=tmp_path), Secrets({})) as redis:
        wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "port": "0"}
        assert {name: (await redis.config_get(name))[name] for name in wanted} == wanted


async def test_a_deep_folder_gets_a_short_socket(tmp_path: Path) -> None:
    """A path too long for a socket address works all the same, through a private folder."""
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    async with connect(EngineSettings(data=deep), Secrets({})) as redis:
        assert await redis.ping()
        path = EmbeddedValkey(deep / "valkey").socket_path
        assert len(os.fsencode(path)) <= SOCKET_LIMIT
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.exists()


def test_stale_files_are_no_obstacle(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    """A socket, a pid and an address left by a dead server, the pid by now somebody else's, are replaced."""
    folder = tmp_path / "valkey"
    folder.mkdir()
    (folder / "valkey.sock").touch()
    (folder / "pid").write_text(str(os.getpid()), encoding="utf-8")
    (folder / "socket").write_text(str(tmp_path / "gone.sock"), encoding="utf-8")
    assert valkey.start() == folder / "valkey.sock"
    assert valkey.running


async def test_a_deleted_socket_is_made_again(tmp_path: Path) -> None:
    """Cleaners of temporary folders delete sockets; the server behind one is replaced by another on its data."""
    worker = start_user(tmp_path, "first")
    try:
        EmbeddedValkey(tmp_path / "valkey").socket_path.unlink()
        async with connect(EngineSettings(data=tmp_path), Secrets({})) as redis:
            assert await redis.get("kept") == "first"
    finally:
        end(worker)
    assert not EmbeddedValkey(tmp_path / "valkey").running


def test_a_damaged_log_says_how_to_mend_it(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    """A log of writes that cannot be read stops the start with the server's words and the command to run."""
    valkey.start()
    valkey.stop()
    (log,) = (tmp_path / "valkey" / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(b"this is no command")
    with pytest.raises(EngineError, match=r"(?s)append only file.*valkey-check-aof.*--fix"):
        valkey.start()
    assert not valkey.running


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error names the folder and the setting."""
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match=r"file/valkey is not writable.*engines\.data"):
        EmbeddedValkey(tmp_path / "file" / "valkey").start()


def test_a_binary_that_does_not_run_is_named(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    """The error names it, and the folder is left free for the next start."""
    broken = EmbeddedValkey(tmp_path / "valkey", binary=tmp_path / "missing")
    with pytest.raises(EngineError, match="missing cannot be run"):
        broken.start()
    valkey.start()
    assert valkey.running


async def test_after_stop_nothing_brings_it_back(tmp_path: Path) -> None:
    """A client kept too long gets an error and does not start a server that nobody would stop."""
    async with connect(EngineSettings(data=tmp_path), Secrets({})) as redis:
        await redis.ping()
    with pytest.raises(EngineAwayError, match="not in use"), reaching_redis():
        await redis.ping()
    await redis.aclose()
    assert not await asyncio.to_thread(lambda: EmbeddedValkey(tmp_path / "valkey").running)


async def test_a_start_that_is_given_up_leaves_no_server_behind(tmp_path: Path) -> None:
    """A worker that was told to stop while it started went, and its server stayed: nobody knew of it yet."""
    opening = asyncio.create_task(connect(EngineSettings(data=tmp_path), Secrets({})).__aenter__())
    await asyncio.sleep(0.01)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:  # as asyncio.run does at its end
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert not EmbeddedValkey(tmp_path / "valkey").running


def test_a_server_whose_folder_was_deleted_is_ended(valkey: EmbeddedValkey) -> None:
    """The stop ended in a traceback, and the server ran on."""
    valkey.start()
    pid = int((valkey.folder / "pid").read_text("utf-8"))
    shutil.rmtree(valkey.folder)
    valkey.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
