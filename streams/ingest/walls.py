"""Recognises pages that stand where an article should: log-in and consent walls, blocks, empty shells, soft 404s. Pure.

Words are looked for in a page without an article, or in a text too short to be the whole of one; never in a whole
article, which may well be about cookies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from streams.ingest.causes import FetchCause

SHORT_LETTERS = 700
"""A text with more letters is an article, whatever it says. Walls' own texts have 60 to 500; teasers before one too."""

_SHELL_LETTERS = 200
"""A page of scripts with fewer letters to see is an empty shell."""

_SAYS = {
    FetchCause.SOFT_NOT_FOUND: r"""
        (?:^|\|)\s*404\s*(?:$|[|:.,!»·–—-]) | \b404\W{0,3}(?:error|not\s+found|page|خطأ|الصفحة)
        | (?:\berror|\bhttp|\bcode|خطأ)\W{0,3}404\b
        | \b(?:page|article|story|content)\s+(?:was\s+|is\s+|could\s+|cannot\s+|can.t\s+)?
          (?:not\s+(?:be\s+)?found|be\s+found|no\s+longer\s+(?:available|exists)|does\s+not\s+exist|doesn.t\s+exist)
        | page\s+introuvable | seite\s+(?:wurde\s+)?nicht\s+gefunden | p[áa]gina\s+no\s+encontrada | sayfa\s+bulunamad
        | (?:الصفحة|المقال|المادة(?!\s+\d)|الخبر)[^|]{0,30}(?:غير\s+موجود|لم\s+يتم\s+العثور|غير\s+متوفر|غير\s+متاح)
        | لم\s+(?:يتم\s+العثور|نعثر)\s+على\s+(?:الصفحة|المقال|المادة(?!\s+ال(?!مطلوب)))
    """,
    FetchCause.BLOCKED: r"""
        are\s+you\s+a\s+(?:robot|human) | not\s+a\s+robot | \bcaptcha\b
        | access\s+to\s+this\s+(?:page|site|website)\s+(?:has\s+been|was|is)\s+denied
        | (?:^|[|.!?\n])\s*access\s+(?:has\s+been\s+|is\s+|was\s+)?denied\s*(?:$|[|.!:\n-]|you\b)
        | checking\s+your\s+browser | verify(?:ing)?\s+(?:that\s+)?you\s+are\s+(?:a\s+)?human
        | detected\s+unusual\s+traffic | unusual\s+traffic\s+(?:coming\s+)?from\s+your
        | attention\s+required.{0,5}cloudflare | you\s+have\s+been\s+blocked | لست\s+روبوت | تم\s+حظر\s+(?:وصولك|عنوان)
    """,
    FetchCause.LOGIN_WALL: r"""
        (?:log|sign)\s*in\s+(?:now\s+)?(?:or\s+\w+(?:\s+\w+){0,3}\s+)?to\s+(?:continue|read|view|access|see|your)
        | subscribe\s+(?:now\s+|today\s+)?(?:or\s+\w+(?:\s+\w+){0,3}\s+)?to\s+(?:continue|read|keep|view|unlock|access)
        | already\s+(?:a\s+(?:subscriber|member)|subscribed|registered)\W{0,3}(?:\?|(?:log|sign|click)\b)
        | already\s+have\s+an\s+account
        | (?:only\s+(?:available\s+)?(?:to|for)|reserved\s+for|exclusive(?:ly)?\s+(?:to|for))\s+(?:our\s+)?subscribers
        | (?:content|article|page|story|post|section|area)\b[^.!?\n]{0,40}\s
          (?:only\s+(?:available\s+)?(?:to|for)|reserved\s+for|exclusive(?:ly)?\s+(?:to|for))\s+(?:our\s+)?members\b(?!\s+of)
        | subscribers?[\s-]only | members?[\s-]only\s+(?:content|article|page|story|post|section|area)
        | (?:create|register\s+for)\s+(?:a\s+)?(?:free\s+)?account\s+to\s+(?:continue|read|keep|view|unlock|access|see)
        | you\s+(?:must|need\s+to|have\s+to)\s+(?:be\s+logged|log|sign)\s*in
        | (?:يرجى|الرجاء|يجب|عليك)\s+تسجيل\s+الدخول | سجّ?ل\s+(?:ال)?دخول | (?:قم|قوموا)\s+بتسجيل\s+الدخول
        | (?:مخصص|متاح|حصري)\w*\s+(?:فقط\s+)?للمشتركين | للمشتركين\s+فقط
        | اشترك\s+(?:الآن\s+)?ل\w*(?:قراءة|متابعة|مواصلة)
    """,
    FetchCause.CONSENT_WALL: r"""
        (?:accept|enable|use[sd]?|using|allow|manage|about|our|your)\s+(?:all\s+|of\s+|the\s+)?cookies?
        | cookie\s+(?:policy|settings|preferences|consent|notice)
        | we\s+value\s+your\s+privacy | before\s+you\s+continue\s+to
        | ملفات\s+تعريف\s+(?:ال)?ارتباط | (?:ال)?كوكيز
    """,
    FetchCause.SCRIPT_ONLY: r"""
        (?:enable|requires?|need|turn\s+on|activate|without|allow)\s+java\s?script
        | java\s?script\s+(?:is\s+|must\s+be\s+)?(?:disabled|enabled|required|not)
        | (?:تفعيل|تمكين|يتطلب|تشغيل)\s+(?:ال)?(?:جافا\s?سكريبت|javascript)
    """,
}
_PATTERNS = {cause: re.compile(says, re.IGNORECASE | re.VERBOSE | re.DOTALL) for cause, says in _SAYS.items()}
_HEADING = "//title | //h1"
_SEEN = "//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)]"

