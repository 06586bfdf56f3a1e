"""Turns bytes of unknown encoding into text: what was declared, what was meant, what it looks like. Pure.

The labels are those of the WHATWG Encoding Standard (https://encoding.spec.whatwg.org/#names-and-labels), as far as
Python has the codec; a page that says `iso-8859-1` means windows-1252, as in every browser.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
}
_EBCDIC = frozenset({"cp037", "cp500", "cp875", "cp1026", "cp1140"})
_ACCEPTED = (
    frozenset({"utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5", "big5hkscs", "cp932", "cp949"})
    | {"euc_jp", "iso2022_jp", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp864", "cp866", "cp874"}
    | {f"cp{number}" for number in range(1250, 1259)}
    | {f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
)
"""Codecs that a page may name. Python has others (punycode, unicode_escape, ...) that no page has any business with."""

_PLAIN = re.compile(r"^(?:x-|unicode-1-1-)|(?<=^iso-8859-[68])-[ei]$|(?<=^cp)-(?=125)", re.IGNORECASE)
"""What stands in a label besides the name that Python knows: `x-cp1256`, `iso-8859-8-i`, `unicode-1-1-utf-8`."""

_NARROW = re.compile(rb"\s*<[!?/a-zA-Z]")
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w:.+-]{1,40})|<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w:.+-]{1,40})""",
    re.IGNORECASE,
)
_HEAD_BYTES = 4096
"""How far into a page a declaration is looked for; the standard says 1024, real pages put scripts before it."""

_ARABIC_CODECS = ("cp1256", "iso8859-6")
_COMMON_ARABIC = frozenset("اليمونرتبةعدسفهكقأحج")
"""The commonest letters of Arabic; nine in ten letters of running text are among them (counted on newspaper text)."""

_ARABIC_SHARE = 0.75
_ENOUGH, _HINT_BYTES = 200, 20_000
"""Letters by which an encoding is known for certain, and how far they are looked for."""
_ZEROS = 50
"""One zero byte in so many makes a text UTF-16, if all are on one side: the spaces of an Arabic one are one in 14."""

_BYTES = {bytes([byte]).decode("cp1252", "ignore") or chr(byte): byte for byte in range(0x80, 0x100)}
"""The bytes above ASCII by the characters that browsers make of them in windows-1252."""

_LEADING, _FOLLOWING = (
    "[" + "".join(map(re.escape, (character for character, byte in _BYTES.items() if first <= byte <= last))) + "]"
    for first, last in ((0xC2, 0xF4), (0x80, 0xBF))
)
_TWICE = re.compile(f"(?:{_LEADING}{_FOLLOWING}{{1,3}})+")
_FEW_LETTERS, _TWICE_SHARE = 16, 0.9

_DAMAGE = 0.01
"""Share of characters that may be undecodable in a page that declares its encoding, before we guess another one."""


def known_codec(label: str | None) -> str | None:
    """The codec that a charset label means, or None where it names none that a page may use."""
    if not label:
        return None
    label = label.strip().strip("\"'")
    try:
        found = codecs.lookup(_PLAIN.sub("", label)).name
    except (LookupError, ValueError):
        return None
    meant = _MEANT.get(found, found)
    return meant if meant in _ACCEPTED else None


def declared_charset(raw: bytes) -> str | None:
    """The charset label that an XML prologue or a `meta` element near the beginning declares."""
    found = _DECLARED.search(raw[:_HEAD_BYTES])
    return (found[1] or found[2]).decode("ascii") if found else None


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type header."""
    found = re.search(r"""charset\s*=\s*["']?([\w:.+-]{1,40})""", content_type or "", re.IGNORECASE)
    return found[1] if found else None


def decode(raw: bytes, *, header: str | None = None) -> str:
    """The text in `raw`: by byte order mark, else as UTF-8 if it is, else as declared if that fits, else as guessed.

    `header` is the charset label of the Content-Type header. Valid UTF-8 with non-ASCII letters in it is UTF-8,
    whatever the declaration: the chance that a page in another encoding is valid UTF-8 is nil. So is one with a few
    damaged bytes. What was encoded twice is decoded twice. Never raises; what no codec can read becomes U+FFFD.
    """
    return _decoded_twice(_decoded(raw, header))


def hinted(raw: bytes, content_type: str, known: str | None) -> tuple[str, str | None]:
    """The Content-Type to read a body with, and what is known of its source's encoding now.

    A few letters in a one-byte Arabic encoding that nobody declares look like those of several. What enough of the
    source's text was in before is then taken for declared; enough text is judged by itself, whatever was `known`.
    """
    if charset_of(content_type) or declared_charset(raw) or not _is_one_byte(raw):
        return content_type, known
    if sum(byte > 0x7F for byte in raw[:_HINT_BYTES]) >= _ENOUGH:  # noqa: PLR2004  # the last ASCII character
        return content_type, _arabic_codec(raw[:_HINT_BYTES])
    return (f"{content_type}; charset={known}" if known else content_type), known


def _is_one_byte(raw: bytes) -> bool:
    """Whether what is not ASCII in it is neither UTF-8 nor in a wider encoding."""
    if any(raw.startswith(mark) for mark, _ in _BOMS) or _exotic(raw) or _wide(raw, []):
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return not _is_mostly_utf_8(raw)
    return False


