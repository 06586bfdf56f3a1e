#!/usr/bin/env python3
"""One real Kafka broker on 127.0.0.1, without containers: for tests, and for trying Marsad with Kafka.

    broker.py start|stop|kill|status DATA_DIR PORT

PORT is the clients', PORT + 1 the controller's. README.md beside this file says what it needs and what it is not for.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = os.environ.get("KAFKA_VERSION", "4.4.0")
HEAP = os.environ.get("KAFKA_HEAP", "384m")
START_SECONDS = 60.0
STOP_SECONDS = 45.0

API_VERSIONS_REQUEST = struct.pack(">ihhih4s", 14, 18, 0, 7, 4, b"wait")
"""Length, key 18 (ApiVersions) in version 0, correlation id 7, client id: every Kafka answers it, without a login."""


class BrokerError(Exception):
    """The broker cannot be started or fetched; the text says why."""


def cache_dir() -> Path:
    """Where the jars are kept between runs."""
    named = os.environ.get("KAFKA_LOCAL_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "marsad-kafka"


def jars() -> Path:
    """The folder with the server's jars, fetched with Maven when they are not there yet (about 43 MB)."""
    folder = cache_dir() / VERSION
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise BrokerError(f"Kafka's jars are not in {folder}, and there is no `mvn` to fetch them with")
    partial = folder.with_name(f"{VERSION}.{os.getpid()}.part")
    command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), f"-Dkafka.version={VERSION}"]
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={partial}"]
    print(f"fetching Kafka {VERSION} into {folder}", file=sys.stderr)
    done = subprocess.run([*command, *copy], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise BrokerError(f"Maven did not fetch Kafka {VERSION}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    with contextlib.suppress(OSError):  # another process was quicker: its copy is as good
        partial.rename(folder)
    shutil.rmtree(partial, ignore_errors=True)
    return folder


class Broker:
    """The broker whose files are in `data` and whose clients come to `port`."""

    format_options: tuple[str, ...] = ()
    """What else the storage is formatted with, once."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data.resolve(), port
        self.properties = self.data / "server.properties"
        self.log = self.data / "broker.log"
        self._pid_file = self.data / "broker.pid"
        self._process: subprocess.Popen[bytes] | None = None  # where this object has started it

    def pid(self) -> int | None:
        """Its process, None when it does not run; a recycled pid is told by the command line."""
        try:
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self.properties).encode() in command else None

    def answers(self) -> bool:
        """Whether it answers a client."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(API_VERSIONS_REQUEST)
                head = connection.recv(10, socket.MSG_WAITALL)
        except OSError:
            return False
        return head[4:] == struct.pack(">ih", 7, 0)

    def start(self) -> None:
        """Start it and wait until it answers; nothing where it runs already."""
        if self.pid() is not None:
            return
        if shutil.which("java") is None:
            raise BrokerError("there is no `java`; Kafka needs a JDK or JRE of version 17 or later")
        classes = f"{jars()}/*"
        self.data.mkdir(parents=True, exist_ok=True)
        self._configure()
        java = ["java", f"-Xmx{HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        java += [f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}", "-cp", classes]
        with self.log.open("ab") as log:
            if not (self.data / "log" / "meta.properties").exists():
                cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
                # A leading dash would be read as an option.
                form = ["kafka.tools.StorageTool", "format", "-t", cluster.replace("-", "A", 1), "-c"]
                form += [str(self.properties), *self.format_options]
                subprocess.run([*java, *form], stdout=log, stderr=log, check=False)
            # A session of its own: Ctrl-C at the terminal is not meant for the broker.
            process = self._process = subprocess.Popen(
                [*java, "kafka.Kafka", str(self.properties)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid_file.write_text(f"{process.pid}\n")
        if not _wait(lambda: self.answers() or process.poll() is not None, START_SECONDS) or process.poll() is not None:
            self.kill()
            raise BrokerError(f"the broker did not start; the end of {self.log}:\n{self._tail()}")

    def stop(self) -> None:
        """Stop it cleanly; kill it when that takes too long."""
        if not self._signal(signal.SIGTERM, STOP_SECONDS):
            self.kill()

    def kill(self) -> None:
        """SIGKILL, as in a crash."""
        self._signal(signal.SIGKILL, STOP_SECONDS)

    def _signal(self, number: int, patience: float) -> bool:
        pid = self.pid()
        if pid is None:
            self._pid_file.unlink(missing_ok=True)
            return True
        os.kill(pid, number)
        if not _wait(lambda: _is_gone(pid), patience):
            return False
        if self._process is not None:
            self._process.wait(patience)
        self._pid_file.unlink(missing_ok=True)
        return True

    def _configure(self) -> None:
        text = (HERE / "server.properties.in").read_text()
        for name, value in {"PORT": self.port, "CONTROLLER_PORT": self.port + 1, "DATA": self.data}.items():
            text = text.replace(f"@{name}@", str(value))
        self.properties.write_text(text)

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def _is_gone(pid: int) -> bool:
    """Dead, collected or not by the process that started it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _wait(is_done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def main() -> int:
    """The command line; exit status 0 done or running, 1 failed, 3 not running."""
    parser = argparse.ArgumentParser(description="One Kafka broker on 127.0.0.1, without containers.")
    parser.add_argument("command", choices=("start", "stop", "kill", "status"))
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("port", type=int, metavar="PORT")
    arguments = parser.parse_args()
    broker = Broker(arguments.data, arguments.port)
    if arguments.command == "status":
        running = broker.pid() is not None and broker.answers()
        print(f"running, pid {broker.pid()}" if running else "not running")
        return 0 if running else 3
    try:
        {"start": broker.start, "stop": broker.stop, "kill": broker.kill}[arguments.command]()
    except BrokerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
