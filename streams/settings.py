"""The configuration: one YAML file, and the environment for secrets and for what differs between machines.

This is the only module that reads the environment. Every `MARSAD_...` variable overrides the file; nested keys are
joined by two underscores (`MARSAD_ENGINES__BROKER`). Secrets come from the environment alone, plainly or, with `_FILE`
appended to the name, from a file (as container secrets do).
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from streams import located_yaml
from streams.errors import ConfigurationError, Problem, ProblemsError
from streams.topics import Topics

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d)")
_SIZES = {"": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_SIZE = re.compile(r"([0-9]+)\s*(KB|MB|GB|)")
_NAME = re.compile(r"[\w.-]+(?: [\w.-]+)*")


def parse_span(value: object) -> object:
    """`90s`, `10m`, `48h`, `7d`, `1h 30m` as a timedelta; anything else is left to pydantic to refuse."""
    if not isinstance(value, str):
        if isinstance(value, timedelta):
            return value
        raise ValueError(f"{value!r} has no unit; write for example 30s, 10m, 48h or 7d")
    parts = _SPAN.findall(value)
    if not parts or _SPAN.sub("", value).strip():
        raise ValueError(f"{value!r} is not a span of time; write for example 30s, 10m, 48h or 7d")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def parse_size(value: object) -> object:
    """`10 MB`, `500KB` or plain bytes as an int."""
    if isinstance(value, str):
        found = _SIZE.fullmatch(value.strip().upper())
        if not found:
            raise ValueError(f"{value!r} is not a size; write for example 500 KB or 10 MB")
        return int(found[1]) * _SIZES[found[2]]
    return value


Span = Annotated[timedelta, BeforeValidator(parse_span)]
Size = Annotated[int, BeforeValidator(parse_size), Field(gt=0)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A part of the file; a key that is not known is an error, since it is most often a misspelt one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(Section):
    """How to speak to the broker: plain by default, TLS and SASL where it asks for them."""

    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _sasl_has_a_user(self) -> KafkaSettings:
        if self.security.startswith("SASL") and not self.username:
            raise ValueError("SASL needs a username (and MARSAD_KAFKA_PASSWORD in the environment)")
        return self


class EngineSettings(Section):
    """Which engines: `embedded` needs no server, `kafka://` and `redis://` name servers."""

    broker: str = "embedded"
    redis: str = "embedded"
    data: Path = Path("data")
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$")] = ""
    partitions: Annotated[int, Field(ge=1, le=1000)] = 8
    replication: Annotated[int, Field(ge=1, le=10)] = 1
    retention: Span = timedelta(days=7)
    slot: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")] = "0"
    kafka: KafkaSettings = KafkaSettings()

    @field_validator("broker")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if value != "embedded" and not re.fullmatch(r"kafka://[^/\s]+(?:,[^/\s]+)*|sqlite:///.+", value):
            raise ValueError(f"{value!r}: write embedded, kafka://host:9092,other:9092 or sqlite:///path/to/log.db")
        return value

    @field_validator("redis")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        if "cluster" in urlsplit(value).scheme:
            raise ValueError("Redis Cluster is not supported; name a single Redis or Valkey (or its failover address)")
        if value != "embedded" and not re.match(r"(redis|rediss|unix)://", value):
            raise ValueError("write embedded, redis://host:6379/0, rediss://... or unix:///path/to/socket")
        if value != "embedded" and urlsplit(value).password:
            raise ValueError("keep the password out of the file; set MARSAD_REDIS_PASSWORD instead")
        return value


class SourceSettings(Section):
    """A feed to poll, or files to read once. `name` is what alerts call it."""

    name: str
    feed: str | None = None
    files: tuple[Path, ...] = ()
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] | None = None
    every: Span = timedelta(minutes=10)
    text: Literal["page", "feed"] = "page"
    alert_archive: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> SourceSettings:
        if bool(self.feed) == bool(self.files):
            raise ValueError("a source has either `feed: URL` or `files: [PATH, ...]`")
        if self.feed and urlsplit(self.feed).scheme not in {"http", "https"}:
            raise ValueError(f"feed {self.feed!r} is not an http:// or https:// address")
        if self.every < timedelta(seconds=1):
            raise ValueError("`every` is at least 1s; publishers like 10m better")
        return self


class SlackReceiver(Section):
    """A channel, with a bot's token; `token` names the environment variable that holds it."""

    channel: str
    token: Annotated[str, Field(pattern=r"^MARSAD_[A-Z0-9_]+$")] = "MARSAD_SLACK_TOKEN"
    api: str = "https://slack.com/api/"


