"""The process's own ends, seen from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

from tests.support.signals import HEEDED

HANGING = """
    import asyncio, signal, sys
    from datetime import timedelta
    from streams.process import Deadline, hangup_means, signals_set

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
    code = HEEDED + textwrap.dedent(HANGING).format(then=then)
    return subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


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


def test_a_hangup_without_a_terminal_ends_no_worker() -> None:
    """It is how daemons are told to look at their rules; a worker that has none of them went at once."""
    hangups = "signal.raise_signal(signal.SIGHUP); await asyncio.sleep(0.1)"
    done = run(f"stop.clear(); {hangups}; print('stopped' if stop.is_set() else 'goes on')")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "goes on")


def test_after_the_stage_that_heeds_them_has_ended_a_hangup_does_nothing() -> None:
    """The rest of the stop is finished."""
    code = """
        with hangup_means(lambda: print("looked", flush=True)):
            signal.raise_signal(signal.SIGHUP)
            await asyncio.sleep(0.1)
        signal.raise_signal(signal.SIGHUP)
        await asyncio.sleep(0.1)
        print("finished")
    """
    done = run(textwrap.indent(textwrap.dedent(code), " " * 8).strip())
    assert (done.returncode, done.stdout.split()[-2:]) == (0, ["looked", "finished"])


def test_the_end_of_the_terminal_stops_as_a_signal_does() -> None:
    """It killed the worker on the spot, and the embedded Redis ran on; shell and kernel both tell of it."""
    ours, terminal = os.openpty()
    code = textwrap.dedent(HANGING).replace("SIGTERM", "SIGHUP")
    code = HEEDED + code.format(then="signal.raise_signal(signal.SIGHUP); await asyncio.sleep(0.1); print('finished')")
    done = subprocess.run(
        [sys.executable, "-c", code], stdin=terminal, capture_output=True, text=True, timeout=30, check=False
    )
    os.close(ours)
    os.close(terminal)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "finished")
