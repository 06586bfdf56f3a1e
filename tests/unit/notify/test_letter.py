"""The mail message: the same each time, readable in both directions, and no header can be smuggled in."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.alerts import AlertContent, Content, Notification
from streams.messages import Excerpt
from streams.notify.letter import letter
from streams.notify.page import page
from streams.notify.render import sheet
from streams.notify.wording import Wording
from streams.notify.words import Language
from tests.support.alerting import NOON, alert_content, article, fired, notice, notification
from tests.unit.notify.test_blocks import anything, wordings

HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "List-Id",
    "List-Post",
    "Content-Language",
    "X-Marsad-Notification",
    "X-Marsad-Alert",
    "MIME-Version",
    "Content-Type",
}

OURS = {"html", "head", "meta", "title", "body", "div", "p", "span", "b", "h1", "a", "blockquote", "mark", "bdi"} | {
    *("table", "tr", "th", "td", "ul", "li"),
}
"""The elements of our pages."""


def sent(item: Notification) -> EmailMessage:
    """The message as a mail program reads it."""
    raw = letter(item, sender="marsad@example.org", to=("a@example.org", "b@example.org")).as_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_it_says_the_same_in_text_and_html() -> None:
    """Both parts carry the evidence in its original characters; the subject is the headline."""
    message = sent(notification())
    assert message["Subject"] == "[HIGH] Rule withdrawal: \u2068باقري: على القوات الأجنبية أن تنسحب\u2069"
    assert "«انسحاب»" in body(message, "plain")
    assert "<b>انسحاب</b></mark>" in body(message, "html")
    assert message["To"] == "a@example.org, b@example.org"


def test_it_is_the_same_bytes_each_time() -> None:
    """A repeated attempt has the same Message-ID, Date and boundary."""
    first, second = (letter(notification(), sender="m@x.org", to=("a@x.org",)).as_bytes() for _ in range(2))
    assert first == second
    message = sent(notification(7))
    assert message["Message-ID"] == f"<n1.{7:032x}@example.org>"
    assert message["Date"].datetime == NOON


@pytest.mark.parametrize(("language", "way"), [("ar", "rtl"), ("en", "ltr")])
def test_each_text_has_its_own_direction(language: Language, way: str) -> None:
    """The page is the receiver's, an Arabic headline and sentence are right to left in both."""
    text = page(alert_content(), Wording(language))
    assert f'<html lang="{language}" dir="{way}">' in text
    assert f'<body dir="{way}"' in text
    assert re.search(r'<h1 dir="rtl" align="right"[^>]*><a href="https://example.org/a1"[^>]*>باقري', text)
    assert '<blockquote dir="rtl" align="right"' in text
    english = alert_content(article=article(title="Troops leave"), match=fired(excerpts=(Excerpt(text="x", marks=()),)))
    assert '<h1 dir="ltr"' in page(english, Wording(language))
    assert '<blockquote dir="ltr"' in page(english, Wording(language))


@pytest.mark.parametrize(
    "title",
    [
        "=?utf-8?q?x=0D=0ABcc:_victim@evil.example?= Heavy shelling",
        "=?utf-8?q?x=0D=0A=0D=0AAnother_body?=",
        "=?utf-7?q?+AA0ACg-Bcc:_victim@evil.example?=",
        "=?utf-8?b?4oCuG1szMW0=?=",
        "=\x00?utf-8?q?x=0AX-Evil:_1?=",
    ],
)
def test_no_encoded_word_in_a_title_is_decoded(title: str) -> None:
    """The header's parser decodes RFC 2047's words: line breaks, overrides and headers hidden in them came to life."""
    message = sent(notification(article=article(title=title)))
    assert sorted(message.keys()) == sorted(HEADERS)
    assert not set(message["Subject"]) & set("\r\n\x1b\u202e")


