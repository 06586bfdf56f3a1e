"""Runs the Lua scripts under `lua/`, and says how values cross between Python and them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from redis.asyncio import Redis

from streams.stores import marker
from streams.stores.connection import reaching_redis

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Script:
    """One atomic step in Redis: the files named, one after another, as one script.

    Keys are made of the prefix inside the script, which is why Redis Cluster is refused. Where a `mark` is named
    and missing, nothing is done (see `streams.stores.marker`).
    """

    def __init__(self, redis: Redis, *names: str, prefix: str, mark: str | None = None) -> None:
        parts = [marker.PRELUDE] if mark else []
        self._redis = redis
        self._script = redis.register_script("\n".join([*parts, *map(_source, names)]))
        self._keys = [prefix, f"{prefix}{mark}"] if mark else [prefix]

    async def run(self, *args: str | int | bytes) -> Any:
        """The script's answer; `args` follow the prefix in ARGV.

        Raises:
            EngineAwayError: Redis cannot serve now. The step was done wholly or not at all, and may be repeated.
            EmptiedError: Redis has lost what was kept in it.
        """
        with reaching_redis():
            return await self._script(keys=self._keys, args=list(args))

    async def run_all(self, calls: Iterable[Sequence[str | int | bytes]]) -> list[Any]:
        """The answers to several calls in one round trip; each is atomic, all together are not.

        Raises:
            EngineAwayError: as for `run`.
        """
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            for args in calls:
                await self._script(keys=self._keys, args=list(args), client=pipe)
            return list(await pipe.execute())


@cache
def _source(name: str) -> str:
    return (resources.files("streams.stores") / "lua" / f"{name}.lua").read_text(encoding="utf-8")


def milliseconds(at: datetime) -> int:
    """An instant as Redis keeps it: whole milliseconds since 1970."""
    return round((at - EPOCH) / timedelta(milliseconds=1))


def instant(text: str | None) -> datetime | None:
    """The instant in a field; None where there is none."""
    return EPOCH + timedelta(milliseconds=int(text)) if text else None


def seconds(span: timedelta) -> int:
    """A span as EXPIRE takes it; at least one second."""
    return max(1, round(span.total_seconds()))


def pairs(flat: Sequence[str]) -> dict[str, str]:
    """A flat list of fields and values, as HGETALL answers inside a script, as a dict."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
