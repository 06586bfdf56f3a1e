"""What is known of an article besides its words: what filters ask about. None, or no tags, is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from streams.article_lines import ArticleLine
from streams.messages import Article, least_age
from streams.sections import SourceSettings


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """Facts of one article. `country` and `tags` are its source's, `age` at least from its date to its first sight."""

    language: str | None = None
    source: str | None = None
    country: str | None = None
    tags: tuple[str, ...] = ()
    section: str | None = None
    age: timedelta | None = None


UNKNOWN = ArticleFacts()


def facts_of(article: Article, source: SourceSettings | None) -> ArticleFacts:
    """Facts of an article that was read; what it does not say itself its configured source says, where it is known."""
    return ArticleFacts(
        language=article.language,
        source=article.source,
        country=article.country or (source.country if source else None),
        tags=article.tags or (source.tags if source else ()),
        section=article.section or (source.section if source else None),
        age=article.age_at(article.seen_at),
    )


def of_source(line: ArticleLine, sources: Mapping[str, SourceSettings]) -> ArticleLine:
    """The line with what its configured source says of its articles and it does not say itself."""
    source = sources.get(line.source or "")
    if source is None:
        return line
    facts = {"language": line.language or source.language, "country": line.country or source.country}
    return line.model_copy(
        update={**facts, "tags": line.tags or source.tags, "section": line.section or source.section}
    )


def facts_of_line(line: ArticleLine) -> ArticleFacts:
    """Facts of an article line; its age is known when it has both its date and `seen_at`."""
    return ArticleFacts(
        language=line.language,
        source=line.source,
        country=line.country,
        tags=line.tags,
        section=line.section,
        age=least_age(line.date, line.date_precision, line.seen_at) if line.seen_at else None,
    )
