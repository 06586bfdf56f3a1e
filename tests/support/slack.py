"""Slack's stand-in for tests."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from deploy.sample.slack_standin import SlackStandin

TOKEN = "xoxb-4711-very-secret"


@contextlib.asynccontextmanager
async def slack(*, token: str | None = TOKEN) -> AsyncIterator[SlackStandin]:
    """A running stand-in that wants this token (or, as a webhook, this secret path)."""
    standin = SlackStandin(token=token)
    await standin.start()
    try:
        yield standin
    finally:
        await standin.stop()