WORDS = st.sampled_from(
    [
        "الجيش",
        "ينسحب",
        "إدلب،",
        "على",
        "20",
        "«حماة»",
        "army",
        "(new)",
        '"x"',
        "a,b",
        "?=",
        "_",
        "é",
        "\N{FIRE}",
        "w" * 80,
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=40).map(" ".join), st.sampled_from(["ar", "en"]))
@example("قتلى وجرحى بقصف جوي على سوق شعبي في سراقب", "ar")
@example("Death toll of Saraqib raid rises to 11", "en")
def test_a_subject_lost_or_gained_a_space(title: str, language: Language) -> None:
    """It is read as it was written, in Arabic too, and stands in lines of at most 78 bytes where its words allow it."""
    item, wording = notification(article=article(title=title)), Wording(language)
    raw = letter(item, sender="marsad@example.org", to=("a@example.org",), wording=wording).as_bytes()
    assert str(message_from_bytes(raw, policy=policy.default)["Subject"]) == sheet(item.content, wording).subject
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert max(len(line) for line in head.split("\r\n") if "w" * 40 not in line) <= 78


@given(st.text(max_size=500))
def test_no_title_adds_a_header(title: str) -> None:
    """Whatever stands in a title, the message has our headers and no others, each once."""
    message = sent(notification(article=article(title=title), match=fired(title=title)))
    assert sorted(message.keys()) == sorted(HEADERS)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.found.append(tag)


def tags(content: AlertContent) -> list[str]:
    return _tags_in(page(content))


@given(st.text(max_size=200) | st.sampled_from(["<script>x</script>", '"><img src=x onerror=y>', "&lt;b&gt;"]))
def test_no_title_adds_a_tag(title: str) -> None:
    """The page of a hostile title has the tags of a harmless one."""
    harmless = alert_content(article=article(source="x"), match=fired(title="x"))
    hostile = alert_content(article=article(title=title, source=title), match=fired(title=title))
    assert tags(hostile) == tags(harmless)


def test_a_notice_is_a_message_without_an_alert() -> None:
    """It has the notification's id and no alert's."""
    message = sent(Notification(id="n1:x", receiver="ops", content=notice()))
    assert (message["X-Marsad-Notification"], message["X-Marsad-Alert"]) == ("n1:x", None)
    assert "Nothing is well." in body(message, "plain")


def test_what_is_new_of_an_alert_answers_the_first_message() -> None:
    """Mailboxes put it into one thread; the first message itself answers nothing."""
    first = letter(notification(1), sender="m@example.org", to=("a@example.org",))
    later = notification(2).model_copy(update={"first": notification(1).id})
    message = letter(later, sender="m@example.org", to=("a@example.org",))
    assert message["In-Reply-To"] == message["References"] == first["Message-ID"]
    assert (first["In-Reply-To"], first["References"]) == (None, None)


def test_a_mailbox_can_sort_by_rule() -> None:
    """List-Id is the rule's, for a rule whose id could not stand there it is not, and notices have their own."""
    odd = notification(match=fired("x>\r\nBcc: y"))
    told = Notification(id="n1:x", receiver="ops", content=notice())
    lists = [sent(item)["List-Id"] for item in (notification(), odd, told)]
    assert lists == [f"<{name}.marsad.example.org>" for name in ("withdrawal", "alerts", "notices")]
    assert sent(notification())["List-Post"] == "NO"


@given(anything(), wordings)
def test_whatever_is_told_is_one_readable_message(content: Content, wording: Wording) -> None:
    """In both languages: our headers and no others, both parts, and a page whose elements are ours."""
    item = Notification(id="n1:x", receiver="desk", content=content)
    raw = letter(item, sender="marsad@example.org", to=("a@example.org",), wording=wording).as_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert set(message.keys()) <= HEADERS
    assert len(message.keys()) == len(set(message.keys()))
    assert body(message, "plain").strip()
    assert set(_tags_in(body(message, "html"))) <= OURS


def _tags_in(text: str) -> list[str]:
    parser = _Tags()
    parser.feed(text)
    return parser.found
