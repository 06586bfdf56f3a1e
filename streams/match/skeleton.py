"""A rule to start from: commented, sound, without concepts; its examples hold and need each of its parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streams.match.schema import FileKind, modeline


@dataclass(frozen=True, slots=True)
class _Words:
    """The skeleton's words in one language."""

    things: tuple[str, ...]
    deeds: tuple[str, ...]
    barred: str
    fires: tuple[str, ...]
    silent: tuple[tuple[str, str], ...]


_WORDS: Final = {
    "en": _Words(
        things=("bridge", "viaduct"),
        deeds=("closed", "shut"),
        barred="bridge club",
        fires=("The old bridge was closed on Friday.", "Police said the viaduct is shut."),
        silent=(
            ("The new bridge was opened on Friday.", "no closure"),
            ("The shop was closed on Friday.", "not a bridge"),
            ("A bridge opened. The shop was shut.", "the closure and the bridge are in two sentences"),
            ("The bridge club was closed on Friday.", "a club"),
        ),
    ),
    "ar": _Words(
        things=("الجسر", "النفق"),
        deeds=("أغلق", "إغلاق"),
        barred="نادي الجسر",
        fires=("أغلق الجسر القديم يوم الجمعة.", "أعلنت الشرطة إغلاق النفق."),
        silent=(
            ("افتتح الجسر الجديد يوم الجمعة.", "no closure"),
            ("أغلق المتجر يوم الجمعة.", "not a bridge"),
            ("افتتح الجسر الجديد. وتم إغلاق المتجر.", "the closure and the bridge are in two sentences"),
            ("أغلق نادي الجسر أبوابه يوم الجمعة.", "a club"),
        ),
    ),
}
LANGUAGES: Final = tuple(_WORDS)
"""Languages in which there is a skeleton; others are written by translating one."""


def skeleton(rule: str, languages: Sequence[str]) -> str:
    """The text of the file of a new rule with examples in each of the languages (of LANGUAGES)."""
    chosen = [_WORDS[language] for language in languages]
    fires = [
        f"    - lang: {language}\n      text: {text}"
        for language, words in zip(languages, chosen, strict=True)
        for text in words.fires
    ]
    silent = [
        f"    - lang: {language}\n      text: {text}\n      because: {reason}"
        for language, words in zip(languages, chosen, strict=True)
        for text, reason in words.silent
    ]
    return _TEMPLATE.format(
        modeline=modeline(FileKind.RULE),
        id=rule,
        written=json.dumps(rule) if rule.isdigit() or rule in {"true", "false", "null"} else rule,
        title=rule.replace("-", " ").capitalize(),
        languages=", ".join(languages),
        things=_listed([one for words in chosen for one in words.things]),
        deeds=_listed([one for words in chosen for one in words.deeds]),
        barred=_listed([words.barred for words in chosen]),
        fires="\n".join(fires),
        silent="\n".join(silent),
    )


def _listed(phrases: Sequence[str]) -> str:
    return f"[{', '.join(json.dumps(phrase, ensure_ascii=False) for phrase in phrases)}]"


_TEMPLATE = """\
{modeline}
# A rule to start from: it finds closed bridges. Put your own words in place of these, then
#   marsad rules lint                   is anything wrong or doubtful?
#   marsad rules test {id}
#   marsad rules explain {id} story.txt
id: {written}
title: "{title}"  # what readers of an alert see
status: shadow  # live tells people; shadow only records what it would have told; off is not evaluated
severity: medium  # low, medium, high, critical
languages: [{languages}]
why: Say in one sentence what the rule is to find.
# tags: [traffic]
# owner: desk@example.org
# false_alarms: [What it is known to fire on wrongly.]
match:
  sentence:  # all of these in one sentence, in any order; or paragraph, title, lead, document
    - any: {things}  # one of these; words that rules share belong into a concept: {{concept: bridges}}
    - any: {deeds}
    - none: {barred}  # and none of these
    # - near: {{within: 8, of: ["bridge", "closed"]}}  # at most 8 words apart
# slots:  # what an alert should name
#   where: {{gazetteer: world}}
alert:
  repeat_after: 12h  # quiet for so long about one story
  # new_if: [where]  # slots whose new value is news
  # at_least: {{origins: 3, within: 2h}}  # only when so many texts come together; or spike, after, absence
examples:  # the more of them look alike, the more the rule can be trusted: marsad rules test --coverage
  fires:
{fires}
  silent:
{silent}
"""
