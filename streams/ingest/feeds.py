"""Reads a feed: RSS 0.9x to 2.0, RDF, Atom, JSON Feed or a sitemap of news; bytes in, entries out. Pure.

feedparser is never given an address.

What feedparser reads is decoded and disarmed here first: it is given UTF-8, without characters that XML forbids or
references to such, and refused entities that multiply.
"""

from __future__ import annotations

import calendar
import io
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser

from streams.ingest import encodings, texts
from streams.ingest.causes import FetchCause, failure
from streams.ingest.dates import agrees, is_numeric, moment_of, precision_of
from streams.ingest.entries import MAX_ENTRIES, Entry, Feed, absolute, language_of
from streams.ingest.glance import ROOT, SITEMAP_ROOTS
from streams.ingest.inflate import unpacked
from streams.ingest.json_feed import read_json_feed
from streams.ingest.sitemap import read_sitemap
from streams.messages import DatePrecision

_ENTITY_LENGTH = 200
_ENTITY = re.compile(r"""<!ENTITY\s+(%\s+)?\S+\s+(?:(SYSTEM|PUBLIC)\b|"([^"]*)"|'([^']*)')""")
_CHARACTER_SETS = re.compile(r"""<!ENTITY\s+%\s+(\w+)\s+PUBLIC\s+"-//W3C//ENTITIES [^"]*"\s+"[^"]*"\s*>\s*%\1;""")
"""The names of characters as XHTML has them, which everybody knows without fetching them."""

_REFERENCE = re.compile(r"&(?!#|(?:amp|lt|gt|quot|apos);)|%\w")
_ENTRY = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s>/]")
_CAPTION = re.compile(
    r"<media:description\b[^<>]*(?<!/)>(?:[^<]*|\s*<!\[CDATA\[[^\]]{0,5000}\]\]>\s*)</media:description\s*>"
)
"""feedparser takes the caption of a picture for a text of the entry."""

_CHARACTER = re.compile(r"&#(?:([0-9]+)|[xX]([0-9a-fA-F]+));?")
_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>")
_DATES = ("published", "updated", "created")
"""What says when an entry was published, best first."""

log = logging.getLogger(__name__)


def read_feed(raw: bytes, url: str | None = None, content_type: str | None = None) -> Feed:
    """The feed in `raw`, which came from `url` with the header `content_type`.

    Raises:
        FetchError: it is no feed (cause `not_a_feed`): HTML, an entity bomb, more entries than a feed has.
    """
    name, raw = url or "feed", unpacked(raw)
    markup = texts.printable(encodings.decode(raw, header=encodings.charset_of(content_type)))
    markup = _PROLOG.sub("", markup.lstrip("\ufeff \t\r\n"))
    if markup[:1] in {"{", "["}:
        return read_json_feed(markup, url, name)
    markup = _CHARACTER.sub(_sound, markup)
    _refuse_unfit(markup, name)
    if (root := ROOT.search(markup)) and root[1].lower() in SITEMAP_ROOTS:
        return read_sitemap(markup, url, name)
    try:
        parsed = _parsed_by_feedparser(bare := _CAPTION.sub("", markup), url)
        feed = _feed_of(parsed, url)
        if len(bare) < len(markup):
            feed = _with_captions(feed, _feed_of(_parsed_by_feedparser(markup, url), url))
    except MemoryError:
        raise
    except Exception as error:
        # feedparser's loose parser works on whatever comes; what it raises on hostile input is anybody's guess.
        log.debug("reading %s failed", name, exc_info=True)
        raise failure(FetchCause.NOT_A_FEED, f"cannot be read: {type(error).__name__}: {error}", url=name) from error
    known = parsed.get("version") or (root and root[1].lower() == "channel")
    if not known and not feed.entries:
        raise failure(FetchCause.NOT_A_FEED, f"is not a feed: {_what_it_is(markup)}", url=name)
    return feed


def _parsed_by_feedparser(markup: str, url: str | None) -> Any:
    """`Any`, because it has no types. Its sanitizer and its resolver of links are off: texts lose all markup here."""
    return feedparser.parse(
        io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>\n' + markup.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url or ""},
        resolve_relative_uris=False,
        sanitize_html=False,
    )


def _with_captions(feed: Feed, captioned: Feed) -> Feed:
    """The feed, in which what tells of a picture or film is the text of entries that have no other, as of channels."""
    if len(feed.entries) != len(captioned.entries):
        return captioned
    pairs = zip(feed.entries, captioned.entries, strict=True)
    return replace(feed, entries=tuple(entry if entry.text else other for entry, other in pairs))


def _sound(reference: re.Match[str]) -> str:
    """A reference to a character as it stands, or U+FFFD where there is no such character: one costs feedparser all."""
    decimal, hexadecimal = reference.groups()
    digits = (decimal or hexadecimal).lstrip("0")[:8]  # 0x10FFFF has seven decimal digits
    number = int(digits or "0", 10 if decimal else 16)
    known = number < 0x110000 and not 0xD800 <= number < 0xE000 and texts.printable(chr(number))  # noqa: PLR2004  # Unicode's own numbers
    return reference[0] if known else "\ufffd"


