"""A story's fingerprint knows a re-print again."""

from __future__ import annotations

from streams.match.story import story_fingerprint
from tests.unit.match.building import ARTICLE


def test_the_fingerprint_is_what_it_was() -> None:
    """Recorded, because alerts of earlier releases are known by it."""
    assert story_fingerprint("Troops left the town on Monday, officials said.") == "s1:ff6455ad78789f120876e7a387893685"
    assert story_fingerprint(ARTICLE.read_text(encoding="utf-8")) == "s1:31dad0c83b1a79e4754e72773e5caaad"


def test_a_reprint_with_other_furniture_is_the_same_story() -> None:
    """Headline, captions, related articles, punctuation, accents and white space do not count."""
    text = ARTICLE.read_text(encoding="utf-8")
    body = text.split("ع ع ع")[1].split("مقالات متعلقة")[0].strip()
    reprint = f"خبر منقول\n\n{body.replace('،', ' ,').replace('فورًا', 'فوراً')}\n\nRelated articles\nSomething else"
    assert story_fingerprint(reprint) == story_fingerprint(text)


def test_another_text_is_another_story() -> None:
    """One word makes a difference."""
    assert story_fingerprint("They begin to deploy heavy weapons now.") != story_fingerprint(
        "They begin to withdraw heavy weapons now."
    )


def test_a_text_without_sentences_is_taken_whole() -> None:
    """A headline alone has a fingerprint of its own."""
    assert story_fingerprint("Troops leave") not in {story_fingerprint(""), story_fingerprint("Troops stay")}
