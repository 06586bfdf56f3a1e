"""The configuration: one YAML file, and the environment for secrets and for what differs between machines.

This is the only module that reads the environment. Every `MARSAD_...` variable overrides the file; nested keys are
joined by two underscores (`MARSAD_ENGINES__BROKER`). Secrets come from the environment alone, plainly or, with `_FILE`
appended to the name, from a file (as container secrets do).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Discriminator, SecretStr, Tag, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from streams import located_yaml, source_file
from streams.errors import ConfigurationError, Problem, ProblemsError
from streams.receiver_sections import MailReceiver, ReceiverSettings, SlackReceiver, SlackWebhookReceiver
from streams.routes import ByRule, Route, RouteExample, tree_of
from streams.sections import (
    ONE_OF,
    AlertingSettings,
    EngineSettings,
    FetchSettings,
    HealthSettings,
    Inhibition,
    KafkaSettings,
    NotifySettings,
    Section,
    SourceSettings,
    drop_empty,
)
from streams.topics import STAGES, Topics
from streams.yaml_words import keys_of, nearest

__all__ = [
    "AlertingSettings",
    "EngineSettings",
    "FetchSettings",
    "HealthSettings",
    "KafkaSettings",
    "MailReceiver",
    "NotifySettings",
    "ReceiverSettings",
    "Secrets",
    "Settings",
    "SlackReceiver",
    "SlackWebhookReceiver",
    "SourceSettings",
    "find_config",
    "load",
    "missing_secrets",
]

_PATHS = (
    ("rules",),
    ("engines", "data"),
    ("engines", "kafka", "ca_file"),
    ("sources", "*", "files", "*"),
    ("receivers", "*", "mail", "ca_file"),
    ("receivers", "*", "file", "path"),
    ("receivers", "*", "atom", "path"),
)
_NAMING = {"sources", "receivers", "routes", "route_examples", "operators"}
NAMES_ARE = "a name is words, digits, dots and hyphens"
NAME = re.compile(r"[\w.-]+(?: [\w.-]+)*")
_SHORT, _TREE = "by rule", "tree"
_BRANCHES = frozenset({_SHORT, _TREE})


class Settings(BaseSettings):
    """Everything that marsad.yaml may say. Relative paths are relative to the file's folder."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="MARSAD_", env_nested_delimiter="__", env_ignore_empty=True
    )

    engines: EngineSettings = EngineSettings()
    sources: tuple[SourceSettings, ...] = ()
    receivers: tuple[ReceiverSettings, ...] = ()
    routes: Annotated[
        Annotated[ByRule, Tag(_SHORT)] | Annotated[tuple[Route, ...], Tag(_TREE)],
        Discriminator(lambda said: _SHORT if isinstance(said, dict) else _TREE),
    ] = {}
    route_examples: tuple[RouteExample, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    operators: str | None = None
    rules: Path | None = None
    alerts: AlertingSettings = AlertingSettings()
    notify: NotifySettings = NotifySettings()
    fetch: FetchSettings = FetchSettings()
    health: HealthSettings = HealthSettings()

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: Any) -> Any:
        return drop_empty(cls, data)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which `load` passes as arguments."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @cached_property
    def route_tree(self) -> tuple[Route, ...]:
        """The routes, whichever way they are written."""
        return tree_of(self.routes)

    @property
    def topics(self) -> Topics:
        """The topics of this installation."""
        e = self.engines
        return Topics.build(prefix=e.prefix, partitions=e.partitions, retention=e.retention, replication=e.replication)

    @property
    def broker_url(self) -> str:
        """The broker as a URL, `embedded` resolved to the log in the data folder."""
        return f"sqlite:///{self.engines.data / 'log.db'}" if self.engines.broker == "embedded" else self.engines.broker


