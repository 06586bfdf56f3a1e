"""The sections of marsad.yaml: what each may say, and what is refused. `streams.settings` puts them together."""

from __future__ import annotations

import re
from datetime import time, timedelta
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from cssselect import ExpressionError, HTMLTranslator, SelectorError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from streams.units import Port, PositiveSpan, Size, Span


def drop_empty(model: type[BaseModel], data: Any) -> Any:
    """The data without known keys that have nothing after them: `routes:` alone means the default."""
    if not isinstance(data, dict):
        return data
    return {key: value for key, value in data.items() if value is not None or key not in model.model_fields}


Variable = Annotated[str, Field(pattern=r"^MARSAD_[A-Z0-9_]+$")]


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


ONE_OF = {
    "sources": (("feed", "page", "files"), "a source has either `feed: URL`, `page: URL` or `files: [PATH, ...]`"),
    "receivers": (
        ("slack", "slack_webhook", "mail", "webhook", "apprise", "atom", "file"),
        "a receiver has exactly one of slack, slack_webhook, mail, webhook, apprise, atom, file",
    ),
}
"""By list of the file: keys of which each item has exactly one, and what is said otherwise."""


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
    every: Span = timedelta(minutes=10)
    slowest: Span | None = None
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
        _require_one("sources", self)
        for key in ("feed", "page"):
            if (address := getattr(self, key)) and urlsplit(address).scheme not in {"http", "https"}:
                raise ValueError(f"{key} {address!r} is not an http:// or https:// address")
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


def _require_one(section: str, item: Section) -> None:
    keys, message = ONE_OF[section]
    if sum(bool(getattr(item, key)) for key in keys) != 1:
        raise ValueError(message)


class SlackReceiver(Section):
    """A channel, with a bot's token; `token` names the environment variable that holds it."""

    channel: str
    token: Variable = "MARSAD_SLACK_TOKEN"  # noqa: S105  # a name
    api: str = "https://slack.com/api/"


class SlackWebhookReceiver(Section):
    """An incoming webhook; `url` names the environment variable that holds its secret address."""

    url: Variable = "MARSAD_SLACK_WEBHOOK"


class MailReceiver(Section):
    """Mail over SMTP; `password` names the environment variable that holds it."""

    to: Annotated[tuple[str, ...], Field(min_length=1)]
    sender: str
    host: str
    port: Port = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: Variable = "MARSAD_SMTP_PASSWORD"  # noqa: S105  # a name

    @field_validator("to", "sender")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        for address in [value] if isinstance(value, str) else value:
            if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address):
                raise ValueError(f"{address!r} is not a mail address")
        return value


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _WEEK = 24 * 60, 7 * 24 * 60
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _as_time(value: Any) -> Any:
    """`22:00` as a time; YAML 1.1 reads it without quotes as a number of minutes."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(*divmod(value, 60))
    if isinstance(value, str) and re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value):
        hour, minute = value.split(":")
        return time(int(hour), int(minute))
    if isinstance(value, time):
        return value
    raise ValueError(f"{value!r} is no time of day: write 22:00")


TimeOfDay = Annotated[time, BeforeValidator(_as_time)]


class QuietHours(Section):
    """Hours in which a receiver wants no messages; `days` are those on which they begin, every day by default."""

    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[TimeOfDay, Field(alias="to")]
    days: tuple[Weekday, ...] = ()

    @model_validator(mode="after")
    def _last(self) -> QuietHours:
        if self.start == self.end:
            raise ValueError("begin and end at the same time; for days without messages write from: 00:00, to: 23:59")
        return self

    @property
    def week(self) -> list[tuple[int, int]]:
        """Begin and end in minutes since Monday's midnight, for each day on which they begin."""
        begin, end = (at.hour * 60 + at.minute for at in (self.start, self.end))
        length = (end - begin) % _DAY
        days = [index for index, day in enumerate(WEEKDAYS) if not self.days or day in self.days]
        return [(day * _DAY + begin, day * _DAY + begin + length) for day in days]


class Digest(Section):
    """Everything but `critical` in one message: every full hour, or every day or week `at` a time."""

    every: Literal["hourly", "daily", "weekly"]
    at: TimeOfDay = time(8)
    on: Weekday = "mon"


