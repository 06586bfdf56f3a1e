"""The sections of marsad.yaml about receivers: who is told, how, and when. `streams.settings` puts them together."""

from __future__ import annotations

import re
from datetime import time
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, field_validator, model_validator

from streams.sections import ONE_OF, Section, Variable, require_one
from streams.units import Port


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
    """`22:00` as a time; a number is none: `22` may be an hour or a minute."""
    if isinstance(value, str) and re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value):
        hour, minute = value.split(":")
        return time(int(hour), int(minute))
    if isinstance(value, time):
        return value
    raise ValueError(f"{value!r} is no time of day: write 22:00")


def _as_end(value: Any) -> Any:
    """As a time; the end of a day is the next one's begin."""
    return time() if value == "24:00" else _as_time(value)


TimeOfDay = Annotated[time, BeforeValidator(_as_time)]


class QuietHours(Section):
    """Hours in which a receiver wants no messages; `days` are those on which they begin, every day by default.

    From midnight to midnight is the whole day.
    """

    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[time, BeforeValidator(_as_end), Field(alias="to")]
    days: tuple[Weekday, ...] = ()

    @model_validator(mode="after")
    def _last(self) -> QuietHours:
        if self.start == self.end != time():
            raise ValueError("begin and end at the same time; for days without messages write from: 00:00, to: 24:00")
        return self

    @property
    def week(self) -> list[tuple[int, int]]:
        """Begin and end in minutes since Monday's midnight, for each day on which they begin."""
        begin, end = (at.hour * 60 + at.minute for at in (self.start, self.end))
        length = (end - begin) % _DAY or _DAY
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
        require_one("receivers", self)
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
