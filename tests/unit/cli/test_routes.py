"""`marsad routes`: the tree as it stands, and where a described alert would go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.cli.main import app

CONFIG = """\
receivers: [{name: desk, slack: {channel: c}}, {name: idlib, slack: {channel: d}}, {name: all, slack: {channel: e}}]
routes:
  - {match: {severity: low}, receivers: all, continue: true}
  - match: {rules: [escalation-idlib, troop-withdrawal-demand]}
    receivers: desk
    routes: [{match: {slots: {where: Idlib}}, receivers: idlib}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "marsad.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def _routes(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["routes", *map(str, arguments)])


def test_a_described_alert_goes_where_its_slots_say(config: Path) -> None:
    """Each route that it came to is told, with the reason."""
    result = _routes("test", "escalation-idlib", "where=idlib", "--config", config)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "+ routes.0  taken: severity: low (continue) -> all",
        "+ routes.1  taken: rules: escalation-idlib or troop-withdrawal-demand",
        "  + routes.1.routes.0  taken: slots: where=Idlib -> idlib",
        "told: all, idlib",
    ]


@pytest.mark.parametrize("said", ["Saraqib", "saraqib", "سراقب", "SY070003"])
def test_a_described_place_lay_in_nothing(config: Path, said: str) -> None:
    """An article that names a town in Idlib goes where the route to Idlib says, whatever it is called."""
    result = _routes("test", "escalation-idlib", f"where={said}", "--config", config)
    assert result.stdout.splitlines()[-1] == "told: all, idlib"


def test_a_described_slot_that_the_rule_has_not_was_taken_for_one(config: Path) -> None:
    """It fills nothing, so that the alert goes another way than is meant."""
    result = _routes("test", "escalation-idlib", "wher=Idlib", "--config", config)
    assert result.stdout.splitlines()[-1] == "told: all, desk"
    assert "warning: the rule 'escalation-idlib' has no slot 'wher'; did you mean 'where'?" in result.stderr


def test_an_alert_that_nobody_is_told_of_is_a_finding(config: Path) -> None:
    """With what kept it from each route; a rule that is not known may be described."""
    config.write_text(CONFIG.replace("severity: low", "severity: critical"), encoding="utf-8")
    result = _routes("test", "floods", "language=ar", "--json", "--config", config)
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["receivers"] == []
    assert [step["why"] for step in answer["steps"]] == [
        "its severity is medium, less than critical",
        "the rule is floods, not escalation-idlib or troop-withdrawal-demand",
    ]
    assert "no live rule is called 'floods'" in result.stderr


@pytest.mark.parametrize("fact", ["where", "=Idlib", "severity=huge"])
def test_a_fact_that_says_nothing_is_refused(config: Path, fact: str) -> None:
    """With the form that it should have."""
    result = _routes("test", "escalation-idlib", fact, "--config", config)
    assert result.exit_code != 0
    assert fact.split("=", maxsplit=1)[0] in str(result.exception)


def test_the_tree_is_shown_with_the_rules_that_come_to_each_route(config: Path) -> None:
    """Rules on trial are told to nobody, so they come to none."""
    result = _routes("show", "--config", config)
    assert result.stdout.splitlines() == [
        "routes.0  severity: low (continue)  -> all",
        "  rules: escalation-idlib, troop-withdrawal-demand",
        "routes.1  rules: escalation-idlib or troop-withdrawal-demand  -> desk",
        "  rules: escalation-idlib, troop-withdrawal-demand",
        "  routes.1.routes.0  slots: where=Idlib  -> idlib",
        "    rules: escalation-idlib, troop-withdrawal-demand",
    ]
