"""Notifications as lines in a file: each whole, once where the file can be asked, and durable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streams.errors import DeliveryRefusedError
from streams.notify.lines import STANDARD_OUTPUT, Lines
from streams.notify.notifier import Earlier
from tests.support.alerting import notification


def ids(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_bytes().splitlines()]


async def test_each_notification_is_a_line(tmp_path: Path) -> None:
    """In order, after what is there; the receipt says where."""
    path = tmp_path / "alerts.jsonl"
    notifier = Lines(path)
    receipts = [await notifier.send(notification(number)) for number in (1, 2)]
    assert ids(path) == [notification(1).id, notification(2).id]
    assert receipts[0].text == f"{path}@0"
    assert "can be written to" in await notifier.check()
    assert len(ids(path)) == 2


async def test_an_uncertain_line_is_looked_for_before_it_is_written_again(tmp_path: Path) -> None:
    """One that is there is not repeated, one that is not is written."""
    path = tmp_path / "alerts.jsonl"
    notifier = Lines(path)
    await notifier.send(notification(1))
    for number in (1, 2):
        await notifier.send(notification(number), Earlier(uncertain=True))
    assert ids(path) == [notification(1).id, notification(2).id]


async def test_a_line_that_was_cut_off_does_not_swallow_the_next(tmp_path: Path) -> None:
    """A crash in the middle of a write leaves half a line, which is nobody's."""
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b'{"id":"n1:cut')
    await Lines(path).send(notification(1))
    assert json.loads(path.read_bytes().splitlines()[1])["id"] == notification(1).id


async def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """With what is wrong; nothing that is sent there later will do better."""
    notifier = Lines(tmp_path / "no" / "folder" / "alerts.jsonl")
    for call in (notifier.send(notification()), notifier.check()):
        with pytest.raises(DeliveryRefusedError, match="cannot be written: No such file or directory") as caught:
            await call
        assert caught.value.everything


async def test_standard_output_takes_lines_too(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """It cannot be asked: an uncertain line is written again."""
    notifier = Lines(STANDARD_OUTPUT)
    assert await notifier.check() == "standard output"
    await notifier.send(notification(1))
    await notifier.send(notification(1), Earlier(uncertain=True))
    lines = capsysbinary.readouterr().out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [notification(1).id] * 2
