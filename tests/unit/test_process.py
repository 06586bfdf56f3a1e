"""The process's own ends, seen from outside."""

from __future__ import annotations

import subprocess
import sys
import textwrap

HANGING = """
    import asyncio, signal, sys
    from datetime import timedelta
    from streams.process import Deadline, signals_set

    async def main():
        stop = asyncio.Event()
        deadline = Deadline(timedelta(seconds=0.2))
        with signals_set(stop):
            signal.raise_signal(signal.SIGTERM)
            await stop.wait()
            print("asked to stop", flush=True)
            {then}

    asyncio.run(main())
"""


def run(then: str) -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(HANGING).format(then=then)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)


def test_a_stop_that_hangs_is_ended_at_the_deadline() -> None:
    """Whatever hangs, the process goes, with status 1, so that its supervisor starts another."""
    done = run("deadline.begin(); await asyncio.Event().wait()")
    assert (done.returncode, "asked to stop" in done.stdout) == (1, True)


def test_a_stop_that_ends_is_left_alone() -> None:
    """A deadline that is cancelled does nothing."""
    done = run("deadline.begin(); deadline.cancel(); await asyncio.sleep(0.4)")
    assert done.returncode == 0


def test_a_second_signal_ends_at_once() -> None:
    """Who asks twice does not want to wait."""
    done = run("signal.raise_signal(signal.SIGTERM); await asyncio.Event().wait()")
    assert done.returncode == 128 + 15
