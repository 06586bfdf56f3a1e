"""What `marsad sources import` makes of a list of feeds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from yarl import URL

from streams.cli.terminal import say
from streams.ingest.identity import canonical_url
from streams.ingest.opml import Outline, name_for
from streams.sections import SourceSettings


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


def _refused(outline: Outline, feed: str | None, problem: str) -> dict[str, str | None]:
    return {"name": outline.name, "feed": feed, "site": outline.site, "problem": problem}


def sort_out(outlines: Iterable[Outline], sources: Sequence[SourceSettings], tags: Sequence[str]) -> Import:
    """What a list holds that is not among `sources`, with `tags` besides its own."""
    done, taken = Import(), [source.name for source in sources]
    addresses = {canonical_url(str(source.address)) for source in sources if source.address}
    for outline in outlines:
        try:
            key = canonical_url(outline.feed or "")
        except ValueError:
            problem = f"{outline.stated!r} is no http:// or https:// address" if outline.stated else "no feed is named"
            done.refused.append(_refused(outline, outline.stated or None, problem))
            continue
        if URL(str(outline.feed)).user is not None:
            problem = "has a user or password in its address; add it without, with --credentials"
            done.refused.append(_refused(outline, str(URL(str(outline.feed)).with_user(None)), problem))
            continue
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
