"""The page that teaches the rule language teaches what works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from streams.cli.main import app
from streams.match.alert_settings import Absence, After, AlertSettings, Spike
from streams.match.examples import failures_of
from streams.match.rule_files import Node, PhraseLists, SlotNode
from streams.match.rule_filters import Filters
from streams.match.rulebook import load_rulebook, shipped_rules_dir
from tests.unit.match.building import rule_data, write_rules

_README = (shipped_rules_dir() / "README.md").read_text(encoding="utf-8")


def test_the_tutorial_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files, written one after the other, lint; its commands say what the page says that they say."""
    monkeypatch.chdir(tmp_path)
    said = 0
    for language, path, content in re.findall(r"```(\w+)(?: (\S+))?\n(.*?)```", _README, re.DOTALL):
        if path:
            write_rules(tmp_path, {path: content})
            assert language != "yaml" or load_rulebook(tmp_path / "mine").rules.keys() == {"bridge-closed"}
        elif language == "console":
            for session in content.split("$ marsad ")[1:]:
                command, *expected = session.rstrip().split("\n")
                outcome = CliRunner().invoke(app, command.split())
                assert missing(expected, outcome.output) == [], outcome.output
                said += len(expected)
    assert said > len(_README.splitlines()) / 10


def missing(expected: list[str], output: str) -> list[str]:
    """The lines that do not stand in the output, or not in this order; the page may leave lines of it out."""
    lines = iter([line.rstrip() for line in output.splitlines()])
    return [line for line in expected if line.rstrip() not in lines]


def test_the_exclusion_on_the_page_is_one(tmp_path: Path) -> None:
    """It can be read beside a rule, and its examples hold."""
    (exclusion,) = re.findall(r"```yaml\n(id: .*?)```", _README, re.DOTALL)
    files = {"a-rule.yaml": rule_data("yes"), "exclusions/sport.yaml": exclusion}
    assert failures_of(load_rulebook(write_rules(tmp_path, files))) == []


@pytest.mark.parametrize("name", ["README.md", "lint.md"])
def test_the_pages_lead_to_the_reference(name: str) -> None:
    """Whoever looks for a key finds the page that lists them all."""
    assert "(reference.md)" in (shipped_rules_dir() / name).read_text(encoding="utf-8")


def test_the_conditions_over_time_on_the_page_are_conditions() -> None:
    """With that of the rule above them they are all there are."""
    (block,) = re.findall(r"```yaml\n(alert:.*?)```", _README, re.DOTALL)
    settings = [AlertSettings.model_validate(each["alert"]) for each in yaml.safe_load_all(block)]
    assert [type(each.counting) for each in settings] == [Spike, After, Absence]


def test_the_slots_on_the_page_are_slots() -> None:
    """The example of hints is valid."""
    (block,) = re.findall(r"```yaml\n(slots:.*?)```", _README, re.DOTALL)
    for slot in yaml.safe_load(block)["slots"].values():
        SlotNode.model_validate(slot)


def test_the_filters_on_the_page_are_filters() -> None:
    """The example of filters is valid."""
    (block,) = re.findall(r"```yaml\n(filters:.*?)```", _README, re.DOTALL)
    Filters.model_validate(yaml.safe_load(block)["filters"])


def test_every_key_of_conditions_slots_and_phrases_is_on_the_page() -> None:
    """A key that nobody can read about is a key that nobody uses."""
    keys = {key for model in (Node, SlotNode, PhraseLists) for key in model.model_fields} - {"phrase"}
    assert {key for key in keys if key not in _README} == set()
