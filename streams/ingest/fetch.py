"""Fetches feeds and pages over HTTP within limits, and never from an address that is not public unless allowed by name.

One aiohttp session. The check is made where the socket is made, on the very address that is about to be connected to:
for every address a name resolves to, for addresses written in the URL, and again at each redirect, so that a name that
resolves to something else the second time (DNS rebinding) gains nothing. Where a proxy is configured, that is what is
connected to, and it alone sees which address a name has: addresses written in a URL are still checked here, names are
the proxy's to check.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from streams import __version__
from streams.errors import FetchError
from streams.ingest.addresses import is_public
from streams.ingest.answers import NOBODY, Caller, Elsewhere, Fetched, Kind, NotModified
from streams.ingest.causes import FetchCause, failure
from streams.ingest.inflate import ACCEPTED, BrokenStreamError, Inflater, TooMuchError
from streams.ingest.robots import host_of
from streams.observe.metrics import Metrics
from streams.retry_after import parse_retry_after
from streams.sections import FetchSettings

CONNECTIONS = 50
_CHUNK_BYTES = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_OF_FORMS = frozenset({307, 308})
_PERMANENT_REDIRECTS = frozenset({301, 308})
_NOT_MODIFIED = 304


_ACCEPT = {
    Kind.FEED: "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5",
    Kind.PAGE: "text/html, application/xhtml+xml, */*;q=0.5",
    Kind.ROBOTS: "text/plain, */*;q=0.5",
    Kind.HUB: "*/*",
}


@dataclass(slots=True)
class _Guard:
    """What the connection of one request may do, and which addresses it was kept from."""

    any_address: bool
    refused: list[str] = field(default_factory=list)


_OUTCOMES = {NotModified: "not_modified", Elsewhere: "elsewhere", Fetched: "ok"}
_guard: ContextVar[_Guard] = ContextVar("_guard")


def _public_socket(info: tuple[Any, ...]) -> socket.socket:
    """The socket for one address; refuses to make it for one that is not public."""
    family, kind, protocol, _, address = info
    guard = _guard.get()
    if not guard.any_address and not is_public(str(address[0])):
        guard.refused.append(str(address[0]))
        raise PermissionError(f"{address[0]} is not a public address")
    return socket.socket(family, kind, protocol)


class Fetcher:
    """Fetches within `settings`. Use it as an async context manager, or `close` it.

    `resolver` and `tls` are for those who bring their own names and certificates; `any_address` is for a user who asks
    for one address by hand and may mean one that is not public.
    """

    def __init__(
        self,
        settings: FetchSettings,
        metrics: Metrics,
        *,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        any_address: bool = False,
    ) -> None:
        self._any_address = any_address
        self.settings, self.metrics, self._resolver, self._tls = settings, metrics, resolver, tls
        self._allowed = frozenset(host.strip("[]").lower() for host in settings.allow_hosts)
        contact = f" (+{settings.contact})" if settings.contact else ""
        self.user_agent = f"marsad/{__version__}{contact}"
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Nothing to open: the session is opened by the first fetch."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """Close the session and its connections."""
        if self._session:
            await self._session.close()
            self._session = None

    async def fetch(
        self,
        url: str,
        kind: Kind,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        caller: Caller = NOBODY,
    ) -> Fetched | NotModified:
        """What is at `url`, or that it is still what it was when it had this `etag` or date.

        Raises:
            FetchError: with a `FetchCause`, and whether trying again may help.
        """
        result = await self.visit(url, kind, etag=etag, last_modified=last_modified, caller=caller, anywhere=True)
        assert not isinstance(result, Elsewhere)  # noqa: S101  # each redirect was followed
        return result

    async def post(self, url: str, form: Mapping[str, str]) -> None:
        """Send a form to whoever is at `url`; what is answered is not looked at beyond its status.

        Raises:
            FetchError: as `fetch`, also where it is not accepted.
        """
        await self.visit(url, Kind.HUB, anywhere=True, form=form)

    async def visit(  # noqa: PLR0913  # what a request says
        self,
        url: str,
        kind: Kind,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        caller: Caller = NOBODY,
        anywhere: bool = False,
        form: Mapping[str, str] | None = None,
    ) -> Fetched | NotModified | Elsewhere:
        """As `fetch`, but redirects are followed only within the host of `url`, unless they may lead `anywhere`.

        With a `form` that is posted.

        Raises:
            FetchError: as `fetch`.
        """
        conditions = {
            hdrs.IF_NONE_MATCH: etag,
            hdrs.IF_MODIFIED_SINCE: last_modified,
            hdrs.USER_AGENT: caller.user_agent,
        }
        headers = {str(name): value for name, value in conditions.items() if value}
        started, outcome = time.monotonic(), "ok"
        try:
            async with asyncio.timeout(self.settings.timeout.total_seconds()):
                headers = {hdrs.ACCEPT: _ACCEPT[kind], **headers}
                result = await self._follow(url, headers, caller, anywhere=anywhere, form=form)
        except TimeoutError as error:
            outcome = FetchCause.TIMEOUT
            message = f"was not done within {self.settings.timeout.total_seconds():g} s"
            raise failure(FetchCause.TIMEOUT, message, url=url) from error
        except FetchError as error:
            outcome = error.cause
            raise
        else:
            outcome = _OUTCOMES[type(result)]
            self.metrics.fetched_bytes.labels(kind).inc(len(result.body) if isinstance(result, Fetched) else 0)
            return result
        finally:
            self.metrics.fetches.labels(kind, outcome).inc()
            self.metrics.fetch_seconds.labels(kind).observe(time.monotonic() - started)

    async def _follow(
        self, url: str, headers: dict[str, str], caller: Caller, *, anywhere: bool, form: Mapping[str, str] | None
    ) -> Fetched | NotModified | Elsewhere:
        """Follow redirects to the answer, or to the first that leads away; each hop is checked like the first."""
        first = here = _address(url, url)
        permanent, redirects = True, _REDIRECTS if form is None else _REDIRECTS_OF_FORMS
        for _ in range(self.settings.max_redirects + 1):
            if host_of(str(here)) != host_of(str(first)) and not anywhere:
                return Elsewhere(str(here), permanent)
            own = caller.authorization if str(here.origin()) == caller.origin else None
            secret = {str(hdrs.AUTHORIZATION): own.get_secret_value()} if own else {}
            async with self._request(here, {**headers, **secret}, url, form) as response:
                if response.status not in redirects:
                    moved = str(here) if permanent and here != first else None
                    conditional = hdrs.IF_NONE_MATCH in headers or hdrs.IF_MODIFIED_SINCE in headers
                    return await self._answer(response, url, moved, conditional=conditional)
                permanent = permanent and response.status in _PERMANENT_REDIRECTS
                here = _redirect(here, response.headers.get(hdrs.LOCATION, ""), url)
        message = f"redirects more than {self.settings.max_redirects} times, last to {here}"
        raise failure(FetchCause.REDIRECTS, message, url=url)

    @asynccontextmanager
    async def _request(
        self, here: URL, headers: dict[str, str], url: str, form: Mapping[str, str] | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request; whatever the network does becomes a FetchError about `url`."""
        allowed = self._any_address or (here.host or "").rstrip(".").lower() in self._allowed
        guard = _Guard(any_address=allowed or self.settings.proxy is not None)
        if self.settings.proxy and not allowed and _is_private(here):
            guard.refused.append(str(here.host))
            raise _network_failure(PermissionError(), here, guard, url)
        token = _guard.set(guard)
        try:
            asked = self._opened().request(
                "GET" if form is None else "POST",
                here,
                headers=headers,
                data=form,
                allow_redirects=False,
                proxy=self.settings.proxy,
            )
            async with asked as response:
                yield response
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
                raise
            raise _network_failure(error, here, guard, url) from error
        finally:
            _guard.reset(token)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=CONNECTIONS,
                resolver=self._resolver,
                use_dns_cache=False,
                socket_factory=_public_socket,
                ssl=self._tls or True,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers={hdrs.USER_AGENT: self.user_agent, hdrs.ACCEPT_ENCODING: ACCEPTED},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None),  # `fetch` has one over all redirects
            )
        return self._session

    async def _answer(
        self, response: aiohttp.ClientResponse, url: str, moved: str | None, *, conditional: bool
    ) -> Fetched | NotModified:
        if response.status == _NOT_MODIFIED and conditional:
            return NotModified(str(response.url))
        if not 200 <= response.status < 300:  # noqa: PLR2004  # HTTP's own numbers
            raise _refusal(response, url)
        return Fetched(
            body=await self._body(response, url),
            final_url=str(response.url),
            content_type=response.headers.get(hdrs.CONTENT_TYPE, ""),
            etag=response.headers.get(hdrs.ETAG),
            last_modified=response.headers.get(hdrs.LAST_MODIFIED),
            moved_to=moved,
            hub=_linked(response, "hub"),
            topic=_linked(response, "self"),
        )

    async def _body(self, response: aiohttp.ClientResponse, url: str) -> bytes:
        """The decompressed body; a larger one is left unread, and its connection closed."""
        limit = self.settings.max_bytes
        try:
            if (response.content_length or 0) > limit:
                raise TooMuchError(f"it says that it has {response.content_length} bytes, more than {limit}")  # noqa: TRY301  # one way out
            inflater = Inflater(response.headers.get(hdrs.CONTENT_ENCODING, ""), limit=limit)
            async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                inflater.feed(chunk)
            return inflater.finish()
        except TooMuchError as error:
            response.close()
            raise failure(FetchCause.TOO_LARGE, f"is too large: {error}", url=url) from error
        except BrokenStreamError as error:
            response.close()
            raise failure(FetchCause.BAD_ENCODING, f"cannot be decompressed: {error}", url=url) from error


