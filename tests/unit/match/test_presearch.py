"""Rules are told apart from articles that cannot meet them without being evaluated."""

from __future__ import annotations

import pytest

from streams.match.batch import ArticleText, Batch
from streams.match.compile import compile_condition
from streams.match.demands import MAX_ALTERNATIVES, MAX_TERMS, Measures, clauses_of
from streams.match.presearch import Presearch, Searched
from streams.match.rule_files import RuleFile
from streams.match.vocabulary import Vocabulary
from tests.unit.match.building import rule_data

_BOTH = ["red", "blue"]
_NEAR = {"near": {"within": 1, "of": _BOTH}}
_CHOICES = {"sentence": [{"any": ["red", {"all": ["blue", "zz"]}]}, {"any": ["green", {"all": ["xx", "yy"]}]}]}
"""Two choices in one sentence. Of "red xx. blue green" the first sentence has the first, the second one the second."""
_THREE = {"sentence": [*_CHOICES["sentence"], {"any": ["ww", {"all": ["uu", "vv"]}]}]}
"""Three choices; of "red xx. blue green. ww" no sentence has more than one."""


def _is_candidate(match: object, *articles: ArticleText) -> list[bool]:
    vocabulary = Vocabulary({}, {})
    condition = compile_condition(RuleFile.model_validate(rule_data(match)).match, vocabulary)
    measures = Measures(vocabulary.weights, vocabulary.widths)
    presearch = Presearch([Searched((), ()), Searched(clauses_of(condition, measures), ())], measures)
    vocabulary.freeze()
    article, rule, _ = presearch.candidates(Batch(articles, vocabulary))
    assert set(rule.tolist()) <= {1}
    return [number in article for number in range(len(articles))]


@pytest.mark.parametrize(
    ("match", "inside", "outside"),
    [
        ("red", "red", "blue"),
        ({"all": _BOTH}, "red. blue", "red"),
        ({"any": _BOTH}, "blue", "green"),
        ({"sentence": _BOTH}, "xx. red and blue", "red. and blue"),
        ({"paragraph": _BOTH}, "red. blue", "red\nblue"),
        (_NEAR, "blue xx red", "blue xx xx red"),
        (_NEAR, "blue. xx. red", "blue\nred"),
        ({"near": {"within": 1, "of": ["red", "blue green"]}}, "blue green xx red", "blue green xx xx red"),
        ({"near": {"within": 0, "of": ["green", _NEAR]}}, "red xx blue green", "red xx xx blue green"),
        ({"sentence": ["green", _NEAR]}, "green xx xx xx red blue", "green. red blue"),
        ({"sentence": [{"any": [_NEAR, "green"]}, "xx"]}, "xx green", "xx red yy yy blue"),
        (
            {"sentence": {"all": ["green", {"any": [_NEAR, {"all": ["yy", "zz"]}]}]}},
            "yy green zz",
            "green yy. green zz",
        ),
        ({"all": [_NEAR, {"sentence": ["xx", "yy"]}]}, "red blue. xx yy", "red blue. xx. yy"),
        ({"all": ["red"], "none": ["blue"]}, "red", "blue"),
        ({"sentences": {"within": 2, "of": _BOTH}}, "red xx.\nblue", "red. xx. blue"),
        ({"sentences": {"within": 3, "of": [*_BOTH, "green"]}}, "yy. red. blue. green", "red. blue. xx. green"),
        ({"any": [{"sentence": _BOTH}, {"sentences": {"within": 2, "of": ["red", "zz"]}}]}, "zz. red", "blue. red"),
        (_CHOICES, "yy. red and green", "red xx. blue green"),
        ({"any": [_CHOICES, {"sentence": ["yy", "zz"]}]}, "yy. zz yy", "red xx. blue green. yy"),
        (_THREE, "red. green red. uu blue zz yy xx vv", "red green. ww"),
        ({"any": [_THREE, _CHOICES]}, "red. green red", "red xx. blue green. ww"),
        ({"all": [_THREE, _CHOICES, "tt"]}, "tt. red green. red ww green", "tt. red green. ww"),
        ({"all": [_CHOICES, "zz"]}, "yy. red and green. zz", "yy red and green"),
        ({"paragraph": [{"any": ["red", _NEAR]}, {"any": ["xx", "yy"]}]}, "zz\nred. xx", "red\nxx"),
    ],
)
def test_words_have_to_stand_as_the_condition_needs_them(match: object, inside: str, outside: str) -> None:
    """In one article, sentence, paragraph or so many words; alone and in a batch; no text runs on."""
    texts = [ArticleText("", inside), ArticleText("", outside)]
    assert _is_candidate(match, *texts, *texts) == [True, False, True, False]
    assert [_is_candidate(match, text) for text in texts] == [[True], [False]]


