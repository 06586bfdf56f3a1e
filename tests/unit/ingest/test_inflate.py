import gzip
import zlib

import pytest

from streams.ingest.inflate import BrokenStreamError, Inflater, TooMuchError, unpacked
from tests.support.web import bomb, gzipped


def _inflate(body: bytes, encoding: str, *, limit: int = 1_000, piece: int = 7) -> bytes:
    inflater = Inflater(encoding, limit=limit)
    for start in range(0, len(body), piece):
        inflater.feed(body[start : start + piece])
    return inflater.finish()


_RAW = zlib.compressobj(wbits=-15)
_RAW_DEFLATE = _RAW.compress(b"hello") + _RAW.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", b"hello"),
        ("identity", b"hello"),
        ("gzip", gzipped(b"hello")),
        ("GZIP", gzipped(b"hel") + gzipped(b"lo")),
        ("x-gzip", gzipped(b"hello") + b"\0\0\0 some padding"),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", _RAW_DEFLATE),
    ],
)
def test_a_body_is_what_it_was_before_it_was_encoded(encoding: str, body: bytes) -> None:
    """Every encoding we ask for is undone, in whatever pieces it comes."""
    assert [_inflate(body, encoding, piece=piece) for piece in (1, 3, 100)] == [b"hello"] * 3


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_stopped_one_byte_beyond_the_limit(encoding: str) -> None:
    """20 MB of zeros in 20 KB: never more than limit + 1 bytes are decompressed."""
    inflater = Inflater(encoding, limit=50_000)
    with pytest.raises(TooMuchError, match="decompresses to more than 50000 bytes"):
        inflater.feed(bomb(20, encoding))
    assert len(inflater._body) == 50_001


def test_a_stream_that_becomes_nothing_is_stopped_too() -> None:
    """Empty blocks decompress to nothing; the bytes on the wire are limited as well."""
    empty_blocks = b"\x00\x00\x00\xff\xff" * 1_000
    inflater = Inflater("deflate", limit=2_000)
    with pytest.raises(TooMuchError, match="were sent"):
        inflater.feed(b"\x78\x9c" + empty_blocks)


def test_many_members_are_refused() -> None:
    """A decoder for each of a million empty members would cost more than any body is worth."""
    inflater = Inflater("gzip", limit=1_000_000)
    with pytest.raises(BrokenStreamError, match="members"):
        inflater.feed(gzipped(b"") * 2_000)


@pytest.mark.parametrize("body", [gzipped(b"hello" * 100)[:-9], b"hello", b"\x1f\x8b\x08garbage garbage garbage"])
def test_a_damaged_stream_is_said_to_be_damaged(body: bytes) -> None:
    """Cut short, not compressed at all, or garbage."""
    with pytest.raises(BrokenStreamError):
        _inflate(body, "gzip")


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 500])
def test_an_encoding_nobody_asked_for_is_refused(encoding: str) -> None:
    """Brotli bombs end here."""
    with pytest.raises(BrokenStreamError, match="not asked for"):
        Inflater(encoding, limit=10)


def test_a_gzip_file_is_unpacked_and_a_bomb_is_not() -> None:
    """A sitemap may be one; what is endless, broken or none at all stays as it is."""
    endless = bomb(60)
    assert unpacked(gzip.compress(b"<urlset/>")) == b"<urlset/>"
    assert [unpacked(raw) for raw in (endless, b"\x1f\x8bbroken", b"<rss/>", b"")] == [
        endless,
        b"\x1f\x8bbroken",
        b"<rss/>",
        b"",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "none", "binary", "windows-1256"])
def test_an_encoding_that_is_none_made_a_body_unreadable(encoding: str) -> None:
    """Servers put a character set there; browsers take the body as it stands."""
    assert _inflate(b"hello", encoding) == b"hello"
