"""Reads a page that lists articles, of a site without a feed: bytes in, entries out. Pure.

Links to articles are told from navigation by their shape: a headline's length, an address below the site that has a
number, a date or several words in it. What stays on the page from one poll to the next is old, like the entries of a
feed; a link of the navigation that passes for an article is read once, and found to be none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from cssselect import HTMLTranslator
from trafilatura.utils import load_html

from streams.ingest import encodings, texts
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import MAX_ENTRIES, Entry, Feed, absolute, base_of, language_of
from streams.ingest.identity import canonical_url
from streams.ingest.robots import host_of

_HEADLINE_LETTERS = 18
_HEADLINE_WORDS = 3
_FURNITURE = "ancestor::nav or ancestor::header or ancestor::footer or ancestor::form"
_NUMBERED = re.compile(r"\d{4,}|/\d{4}/\d{1,2}/|[?&](?:id|p|article|nid)=\d+", re.IGNORECASE)
_NO_ARTICLE = re.compile(
    r"/(?:tags?|categor(?:y|ies)|authors?|topics?|search|login|register|about|contact|privacy|terms|page)(?:/|$)"
    r"|\.(?:jpe?g|png|gif|webp|pdf|mp[34]|zip|xml)$",
    re.IGNORECASE,
)
_WORDS_IN_ADDRESS = 4


def read_list(raw: bytes, url: str, content_type: str | None = None, *, selector: str | None = None) -> Feed:
    """The articles that the page in `raw` links to, by `selector` (CSS) or by their shape, in the page's order.

    Raises:
        FetchError: there is none (cause `no_article`), or it is no HTML.
    """
    tree = load_html(encodings.decode(raw, header=encodings.charset_of(content_type)))
    if tree is None:
        raise failure(FetchCause.NO_ARTICLE, "is not an HTML page", url=url)
    titles: dict[str, Entry] = {}
    base = base_of(tree, url)
    for element in _links(tree, selector):
        entry = _entry_of(element, base)
        if entry.link is None or not (selector or _looks_like_an_article(entry, url)):
            continue
        key = canonical_url(entry.link)
        # A picture and a headline often lead to the same page: the longer text is the headline.
        if key not in titles or len(titles[key].title) < len(entry.title):
            titles[key] = entry
    if not titles:
        raise failure(FetchCause.NO_ARTICLE, "links to nothing that looks like an article", url=url)
    return Feed(
        entries=tuple(titles.values())[:MAX_ENTRIES],
        title=texts.title_of(" ".join(tree.xpath("//title/text()")[:1])),
        language=language_of(" ".join(tree.xpath("/html/@lang"))),
    )


def _links(tree: Any, selector: str | None) -> Iterator[Any]:
    """The links that may lead to articles; Any, because lxml has no types."""
    if selector is None:
        yield from tree.xpath(f"//a[@href][not({_FURNITURE})]")
        return
    for element in tree.xpath(HTMLTranslator().css_to_xpath(selector)):
        yield from [element] if element.tag == "a" else element.xpath(".//a[@href]")


def _entry_of(element: Any, base: str) -> Entry:
    title = texts.title_of(" ".join("".join(element.itertext()).split())) or texts.title_of(element.get("title") or "")
    return Entry(title=title, text="", link=_link(element.get("href") or "", base))


def _link(href: str, base: str) -> str | None:
    link = absolute(href, base)
    try:
        canonical_url(link or "")
    except ValueError:
        return None
    return link


def _looks_like_an_article(entry: Entry, base: str) -> bool:
    link = entry.link or ""
    if host_of(link) != host_of(base) or canonical_url(link) == canonical_url(base):
        return False
    parts = urlsplit(link)
    path = unquote(parts.path)
    if _NO_ARTICLE.search(path) or (path in {"", "/"} and not parts.query):
        return False
    headline = sum(map(str.isalpha, entry.title)) >= _HEADLINE_LETTERS and len(entry.title.split()) >= _HEADLINE_WORDS
    slug = len([word for word in re.split(r"[-_]", path.rstrip("/").rpartition("/")[2]) if word])
    return headline and (slug >= _WORDS_IN_ADDRESS or bool(_NUMBERED.search(f"{path}?{parts.query}")))
