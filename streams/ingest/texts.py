"""Plain text as articles carry it: no markup, no control characters, no longer than a topic takes. Pure."""

from __future__ import annotations

import html
import re

from streams.messages import TEXT_LIMIT

TITLE_LIMIT = 1_000
"""Longest title kept, in code points; the longest real headlines have about 300."""

_SAMPLE, _FEW, _ONE_IN = 8_192, 3, 50
"""How far is looked, and how many control characters are still text: one of all bytes in nine is one, in cp1252."""

_TAG = re.compile(
    r"<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)\s*>|</?[a-zA-Z!?][^<>]*>", re.DOTALL | re.IGNORECASE
)
_BLOCK = re.compile(
    r"</?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|blockquote|pre|tr|td|th|table|caption|figure|figcaption|section|article"
    r"|header|footer|aside|nav|main|form|option|button)\b[^<>]*>",
    re.IGNORECASE,
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)", re.DOTALL)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w*);")


def cut(text: str) -> tuple[str, bool]:
    """The text, no longer than `TEXT_LIMIT` code points, and whether anything was cut off."""
    return text[:TEXT_LIMIT], len(text) > TEXT_LIMIT


def printable(text: str) -> str:
    """The text without control characters, lone surrogates and non-characters, which no message may carry."""
    return _UNPRINTABLE.sub("", text)


def is_text(text: str) -> bool:
    """Whether it reads as text: what was packed, pictures and documents decode to many control characters."""
    sample = text[:_SAMPLE]
    strange = len(_UNPRINTABLE.findall(sample))
    return strange <= _FEW or strange * _ONE_IN <= len(sample)


def sound_xml(markup: str) -> str:
    """XML in which `&` that refers to nothing XML knows is escaped: a parser that recovers drops it and what follows.

    So it stands in addresses that were put there as they are (`?a=1&b=2`), and in the names of HTML's characters.
    """
    return _AMPERSAND.sub(lambda found: "&amp;" if found[0] == "&" else found[0], markup)


def title_of(markup: str, *, escaped_once: bool = False) -> str:
    """A headline on one line, without tags, with entities resolved; twice where all of it was escaped twice.

    Words in angle brackets that are left once its tags are gone, or of markup known to be `escaped_once`, are words.
    """
    text = printable(markup)[: 10 * TITLE_LIMIT]
    for _ in range(1 if escaped_once else 2):
        if not _MARKUP.search(text):
            break
        bare = _TAG.sub("", text)
        text, tagged = html.unescape(bare), bare != text
        if tagged:
            break
    return " ".join(text.split())[:TITLE_LIMIT]


def text_of(markup: str) -> str:
    """The words of an HTML fragment: a line for each block, entities resolved, empty lines dropped."""
    return lines_of(html.unescape(_TAG.sub("", _BLOCK.sub("\n", printable(markup)))))


def lines_of(text: str) -> str:
    """Plain text as articles carry it: single spaces, no empty lines."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return printable("\n".join(line for line in lines if line))
