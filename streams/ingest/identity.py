"""Which article an address or an id means: the canonical form of a URL, and the article's id. Pure.

Publishers change feed ids at will, so the address identifies an article wherever there is one. courlan's cleaning is
not used for it: its tracker expression matches the beginning of a parameter's name, so that `gallery=7` and
`reference=7` count as trackers and two articles become one, which loses one of them. What it lists by full name is
taken over here. A canonical URL is compared, never fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from yarl import URL

from streams.ingest.addresses import url_of

_TRACKERS = frozenset(
    """
    fbclid gclid dclid gbraid wbraid gclsrc msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id epik
    mc_cid mc_eid mkt_tok oly_anon_id oly_enc_id vero_id vero_conv _ga _gl _hsenc _hsmi __hstc __hssc __hsfp
    s_cid cmp cmpid ocid ncid xtor spm smid smtyp wt_mc maca ref_src ref_url referrer traffic_source
    phpsessid jsessionid sessionid
    """.split()  # noqa: SIM905  # a table to be read, not fifty lines
)
"""Parameters that say whence a reader came, never what he reads. From ClearURLs, Adguard's TrackParamFilter and the
feeds of newspapers (`maca` Deutsche Welle, `traffic_source` Al Jazeera, `smid` New York Times, `CMP` Guardian)."""

_TRACKER_PREFIXES = ("utm_", "at_", "ns_", "pk_", "piwik_", "mtm_", "matomo_", "itm_", "hsa_", "oly_")
_ORIGINS = frozenset({"rss", "feed", "feeds", "rssfeed", "twitter", "facebook", "telegram", "whatsapp", "newsletter"})
_ORIGIN_NAMES = frozenset({"ref", "source", "src", "from", "via", "share", "output", "partner"})
_VARIANT_NAMES = frozenset({"amp", "outputtype", "output"})
_VARIANT_VALUES = frozenset({"", "1", "true", "amp"})
_VARIANT_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.])")
_AMP_PATH = re.compile(r"^/amp(?=/.)|/amp/?$|\.amp(?=\.html?$)|\.amp$", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE)


def canonical_url(url: str) -> str:
    """The one form of all addresses of an article.

    Scheme always https, host lower-case in ASCII (IDNA) without `www.`, `m.`, `mobile.` or `amp.`, no user, no default
    port, dot segments resolved, percent-encoding in one case and only where needed, no AMP marks, no session ids, no
    slash at the end, parameters sorted without trackers, no fragment but `#!...`.

    Raises:
        ValueError: it is not an http or https URL.
    """
    parsed = url_of(url)
    if parsed.scheme not in {"http", "https"} or not parsed.raw_host:
        raise ValueError(f"{url!r} is not an http:// or https:// address")
    host = _VARIANT_HOST.sub("", parsed.raw_host.rstrip("."))
    port = f":{parsed.port}" if parsed.port not in {80, 443} else ""
    path = _AMP_PATH.sub("", _SESSION.sub("", re.sub(r"/{2,}", "/", parsed.raw_path))).rstrip("/")
    query = "&".join(sorted(_kept(parsed.raw_query_string)))
    fragment = f"#{parsed.raw_fragment}" if parsed.raw_fragment.startswith("!") else ""
    name = f"[{host}]" if ":" in host else host
    return f"https://{name}{port}{path}" + (f"?{query}" if query else "") + fragment


def _kept(query: str) -> Iterator[str]:
    """The parameters that say what is read, as they stand."""
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        name, value = name.lower(), value.lower()
        tracks = name in _TRACKERS or name.startswith(_TRACKER_PREFIXES)
        whence = name in _ORIGIN_NAMES and value in _ORIGINS
        variant = name in _VARIANT_NAMES and value in _VARIANT_VALUES
        if not (tracks or whence or variant):
            yield part


def article_id(*, source: str, url: str | None = None, own_id: str | None = None, content: str = "") -> str:
    """The id of an article: `c1:` and 96 bits of SHA-256 in hex, of the best that identifies it.

    Its canonical URL, wherever it came from; else an id that is itself a URL; else the id that its `source` gave it;
    else its `content` (title and text) in that source. 96 bits: among 10^9 articles a collision has odds of 10^-11.
    The version goes up when a change here would give known articles new ids.
    """
    for address in (url, own_id):
        try:
            return _digest("url", canonical_url(address or ""))
        except ValueError:
            continue
    return id_in_source(source, own_id) if own_id else _digest("content", source, content)


def id_in_source(source: str, own_id: str) -> str:
    """The id of an article by what its source calls it, also where that is an address."""
    return _digest("id", source, own_id)


def is_url(text: str) -> bool:
    """Whether it is an http or https URL."""
    try:
        canonical_url(text)
    except ValueError:
        return False
    return True


def is_front(url: str) -> bool:
    """Whether an address is that of a site as a whole."""
    parsed = URL(url)
    return parsed.path in {"", "/"} and not parsed.query_string


def id_within_site(url: str, canonical: str) -> str | None:
    """The id by what a page at `url` says is its canonical address; None where that is no other page of its site.

    A front page is none: sites that name it on all their pages are many.
    """
    try:
        here, there = canonical_url(url), canonical_url(canonical)
    except ValueError:
        return None
    if here == there or URL(here).authority != URL(there).authority or is_front(there):
        return None
    return article_id(source="", url=canonical)


def _digest(*parts: str) -> str:
    return "c1:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