def _decoded(raw: bytes, header: str | None) -> str:
    for mark, marked in _BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(marked, "replace")
    if exotic := _exotic(raw):
        return raw.decode(exotic, "replace")
    declared = [codec for label in (header, declared_charset(raw)) if (codec := known_codec(label))]
    if wide := _wide(raw, declared):
        return raw.decode(wide, "replace")
    if "iso2022_jp" not in declared:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            if _is_mostly_utf_8(raw):
                return raw.decode("utf-8", "replace")
    return _fitting(raw, declared) or raw.decode(_guess(raw) or (declared or ["utf-8"])[0], "replace")


def _is_mostly_utf_8(raw: bytes) -> bool:
    """Whether most of what is not ASCII is sound UTF-8: bytes of another encoding hardly ever make such sequences."""
    foreign = [character for character in raw.decode("utf-8", "replace") if not character.isascii()]
    return 2 * foreign.count("\ufffd") < len(foreign)


def _decoded_twice(text: str) -> str:
    """The text, or what it was before its UTF-8 was taken for windows-1252 and encoded again (`Ø§Ù„` was `ال`)."""
    found = sum(map(len, _TWICE.findall(text)))
    if found < _FEW_LETTERS or found < _TWICE_SHARE * sum(not character.isascii() for character in text):
        return text
    return _TWICE.sub(lambda match: bytes(map(_BYTES.__getitem__, match[0])).decode("utf-8", "replace"), text)


def _exotic(raw: bytes) -> str | None:
    """UTF-32 without a mark, or EBCDIC: as the first four bytes show (XML 1.0, appendix F), a declaration settles."""
    match raw[:4]:
        case b"\0\0\0<":
            return "utf-32-be"
        case b"<\0\0\0":
            return "utf-32-le"
        case b"Lo\xa7\x94":
            label = declared_charset(raw[:_HEAD_BYTES].decode("cp037", "replace").encode("ascii", "replace"))
            try:
                named = codecs.lookup(label or "").name
            except (LookupError, ValueError):
                return "cp037"
            return named if named in _EBCDIC else "cp037"
    return None


def _wide(raw: bytes, declared: list[str]) -> str | None:
    """UTF-16, where the zero bytes show it; a page that merely declares it is not, as a tag of one byte a letter shows.

    Such are the feeds of programs that write a string before they write bytes, and declare what it was in memory.
    """
    sample = raw[:_HEAD_BYTES]
    if _NARROW.match(sample):
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * _ZEROS > len(sample) and min(even, odd) * 10 * _ZEROS < len(sample):
        return "utf-16-le" if odd > even else "utf-16-be"
    for codec in declared:
        if codec.startswith("utf-16") and not sample.isascii():
            return codec
    return None


def _fitting(raw: bytes, declared: list[str]) -> str | None:
    """The text as declared, if hardly anything in it is damaged; a one-byte Arabic page has to look like Arabic."""
    for codec in declared:
        if codec.startswith("utf-16"):
            continue
        text = raw.decode(codec, "replace")
        foreign = sum(not character.isascii() for character in text)
        if text.count("\ufffd") <= _DAMAGE * max(foreign, 1) and not (
            codec in {"cp1252", *_ARABIC_CODECS} and _arabic_share(raw, codec) < _best_arabic(raw)
        ):
            return text
    return None


def _best_arabic(raw: bytes) -> float:
    """How much like Arabic the likeliest Arabic codec makes it; 0 where none makes it Arabic at all.

    Letters of another alphabet stand side by side, the accented ones of a Latin text alone: in ISO-8859-6 the `ä` of
    a Finnish page is the Arabic letter lam.
    """
    foreign = sum(byte > 0x7F for byte in raw)  # noqa: PLR2004  # the last ASCII character
    if sum(map(len, re.findall(rb"[\x80-\xff]{2,}", raw))) < _ARABIC_SHARE * foreign:
        return 0.0
    best = max(_arabic_share(raw, codec) for codec in _ARABIC_CODECS)
    return best if best >= _ARABIC_SHARE else 0.0


def _arabic_codec(raw: bytes) -> str | None:
    """The likeliest one-byte Arabic codec, if it makes Arabic of it."""
    return max(_ARABIC_CODECS, key=lambda codec: _arabic_share(raw, codec)) if _best_arabic(raw) else None


def _arabic_share(raw: bytes, codec: str) -> float:
    """Of the non-ASCII letters that `codec` makes of `raw`, the share that are common Arabic ones.

    A control counts as a letter that is none of them: in windows-1256 there the letters of Persian stand.
    """
    foreign = [character for character in raw.decode(codec, "replace") if not character.isascii()]
    letters = [character for character in foreign if character.isalpha() or character == "\ufffd" or character < "\xa0"]
    return sum(character in _COMMON_ARABIC for character in letters) / len(letters) if letters else 0.0


def _guess(raw: bytes) -> str | None:
    """The likeliest codec: a one-byte Arabic one if it makes Arabic of it, else what charset-normalizer thinks."""
    if arabic := _arabic_codec(raw):
        return arabic
    from charset_normalizer import from_bytes  # seldom needed

    sample = raw if len(raw) <= 2 * _HEAD_BYTES else raw[:_HEAD_BYTES] + raw[-_HEAD_BYTES:]
    match = from_bytes(sample, cp_isolation=sorted(_ACCEPTED - {"utf-16-le", "utf-16-be"})).best()
    if match is None:
        damaged = raw.decode("utf-8", "replace")
        foreign = sum(not character.isascii() for character in damaged)
        return "utf-8" if damaged.count("\ufffd") * 3 < foreign else "cp1252"
    return known_codec(match.encoding)
