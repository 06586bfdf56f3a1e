"""A command that a signal ends leaves nothing of its own behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

from tests.support.signals import HEEDED

ENDED = """
    import asyncio, signal, sys, time
    from streams.cli.signals import ended_in_order

    async def there_already():
        return None

    async def main():
        try:
            {first}
            while True:
                await asyncio.wait_for(there_already(), 10)
        finally:
            await asyncio.sleep(0.01)
            print("left in order")

    with ended_in_order():
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            sys.exit(130)
"""


def ended(first: str) -> tuple[int, str]:
    """Status and output of a process whose loop begins with this, and then would never end."""
    code = HEEDED + textwrap.dedent(ENDED).format(first=first)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False, start_new_session=True
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_unwinds_a_command_and_ends_it_as_ever(number: signal.Signals) -> None:
    """`timeout 60 marsad replay` left its Redis and its folder there, `rules backtest` its processes."""
    assert ended(f"signal.raise_signal(signal.{number.name})") == (-number, "left in order\n")


def test_the_first_interrupt_is_heeded_while_a_command_works() -> None:
    """On Python 3.11 asyncio forgot it, and a replay went on until a second one."""
    assert ended("signal.raise_signal(signal.SIGINT)") == (130, "left in order\n")


def test_an_ignored_signal_stays_ignored() -> None:
    """As under nohup."""
    code = """
        from streams.cli.signals import ended_in_order
        import signal
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with ended_in_order():
            signal.raise_signal(signal.SIGHUP)
            print("goes on")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (0, "goes on\n")
