"""Fetches feeds and pages over HTTP within limits, and never from an address that is not public unless allowed by name.

One aiohttp session. The check is made where the socket is made, on the very address that is about to be connected to:
for every address a name resolves to, for addresses written in the URL, and again at each redirect, so that a name that
resolves to something else the second time (DNS rebinding) gains nothing. Where a proxy is configured, that is what is
connected to, and it alone sees which address a name has: addresses written in a URL are still checked here, names are
the proxy's to check.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from streams import __version__
from streams.errors import FetchError
from streams.ingest import texts
from streams.ingest.addresses import address_of, is_private, is_public, plain_host, redirect_from
from streams.ingest.answers import NOBODY, Caller, Elsewhere, Fetched, Kind, NotModified
from streams.ingest.causes import FetchCause, failure
from streams.ingest.fetch_failures import Guard, NoHeadError, network_failure, refusal
from streams.ingest.inflate import ACCEPTED, BrokenStreamError, Inflater, TooMuchError
from streams.ingest.robots import host_of
from streams.observe.metrics import Metrics
from streams.sections import FetchSettings

CONNECTIONS = 50
_CHUNK_BYTES = 65_536
_HEADER_BYTES = 32_768
"""Of one header: a Content-Security-Policy may have more than the 8,190 of aiohttp."""

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


_OUTCOMES = {NotModified: "not_modified", Elsewhere: "elsewhere", Fetched: "ok"}
_guard: ContextVar[Guard] = ContextVar("_guard")


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
        self._allowed = frozenset(map(plain_host, settings.allow_hosts))
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
        allowed: Callable[[str], bool] = lambda _: True,
    ) -> Fetched | NotModified | Elsewhere:
        """As `fetch`, but redirects are followed only within the host of `url`, unless they may lead `anywhere`.

        Of those within the host only such as are `allowed`. With a `form` that is posted.

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

        def stays(target: str) -> bool:
            return anywhere or (host_of(target) == host_of(url) and allowed(target))

        try:
            async with asyncio.timeout(self.settings.timeout.total_seconds()):
                headers = {hdrs.ACCEPT: _ACCEPT[kind], **headers}
                result = await self._follow(url, headers, caller, stays=stays, form=form)
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
        self,
        url: str,
        headers: dict[str, str],
        caller: Caller,
        *,
        stays: Callable[[str], bool],
        form: Mapping[str, str] | None,
    ) -> Fetched | NotModified | Elsewhere:
        """Follow redirects to the answer, or to the first that leads away; each hop is checked like the first."""
        first = here = address_of(url, url)
        permanent, redirects = True, _REDIRECTS if form is None else _REDIRECTS_OF_FORMS
        for _ in range(self.settings.max_redirects + 1):
            if here != first and not stays(str(here)):
                return Elsewhere(str(here), permanent)
            own = caller.authorization if str(here.origin()) == caller.origin else None
            secret = {str(hdrs.AUTHORIZATION): own.get_secret_value()} if own else {}
            async with self._request(here, {**headers, **secret}, url, form) as response:
                if response.status not in redirects:
                    moved = str(here) if permanent and here != first else None
                    conditional = hdrs.IF_NONE_MATCH in headers or hdrs.IF_MODIFIED_SINCE in headers
                    return await self._answer(response, url, moved, conditional=conditional)
                permanent = permanent and response.status in _PERMANENT_REDIRECTS
                here = redirect_from(here, response.headers.get(hdrs.LOCATION, ""), url)
        message = f"redirects more than {self.settings.max_redirects} times, last to {here}"
        raise failure(FetchCause.REDIRECTS, message, url=url)

    @asynccontextmanager
    async def _request(
        self, here: URL, headers: dict[str, str], url: str, form: Mapping[str, str] | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request; whatever the network does becomes a FetchError about `url`."""
        allowed = self._any_address or plain_host(here.host or "") in self._allowed
        guard = Guard(any_address=allowed or self.settings.proxy is not None)
        if self.settings.proxy and not allowed and is_private(here):
            guard.refused.append(str(here.host))
            raise network_failure(PermissionError(), here, guard, url, self.settings)
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
            async with await self._begun(asked) as response:
                yield response
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise network_failure(error, here, guard, url, self.settings) from error
        finally:
            _guard.reset(token)

    async def _begun(self, asked: Awaitable[aiohttp.ClientResponse]) -> aiohttp.ClientResponse:
        """The answer, of which the head is here.

        Raises:
            NoHeadError: it is not in time, whatever was sent of it.
        """
        limit = self.settings.connect_timeout + self.settings.first_byte_timeout
        try:
            async with asyncio.timeout(limit.total_seconds()):
                return await asked
        except aiohttp.ConnectionTimeoutError:
            raise
        except TimeoutError as error:
            raise NoHeadError from error

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
                max_line_size=_HEADER_BYTES,
                max_field_size=_HEADER_BYTES,
                timeout=aiohttp.ClientTimeout(
                    total=None,  # `visit` has one over all redirects
                    connect=self.settings.connect_timeout.total_seconds(),
                    sock_read=self.settings.first_byte_timeout.total_seconds(),
                ),
            )
        return self._session

    async def _answer(
        self, response: aiohttp.ClientResponse, url: str, moved: str | None, *, conditional: bool
    ) -> Fetched | NotModified:
        if response.status == _NOT_MODIFIED and conditional:
            return NotModified(str(response.url))
        if not 200 <= response.status < 300:  # noqa: PLR2004  # HTTP's own numbers
            raise refusal(response, url)
        return Fetched(
            body=await self._body(response, url),
            final_url=str(response.url),
            content_type=response.headers.get(hdrs.CONTENT_TYPE, ""),
            etag=_validator(response, hdrs.ETAG),
            last_modified=_validator(response, hdrs.LAST_MODIFIED),
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


def _validator(response: aiohttp.ClientResponse, name: str) -> str | None:
    """A header that goes back with the next request; None where it has bytes that are no text, which cannot be kept."""
    value = response.headers.get(name)
    return value if value and texts.printable(value) == value else None


def _linked(response: aiohttp.ClientResponse, relation: str) -> str | None:
    """The address in a Link header with this relation."""
    try:
        link = response.links.get(relation)
    except (ValueError, IndexError):  # yarl raises either for what is no address
        return None
    return str(link["url"]) if link and "url" in link else None
