"""Parts labelled articles into those that authors of rules look at and those that they only score.

    python -m tests.support.held_apart labelled-articles.jsonl looked-at.jsonl scored-only.jsonl

The part follows from source and date alone, so that one day's reports of one outlet are on one side, and so that the
same file always parts in the same way. No text of the scored part is to be read while rules are written: the gap
between the figures of both parts tells how much was fitted.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path


def is_held_apart(source: str, date: str) -> bool:
    """Whether articles of this source and day are only scored; half of all days are."""
    digest = hashlib.sha256(f"{source} {date[:10]}".encode()).digest()
    return digest[0] % 2 == 1


def main(articles: Path, looked_at: Path, scored_only: Path) -> None:
    """Write both parts, line by line as they are."""
    parts: dict[bool, list[str]] = {False: [], True: []}
    for line in articles.read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        parts[is_held_apart(article["source"], article.get("date") or "")].append(f"{line}\n")
    looked_at.write_text("".join(parts[False]), encoding="utf-8")
    scored_only.write_text("".join(parts[True]), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
