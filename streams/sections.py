"""The sections of marsad.yaml: what each may say, and what is refused. `streams.settings` puts them together."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from cssselect import ExpressionError, HTMLTranslator, SelectorError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)
from yarl import URL

from streams.units import Port, PositiveSpan, Size, Span, spelled_span


def drop_empty(model: type[BaseModel], data: Any) -> Any:
    """The data without known keys that have nothing after them: `routes:` alone means the default."""
    if not isinstance(data, dict):
        return data
    return {key: value for key, value in data.items() if value is not None or key not in model.model_fields}


def _name_of_a_secret(said: str) -> str:
    # A secret may stand where its name should: it is not repeated.
    if not re.fullmatch(r"MARSAD_[A-Z0-9_]+", said):
        raise ValueError("name the environment variable that holds it, as MARSAD_SOME_NAME, and not the secret itself")
    return said


Variable = Annotated[str, AfterValidator(_name_of_a_secret)]


class Section(BaseModel):
    """A part of the file; a key that is not known is an error, since it is most often a misspelt one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: Any) -> Any:
        return drop_empty(cls, data)


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


_SERVER = r"(?:[^/\s,;:@\[\]]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:]*)"
"""A host, by name or address, with its port or without."""


class EngineSettings(Section):
    """Which engines: `embedded` needs no server, `kafka://` and `redis://` name servers."""

    broker: str = "embedded"
    redis: str = "embedded"
    data: Path = Path("data")
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$")] = ""
    partitions: Annotated[int, Field(ge=1, le=1000)] = 8
    replication: Annotated[int, Field(ge=1, le=10)] = 1
    retention: PositiveSpan = timedelta(days=7)
    slot: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")] = "0"
    kafka: KafkaSettings = KafkaSettings()

    @field_validator("broker")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        servers = rf"kafka://{_SERVER}(?:[,;]{_SERVER})*"
        if value != "embedded" and not re.fullmatch(rf"{servers}|sqlite:///.+", value):
            raise ValueError(f"{value!r}: write embedded, kafka://host:9092,other:9092 or sqlite:///path/to/log.db")
        return value

    @field_validator("redis")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        if "cluster" in urlsplit(value).scheme:
            raise ValueError("Redis Cluster is not supported; name a single Redis or Valkey (or its failover address)")
        if value != "embedded" and not re.match(r"(redis|rediss|unix)://", value):
            raise ValueError("write embedded, redis://host:6379/0, rediss://... or unix:///path/to/socket")
        if value != "embedded":
            _see_redis(value)
        return value


def _see_redis(url: str) -> None:
    """See that a Redis can be meant by this; the client would take what it cannot read for its default.

    Raises:
        ValueError: a password, a port or a database that is none; what stands in the address is not repeated.
    """
    parts = urlsplit(url)
    if parts.password or "password" in parse_qs(parts.query):
        raise ValueError("keep the password out of the file; set MARSAD_REDIS_PASSWORD instead")
    if parts.scheme == "unix":
        return
    try:
        parts.port  # noqa: B018  # raises
    except ValueError as error:
        raise ValueError("the port is no number up to 65535; write redis://host:6379/0") from error
    if not re.fullmatch(r"/?|/\d+/?", parts.path):
        raise ValueError("the database behind the host is no number; write redis://host:6379/0")


ONE_OF = {
    "sources": (("feed", "page", "files"), "a source has either `feed: URL`, `page: URL` or `files: [PATH, ...]`"),
    "receivers": (
        ("slack", "slack_webhook", "mail", "webhook", "apprise", "atom", "file"),
        "a receiver has exactly one of slack, slack_webhook, mail, webhook, apprise, atom, file",
    ),
}
"""By list of the file: keys of which each item has exactly one, and what is said otherwise."""


def address_problem(address: str) -> str | None:
    """Why a source cannot have this address; it is repeated only where no password can be in it.

    A password with `/`, `?` or `#` ends what counts as the host, so that most of it hides in the path; what stands
    before it is then no host with a port.
    """
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in {"http", "https"} and bool(URL(address).origin()) and (parts.port or 0) >= 0
        has_user = "@" in (parts.netloc or address.partition("/")[0])
    except (ValueError, IndexError):  # no port, or no host, or one whose name cannot be
        is_one, has_user = False, "@" in address
    if has_user or (not is_one and "@" in address):
        return "keep user and password out of the address; see `credentials`"
    return None if is_one else f"{address!r} is not an http:// or https:// address"


_Written = Annotated[Span, PlainSerializer(spelled_span, when_used="json")]


