"""From an article line to an article, for files that are ingested and for a replay of them. Pure."""

from __future__ import annotations

from datetime import datetime

from streams.article_lines import ArticleLine
from streams.ingest import texts
from streams.messages import Article
from streams.sections import SourceSettings


def article_of_line(line: ArticleLine, source: SourceSettings | None, *, own_id: str, seen_at: datetime) -> Article:
    """The article of a line, printable and no longer than a topic takes it.

    The configured `source`, where it is known, says its language where the line does not.
    """
    text, truncated = texts.cut(texts.printable(line.text))
    return Article(
        id=own_id,
        title=texts.printable(line.title)[: texts.TITLE_LIMIT],
        source=source.name if source else line.source or "",
        url=line.url,
        language=line.language or (source.language if source else None),
        authors=line.authors,
        published=line.date,
        date_from="file" if line.date else None,
        date_precision=line.date_precision,
        truncated=truncated,
        country=line.country,
        tags=line.tags,
        section=line.section,
        seen_at=seen_at,
        text=text,
    )
