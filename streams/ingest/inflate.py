"""Undoes a response's content encoding as it arrives, and stops before it becomes more than is allowed. Pure."""

from __future__ import annotations

import re
import zlib

ACCEPTED = "gzip, deflate"
"""What we ask for. Brotli and zstd are not asked for: their decoders are not in the standard library."""

_MAX_MEMBERS = 1_000
"""Members of one gzip stream; each costs a decoder, and real streams have one."""


_UNPACKED_BYTES = 50_000_000
"""As long as a sitemap may be (https://www.sitemaps.org/protocol.html)."""


_NONE = re.compile(r"identity|none|plain|binary|[78]bit|utf-?(?:8|16)|iso-8859-\d+|(?:windows-|cp)\d+")
"""What servers say of a body as it stands: `identity`, and by mistake its character set or transfer encoding."""


class TooMuchError(ValueError):
    """More bytes than allowed, on the wire or decompressed."""


class BrokenStreamError(ValueError):
    """An encoding that was not asked for, or a stream that is not what it says."""


class Inflater:
    """Collects a body of at most `limit` bytes, counted both as they arrive and as they become."""

    def __init__(self, encoding: str, *, limit: int) -> None:
        self._encoding, self._limit = encoding.strip().lower() or "identity", limit
        self._decoder: zlib._Decompress | None = None
        self._members, self._wire = 0, 0
        self._body = bytearray()
        if _NONE.fullmatch(self._encoding):
            self._encoding = "identity"
        if self._encoding not in {"identity", "gzip", "x-gzip", "deflate"}:
            raise BrokenStreamError(f"content-encoding {encoding[:40]!r} was not asked for")

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the wire.

        Raises:
            TooMuchError: more than the limit; at most one byte beyond it has been decompressed.
            BrokenStreamError: the stream is damaged.
        """
        self._wire += len(chunk)
        if self._wire > self._limit:
            raise TooMuchError(f"more than {self._limit} bytes were sent")
        if self._encoding == "identity":
            self._body += chunk
            return
        while chunk:
            chunk = self._inflate(chunk)

    def _inflate(self, chunk: bytes) -> bytes:
        """Decompress as much of `chunk` as belongs to the current member; the rest is returned."""
        if self._decoder is None or self._decoder.eof:
            if self._members and (self._encoding == "deflate" or not chunk.startswith(b"\x1f\x8b"[: len(chunk)])):
                return b""  # padding: only gzip has members, and each begins like this
            self._decoder = self._new_decoder(chunk)
        try:
            self._body += self._decoder.decompress(chunk, self._limit + 1 - len(self._body))
        except zlib.error as error:
            raise BrokenStreamError(f"the {self._encoding} stream is damaged: {error}") from error
        if len(self._body) > self._limit:
            raise TooMuchError(f"it decompresses to more than {self._limit} bytes")
        rest = self._decoder.unconsumed_tail + self._decoder.unused_data
        return rest.lstrip(b"\0") if self._decoder.eof else rest

    def _new_decoder(self, chunk: bytes) -> zlib._Decompress:
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise BrokenStreamError(f"more than {_MAX_MEMBERS} members in one gzip stream")
        if self._encoding == "deflate":
            has_header = chunk[0] & 0x0F == zlib.DEFLATED
            return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        return zlib.decompressobj(zlib.MAX_WBITS | 16)

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            BrokenStreamError: the compressed stream ended before its end.
        """
        if self._decoder is not None and not self._decoder.eof:
            raise BrokenStreamError(f"the {self._encoding} stream was cut short")
        return bytes(self._body)


def unpacked(raw: bytes) -> bytes:
    """The content of a gzip file, such as `sitemap.xml.gz`; what is no sound one of its length, as it stands."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        inflater = Inflater("gzip", limit=max(len(raw), _UNPACKED_BYTES))
        inflater.feed(raw)
        return inflater.finish()
    except (TooMuchError, BrokenStreamError):
        return raw
