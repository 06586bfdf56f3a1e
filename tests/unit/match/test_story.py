"""A story's fingerprint knows a re-print again."""

from __future__ import annotations

import pytest

from streams.match import story
from tests.unit.match.building import ARTICLE


def fingerprint(text: str, title: str = "") -> str:
    return story.fingerprint(story.story_words(text, title=title))


def test_the_fingerprint_is_what_it_was() -> None:
    """Recorded, because alerts of earlier releases are known by it."""
    assert fingerprint("Troops left the town on Monday, officials said.") == "s1:ff6455ad78789f120876e7a387893685"
    assert fingerprint(ARTICLE.read_text(encoding="utf-8")) == "s1:31dad0c83b1a79e4754e72773e5caaad"


def test_a_reprint_with_other_furniture_is_the_same_story() -> None:
    """Headline, captions, related articles, punctuation, accents and white space do not count."""
    text = ARTICLE.read_text(encoding="utf-8")
    body = text.split("ع ع ع")[1].split("مقالات متعلقة")[0].strip()
    reprint = f"خبر منقول\n\n{body.replace('،', ' ,').replace('فورًا', 'فوراً')}\n\nRelated articles\nSomething else"
    assert fingerprint(reprint) == fingerprint(text)


def test_another_text_is_another_story() -> None:
    """One word makes a difference."""
    assert fingerprint("They begin to deploy heavy weapons now.") != fingerprint(
        "They begin to withdraw heavy weapons now."
    )


def test_a_text_without_sentences_is_taken_whole() -> None:
    """A headline alone has a fingerprint of its own."""
    assert fingerprint("Troops leave") not in {fingerprint(""), fingerprint("Troops stay")}


def test_bare_headlines_are_not_all_one_story() -> None:
    """A text without words, or with furniture alone, leaves the title to tell stories apart; otherwise it does not."""
    for text in ("", "\n...", "اقرأ المزيد"):
        assert fingerprint(text, "Troops leave") != fingerprint(text, "Troops stay")
        assert fingerprint(text, "Troops leave") == fingerprint("", "TROOPS LEAVE!")
    assert fingerprint("They left.", "Troops leave") == fingerprint("They left.", "Army goes")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ჯარები ქალაქს ტოვებენ.", "ხალხის ბევრმა გააკეთა."),
        ("सब घर गए।", "हम कल चल।"),
        ("军队离开城市。", "平民返回家园。"),
    ],
    ids=["Georgian", "Hindi", "Chinese"],
)
def test_texts_in_other_alphabets_were_one_story_where_their_words_were_as_long(one: str, other: str) -> None:
    """No phrase can ask for such words, but a regex, or what stands beside them, may fire; bare headlines too."""
    for title, text in (("", one), (one, "")):
        assert fingerprint(text, title) not in {fingerprint(other), fingerprint("", other)}
    assert fingerprint(f"{one} NATO") == fingerprint(f"{one}  Nato")


def test_signs_and_bold_letters_beyond_the_basic_plane_were_all_one_story() -> None:
    """Folded, nothing is left of them; a regex may fire on them."""
    assert len({fingerprint("", title) for title in ("🚨🔥", "🚨", "𝗕𝗿𝗲𝗮𝗸𝗶𝗻𝗴", "!!!", "")}) == 5
    assert fingerprint("", " 🚨  🔥") == fingerprint("🚨 🔥 ")