def _linked(response: aiohttp.ClientResponse, relation: str) -> str | None:
    """The address in a Link header with this relation."""
    try:
        link = response.links.get(relation)
    except ValueError:
        return None
    return str(link["url"]) if link and "url" in link else None


def _address(text: str, url: str) -> URL:
    """The address to ask, checked for form.

    Raises:
        FetchError: not http(s), without a host, with a user in it, or not a URL at all.
    """
    try:
        parsed = URL(text.strip())
    except ValueError as error:
        raise failure(FetchCause.BAD_URL, f"is not a URL: {error}", url=url) from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        place = "" if text == url else f" (redirected to {text[:200]})"
        raise failure(FetchCause.BAD_URL, f"is not an http:// or https:// address{place}", url=url)
    if parsed.user is not None or parsed.password is not None:
        raise failure(FetchCause.BAD_URL, "has a user or password in it, which is refused", url=_hidden(parsed))
    return parsed.with_fragment(None)


def _is_private(address: URL) -> bool:
    """Whether an address written in a URL is not public; a name is no address."""
    host = (address.host or "").rstrip(".")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # Forms of an address that only C libraries know (127.1, 0x7f.1) are none that a publisher uses.
        return bool(re.fullmatch(r"localhost|(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+))*", host, re.IGNORECASE))
    return not is_public(host)


