"""What the decision on a match depends on besides it: who is told, what is silenced, and what is too old. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from streams.messages import Match, RuleMatch
from streams.routes import Route, Subject, receivers_for
from streams.sections import Inhibition
from streams.silences import Silence, silenced_by, silences_beside


@dataclass(frozen=True, slots=True)
class Policy:
    """What the decision depends on besides the match: routes, silences, inhibitions, and `max_age` as in the settings.

    Without a `max_age` no article is too old.
    """

    max_age: timedelta | None
    routes: tuple[Route, ...]
    silences: tuple[Silence, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()

    def sources_for(self, rule: str) -> dict[str, timedelta]:
        """The rules whose alerts can keep this one quiet, and for how long."""
        spans: dict[str, timedelta] = {}
        for each in self.inhibitions:
            for source in each.source if rule in each.target else ():
                spans[source] = max(each.within, spans.get(source, each.within))
        return spans

    def receivers_of(self, match: Match, fired: RuleMatch) -> tuple[str, ...]:
        """Who is told of the rule's match."""
        return receivers_for(self.routes, Subject.of(match.article, fired))

    def silence_on(
        self, match: Match, fired: RuleMatch, *, alert: str, stories: Collection[str]
    ) -> tuple[Silence | None, tuple[str, ...]]:
        """The silence that holds the rule's match back, given its alert and the texts of that, and those beside it."""
        subject, stories = Subject.of(match.article, fired), {match.story, *stories}
        found = silenced_by(self.silences, subject, alert=alert, stories=stories, at=match.seen_at)
        if found is None:
            return None, ()
        return found, silences_beside(found, self.silences, subject, alert=alert, stories=stories)

    def takes_for_archive(self, match: Match) -> bool:
        """Whether the article is of the archive, or was published too long before it was seen."""
        age = match.article.age_at(match.seen_at)
        old = self.max_age is not None and age is not None and age > self.max_age
        return match.article.backlog or old
