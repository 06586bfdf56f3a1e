"""What is remembered of words is what was found out about them, however full the table is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.match.lexicon import Lexicon, Lists
from streams.match.words import Ints, Words

_WORD = st.text("abc", min_size=1, max_size=3) | st.sampled_from(["a" * 8, "a" * 9, "a" * 16, "a" * 17, "a" * 16 + "b"])


@given(st.lists(st.lists(_WORD, max_size=12), max_size=6), st.integers(1, 5))
def test_every_word_has_its_own_entry(texts: list[list[str]], bits: int) -> None:
    """Words that share places, that find none, that are too long, that come twice: each has what was told of it."""
    lexicon = Lexicon(bits)
    numbers: dict[str, int] = {}
    for text in texts:
        words = Words([" ".join(text)])
        asked: list[str] = []

        def learn(chosen: Ints, text: list[str] = text, asked: list[str] = asked) -> Ints:
            asked += [text[number] for number in chosen.tolist()]
            return np.array([numbers.setdefault(text[n], len(numbers)) for n in chosen.tolist()], dtype=np.intp)

        if lexicon.is_full:
            lexicon.forget()
        found = lexicon.entries(words, learn)
        assert found.tolist() == [numbers[word] for word in text]


def test_a_word_that_was_met_is_not_asked_about_again() -> None:
    """Not in the text in which it is new, and not in the next."""
    lexicon, asked = Lexicon(), []

    def learn(chosen: Ints) -> Ints:
        asked.append(chosen.tolist())
        return chosen + 1

    assert lexicon.entries(Words(["one two one"]), learn).tolist() in ([1, 2, 1], [3, 2, 3])
    assert sorted(map(len, asked)) == [2]
    lexicon.entries(Words(["two one"]), learn)
    assert len(asked) == 1


def test_lists_are_told_by_entry() -> None:
    """Also after they have grown, and those that are empty."""
    lists = Lists()
    expected: dict[int, list[tuple[int, int]]] = {0: []}
    for size in (2, 0, 5000, 1):
        pairs = [(size, number) for number in range(size)]
        expected[len(lists)], expected[len(lists) + 1] = pairs, []
        lists.add(np.array([size, 0]), *np.array(pairs, dtype=np.intp).reshape(-1, 2).T)
    owners, found = lists.of(np.arange(len(lists)))
    told: dict[int, list[tuple[int, int]]] = {entry: [] for entry in range(len(lists))}
    for owner, first, second in zip(owners.tolist(), *found.tolist(), strict=True):
        told[owner].append((first, second))
    assert told == expected
