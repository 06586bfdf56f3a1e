"""Hashes by which the words of heads are compared."""

from __future__ import annotations

from zlib import crc32

_BITS = 0xFFFFFF
"""Of a word's hash: enough to tell the words of two heads apart, and short in JSON."""
_MARK = 3


def hashed(word: bytes) -> int:
    """By what a word of a head is compared."""
    return crc32(word) & _BITS


def marked(word: bytes, mark: int = 0) -> int:
    """By what a word of a title is compared; its last two bits are the mark, see `streams.messages.Traits`."""
    return hashed(word) & ~_MARK | mark
