"""Changed settings are taken up whole; whatever the file becomes, the worker goes on with what it had."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from streams.configuration import Configuration
from streams.observe.metrics import Metrics
from streams.settings import Secrets, Settings, load

GOOD = "alerts: {max_age: 1h}\n"
CHANGED = "alerts: {max_age: 2h}\n"


class Told(list[tuple[str, str]]):
    """What operators are told: title and text."""

    async def tell(self, _cause: str, title: str, text: str) -> None:
        self.append((title, text))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "marsad.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def delete(path: Path) -> None:
    path.unlink()


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def write(content: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_bytes(content)

    return change


def mend(path: Path) -> None:
    """Put other settings there that are right."""
    if path.is_dir():
        path.rmdir()
    path.write_text(CHANGED, encoding="utf-8")


def ask_for_a_log_in(path: Path) -> None:
    """Put a source there that is asked with one."""
    path.write_text("sources: [{name: a, feed: http://a.example/, credentials: MARSAD_LOGIN}]\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (delete, "cannot be read"),
        (make_folder, "cannot be read: it is no file"),
        (write(b"alerts: {max_age: 2"), "not YAML"),
        (write(b"\xff\xfe\x00"), "not UTF-8"),
        (write(b"[" * 100_000), "YAML"),
        (write(b"a: &a [*a]\n"), ""),
        (write(b"- 1\n"), "is not a mapping"),
        (write(b""), "says nothing"),
        (write(b"# comments\n"), "says nothing"),
        (write(b"alerts: {max_age: 1h, max_age: 2h}\n"), "max_age"),
    ],
    ids=["deleted", "folder", "half", "no text", "deep", "cycle", "list", "empty", "comments", "twice"],
)
async def test_what_becomes_of_the_file_is_told_and_mended(
    path: Path, change: Callable[[Path], None], said: str
) -> None:
    """It is refused with its cause; once it is right again the worker takes it up."""
    told, metrics = Told(), Metrics()
    files = Configuration(path, load(path), Secrets({}), interval=timedelta(seconds=0.01))
    changed = asyncio.create_task(files.changed(metrics, told.tell))
    change(path)
    async with asyncio.timeout(30):
        while not told and not changed.done():  # noqa: ASYNC110  # it is told, or fails
            await asyncio.sleep(0.01)
    assert not changed.done(), changed.exception()
    assert said in told[0][1]
    mend(path)
    settings = await asyncio.wait_for(changed, 30)
    assert settings.alerts.max_age == timedelta(hours=2)
    await _watched(files, metrics, told, until=2)
    assert [title for title, _ in told] == ["A change of the settings was refused", "The settings are mended"]


async def test_beside_a_file_that_was_empty_at_the_start_no_source_was_taken_up(path: Path) -> None:
    """Where all settings are variables of the environment. That it says nothing was refused at once."""
    write(b"# All by the environment\n")(path)
    told = Told()
    files = Configuration(path, load(path), Secrets({}), interval=timedelta(seconds=0.01))
    changed = asyncio.create_task(files.changed(Metrics(), told.tell))
    await asyncio.sleep(0.1)
    write(b"sources: [{name: a, feed: http://a.example/}]\n")(path.with_name("sources.yaml"))
    settings = await asyncio.wait_for(changed, 5)
    assert ([source.name for source in settings.sources], list(told)) == (["a"], [])


async def test_a_file_that_changed_before_it_was_watched_is_taken_up(path: Path) -> None:
    """What was read at the start is what counts, not how the file was when it was first looked at."""
    settings: Settings = load(path)
    mend(path)
    files = Configuration(path, settings, Secrets({}), interval=timedelta(seconds=0.01))
    changed = await asyncio.wait_for(files.changed(Metrics(), Told().tell), 10)
    assert changed.alerts.max_age == timedelta(hours=2)


async def test_settings_that_did_not_start_were_refused_without_a_word(path: Path) -> None:
    """Operators were told nothing, and the metric said that all was well, until the file was changed once more."""
    before, metrics, told = load(path), Metrics(), Told()
    files = await _refused(path, before, metrics, told)
    await _watched(files, metrics, told, until=1)
    assert told == [("A change of the settings was refused", "rules: no such folder")]
    assert metrics.registry.get_sample_value("marsad_settings_stale") == 1


async def test_settings_that_did_not_start_either_were_told_as_mended(path: Path) -> None:
    """Another change that is right in itself is in force only once it has started."""
    before, metrics, told = load(path), Metrics(), Told()
    files = await _refused(path, before, metrics, told)
    watching = asyncio.create_task(files.changed(metrics, told.tell))
    write(b"alerts: {max_age: 3h}")(path)
    await asyncio.wait_for(watching, 10)
    files.refuse("rules: no such folder", before)
    await _watched(files, metrics, told, until=2)
    assert {title for title, _ in told} == {"A change of the settings was refused"}


async def _refused(path: Path, before: Settings, metrics: Metrics, told: Told) -> Configuration:
    """What watches the file after other settings, which are right in themselves, did not start."""
    files = Configuration(path, before, Secrets({}), interval=timedelta(seconds=0.01))
    mend(path)
    await asyncio.wait_for(files.changed(metrics, told.tell), 10)
    files.refuse("rules: no such folder", before)
    return files


async def _watched(files: Configuration, metrics: Metrics, told: Told, *, until: int) -> None:
    """Watch until so many things were told."""
    watching = asyncio.create_task(files.changed(metrics, told.tell))
    async with asyncio.timeout(10):
        while len(told) < until and not watching.done():  # noqa: ASYNC110  # it is told, or fails
            await asyncio.sleep(0.01)
    watching.cancel()


async def test_a_worker_takes_up_a_change_that_needs_a_secret_of_another_stage(path: Path) -> None:
    """What delivers goes on without the log-in of a source that is added; what polls it refuses."""
    delivers = Configuration(path, load(path), Secrets({}), stages=["notify"], interval=timedelta(seconds=0.01))
    polls = Configuration(path, load(path), Secrets({}), stages=["ingest"], interval=timedelta(seconds=0.01))
    ask_for_a_log_in(path)
    told = Told()
    refused = asyncio.create_task(polls.changed(Metrics(), told.tell))
    changed = await asyncio.wait_for(delivers.changed(Metrics(), Told().tell), 30)
    assert [source.name for source in changed.sources] == ["a"]
    async with asyncio.timeout(30):
        while not told and not refused.done():  # noqa: ASYNC110  # it is told, or fails
            await asyncio.sleep(0.01)
    refused.cancel()
    assert [title for title, _ in told] == ["A change of the settings was refused"]
    assert "MARSAD_LOGIN: is not set" in told[0][1]
