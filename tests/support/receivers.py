"""Somebody to tell: stand-ins for Slack and a mail server, and the configuration that sends every alert to both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from deploy.sample.mail_standin import MailStandin
from deploy.sample.slack_standin import SlackStandin
from tests.support.mail import mail
from tests.support.slack import slack


@dataclass(frozen=True, slots=True)
class Receivers:
    """The two stand-ins; each records what it is sent."""

    slack: SlackStandin
    mail: MailStandin

    @property
    def sections(self) -> dict[str, Any]:
        """`receivers` and `routes` of a configuration."""
        desk: dict[str, Any] = {"to": ["desk@example.org"], "sender": "marsad@example.org"}
        desk |= {"host": "127.0.0.1", "port": self.mail.port, "tls": "none"}
        newsroom = {"channel": "#alerts", "api": self.slack.api}
        return {
            "receivers": [
                {"name": "newsroom", "slack": newsroom, "storm_limit": 0},
                {"name": "desk", "mail": desk, "storm_limit": 0},
            ],
            "routes": {"*": ["newsroom", "desk"]},
        }

    @property
    def received(self) -> dict[str, list[str]]:
        """The notification ids that each receiver was sent, in order, by the receiver's name."""
        return {"newsroom": self.slack.notification_ids, "desk": self.mail.notification_ids}

    async def until_told(self, notifications: int, *, within: float) -> None:
        """Until each receiver got so many different notifications; TimeoutError with what they got."""
        try:
            async with asyncio.timeout(within):
                for name, standin in (("newsroom", self.slack), ("desk", self.mail)):
                    while (distinct := len(set(self.received[name]))) < notifications:
                        await standin.wait_for(len(standin.received) + notifications - distinct, within=within)
        except TimeoutError as error:
            raise TimeoutError({name: len(set(ids)) for name, ids in self.received.items()}) from error


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Receivers]:
    """Both, running."""
    async with slack() as newsroom, mail() as desk:
        yield Receivers(newsroom, desk)