class SourceSettings(Section):
    """A feed to poll, a page that lists articles to poll, or files to read once. `name` is what alerts call it.

    `links` is a CSS selector of the links on such a page that lead to articles. `user_agent` and `credentials` (the
    environment variable that holds `user:password`, or what stands after `Authorization:`) are what the source is asked
    with.

    `country`, `tags` and `section` are what rules filter by, for articles that do not state their own.
    """

    name: str
    feed: str | None = None
    page: str | None = None
    links: str | None = None
    files: tuple[Path, ...] = ()
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] | None = None
    every: _Written = timedelta(minutes=10)
    slowest: _Written | None = None
    text: Literal["page", "feed"] = "page"
    alert_archive: bool = False
    country: str | None = None
    tags: tuple[str, ...] = ()
    section: str | None = None
    user_agent: Annotated[str, Field(pattern=r"^[\x21-\x7e][\x20-\x7e]*$")] | None = None
    credentials: Variable | None = None

    @field_validator("links")
    @classmethod
    def _selector(cls, value: str | None) -> str | None:
        try:
            HTMLTranslator().css_to_xpath(value or "a")
        except (SelectorError, ExpressionError) as error:
            raise ValueError(f"{value!r} is no CSS selector: {error}") from error
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> SourceSettings:
        require_one("sources", self)
        for key in ("feed", "page"):
            if (address := getattr(self, key)) and (problem := address_problem(address)):
                raise ValueError(f"{key}: {problem}")
        if self.links and not self.page:
            raise ValueError("`links` says which links of a `page` lead to articles")
        if self.every < timedelta(seconds=1):
            raise ValueError("`every` is at least 1s; publishers like 10m better")
        if self.slowest is not None and self.slowest < self.every:
            raise ValueError("`slowest` is at least as long as `every`")
        return self

    @property
    def address(self) -> str | None:
        """What is polled: the feed, or the page that lists articles; None where files are read."""
        return self.feed or self.page

    @property
    def longest(self) -> timedelta:
        """The longest interval between two polls of a source that works: `slowest`, or six times `every`."""
        return self.slowest or max(self.every, min(timedelta(days=1), 6 * self.every))


def require_one(section: str, item: Section) -> None:
    """See that an item of a list in `ONE_OF` has one of its keys.

    Raises:
        ValueError: it has none, or several.
    """
    keys, message = ONE_OF[section]
    if sum(bool(getattr(item, key)) for key in keys) != 1:
        raise ValueError(message)


Rules = Annotated[tuple[str, ...], BeforeValidator(lambda said: (said,) if isinstance(said, str) else said)]


class Inhibition(Section):
    """While an alert of a rule in `source` was told `within` that time, rules in `target` are quiet about the same.

    The same is what shares a value of each slot in `equal`; without slots, what is of one story.
    """

    source: Annotated[Rules, Field(min_length=1)]
    target: Annotated[Rules, Field(min_length=1)]
    equal: Rules = ("where",)
    within: PositiveSpan = timedelta(hours=12)

    @field_validator("within")
    @classmethod
    def _is_remembered(cls, value: timedelta) -> timedelta:
        if value > timedelta(days=30):
            raise ValueError("is 30d at most: alerts are remembered no longer")
        return value

    @model_validator(mode="after")
    def _others(self) -> Inhibition:
        if both := set(self.source) & set(self.target):
            raise ValueError(f"{', '.join(sorted(both))} would keep itself quiet: see `repeat_after` in the rule")
        return self


class AlertingSettings(Section):
    """`max_age`: articles published longer before they were seen than this are recorded, not alerted."""

    max_age: Span = timedelta(hours=48)


class NotifySettings(Section):
    """`timeout`: for one attempt to deliver; three times as long after its begin, a worker that has it counts as dead.

    A stop waits for attempts under way, and containers are killed 60 s after they were asked to stop, hence the limit.
    """

    timeout: Annotated[Span, Field(ge=timedelta(seconds=1), le=timedelta(seconds=20))] = timedelta(seconds=20)


class FetchSettings(Section):
    """Limits on every fetch.

    `timeout` in all, redirects included; `connect_timeout` for a name to be resolved, a connection made and TLS agreed
    on; `first_byte_timeout` from there to the head of the answer, and between two parts of it.

    `allow_hosts` names hosts that may have private addresses; none may by default.

    `proxy` is the address of an HTTP proxy that everything is fetched through. `callback` is the public address that
    leads to the health pages of the workers that fetch: feeds are subscribed to at their hubs (WebSub) where it is set.
    `readers` is how many processes read what was fetched at a time; each takes 60 to 150 MB while it is needed.
    """

    timeout: PositiveSpan = timedelta(seconds=30)
    connect_timeout: PositiveSpan = timedelta(seconds=10)
    first_byte_timeout: PositiveSpan = timedelta(seconds=20)
    max_bytes: Size = 10_000_000
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    allow_hosts: tuple[str, ...] = ()
    host_interval: Span = timedelta(seconds=5)
    contact: str = ""
    proxy: Annotated[str, Field(pattern=r"^http://[^@\s]+$")] | None = None
    callback: Annotated[str, Field(pattern=r"^https?://[^@\s?#]+$")] | None = None
    readers: Annotated[int, Field(ge=1, le=64)] = 2


class HealthSettings(Section):
    """Where this worker serves /metrics, /-/healthy and /-/ready; port 0 takes any free one.

    `heartbeat` names the environment variable with an address that is asked for `heartbeat_every` so often while the
    worker is ready, for somebody elsewhere to notice when it no longer is.
    """

    host: str = "127.0.0.1"
    port: Port = 9464
    heartbeat: Variable | None = None
    heartbeat_every: Annotated[Span, Field(ge=timedelta(seconds=1))] = timedelta(minutes=1)