class WebhookReceiver(Section):
    """A webhook of one's own; `url` and `secret` name the environment variables that hold its address and its key."""

    url: Variable = "MARSAD_WEBHOOK_URL"
    secret: Variable | None = None


class AppriseReceiver(Section):
    """A service that Apprise knows; `url` names the environment variable that holds its address, as tgram://... ."""

    url: Variable = "MARSAD_APPRISE_URL"


class FileReceiver(Section):
    """Lines of JSON, appended to a file; `-` is standard output."""

    path: Path


class AtomReceiver(Section):
    """An Atom feed in a file, which the notify stage's worker serves under /feeds/NAME.atom."""

    path: Path


Way = (
    SlackReceiver
    | SlackWebhookReceiver
    | MailReceiver
    | WebhookReceiver
    | AppriseReceiver
    | AtomReceiver
    | FileReceiver
)


class ReceiverSettings(Section):
    """Somebody who is told, in exactly one way.

    `language` is that of the fixed words, `timezone` the one in which times are shown. More than `storm_limit` alerts
    in ten minutes are told as one summary; 0 for no limit. So is what comes in `quiet_hours`, when they end, and with a
    `digest` everything. `critical` alerts are told at once.
    """

    name: str
    language: Literal["ar", "en"] = "en"
    timezone: str = "UTC"
    storm_limit: Annotated[int, Field(ge=0, le=1000)] = 20
    quiet_hours: tuple[QuietHours, ...] = ()
    digest: Digest | None = None
    slack: SlackReceiver | None = None
    slack_webhook: SlackWebhookReceiver | None = None
    mail: MailReceiver | None = None
    webhook: WebhookReceiver | None = None
    apprise: AppriseReceiver | None = None
    atom: AtomReceiver | None = None
    file: FileReceiver | None = None

    @field_validator("quiet_hours")
    @classmethod
    def _apart(cls, value: tuple[QuietHours, ...]) -> tuple[QuietHours, ...]:
        spans = sorted(span for hours in value for span in hours.week)
        spans += [(start + _WEEK, end + _WEEK) for start, end in spans[:1]]
        for (_, end), (start, _) in pairwise(spans):
            if start < end:
                day, minute = divmod(start % _WEEK, _DAY)
                hour, minute = divmod(minute, 60)
                raise ValueError(f"overlap on {WEEKDAYS[day]} at {hour:02d}:{minute:02d}: put them into one")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, LookupError, OSError) as error:
            near = get_close_matches(value, available_timezones(), n=1)
            hint = near[0] if near else "Asia/Damascus"
            raise ValueError(f"{value!r} is no time zone of the IANA database; write one such as {hint}") from error
        return value

    @model_validator(mode="after")
    def _one_way(self) -> ReceiverSettings:
        _require_one("receivers", self)
        return self

    @property
    def way(self) -> Way:
        """The one way that is set."""
        ways = (getattr(self, key) for key in ONE_OF["receivers"][0])
        way: Way | None = next((way for way in ways if way), None)
        assert way is not None  # noqa: S101  # _one_way has seen to it
        return way

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The environment variables with this receiver's secrets."""
        match self.way:
            case SlackReceiver(token=name) | SlackWebhookReceiver(url=name) | AppriseReceiver(url=name):
                return (name,)
            case MailReceiver(username=username, password=name):
                return (name,) if username else ()
            case WebhookReceiver(url=url, secret=secret):
                return (url, secret) if secret else (url,)
            case FileReceiver() | AtomReceiver():
                return ()


Rules = Annotated[tuple[str, ...], BeforeValidator(lambda said: (said,) if isinstance(said, str) else said)]


class Inhibition(Section):
    """While an alert of a rule in `source` was told `within` that time, rules in `target` are quiet about the same.

    The same is what shares a value of each slot in `equal`; without slots, what is of one story.
    """

    source: Annotated[Rules, Field(min_length=1)]
    target: Annotated[Rules, Field(min_length=1)]
    equal: Rules = ("where",)
    within: PositiveSpan = timedelta(hours=12)

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
