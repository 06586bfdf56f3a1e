"""How Marsad reaches its Redis: the embedded Valkey or one by URL, what it demands of it, and what its errors mean."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

from redis import exceptions
from redis.asyncio import ConnectionPool, Redis, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff

from streams.errors import EmptiedError, EngineAwayError, EngineError
from streams.settings import EngineSettings, Secrets
from streams.stores.embedded import EmbeddedValkey

PASSWORD = "MARSAD_REDIS_PASSWORD"  # noqa: S105  # the variable's name
TIMEOUT_SECONDS = 10.0
"""For an answer. Blocking pops ask for less (`streams.stores.outbox`)."""
CONNECT_SECONDS = 5.0
IDLE_CHECK_SECONDS = 30
"""A connection idle for longer is pinged before it is used, so that a silent network is noticed."""
MIN_VERSION = (6, 2)
EMPTIED = "EMPTIED"
"""The code with which our scripts answer where the mark of `streams.stores.marker` is gone."""

_AWAY_CODES = ("MISCONF", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "BUSY", "NOREPLICAS", "TRYAGAIN")
_LOCKED_OUT = (exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError)


@contextlib.contextmanager
def reaching_redis() -> Iterator[None]:
    """Turns whatever says that Redis cannot serve now into EngineAwayError; other errors pass as they are.

    Also for a refused password or a missing permission: somebody has to mend it, and until then workers wait rather
    than put articles aside.

    Raises:
        EngineAwayError: no connection, no answer in time, still loading, read-only, full, or locked out.
        EmptiedError: it has lost what was kept in it.
    """
    try:
        yield
    except _LOCKED_OUT as error:
        raise EngineAwayError(f"Redis refuses us: {error}") from error
    except (exceptions.ConnectionError, exceptions.TimeoutError, OSError) as error:
        raise EngineAwayError(f"Redis does not answer: {error or type(error).__name__}") from error
    except exceptions.ResponseError as error:
        if EMPTIED in _codes(error):
            raise EmptiedError from error
        if "OOM" in _codes(error):
            raise EngineAwayError("Redis is full (maxmemory); give it room, and work goes on by itself") from error
        if not _codes(error).isdisjoint(_AWAY_CODES):
            raise EngineAwayError(f"Redis cannot serve now: {error}") from error
        raise


def _codes(error: exceptions.ResponseError) -> set[str | None]:
    """What may be the code of an answer that is an error.

    It has been taken off, or leads the text, or stands within it: Redis 6 wraps what comes out of a script.
    """
    text = str(error)
    return {error.status_code, text.split(" ", 1)[0]} | {word.removeprefix("-") for word in text.split() if "-" in word}


@contextlib.asynccontextmanager
async def connect(settings: EngineSettings, secrets: Secrets) -> AsyncIterator[Redis]:
    """A client of the configured Redis, checked to answer; an embedded one is started before and left after.

    Raises:
        EngineError: unfit (Redis Cluster, older than 6.2, wrong password, cannot be started); says what to do.
        EngineAwayError: it does not answer.
    """
    if settings.redis == "embedded":
        server = EmbeddedValkey(settings.data / "valkey")
        # No task, which the end of a loop would cancel while its thread goes on.
        starting = asyncio.get_running_loop().run_in_executor(None, server.start)
        try:
            await asyncio.shield(starting)
            async with _client(_embedded_pool(server)) as redis:
                yield redis
        finally:
            # A start that is given up ends all the same, with a server that has to be left.
            await asyncio.wait({starting})
            await asyncio.to_thread(server.stop)
    else:
        async with _client(_url_pool(settings.redis, secrets)) as redis:
            await _require_fit(redis, _name_of(settings.redis))
            yield redis


@contextlib.asynccontextmanager
async def _client(pool: ConnectionPool) -> AsyncIterator[Redis]:
    redis = Redis.from_pool(pool)
    try:
        yield redis
    finally:
        await redis.aclose()


def _pool_options() -> dict[str, Any]:
    """What both kinds of pool share. One retry: enough for a connection that was closed while idle."""
    return {
        "decode_responses": True,
        "protocol": 2,
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": CONNECT_SECONDS,
        "health_check_interval": IDLE_CHECK_SECONDS,
        "client_name": "marsad",
        "retry": Retry(ExponentialWithJitterBackoff(base=0.01, cap=0.1), 1),
    }


class _EmbeddedConnection(UnixDomainSocketConnection):
    """Connects to the embedded server, and starts it again when it has died (out of memory, disk full for a while)."""

    def __init__(self, *, server: EmbeddedValkey, **options: Any) -> None:
        self._server = server
        super().__init__(path=str(server.socket_path), **options)

    async def _connect(self) -> None:
        try:
            await self._open()
        except (FileNotFoundError, ConnectionRefusedError):
            try:
                self.path = str(await asyncio.to_thread(self._server.revive))
            except EngineError as error:
                raise exceptions.ConnectionError(str(error)) from error
            await self._open()

    async def _open(self) -> None:
        async with asyncio.timeout(self.socket_connect_timeout):
            self._reader, self._writer = await asyncio.open_unix_connection(path=self.path)


def _embedded_pool(server: EmbeddedValkey) -> ConnectionPool:
    return ConnectionPool(connection_class=_EmbeddedConnection, server=server, **_pool_options())


def _url_pool(url: str, secrets: Secrets) -> ConnectionPool:
    options = _pool_options()
    if password := secrets.get(PASSWORD):
        options["password"] = password.get_secret_value()
    try:
        pool = ConnectionPool.from_url(url, **options)
        # Connects to nothing, and takes the options behind the `?`; redis-py has no types for it.
        pool.make_connection()  # type: ignore[no-untyped-call]
        if authority := pool.connection_kwargs.get("ssl_ca_certs"):
            ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise EngineError(f"engines.redis: the certificate file {authority} cannot be used: {error}") from error
    except ValueError as error:
        raise EngineError(f"engines.redis: {_name_of(url)} is not an address of a Redis: {error}") from error
    except TypeError as error:
        name = str(error).rpartition(" ")[2]
        raise EngineError(f"engines.redis: a {urlsplit(url).scheme}:// address has no option {name}") from error
    return pool


def _name_of(url: str) -> str:
    """The address as messages give it: without the user's part."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


