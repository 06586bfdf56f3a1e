"""A web on loopback for tests: virtual hosts by name on one server, pages that a test sets, and hostile ones.

`web.resolver` sends every name to the server, or to the address that the test gives it, so that a fetcher needs no
name server. The server keeps a log of what was asked of it.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web as http
from aiohttp.abc import AbstractResolver, ResolveResult

Answer = Callable[[http.Request], "http.StreamResponse | asyncio.Future[http.StreamResponse]"]
MEGABYTE = 1_000_000


@dataclass(slots=True)
class Asked:
    """One request as the server saw it, with the loop's time at which it began."""

    host: str
    path: str
    at: float
    headers: Mapping[str, str]


@dataclass(slots=True)
class Page:
    """What is at one address. `etag` makes it answer 304; `delay` waits before the answer."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    delay: float = 0.0


class LoopbackResolver(AbstractResolver):
    """Names to addresses as a test says; `failing` names do not exist. `answers` may change between two questions."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.failing: set[str] = set()
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        del family
        self.asked.append(host)
        if host in self.failing:
            raise OSError(None, f"{host} is not known here")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self.answers.get(host, ["127.0.0.1"])
        ]

    async def close(self) -> None:
        """Nothing to close."""


class Web:
    """The server. `put` sets a page, `url` gives its address; hostile answers are below."""

    def __init__(self) -> None:
        self.pages: dict[tuple[str, str], Page | Callable[[http.Request], object]] = {}
        self.asked: list[Asked] = []
        self.resolver = LoopbackResolver()
        self.sent_bytes = 0
        self.port = 0

    def url(self, host: str, path: str = "/") -> str:
        """The address of `path` on the virtual host."""
        return f"http://{host}:{self.port}{path}"

    def put(self, host: str, path: str, body: str | bytes, content_type: str = "text/html; charset=utf-8") -> Page:
        """Set what is at an address; the page may be changed further."""
        page = Page(body.encode() if isinstance(body, str) else body, content_type)
        self.pages[host, path] = page
        return page

    def requests(self, host: str, path: str | None = None) -> list[Asked]:
        """What was asked of a host."""
        return [asked for asked in self.asked if asked.host == host and path in {None, asked.path}]

    async def serve(self, request: http.Request) -> http.StreamResponse:
        """Answer one request."""
        host = request.host.rpartition(":")[0]
        loop = asyncio.get_running_loop()
        self.asked.append(Asked(host, request.path, loop.time(), dict(request.headers)))
        page = self.pages.get((host, request.path))
        if page is None:
            return http.Response(status=404, text="nothing here")
        if not isinstance(page, Page):
            answer = page(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
            assert isinstance(answer, http.StreamResponse)
            return answer
        if page.delay:
            await asyncio.sleep(page.delay)
        headers = {"Content-Type": page.content_type, **page.headers}
        if page.etag:
            headers["ETag"] = page.etag
            if request.headers.get("If-None-Match") == page.etag:
                return http.Response(status=304, headers=headers)
        return http.Response(status=page.status, body=page.body, headers=headers)

    def redirect(self, host: str, path: str, location: str, status: int = 302) -> None:
        """Redirect from one address to another."""
        self.pages[host, path] = Page(b"", status=status, headers={"Location": location})

    def endless(self, host: str, path: str, *, megabytes: int = 200, content_type: str = "text/html") -> None:
        """A body that goes on and on, in pieces of 64 KB, without saying how long it is."""

        async def answer(request: http.Request) -> http.StreamResponse:
            response = http.StreamResponse(headers={"Content-Type": content_type})
            await response.prepare(request)
            piece = b"<p>endless</p>\n" * 4_369
            for _ in range(megabytes * MEGABYTE // len(piece)):
                self.sent_bytes += len(piece)
                await response.write(piece)
            return response

        self.pages[host, path] = answer

    def gzip_bomb(self, host: str, path: str, *, megabytes: int = 1_000, encoding: str = "gzip") -> int:
        """A small body that decompresses to `megabytes`; answers how many bytes it has on the wire."""
        body = bomb(megabytes, encoding)
        self.pages[host, path] = Page(body, headers={"Content-Encoding": encoding})
        return len(body)

    def slow_drip(self, host: str, path: str) -> None:
        """A body that comes a byte at a time and never ends."""

        async def answer(request: http.Request) -> http.StreamResponse:
            response = http.StreamResponse(headers={"Content-Type": "text/html"})
            await response.prepare(request)
            while True:
                await response.write(b".")
                await asyncio.sleep(0.05)

        self.pages[host, path] = answer


def bomb(megabytes: int, encoding: str = "gzip") -> bytes:
    """`megabytes` of zeros, compressed."""
    wbits = zlib.MAX_WBITS | 16 if encoding == "gzip" else zlib.MAX_WBITS
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    piece = bytes(MEGABYTE)
    return b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()


def gzipped(body: bytes) -> bytes:
    """A body as a server sends it with `Content-Encoding: gzip`."""
    return gzip.compress(body, mtime=0)


@asynccontextmanager
async def serving(web: Web | None = None) -> AsyncIterator[Web]:
    """A running web, the one given or an empty one, on a free port of 127.0.0.1."""
    web = web or Web()
    app = http.Application()
    app.router.add_route("*", "/{tail:.*}", web.serve)
    runner = http.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = http.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    web.port = runner.addresses[0][1]
    try:
        yield web
    finally:
        await runner.cleanup()


ENTITY_BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE rss [
<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
<!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">
<!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">
<!ENTITY h "&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;">
]>
<rss version="2.0"><channel><title>&h;</title><item><title>&h;</title><link>http://a.example/1</link></item></channel></rss>
"""


def rss(*items: str, title: str = "News", head: str = "") -> bytes:
    """An RSS 2.0 feed with these items (see `item`)."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{title}</title>{head}'
        f"{''.join(items)}</channel></rss>"
    ).encode()


def item(title: str = "", link: str = "", text: str = "", *, guid: str = "", date: str = "") -> str:
    """One item of an RSS feed; what is empty is left out."""
    parts = {"title": title, "link": link, "description": text, "guid": guid, "pubDate": date}
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in parts.items() if value) + "</item>"


def article_page(title: str, *paragraphs: str, language: str = "en", head: str = "") -> str:
    """A page of an article among the furniture of a news site."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title} | The Site</title>
<meta property="og:title" content="{title}">{head}</head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav></header>
<main><article><h1>{title}</h1>{body}</article></main>
<aside class="related"><h2>Related</h2><ul><li><a href="/x">Forces shell the town of Elsewhere</a></li></ul></aside>
<footer><p>Support us with a donation. All rights reserved.</p></footer></body></html>"""
