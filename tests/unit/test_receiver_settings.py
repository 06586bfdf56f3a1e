"""Receivers in marsad.yaml: how they are told, and when not; what is wrong is said at its place."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.notify.lines import STANDARD_OUTPUT
from streams.receiver_sections import Digest
from streams.settings import load
from tests.support.configuration import MAIL, Load, problems

pytestmark = pytest.mark.usefixtures("clean_environment")


@pytest.mark.parametrize(
    ("receiver", "words"),
    [
        ("{name: r}", "exactly one of slack, slack_webhook, mail"),
        (f"{{name: r, slack: {{channel: c}}, {MAIL}}}}}", "exactly one of slack, slack_webhook, mail"),
        ("{name: r, mail: {to: [], sender: b@example.org, host: h}}", "write at least 1 here"),
        ("{name: r, mail: {to: [nobody], sender: b@example.org, host: h}}", "'nobody' is not a mail address"),
        (f"{{name: r, {MAIL}, port: 99999}}}}", "write 65535 or less here"),
    ],
)
def test_a_receiver_that_cannot_be_told_is_a_problem(config: Load, receiver: str, words: str) -> None:
    """Each receiver has one way, complete enough to be used."""
    ((_, message),) = problems(config, f"receivers: [{receiver}]\n")
    assert words in message


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "quiet_hours: [{from: '25:00', to: '07:00'}]",
            "quiet_hours.0.from: '25:00' is no time of day: write 22:00",
        ),
        ("quiet_hours: [{from: 22, to: 06:00}]", "quiet_hours.0.from: 22 is no time of day: write 22:00"),
        ("digest: {every: daily, at: 8}", "digest.at: 8 is no time of day"),
        ("quiet_hours: [{from: 22:00, to: 22:00}]", "begin and end at the same time"),
        ("quiet_hours: [{from: 24:00, to: 07:00}]", "quiet_hours.0.from: '24:00' is no time of day"),
        (
            "quiet_hours: [{from: 00:00, to: 24:00, days: [sat]}, {from: 22:00, to: 01:00, days: [fri]}]",
            "overlap on sat at 00:00",
        ),
        ("quiet_hours: [{from: 22:00, to: 07:00}, {from: 06:00, to: 08:00, days: [sun]}]", "overlap on sun at 06:00"),
        ("quiet_hours: [{from: 22:00, to: 07:00, days: [sunday]}]", "Input should be 'mon', 'tue'"),
        ("digest: {every: yearly}", "Input should be 'hourly', 'daily' or 'weekly'"),
    ],
)
def test_hours_that_cannot_be_are_refused(config: Load, said: str, message: str) -> None:
    """At their place, with what could be written."""
    ((line, found),) = problems(config, f"receivers:\n  - name: a\n    slack: {{channel: c}}\n    {said}\n")
    assert (line, message in found) == (4, True), found


def test_quiet_hours_and_digests_are_read_as_they_are_written(config: Load) -> None:
    """With quotes or without; hours that only touch do not overlap."""
    found = config(
        "receivers:\n"
        "  - name: a\n"
        "    slack: {channel: c}\n"
        "    quiet_hours:\n"
        "      - {from: 22:00, to: 07:00}\n"
        "      - {from: '12:00', to: '13:30', days: [fri]}\n"
        "      - {from: 07:00, to: 8:00}\n"
        "    digest: {every: weekly, at: 9:05, on: fri}\n"
    )
    (receiver,) = found.receivers
    assert [(f"{hours.start:%H:%M}", f"{hours.end:%H:%M}") for hours in receiver.quiet_hours] == [
        ("22:00", "07:00"),
        ("12:00", "13:30"),
        ("07:00", "08:00"),
    ]
    assert receiver.digest == Digest(every="weekly", at=time(9, 5), on="fri")


def test_a_receiver_on_standard_output_wrote_a_file_called_by_a_hyphen(config: Load) -> None:
    """Paths are made absolute; this one is none."""
    found = config("receivers: [{name: a, file: {path: '-'}}, {name: b, file: {path: b.jsonl}}]\n")
    first, second = (receiver.file.path for receiver in found.receivers if receiver.file)
    assert (first, second.is_absolute()) == (STANDARD_OUTPUT, True)


def test_an_unknown_time_zone_is_told_at_its_place(tmp_path: Path) -> None:
    """With the one that was probably meant; a path or a folder of zones is none either."""
    for number, zone in enumerate(("Asia/Damasus", "../../etc/passwd", "Asia", "''")):
        path = tmp_path / f"{number}.yaml"
        path.write_text(f"receivers:\n  - name: r\n    timezone: {zone}\n    slack: {{channel: c}}\n", encoding="utf-8")
        with pytest.raises(ConfigurationError) as caught:
            load(path)
        (problem,) = caught.value.problems
        assert (problem.line, "is no time zone of the IANA database" in problem.message) == (3, True)
        assert number or "Asia/Damascus" in problem.message
