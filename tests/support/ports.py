"""Ports of loopback for servers that a test stops and starts again at the same address.

They lie below the range from which the kernel takes ports for outgoing connections: a client's connection never gets
the port of a server that is away, as one of 28,000 would, and tests of other processes do not race for them.
"""

from __future__ import annotations

import os
import socket

LOWEST, HIGHEST = 15_000, 32_000
_TRIES = 1000


def free_port(*, together: int = 1) -> int:
    """A port that was free a moment ago, the first of so many in a row."""
    for _ in range(_TRIES):
        # Not from `random`, which each test process begins with the same seed.
        first = LOWEST + int.from_bytes(os.urandom(4), "big") % (HIGHEST - LOWEST)
        if all(_is_free(port) for port in range(first, first + together)):
            return first
    raise RuntimeError(f"no free port between {LOWEST} and {HIGHEST}")


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