async def _require_fit(redis: Redis, name: str) -> None:
    try:
        with reaching_redis():
            info = await redis.info("server")
    except EngineAwayError as error:
        if isinstance(error.__cause__, _LOCKED_OUT) or "NOAUTH" in str(error):
            raise EngineError(f"{name} refuses us ({error.__cause__}); check the URL's user and {PASSWORD}") from error
        raise EngineAwayError(f"{name}: {error}") from error
    except exceptions.ResponseError as error:
        raise EngineError(f"{name} refuses us ({error}); check the URL's user and {PASSWORD}") from error
    if "cluster" in {info.get("redis_mode"), info.get("server_mode")}:  # Redis's word for it, and Valkey's
        raise EngineError(f"{name} is a Redis Cluster, which is not supported; name a single Redis or Valkey")
    if _version(info) < MIN_VERSION:
        raise EngineError(f"{name} is Redis {info.get('redis_version')}; Marsad needs 6.2 or newer, or Valkey")


def _version(info: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in str(info.get("redis_version", "0")).split(".")[:2] if part.isdigit())


async def examine(redis: Redis) -> list[str]:
    """What is wrong with this Redis for keeping alerts: empty when nothing is. For `marsad check`.

    Raises:
        EngineError: Redis Cluster, or older than 6.2.
        EngineAwayError: it does not answer.
    """
    await _require_fit(redis, "Redis")
    with reaching_redis():
        info: dict[str, Any] = {}
        for section in ("persistence", "memory", "replication"):
            info.update(await redis.info(section))
    findings = []
    if not info.get("aof_enabled"):
        findings.append("appendonly is off: a restart loses alerts and what was told; set `appendonly yes`")
    elif info.get("aof_last_write_status", "ok") != "ok":
        findings.append("the append-only file cannot be written; see the server's disk")
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        findings.append(f"maxmemory-policy is {policy}: keys vanish when memory is short; set `noeviction`")
    if info.get("role") == "slave":
        findings.append("it is a read-only replica; name the primary")
    return findings


def key_prefix(settings: EngineSettings) -> str:
    """What every key of this installation begins with."""
    return f"{settings.prefix}marsad:"
