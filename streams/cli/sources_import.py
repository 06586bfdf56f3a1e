"""What `marsad sources import` makes of a list of feeds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.cli.terminal import say
from streams.ingest.identity import canonical_url, is_url
from streams.ingest.opml import Outline, name_for
from streams.sections import SourceSettings, address_problem


@dataclass(frozen=True, slots=True)
class Import:
    """The `entries` to add, as they stand in YAML, what is `known` already, and what is `refused`."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    known: list[dict[str, str | None]] = field(default_factory=list)
    refused: list[dict[str, str | None]] = field(default_factory=list)

    def as_json(self) -> str:
        """All of it."""
        return json.dumps({"added": self.entries, "known": self.known, "refused": self.refused}, ensure_ascii=False)

    def show(self) -> None:
        """For readers: what is refused, and how many are not."""
        for item in self.refused:
            hint = f"; look for one: marsad sources add {item['site']}" if item["site"] else ""
            say(f"{item['name'] or '(no title)'}: {item['problem']}{hint}")
        say(f"{len(self.entries)} added, {len(self.known)} known already, {len(self.refused)} refused")


def _bare(said: str | None) -> str | None:
    """An address, or a title that holds one, without what may be a user and password; anything else as it is."""
    before, at, after = (said or "").rpartition("@")
    is_words = re.search(r"\s", before) and not re.search("[:/]", before)
    if not said or not at or is_words or address_problem(said) is None:
        return said
    scheme = re.match(r"\w+://", said)
    return (scheme[0] if scheme else "") + after


def _problem(outline: Outline) -> str | None:
    """Why the feed of an outline cannot be added."""
    address = outline.feed or outline.stated
    if not address:
        return "no feed is named"
    if _bare(address) != address:
        return "has a user or password in its address; add it without, with --credentials"
    if is_url(address) and not address_problem(address):
        return None
    return f"{outline.stated!r} is no http:// or https:// address"


def _refused(outline: Outline, problem: str) -> dict[str, str | None]:
    name, feed, site = map(_bare, (outline.name, outline.stated or None, outline.site))
    return {"name": name, "feed": feed, "site": site, "problem": problem}


def sort_out(outlines: Iterable[Outline], sources: Sequence[SourceSettings], tags: Sequence[str]) -> Import:
    """What a list holds that is not among `sources`, with `tags` besides its own."""
    done, taken = Import(), [source.name for source in sources]
    addresses = {canonical_url(str(source.address)) for source in sources if source.address}
    for outline in outlines:
        if problem := _problem(outline):
            done.refused.append(_refused(outline, problem))
            continue
        key = canonical_url(str(outline.feed))
        if key in addresses:
            done.known.append({"name": outline.name, "feed": outline.feed})
            continue
        addresses.add(key)
        taken.append(name := name_for(outline.name, str(outline.feed), taken))
        entry: dict[str, Any] = {"name": name, "feed": outline.feed}
        entry |= {"language": outline.language} if outline.language else {}
        entry |= {"tags": all_tags} if (all_tags := [*outline.tags, *tags]) else {}
        done.entries.append(entry)
    return done
