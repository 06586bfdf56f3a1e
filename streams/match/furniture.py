"""Which parts of a page's plain text are furniture: not the story, and no evidence for anything.

Rules of thumb, made from how news pages are built and not from single texts; each names what it looks for.

1. A heading of other stories (مقالات متعلقة, اقرأ أيضا, Related articles, ...) alone on a short line ends the story
   when most of the text's long lines stand before it: all that follows is furniture. In the middle of the story it
   takes the titles below it too: short lines that do not end as a sentence does; so does "list 1 of 3", and the story
   goes on after "end of list". Before the story it is furniture alone. A text that has no long lines ends there too,
   unless the heading is its first line.
2. A line that begins with an icon's caption (camera icon, ...): pictures are described, not reported.
3. A short line that begins with a share bar's, appeal's, tag list's or log-in wall's words.
4. A line of nothing but lone letters (×, "ع ع ع").
5. A line of up to 25 words that begins with an invitation to read another story, whose title follows on it; "Related"
   and the like invite only before a colon, and below the first line.

Longer lines are never furniture by their words: a story may say "read more" or "donate".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
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
_SENTENCE_ENDS = tuple(".!?؟…:")
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
    "موضوعات قد تهمك",
    "مواضيع قد تهمك",
    "قد يعجبك",
    "قد يهمك",
    "اخترنا لك",
    "نرشح لك",
    "قصص ذات صلة",
    "تقارير ذات صلة",
    "روابط ذات صلة",
    "انظر أيضا",
    "تابع أيضا",
    "الأكثر قراءة",
    "الأكثر مشاهدة",
    "الأكثر شيوعا",
    "الأكثر تداولا",
    "آخر الأخبار",
    "أحدث الأخبار",
    "أهم الأخبار",
    "أخبار أخرى",
    "عناوين أخرى",
    "مقالات أخرى",
    "من نفس القسم",
    "المقال السابق",
    "المقال التالي",
    "الخبر السابق",
    "الخبر التالي",
    "المزيد من الأخبار",
    "related articles",
    "related stories",
    "related news",
    "related posts",
    "related topics",
    "related links",
    "related content",
    "related coverage",
    "read also",
    "also read",
    "read more",
    "read next",
    "what to read next",
    "keep reading",
    "further reading",
    "see also",
    "more stories",
    "more on this",
    "more news",
    "more from",
    "most read",
    "most popular",
    "most viewed",
    "latest news",
    "top stories",
    "other stories",
    "other news",
    "in other news",
    "editors picks",
    "editor's picks",
    "don't miss",
    "must read",
    "up next",
    "recommended for you",
    "recommended stories",
    "recommended reading",
    "stories you may like",
    "you may also like",
    "you might also like",
    "you may be interested",
    "you might be interested",
    "next article",
    "previous article",
    "from our partners",
    "around the web",
    "trending now",
)
_HEADINGS_ALONE = (
    "related",
    "more",
    "latest",
    "popular",
    "trending",
    "recommended",
    "topics",
    "tags",
    "keywords",
    "المزيد",
    "للمزيد",
    "متعلقات",
    "مختارات",
    "وسوم",
    "الوسوم",
    "العلامات",
)
"""Words that are a heading of other stories where nothing else is on their line."""
_LIST_MARKS = tuple(mark for number in range(1, 10) for mark in (f"list {number} of", f"list of {number} items"))
_LIST_END = "end of list"
"""What pages say to readers who listen, around and within a box of other stories."""
_LINKS = (
    "اقرأ أيضا",
    "إقرأ أيضا",
    "اقرأ المزيد",
    "شاهد أيضا",
    "طالع أيضا",
    "انظر أيضا",
    "تابع أيضا",
    "ذات صلة",
    "خبر ذو صلة",
    "read also",
    "also read",
    "read more",
    "read next",
    "see also",
    "recommended stories",
    *_LIST_MARKS,
    _LIST_END,
)
_LINKS_BEFORE_COLON = ("related", "more", "read", "watch", "للمزيد")
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
    "كلمات دلالية",
    "وسوم",
    "الوسوم",
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
    "keywords",
    "filed under",
)


def _starts(phrases: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(sorted({fold_phrase(phrase) + b" " for phrase in phrases}))


_HEADING_STARTS, _HEADING_LINES = _starts(_HEADINGS), _starts(_HEADINGS_ALONE)
_LIST_STARTS, _LIST_END_LINE = _starts(_LIST_MARKS), fold_phrase(_LIST_END)
_LINK_STARTS, _COLON_LINK_STARTS = _starts(_LINKS), _starts(_LINKS_BEFORE_COLON)
_CAPTION_STARTS = tuple(start.strip() for start in _starts(_CAPTIONS))  # pages glue the caption to its icon
_CUE_STARTS = _starts(_CUES)


_FIRST_LETTERS = np.array(
    sorted(
        {
            int.from_bytes(start.split(b" ")[0][:BLOCK], "little")
            for start in (
                *_HEADING_STARTS,
                *_HEADING_LINES,
                *_LINK_STARTS,
                *_COLON_LINK_STARTS,
                *_CAPTION_STARTS,
                *_CUE_STARTS,
            )
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


def is_within(stretches: Sequence[tuple[int, int]], position: int) -> bool:
    """Whether one of the stretches, which are in order and do not overlap, holds the position."""
    index = bisect_left(stretches, (position + 1,)) - 1
    return index >= 0 and position < stretches[index][1]


def furniture(folded: Folded, start: int = 0) -> list[tuple[int, int]]:
    """The folded [start, end) of each stretch of furniture from `start` on, in order, not overlapping."""
    lines = lines_of(folded, start)
    long_words = sum(line.words for line in lines if line.words >= LONG_LINE_WORDS)
    boxes_end = max((line.end for line in lines if line.letters == _LIST_END_LINE), default=0)
    before = 0
    among_titles = False
    found: list[tuple[int, int]] = []
    for line in lines:
        if line.words >= LONG_LINE_WORDS:
            before += line.words
        heading = _is_heading(line)
        ends = before * 2 > long_words or (not long_words and line is not lines[0])
        if heading and ends and line.start >= boxes_end:
            return [*found, (line.start, len(folded.spaced))]
        link = _is_link(line) or (line is not lines[0] and _is_link_before_colon(line, folded))
        over_titles = before > 0 and (heading or (line.letters + b" ").startswith(_LIST_STARTS))
        among_titles = over_titles or (among_titles and (link or _may_be_title(line, folded)))
        among_titles = among_titles and line.letters != _LIST_END_LINE
        if heading or link or among_titles or _is_caption(line) or _is_cue(line) or _says_nothing(line):
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


def _is_link_before_colon(line: Line, folded: Folded) -> bool:
    if line.words > MAX_LINK_WORDS or not line.letters.startswith(_COLON_LINK_STARTS):
        return False
    _, end = folded.span(line.start, line.start + line.letters.index(b" "))
    return folded.text[end : end + 2].lstrip().startswith(":")


def _may_be_title(line: Line, folded: Folded) -> bool:
    if line.words >= LONG_LINE_WORDS:
        return False
    _, end = folded.span(line.start, line.end)
    return folded.text[end : end + 1] not in _SENTENCE_ENDS


def _is_caption(line: Line) -> bool:
    return line.words <= MAX_CAPTION_WORDS and line.letters.startswith(_CAPTION_STARTS)


def _is_cue(line: Line) -> bool:
    return line.words <= MAX_CUE_WORDS and (line.letters + b" ").startswith(_CUE_STARTS)


def _says_nothing(line: Line) -> bool:
    return all(len(word) <= 1 for word in line.letters.split())
