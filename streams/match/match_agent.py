"""The match stage's loop body: articles in, matches out; articles on which no rule fires end here."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from streams.match.article_facts import facts_of
from streams.match.batch import ArticleText
from streams.match.document import Document
from streams.match.engine import Engine, Fired, describe
from streams.match.sequences import steps_of
from streams.match.sketch import sketch
from streams.match.story import fingerprint, story_words
from streams.match.traits import traits_of
from streams.messages import MATCHES, Article, Match
from streams.observe.metrics import Metrics
from streams.ports import ArticleStatus, Ledger, Publisher, Received
from streams.sections import SourceSettings
from streams.topics import Topics

TOGETHER = 250_000
"""Letters that are read at a time, of some sixty articles: reading takes 60 to 120 bytes for each of them."""


class MatchAgent:
    """Evaluates the rules in force on each article of a batch.

    `engine` is asked once a batch for the engine in force, so that no article sees half a rulebook. `sources` are the
    configured ones by name, for the filters of rules. The effects are
    idempotent: a batch handled again publishes the same matches under the same keys and ends the same articles.
    """

    def __init__(  # noqa: PLR0913  # three ports, and what is configured
        self,
        engine: Callable[[], Engine],
        publisher: Publisher,
        ledger: Ledger,
        *,
        topics: Topics,
        metrics: Metrics,
        sources: Mapping[str, SourceSettings] | None = None,
    ) -> None:
        self._engine, self._publisher, self._ledger = engine, publisher, ledger
        self._topics, self._metrics = topics, metrics
        self._sources = sources or {}

    async def handle(self, batch: Sequence[Received[Article]]) -> None:
        """Returns when every match is durable on the topic and every other article is in the ledger as ended.

        An update on which no rule fires ends nothing: its article has ended.

        Raises:
            EngineAwayError: from the ledger; the batch is handled again.
            RecordTooLargeError: from the publisher.
        """
        found = match_articles(self._engine(), [received.message for received in batch], self._sources)
        matches: dict[str, dict[int, Match]] = defaultdict(dict)
        for match in filter(None, found):
            matches[match.article.id][match.article.revision] = match
        articles = [one.message for one in batch if one.message.update is None]
        unmatched = [article.id for article in articles if 1 not in matches.get(article.id, ())]
        await asyncio.gather(*map(self._publish, matches.values()))
        if unmatched:
            await self._ledger.finish(dict.fromkeys(unmatched, ArticleStatus.NO_MATCH))
        self._count([match for each in matches.values() for match in each.values()], len(unmatched))

    async def _publish(self, revisions: Mapping[int, Match]) -> None:
        """Publish the matches of one article, in the order of its revisions."""
        for _, match in sorted(revisions.items()):
            await self._publisher.publish(self._topics.matches.name, match.article.id, MATCHES.encode(match))

    def _count(self, matches: Sequence[Match], unmatched: int) -> None:
        self._metrics.articles.labels(ArticleStatus.NO_MATCH.value).inc(unmatched)
        for match in matches:
            for rule in match.rules:
                if not rule.is_step:
                    self._metrics.matches.labels(rule.rule).inc()


def match_articles(
    engine: Engine,
    articles: Sequence[Article],
    sources: Mapping[str, SourceSettings] | None = None,
    *,
    unmatched: bool = False,
) -> list[Match | None]:
    """What fires on each article, ready for the topic, by one engine for all of them; None where no rule does.

    Args:
        engine: the rulebook in force.
        articles: the articles.
        sources: the configured ones by name, which filters ask too.
        unmatched: give a match without rules instead of None, so that the article's story can be told.
    """
    known, matches = sources or {}, list[Match | None]()
    for some in _portions(articles):
        texts = [ArticleText(one.title, one.text, facts_of(one, known.get(one.source))) for one in some]
        matches += [
            _match_of(engine, article, fired) if fired or unmatched else None
            for article, fired in zip(some, engine.evaluate_many(texts), strict=True)
        ]
    return matches


def _portions(articles: Sequence[Article]) -> Iterator[Sequence[Article]]:
    """The articles in order, as many at a time as have so many letters `TOGETHER`, and one at least."""
    first = letters = 0
    for number, article in enumerate(articles):
        letters += len(article.text)
        if number > first and letters > TOGETHER:
            yield articles[first:number]
            first, letters = number, len(article.text)
    if first < len(articles):
        yield articles[first:]


def _match_of(engine: Engine, article: Article, fired: Sequence[Fired]) -> Match:
    """The match that an article makes on which these rules fired."""
    document = fired[0].document if fired else Document(article.title, article.text, engine.vocabulary)
    told = [describe(one) for one in fired]
    words = story_words(article.text, title=article.title)
    return Match(
        seen_at=article.seen_at,
        article=article.head,
        story=fingerprint(words),
        rulebook=engine.version,
        rules=(*told, *(step for one in told for step in steps_of(one, engine.followers))),
        sketch=sketch(words),
        traits=traits_of(document),
    )
