"""Decides from an article's facts whether a rule looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from streams.match.article_facts import ArticleFacts
from streams.match.rule_filters import FilterLists, Filters, Unknown


class FilterReason(StrEnum):
    """Why a rule does not look at an article."""

    LANGUAGE = "languages"
    SOURCE = "sources"
    COUNTRY = "countries"
    TAG = "tags"
    SECTION = "sections"
    AGE = "max_age"


def left_out(filters: Filters | None, facts: ArticleFacts) -> FilterReason | None:
    """The first reason for which the filters leave the article out; None when it passes."""
    if filters is None:
        return None
    passes_unknown = filters.unknown is Unknown.PASS
    for reason, wanted, known in _asked(filters, facts):
        if not (known & wanted if known else passes_unknown):
            return reason
    for reason, unwanted, known in _asked(filters.none, facts):
        if known & unwanted:
            return reason
    if filters.max_age is None or (facts.age is None and passes_unknown):
        return None
    return FilterReason.AGE if facts.age is None or facts.age > filters.max_age else None


def _asked(
    lists: FilterLists | None, facts: ArticleFacts
) -> Iterator[tuple[FilterReason, frozenset[str], frozenset[str]]]:
    """What is asked, which values would do, and which the article has; case does not matter."""
    if lists is None:
        return
    language = (facts.language or "").partition("-")[0] or None
    for reason, values, known in (
        (FilterReason.LANGUAGE, lists.languages, (language,)),
        (FilterReason.SOURCE, lists.sources, (facts.source,)),
        (FilterReason.COUNTRY, lists.countries, (facts.country,)),
        (FilterReason.TAG, lists.tags, facts.tags),
        (FilterReason.SECTION, lists.sections, (facts.section,)),
    ):
        if values is not None:
            yield reason, _folded(values), _folded(known)


def _folded(values: tuple[str | None, ...]) -> frozenset[str]:
    return frozenset(value.casefold() for value in values if value)