_TOLD = {
    FetchCause.SOFT_NOT_FOUND: "says that there is no such page",
    FetchCause.BLOCKED: "takes us for a robot, or blocks us",
    FetchCause.LOGIN_WALL: "asks the reader to log in or subscribe",
    FetchCause.CONSENT_WALL: "asks for consent to cookies, and shows no article",
    FetchCause.SCRIPT_ONLY: "shows nothing without the scripts of a browser",
    FetchCause.EMPTY: "is empty",
}


def told(cause: FetchCause) -> str:
    """What a wall does, in words that follow the page's address."""
    return _TOLD[cause]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader sees of a page before anything is taken from it: its headings, all its words, and its scripts."""

    headings: str
    words: str
    unscripted: str
    scripts: int
    password: bool


def sight_of(tree: Any) -> Sight:
    """What is to be seen of a parsed page; Any, because lxml has no types."""
    body = " ".join(
        " ".join(tree.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]")).split()
    )
    return Sight(
        headings=" | ".join(" ".join(element.text_content().split()) for element in tree.xpath(_HEADING)),
        words=body[:20_000],
        unscripted=" ".join(" ".join(tree.xpath("//noscript//text()")).split())[:2_000],
        scripts=len(tree.xpath("//script")),
        password=bool(tree.xpath("//input[@type='password']")),
    )


def wall_of(sight: Sight, text: str) -> FetchCause | None:
    """Which wall a page is, of which `text` was read as an article ("" where none was); None where it is none."""
    letters = sum(map(str.isalpha, text))
    if letters > SHORT_LETTERS:
        return None
    if _PATTERNS[FetchCause.SOFT_NOT_FOUND].search(sight.headings):
        return FetchCause.SOFT_NOT_FOUND
    order = (FetchCause.BLOCKED, FetchCause.LOGIN_WALL, FetchCause.CONSENT_WALL, FetchCause.SCRIPT_ONLY)
    seen = text or f"{sight.headings} | {sight.words}"
    for cause in order:
        if _PATTERNS[cause].search(seen):
            return cause
    return None if text else _wall_without_words(sight)


def _wall_without_words(sight: Sight) -> FetchCause | None:
    """Of a page without an article that says nothing we know: what its elements say."""
    letters = sum(map(str.isalpha, sight.words))
    if letters < _SHELL_LETTERS and (sight.scripts or _PATTERNS[FetchCause.SCRIPT_ONLY].search(sight.unscripted)):
        return FetchCause.SCRIPT_ONLY
    if sight.password:
        return FetchCause.LOGIN_WALL
    return None if letters else FetchCause.EMPTY