class Secrets:
    """Looks secrets up by variable name, plainly or through `NAME_FILE`. Never prints them."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def get(self, name: str) -> SecretStr | None:
        """The secret called `name`, or None where it is not set or its file is empty.

        Raises:
            ConfigurationError: `NAME_FILE` is set and cannot be read, or the secret has more than one line, which
                every receiver would refuse, each in words that hint at something else.
        """
        value, place = self._environment.get(name, "").strip(), name
        if not value and (path := self._environment.get(f"{name}_FILE")):
            place = f"{name}_FILE"
            try:
                value = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigurationError([Problem(place, 0, 0, f"{path} cannot be read: {error}")]) from error
        if not value.isprintable():
            hint = "leave the secret alone in it"
            raise ConfigurationError([Problem(place, 0, 0, "holds several lines or a control character", hint)])
        return SecretStr(value) if value else None


def find_config(given: Path | None) -> Path | None:
    """The configuration file: as given, else `$MARSAD_CONFIG`, else `./marsad.yaml` if it is there."""
    if given or (named := os.environ.get("MARSAD_CONFIG")):
        return given or Path(named or "")
    return Path("marsad.yaml") if Path("marsad.yaml").exists() else None


def load(path: Path) -> Settings:
    """The settings of the file at `path` and the environment.

    Raises:
        ConfigurationError: everything that is wrong with either, each with its place and what to do.
    """
    try:
        document = located_yaml.read(path, most=located_yaml.MAX_VALUES_OF_SETTINGS)
    except ProblemsError as error:
        hint = "write a starter with `marsad init`" if not path.exists() else ""
        raise ConfigurationError(
            [Problem(p.file, p.line, p.column, p.message, p.hint or hint) for p in error.problems]
        ) from error
    if document.data is not None and not isinstance(document.data, dict):
        raise ConfigurationError([document.problem((), "is not a mapping of settings")])
    try:
        settings = Settings(**_absolute(document.data or {}, path.resolve().parent))
    except ValidationError as error:
        # A wrong name beside a wrong value is said in the same run.
        problems = [*_problems_of(error, document), *_dangling(document.data or {}, document)]
        problems += _one_too_many(error, document)
        raise ConfigurationError([*problems, *_misspelt_variables(document)]) from error
    except SettingsError as error:
        raise ConfigurationError([*_unreadable_variables(error), *_misspelt_variables(document)]) from error
    problems = [*_dangling(settings.model_dump(include=_NAMING), document), *_misspelt_variables(document)]
    added, file = source_file.read_sources(source_file.beside(path))
    names = {source.name for source in settings.sources}
    for index, source in enumerate(added):
        if file and (source.name in names or not NAME.fullmatch(source.name)):
            problem = f"the name {source.name!r} stands twice" if source.name in names else NAMES_ARE
            problems.append(file.problem(("sources", index, "name"), problem))
        names.add(source.name)
    if problems:
        raise ConfigurationError(problems)
    return settings.model_copy(update={"sources": (*settings.sources, *added)})


def _problems_of(error: ValidationError, document: located_yaml.Document) -> list[Problem]:
    """Problems of the file at their place; those of the environment under the variable's name."""
    problems = located_yaml.problems_of(error, document, Settings, branches=_BRANCHES)
    for index, item in enumerate(error.errors(include_url=False)):
        loc = tuple(step for step in item["loc"] if step not in _BRANCHES)
        name = _variable_with(loc)
        if name != _variable_of(loc):
            problems[index] = replace(problems[index], file=name, line=0, column=0) if name else problems[index]
        elif item["type"] == "extra_forbidden":
            hint = nearest(str(loc[-1]), keys_of(Settings))
            problems[index] = Problem(name, 0, 0, "is not a setting", hint)
        else:
            problems[index] = Problem(name, 0, 0, item["msg"].removeprefix("Value error, "))
    return problems


def _variable_of(loc: located_yaml.Loc) -> str:
    return "MARSAD_" + "__".join(map(str, loc)).upper()


def _variable_with(loc: located_yaml.Loc) -> str:
    """The variable that says what is at `loc`, alone or in the JSON of what is around it; "" where the file does."""
    for length in range(len(loc), 0, -1):
        name, within = _variable_of(loc[:length]), loc[length:]
        if not (said := os.environ.get(name)):
            continue
        if not within:
            return name
        with contextlib.suppress(ValueError, RecursionError):
            value = located_yaml.Document(name, json.loads(said), said)
            # What is missing is not there itself; a list may be written as one value.
            if value.holds(within) or (len(within) > 1 and value.holds(within[:-1])):
                return name
    return ""


def _problem_at(loc: located_yaml.Loc, document: located_yaml.Document, message: str, hint: str = "") -> Problem:
    """A problem with a value that is right in itself, under the variable's name or at its place in the file."""
    name = _variable_with(loc)
    return Problem(name, 0, 0, message, hint) if name else document.problem(loc, message, hint)


def _one_too_many(error: ValidationError, document: located_yaml.Document) -> list[Problem]:
    """Items with none or several of the keys of which they have one, where another fault kept that from being seen."""
    seen = {item["loc"] for item in error.errors(include_url=False)}
    problems = []
    for section, (keys, message) in ONE_OF.items():
        items = (document.data or {}).get(section)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            # An empty mapping is a receiver with its defaults; an empty list or text is nothing.
            said = [key for key in keys if item.get(key) not in (None, "", [])] if isinstance(item, dict) else [""]
            if len(said) != 1 and (section, index) not in seen:
                problems.append(document.problem((section, index), message))
    return problems


def _unreadable_variables(error: SettingsError) -> list[Problem]:
    """The variables that pydantic-settings could not read as JSON; its error names their first key alone."""
    field = re.search(r'field "(\w+)"', str(error))
    prefix = f"MARSAD_{field[1]}".upper() if field else "MARSAD_"
    names = sorted(name for name in os.environ if re.fullmatch(rf"{prefix}(__\w+)?", name.upper()))
    hint = 'a list or a mapping is written as JSON, for example ["a", "b"]'
    return [Problem(", ".join(names), 0, 0, "cannot be read", hint)]


