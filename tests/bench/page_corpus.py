"""Whether real pages are read as by trafilatura and htmldate alone: `python -m tests.bench.page_corpus FOLDER`.

FOLDER holds pages, such as the `tests` of trafilatura 0.9.3 and of htmldate 1.4.0 in their source distributions (178
pages in German, English and French).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import htmldate
import trafilatura

from streams.errors import FetchError
from streams.ingest import encodings
from streams.ingest.readers import MIN_LETTERS, read_page

ALIKE = 0.98
"""The F1 of two texts' words from which they are the same article."""
_WORD = re.compile(r"\w+")


def main(folder: Path) -> None:
    """Print each page that is read otherwise, then the totals."""
    totals: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.html")):
        totals["pages"] += 1
        raw = path.read_bytes()
        markup = encodings.decode(raw)
        theirs = trafilatura.extract(markup, include_comments=False, include_tables=True) or ""
        try:
            page = read_page(raw)
        except FetchError as error:
            totals["refused by us"] += 1
            if sum(map(str.isalpha, theirs)) >= MIN_LETTERS:
                sys.stdout.write(f"{path} is refused: {error.cause}\n")
                totals["refused, and read by trafilatura"] += 1
            continue
        alike = _f1(page.text, theirs)
        totals["texts alike"] += alike >= ALIKE
        if alike < ALIKE:
            sys.stdout.write(f"{path} {alike:.2f} of the words are those of trafilatura\n")
        if day := htmldate.find_date(markup, original_date=True):
            totals["dates found by htmldate"] += 1
            same = page.published is not None and page.published.date().isoformat() == day
            totals["dates the same"] += same
            if not same:
                sys.stdout.write(f"{path} {page.published} is {day} for htmldate\n")
        else:
            totals["dates that we alone have"] += page.published is not None
    sys.stdout.write(", ".join(f"{name} {count}" for name, count in totals.items()) + "\n")


def _f1(ours: str, theirs: str) -> float:
    """2 P R / (P + R) of the words of both, as often as they stand there; 1 where neither has any."""
    one, other = (Counter(_WORD.findall(unicodedata.normalize("NFC", text).casefold())) for text in (ours, theirs))
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 1.0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
