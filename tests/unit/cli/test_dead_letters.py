"""`marsad dead-letters` on the embedded engines, while no worker runs."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.cli.main import app
from streams.engines import open_log
from streams.messages import DEAD_LETTERS, DeadCause, DeadLetter
from streams.settings import Secrets, Settings, load
from tests.support.alerting import NOON

BROKEN = b"{ this is no message"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with nothing in it, whose topics are there."""
    path = tmp_path / "marsad.yaml"
    path.write_text("sources: []\n", encoding="utf-8")
    assert CliRunner().invoke(app, ["topics", "create", "--config", str(path)]).exit_code == 0
    return path


def letter(number: int, *, cut: bool = False) -> DeadLetter:
    """What was put aside of `articles/0`."""
    return DeadLetter(
        id=f"articles/0/{number}",
        seen_at=NOON,
        stage="match",
        cause=DeadCause.TOO_LARGE if cut else DeadCause.MALFORMED,
        detail="not JSON",
        topic="articles",
        partition=0,
        offset=number,
        key="c1:abc",
        value=base64.b64encode(BROKEN).decode(),
        cut=cut,
    )


async def _put_aside(settings: Settings, *letters: DeadLetter) -> None:
    async with open_log(settings, Secrets({})) as broker:
        for item in letters:
            await broker.reader.append(settings.topics.dead_letters.name, item.id, DEAD_LETTERS.encode(item))


async def _values(settings: Settings) -> list[tuple[bytes | None, bytes | None]]:
    async with open_log(settings, Secrets({})) as broker:
        return [(at.record.key, at.record.value) async for at in broker.reader.read(settings.topics.articles.name)]


def _run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["dead-letters", *arguments, "--config", str(config)])


def test_a_letter_is_listed_and_shown_whole(config: Path) -> None:
    """The list names it, its cause and its origin; `show` gives the message that was put aside as text."""
    asyncio.run(_put_aside(load(config), letter(7)))
    (line,) = map(json.loads, _run(config, "list", "--json").stdout.splitlines())
    assert (line["id"], line["cause"], line["topic"], line["offset"]) == ("articles/0/7", "malformed", "articles", 7)
    assert line["retried"] is False
    shown = json.loads(_run(config, "show", "articles/0/7").stdout)
    assert shown["value"] == BROKEN.decode()


def test_retry_puts_the_same_bytes_back_once(config: Path) -> None:
    """The original goes to its topic under its key; --all leaves what was retried alone."""
    settings = load(config)
    asyncio.run(_put_aside(settings, letter(7)))
    again = _run(config, "retry", "articles/0/7")
    assert (again.exit_code, again.stderr) == (0, "1 sent again\n")
    assert asyncio.run(_values(settings)) == [(b"c1:abc", BROKEN)]
    assert _run(config, "retry", "--all").stderr == "0 sent again\n"
    assert json.loads(_run(config, "list", "--json").stdout)["retried"] is True


def test_what_cannot_be_sent_again_is_named_and_left(config: Path) -> None:
    """A letter that was cut and an id that nobody bears: a line for each, the rest is sent, exit status 1."""
    asyncio.run(_put_aside(load(config), letter(1, cut=True), letter(2)))
    result = _run(config, "retry", "articles/0/1", "articles/0/2", "articles/9/9")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "articles/0/1: was too large and is not kept whole",
        "articles/9/9: no dead letter is called so",
        "1 sent again",
    ]


def test_an_unknown_letter_is_bad_usage(config: Path) -> None:
    """`show` of an id that nobody bears says where to look."""
    result = _run(config, "show", "articles/0/1")
    assert result.exit_code == 2
    assert "dead-letters list" in result.stderr


def test_retry_asks_which(config: Path) -> None:
    """Neither an id nor --all is bad usage."""
    assert _run(config, "retry").exit_code == 2


def test_before_the_first_start_there_are_none(tmp_path: Path) -> None:
    """An operator who looks too early is told nothing bad: there is no topic yet, and nothing in it."""
    path = tmp_path / "marsad.yaml"
    path.write_text("sources: []\n", encoding="utf-8")
    result = _run(path, "list")
    assert (result.exit_code, result.stdout) == (0, "")
