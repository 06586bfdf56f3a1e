"""Hundreds of sources through a simulated month: `make month`.

The web is cut into parts, one for each process, with hosts, workers, a Redis and a clock of its own each.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from tests.month.outcome import Outcome
from tests.month.process import part, say
from tests.month.summary import summary

SOURCES, DAYS, PROCESSES = 500, 30, 2


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=SOURCES)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    given = parser.parse_args()
    say(f"seed {given.seed}")
    began, whole, used = time.monotonic(), Outcome(), 0.0
    parts = range(given.processes)
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
        shares = [len(range(number, given.sources, given.processes)) for number in parts]
        for outcome, seconds in pool.map(part, parts, shares, repeat(given.days), repeat(given.seed)):
            whole.add(outcome)
            used += seconds
    for line in summary(whole, days=given.days):
        say(line)
    say(f"{(time.monotonic() - began) / 60:.1f} minutes, {used / 60:.1f} minutes of CPU time")
    return 1 if whole.faults else 0


if __name__ == "__main__":
    sys.exit(_main())
