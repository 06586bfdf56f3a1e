"""What is asked for over HTTP, by whom, and what comes back. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr


class Kind(StrEnum):
    """What is fetched: the metrics' label, and what is asked for."""

    FEED = "feed"
    PAGE = "page"
    ROBOTS = "robots"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: what was fetched last time still stands."""

    url: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A redirect that leads away from the host asked: `url` is where to. `permanent` where every redirect was."""

    url: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, decompressed. `final_url` is where it was found, `moved_to` where it lives from now on.

    `moved_to` is set when every redirect on the way was a permanent one. `hub` and `topic` are the links of the header
    with these relations (`hub`, `self`). `etag` and `last_modified` go back into the
    next conditional request as they are.
    """

    body: bytes
    final_url: str
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    hub: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, where it is not `Fetcher.user_agent`; `authorization` is sent to `origin` alone, as `https://a.example`."""

    user_agent: str | None = None
    authorization: SecretStr | None = None
    origin: str | None = None


NOBODY = Caller()
