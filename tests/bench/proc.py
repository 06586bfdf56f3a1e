"""What Linux knows of a process: CPU time and memory; and stopping it for a while."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1_000_000


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time that these processes have used, user and system, all threads."""
    total = 0
    for pid in pids:
        # utime and stime are fields 14 and 15 of stat (proc(5)); the second, the name, may have spaces in it.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def resident_megabytes(pid: int) -> float:
    """Memory of the process that is resident now, in MB (10^6 bytes)."""
    return _megabytes(pid, "status", "VmRSS:")


def most_megabytes(pid: int) -> float:
    """As `resident_megabytes`, the most that was resident at a time. Not ru_maxrss, which begins with our parent's."""
    return _megabytes(pid, "status", "VmHWM:")


def own_megabytes(pid: int) -> float:
    """As `resident_megabytes`, but of what processes share, such as libraries, each has its part (PSS, proc(5))."""
    return _megabytes(pid, "smaps_rollup", "Pss:")


def _megabytes(pid: int, file: str, figure: str) -> float:
    for line in Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8").splitlines():
        if line.startswith(figure):
            return int(line.split()[1]) * 1024 / MEGABYTE
    raise ProcessLookupError(f"process {pid} has ended")


@contextlib.contextmanager
def held(pids: Iterable[int]) -> Iterator[None]:
    """The processes do nothing meanwhile.

    Raises:
        ProcessLookupError: one of them has ended.
    """
    stopped: list[int] = []
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)
        yield
    finally:
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
