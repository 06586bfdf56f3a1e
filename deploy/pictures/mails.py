"""Pictures of the HTML mails, by chromium (apt-get install chromium): `python -m deploy.pictures.mails FOLDER`.

An Arabic and an English alert and the summary of a storm, each as receivers of both languages get it, on a screen and
a telephone. With `--keep FILE` the Arabic alert in both languages, side by side: the picture that README shows.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from streams.alerts import AlertContent, Content, HeldBy, Reason, Summary
from streams.messages import ArticleHead, Entity, Excerpt, RuleMatch, Severity
from streams.notify.page import page
from streams.notify.wording import Wording

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
READERS = {"ar": Wording("ar", "Asia/Damascus"), "en": Wording("en", "Europe/London")}


def _excerpt(text: str, *evidence: str) -> Excerpt:
    marks = sorted((text.index(words), text.index(words) + len(words)) for words in evidence)
    return Excerpt(text=text, marks=tuple(marks))


def _alert(title: str, source: str, match: RuleMatch, **more: object) -> AlertContent:
    head = ArticleHead(
        id="p1", title=title, source=source, url="https://news.example/article", published=NOON - timedelta(minutes=20)
    )
    values = {"alert": "a1:4711", "number": 1, "reason": Reason.FIRST, "seen_at": NOON, "article": head, **more}
    return AlertContent.model_validate({**values, "match": match})


def _withdrawal(severity: Severity = Severity.HIGH) -> RuleMatch:
    return RuleMatch(
        rule="troop-withdrawal-demand",
        title="Demand that troops withdraw",
        severity=severity,
        evidence=(),
        excerpts=(
            _excerpt(
                "دعا رئيس هيئة الأركان محمد باقري القوات الأجنبية إلى الانسحاب الفوري من إدلب (شمال غرب سوريا).",
                "دعا",
                "القوات الأجنبية",
                "الانسحاب",
            ),
            _excerpt("وقال إن 12 دولة، منها USA، لم ترد بعد.", "12 دولة"),
        ),
        slots={"who": ("محمد باقري",), "whose": ("القوات الأجنبية",), "where": ("إدلب", "سوريا")},
        entities={
            "who": (Entity(text="محمد باقري", name="Mohammad Bagheri"),),
            "where": (Entity(text="إدلب", name="Idlib"), Entity(text="سوريا", name="Syria")),
        },
        repeat_after=timedelta(hours=12),
    )


def _shelling() -> RuleMatch:
    return RuleMatch(
        rule="escalation-idlib",
        title="تصعيد في إدلب",
        severity=Severity.CRITICAL,
        evidence=(),
        excerpts=(
            _excerpt(
                "At least 14 people were killed when shells hit a market in Saraqib, rescuers said.",
                "killed",
                "Saraqib",
            ),
        ),
        slots={"where": ("Saraqib",), "who": ("government forces",)},
        entities={"where": (Entity(text="Saraqib", name="Saraqib"),)},
        repeat_after=timedelta(hours=12),
    )


def contents() -> dict[str, Content]:
    """What is pictured, by name."""
    arabic = _alert("باقري: على القوات الأجنبية أن تنسحب من إدلب فوراً (3 مطالب)", "تسنيم", _withdrawal(), origins=3)
    english = _alert("Shelling of Saraqib market kills 14 — “worst day in months”", "Daily Star", _shelling())
    flood = tuple(
        told.model_copy(update={"alert": f"a1:{number}"}) for number in range(14) for told in (arabic, english)
    )
    return {
        "alert-arabic": arabic,
        "alert-english": english,
        "storm": Summary(seen_at=NOON, until=NOON + timedelta(minutes=10), by=HeldBy.STORM, limit=20, told=flood),
    }


def shoot(html: str, path: Path, *, width: int = 700, height: int = 620) -> None:
    """A picture of a page.

    Raises:
        SystemExit: there is no chromium here.
    """
    browser = shutil.which("chromium")
    if browser is None:
        sys.exit("chromium is not here: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(html, encoding="utf-8")
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        size = [f"--window-size={width},{height}", f"--screenshot={path.absolute()}"]
        subprocess.run([browser, *options, *size, source.as_uri()], check=True, capture_output=True, timeout=120)


def _beside(left: str, right: str) -> str:
    """Two pages in one."""
    frame = '<iframe style="border:0;width:560px;height:406px" srcdoc="{}"></iframe>'
    frames = "".join(frame.format(escape(each)) for each in (left, right))
    return f'<body style="margin:0;white-space:nowrap;background:#f3f3f0">{frames}</body>'


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    told = contents()
    for name, content in told.items():
        for language, wording in READERS.items():
            for width in (700, 390):
                path = arguments.folder / f"{name}-{language}-{width}.png"
                shoot(page(content, wording), path, width=width)
                print(path)
    if arguments.keep:
        pair = _beside(page(told["alert-arabic"], READERS["ar"]), page(told["alert-arabic"], READERS["en"]))
        shoot(pair, arguments.keep, width=1124, height=410)


if __name__ == "__main__":
    main()
