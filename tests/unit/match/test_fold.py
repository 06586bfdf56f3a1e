"""Folding loses what writers vary, and nothing of where the words stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.match.fold import FOREIGN, PARAGRAPH, SENTENCE, SPACE, fold, fold_phrase, spell

_ANY_TEXT = st.lists(
    st.one_of(
        st.integers(0, 0x10FFFF).map(chr),  # surrogates and astral characters among them
        st.sampled_from(
            [
                *"قصفادلب ةىأإآؤئ\u0640\u064b\u0651\u0670\u200c\u200f\u202b\u2067\ufeff\ufefb\ufdfa\ufb01",
                *"ab ßæ.!؟\n\r\t-'5٥",
            ]
        ),
    ),
    max_size=60,
).map("".join)


@given(_ANY_TEXT)
def test_every_word_slices_back_to_characters_that_fold_to_it(text: str) -> None:
    """Whatever the characters are, a folded word's span holds just that word in the original."""
    folded = fold(text)
    position = 1
    for word in folded.spaced[1:-1].split(b" "):
        if word:
            start, end = folded.span(position, position + len(word))
            assert fold_phrase(text[start:end]) == word
        position += len(word) + 1


@given(_ANY_TEXT)
def test_a_phrase_folds_as_a_text_does(text: str) -> None:
    """The short way gives the same letters as the long one."""
    assert fold_phrase(text) == fold(text).spaced.strip(b" ")


@given(_ANY_TEXT)
def test_the_shape_of_a_folded_text_is_constant(text: str) -> None:
    """It begins and ends with a separator, has no two in a row, and an offset for every byte."""
    folded = fold(text)
    assert len(folded.marked) == len(folded.spaced) == len(folded.offsets)
    assert folded.spaced[:1] == folded.spaced[-1:] == b" "
    assert b"  " not in folded.spaced
    assert {code for code in folded.marked if code < ord("0")} <= {SPACE, SENTENCE, PARAGRAPH}


