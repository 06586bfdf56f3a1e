"""English abbreviations whose full stop ends no sentence, by what follows them.

The classes are those of the field's splitters (Pragmatic Segmenter, pySBD); the words are the press's. A word that an
sentence may end with (ill, mass, ore, sat; hon and det in Swedish, va in French) is none, whatever it abbreviates.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt


def _blocks(*words: str) -> npt.NDArray[np.uint64]:
    """The words of these texts, of up to eight letters, as `streams.match.words.Blocks`, rising."""
    spelled = " ".join(words).encode("ascii").split()
    return np.unique(np.array([int.from_bytes(word, "little") for word in spelled], dtype=np.uint64))


BEFORE_NAMES: Final = _blocks(
    "mr mrs ms mx messrs mme mlle dr drs prof rev fr msgr",
    "gen gens lt lts col cols maj capt cmdr comdr cdr cpl sgt sgts pvt pfc spc brig adm",
    "gov govs sen sens rep reps pres amb supt insp asst",
    "st ste mt ft vs",
)
"""Titles and honorifics, ranks, offices, and what stands before the name of a place or an opponent."""
BEFORE_NUMBERS: Final = _blocks("no nos pp art fig vol para ch mar apr jun jul sep")
"""Ends a sentence unless a digit follows: a word by itself, or so rare without a number."""
ELSEWHERE: Final = _blocks(
    "jan feb aug sept oct nov dec mon tue tues thu thur thurs",
    "inc corp co cos ltd llc bros plc assn dept univ govt intl natl",
    "jr sr esq phd etc al viz cf ca approx",
    "ave blvd hwy mts",
    "ala ariz ark calif colo conn fla ga kan ky md mich minn mo mont neb nev okla tenn tex vt wis wyo",
)
"""Months and days, companies and bodies, what stands behind names, Latin, roads, and states of the USA: ends a sentence
only before a word that begins one. An initial (U.S., p.m.) is like them."""
OPENERS: Final = _blocks(
    "the a an this that these those there he she it they we his her its their",
    "in on at as after before by for from with since when while during if",
    "but however earlier later also although both one two some many most",
    "no now not our you your such several three four among under until what another last each all only",
    "even still yet then instead",
)
"""Words that begin a sentence when they have a capital and no hyphen: names that follow an abbreviation seldom do."""


def is_one_of(letters: npt.NDArray[np.uint64], words: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which of these words are in a class."""
    found: npt.NDArray[np.bool_] = words.take(words.searchsorted(letters), mode="clip") == letters
    return found
