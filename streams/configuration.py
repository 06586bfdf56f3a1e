"""Takes up changes of marsad.yaml and sources.yaml while a worker runs: read and checked aside, then swapped whole.

As with rules, files are looked at once they have been still for one interval, and a change with anything wrong in it is
refused: the settings in force stay until it is mended.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

import structlog

from streams import located_yaml, source_file
from streams.errors import ConfigurationError, EngineAwayError, Problem, ProblemsError
from streams.observe.metrics import Metrics
from streams.settings import Secrets, Settings, load, missing_secrets
from streams.topics import STAGES

INTERVAL = timedelta(seconds=2)
"""How often the files are looked at."""
SHOWN = 10
"""Problems that are told; the rest is counted."""

Tell = Callable[[str, str, str], Awaitable[None]]
"""Tells the operators: cause, title, text."""
_Stamp = tuple[tuple[int, int, int] | None, ...]
_log = structlog.get_logger()


class Configuration:
    """The files that a worker's settings are from; `settings` are those in force, `check` finds what else is wrong.

    It runs `stages`; secrets of others may be missing.
    """

    def __init__(  # noqa: PLR0913  # the files, and what the worker runs
        self,
        path: Path,
        settings: Settings,
        secrets: Secrets,
        *,
        stages: Collection[str] = STAGES,
        check: Callable[[Settings], None] = lambda _settings: None,
        interval: timedelta = INTERVAL,
    ) -> None:
        self._paths = (path, source_file.beside(path))
        self._settings, self._secrets, self._check, self._interval = settings, secrets, check, interval
        self._stages = stages
        self._may_say_nothing = False
        with contextlib.suppress(ProblemsError):
            self._may_say_nothing = self._says_nothing()
        # They are looked at once more: they may have changed since they were read.
        self._known: _Stamp | None = None
        self._refused: tuple[str, ...] = ()
        self._untold = self._mended = False

    async def changed(self, metrics: Metrics, tell: Tell) -> Settings:
        """Other settings, once there are some that are right; what is refused is told meanwhile."""
        before = self._known
        if self._untold:
            await self._refuse(metrics, tell)
        await self._say_if_mended(tell)
        while True:
            await asyncio.sleep(self._interval.total_seconds())
            now = await asyncio.to_thread(self._stamp)
            if now == before and now != self._known:
                self._known = now
                if settings := await self._look(metrics, tell):
                    return settings
            before = now

    def refuse(self, problem: str, settings: Settings) -> None:
        """What was taken up does not start: `settings` are in force again. It is told as soon as they are watched."""
        self._refused, self._settings, self._untold, self._mended = (problem,), settings, True, False

    async def _look(self, metrics: Metrics, tell: Tell) -> Settings | None:
        settings, problems = await asyncio.to_thread(self._read)
        news = bool(problems) and problems != self._refused
        self._mended, self._refused = bool(self._refused) and not problems, problems
        metrics.settings_stale.set(bool(problems))
        if news:
            await self._refuse(metrics, tell)
        if settings is None or settings == self._settings:
            await self._say_if_mended(tell)
            return None
        # Whether they start is known when they are watched.
        self._settings = settings
        _log.info("settings")
        return settings

    async def _say_if_mended(self, tell: Tell) -> None:
        if self._mended:
            self._mended = False
            await self._say(tell, "mended", "The settings are mended", "They are in force.")

    async def _refuse(self, metrics: Metrics, tell: Tell) -> None:
        """Say what is wrong, wherever somebody may look."""
        self._untold = False
        metrics.settings_stale.set(1)
        few, more = self._refused[:SHOWN], len(self._refused) - SHOWN
        text = "\n".join([*few, *([f"and {more} more"] if more > 0 else [])])
        _log.error("settings_refused", problems=text)
        await self._say(tell, "refused", "A change of the settings was refused", text)

    def _read(self) -> tuple[Settings | None, tuple[str, ...]]:
        """The settings as the files are now, or everything that is wrong with them."""
        path = self._paths[0]
        try:
            settings = load(path)
            if not self._says_nothing():
                self._may_say_nothing = False
            elif not self._may_say_nothing:
                # So it is while it is being written, and stays where the disk is full.
                hint = "for the defaults of everything write `receivers: []`"
                raise ConfigurationError([Problem(str(path), 0, 0, "says nothing", hint)])
            self._check(settings)
        except ProblemsError as error:
            return None, tuple(map(str, error.problems))
        missing = missing_secrets(settings, self._secrets, self._stages)
        return (None, tuple(map(str, missing))) if missing else (settings, ())

    def _says_nothing(self) -> bool:
        """Whether the first file is empty, as it may be where all is said by the environment."""
        return located_yaml.read(self._paths[0], most=located_yaml.MAX_VALUES_OF_SETTINGS).data is None

    async def _say(self, tell: Tell, word: str, title: str, text: str) -> None:
        """Workers with one configuration say the same, which is sent once."""
        state = blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
        with contextlib.suppress(EngineAwayError):
            await tell(f"settings-{word}-{state}", title, text)

    def _stamp(self) -> _Stamp:
        """Time of change in ns, size and inode of each file; None of one that is not there."""
        stats: list[tuple[int, int, int] | None] = []
        for path in self._paths:
            try:
                stat = path.stat()
            except OSError:
                stats.append(None)
            else:
                stats.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
        return tuple(stats)
