"""`marsad silences` on the embedded engines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.cli.main import app
from streams.errors import InputError
from tests.unit.match.building import rule_data, write_rules


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "marsad.yaml"
    path.write_text("sources: []\n", encoding="utf-8")
    return path


def _silences(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["silences", *arguments, "--config", str(config)])


def test_a_silence_is_added_listed_and_ended(config: Path) -> None:
    """Its id is all that standard output has; ended, it is listed only on demand."""
    facts = ["rule=escalation-idlib", "where=Saraqib", "where=Ariha"]
    added = _silences(config, "add", *facts, "--for", "2h", "--comment", "known", "--author", "Ida")
    assert (added.exit_code, added.stderr.split(" until ")[0]) == (
        0,
        "silences rules: escalation-idlib; where: Saraqib or Ariha",
    )
    id_ = added.stdout.strip()
    (line,) = map(json.loads, _silences(config, "list", "--json").stdout.splitlines())
    assert (line["id"], line["author"], line["comment"], line["held"]) == (id_, "Ida", "known", [])
    assert line["match"] == {"rules": ["escalation-idlib"], "slots": {"where": ["Saraqib", "Ariha"]}}
    lasting = datetime.fromisoformat(line["ends_at"]) - datetime.fromisoformat(line["starts_at"])
    assert lasting == timedelta(hours=2)
    assert _silences(config, "expire", id_).exit_code == 0
    assert _silences(config, "list").stdout == ""
    assert f"{id_}  ended" in _silences(config, "list", "--all").stdout


def test_a_silence_until_a_day_lasts_until_it_begins(config: Path) -> None:
    """A time without a zone is UTC."""
    day = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
    assert _silences(config, "add", "story=s1", "alert=a1", "--until", day, "--comment", "x").exit_code == 0
    (line,) = map(json.loads, _silences(config, "list", "--json").stdout.splitlines())
    assert line["ends_at"] == f"{day}T00:00:00Z"
    assert (line["alerts"], line["stories"]) == (["a1"], ["s1"])


def test_a_time_of_another_zone_was_listed_as_if_it_were_utc(config: Path) -> None:
    """Eight in Damascus is five in UTC, when the silence ends."""
    added = _silences(config, "add", "rule=r", "--until", "2090-12-01T08:00+03:00", "--comment", "x")
    assert "until 2090-12-01 05:00 UTC" in added.stderr
    assert "to 2090-12-01 05:00 UTC" in _silences(config, "list").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rule=r", "--until", "2020-01-01"], "--until: is in the past"),
        (["rule=r", "--until", "tomorrow"], "--until: 'tomorrow' is no time"),
        (["rule=r", "--for", "2 weeks"], "--for: '2 weeks' is not a span of time"),
        (["rule=r", "--for", "9999999d"], "--for: '9999999d' ends after the last day that there is"),
        (["rule=r", "--until", "9999-12-31T23:59-23:00"], "--until: '9999-12-31T23:59-23:00' is no time"),
        (["where", "--for", "2h"], "where: write KEY=VALUE"),
        (["severity=huge", "--for", "2h"], "match.severity: Input should be"),
        (["rule=r", "--from", "2090-01-02", "--until", "2090-01-01"], "silence: ends before it begins"),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(config: Path, arguments: list[str], said: str) -> None:
    """With what is wrong, and nothing is kept."""
    result = _silences(config, "add", *arguments, "--comment", "x")
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(said)
    assert _silences(config, "list", "--all", "--json").stdout == ""


@pytest.mark.parametrize("arguments", [[], ["--for", "1h", "--until", "2090-01-01"]])
def test_a_silence_has_one_end(config: Path, arguments: list[str]) -> None:
    """Neither or both is bad usage."""
    result = _silences(config, "add", "rule=r", *arguments, "--comment", "x")
    assert (result.exit_code, result.stderr) == (2, "say either --for SPAN or --until TIME\n")


def test_ending_an_unknown_silence_is_a_finding(config: Path) -> None:
    """It is named."""
    result = _silences(config, "expire", "s-0")
    assert result.exit_code == 1
    assert "s-0: no silence in force is called so" in result.stderr


def test_a_silence_of_what_no_rule_has_is_warned_of(config: Path) -> None:
    """It is added all the same: the rule may come later. Names are names, no patterns."""
    strange = ["rule=escalation.*", "wher=Idlib", "source=s", "alert=a1:0", "language=Arabic"]
    added = _silences(config, "add", *strange, "--for", "1h", "--comment", "x")
    assert added.exit_code == 0
    assert [line.split(";")[0] for line in added.stderr.splitlines() if line.startswith("warning")] == [
        "warning: no alert is called 'a1:0'",
        "warning: no rule is called 'escalation.*'",
        "warning: no rule has the slot 'wher'",
        "warning: no article is in the language 'Arabic': write its code, as ar or en",
        "warning: no source is called 's'",
    ]


def test_no_name_was_checked_while_an_example_failed(config: Path, tmp_path: Path) -> None:
    """All examples were run first, which takes seconds when somebody is in a hurry to be quiet."""
    write_rules(tmp_path / "rules", {"a-rule.yaml": rule_data("war")})
    config.write_text(f"sources: []\nrules: {tmp_path / 'rules'}\n", encoding="utf-8")
    added = _silences(config, "add", "rule=b-rule", "--for", "1h", "--comment", "x")
    assert "warning: no rule is called 'b-rule'; did you mean 'a-rule'?" in added.stderr
