"""Names that no gazetteer knows are compared across scripts by their consonants."""

from __future__ import annotations

import pytest

from streams.match.document import Document
from streams.match.spelling import spelt_arabic, spelt_latin
from streams.match.traits import traits_of
from streams.match.vocabulary import Vocabulary
from streams.messages import Traits


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """One that knows no name."""
    found = Vocabulary({}, {})
    found.freeze()
    return found


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [
        ("Qawqafeen", "قوقفين"),
        ("Qaqfīn", "بقوقفين"),
        ("Timothewos", "تيموثيوس"),
        ("al-Baghdadi's", "والبغدادي"),
        ("Faylaq", "فَيْلَق"),
        ("Jermuk", "جيرموك"),
    ],
)
def test_a_name_is_spelt_alike_in_both_scripts(latin: str, arabic: str) -> None:
    """Vowels, h and doubled letters left out, articles and particles taken off, sounds that are mixed up as one."""
    assert spelt_latin(latin) in list(spelt_arabic(arabic))


def test_names_of_the_text_are_kept_by_their_spelling(vocabulary: Vocabulary) -> None:
    """In Latin letters those with a capital one, in Arabic every word; the most frequent words are no names."""

    def of(title: str, text: str) -> Traits:
        return traits_of(Document(title, text, vocabulary))

    english = of("Shells Hit Olive Pickers", "Nine people died in Qawqafeen on Saturday, and they were children.")
    arabic = of("قصف على قاطفي زيتون", "قتل تسعة مدنيين في قوقفين يوم السبت.")
    assert len(english.latin) == 1
    assert not english.arabic
    assert not arabic.latin
    assert set(english.latin) & set(arabic.arabic)
    assert not set(english.latin) & set(of("", "سقطت قذائف على سوق في إدلب.").arabic)


def test_names_that_begin_with_an_accent_were_lost(vocabulary: Vocabulary) -> None:
    """Çavuşoğlu is spelt as Cavusoglu is."""
    accented, plain = (
        traits_of(Document("", f"A man said on Monday that {name} left.", vocabulary)).latin
        for name in ("Çavuşoğlu", "Cavusoglu")
    )
    assert accented == plain != ()
