import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.encodings import charset_of, decode, hinted, known_codec

ARABIC = "دعا رئيس هيئة الأركان القوات الأجنبية الموجودة في سوريا، في إدلب وشرق الفرات، إلى الانسحاب فورا."
GERMAN = "Die Straße nach Köln wäre schön, sagte Müller: überall Fußgänger und Bäume, nirgends ein Zug."
FINNISH = "Tämä päivä jää mieleen: sää lämpeni, jäät lähtivät, väki käveli pitkään rannalla ja jäi sinne."
RUSSIAN = "Россия выводит войска из провинции Идлиб, сообщил в понедельник министр обороны страны."
TURKISH = "Türkiye İdlib’den çekilmeyecek, Cumhurbaşkanı Erdoğan söyledi. Şu an için çağrı yok."


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1256", "iso-8859-6"])
def test_arabic_is_read_whether_or_not_its_encoding_is_declared(codec: str) -> None:
    """By its own looks, by its header, by its meta element."""
    text = ARABIC.replace("،", ",") if codec == "iso-8859-6" else ARABIC
    page = f'<html><head><meta charset="{codec}"></head><body>{text}</body></html>'
    assert decode(text.encode(codec)) == text
    assert decode(text.encode(codec), header=codec) == text
    assert decode(page.encode(codec)) == page


@pytest.mark.parametrize(
    ("text", "written", "declared"),
    [
        (ARABIC, "utf-8", "windows-1256"),
        (ARABIC, "windows-1256", "utf-8"),
        (ARABIC, "windows-1256", "iso-8859-1"),
        (ARABIC, "windows-1256", "iso-8859-6"),
        (GERMAN, "utf-8", "iso-8859-1"),
        (RUSSIAN, "utf-8", "us-ascii"),
    ],
)
def test_a_wrong_declaration_is_seen_through(text: str, written: str, declared: str) -> None:
    """Servers declare what their default is, not what the page is in."""
    assert decode(text.encode(written), header=declared) == text


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        (GERMAN, "iso-8859-1"),
        (FINNISH, "iso-8859-1"),
        (FINNISH, "iso-8859-15"),
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (TURKISH, "iso-8859-9"),
    ],
)
def test_a_right_declaration_is_kept(text: str, declared: str) -> None:
    """No Latin or Cyrillic page is taken for an Arabic one; `iso-8859-1` and `-9` mean the Windows pages."""
    written = {"iso-8859-1": "cp1252", "iso-8859-9": "cp1254"}.get(declared, declared)
    assert decode(text.encode(written), header=declared) == text


def test_a_few_damaged_bytes_do_not_change_the_encoding() -> None:
    """One broken character in a page of UTF-8 stays one broken character."""
    assert decode(ARABIC.encode() * 20 + b"\xff", header="utf-8") == ARABIC * 20 + "\ufffd"


def test_a_damaged_byte_between_few_letters_made_utf_8_cyrillic() -> None:
    """Declared or not: two quotation marks in sound UTF-8 outweigh the byte."""
    for declared in (None, "utf-8"):
        assert decode("’<>”".encode() + b"\xa9", header=declared) == "’<>”\ufffd"


@pytest.mark.parametrize("codec", ["windows-1256", "iso-8859-6"])
def test_few_letters_are_read_as_the_source_was_known(codec: str) -> None:
    """A headline alone looks like Cyrillic; what enough text is in is known thereafter."""
    much, few = (ARABIC * 5).encode(codec), "غزة".encode(codec)
    assert decode(few) != "غزة"
    content_type, known = hinted(much, "text/xml", None)
    assert content_type == "text/xml"
    content_type, still = hinted(few, "text/xml", known)
    assert decode(few, header=charset_of(content_type)) == "غزة"
    assert still == known


def test_enough_text_in_another_encoding_is_a_change() -> None:
    """To another Arabic one, to Cyrillic, or to one that is declared, of which the known one says nothing."""
    cyrillic = ("Министр заявил в воскресенье, что войска должны уйти. " * 10).encode("windows-1251")
    assert hinted((ARABIC * 5).encode("iso-8859-6"), "", "cp1256") == ("", "iso8859-6")
    assert hinted(cyrillic, "", "cp1256") == ("", None)
    for raw in (
        "غزة".encode(),
        b"<?xml version='1.0' encoding='windows-1251'?>\xe3",
        b"plain",
        "\ufeffغ".encode("utf-16"),
    ):
        assert hinted(raw, "text/xml", "cp1256") == ("text/xml", "cp1256")


def test_what_was_encoded_twice_is_decoded_twice() -> None:
    """A server took UTF-8 for windows-1252 and encoded it again; letters that are meant so stay."""
    garbled = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in (ARABIC * 3).encode())
    assert decode(garbled.encode()) == ARABIC * 3
    for text in ("CAFÉ” et «À la carte», déjà vu: Ã© " * 9, "“Ein Übermaß” – Größe " * 9, "Ø§"):
        assert decode(text.encode()) == text


@pytest.mark.parametrize(
    "label", ["hex", "punycode", "unicode_escape", "utf-7", "rot13", "idna", "x" * 500, "\0", "", None]
)
def test_codecs_that_no_page_has_business_with_are_not_known(label: str | None) -> None:
    """Python knows codecs that are slow, or that are no encodings at all."""
    assert known_codec(label) is None


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "windows-1256", "utf-16", "iso-2022-jp", "big5", "?"]))
def test_any_bytes_are_some_text(raw: bytes, header: str | None) -> None:
    """Decoding never fails."""
    decode(raw, header=header).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("header", [None, "utf-16"])
def test_a_page_in_one_byte_a_letter_that_declares_utf_16_was_read_as_chinese(header: str | None) -> None:
    """As programs declare it that write a string before they write bytes; so was a short one with two zero bytes."""
    declared = '<?xml version="1.0" encoding="utf-16"?><rss><channel><title>خبر عاجل</title></channel></rss>'
    for codec in ("utf-8", "windows-1256"):
        assert decode(declared.encode(codec), header=header) == declared
    assert decode(declared.encode("utf-16-le"), header=header) == declared
    assert decode(b"<rss><title>a\0b</title>c\0</rss>") == "<rss><title>a\0b</title>c\0</rss>"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("x-cp1256", "cp1256"),
        ("cp-1256", "cp1256"),
        ("ISO-8859-6-I", "iso8859-6"),
        ("iso-8859-8-i", "iso8859-8"),
        ("unicode-1-1-utf-8", "utf-8"),
        ("x-sjis", "cp932"),
    ],
)
def test_labels_that_python_does_not_know_were_passed_over(label: str, codec: str) -> None:
    """Browsers know them; a short text in such an encoding was guessed at."""
    assert known_codec(label) == codec


@pytest.mark.parametrize("header", [None, "windows-1256"])
def test_persian_in_its_declared_encoding_was_read_in_another(header: str | None) -> None:
    """As if it were ISO-8859-6, which has none of its letters; `وزارت` was `نزارت`."""
    text = "وزارت خارجه روز يکشنبه گفت که نيروهاي خارجي بايد کشور را ترک کنند، و پليس چند نفر را دستگير کرد"
    assert decode(text.encode("windows-1256"), header=header) == text