def _misspelt_variables(document: located_yaml.Document) -> list[Problem]:
    """Variables that look like settings: of a section that does not exist, or with one underscore for two."""
    sections = sorted(name for name, field in Settings.model_fields.items() if isinstance(field.default, Section))
    problems = [
        Problem(name, 0, 0, "is not a setting", f"sections are: {', '.join(sections)}")
        for name in sorted(os.environ)
        if (found := re.match(r"MARSAD_(\w+?)__", name)) and found[1].lower() not in Settings.model_fields
    ]
    for steps in _settings_in(Settings):
        name = "_".join(("MARSAD", *steps)).upper()
        # The file may have given a secret such a name.
        if len(steps) > 1 and os.environ.get(name) and name not in document.text:
            problems.append(Problem(name, 0, 0, "is not a setting", f"did you mean {_variable_of(steps)}?"))
    return problems


def _settings_in(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """The path of each setting that is not in a list."""
    for name, field in model.model_fields.items():
        if isinstance(field.default, Section):
            yield from ((name, *steps) for steps in _settings_in(type(field.default)))
        else:
            yield (name,)


def _absolute(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The data with the paths in it made absolute, so that it does not matter where a command is run from."""
    if data.get("engines") is None:
        data = {**data, "engines": {}}
    if isinstance(data["engines"], dict) and data["engines"].get("data") is None:
        data = {**data, "engines": {**data["engines"], "data": "data"}}

    def fix(value: Any, steps: tuple[str, ...]) -> Any:
        if not steps:
            if not isinstance(value, str) or value == "-":  # standard output, where a receiver writes to a file
                return value
            return str(folder / os.path.expanduser(value))  # noqa: PTH111  # never raises
        if steps[0] == "*" and isinstance(value, list):
            return [fix(item, steps[1:]) for item in value]
        if isinstance(value, dict) and steps[0] in value:
            return {**value, steps[0]: fix(value[steps[0]], steps[1:])}
        return value

    for steps in _PATHS:
        data = fix(data, steps)
    return data


def _dangling(said: Mapping[str, Any], document: located_yaml.Document) -> list[Problem]:
    """Names that stand twice, or that nothing bears.

    `said` is the settings, or what the file says where that is not sound: what has another shape is passed over.
    """
    problems = []
    for key in ("sources", "receivers"):
        names = _names(said, key)
        for index, name in names.items():
            if name in list(names.values())[: list(names).index(index)]:
                problems.append(_problem_at((key, index, "name"), document, f"the name {name!r} stands twice"))
            if not NAME.fullmatch(name):
                problems.append(_problem_at((key, index, "name"), document, NAMES_ARE))
    known = sorted(_names(said, "receivers").values())
    hint = f"receivers are: {', '.join(known)}" if known else "no receiver is configured"
    problems += [
        _problem_at(loc, document, f"no receiver is called {name!r}", hint)
        for key in ("routes", "route_examples")
        for loc, name in _receivers_in(said.get(key), (key,))
        if name not in known
    ]
    operators = said.get("operators")
    if isinstance(operators, str) and operators and operators not in known:
        problems.append(_problem_at(("operators",), document, f"no receiver is called {operators!r}", hint))
    return problems


def _names(said: Mapping[str, Any], key: str) -> dict[int, str]:
    """The names under `key`, by their place in the list."""
    items = said.get(key)
    return {
        index: item["name"]
        for index, item in enumerate(items if isinstance(items, list | tuple) else ())
        if isinstance(item, dict) and isinstance(item.get("name"), str)
    }


def _receivers_in(routes: Any, loc: located_yaml.Loc) -> Iterator[tuple[located_yaml.Loc, str]]:
    """The receivers that routes, in either form, or examples of them name, each with its place."""
    if isinstance(routes, dict):
        for rule, names in routes.items():
            yield from _texts_in(names, (*loc, rule))
    elif isinstance(routes, list | tuple):
        for index, route in enumerate(routes):
            if isinstance(route, dict):
                yield from _texts_in(route.get("receivers"), (*loc, index, "receivers"))
                yield from _receivers_in(route.get("routes"), (*loc, index, "routes"))


def _texts_in(value: Any, loc: located_yaml.Loc) -> Iterator[tuple[located_yaml.Loc, str]]:
    if isinstance(value, str):
        yield loc, value
    elif isinstance(value, list | tuple):
        yield from (((*loc, index), text) for index, text in enumerate(value) if isinstance(text, str))


def missing_secrets(settings: Settings, secrets: Secrets, stages: Collection[str] = STAGES) -> list[Problem]:
    """Secrets that a worker of these stages needs by the configuration, and the environment lacks."""
    needed: dict[str, str] = {}
    if "notify" in stages:
        needed |= {name: f"receiver {each.name!r}" for each in settings.receivers for name in each.secret_names}
    if "ingest" in stages:
        needed |= {source.credentials: f"source {source.name!r}" for source in settings.sources if source.credentials}
    if settings.health.heartbeat:
        needed[settings.health.heartbeat] = "the heartbeat"
    if settings.engines.kafka.security.startswith("SASL"):
        needed["MARSAD_KAFKA_PASSWORD"] = "the broker"  # noqa: S105  # a description
    return [
        Problem(name, 0, 0, f"is not set, and {user} needs it", f"export {name} or {name}_FILE")
        for name, user in needed.items()
        if secrets.get(name) is None
    ]