@given(_ANY_TEXT)
def test_positions_lead_back_to_offsets(text: str) -> None:
    """The position of an offset is the first one whose character is at or after it."""
    folded = fold(text)
    for offset in range(len(text)):
        assert all(at < offset for at in folded.offsets[: folded.position(offset)])


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("إِدْلِب", "ادلب"),
        ("آفس", "افس"),
        ("حماة", "حماه"),
        ("مستشفى", "مستشفي"),
        ("هيئة", "هييه"),
        ("قـــصـــف", "قصف"),
        ("\u202bقصف\u202c", "قصف"),
        ("قص\u200cف", "قصف"),
        ("ﺇﺩﻟﺐ", "ادلب"),
        ("ﻻجئ", "لاجي"),
        ("٢٠١٩", "2019"),
        ("۲۰۱۹", "2019"),
        ("کی", "كي"),
        ("İDLİB", "idlib"),
        ("Erdoğan", "erdogan"),
        ("Straße", "strasse"),
        ("oﬀensive", "offensive"),
        ("Идли\u0301б", "идлиб"),
        ("cease-fire", "cease fire"),
        ("قـ ـصـ ـف", "قصف"),
        ("قـ\u200f \u200f\u00a0 ـصـ\u200b ـف", "قصف"),
        ("بـ ـانـ ـفـ ـجـ ـار لـ ـغـ ـم", "بانفجار لغم"),
        ("بقـ.ـصف لميليـ.ـشيا قسـ**ـد", "بقصف لميليشيا قسد"),
        ("ﻗـ ـﻼ", "قلا"),
        ("Ma'arat", "ma arat"),
        ("Maʿarat", "ma arat"),
        ("Idlibʼs", "idlib s"),
    ],
)
def test_variants_fold_to_one_spelling(written: str, plain: str) -> None:
    """Spellings that mean one word become one."""
    assert spell(fold_phrase(written)) == plain


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("One. Two", " one.two "),
        ("One.\nTwo", " one\ntwo "),
        ("3.5 percent", " 3 5 percent "),
        ("The U.S. troops", " the u s troops "),
        ("Gen. Milley said", " gen milley said "),
        ('He said "go." Then', " he said go.then "),
        ("ذهب.ثم عاد", " ذهب.ثم عاد "),
        ("د. محمد", " د محمد "),
        ("ماذا؟ نعم", " ماذا.نعم "),
        ("", " "),
        ("...", " "),
    ],
)
def test_separators_say_what_they_part(text: str, folded: str) -> None:
    """Words, sentences and paragraphs are told apart; initials, titles and decimals end no sentence."""
    assert spell(fold(text).marked) == folded


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Apple Inc. shares fell. Acme Corp. Vice President Lee left", 2),
        ("It was sold to Acme Corp. The army left", 2),
        ("Mt. Hermon, Ft. Bragg and St. James, Lt. Cmdr. Cruz and Sgt. Maj. Ali said", 1),
        ("Gen. He Weidong and Ms. An met", 1),
        ("Sens. Graham and Paul, Pres. Aoun, Amb. Ford and Cpl. Jones met", 1),
        ("Martin Luther King Jr. said so", 1),
        ("tanks, guns, etc. were seen. See fig. 3 and nos. 4 and 5", 2),
        ("They said no. Troops stayed", 2),
        ("See no. 5 of Sept. 7 and Mar. 3", 1),
        ("It will not mar. Then it left on Tues. The army stayed", 3),
        ("Austin, Tex. and Miami, Fla. are far", 1),
        ("He fell ill. Doctors came to mass. Police sat. Troops left", 4),
        ("They left the U.S. The army stayed. At 5 p.m. the army left", 3),
        ("Forces of the U.S. In May they left", 2),
        ("George W. A. Smith met Mr. I. Ivanov", 1),
        ("In the U.S. THE ARMY", 2),
        ("U.S. A-10 jets, U.S. In-flight tankers and U.S. An-26 planes left", 1),
        ("They left the U.S. Now they are in Syria. So did the U.S. Several came", 4),
        ("Trupperna måste gå, sade hon. Ryssland vägrade det. Turkiet kom", 3),
        ("U.S. \U0001f680 قُوّات. They left the U.S. The army", 3),
    ],
)
def test_stops_of_abbreviations_ended_sentences(text: str, sentences: int) -> None:
    """And before a word that begins one, initials ended none: each class by what stands behind it."""
    assert len(fold(text).sentence_ends) == sentences


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("الأفكار ــ خصوصا ــ لا", "الافكار خصوصا لا"),
        ("عام 1435هـ / 1436هـ عقد", "عام 1435ه 1436ه عقد"),
        ("لـ أصنام", "ل اصنام"),
        ("إلى ـ 20", "الي 20"),
        ("لـ ـ أصنام", "ل اصنام"),
        ("قـ\nـصف", "ق صف"),
        ("لـ«الشرق»", "ل الشرق"),
        ("قـ 3ـصف", "ق 3صف"),
        ("aـ ـb", "a b"),
        ("ـ ـ", ""),
        ("قصف «ب ي د»", "قصف ب ي د"),
        ("د ب أ", "د ب ا"),
    ],
)
def test_words_that_no_tatweel_holds_together_stay_apart(text: str, words: str) -> None:
    """Dashes, abbreviations, prepositions and initials, as ordinary news writes them."""
    assert spell(fold(text).spaced.strip()) == words


def test_a_word_that_was_split_slices_back_with_its_blanks() -> None:
    """Its span is all of it, also among others and behind an astral character."""
    text = "\U0001f680 قوات قـ ـصـ ـف\u0640ـ مدينة"
    folded = fold(text)
    start = folded.spaced.index(fold_phrase("قصف"))
    first, last = folded.span(start, start + 3)
    assert text[first:last] == "قـ ـصـ ـف\u0640ـ"


def test_marks_on_the_last_letter_belong_to_the_word() -> None:
    """A word's span takes in its final tanwin and tatweel."""
    text = "فورًاـ الآن"
    folded = fold(text)
    start, end = folded.span(1, folded.spaced.index(b" ", 1))
    assert text[start:end] == "فورًاـ"


def test_letters_of_other_scripts_part_no_words() -> None:
    """A letter outside the alphabet is a letter all the same."""
    assert fold("a漢b").spaced == b" a" + bytes([FOREIGN]) + b"b "
