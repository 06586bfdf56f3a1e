"""docker-compose.yml, as far as it can be checked without containers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from streams.settings import Secrets, Settings, load
from streams.topics import STAGES

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if str(service["image"]).startswith("marsad:")}
WORKERS = {name: service for name, service in OURS.items() if service["command"][0] == "worker"}
SECRET_NAMES = {"MARSAD_REDIS_PASSWORD", "MARSAD_KAFKA_PASSWORD", "MARSAD_SLACK_TOKEN", "MARSAD_SMTP_PASSWORD"}


def parse(arguments: list[str]) -> dict[str, Any]:
    """The parameters of the command that `marsad ARGUMENTS` would run; raises what a user would be told."""
    from streams.cli.main import app

    command: Any = get_command(app)
    context: Any = command.make_context("marsad", list(arguments))
    while isinstance(command, TyperGroup):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)
    parameters: dict[str, Any] = context.params
    return parameters


def test_has_the_services_of_production() -> None:
    """One of each stage, two for match, the engines, and the one that creates topics."""
    assert set(SERVICES) == {"kafka", "valkey", "topics", "ingest", "match-1", "match-2", "alert", "notify"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_parses(name: str) -> None:
    """A service's command is one that the command line has, with arguments that it takes."""
    assert set(parse(OURS[name]["command"]).get("stages") or ()) <= set(STAGES)


def test_every_stage_has_a_worker() -> None:
    """No stage is forgotten, and only match has two workers."""
    stages = sorted(service["command"][1] for service in WORKERS.values())
    assert stages == sorted([*STAGES, "match"])


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_is_a_setting_or_a_secret(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each MARSAD_ variable exists, and its value is one that the settings accept."""
    environment = {key: str(value) for key, value in OURS[name]["environment"].items()}
    secrets = {key.removesuffix("_FILE") for key in environment if key.endswith("_FILE")}
    plain = {key: value for key, value in environment.items() if key.removesuffix("_FILE") not in secrets}
    config = tmp_path / "marsad.yaml"
    config.write_text("", encoding="utf-8")
    for key, value in plain.items():
        monkeypatch.setenv(key, value)
    load(config)
    known = {"MARSAD_CONFIG", *(f"MARSAD_{field.upper()}" for field in Settings.model_fields)}
    assert {key.split("__")[0] for key in plain} <= known
    assert secrets <= SECRET_NAMES


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_secret_file_is_one_that_the_service_is_given(name: str) -> None:
    """A variable with _FILE points at a secret of the service, and the secret has a file on the host."""
    files = {value for key, value in OURS[name]["environment"].items() if key.endswith("_FILE")}
    assert files == {f"/run/secrets/{secret}" for secret in OURS[name]["secrets"]}
    assert all(secret in COMPOSE["secrets"] for secret in OURS[name]["secrets"])


def test_an_unused_secret_may_be_an_empty_file(tmp_path: Path) -> None:
    """Who has no mail server leaves secrets/smtp_password empty, which counts as not set."""
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    assert Secrets({"MARSAD_SMTP_PASSWORD_FILE": str(tmp_path / "empty")}).get("MARSAD_SMTP_PASSWORD") is None


def test_workers_have_names_of_their_own_towards_the_broker() -> None:
    """Host name and slot are fixed and differ, so that two workers never share a member id."""
    names = [(service["hostname"], service["environment"]["MARSAD_ENGINES__SLOT"]) for service in WORKERS.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", sorted(WORKERS))
def test_a_worker_is_healthy_when_it_is_ready(name: str) -> None:
    """The check asks /-/ready on the port that the worker serves, and a stop has time to end cleanly."""
    service = WORKERS[name]
    assert f":{service['environment']['MARSAD_HEALTH__PORT']}/-/ready" in service["healthcheck"]["test"][-1]
    assert int(re.sub(r"s$", "", service["stop_grace_period"])) >= 30
    assert service["depends_on"]["topics"] == {"condition": "service_completed_successfully"}


def test_the_engines_keep_what_they_are_told() -> None:
    """Valkey appends every write and evicts nothing; both engines have a volume; internal topics fit one broker."""
    command = SERVICES["valkey"]["command"][-1]
    assert "--appendonly yes" in command
    assert "--appendfsync always" in command
    assert "--maxmemory-policy noeviction" in command
    volumes = {mount.split(":")[0] for name in ("kafka", "valkey") for mount in SERVICES[name]["volumes"]}
    assert volumes == set(COMPOSE["volumes"])
    assert SERVICES["kafka"]["environment"]["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] == 1


def test_no_port_is_published() -> None:
    """Nothing of it is reachable from outside until somebody decides so."""
    assert all("ports" not in service for service in SERVICES.values())


def test_the_image_is_built_from_files_that_are_there() -> None:
    """The build context and Dockerfile exist."""
    builds = [service["build"] for service in OURS.values()]
    assert all((ROOT / build["context"] / build["dockerfile"]).is_file() for build in builds)
