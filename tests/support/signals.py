"""Signals as a process has them that somebody started at a terminal."""

from __future__ import annotations

HEEDED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
"""
"""What a shell has its children ignore, the interrupt in the background and the hangup under nohup, is heeded again."""
