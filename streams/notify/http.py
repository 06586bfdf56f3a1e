"""What the notifiers that speak HTTP share: one session, and what failures below HTTP mean.

Errors are made anew, without the library's own behind them: those carry addresses, which can be secrets.
"""

from __future__ import annotations

import aiohttp

from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError

TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5)
"""Seconds; shorter than the deadline of `streams.notify.deliver_agent`, so that the cause of a failure is known."""
OK, TIMED_OUT, TOO_MANY, SERVER_ERROR = 200, 408, 429, 500
NOT_THERE = frozenset({401, 403, 404, 405, 407, 410})
"""Answers that are about us or the address, and not about what is sent."""


class Session:
    """One aiohttp session, opened when it is first needed, which has to be inside the running loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def get(self) -> aiohttp.ClientSession:
        """The session."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        return self._session

    async def close(self) -> None:
        """Close its connections; `get` opens another one."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def from_transport(error: Exception, sink: str) -> DeliveryError:
    """What a failure below HTTP means: nothing was sent unless a connection stood. `sink` is what to call the other."""
    name = type(error).__name__
    if isinstance(error, UnicodeDecodeError):
        return DeliveryUncertainError(f"{sink}'s answer is not one of its own")
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return DeliveryRefusedError(f"the address of {sink} is not one ({name})", everything=True)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return DeliveryDeferredError(f"{sink} cannot be reached ({name})")
    return DeliveryUncertainError(f"the connection to {sink} broke off ({name})")
