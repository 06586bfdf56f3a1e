"""README.md and streams/README.md name everything that a user can set, run, scrape or read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from typer.core import TyperGroup
from typer.main import get_command

from streams.alerts import Reason
from streams.cli import options
from streams.ingest.revisions import DUPLICATE, PUBLISHED, UNCHANGED, UPDATED
from streams.observe.metrics import Metrics
from streams.ports import ArticleStatus
from streams.settings import Settings, load
from streams.topics import STAGES, Topics

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "streams" / "README.md").read_text(encoding="utf-8")
DOCS = README + ARCHITECTURE
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md"] + [
    path
    for folder in ("streams", "rules", "deploy")
    for path in (ROOT / folder).rglob("*.md")
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
]


def settings_of(model: type[BaseModel], prefix: str = "", within: tuple[type[BaseModel], ...] = ()) -> Iterator[str]:
    """Every key of the configuration, `sources[].name` for those within a list; what holds its like is one key."""
    for key, field in model.model_fields.items():
        name = field.alias or key
        inner, many = _section_in(field.annotation)
        if inner is None or inner in {model, *within}:
            yield f"{prefix}{name}"
        else:
            yield from settings_of(inner, f"{prefix}{name}{'[]' if many else ''}.", (model, *within))


def _section_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model that an annotation holds, if any, and whether it holds many."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    origin = get_origin(annotation)
    if origin in {tuple, Union, UnionType, Annotated}:
        for argument in get_args(annotation):
            inner, many = _section_in(argument)
            if inner is not None:
                return inner, many or origin is tuple
    return None, False


def metrics() -> list[str]:
    """Every metric by the name under which it is scraped."""
    families = Metrics().registry.collect()
    return [f"{family.name}_total" if family.type == "counter" else family.name for family in families]


def commands(group: Any = None, path: str = "marsad") -> Iterator[str]:
    """Every command with its whole path."""
    if group is None:
        from streams.cli.main import app

        group = get_command(app)
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


@pytest.mark.parametrize("setting", sorted(settings_of(Settings)))
def test_every_setting_is_explained(setting: str) -> None:
    """A row of README's table of settings begins with it."""
    assert f"\n| `{setting}` |" in README


@pytest.mark.parametrize("metric", metrics())
def test_every_metric_is_explained(metric: str) -> None:
    """A row of README's table of metrics begins with it."""
    assert f"\n| `{metric}` |" in README


def test_no_metric_or_setting_is_explained_that_is_not_there() -> None:
    """A row about something that was renamed or removed misleads; rows on statuses, outcomes and reasons apart."""
    rows = set(re.findall(r"^\| `([a-z_.\[\]]+)` \|", README, flags=re.MULTILINE))
    known = {*settings_of(Settings), *metrics(), *(status.value for status in ArticleStatus)}
    assert known <= rows <= known | {reason.value for reason in Reason} | {PUBLISHED, UPDATED, UNCHANGED, DUPLICATE}


@pytest.mark.parametrize("reason", [reason.value for reason in Reason])
def test_every_reason_is_explained(reason: str) -> None:
    """A row of README's table of reasons names it."""
    assert re.search(rf"^\| [^|]*`{reason}`", README, flags=re.MULTILINE)


@pytest.mark.parametrize("status", [status.value for status in ArticleStatus])
def test_every_status_is_explained(status: str) -> None:
    """A row of README's table of statuses begins with it."""
    assert f"\n| `{status}` |" in README


def test_every_command_is_explained() -> None:
    """README's table of commands has a row for each."""
    missing = [command for command in commands() if not re.search(rf"^\| `{command}[ `]", README, flags=re.MULTILINE)]
    assert missing == []


@pytest.mark.parametrize("status", [options.DONE, options.FINDING, options.BAD_USAGE])
def test_every_exit_status_is_explained(status: int) -> None:
    """README's table of exit statuses has a row for each."""
    assert f"\n| {status} | " in README


def test_every_topic_is_explained() -> None:
    """Both pages name each topic; the architecture says what is on it."""
    topics = Topics.build(prefix="", partitions=1, retention=timedelta(days=1), replication=1)
    for topic in topics.all():
        assert f"`{topic.name}`" in README
        assert f"\n| `{topic.name}` |" in ARCHITECTURE


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_explained(stage: str) -> None:
    """The architecture has a row for each stage."""
    assert f"\n| {stage} |" in ARCHITECTURE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link to a file names one that is there."""
    text = page.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_variable_in_a_page_exists(page: Path) -> None:
    """A MARSAD_ variable that a page names is a setting, a secret or the configuration's place."""
    dotted = {name.replace("[]", "").upper().replace(".", "__") for name in settings_of(Settings)}
    secrets = {
        "SLACK_TOKEN",
        "SLACK_WEBHOOK",
        "SMTP_PASSWORD",
        "REDIS_PASSWORD",
        "KAFKA_PASSWORD",
        "WEBHOOK_URL",
        "HEARTBEAT_URL",
        "APPRISE_URL",
    }
    known = dotted | secrets | {f"{name}_FILE" for name in secrets} | {"CONFIG"}
    named = set(re.findall(r"\bMARSAD_([A-Z0-9_]+)", page.read_text(encoding="utf-8")))
    assert named - known == set()


def test_readme_names_the_targets_of_make() -> None:
    """Each target of the Makefile that users are shown is in README."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*## ", makefile, flags=re.MULTILINE)
    mentioned = re.findall(r"`([a-z]+)`|make ([a-z]+)", README)
    assert set(targets) - {word for pair in mentioned for word in pair} - {"help", "lock"} == set()


def test_the_settings_of_the_page_can_be_loaded(tmp_path: Path) -> None:
    """Receivers with quiet hours and digests, inhibitions and operators, as they stand there."""
    (block,) = re.findall(r"```yaml\n(receivers:.*?)```", README, re.DOTALL)
    (tmp_path / "marsad.yaml").write_text(block, encoding="utf-8")
    assert load(tmp_path / "marsad.yaml").inhibitions


def test_the_rights_that_a_user_of_redis_needs_are_those_that_are_used() -> None:
    """A command that is not among them is refused, on the day on which it is first used."""
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "streams").rglob("*.py"))
    scripts = code + "\n".join(path.read_text("utf-8") for path in (ROOT / "streams/stores/lua").glob("*.lua"))
    called = set(re.findall(r"(?:_redis|\bredis|\bpipe)\.([a-z_]+)\(", code))
    called -= {"aclose", "call", "error_reply", "execute", "pipeline", "register_script"}
    used = {"del" if name == "delete" else name for name in called}
    used |= {name.lower() for name in re.findall(r"redis\.p?call\(\s*'([A-Za-z]+)'", scripts)}
    used |= {"multi", "exec"} if "transaction=True" in code else set()
    line = re.search(r"ACL SETUSER marsad on .*", README)
    assert line is not None
    rights = set(re.findall(r"\+([a-z|]+)", line[0]))
    connecting = {"ping", "hello", "auth", "select", "client|setname", "client|setinfo", "client|id", "info"}
    assert rights == used | connecting | {"evalsha", "script|load", "script|exists"}
