"""Which parts of a page's plain text are furniture: not the story, and no evidence for anything.

Rules of thumb, made from how news pages are built and not from single texts; each names what it looks for.

1. A heading of other stories (مقالات متعلقة, اقرأ أيضا, Related articles, ...) alone on a short line ends the story
   when most of the text's long lines stand before it: all that follows is furniture. Otherwise the line alone is.
   A text that has no long lines ends there too, unless the heading is its first line.
2. A line that begins with an icon's caption (camera icon, ...): pictures are described, not reported.
3. A short line that begins with a share bar's, appeal's, tag list's or log-in wall's words.
4. A line of nothing but lone letters (×, "ع ع ع").
5. A line of up to 25 words that begins with an invitation to read another story, whose title follows on it.

Longer lines are never furniture by their words: a story may say "read more" or "donate".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streams.match.fold import SPACE, Folded, fold_phrase
from streams.match.words import BLOCK, Words

MAX_HEADING_WORDS = 6
MAX_CUE_WORDS = 12
MAX_CAPTION_WORDS = 40
LONG_LINE_WORDS = 12
MAX_LINK_WORDS = 25
_HEADINGS = (
    "مقالات متعلقة",
    "مقالات ذات صلة",
    "مواضيع متعلقة",
    "مواضيع ذات صلة",
    "مواد ذات صلة",
    "مواد متعلقة",
    "موضوعات متعلقة",
    "موضوعات ذات صلة",
    "أخبار متعلقة",
    "أخبار ذات صلة",
    "الأخبار المتعلقة",
    "ذات صلة",
    "اقرأ أيضا",
    "إقرأ أيضا",
    "اقرأ المزيد",
    "شاهد أيضا",
    "قد يعجبك أيضا",
    "قد يهمك أيضا",
    "الأكثر قراءة",
    "الأكثر مشاهدة",
    "آخر الأخبار",
    "المزيد من الأخبار",
    "related articles",
    "related stories",
    "related news",
    "related posts",
    "related topics",
    "related links",
    "related content",
    "read also",
    "read more",
    "see also",
    "more stories",
    "more news",
    "more from",
    "most read",
    "most popular",
    "most viewed",
    "latest news",
    "recommended for you",
    "you may also like",
    "you might also like",
    "trending now",
)
_HEADINGS_ALONE = ("related", "more", "المزيد", "متعلقات")
"""Words that are a heading of other stories where nothing else is on their line."""
_LINKS = (
    "اقرأ أيضا",
    "إقرأ أيضا",
    "اقرأ المزيد",
    "شاهد أيضا",
    "طالع أيضا",
    "read also",
    "also read",
    "read more",
    "see also",
)
_CAPTIONS = (
    "camera icon",
    "tag icon",
    "clock icon",
    "share icon",
    "print icon",
    "comment icon",
)
_CUES = (
    "اضغط هنا",
    "انقر هنا",
    "شارك المقال",
    "شارك الخبر",
    "شارك هذا",
    "تابعنا على",
    "تابعونا على",
    "اشترك في",
    "اشترك الآن",
    "سجل الدخول",
    "تسجيل الدخول",
    "تبرع الآن",
    "ادعم",
    "كلمات مفتاحية",
    "الكلمات المفتاحية",
    "الكلمات الدلالية",
    "وسوم",
    "حقوق النشر",
    "جميع الحقوق محفوظة",
    "share this",
    "share on",
    "follow us",
    "subscribe",
    "sign up",
    "sign in",
    "log in",
    "donate",
    "support us",
    "support our",
    "click here",
    "advertisement",
    "all rights reserved",
    "tags",
    "filed under",
)


def _starts(phrases: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(sorted({fold_phrase(phrase) + b" " for phrase in phrases}))


_HEADING_STARTS, _HEADING_LINES = _starts(_HEADINGS), _starts(_HEADINGS_ALONE)
_LINK_STARTS = _starts(_LINKS)
_CAPTION_STARTS = tuple(start.strip() for start in _starts(_CAPTIONS))  # pages glue the caption to its icon
_CUE_STARTS = _starts(_CUES)


_FIRST_LETTERS = np.array(
    sorted(
        {
            int.from_bytes(start.split(b" ")[0][:BLOCK], "little")
            for start in (*_HEADING_STARTS, *_HEADING_LINES, *_LINK_STARTS, *_CAPTION_STARTS, *_CUE_STARTS)
        }
    ),
    dtype=np.uint64,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a folded text: its [start, end) there, its letters and how many words they are."""

    start: int
    end: int
    letters: bytes
    words: int


def lines_of(folded: Folded, start: int = 0) -> list[Line]:
    """The lines from folded position `start` on that have letters in them."""
    lines = []
    for end in folded.paragraph_ends:
        if end > start:
            start += folded.spaced[start] == SPACE  # the separator with which the text begins
            letters = folded.spaced[start:end]
            if letters:
                lines.append(Line(start, end, letters, letters.count(b" ") + 1))
            start = end + 1
    return lines


def furniture(folded: Folded, start: int = 0) -> list[tuple[int, int]]:
    """The folded [start, end) of each stretch of furniture from `start` on, in order, not overlapping."""
    lines = lines_of(folded, start)
    long_words = sum(line.words for line in lines if line.words >= LONG_LINE_WORDS)
    before = 0
    found: list[tuple[int, int]] = []
    for line in lines:
        if line.words >= LONG_LINE_WORDS:
            before += line.words
        heading = _is_heading(line)
        if heading and (before * 2 > long_words or (not long_words and line is not lines[0])):
            return [*found, (line.start, len(folded.spaced))]
        if heading or _is_link(line) or _is_caption(line) or _is_cue(line) or _says_nothing(line):
            found.append((line.start, line.end))
    return found


def may_be_furniture(words: Words) -> npt.NDArray[np.bool_]:
    """For each word: whether it is the first of a line and a line of furniture could begin with it.

    All of many texts are asked at once; a text without such a word has no furniture, and most have none.
    """
    found = words.starts_paragraph.copy()
    firsts = found.nonzero()[0]
    letters = words.blocks(words.starts[firsts], words.lengths[firsts])
    places = np.searchsorted(_FIRST_LETTERS, letters)
    found[firsts] = (_FIRST_LETTERS.take(places, mode="clip") == letters) | (words.lengths[firsts] == 1)
    return found


def merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _is_heading(line: Line) -> bool:
    if line.letters + b" " in _HEADING_LINES:
        return True
    return line.words <= MAX_HEADING_WORDS and (line.letters + b" ").startswith(_HEADING_STARTS)


def _is_link(line: Line) -> bool:
    return line.words <= MAX_LINK_WORDS and (line.letters + b" ").startswith(_LINK_STARTS)


def _is_caption(line: Line) -> bool:
    return line.words <= MAX_CAPTION_WORDS and line.letters.startswith(_CAPTION_STARTS)


def _is_cue(line: Line) -> bool:
    return line.words <= MAX_CUE_WORDS and (line.letters + b" ").startswith(_CUE_STARTS)


def _says_nothing(line: Line) -> bool:
    return all(len(word) <= 1 for word in line.letters.split())
