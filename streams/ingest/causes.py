"""Why a fetch or a reading failed: the closed set of words behind `FetchError.cause`, metric labels and log lines."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from streams.errors import FetchError


class FetchCause(StrEnum):
    """One word for each way in which a URL can fail us."""

    BAD_URL = "bad_url"  # not http(s), user and password in it, not a URL at all
    PRIVATE_ADDRESS = "private_address"  # resolves to an address that is not public, and is not allowed by name
    UNRESOLVED = "unresolved"  # no such host, or the name server does not answer
    UNREACHABLE = "unreachable"  # refused, reset, no route
    TLS = "tls"  # certificate or handshake
    TIMEOUT = "timeout"  # not done within the time allowed
    CONNECT_TIMEOUT = "connect_timeout"  # no connection within the time allowed, TLS included
    FIRST_BYTE_TIMEOUT = "first_byte_timeout"  # connected, and no answer within the time allowed
    REDIRECTS = "redirects"  # more than allowed, or a redirect without a target
    TOO_LARGE = "too_large"  # more bytes than allowed, on the wire or decompressed
    BAD_ENCODING = "bad_encoding"  # a content-encoding we did not ask for, or a broken compressed stream
    BAD_RESPONSE = "bad_response"  # not HTTP, headers too large, cut short
    RATE_LIMITED = "rate_limited"  # 429
    SERVER_ERROR = "server_error"  # 5xx
    NOT_FOUND = "not_found"  # 404
    GONE = "gone"  # 410
    REFUSED = "refused"  # any other 4xx
    NOT_A_FEED = "not_a_feed"  # fetched, but no feed: HTML, an entity bomb, nothing
    NO_ARTICLE = "no_article"  # fetched, but no text of an article in it
    BROKEN_ENTRY = "broken_entry"  # an entry of a feed with neither a link nor a text
    EMPTY = "empty"  # fetched, and there is nothing in it
    SOFT_NOT_FOUND = "soft_not_found"  # answers 200 with a page that says there is none
    FRONT_PAGE = "front_page"  # leads to the site's front page, as many do for what is gone
    LOGIN_WALL = "login_wall"  # asks the reader to log in or subscribe
    CONSENT_WALL = "consent_wall"  # asks for consent to cookies, and shows nothing else
    BLOCKED = "blocked"  # takes us for a robot
    SCRIPT_ONLY = "script_only"  # an empty shell that a browser's scripts would fill
    ROBOTS = "robots"  # the site's robots.txt forbids it
    READ_TIMEOUT = "read_timeout"  # reading the page took too long
    READ_MEMORY = "read_memory"  # reading the page took too much memory
    READ_CRASH = "read_crash"  # the process that read the page died
    DEFECT = "defect"  # ours: an error that nobody foresaw


_PERMANENT = frozenset(
    {
        FetchCause.BAD_URL,
        FetchCause.PRIVATE_ADDRESS,
        FetchCause.REDIRECTS,
        FetchCause.TOO_LARGE,
        FetchCause.BAD_ENCODING,
        FetchCause.NOT_FOUND,
        FetchCause.GONE,
        FetchCause.REFUSED,
        FetchCause.NOT_A_FEED,
        FetchCause.NO_ARTICLE,
        FetchCause.BROKEN_ENTRY,
        FetchCause.EMPTY,
        FetchCause.SOFT_NOT_FOUND,
        FetchCause.FRONT_PAGE,
        FetchCause.LOGIN_WALL,
        FetchCause.CONSENT_WALL,
        FetchCause.SCRIPT_ONLY,
        FetchCause.ROBOTS,
        FetchCause.READ_TIMEOUT,
        FetchCause.READ_MEMORY,
    }
)
"""Trying these again within minutes gives the same answer; the others may pass by themselves."""


def failure(cause: FetchCause, message: str, *, url: str, retry_after: timedelta | None = None) -> FetchError:
    """The error for `cause`, with its permanence."""
    return FetchError(message, url=url, cause=cause, permanent=cause in _PERMANENT, retry_after=retry_after)
