"""What `marsad sources add` finds at an address, and how its articles would be read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from streams.cli.terminal import say
from streams.errors import FetchError
from streams.ingest.answers import NOBODY, Caller, Fetched, Kind
from streams.ingest.callers import callers_of
from streams.ingest.discovery import Candidate, Discovery
from streams.ingest.entries import Entry
from streams.ingest.fetch import Fetcher
from streams.ingest.reading import Reading
from streams.ingest.visits import check_allowed
from streams.observe.logs import mute_libraries
from streams.observe.metrics import Metrics
from streams.sections import SourceSettings
from streams.settings import Secrets, Settings

SAMPLES = 3
_SAMPLE_LETTERS = 300


@dataclass(frozen=True, slots=True)
class Sample:
    """An article as it would be read; `problem` says why not."""

    title: str
    url: str | None
    published: str | None
    text: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The ways to follow an address, best first, and samples of the first one."""

    candidates: tuple[Candidate, ...] = ()
    samples: tuple[Sample, ...] = ()
    problem: str = ""

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "found": [
                {
                    "kind": candidate.kind,
                    "url": candidate.url,
                    "title": candidate.feed.title or None,
                    "entries": len(candidate.feed.entries),
                    "found_by": candidate.found_by,
                }
                for candidate in self.candidates
            ],
            "samples": [
                {
                    "title": s.title or None,
                    "url": s.url,
                    "date": s.published,
                    "text": s.text or None,
                    "problem": s.problem,
                }
                for s in self.samples
            ],
        }

    def show(self) -> None:
        """For readers."""
        for candidate in self.candidates:
            what = f"{candidate.kind} {candidate.url}"
            say(f"{what}  {len(candidate.feed.entries)} entries; {candidate.found_by}")
        for sample in self.samples:
            say((sample.title or "(no title)", "bold"))
            say("  " + " · ".join(filter(None, (sample.url, sample.published))))
            say(f"  {sample.problem or sample.text.replace(chr(10), ' ')[:_SAMPLE_LETTERS]}")


async def find(settings: Settings, wanted: SourceSettings, *, allow_private: bool) -> Found:
    """What is at the address of a source that is `wanted`, asked as it says; with `links` that is a list page."""
    mute_libraries()
    url, links = str(wanted.address), wanted.links
    caller = callers_of([wanted], Secrets().get).get(wanted.name, NOBODY)
    reading = Reading(settings.fetch)
    pause = min(settings.fetch.host_interval, timedelta(seconds=1))
    async with Fetcher(settings.fetch, Metrics(), any_address=allow_private) as fetcher:
        try:
            if links:
                answer = await fetcher.fetch(url, Kind.PAGE, caller=caller)
                assert isinstance(answer, Fetched)  # noqa: S101  # no condition was sent
                feed = await reading.links(answer.body, answer.final_url, answer.content_type, links)
                candidates: tuple[Candidate, ...] = (Candidate("page", answer.final_url, feed, "as said by --links"),)
            else:
                candidates = await Discovery(fetcher, reading, caller=caller, pause=pause).look(url)
            if not candidates:
                message = (
                    f"{url}: has no feed, no sitemap of news, and no list of articles; say --links for a list page"
                )
                return Found(problem=message)
            if candidates[0].kind == "page":
                await check_allowed(candidates[0].url, fetcher, caller)
            entries = candidates[0].feed.entries[:SAMPLES]
            samples = []
            for entry in entries:
                await asyncio.sleep(pause.total_seconds())
                samples.append(await _sample(entry, fetcher, reading, caller, own_text=wanted.text == "feed"))
            return Found(candidates, tuple(samples))
        except FetchError as error:
            return Found(problem=str(error))
        finally:
            reading.close()


async def _sample(entry: Entry, fetcher: Fetcher, reading: Reading, caller: Caller, *, own_text: bool) -> Sample:
    """The article of an entry: its page, or its `own_text`, as where there is no page or it cannot be read."""
    told = Sample(entry.title, entry.link, entry.published.isoformat() if entry.published else None, entry.text)
    if own_text or entry.link is None:
        return told if entry.text else replace(told, problem="the entry has neither a link nor a text")
    try:
        await check_allowed(entry.link, fetcher, caller)
        answer = await fetcher.fetch(entry.link, Kind.PAGE, caller=caller)
        assert isinstance(answer, Fetched)  # noqa: S101  # no condition was sent
        page = await reading.page(answer.body, answer.final_url, answer.content_type)
    except FetchError as error:
        return replace(told, problem=str(error))
    published = told.published or (page.published.isoformat() if page.published else None)
    return Sample(entry.title or page.title, entry.link, published, page.text)