def _hidden(address: URL) -> str:
    return str(address.with_user(None).with_password(None))


def _redirect(here: URL, location: str, url: str) -> URL:
    if not location:
        raise failure(FetchCause.REDIRECTS, "redirects without saying where to", url=url)
    try:
        target = here.join(URL(location.strip()))
    except ValueError as error:
        raise failure(FetchCause.BAD_URL, f"redirects to {location[:200]!r}, which is no URL", url=url) from error
    return _address(str(target), url)


def _refusal(response: aiohttp.ClientResponse, url: str) -> FetchError:
    """The error for a status that is not success."""
    status = response.status
    cause = {404: FetchCause.NOT_FOUND, 410: FetchCause.GONE, 429: FetchCause.RATE_LIMITED}.get(status)
    if cause is None and 400 <= status < 500:  # noqa: PLR2004  # HTTP's own numbers
        cause = FetchCause.TIMEOUT if status == 408 else FetchCause.REFUSED  # noqa: PLR2004
    if cause is None:
        cause = FetchCause.SERVER_ERROR if status >= 500 else FetchCause.BAD_RESPONSE  # noqa: PLR2004
    retry_after = parse_retry_after(response.headers.get(hdrs.RETRY_AFTER), datetime.now(UTC))
    return failure(cause, f"answers {status} {response.reason or ''}".rstrip(), url=url, retry_after=retry_after)


def _network_failure(error: Exception, here: URL, guard: _Guard, url: str) -> FetchError:
    """Why a request got no answer, in one of our words."""
    host = here.host
    if guard.refused:
        addresses = ", ".join(sorted(set(guard.refused)))
        message = f"{host} has the address {addresses}, which is not public; name the host under fetch.allow_hosts"
        return failure(FetchCause.PRIVATE_ADDRESS, f"{message} if it is meant", url=url)
    match error:
        case aiohttp.ClientConnectorDNSError():
            return failure(FetchCause.UNRESOLVED, f"no address was found for {host}: {error.os_error}", url=url)
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return failure(FetchCause.TLS, f"has no trustworthy TLS: {error}", url=url)
        case aiohttp.InvalidURL() | aiohttp.InvalidUrlClientError():
            return failure(FetchCause.BAD_URL, f"is not a URL: {error}", url=url)
        case aiohttp.ClientOSError() | aiohttp.ServerDisconnectedError():
            return failure(FetchCause.UNREACHABLE, f"{host} cannot be reached: {error}", url=url)
        case _:
            return failure(FetchCause.BAD_RESPONSE, f"answers what is not sound HTTP: {error}", url=url)