class SlackWebhookReceiver(Section):
    """An incoming webhook; `url` names the environment variable that holds its secret address."""

    url: Annotated[str, Field(pattern=r"^MARSAD_[A-Z0-9_]+$")] = "MARSAD_SLACK_WEBHOOK"


class MailReceiver(Section):
    """Mail over SMTP; `password` names the environment variable that holds it."""

    to: Annotated[tuple[str, ...], Field(min_length=1)]
    sender: str
    host: str
    port: Port = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: Annotated[str, Field(pattern=r"^MARSAD_[A-Z0-9_]+$")] = "MARSAD_SMTP_PASSWORD"

    @field_validator("to", "sender")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        for address in [value] if isinstance(value, str) else value:
            if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address):
                raise ValueError(f"{address!r} is not a mail address")
        return value


class ReceiverSettings(Section):
    """Somebody who is told, in exactly one way."""

    name: str
    slack: SlackReceiver | None = None
    slack_webhook: SlackWebhookReceiver | None = None
    mail: MailReceiver | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ReceiverSettings:
        ways = [way for way in (self.slack, self.slack_webhook, self.mail) if way]
        if len(ways) != 1:
            raise ValueError("a receiver has exactly one of slack, slack_webhook, mail")
        return self

    @property
    def way(self) -> SlackReceiver | SlackWebhookReceiver | MailReceiver:
        """The one way that is set."""
        way = self.slack or self.slack_webhook or self.mail
        assert way is not None  # noqa: S101  # _one_way has seen to it
        return way

    @property
    def secret_name(self) -> str | None:
        """The environment variable with this receiver's secret, if it has one."""
        match self.way:
            case SlackReceiver(token=name) | SlackWebhookReceiver(url=name):
                return name
            case MailReceiver(username=username, password=name):
                return name if username else None


class AlertSettings(Section):
    """`max_age`: articles published longer before they were seen than this are recorded, not alerted."""

    max_age: Span = timedelta(hours=48)


class FetchSettings(Section):
    """Limits on every fetch. `allow_hosts` names hosts that may have private addresses; none may by default."""

    timeout: Span = timedelta(seconds=30)
    max_bytes: Size = 10_000_000
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    allow_hosts: tuple[str, ...] = ()
    host_interval: Span = timedelta(seconds=5)
    contact: str = ""


class HealthSettings(Section):
    """Where this worker serves /metrics, /-/healthy and /-/ready; port 0 takes any free one."""

    host: str = "127.0.0.1"
    port: Port = 9464


class Settings(BaseSettings):
    """Everything that marsad.yaml may say. Relative paths are relative to the file's folder."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="MARSAD_", env_nested_delimiter="__", env_ignore_empty=True
    )

    engines: EngineSettings = EngineSettings()
    sources: tuple[SourceSettings, ...] = ()
    receivers: tuple[ReceiverSettings, ...] = ()
    routes: dict[str, tuple[str, ...]] = {}
    operators: str | None = None
    rules: Path | None = None
    alerts: AlertSettings = AlertSettings()
    fetch: FetchSettings = FetchSettings()
    health: HealthSettings = HealthSettings()

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

    def receivers_of(self, rule: str) -> tuple[str, ...]:
        """The receivers of a rule's alerts: the rule's own route, else the route `*`, else none."""
        return self.routes.get(rule, self.routes.get("*", ()))

    @property
    def topics(self) -> Topics:
        """The topics of this installation."""
        e = self.engines
        return Topics.build(prefix=e.prefix, partitions=e.partitions, retention=e.retention, replication=e.replication)

    @property
    def broker_url(self) -> str:
        """The broker as a URL, `embedded` resolved to the log in the data folder."""
        return f"sqlite:///{self.engines.data / 'log.db'}" if self.engines.broker == "embedded" else self.engines.broker

    @property
    def group_instance(self) -> str:
        """The static member id: host name and slot; unique among live workers of one stage."""
        return f"{socket.gethostname()}-{self.engines.slot}"


class Secrets:
    """Looks secrets up by variable name, plainly or through `NAME_FILE`. Never prints them."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def get(self, name: str) -> SecretStr | None:
        """The secret called `name`, or None where it is not set.

        Raises:
            ConfigurationError: `NAME_FILE` is set and cannot be read.
        """
        if value := self._environment.get(name):
            return SecretStr(value)
        if path := self._environment.get(f"{name}_FILE"):
            try:
                return SecretStr(Path(path).read_text(encoding="utf-8").strip())
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigurationError([Problem(f"{name}_FILE", 0, 0, f"{path} cannot be read: {error}")]) from error
        return None


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
        document = located_yaml.read(path)
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
        raise ConfigurationError(_problems_of(error, document)) from error
    problems = list(_dangling(settings, document))
    if problems:
        raise ConfigurationError(problems)
    return settings


