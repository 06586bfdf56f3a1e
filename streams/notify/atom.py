"""An Atom feed of what is told (RFC 4287), kept in a file that the worker serves, for readers of feeds.

The file is written whole and put in the place of the one before, so that whoever reads it sees one or the other.
Workers on one host that share it take turns.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

from streams.alerts import Notification, Revision
from streams.errors import DeliveryDeferredError, DeliveryRefusedError
from streams.notify.lines import NOT_NOW
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.notify.page import page
from streams.notify.render import ENGLISH, sheet
from streams.notify.wording import Wording
from streams.stores.outbox import Pace

MOST = 100
"""Entries that the feed holds; older ones are dropped."""
_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ET.register_namespace("", _ATOM)


class Atom:
    """Adds an entry for each notification, under its id; the first one on an alert is edited as it grows."""

    pace: Pace | None = None
    edits = True

    def __init__(self, path: Path, *, title: str, wording: Wording = ENGLISH) -> None:
        self._path, self._title, self._wording = path, title, wording

    async def send(self, notification: Notification, earlier: Earlier = NOTHING) -> Receipt:
        """Put the entry first. One of its id is replaced, so that to send twice is to send once. See the protocol."""
        edits = isinstance(notification.content, Revision)
        if edits and not earlier.first.startswith(_urn("")):
            raise DeliveryRefusedError("what was told first is no entry of a feed")
        id_ = earlier.first if edits else _urn(notification.id)
        await self._in_thread(self._entry(notification, id_))
        return Receipt(id_)

    async def check(self) -> str:
        """Whether the file can be written. Raises like `send`."""
        await self._in_thread(None)
        return f"{self._path} can be written"

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _in_thread(self, entry: ET.Element | None) -> None:
        try:
            return await asyncio.to_thread(self._put, entry)
        except OSError as error:
            text = f"{self._path} cannot be written: {error.strerror or type(error).__name__}"
            later = error.errno in NOT_NOW
        raise DeliveryDeferredError(text) if later else DeliveryRefusedError(text, everything=True)

    def _entry(self, notification: Notification, id_: str) -> ET.Element:
        content = notification.content
        parts = sheet(content, self._wording)
        entry = ET.Element(f"{{{_ATOM}}}entry")
        updated = content.told[-1].seen_at if isinstance(content, Revision) and content.told else content.seen_at
        for tag, text in (("id", id_), ("title", parts.subject), ("updated", updated.isoformat())):
            ET.SubElement(entry, f"{{{_ATOM}}}{tag}").text = _in_xml(text)
        if parts.url:
            ET.SubElement(entry, f"{{{_ATOM}}}link", rel="alternate", href=_in_xml(parts.url))
        html = ET.SubElement(entry, f"{{{_ATOM}}}content", type="html")
        html.text = _in_xml(page(content, self._wording))
        return entry

    def _put(self, entry: ET.Element | None) -> None:
        with self._turn():
            feed = self._read()
            if entry is not None:
                id_ = entry.findtext(f"{{{_ATOM}}}id")
                others = [each for each in feed if each.tag == entry.tag and each.findtext(f"{{{_ATOM}}}id") != id_]
                for each in feed.findall(entry.tag):
                    feed.remove(each)
                feed.extend([entry, *others][:MOST])
                updated = feed.find(f"{{{_ATOM}}}updated")
                assert updated is not None  # noqa: S101  # _read has seen to it
                updated.text = max(each.findtext(f"{{{_ATOM}}}updated") or "" for each in feed.findall(entry.tag))
            self._write(ET.tostring(feed, encoding="utf-8", xml_declaration=True))

    def _read(self) -> ET.Element:
        """The feed as it stands; a new one where there is none, or one that is no feed of ours."""
        try:
            feed = ET.fromstring(self._path.read_bytes())  # noqa: S314  # our own file
        except (FileNotFoundError, ET.ParseError):
            feed = ET.Element("none")
        if feed.tag == f"{{{_ATOM}}}feed" and feed.find(f"{{{_ATOM}}}updated") is not None:
            return feed
        feed = ET.Element(f"{{{_ATOM}}}feed")
        told = (("id", _urn(quote(self._title))), ("title", self._title), ("updated", "1970-01-01T00:00:00+00:00"))
        for tag, text in told:
            ET.SubElement(feed, f"{{{_ATOM}}}{tag}").text = _in_xml(text)
        author = ET.SubElement(feed, f"{{{_ATOM}}}author")
        ET.SubElement(author, f"{{{_ATOM}}}name").text = "Marsad"
        return feed

    def _write(self, raw: bytes) -> None:
        beside = self._path.with_name(f"{self._path.name}.new")
        with beside.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._path.with_name(f"{self._path.name}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _urn(name: str) -> str:
    """An id that is no address: `urn:marsad:...`."""
    return f"urn:marsad:{name}"


def _in_xml(text: str) -> str:
    """The text without the characters that XML 1.0 has no place for (2.2, Characters)."""
    return _NOT_XML.sub("", text)
