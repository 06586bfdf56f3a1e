"""What went wrong with a request, in one of our words. Pure."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp
from aiohttp import hdrs
from yarl import URL

from streams.errors import FetchError
from streams.ingest.causes import FetchCause, failure
from streams.retry_after import parse_retry_after
from streams.sections import FetchSettings

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(slots=True)
class Guard:
    """What the connection of one request may do, and which addresses it was kept from."""

    any_address: bool
    refused: list[str] = field(default_factory=list)


class NoHeadError(TimeoutError):
    """A server was connected to, and has not begun its answer, or not come to the end of its head."""


def refusal(response: aiohttp.ClientResponse, url: str) -> FetchError:
    """The error for a status that is not success."""
    status = response.status
    cause = {404: FetchCause.NOT_FOUND, 410: FetchCause.GONE, 429: FetchCause.RATE_LIMITED}.get(status)
    if cause is None and 400 <= status < 500:  # noqa: PLR2004  # HTTP's own numbers
        cause = FetchCause.TIMEOUT if status == 408 else FetchCause.REFUSED  # noqa: PLR2004
    if cause is None:
        cause = FetchCause.SERVER_ERROR if status >= 500 else FetchCause.BAD_RESPONSE  # noqa: PLR2004
    retry_after = parse_retry_after(response.headers.get(hdrs.RETRY_AFTER), datetime.now(UTC))
    # Not in the server's words, which may repeat what it was sent, a log-in too.
    phrase = _PHRASES.get(status, "")
    return failure(cause, f"answers {status} {phrase}".rstrip(), url=url, retry_after=retry_after)


def network_failure(error: Exception, here: URL, guard: Guard, url: str, limits: FetchSettings) -> FetchError:
    """Why a request got no answer, in one of our words."""
    late = _late(error, str(here.host), url, limits) if isinstance(error, TimeoutError) else None
    return late or _failure(error, here, guard, url)


def _failure(error: Exception, here: URL, guard: Guard, url: str) -> FetchError:
    host = str(here.host)
    if guard.refused:
        addresses = ", ".join(sorted(set(guard.refused)))
        message = f"{host} has the address {addresses}, which is not public; name the host under fetch.allow_hosts"
        return failure(FetchCause.PRIVATE_ADDRESS, f"{message} if it is meant", url=url)
    match error:
        case aiohttp.ClientConnectorDNSError():
            return failure(FetchCause.UNRESOLVED, f"no address was found for {host}: {error.os_error}", url=url)
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return failure(FetchCause.TLS, f"has no trustworthy TLS: {error}", url=url)
        case aiohttp.InvalidURL() | aiohttp.InvalidUrlClientError() | UnicodeError():  # a label empty or too long
            return failure(FetchCause.BAD_URL, f"is not a URL: {error}", url=url)
        case aiohttp.ClientOSError() | aiohttp.ServerDisconnectedError() | TimeoutError():
            return failure(FetchCause.UNREACHABLE, f"{host} cannot be reached: {error}", url=url)
        case _:
            return failure(FetchCause.BAD_RESPONSE, f"answers what is not sound HTTP: {error}", url=url)


def _late(error: TimeoutError, host: str, url: str, limits: FetchSettings) -> FetchError | None:
    """The failure of what took too long by our limits; None where it is the system that has given up."""
    connect, patience = limits.connect_timeout.total_seconds(), limits.first_byte_timeout.total_seconds()
    match error:
        case aiohttp.ConnectionTimeoutError():
            return failure(FetchCause.CONNECT_TIMEOUT, f"{host} was not connected to within {connect:g} s", url=url)
        case NoHeadError():
            message = f"{host} was connected to, and did not answer within {patience:g} s"
            return failure(FetchCause.FIRST_BYTE_TIMEOUT, message, url=url)
        case aiohttp.SocketTimeoutError():
            message = f"{host} sent nothing for {patience:g} s in the midst of its answer"
            return failure(FetchCause.TIMEOUT, message, url=url)
        case _:
            return None
