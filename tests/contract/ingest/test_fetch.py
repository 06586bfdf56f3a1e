import asyncio
import contextlib
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NoReturn

import pytest
import trustme
from aiohttp import web as http
from pydantic import SecretStr

from streams import __version__
from streams.errors import FetchError
from streams.ingest.answers import Caller, Fetched, Kind, NotModified
from streams.ingest.causes import FetchCause
from streams.ingest.fetch import Fetcher
from streams.observe.metrics import Metrics
from streams.sections import FetchSettings
from tests.support.web import Page, Web, gzipped

HOST = "news.example"
MakeFetcher = Callable[..., Fetcher]


@pytest.fixture
async def make(web: Web) -> AsyncIterator[MakeFetcher]:
    made: list[Fetcher] = []

    def build(**settings: object) -> Fetcher:
        values = {"allow_hosts": [HOST], "max_bytes": 1_000_000, "timeout": timedelta(seconds=5), **settings}
        fetcher = Fetcher(FetchSettings.model_validate(values), Metrics(), resolver=web.resolver)
        made.append(fetcher)
        return fetcher

    yield build
    for fetcher in made:
        await fetcher.close()


async def _cause(fetcher: Fetcher, url: str) -> tuple[str, str]:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(url, Kind.PAGE)
    assert caught.value.url == url
    outcome = fetcher.metrics.registry.get_sample_value(
        "marsad_fetches_total", {"kind": "page", "outcome": caught.value.cause}
    )
    assert outcome == 1, "every failure is counted under its cause"
    return caught.value.cause, str(caught.value)


async def test_a_page_comes_with_what_the_next_request_needs(web: Web, make: MakeFetcher) -> None:
    """Body, content type, validators; decompressed."""
    page = web.put(HOST, "/a", gzipped("خبر".encode()), "text/html; charset=windows-1256")
    page.headers |= {"Content-Encoding": "gzip", "Last-Modified": "Mon, 18 Mar 2019 10:00:00 GMT"}
    page.etag = '"v1"'
    fetched = await make().fetch(web.url(HOST, "/a"), Kind.PAGE)
    assert fetched == Fetched(
        body="خبر".encode(),
        final_url=web.url(HOST, "/a"),
        content_type="text/html; charset=windows-1256",
        etag='"v1"',
        last_modified="Mon, 18 Mar 2019 10:00:00 GMT",
    )


async def test_what_has_not_changed_is_not_sent_again(web: Web, make: MakeFetcher) -> None:
    """The validators of the last answer make the next one a 304."""
    web.put(HOST, "/feed", b"x").etag = '"v1"'
    url = web.url(HOST, "/feed")
    assert await make().fetch(url, Kind.FEED, etag='"v1"', last_modified="yesterday") == NotModified(url)
    assert web.asked[0].headers["If-Modified-Since"] == "yesterday"


async def test_we_say_who_we_are(web: Web, make: MakeFetcher) -> None:
    """An honest user agent with the contact from the configuration, and no encodings that we cannot bound."""
    web.put(HOST, "/", "x")
    await make(contact="https://desk.example/marsad").fetch(web.url(HOST), Kind.PAGE)
    assert web.asked[0].headers["User-Agent"] == f"marsad/{__version__} (+https://desk.example/marsad)"
    assert web.asked[0].headers["Accept-Encoding"] == "gzip, deflate"


async def test_permanent_redirects_say_where_it_lives_now(web: Web, make: MakeFetcher) -> None:
    """Only when every step was permanent; a cookie set on the way is not sent back."""
    web.put(HOST, "/new", "x")
    web.redirect(HOST, "/old", "/older", 301)
    web.redirect(HOST, "/older", web.url(HOST, "/new"), 308)
    web.redirect(HOST, "/elsewhere", "/old", 302)
    fetcher = make()
    moved = await fetcher.fetch(web.url(HOST, "/old"), Kind.FEED)
    not_moved = await fetcher.fetch(web.url(HOST, "/elsewhere"), Kind.FEED)
    assert isinstance(moved, Fetched)
    assert isinstance(not_moved, Fetched)
    assert (moved.moved_to, not_moved.moved_to) == (web.url(HOST, "/new"), None)
    assert not_moved.final_url == web.url(HOST, "/new")


