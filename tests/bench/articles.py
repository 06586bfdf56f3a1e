"""The benchmark's articles: made from `texts`, or read from a file of article lines; the same in every run.

A `Pool` is a set of texts with which of them fire a rule already known. `articles` deals out as many articles as wanted
from it: each text comes round again and again, under an id and with a last sentence of its own. By their clock they are
more than a day apart, so that each that fires is a happening of its own, and is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from streams.article_lines import read_lines
from streams.errors import InputError
from streams.match.engine import Engine
from streams.messages import Article
from tests.bench.texts import ALERTING, FILLINGS, HEADLINES, ORDINARY

SIZE = 4_700
"""Mean length of a made text, in bytes of UTF-8: that of the real news articles the rules were written on."""
ARABIC = 0.6
"""Share of Arabic articles."""
FIRING_EVERY = 50
"""One made article in so many fires a rule."""
POOL = 500
SEED = 1056
FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
APART = timedelta(hours=25)
SIGNATURE = "This was report number {number} of the benchmark's own agency."
"""Long enough a sentence to count for the story: a shorter line would make re-prints of them."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text: its language, and whether a rule fires on it."""

    title: str
    body: str
    language: str | None
    fires: bool


@dataclass(frozen=True, slots=True)
class Pool:
    """Texts in the order in which they are dealt out, and what they are, for the report."""

    texts: tuple[Text, ...]
    about: str

    @property
    def firing(self) -> Pool:
        """Those alone that fire."""
        return Pool(tuple(text for text in self.texts if text.fires), self.about)

    @property
    def silent(self) -> Pool:
        """Those alone that do not."""
        return Pool(tuple(text for text in self.texts if not text.fires), self.about)

    def of_language(self, language: str) -> tuple[Text, ...]:
        """Those of one language."""
        return tuple(text for text in self.texts if text.language == language)

    def articles(self, first: int, count: int) -> Iterator[Article]:
        """The articles of these numbers."""
        for number in range(first, first + count):
            seen = FIRST_DAY + number * APART
            text = self.texts[number % len(self.texts)]
            yield Article(
                id=f"bench-{number}",
                title=text.title,
                source="bench",
                url=f"https://news.example/{number}",
                language=text.language,
                published=seen,
                seen_at=seen,
                text=f"{text.body}\n{SIGNATURE.format(number=number)}",
            )

    def silent_among(self, first: int, count: int) -> int:
        """How many of these articles fire no rule."""
        return sum(not self.texts[number % len(self.texts)].fires for number in range(first, first + count))


def made(engine: Engine, *, size: int = SIZE) -> Pool:
    """`POOL` made texts of about `size` bytes each.

    Raises:
        AssertionError: a rule fires where it should not, or is silent where it should fire: the sentences or the rules
            have changed, and a figure would not be what it says.
    """
    random = Random(SEED)  # noqa: S311  # the same in every run
    texts = [_make(random, fires=number % FIRING_EVERY == 0, size=size) for number in range(POOL)]
    for text in texts:
        fired = [match.rule for match in engine.match(text.title, text.body)]
        assert bool(fired) == text.fires, f"{fired} on {text.title!r}:\n{text.body}"
    mean = sum(len(text.body.encode()) for text in texts) / len(texts)
    about = f"{POOL} made texts, mean {mean / 1000:.1f} KB, {ARABIC:.0%} Arabic, 1 in {FIRING_EVERY} fires"
    return Pool(tuple(texts), about)


def from_file(path: Path, engine: Engine) -> Pool:
    """The texts of a file of article lines.

    Raises:
        InputError: the file or a line of it cannot be read, or no rule fires on any of it.
    """
    texts = []
    try:
        with path.open("rb") as lines:
            for line in read_lines(lines, file=str(path)):
                if isinstance(line, InputError):
                    raise line
                texts.append(Text(line.title, line.text, line.language, bool(engine.match(line.title, line.text))))
    except OSError as error:
        raise InputError(error.strerror or str(error), file=path) from error
    firing = sum(text.fires for text in texts)
    if not firing or firing == len(texts):
        raise InputError("no rule fires on any article of it, or on every one; a benchmark needs both", file=path)
    mean = sum(len(text.body.encode()) for text in texts) / len(texts)
    about = f"{len(texts)} texts of {path.name}, mean {mean / 1000:.1f} KB, 1 in {len(texts) / firing:.0f} fires"
    return Pool(tuple(texts), about)


def _make(random: Random, *, fires: bool, size: int) -> Text:
    language = "ar" if random.random() < ARABIC else "en"
    sentences: list[str] = []
    wanted = random.uniform(0.6, 1.4) * size
    while sum(len(sentence.encode()) + 1 for sentence in sentences) < wanted:
        sentences.append(_fill(random, random.choice(ORDINARY[language]), language))
    if fires:
        sentences.insert(random.randrange(len(sentences)), _fill(random, random.choice(ALERTING[language]), language))
    paragraphs = [" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3)]
    return Text(_fill(random, random.choice(HEADLINES[language]), language), "\n".join(paragraphs), language, fires)


def _fill(random: Random, template: str, language: str) -> str:
    """The template with every slot filled, each for itself."""
    parts = template.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        slot, _, rest = part.partition("}")
        filled += [_filling(random, slot, language), rest]
    return "".join(filled)


def _filling(random: Random, slot: str, language: str) -> str:
    if slot == "number":
        return str(random.randrange(100, 9_000))
    if slot == "small":
        return str(random.randrange(3, 90))
    return random.choice(FILLINGS[language][slot])
