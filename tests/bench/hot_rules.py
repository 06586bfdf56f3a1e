"""Invented articles with the word frequencies of real ones, and rules that are hot on purpose.

Words are made of syllables and drawn by Zipf's law from a lexicon; 60 % of the articles are in Arabic letters, where
words carry prefixes and suffixes as often as they do in news. A rule asks for three groups of phrases (one of rare
phrases, two that a quarter of the articles have) and rules out a fourth, in turn in the document, in one sentence and
within ten words. A rule's groups are literal phrases, or concepts that many rules share.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, product
from random import Random
from typing import Any

from streams.match.batch import ArticleText
from streams.match.rule_files import ConceptFile, RuleFile
from streams.match.rulebook import Rulebook

ARTICLES = 300
SIZE = 4_500
"""Bytes of UTF-8 of an article's text."""
ARABIC = 0.6
SEED = 4
_LEXICON = 20_000
_SENTENCE = 18
_PREFIXED, _SUFFIXED = 0.35, 0.12
"""Shares of Arabic words that carry one, by our counts in 1 M words of news."""
_SYLLABLES = {
    "ar": [a + b for a, b in product("بتثجحخدرزسشصضطعغفقكلمنهوي", ["ا", "و", "ي", "", "ر", "ل", "م", "ن"])],
    "en": [a + b for a, b in product([*"bcdfghklmnprstvw", "st", "tr"], [*"aeiou", "ar", "en"])],
}
_PREFIXES = ("ال", "و", "ب", "ل", "وال", "بال", "لل", "ف", "ك")
_SUFFIXES = ("ه", "ها", "هم", "نا")
_CONCEPTS = 200
"""Concepts of each language that rules share."""
_PHRASES = {"rare": 40_000, "low": 9_000, "common": 1_500}
"""Most phrases of each language that rules draw from, by how many articles have them."""
_COMMON_SHARE = 0.03

Bands = Mapping[tuple[str, str], Sequence[str]]


def articles() -> list[ArticleText]:
    """The articles, the same in every run."""
    random = Random(SEED)  # noqa: S311  # the same in every run
    lexica = {language: _lexicon(random, language) for language in _SYLLABLES}
    weights = list(accumulate(1 / rank for rank in range(1, _LEXICON + 1)))
    found = []
    for number in range(ARTICLES):
        language = "ar" if number % 10 < ARABIC * 10 else "en"
        words = _words(random, lexica[language], weights, language)
        title = " ".join(next(words) for _ in range(8))
        found.append(ArticleText(title, _text(random, words)))
    return found


def rulebook(texts: Sequence[ArticleText], count: int) -> Rulebook:
    """So many rules on what stands in the texts."""
    random = Random(count)  # noqa: S311  # the same in every run
    bands = _bands(random, texts)
    concepts = {
        f"{language}-{number}": ConceptFile.model_validate(
            {
                "id": f"{language}-{number}",
                "title": "shared",
                "phrases": {language: {"common": sorted({random.choice(bands[language, "common"]) for _ in range(2)})}},
            }
        )
        for language in _SYLLABLES
        for number in range(_CONCEPTS)
    }
    rules = {f"rule-{number}": _rule(random, bands, number) for number in range(count)}
    return Rulebook(rules=rules, concepts=concepts, gazetteers={}, version="r1:bench")


def phrases(book: Rulebook) -> set[str]:
    """Every phrase of the rules, as written."""
    found: set[str] = set()
    waiting = [rule.match for rule in book.rules.values()]
    while waiting:
        node = waiting.pop()
        for parts in (node.all, node.any, node.none, node.sentence, node.near.of if node.near else None):
            waiting += parts or ()
        found |= {node.phrase} if node.phrase else set()
    for concept in book.concepts.values():
        for lists in concept.phrases.values():
            found.update(lists.common)
    return found


def within_articles(book: Rulebook) -> dict[str, RuleFile]:
    """The rules whose groups have to meet within a part of an article."""
    return {
        name: rule
        for name, rule in book.rules.items()
        if any(node.sentence or node.near for node in rule.match.all or ())
    }


def _lexicon(random: Random, language: str) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < _LEXICON:
        long = min(1 + len(words) // 300, 3)  # the commonest words are short
        words["".join(random.choice(_SYLLABLES[language]) for _ in range(random.randint(long, long + 1)))] = None
    return list(words)


def _words(random: Random, lexicon: Sequence[str], weights: Sequence[float], language: str) -> Iterator[str]:
    while True:
        word = lexicon[bisect(weights, random.random() * weights[-1])]
        if language == "ar" and random.random() < _PREFIXED:
            word = random.choice(_PREFIXES) + word
        if language == "ar" and random.random() < _SUFFIXED:
            word += random.choice(_SUFFIXES)
        yield word


def _text(random: Random, words: Iterator[str]) -> str:
    sentences: list[str] = []
    size = 0
    while size < SIZE:
        spoken = [next(words) for _ in range(random.randint(_SENTENCE // 2, _SENTENCE * 3 // 2))]
        spoken[len(spoken) // 2] += ","
        sentences.append(" ".join(spoken) + ("." if len(sentences) % 3 != 2 else ".\n"))
        size += len(sentences[-1].encode()) + 1
    return " ".join(sentences)


def _bands(random: Random, texts: Sequence[ArticleText]) -> Bands:
    """Words, pairs and triples of words by language and by how many articles have them."""
    counts: Counter[str] = Counter()
    for title, text, _ in texts:
        words = f"{title} {text}".replace(".", " ").replace(",", " ").split()
        counts.update(set(words) | {" ".join(words[at : at + size]) for size in (2, 3) for at in range(len(words) - 2)})
    bands: dict[tuple[str, str], list[str]] = {(a, b): [] for a in _SYLLABLES for b in _PHRASES}
    for phrase in sorted(counts):
        band = "rare" if counts[phrase] == 1 else "common" if counts[phrase] > _COMMON_SHARE * len(texts) else "low"
        if len(phrase) > 2 and counts[phrase] < 5 * _COMMON_SHARE * len(texts):
            bands["en" if phrase.isascii() else "ar", band].append(phrase)
    return {key: random.sample(some, min(len(some), _PHRASES[key[1]])) for key, some in bands.items()}


def _rule(random: Random, bands: Bands, number: int) -> RuleFile:
    language = "ar" if random.random() < ARABIC else "en"

    def group(band: str, count: int) -> object:
        if band == "common" and random.random() < 0.5:
            return {"concept": f"{language}-{random.randrange(_CONCEPTS)}"}
        return {"any": sorted({random.choice(bands[language, band]) for _ in range(count)})}

    groups = [group("rare", 5), group("common", 2), group("common", 2)]
    scoped: list[Any] = [groups, [{"sentence": groups}], [{"near": {"within": 10, "of": groups}}]]
    example = {"lang": language, "text": "text"}
    return RuleFile.model_validate(
        {
            "id": f"rule-{number}",
            "title": "A hot rule",
            "status": "live",
            "severity": "low",
            "languages": [language],
            "match": {"all": scoped[number % 3], "none": [group("low", 2)]},
            "alert": {"repeat_after": "12h"},
            "examples": {"fires": [example], "silent": [{**example, "because": "an example"}]},
        }
    )