def _refuse_unfit(markup: str, name: str) -> None:
    """Raises FetchError for what is no feed at a glance, before anything expands or parses it."""
    root = ROOT.search(markup)
    declarations = _CHARACTER_SETS.sub("", markup[: root.start()] if root else markup)
    for parameter, external, double, single in _ENTITY.findall(declarations):
        value = double or single
        if parameter or external or len(value) > _ENTITY_LENGTH or _REFERENCE.search(value):
            message = "is refused: it declares entities that multiply or lie outside (an entity bomb?)"
            raise failure(FetchCause.NOT_A_FEED, message, url=name)
    count = sum(1 for _ in _ENTRY.finditer(markup))
    if count > MAX_ENTRIES:
        raise failure(FetchCause.NOT_A_FEED, f"has {count} entries, at most {MAX_ENTRIES} are read", url=name)
    if root is None or (root[1].lower() == "html" and not count):
        raise failure(FetchCause.NOT_A_FEED, f"is not a feed: {_what_it_is(markup)}", url=name)


def _what_it_is(markup: str) -> str:
    """For the operator who has to find the feed's right address."""
    root = ROOT.search(markup)
    if not markup.strip():
        return "it is empty"
    if root is None:
        return f"it begins with {markup[:40]!r}"
    if root[1].lower() == "html":
        return "it is an HTML page; look in it for a link to the feed"
    return f"its root element is <{root[1]}>"


def _feed_of(parsed: Any, url: str | None) -> Feed:
    """Our feed of feedparser's; `Any`, because it has no types."""
    about = parsed.get("feed", {})
    trouble = parsed.get("bozo_exception") if parsed.get("bozo") else None
    links = {str(link.get("rel")): absolute(_word(link.get("href")), url or "") for link in about.get("links") or ()}
    return Feed(
        entries=tuple(_entry_of(entry, url or "") for entry in parsed.get("entries", ())),
        title=texts.title_of(_word(about.get("title"))),
        language=language_of(_word(about.get("language"))),
        problem=texts.title_of(f"{type(trouble).__name__}: {trouble}") if trouble else None,
        hub=links.get("hub"),
        topic=links.get("self"),
    )


def _entry_of(entry: Any, base: str) -> Entry:
    own_id = _word(entry.get("id")).strip() or None
    published, precision = _dated(entry, _DATES)
    links = list(_links(entry, own_id))
    link = next(filter(None, (absolute(link, base) for link in links)), None)
    text = max(map(texts.text_of, _bodies(entry)), key=len, default="")
    summary = texts.text_of(_word(entry.get("summary")))
    stated = "" if link else next(filter(None, (texts.printable(stated).strip() for stated in links)), "")
    return Entry(
        title=texts.title_of(
            _word(entry.get("title")),
            # Markup of XML's own is no text that was escaped too often.
            escaped_once=(entry.get("title_detail") or {}).get("type") == "application/xhtml+xml",
        ),
        text=text,
        link=link,
        own_id=texts.printable(own_id)[:1000] if own_id else None,
        published=published,
        date_precision=precision,
        authors=tuple(dict.fromkeys(filter(None, map(texts.title_of, _authors(entry))))),
        summary=summary if summary != text else "",
        stated_link=stated[:1000] or None,
        updated=_dated(entry, ("updated",))[0],
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _bodies(entry: Any) -> Iterator[str]:
    for content in entry.get("content") or ():
        yield _word(content.get("value"))
    yield _word(entry.get("summary"))


def _links(entry: Any, own_id: str | None) -> Iterator[str]:
    """The address of the article's page, best first; an id that is a URL serves where there is no link."""
    yield _word(entry.get("link"))
    for link in entry.get("links") or ():
        if link.get("rel", "alternate") == "alternate":
            yield _word(link.get("href"))
    if own_id and re.match(r"https?://", own_id):
        yield own_id


def _authors(entry: Any) -> Iterator[str]:
    for author in entry.get("authors") or ():
        yield _word(author.get("name")) or _word(author.get("email"))
    yield _word(entry.get("author")) if not entry.get("authors") else ""


def _dated(entry: Any, keys: Sequence[str]) -> tuple[datetime | None, DatePrecision | None]:
    """The first date that one of these elements states.

    feedparser, which is asked what we do not know, gives UTC; it takes zones, halves of the day and days for others.
    """
    for read in (lambda entry, key: moment_of(_word(entry.get(key))), _parsed):
        for key in keys:
            if key in entry and (moment := read(entry, key)):
                return moment, precision_of(_word(entry.get(key)))
    return None, None


def _parsed(entry: Any, key: str) -> datetime | None:
    said = _word(entry.get(key))
    if is_numeric(said):
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(entry.get(f"{key}_parsed")), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return moment if agrees(said, moment) else None
