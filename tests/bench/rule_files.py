"""What it takes to read ten thousand rule files and to lint a thousand: what an analyst and a reload wait for."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from streams.match.lint import lint
from streams.match.rulebook import read_folder
from tests.bench.figures import Figure, say

READ, LINTED = 10_000, 1_000
_PHRASES = 20
_STEMS = ("برج", "جسر", "سوق", "نهر", "حقل", "مصنع", "منجم", "ميناء", "شارع", "ملعب")
_RULE = """\
# yaml-language-server: $schema=schema/rule.schema.json
id: rule-{number}
title: Invented rule {number}
status: live
severity: medium
languages: [ar, en]
tags: [invented]
owner: desk
why: To measure what reading costs.
match:
  all:
    - sentence:
        - any: [{{concept: concept-{first}}}, {{concept: concept-{second}}}]
        - near: {{within: 8, of: [{{concept: concept-{third}}}, "phrase {number}"]}}
  none:
    - sentence: [{{concept: concept-{first}}}, "exclusion {number}"]
slots:
  who: {{concept: concept-{second}}}
alert: {{repeat_after: 12h}}
examples:
  fires:
    - lang: ar
      text: "نص عربي قصير عن {number} وما جرى أمس في مكان ما من البلاد بعد ساعات."
    - lang: en
      text: "A short text about {number} and what happened yesterday in some part of the country."
  silent:
    - {{lang: ar, text: "نص آخر لا يقول ذلك.", because: it says something else}}
    - {{lang: en, text: "Another text that does not say so.", because: it says something else}}
"""
_CONCEPT = """\
# yaml-language-server: $schema=../schema/concept.schema.json
id: concept-{number}
title: Invented concept {number}
phrases:
  ar:
    common:
{arabic}
  en:
    common:
{english}
"""


def measure() -> list[Figure]:
    """Seconds of CPU time on invented files: 25 lines a rule, 20 phrases a concept."""
    say(f"rule files: reading {READ:,}, lint of {LINTED:,}")
    with tempfile.TemporaryDirectory(prefix="marsad-bench-") as name:
        folder = Path(name)
        _write(folder / "many", READ * 4 // 5, READ // 5)
        _write(folder / "some", LINTED * 4 // 5, LINTED // 5)
        reading = _seconds(lambda: read_folder(folder / "many"))
        linting = _seconds(lambda: lint(folder / "some"))
    how = "{} rules and {} concepts of 20 phrases; CPU time"
    return [
        Figure(f"reading {READ:,} rule files", reading, "s", how.format("8,000", "2,000"), aim=10.0),
        Figure(f"lint of {LINTED:,} rule files", linting, "s", how.format("800", "200"), aim=5.0),
    ]


def _write(folder: Path, rules: int, concepts: int) -> None:
    (folder / "concepts").mkdir(parents=True)
    for number in range(rules):
        first, second, third = (number * step % concepts for step in (1, 3, 7))
        content = _RULE.format(number=number, first=first, second=second, third=third)
        (folder / f"rule-{number}.yaml").write_text(content, encoding="utf-8")
    for number in range(concepts):
        content = _CONCEPT.format(number=number, arabic=_listed(number, _STEMS), english=_listed(number, ("word",)))
        (folder / "concepts" / f"concept-{number}.yaml").write_text(content, encoding="utf-8")


def _listed(number: int, stems: tuple[str, ...]) -> str:
    """As many invented phrases, each another in every concept."""
    return "\n".join(
        f"      - {stems[one % len(stems)]} {_lettered(number * _PHRASES + one)}" for one in range(_PHRASES // 2)
    )


def _lettered(number: int) -> str:
    """A number in letters of both scripts' phrases: the latin ones, which folding leaves alone."""
    letters = ""
    while number or not letters:
        number, digit = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[digit]
    return letters


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
