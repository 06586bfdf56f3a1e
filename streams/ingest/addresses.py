"""What may be asked: addresses of the right form, and network addresses that are public. Pure.

Those are public that anybody may be sent to by a feed that anybody wrote.

An explicit table, because `ipaddress.is_global` changed its mind between Python releases. From the IANA registries of
special-purpose addresses (https://www.iana.org/assignments/iana-ipv4-special-registry,
https://www.iana.org/assignments/iana-ipv6-special-registry), read 2025.
"""

from __future__ import annotations

import ipaddress
import re

from yarl import URL

from streams.ingest.causes import FetchCause, failure

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # former 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise, long out of use
        "3fff::/20",
    )
)
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether `address` (an IP address in text, as a socket takes it) is one of the public internet.

    An IPv6 address that stands for an IPv4 one (mapped, or translated by NAT64) is judged as that. Anything that is
    no address is not public.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        elif parsed in _TRANSLATED:
            parsed = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        else:
            scoped = parsed.scope_id is not None
            return not scoped and parsed in _PUBLIC_6 and not any(parsed in network for network in _NOT_PUBLIC_6)
    return not any(parsed in network for network in _NOT_PUBLIC_4)


_FOREIGN = re.compile("[\udc80-\udcff]")
"""Bytes of a header that are no UTF-8, such as an address in windows-1256, as aiohttp hands them on."""


def url_of(text: str) -> URL:
    """The URL in a text, host and port examined.

    Raises:
        ValueError: it is none. yarl raises IndexError for some that are none, such as `http://]a[@`.
    """
    try:
        parsed = URL(text.strip())
        _ = parsed.raw_host, parsed.host, parsed.port
    except IndexError as error:
        raise ValueError(f"{text[:200]!r} has no sound host") from error
    return parsed


def address_of(text: str, url: str) -> URL:
    """The address to ask, checked for form.

    Raises:
        FetchError: not http(s), without a host, with a user in it, or not a URL at all.
    """
    try:
        parsed = url_of(text)
    except ValueError as error:
        raise failure(FetchCause.BAD_URL, f"is not a URL: {error}", url=url) from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        place = "" if text == url else f" (redirected to {text[:200]})"
        raise failure(FetchCause.BAD_URL, f"is not an http:// or https:// address{place}", url=url)
    if parsed.user is not None or parsed.password is not None:
        raise failure(FetchCause.BAD_URL, "has a user or password in it, which is refused", url=_hidden(parsed))
    return parsed.with_fragment(None)


def plain_host(name: str) -> str:
    """The one form of a host's name or address: in ASCII, an IPv6 address as short as it may be."""
    name = name.strip("[]").rstrip(".").lower()
    try:
        return URL.build(scheme="http", host=name).raw_host or name
    except ValueError:
        return name


def is_private(address: URL) -> bool:
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


def redirect_from(here: URL, location: str, url: str) -> URL:
    """Where an answer from `here` redirects to, checked for form.

    Raises:
        FetchError: as `address_of`, or it does not say where to.
    """
    if not location:
        raise failure(FetchCause.REDIRECTS, "redirects without saying where to", url=url)
    location = _FOREIGN.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", location)
    try:
        target = here.join(url_of(location))
    except ValueError as error:
        raise failure(FetchCause.BAD_URL, f"redirects to {location[:200]!r}, which is no URL", url=url) from error
    return address_of(str(target), url)
