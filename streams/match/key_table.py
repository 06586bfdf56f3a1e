"""A hash table from 64-bit keys to their numbers that is asked for many keys at once."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from streams.match.words import Ints

Keys = npt.NDArray[np.uint64]

_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio: multiplying by it spreads keys over the high bits (Knuth, TAOCP 3, 6.4)."""
_ROOM: Final = 6
"""Slots for each key: with six, one key in seven shares its slot with another, and an unknown key mostly finds an empty
one."""
_LEAST_BITS: Final = 8


class KeyTable:
    """Keys that are all different; a key's number is its place among them.

    Keys that share a slot are looked up among each other by bisection.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        bits = max(_LEAST_BITS, (len(keys) * _ROOM).bit_length())
        self._shift = np.uint64(64 - bits)
        slots = self._slots_of(keys)
        self._numbers = np.zeros(1 << bits, dtype=np.int32)  # 0 for an empty slot, -1 for a shared one
        self._numbers[slots] = np.arange(1, len(keys) + 1)
        shared = np.bincount(slots, minlength=1 << bits) > 1
        self._numbers[shared] = -1
        sharing = shared[slots].nonzero()[0]
        order = sharing[np.argsort(keys[sharing])]
        self._shared_keys, self._shared_numbers = keys[order], (order + 1).astype(np.int32)

    def find(self, keys: Keys) -> tuple[Ints, Ints]:
        """Which of the keys are in the table, rising, and their numbers there."""
        slots = self._numbers.take(self._slots_of(keys))
        known = slots.nonzero()[0]
        numbers = slots.take(known)
        shared = (numbers < 0).nonzero()[0]
        if len(shared):
            places = np.searchsorted(self._shared_keys, keys[known[shared]])
            numbers[shared] = self._shared_numbers.take(places, mode="clip")
        found = numbers.astype(np.intp) - 1
        right = self._keys.take(found) == keys[known]
        return known[right], found[right]

    def _slots_of(self, keys: Keys) -> Ints:
        return ((keys * _SPREAD) >> self._shift).view(np.intp)
