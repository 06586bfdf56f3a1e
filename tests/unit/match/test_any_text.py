"""Whatever a text is made of, matching it raises nothing, and what it tells is in the text, character by character."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from streams.match.batch import ArticleText
from streams.match.engine import Engine
from streams.match.fold import fold, fold_phrase, spell
from streams.match.furniture import furniture
from streams.match.inflections import InflectionError
from streams.match.phrases import Kind, Phrase, PhraseError, forms_of
from streams.match.scanner import Scanner
from streams.match.words import Words
from tests.unit.match.building import concept, engine_of, rule_data, rulebook_of

_IGNORED = "\u0640\u064b\u0651\u0670\u200c\u200d\u200e\u200f\u202b\u202c\u2066\u2069\ufeff\u0301"
_PRESENTED = str.maketrans({"ق": "\ufed7", "ص": "\ufebb", "ف": "\ufed3", "د": "\ufeaa", "ب": "\ufe91", "ه": "\ufee9"})
_CAPITALS = str.maketrans({"r": "Ｒ", "d": "D", "e": "É"})
_SPELLINGS = ("قصف", "بالقصف", "إدلب", "هيئة", "red tree", "RED tree")
_NOISE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs"]),  # lone surrogates
        st.sampled_from([*_IGNORED, *"قصف ﻻ ﷺ ß ﬁ 漢 \n\t.!؟،😀𝐀٥5-_'"]),
    ),
    max_size=15,
)
_ENGINE = Engine(
    rulebook_of(
        rule_data({"any": [{"concept": "wanted"}, {"near": {"within": 3, "of": [{"concept": "wanted"}, "never"]}}]}),
        concepts=(
            concept(
                "wanted",
                ar={"common": ["قصف", "هيئة"], "name": ["إدلب"]},
                en={"exact": ["red tree"]},
            ),
        ),
    )
)

_ENGINE_OF_ALL = engine_of(
    {"any": [{"concept": "wanted"}, {"regex": r"(?s)\pL.{0,5}\pL"}, {"number": {"at_least": 1}}]},
    concept("wanted", ar={"common": ["قصف", "هيئة"], "name": ["إدلب"]}, en={"exact": ["red tree"]}),
)


@st.composite
def _decorated(draw: st.DrawFn) -> str:
    """A spelling of a wanted phrase with what folding ignores between its letters: in other forms, and split."""
    spelled = draw(st.sampled_from(_SPELLINGS))
    splits = ["", "\u0640 \u0640", "\u0640\u200f.\u00a0\u0640\u0640"] if not spelled.isascii() else [""]
    if draw(st.booleans()):
        spelled = spelled.translate(draw(st.sampled_from([_PRESENTED, _CAPITALS])))
    between = draw(st.sampled_from(splits))
    return between.join(letter + draw(st.text(_IGNORED, max_size=2)) for letter in spelled)


@settings(deadline=None)
@given(_NOISE, _decorated(), _NOISE)
def test_words_in_any_disguise_slice_back_to_themselves(before: str, words: str, after: str) -> None:
    """Marks, tatweel, joiners, bidi marks, presentation forms, surrogates around it: the evidence is those words."""
    text = f"{before} {words} {after}"
    assume(not furniture(fold(text)))
    (match,) = _ENGINE.match("", text)
    assert all(text[one.start : one.end] == one.text for one in match.evidence)
    last = len(before) + 1 + max(place for place, letter in enumerate(words) if fold_phrase(letter))
    (found,) = [one for one in match.evidence if one.start <= last < one.end]
    assert found.start > len(before)  # a preposition is no part of it
    assert fold_phrase(words).removeprefix(fold_phrase("ب")) == fold_phrase(found.text)
    assert all(excerpt.text in text for excerpt in match.excerpts)


@settings(deadline=None)
@given(st.lists(st.tuples(_NOISE, st.one_of(_NOISE, _decorated())), max_size=4))
def test_any_articles_are_matched_without_an_error(texts: list[tuple[str, str]]) -> None:
    """Titles and texts of anything, alone and together, and what is told lies within them."""
    articles = [ArticleText(title, text) for title, text in texts]
    for article, matches in zip(articles, _ENGINE_OF_ALL.match_many(articles), strict=True):
        for evidence in (one for match in matches for one in match.evidence):
            field = article.title if evidence.field == "title" else article.text
            assert 0 <= evidence.start < evidence.end <= len(field)
            assert field[evidence.start : evidence.end] == evidence.text


@settings(deadline=None)  # the first verb builds tables
@given(_NOISE, st.sampled_from(Kind), st.sampled_from(["ar", "en", "tr", "und"]))
def test_any_phrase_is_looked_for_or_refused_with_a_reason(text: str, kind: Kind, language: str) -> None:
    """Only the declared errors come out; a phrase that is taken is found in a text of it, a verb in one of a form."""
    with suppress(PhraseError, InflectionError):
        forms = forms_of(Phrase(text, language, kind))
        found = Scanner({form: [0] for form in forms}).scan(Words([spell(fold_phrase(text))]))  # no sentence ends in it
        assert len(found.values) or kind is Kind.VERB
