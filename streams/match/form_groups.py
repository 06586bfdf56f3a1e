"""The forms of a phrase as an author can take them in: its words, and apart from them what is written on to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streams.match.fold import fold_phrase, spell
from streams.match.inflections import Inflected, arabic_paradigm, english_paradigm, english_plural
from streams.match.phrases import Form, Kind, Phrase, forms_of, verb_letters
from streams.match.surfaces import affixes_of

_ABOUT = {
    ("ar", Kind.NAME): "an Arabic name: as it is written, with particles before it",
    ("ar", Kind.COMMON): "an Arabic noun or adjective: with and without the article, with particles and pronouns",
    ("ar", Kind.VERB): "an Arabic verb: its persons in past and present, with particles and pronouns",
    ("ar", Kind.EXACT): "exact: as it is written, nothing before or after it",
    ("en", Kind.NAME): "an English name: as it is written, in capitals or not",
    ("en", Kind.COMMON): "an English noun: singular and plural",
    ("en", Kind.VERB): "an English verb: its persons, past, participle and -ing",
    ("en", Kind.EXACT): "exact: as it is written, in capitals or not",
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word or words without what may be written on to them; `label` says which form it is, if there are several."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class FormGroup:
    """Words that take the same particles: each with one of `before` and one of `after`, "" for nothing."""

    words: tuple[Word, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many forms these are; two words may share some."""
        return len(self.words) * len(self.before) * len(self.after)


def about(phrase: Phrase) -> str:
    """What kind of phrase it is taken for."""
    other = "as it is written, but for capitals and accents: this language has no other forms"
    return _ABOUT.get((phrase.language, phrase.kind), other)


def groups_of(phrase: Phrase) -> list[FormGroup]:
    """Every form of the phrase, in groups; those first that may stand alone.

    Raises:
        PhraseError, InflectionError: it cannot be looked for.
    """
    labels = dict(_labels(phrase))
    order = {key: number for number, key in enumerate(labels)}
    grouped: dict[tuple[frozenset[bytes], frozenset[bytes]], list[tuple[int, Word]]] = defaultdict(list)
    for form in forms_of(phrase):
        text = spell(form.pattern.strip(b" "))
        key = (text, _is_bound(form))
        grouped[affixes_of(form)].append((order.get(key, len(order)), Word(text, labels.get(key, ""))))
    groups = [
        FormGroup(tuple(word for _, word in sorted(words, key=_in_order)), _spelled(before), _spelled(after))
        for (before, after), words in grouped.items()
    ]
    return sorted(groups, key=lambda group: ("" not in group.after, -len(group.words), group.words[0].text))


def _in_order(numbered: tuple[int, Word]) -> tuple[int, int, str]:
    number, word = numbered
    return number, len(word.text), word.text


def _spelled(affixes: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(spell(one) for one in sorted(affixes, key=lambda affix: (len(affix), affix)))


def _is_bound(form: Form) -> bool:
    return form.suffixes is not None and b"" not in form.suffixes


def _labels(phrase: Phrase) -> Iterator[tuple[tuple[str, bool], str]]:
    """By folded spelling, and whether it stands only with a pronoun: what the form is; in the order to be shown."""
    if phrase.kind is Kind.VERB and phrase.language == "ar":
        yield from _joined(arabic_paradigm(verb_letters(phrase.text)))
    elif phrase.kind is Kind.VERB and phrase.language == "en":
        yield from _joined(english_paradigm(phrase.text))
    elif phrase.kind is Kind.COMMON and phrase.language == "en":
        one = phrase.text.strip()
        yield from _joined([Inflected(one, "one"), Inflected(english_plural(one), "several")])


def _joined(paradigm: Iterable[Inflected]) -> Iterator[tuple[tuple[str, bool], str]]:
    labels: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for one in paradigm:
        labels[spell(fold_phrase(one.form)), one.bound].append(one.person)
    for key, persons in labels.items():
        yield key, "; ".join(dict.fromkeys(persons))