def _problems_of(error: ValidationError, document: located_yaml.Document) -> list[Problem]:
    """Problems of the file at their place; those of the environment under the variable's name."""
    problems = located_yaml.problems_of(error, document)
    for index, item in enumerate(error.errors(include_url=False)):
        loc = item["loc"]
        name = "MARSAD_" + "__".join(str(step) for step in loc).upper()
        if name in os.environ:
            problems[index] = Problem(name, 0, 0, item["msg"].removeprefix("Value error, "))
    return problems


def _absolute(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The data with the paths in it made absolute, so that it does not matter where a command is run from."""

    def fix(value: Any) -> Any:
        return str(folder / Path(value).expanduser()) if isinstance(value, str) else value

    data = dict(data)
    engines = dict(data["engines"]) if isinstance(data.get("engines"), dict) else data.get("engines", {})
    if isinstance(engines, dict):
        data["engines"] = {**engines, "data": fix(engines.get("data", "data"))}
    if "rules" in data:
        data["rules"] = fix(data["rules"])
    if isinstance(data.get("sources"), list):
        data["sources"] = [
            {**source, "files": [fix(file) for file in source["files"]]}
            if isinstance(source, dict) and isinstance(source.get("files"), list)
            else source
            for source in data["sources"]
        ]
    return data


def _dangling(settings: Settings, document: located_yaml.Document) -> list[Problem]:
    """Names that stand twice, or that nothing bears."""
    problems = []
    for key, things in (("sources", settings.sources), ("receivers", settings.receivers)):
        seen: set[str] = set()
        for index, thing in enumerate(things):
            if thing.name in seen:
                problems.append(document.problem((key, index, "name"), f"the name {thing.name!r} stands twice"))
            if not _NAME.fullmatch(thing.name):
                problems.append(document.problem((key, index, "name"), "a name is words, digits, dots and hyphens"))
            seen.add(thing.name)
    known = sorted(receiver.name for receiver in settings.receivers)
    hint = f"receivers are: {', '.join(known)}" if known else "no receiver is configured"
    for rule, names in settings.routes.items():
        problems += [
            document.problem(("routes", rule, index), f"no receiver is called {name!r}", hint)
            for index, name in enumerate(names)
            if name not in known
        ]
    if settings.operators and settings.operators not in known:
        problems.append(document.problem(("operators",), f"no receiver is called {settings.operators!r}", hint))
    return problems


def missing_secrets(settings: Settings, secrets: Secrets) -> list[Problem]:
    """Secrets that the configuration needs and the environment lacks."""
    needed = {receiver.secret_name: f"receiver {receiver.name!r}" for receiver in settings.receivers}
    if settings.engines.kafka.security.startswith("SASL"):
        needed["MARSAD_KAFKA_PASSWORD"] = "the broker"  # noqa: S105  # a description
    return [
        Problem(name, 0, 0, f"is not set, and {user} needs it", f"export {name} or {name}_FILE")
        for name, user in needed.items()
        if name and secrets.get(name) is None
    ]
