"""Says which of many phrases stand in a text, each phrase by itself: for tools that judge phrases and not articles."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from streams.match.batch import ArticleText, Batch
from streams.match.fold import Folded, fold, spell
from streams.match.phrases import Phrase
from streams.match.vocabulary import Vocabulary


class PhraseFinder:
    """Phrases in one scanner. Raises like `forms_of` on a phrase that cannot be looked for."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._vocabulary = Vocabulary({}, {})
        self._phrases = {self._vocabulary.number_of_phrase(phrase): phrase for phrase in dict.fromkeys(phrases)}
        self._vocabulary.freeze()

    def hits(self, folded: Folded) -> dict[Phrase, list[tuple[int, int]]]:
        """Where each phrase stands in the folded text; phrases that do not are left out."""
        found = self._vocabulary.scan(folded)
        return {self._phrases[term]: [(hit[0], hit[1]) for hit in hits] for term, hits in found.items()}

    def in_each(self, spellings: Sequence[bytes]) -> list[set[Phrase]]:
        """The phrases that stand in each of some folded letters, as `streams.match.surfaces` spells forms.

        One scan of all of them, each a sentence of its own: a scan costs about a millisecond before it has begun.
        """
        starts = list(accumulate((len(letters) + 1 for letters in spellings), initial=1))
        found: list[set[Phrase]] = [set() for _ in spellings]
        for phrase, spans in self.hits(fold(". ".join(map(spell, spellings)))).items():
            for start, _ in spans:
                found[bisect_right(starts, start) - 1].add(phrase)
        return found

    def in_articles(self, articles: Sequence[ArticleText]) -> list[set[Phrase]]:
        """The phrases that stand in each of the articles."""
        found: list[set[Phrase]] = [set() for _ in articles]
        batch = Batch(articles, self._vocabulary)
        for article, term in zip(batch.articles.tolist(), batch.terms.tolist(), strict=True):
            found[article].add(self._phrases[term])
        return found
