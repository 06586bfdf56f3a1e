"""Real servers for tests: the embedded Valkey as shipped, and a second one on TCP with a password."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis

from streams.settings import EngineSettings, Secrets
from streams.stores.connection import PASSWORD, connect
from streams.stores.embedded import EmbeddedValkey, wheel_binary
from tests.support.ports import free_port

_TESTS_OWN = ("+scan", "+ttl", "+eval")
"""What tests look into a server with, and Marsad does without."""
README = Path(__file__).parents[2] / "README.md"


class ExternalValkey:
    """A Valkey on TCP that asks for a password, as an operator would run one."""

    def __init__(self, folder: Path, *options: str, password: str = "correct-horse", port: int = 0) -> None:  # noqa: S107  # made up
        self.folder, self.password, self.port = folder, password, port or free_port()
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address without the password."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Run it; returns when it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        options += ["--appendonly", "yes", "--appendfsync", "always", "--requirepass", self.password, *self._options]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen([str(wheel_binary()), *options], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as client:
                client.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                if b"PONG" in client.recv(100):  # it says OK while it still loads
                    return
            time.sleep(0.005)
        raise RuntimeError((self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:])

    def stop(self) -> None:
        """Stop it as SIGKILL does; what it wrote stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def fill(self) -> None:
        """Let it take nothing more, as under `maxmemory` with `noeviction`, until `empty_a_little`."""
        self._command("CONFIG SET maxmemory 1")

    def empty_a_little(self) -> None:
        """Let it have room again."""
        self._command("CONFIG SET maxmemory 0")

    def _command(self, line: str) -> None:
        with socket.create_connection(("127.0.0.1", self.port), 5) as client:
            client.sendall(f"AUTH {self.password}\r\n{line}\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                answer += client.recv(100)
        assert answer == b"+OK\r\n+OK\r\n", answer

    def freeze(self) -> None:
        """Let it answer nothing, its connections open, until `thaw`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the settings and secrets that reach it."""

    settings: EngineSettings
    secrets: Secrets

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """A client, as the composition root gets it."""
        async with connect(self.settings, self.secrets) as redis:
            yield redis


@contextlib.contextmanager
def embedded_server() -> Iterator[Server]:
    """The embedded Valkey, kept alive until the end."""
    with tempfile.TemporaryDirectory(prefix="marsad-") as folder:
        holder = EmbeddedValkey(Path(folder) / "valkey")
        holder.start()
        try:
            yield Server(EngineSettings(data=Path(folder)), Secrets({}))
        finally:
            holder.stop()


def documented_rights() -> list[str]:
    """The rights that README tells an operator to give to Marsad's user, without key pattern and password."""
    line = re.search(r"^ *ACL SETUSER marsad on >PASSWORD ~marsad:\* (.+)$", README.read_text("utf-8"), re.MULTILINE)
    assert line, "README does not say which rights Marsad needs in Redis"
    return line[1].split()


@contextlib.contextmanager
def external_server() -> Iterator[Server]:
    """A Valkey by URL and a user with the rights that README lists, no more, with its password in the environment."""
    with tempfile.TemporaryDirectory(prefix="marsad-") as folder:
        server = ExternalValkey(Path(folder), "--user", "marsad", "on", ">pw", "~t*", *documented_rights(), *_TESTS_OWN)
        server.start()
        try:
            url = server.url.replace("redis://", "redis://marsad@")
            yield Server(EngineSettings(redis=url), Secrets({PASSWORD: "pw"}))
        finally:
            server.stop()


def fresh_prefix() -> str:
    """A key prefix of its own for a test that shares a server."""
    return f"t{os.getpid()}-{uuid.uuid4().hex[:8]}:"
