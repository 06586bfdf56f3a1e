"""What a robots.txt allows (RFC 9309, and Crawl-delay as Protego reads it), and which host an address is of. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from protego import Protego

from streams.ingest.addresses import url_of

LONGEST_DELAY = timedelta(hours=1)
"""A longer Crawl-delay counts as this one: sites that ask for a day mean that they do not want to be crawled whole."""

_VERSIONED = re.compile(r"(?:^|(?<=[\r\n]))([ \t]*user-agent[ \t]*:[ \t]*[a-z_-]+)/[^\r\n]*", re.IGNORECASE)
"""A group named for an agent with its version, of which the product alone counts (RFC 9309, 2.2.1)."""

MAX_BYTES = 512_000
"""As much of a robots.txt as RFC 9309 asks to be read, 2.5."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site for one agent. `sitemaps` are those that it names."""

    rules: Protego
    agent: str

    def allow(self, url: str) -> bool:
        """Whether the page may be fetched."""
        return bool(self.rules.can_fetch(url, self.agent))

    @property
    def delay(self) -> timedelta:
        """How long the site wants us to wait between two fetches; zero where it says nothing."""
        rate = self.rules.request_rate(self.agent)
        seconds = max(self.rules.crawl_delay(self.agent) or 0.0, rate.seconds / max(rate.requests, 1) if rate else 0.0)
        return timedelta(seconds=min(max(seconds, 0.0), LONGEST_DELAY.total_seconds()))

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The addresses of the site's sitemaps."""
        return tuple(self.rules.sitemaps)


def read_robots(text: str, user_agent: str) -> Robots:
    """The rules in `text` for whoever calls himself `user_agent`; the empty text allows all."""
    return Robots(Protego.parse(_VERSIONED.sub(r"\1", text)), product_of(user_agent))


def within(robots: Robots, url: str) -> Callable[[str], bool]:
    """Whether a redirect from `url` leads to what these rules, which are of its origin alone, allow."""
    origin = origin_of(url)
    return lambda target: origin_of(target) == origin and robots.allow(target)


def product_of(user_agent: str) -> str:
    """The product token, by which a robots.txt speaks of an agent: `marsad` of `marsad/0.1 (+https://...)`."""
    found = re.match(r"[A-Za-z_-]+", user_agent.strip())
    return found[0] if found else user_agent


def host_of(url: str | None) -> str:
    """Whom a fetch concerns: the host without port and `www.`; "" where there is none."""
    try:
        return re.sub(r"^www\.(?=[^.]+\.)", "", (url_of(url or "").raw_host or "").rstrip(".").lower())
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """Scheme, host and port, of which there is one robots.txt."""
    return str(url_of(url).origin())
