"""Articles read together are told apart: each has what it has alone."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.match.batch import ArticleText
from streams.match.engine import Engine
from streams.match.fold import Folded, fold
from streams.match.words import Words
from tests.support.shipped import shipped_engine
from tests.unit.match.building import ARTICLE, concept, rule_data, rulebook_of

_LETTERS = "قصف إدلب troops. \n\u0640\u064bﻻß😀\ud800-"


@settings(deadline=None)
@given(st.lists(st.text(alphabet=_LETTERS, max_size=20), max_size=6))
def test_a_text_folds_among_others_as_alone(texts: list[str]) -> None:
    """Whatever stands before and after it, a text's letters, separators and offsets are its own."""
    words = Words(texts)
    for number, text in enumerate(texts):
        among, alone = Folded(text, words, number, number + 1), fold(text)
        for name in ("spaced", "marked", "word_ends", "sentence_ends", "paragraph_ends", "length"):
            assert getattr(among, name) == getattr(alone, name), name
        assert among.offsets.tolist() == alone.offsets.tolist()


def test_a_batch_matches_as_its_articles_do_one_by_one() -> None:
    """Long and short, firing and silent, empty: the answers are those of each article alone, in order."""
    real = ARTICLE.read_text(encoding="utf-8")
    lines = [line for line in real.splitlines() if line.strip()]
    random = Random(4)  # noqa: S311  # repeatable, not secret
    articles = [ArticleText("", real), ArticleText("", ""), ArticleText("Turkey", "")]
    for _ in range(40):
        some = random.sample(lines, random.randint(0, len(lines)))
        articles.append(ArticleText(random.choice(["", lines[0]]), "\n".join(some)))
    random.shuffle(articles)
    together = shipped_engine().match_many(articles)
    assert together == [shipped_engine().match(*article) for article in articles]
    assert any(together)
    assert not all(together)


def test_rules_that_are_asked_about_an_article_fire_as_they_do_among_all() -> None:
    """And no other does: an example is tried by its own rule."""
    engine = Engine(rulebook_of(*(rule_data(word, id=word) for word in ("apple", "pear", "plum"))))
    articles = [ArticleText("", text) for text in ("apple pear plum", "pear plum", "apple pear", "fig", "plum")]
    asked = [{"apple", "plum"}, {"pear"}, {"plum"}, {"apple"}, set[str]()]
    fired = [[one.rule.file.id for one in some] for some in engine.evaluate_asked(articles, asked)]
    assert fired == [["apple", "plum"], ["pear"], [], [], []]


def test_no_articles_have_no_matches() -> None:
    """An empty batch is answered with nothing."""
    assert shipped_engine().match_many([]) == []


def test_a_phrase_does_not_run_over_into_the_next_article() -> None:
    """The last word of one article and the first of the next are no phrase, nor are a title and a text."""
    engine = Engine(rulebook_of(rule_data({"phrase": "air strike"}), concepts=(concept("x", en={"exact": ["y"]}),)))
    articles = [ArticleText("", "the air"), ArticleText("strike", "air"), ArticleText("air", "strike")]
    assert [bool(found) for found in engine.match_many([*articles, ArticleText("", "air strike")])] == [
        False,
        False,
        False,
        True,
    ]