def test_a_title_is_no_text() -> None:
    """Words of a title have to stand in it, also of one that is empty."""
    texts = [ArticleText("red", "blue"), ArticleText("x", "red"), ArticleText("", "red"), ArticleText("", "")]
    assert _is_candidate({"title": ["red"]}, *texts) == [True, False, False, False]
    assert _is_candidate({"title": ["red"]}, *reversed(texts)) == [False, False, False, True]


def test_a_condition_that_asks_for_nothing_is_evaluated_on_every_article() -> None:
    """What is not there, a regex and a number tell nothing of where to look."""
    for match in ({"regex": "a"}, {"number": {"at_least": 3}}, {"any": ["red", {"regex": "a"}]}):
        assert _is_candidate(match, ArticleText("", "x"), ArticleText("", "")) == [True, True]


def test_a_condition_of_many_choices_is_not_taken_apart_without_end() -> None:
    """Alternatives are bounded, and what is left of them is still needed, of every choice."""
    choices = {"any": [{"all": [f"a{number}", f"b{number}"]} for number in range(12)]}
    deep = {"any": [{"near": {"within": 3, "of": [choice, choice]}} for choice in [{"any": ["xx", "yy"]}] * 90]}
    match = {"sentence": [choices, choices, choices, deep]}
    vocabulary = Vocabulary({}, {})
    condition = compile_condition(RuleFile.model_validate(rule_data(match)).match, vocabulary)
    clauses = clauses_of(condition, Measures(vocabulary.weights, vocabulary.widths))
    assert max(map(len, clauses)) <= MAX_ALTERNATIVES
    texts = ["b3 xx yy a3", "b3. xx yy a3", "b3 xx a4 yy", "b3 a3"]
    assert _is_candidate(match, *(ArticleText("", text) for text in texts)) == [True, False, False, False]


def test_what_must_not_be_there_leaves_the_search_as_sharp_as_it_was() -> None:
    """Choices of one sentence are looked for in one sentence, whatever `none` stands beside the alternatives."""
    choices = [{"any": [{"all": [f"{of}a{one}", f"{of}b{one}"]} for one in "abcdefghi"]} for of in "xyz"]
    match = {"any": [{"sentence": choices}, "black"]}
    texts = [ArticleText("", text) for text in ("xaa xba yaa yba zaa zba", "xaa xba yaa yba. zaa zba")]
    assert _is_candidate(match, *texts) == [True, False]
    assert _is_candidate({**match, "none": ["pink"]}, *texts) == [True, False]


def test_a_group_of_very_many_words_is_asked_for_only_where_nothing_rarer_is() -> None:
    """A look at each of its words costs more than it keeps out; the condition itself is asked in the end."""
    many = {"any": [f"word{number}" for number in range(MAX_TERMS + 1)]}
    some = {"any": [f"word{number}" for number in range(MAX_TERMS)]}
    texts = [ArticleText("", "longestword word1"), ArticleText("", "longestword")]
    assert _is_candidate({"all": ["longestword", some]}, *texts) == [True, False]
    assert _is_candidate({"all": ["longestword", many]}, *texts) == [True, True]
    assert _is_candidate(many, ArticleText("", "word1"), ArticleText("", "red")) == [True, False]
