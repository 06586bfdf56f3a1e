"""Reads the page of an article: bytes in, its text and what is known of it out. Pure.

trafilatura finds the text (A. Barbaresi, ACL 2021 demo), htmldate the day; what it is read from may be hostile, so
whatever they or lxml raise becomes a FetchError.
"""

from __future__ import annotations

import logging
import unicodedata
from typing import Any

import trafilatura
from trafilatura.settings import Document
from trafilatura.utils import load_html

from streams.errors import FetchError
from streams.ingest import encodings, page_dates, texts, walls
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import absolute, base_of, language_of
from streams.ingest.languages import language_of_text
from streams.ingest.layout import drop_linked_paragraphs, drop_tables_without_data, unwrap_layout_tables
from streams.ingest.pages import Page

MAX_ELEMENTS = 60_000
"""A page with more elements is refused: the longest real news pages have about 15,000, and reading time grows faster
than the page."""

MIN_LETTERS = 40
"""A text with fewer letters is no article: a caption, a cookie notice, an empty shell."""

log = logging.getLogger(__name__)


def read_page(raw: bytes, url: str | None = None, content_type: str | None = None) -> Page:
    """The article in the HTML page `raw`, which came from `url` with the header `content_type`.

    Raises:
        FetchError: there is no article in it (cause `no_article`), or it cannot be read as HTML.
    """
    name = url or "page"
    if not raw.strip():
        raise failure(FetchCause.EMPTY, "is empty", url=name)
    markup = encodings.decode(raw, header=encodings.charset_of(content_type))
    try:
        return _read_tree(_parse(markup, name), url, name)
    except (FetchError, MemoryError):
        raise
    except Exception as error:
        # Three libraries of heuristics on hostile input: any of them may raise anything, none of it is our caller's.
        log.debug("reading %s failed", name, exc_info=True)
        raise failure(FetchCause.NO_ARTICLE, f"cannot be read: {type(error).__name__}: {error}", url=name) from error


def _parse(markup: str, name: str) -> Any:
    """The tree of a page that is HTML and not larger than a page can be."""
    tree = load_html(markup)
    if tree is None:
        raise failure(FetchCause.NO_ARTICLE, "is not an HTML page", url=name)
    if (count := sum(1 for _ in tree.iter())) > MAX_ELEMENTS:
        raise failure(FetchCause.NO_ARTICLE, f"has {count} elements, no article has that many", url=name)
    return tree


def _read_tree(tree: Any, url: str | None, name: str) -> Page:
    """The page of a parsed tree; `Any`, because lxml has no types."""
    language, stated = _declared_language(tree), page_dates.stated_in(tree)
    canonical, sight = _canonical(tree, url), walls.sight_of(tree)
    unwrap_layout_tables(tree)
    drop_tables_without_data(tree)
    drop_linked_paragraphs(tree)
    document = trafilatura.bare_extraction(
        tree, url=url, include_comments=False, include_tables=True, with_metadata=True, output_format="python"
    )
    text = _paragraphs(document.text or "") if isinstance(document, Document) else ""
    found = isinstance(document, Document) and sum(map(str.isalpha, text)) >= MIN_LETTERS
    if wall := walls.wall_of(sight, text if found else ""):
        raise failure(wall, walls.told(wall), url=name)
    if not found or not isinstance(document, Document):
        raise failure(FetchCause.NO_ARTICLE, "has no text of an article in it", url=name)
    text, truncated = texts.cut(text)
    dated = page_dates.published(document.date, stated)
    return Page(
        title=texts.title_of(unicodedata.normalize("NFC", document.title or "")),
        text=text,
        published=dated.moment if dated else None,
        date_from=dated.source if dated else None,
        date_precision=dated.precision if dated else None,
        language=language_of_text(language, text),
        authors=tuple(author for part in (document.author or "").split(";") if (author := texts.title_of(part))),
        canonical_url=canonical,
        site=texts.title_of(document.sitename or "") or None,
        truncated=truncated,
    )


def _paragraphs(text: str) -> str:
    """The lines of what trafilatura found; of a table's rows the cells, parted by commas."""
    text = unicodedata.normalize("NFC", texts.printable(text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(bare for line in lines if (bare := _row(line) if line.startswith("|") else line))


def _row(line: str) -> str:
    cells = (cell.strip(" -") for cell in line.replace("\\|", " ").split("|"))
    return ", ".join(cell for cell in cells if cell)


def _canonical(tree: Any, url: str | None) -> str | None:
    """The address that `link rel=canonical` gives, made absolute; whether to believe it is identity's business."""
    base = base_of(tree, url or "")
    hrefs = (absolute(str(href), base) for href in tree.xpath("//link[@rel='canonical']/@href"))
    return next(filter(None, hrefs), None)


def _declared_language(tree: Any) -> str | None:
    for query in (
        "/html/@lang",
        "//meta[@http-equiv='content-language']/@content",
        "//meta[@property='og:locale']/@content",
    ):
        for value in tree.xpath(query):
            if found := language_of(str(value)):
                return found
    return None