async def test_a_body_of_200_mb_is_left_unread(web: Web, make: MakeFetcher) -> None:
    """The fetch stops at the limit; neither side moves the rest, and memory stays small."""
    web.endless(HOST, "/big", megabytes=200)
    fetcher = make(max_bytes=2_000_000)
    tracemalloc.start()
    cause, message = await _cause(fetcher, web.url(HOST, "/big"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (cause, "more than 2000000 bytes" in message) == (FetchCause.TOO_LARGE, True)
    assert peak < 12_000_000
    assert web.sent_bytes < 20_000_000


async def test_a_length_that_is_announced_is_believed(web: Web, make: MakeFetcher) -> None:
    """Nothing of a body that says it is too large is read."""
    web.put(HOST, "/big", b"x" * 3_000_000)
    cause, message = await _cause(make(), web.url(HOST, "/big"))
    assert (cause, "it says that it has 3000000 bytes" in message) == (FetchCause.TOO_LARGE, True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_stopped_while_it_streams(web: Web, make: MakeFetcher, encoding: str) -> None:
    """A gigabyte in a megabyte: never more than the limit is in memory."""
    size = web.gzip_bomb(HOST, "/bomb", megabytes=300, encoding=encoding)
    fetcher = make(max_bytes=2_000_000)
    tracemalloc.start()
    cause, message = await _cause(fetcher, web.url(HOST, "/bomb"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (cause, "decompresses to more than 2000000 bytes" in message) == (FetchCause.TOO_LARGE, True)
    assert size < 2_000_000
    assert peak < 12_000_000


async def test_brotli_that_was_not_asked_for_is_refused(web: Web, make: MakeFetcher) -> None:
    """There is no decoder to bomb."""
    web.put(HOST, "/br", b"\x0b\x02\x80hello\x03").headers["Content-Encoding"] = "br"
    assert (await _cause(make(), web.url(HOST, "/br")))[0] == FetchCause.BAD_ENCODING


async def test_a_redirect_loop_ends(web: Web, make: MakeFetcher) -> None:
    """After the allowed number of redirects, with a message that says so."""
    web.redirect(HOST, "/a", "/b")
    web.redirect(HOST, "/b", "/a")
    cause, message = await _cause(make(max_redirects=4), web.url(HOST, "/a"))
    assert (cause, "redirects more than 4 times" in message, len(web.asked)) == (FetchCause.REDIRECTS, True, 5)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://news.example/", "http://user:pw@news.example/", "http://["]
)
async def test_a_redirect_to_what_is_no_web_address_is_refused(web: Web, make: MakeFetcher, location: str) -> None:
    """Each hop is checked like the first."""
    web.redirect(HOST, "/a", location)
    with pytest.raises(FetchError) as caught:
        await make().fetch(web.url(HOST, "/a"), Kind.PAGE)
    assert caught.value.cause == FetchCause.BAD_URL
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.7", "192.168.1.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["::1"]]
)
async def test_a_host_with_a_private_address_is_refused(web: Web, make: MakeFetcher, addresses: list[str]) -> None:
    """Nothing is connected to; the message names host and address and the setting that allows it."""
    web.resolver.answers["evil.example"] = addresses
    cause, message = await _cause(make(), web.url("evil.example", "/"))
    assert cause == FetchCause.PRIVATE_ADDRESS
    assert all(word in message for word in ("evil.example", addresses[0], "fetch.allow_hosts"))
    assert web.asked == []


@pytest.mark.parametrize("literal", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254"])  # noqa: S104
async def test_a_private_address_written_in_the_url_is_refused(web: Web, make: MakeFetcher, literal: str) -> None:
    """An address in the URL passes no resolver, and is checked all the same."""
    assert (await _cause(make(), web.url(literal, "/")))[0] == FetchCause.PRIVATE_ADDRESS
    assert web.asked == []


@pytest.mark.parametrize("literal", ["2130706433", "0x7f.1", "127.1", "017700000001"])
async def test_an_address_in_disguise_is_not_reached(web: Web, make: MakeFetcher, literal: str) -> None:
    """Numbers that old resolvers take for 127.0.0.1."""
    with pytest.raises(FetchError):
        await make().fetch(web.url(literal, "/"), Kind.PAGE)
    assert web.asked == []


@pytest.mark.parametrize("target", ["127.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]"])
async def test_a_redirect_to_a_private_address_is_refused(web: Web, make: MakeFetcher, target: str) -> None:
    """The first host is allowed by name, the one that it points to is not."""
    web.redirect(HOST, "/a", web.url(target, "/secret"))
    assert (await _cause(make(), web.url(HOST, "/a")))[0] == FetchCause.PRIVATE_ADDRESS
    assert [asked.path for asked in web.asked] == ["/a"]


async def test_a_name_that_changes_its_address_gains_nothing(web: Web, make: MakeFetcher) -> None:
    """DNS rebinding: public at the first look, private when it is connected to. Only the connection counts."""
    web.resolver.answers["evil.example"] = ["127.0.0.1"]
    web.redirect(HOST, "/a", web.url("evil.example", "/secret"))
    fetcher = make()
    for _ in range(2):
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(web.url(HOST, "/a"), Kind.PAGE)
        assert caught.value.cause == FetchCause.PRIVATE_ADDRESS
    assert web.requests("evil.example") == []


async def test_allowing_one_host_allows_no_other_at_the_same_address(web: Web, make: MakeFetcher) -> None:
    """A connection that is kept alive serves the name it was opened for."""
    web.put(HOST, "/", "x")
    fetcher = make()
    await fetcher.fetch(web.url(HOST), Kind.PAGE)
    assert (await _cause(fetcher, web.url("other.example", "/")))[0] == FetchCause.PRIVATE_ADDRESS


@pytest.mark.parametrize(
    "url", ["ftp://news.example/", "file:///etc/passwd", "news.example/feed", "http://", "", "http://a b/"]
)
async def test_what_is_no_web_address_is_refused(make: MakeFetcher, url: str) -> None:
    """Only http and https, and only whole addresses."""
    with pytest.raises(FetchError) as caught:
        await make().fetch(url, Kind.PAGE)
    assert caught.value.cause in {FetchCause.BAD_URL, FetchCause.UNRESOLVED, FetchCause.PRIVATE_ADDRESS}
    assert caught.value.url == url


async def test_a_password_in_a_url_is_refused_and_not_repeated(make: MakeFetcher) -> None:
    """Addresses go into logs and alerts."""
    with pytest.raises(FetchError, match="user or password") as caught:
        await make().fetch("http://me:hunter2@news.example/", Kind.PAGE)
    assert "hunter2" not in f"{caught.value}{caught.value.url}"


@pytest.mark.parametrize(
    ("status", "cause", "permanent"),
    [
        (404, FetchCause.NOT_FOUND, True),
        (410, FetchCause.GONE, True),
        (403, FetchCause.REFUSED, True),
        (429, FetchCause.RATE_LIMITED, False),
        (500, FetchCause.SERVER_ERROR, False),
        (503, FetchCause.SERVER_ERROR, False),
        (304, FetchCause.BAD_RESPONSE, False),
    ],
)
async def test_a_refusal_says_whether_to_come_back(
    web: Web, make: MakeFetcher, status: int, cause: FetchCause, *, permanent: bool
) -> None:
    """And when: Retry-After comes along."""
    web.put(HOST, "/", "x")
    page = web.pages[HOST, "/"]
    assert isinstance(page, Page)
    page.status, page.headers = status, {"Retry-After": "120"}
    with pytest.raises(FetchError) as caught:
        await make().fetch(web.url(HOST), Kind.PAGE)
    error = caught.value
    assert (error.cause, error.permanent, error.retry_after) == (cause, permanent, timedelta(seconds=120))


async def test_a_slow_drip_is_cut_off_in_time(web: Web, make: MakeFetcher) -> None:
    """The time limit is one on the whole fetch, not on the wait between two bytes."""
    web.slow_drip(HOST, "/drip")
    cause, message = await _cause(make(timeout=timedelta(seconds=0.3)), web.url(HOST, "/drip"))
    assert (cause, "was not done within 0.3 s" in message) == (FetchCause.TIMEOUT, True)


@asynccontextmanager
async def _server(*parts: bytes) -> AsyncIterator[int]:
    """A server that reads nothing, sends these bytes as fast as it may, and then says nothing more; its port."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.01)
            await over.wait()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    over, serving = asyncio.Event(), list[asyncio.Task[None] | None]()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])
        over.set()
        await asyncio.gather(*filter(None, serving))


@pytest.mark.parametrize(
    "parts",
    [(), (b"HTTP/1.1 200 O", *[b"K"] * 200), (b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 200)],
    ids=["silent", "drip", "headers"],
)
async def test_a_server_that_does_not_come_to_its_answer_is_left(make: MakeFetcher, parts: Sequence[bytes]) -> None:
    """Whether it says nothing or drips its head; the operator is told that it could be connected to."""
    async with _server(*parts) as port:
        fetcher = make(connect_timeout="400ms", first_byte_timeout="200ms")
        cause, message = await _cause(fetcher, f"http://{HOST}:{port}/")
    assert cause == FetchCause.FIRST_BYTE_TIMEOUT
    assert f"{HOST} was connected to, and did not answer within 0.2 s" in message


async def test_a_server_that_falls_silent_in_its_answer_is_left(make: MakeFetcher) -> None:
    """Long before the time that a whole fetch may take."""
    async with _server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") as port:
        cause, message = await _cause(make(first_byte_timeout="200ms"), f"http://{HOST}:{port}/")
    assert cause == FetchCause.TIMEOUT
    assert f"{HOST} sent nothing for 0.2 s in the midst of its answer" in message


async def test_a_port_that_does_not_accept_is_left(make: MakeFetcher) -> None:
    """A full queue of connections is what a machine in trouble has; others are packets that come to nothing."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = listening.getsockname()
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(address)
        cause, message = await _cause(make(connect_timeout="200ms"), f"http://{HOST}:{address[1]}/")
    assert (cause, f"{HOST} was not connected to within 0.2 s" in message) == (FetchCause.CONNECT_TIMEOUT, True)


async def test_a_server_that_does_not_agree_on_tls_is_left(make: MakeFetcher) -> None:
    """It accepts the connection, which is of no use."""
    async with _server() as port:
        cause, _ = await _cause(make(connect_timeout="200ms"), f"https://{HOST}:{port}/")
    assert cause == FetchCause.CONNECT_TIMEOUT


async def test_a_name_server_that_does_not_answer_is_left(make: MakeFetcher, web: Web) -> None:
    """The name is a part of connecting."""

    async def never(*_: object, **__: object) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError

    web.resolver.resolve = never  # type: ignore[method-assign]  # one that is away
    cause, _ = await _cause(make(connect_timeout="200ms"), web.url(HOST))
    assert cause == FetchCause.CONNECT_TIMEOUT


async def test_a_name_that_does_not_exist_is_a_soft_failure(web: Web, make: MakeFetcher) -> None:
    """Name servers fail for a while."""
    web.resolver.failing.add("gone.example")
    with pytest.raises(FetchError, match=r"no address was found for gone\.example") as caught:
        await make().fetch("http://gone.example/", Kind.FEED)
    assert (caught.value.cause, caught.value.permanent) == (FetchCause.UNRESOLVED, False)


@pytest.mark.parametrize(
    ("answer", "causes"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", {FetchCause.BAD_RESPONSE}),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", {FetchCause.BAD_RESPONSE}),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 50_000 + b"\r\n", {FetchCause.BAD_RESPONSE}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", {FetchCause.BAD_RESPONSE}),
        (b"HTTP/1.1 302 Found\r\n\r\n", {FetchCause.REDIRECTS}),
        (b"", {FetchCause.UNREACHABLE}),
    ],
)
async def test_what_is_not_sound_http_is_said_to_be_so(
    make: MakeFetcher, answer: bytes, causes: set[FetchCause]
) -> None:
    """Other protocols, header bombs, bodies cut short, a connection that closes at once."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        cause, _ = await _cause(make(), f"http://{HOST}:{port}/")
    assert cause in causes


async def test_a_port_where_nobody_listens_is_unreachable(make: MakeFetcher, unused_tcp_port: int) -> None:
    """Refused connections are soft."""
    assert (await _cause(make(), f"http://{HOST}:{unused_tcp_port}/"))[0] == FetchCause.UNREACHABLE


async def test_a_certificate_nobody_trusts_is_refused(web: Web, make: MakeFetcher) -> None:
    """TLS is verified; with the authority known, the same server is read."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    app = http.Application()

    async def answer(_request: http.Request) -> http.Response:
        return http.Response(text="secure")

    app.router.add_get("/", answer)
    runner = http.AppRunner(app, access_log=None)
    await runner.setup()
    site = http.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    url = f"https://{HOST}:{runner.addresses[0][1]}/"
    settings = FetchSettings(allow_hosts=(HOST,))
    async with Fetcher(settings, Metrics(), resolver=web.resolver, tls=trusting) as trusted:
        assert (await _cause(make(), url))[0] == FetchCause.TLS
        fetched = await trusted.fetch(url, Kind.PAGE)
    await runner.cleanup()
    assert isinstance(fetched, Fetched)
    assert fetched.body == b"secure"


async def test_fetches_are_counted_with_their_bytes(web: Web, make: MakeFetcher) -> None:
    """By kind and outcome."""
    web.put(HOST, "/", "hello")
    fetcher = make()
    await fetcher.fetch(web.url(HOST), Kind.FEED)
    sample = fetcher.metrics.registry.get_sample_value
    assert sample("marsad_fetches_total", {"kind": "feed", "outcome": "ok"}) == 1
    assert sample("marsad_fetched_bytes_total", {"kind": "feed"}) == 5


async def test_a_proxy_is_used_for_everything(web: Web) -> None:
    """It is asked for the whole address; addresses that are not public are kept from it, unless they are allowed."""
    asked: list[str] = []

    async def forward(request: http.Request) -> http.Response:
        asked.append(request.raw_path)
        return http.Response(text="through the proxy")

    app = http.Application()
    app.router.add_route("*", "/{tail:.*}", forward)
    runner = http.AppRunner(app, access_log=None)
    await runner.setup()
    site = http.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    settings = FetchSettings.model_validate({"proxy": f"http://127.0.0.1:{runner.addresses[0][1]}"})
    async with Fetcher(settings, Metrics(), resolver=web.resolver) as fetcher:
        fetched = await fetcher.fetch("http://news.example/feed", Kind.FEED)
        assert isinstance(fetched, Fetched)
        assert fetched.body == b"through the proxy"
        for host in ("127.0.0.1", "[::1]", "169.254.169.254", "localhost", "127.1", "0x7f000001", "[::ffff:10.0.0.1]"):
            with pytest.raises(FetchError, match="not public"):
                await fetcher.fetch(f"http://{host}/", Kind.PAGE)
    await runner.cleanup()
    assert asked == ["http://news.example/feed"]


async def test_a_server_that_repeats_our_log_in_had_it_written_into_the_log(web: Web, make: MakeFetcher) -> None:
    """In its words for a status; those are ours, and so is what becomes of one that nobody knows."""

    def answer(status: int) -> Callable[[http.Request], http.Response]:
        return lambda request: http.Response(status=status, reason=f"not for {request.headers['Authorization']}")

    web.pages[HOST, "/known"], web.pages[HOST, "/unknown"] = answer(403), answer(499)
    caller = Caller(authorization=SecretStr("Basic s3cr3t"), origin=web.url(HOST, ""))
    problems = []
    for path in ("/known", "/unknown"):
        with pytest.raises(FetchError) as caught:
            await make().fetch(web.url(HOST, path), Kind.FEED, caller=caller)
        problems.append(str(caught.value).removeprefix(f"{web.url(HOST, path)}: "))
    assert (web.asked[0].headers["Authorization"], problems) == (
        "Basic s3cr3t",
        ["answers 403 Forbidden", "answers 499"],
    )


async def test_a_page_with_a_long_security_policy_was_not_sound_http(web: Web, make: MakeFetcher) -> None:
    """Some sites name hundreds of hosts in one header, which browsers take."""
    web.put(HOST, "/a", "x").headers["Content-Security-Policy"] = "https://cdn.example " * 800
    assert isinstance(await make().fetch(web.url(HOST, "/a"), Kind.PAGE), Fetched)


async def test_a_link_header_with_a_broken_address_was_a_defect(web: Web, make: MakeFetcher) -> None:
    """An IndexError put the article on the dead letters; the page is read, and names no hub."""
    web.put(HOST, "/a", "x").headers["Link"] = '<http://]a[@>; rel="hub"'
    fetched = await make().fetch(web.url(HOST, "/a"), Kind.PAGE)
    assert isinstance(fetched, Fetched)
    assert (fetched.body, fetched.hub) == (b"x", None)


@pytest.mark.parametrize("host", ["www..example.com", f"{'a' * 64}.example"])
async def test_a_host_that_cannot_be_was_tried_again(host: str) -> None:
    """It is no address, and stays none."""
    async with Fetcher(FetchSettings(), Metrics()) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(f"http://{host}/", Kind.PAGE)
    assert (caught.value.cause, caught.value.permanent) == (FetchCause.BAD_URL, True)


async def test_a_host_allowed_by_its_ascii_name_was_refused(web: Web, make: MakeFetcher) -> None:
    """As it stands in addresses that programs write."""
    name = "xn--mgbh0fb.example"
    web.put(name, "/a", "x")
    assert isinstance(await make(allow_hosts=[name]).fetch(web.url(name, "/a"), Kind.PAGE), Fetched)
