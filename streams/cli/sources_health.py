"""How each source fares, as `marsad sources list`, `health` and `show` tell it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from streams.cli.terminal import say
from streams.engines import open_engines
from streams.ingest.health import Finding, Trouble, findings
from streams.sections import SourceSettings
from streams.settings import Secrets, Settings
from streams.stores.source_books import PollLine
from streams.stores.sources import SourceState, SourceStore
from streams.stores.subscriptions import Subscription, SubscriptionStore

_STYLES = {"ok": "green", "paused": "yellow", "new": "dim", "files": "dim"}


@dataclass(frozen=True, slots=True)
class Row:
    """A source, where it stands, what is wrong with it, and how its articles ended."""

    source: SourceSettings
    state: SourceState
    findings: tuple[Finding, ...]
    outcomes: dict[str, int]
    polls: tuple[PollLine, ...]
    paused: datetime | None
    push: Subscription | None

    @property
    def health(self) -> str:
        """One word: the worst trouble, `ok`, `paused`, `new` before the first poll, or `files`."""
        if self.source.files:
            return "files"
        if self.paused:
            return "paused"
        if self.findings:
            return self.findings[0].trouble.value
        return "ok" if self.state.polled or self.state.problem else "new"

    @property
    def badness(self) -> int:
        """For sorting worst first; 0 is sound."""
        if self.paused or not self.findings:
            return 0
        return len(Trouble) - list(Trouble).index(self.findings[0].trouble)

    @property
    def pending(self) -> int:
        """Articles found that have not ended."""
        counts = self.outcomes
        return counts.get("found", 0) - sum(count for name, count in counts.items() if name != "found")

    @property
    def published(self) -> int:
        """Articles published, with the text of their page or, as it could not be read, of the feed."""
        counts = self.outcomes.items()
        return sum(count for name, count in counts if name == "published" or name.startswith("feed_text/"))

    @property
    def interval(self) -> timedelta | None:
        """How long the last poll and the next one are apart; None where there was none, or none is to come."""
        if self.paused or not (self.polls and self.state.next_poll):
            return None
        return max(timedelta(), self.state.next_poll - self.polls[0].at)

    @property
    def usual(self) -> float | None:
        """How many articles a day are usual; None where that is not known yet."""
        return round(sum(self.state.usual_hours), 1) if self.state.usual_hours else None

    def as_json(self, *, whole: bool = False) -> str:
        """One line; `whole` with the last polls."""
        state = self.state
        data: dict[str, Any] = {
            "name": self.source.name,
            "address": self.source.address,
            "health": self.health,
            "problems": [{"trouble": finding.trouble.value, "text": finding.text} for finding in self.findings],
            "problem": state.problem,
            "moved_to": state.moved_to,
            "polled_at": _iso(state.polled_at),
            "next_poll": _iso(state.next_poll),
            "interval": self.interval.total_seconds() if self.interval is not None else None,
            "usual_a_day": self.usual,
            "new_at": _iso(state.new_at),
            "paused": _iso(self.paused),
            "settings": self._settings(),
            "found": self.outcomes.get("found", 0),
            "pending": self.pending,
            "outcomes": {name: count for name, count in sorted(self.outcomes.items()) if name != "found"},
        }
        if whole:
            data["push"] = self._push()
            data["polls"] = [
                {"at": _iso(poll.at), "outcome": poll.outcome, "entries": poll.entries, "new": poll.new}
                for poll in self.polls
            ]
        return json.dumps(data, ensure_ascii=False)

    def _settings(self) -> dict[str, Any]:
        """What is configured; secrets are only named there."""
        return self.source.model_dump(mode="json", exclude_defaults=True)

    def _push(self) -> dict[str, str | None] | None:
        """How far the subscription at the feed's hub is; None where it names none, or nobody has asked."""
        if self.push is None:
            return None
        return {
            "hub": self.push.hub,
            "topic": self.push.topic,
            "state": self.push_state,
            "until": _iso(self.push.until),
            "pushed_at": _iso(self.push.pushed_at),
            "problem": self.push.problem or None,
        }

    @property
    def push_state(self) -> str:
        """`subscribed`, `asked` or `none`."""
        if self.push and self.push.holds(datetime.now(UTC)):
            return "subscribed"
        return "asked" if self.push and self.push.asked else "none"

    def show(self, *, whole: bool = False) -> None:
        """For readers."""
        style = _STYLES.get(self.health, "bold red")
        counts = f"{self.outcomes.get('found', 0)} found, {self.published} published"
        due = f", next poll {self.state.next_poll:%Y-%m-%d %H:%M}" if self.state.next_poll and not self.paused else ""
        say(
            (f"{self.health:<11}", style),
            (self.source.name, "bold"),
            f"  {self.source.address or 'files'}  {counts}{due}",
        )
        for finding in self.findings:
            say(f"            {finding.text}")
        if whole:
            self._show_all()

    def _show_all(self) -> None:
        for key, value in self._settings().items():
            if key not in {"name", "feed", "page"}:
                say(f"  {key}: {', '.join(value) if isinstance(value, list) else value}")
        if self.interval is not None:
            say(f"  polled every {timedelta(seconds=round(self.interval.total_seconds()))} now")
        if push := self.push:
            last = f", last push {push.pushed_at:%Y-%m-%d %H:%M}" if push.pushed_at else ""
            say(f"  hub {push.hub}: {self.push_state}{last}" + (f" ({push.problem})" if push.problem else ""))
        if self.usual is not None:
            say(f"  {self.usual:g} new articles a day are usual")
        if self.state.moved_to:
            say(f"  moved to {self.state.moved_to}; change its address")
        if self.state.problem:
            say(f"  last failure: {self.state.problem}")
        for name, count in sorted(self.outcomes.items()):
            say(f"  {name:<24} {count}")
        say(f"  {'pending':<24} {self.pending}")
        for poll in self.polls:
            say(f"  {poll.at:%Y-%m-%d %H:%M:%S}  {poll.outcome:<14} {poll.entries} entries, {poll.new} new")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


async def rows(settings: Settings, sources: Sequence[SourceSettings] | None = None) -> list[Row]:
    """How each source fares, in the order of the configuration."""
    found = []
    async with open_engines(settings, Secrets()) as engines:
        store = SourceStore(engines.redis, prefix=engines.prefix, worker="cli")
        for source in settings.sources if sources is None else sources:
            state, name = await store.state(source.name), source.name
            wrong = findings(state, await store.books.ends(name), datetime.now(UTC))
            polls, paused = tuple(await store.books.polls(name)), await store.books.paused(name)
            push = await SubscriptionStore(engines.redis, prefix=engines.prefix, worker="cli").get(name)
            found.append(Row(source, state, wrong, await store.books.outcomes(name), polls, paused, push))
    return found
