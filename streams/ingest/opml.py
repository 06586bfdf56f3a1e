"""Reads and writes OPML 2.0 (http://opml.org/spec2.opml), the lists of feeds that feed readers exchange. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # it has no types

from streams.errors import InputError
from streams.ingest import encodings, texts
from streams.ingest.entries import absolute, language_of
from streams.sections import SourceSettings

_MAX_DEPTH = 200
"""lxml reads no deeper than 256."""
_FEED = re.compile(r"^feed:(?:(https?:)|//)", re.IGNORECASE)
_BOMB = re.compile(r"<!ENTITY", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of a list, with the folders and categories that it is in; `feed` is None where its address is none.

    So it is where only a `site` is named, whose feed has to be looked for.
    """

    name: str
    feed: str | None
    stated: str
    tags: tuple[str, ...] = ()
    language: str | None = None
    site: str | None = None


def read_opml(raw: bytes, name: str) -> tuple[Outline, ...]:
    """The feeds in `raw`, in their order; `name` is what errors call it.

    Raises:
        InputError: it is no OPML, or declares entities.
    """
    markup = texts.printable(encodings.decode(raw)).lstrip("\ufeff \t\r\n")
    markup = re.sub(r"^<\?xml[^>]*\?>", "", markup)
    if _BOMB.search(markup[:10_000]):
        raise InputError("is refused: it declares entities (an entity bomb?)", file=name)
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    markup = texts.sound_xml(markup)
    root = etree.fromstring(markup.encode("utf-8", "replace"), parser) if markup else None
    if root is None or str(root.tag).lower() != "opml":
        raise InputError(
            "is not OPML: its root element is " + ("missing" if root is None else str(root.tag)), file=name
        )
    return tuple(_feeds_in(root, (), 0))


def _feeds_in(element: Any, folders: tuple[str, ...], depth: int) -> Iterator[Outline]:
    """The feeds below an element, but what is commented out with all below it; Any, because lxml has no types."""
    if depth > _MAX_DEPTH:
        return
    for child in element:
        tag = str(child.tag).lower()
        if tag == "body":
            yield from _feeds_in(child, folders, depth + 1)
        if tag != "outline":
            continue
        said = {str(key).lower(): str(value).strip() for key, value in child.attrib.items()}
        if said.get("iscomment", "").lower() == "true":
            continue
        title = texts.title_of(said.get("title") or said.get("text") or "")
        stated, site = said.get("xmlurl") or "", said.get("htmlurl") or said.get("url") or ""
        if stated or site:
            named = (word.strip(" /") for word in said.get("category", "").split(","))
            tags = tuple(dict.fromkeys((*folders, *filter(None, named))))
            language = language_of(said.get("language", ""))
            yield Outline(title, absolute(_FEED.sub(_http, stated), ""), stated, tags, language, absolute(site, ""))
        below = (*folders, title) if title and not stated else folders
        yield from _feeds_in(child, below, depth + 1)


def _http(scheme: re.Match[str]) -> str:
    """What stands for `feed:`, with which browsers once called feed readers: nothing before http(s), else http."""
    return scheme[1] or "http://"


def write_opml(sources: Iterable[SourceSettings]) -> bytes:
    """The feeds among `sources`, each in the folder of its first tag; all its tags are its categories."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Sources of Marsad"
    body, folders = etree.SubElement(root, "body"), {}
    for source in sources:
        if not source.feed:
            continue
        parent = body
        if source.tags:
            tag = source.tags[0]
            if tag not in folders:
                folders[tag] = etree.SubElement(body, "outline", text=tag, title=tag)
            parent = folders[tag]
        said = {"type": "rss", "text": source.name, "title": source.name, "xmlUrl": source.feed}
        said |= {"language": source.language} if source.language else {}
        said |= {"category": ",".join(source.tags)} if source.tags[1:] else {}
        etree.SubElement(parent, "outline", said)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def name_for(wanted: str, address: str, taken: Sequence[str]) -> str:
    """A name that a source may bear and none of `taken` does: of what is wanted, else of the address."""
    # A command takes what begins with a dash for an option.
    plain = " ".join(re.findall(r"[\w.-]+", wanted))[:80].strip(" -")
    if not plain:
        plain = re.sub(r"^https?://(?:www\.)?", "", address).split("/")[0]
        plain = " ".join(re.findall(r"[\w.-]+", plain)) or "source"
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain} {number}", number + 1
    return name
