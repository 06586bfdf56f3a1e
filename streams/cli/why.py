"""`marsad why`: where an article went, stage by stage."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.options import FINDING, ConfigOption, JsonOption, settings_of
from streams.cli.terminal import say
from streams.errors import InputError
from streams.file_names import name_of

if TYPE_CHECKING:
    from streams.engines import Engines
    from streams.settings import Settings

_ID = re.compile(r"c1:[0-9a-f]{24}")
_IN_WORDS = {
    "published": "published",
    "updated": "published, and again as an update",
    "unchanged": "published; looked at again, and it says the same",
    "duplicate": "brought by another source before",
}


@dataclass(slots=True)
class _Way:
    """What is known of an article: its id, what each source did with it, its end, and the alerts it is in.

    `revisions` counts how often it was published, a first time and as updates. `left_out` is how
    many lines its last publication is without, if that was lately.
    """

    id: str
    sources: list[dict[str, Any]] = field(default_factory=list)
    revisions: int = 0
    left_out: int = 0
    status: str | None = None
    entered: bool = False
    alerts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether it was ever seen."""
        return bool(self.sources or self.entered)


def why(
    url: Annotated[
        str, typer.Argument(metavar="URL|ID", help="An article's address, or its id; its own, too.", show_default=False)
    ],
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say where an article went: which source brought it, how it was read, how it ended, and in which alerts it is.

    An address is compared in its canonical form, so that trackers, `www.` and AMP do not matter. An article of a file
    with an id of its own is found by that, by its address, or by FILE:LINE. Exit status 1 where nobody has seen it.
    """
    settings = settings_of(config)
    ways = asyncio.run(_ways(settings, url))
    for way in ways:
        if as_json:
            data = {
                "argument": name_of(url),
                "id": way.id,
                "sources": way.sources,
                "revisions": way.revisions,
                "left_out": way.left_out,
                "status": way.status,
                "alerts": way.alerts,
            }
            typer.echo(json.dumps(data, ensure_ascii=False))
        elif way.known:
            _show(way)
    if not any(way.known for way in ways):
        typer.echo(f"{url}: no source has brought it within two months, or its entry had another address", err=True)
        raise typer.Exit(FINDING)


async def _ways(settings: Settings, named: str) -> list[_Way]:
    """The ways of the articles that are meant: of one id or address, or of the lines of files with that address.

    Raises:
        InputError: it is neither an address nor an id.
    """
    from streams.engines import open_engines
    from streams.ingest.file_search import ids_at
    from streams.ingest.identity import article_id, is_url
    from streams.settings import Secrets

    async with open_engines(settings, Secrets()) as engines:
        if _ID.fullmatch(named):
            return [await _way(settings, engines, named)]
        if is_url(named):
            first = await _way(settings, engines, article_id(source="", url=named))
            if first.known:
                return [first]
            ids = dict.fromkeys(id_ for source in settings.sources for id_ in ids_at(source, named))
            found = [await _way(settings, engines, id_) for id_ in ids]
            return [way for way in found if way.known] or [first]
        found = [way for id_ in _own_ids(settings, named) if (way := await _way(settings, engines, id_)).known]
    if not found:
        raise InputError(
            "is neither an http:// or https:// address nor an article's id, its own or ours, that a source has brought",
            file=named,
        )
    return found


def _own_ids(settings: Settings, named: str) -> Iterator[str]:
    """The ids of what each source would call so: by its own id, or by where it is in a file."""
    from streams.ingest.identity import article_id

    for source in settings.sources:
        for own_id in dict.fromkeys((name_of(named), name_of(Path(named).resolve()))):
            yield article_id(source=source.name, own_id=own_id)


async def _way(settings: Settings, engines: Engines, article: str) -> _Way:
    from streams.stores.hosts import HostStore
    from streams.stores.sources import SourceStore

    way = _Way(article)
    store = SourceStore(engines.redis, prefix=engines.prefix, worker="cli")
    for source in settings.sources:
        if entry := await store.pending_of(source.name, article):
            waits = {"at": _iso(entry.seen_at), "outcome": "pending", "tries": entry.tries, "host": entry.host}
            way.sources.append({"source": source.name, "title": entry.title, **waits})
    if trace := await store.seen.trace(article):
        way.revisions, last = trace.revision, f"{trace.last_day:%Y-%m-%d}"
        way.sources += [
            {"source": each.source or "(a source removed)", "at": last, "outcome": each.outcome}
            for each in trace.brought
        ]
    status = await engines.ledger.status(article)
    way.status = status.value if status else None
    way.entered = status is not None
    if not way.known:
        return way
    way.left_out = await HostStore(engines.redis, prefix=engines.prefix, worker="cli").left_out(article)
    for alert, reason in await engines.alerts.holding(article):
        items = [(item.reason, item.article.revision) for item in alert.articles if item.article.id == article]
        for why_so, revision in items or [(reason, 1)]:
            told = {"alert": alert.record.id, "rule": alert.record.rule, "reason": why_so.value, "revision": revision}
            way.alerts.append(told)
    return way


def _show(way: _Way) -> None:
    say((way.id, "bold"))
    for step in way.sources:
        if step["outcome"] == "pending":
            said = f"found {step['at']}, waits for {step['host']} after {step['tries']} tries: {step['title']}"
        else:
            said = f"{_told(step['outcome'])}, last seen {step['at']}"
        say(f"  ingest  {step['source']}: {said}")
    if way.left_out:
        say(f"  text    without {way.left_out} lines that its host repeats on its pages")
    if way.revisions > 1:
        say(f"  updates published again {way.revisions - 1} times, with other words")
    say(f"  status  {way.status or 'on its way'}")
    for alert in way.alerts:
        update = f" (update, revision {alert['revision']})" if alert["revision"] > 1 else ""
        say(f"  alert   {alert['alert']}  {alert['rule']}: {alert['reason']}{update}")


def _told(outcome: str) -> str:
    """How an article ended in ingest, in words."""
    if outcome in _IN_WORDS:
        return _IN_WORDS[outcome]
    kind, _, cause = outcome.rpartition("/")
    if kind == "unchanged":
        return f"published; looked at again, and its page could not be read: {cause}"
    return f"published with the feed's text, because of its page: {cause}" if kind else f"not published: {outcome}"


def _iso(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))
