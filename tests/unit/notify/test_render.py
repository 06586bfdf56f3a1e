"""What is shown: the original characters, cut and cleaned, evidence where it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.alerts import HeldBy, Reason, Summary, held_back_to
from streams.messages import Entity, Excerpt, Update
from streams.notify.render import EXCERPT_LIMIT, EXCERPTS, clip, plain, segments, sheet
from streams.notify.wording import Wording, direction
from streams.notify.words import Language
from streams.windows import Counted, WindowCount
from tests.support.alerting import NOON, SENTENCE, alert_content, article, fired, notice


@st.composite
def excerpts(draw: st.DrawFn) -> Excerpt:
    text = draw(st.text(min_size=1, max_size=300))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    return Excerpt(text=text, marks=tuple(zip(cuts[::2], cuts[1::2], strict=False)))


@given(excerpts())
def test_segments_lose_nothing_and_mark_the_evidence(excerpt: Excerpt) -> None:
    """Put together they are the sentence, one for one; the marked ones are the marks."""
    parts = list(segments(excerpt))
    joined = "".join(part.text for part in parts)
    assert len(joined) == len(excerpt.text)
    assert all(a == b for a, b in zip(joined, excerpt.text, strict=True) if a != "\N{REPLACEMENT CHARACTER}")
    assert [len(part.text) for part in parts if part.marked] == [end - start for start, end in excerpt.marks]


@given(excerpts(), st.integers(10, 80))
def test_a_clipped_sentence_keeps_its_marks_on_their_words(excerpt: Excerpt, limit: int) -> None:
    """Cut to the limit around the first evidence; each mark still covers a piece of what it covered."""
    short = clip(excerpt, limit)
    assert len(short.text) <= limit
    whole = [excerpt.text[start:end] for start, end in excerpt.marks]
    for start, end in short.marks:
        assert 0 <= start < end <= len(short.text)
        assert any(short.text[start:end] in words for words in whole)
    if excerpt.marks:
        assert short.marks


def test_a_sheet_says_who_whose_where_and_whence() -> None:
    """Slots in the rule's order with the names behind the words, source and time of publishing, the link."""
    parts = sheet(alert_content())
    assert parts.facts == (
        ("who", "\u2068باقري\u2069 (Mohammad Bagheri)"),
        ("whose", "\u2068القوات الأجنبية\u2069"),
        ("where", "\u2068إدلب\u2069"),
    )
    assert (parts.origin, parts.url) == ("tasnim, published 2026-03-01 11:00 UTC", "https://example.org/a1")
    changed = sheet(alert_content(article=article(update=Update(revision=2))))
    assert changed.origin == "tasnim, published 2026-03-01 11:00 UTC, changed since"
    assert parts.subject == "[HIGH] Rule withdrawal: \u2068باقري: على القوات الأجنبية أن تنسحب\u2069"


def test_a_day_without_a_time_was_told_as_midnight_of_the_day_before() -> None:
    """For readers west of Greenwich, at that; it is the day that was stated, for everybody."""
    dated = article(published=datetime(2026, 3, 1, tzinfo=UTC), date_precision="day")
    for zone in ("America/New_York", "Asia/Damascus"):
        assert sheet(alert_content(article=dated), Wording("en", zone)).origin == "tasnim, published 2026-03-01"


def test_a_name_that_is_the_word_itself_is_not_repeated() -> None:
    """Only a name that says more is added; a slot without words is left out."""
    match = fired(slots={"where": ("Idlib",), "who": ()}, entities={"where": (Entity(text="Idlib", name="Idlib"),)})
    assert sheet(alert_content(match=match)).facts == (("where", "Idlib"),)


def test_a_repeat_says_so() -> None:
    """The reader sees that it is told again."""
    assert sheet(alert_content(reason=Reason.REPEAT, number=3)).title == "Rule withdrawal (again, 3)"


def test_a_development_says_what_is_new_and_how_often_it_was_reported() -> None:
    """Every reason that tells something new has its words, and the number of independent texts stands by the source."""
    found = {sheet(alert_content(reason=reason, number=2)).title for reason in Reason if reason.development}
    assert len(found) == sum(reason.development for reason in Reason)
    assert "Rule withdrawal (a new place)" in found
    confirmed = sheet(alert_content(reason=Reason.NEW_ORIGIN, number=2, origins=3))
    assert confirmed.title == "Rule withdrawal (confirmed)"
    assert confirmed.origin.endswith(", reported by 3 independent texts")


def test_sentences_beyond_the_limit_are_counted() -> None:
    """Nothing is left out in silence."""
    match = fired(excerpts=(Excerpt(text="x", marks=()),) * (EXCERPTS + 2))
    parts = sheet(alert_content(match=match))
    assert (len(parts.sentences), parts.more) == (EXCERPTS, "and 2 more sentences")
    assert "and 2 more sentences" in plain(parts)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.org/a b", "https://x.org/|<b>", "ftp://x.org/", None]
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    """Anything else is not offered to be clicked."""
    assert sheet(alert_content(article=article(url=url))).url is None


def test_an_address_turned_the_rest_of_its_line() -> None:
    """In the text of a mail it stands as it is."""
    parts = sheet(alert_content(article=article(url="https://x.org/\u202egpj.\u2066exe\x1b")))
    assert parts.url == "https://x.org/%E2%80%AEgpj.%E2%81%A6exe%1B"


def test_hostile_titles_are_one_clean_line() -> None:
    """Line ends, escapes and direction overrides do not get through, and length is bounded."""
    parts = sheet(alert_content(article=article(title="a\r\nBcc: x\x1b[31m\u202egnp" + "y" * 10_000)))
    assert parts.headline.startswith("a Bcc: x\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}gnp")
    assert len(parts.headline) == 300


def test_plain_text_marks_the_evidence() -> None:
    """Between quotation marks, in the original characters."""
    assert SENTENCE.replace("انسحاب", "«انسحاب»") in plain(sheet(alert_content()))


def test_a_notice_shows_its_text_whole() -> None:
    """Title, text and cause."""
    text = plain(sheet(notice("Line one.\nLine two.")))
    assert text == "[NOTICE] A test\n2026-03-01 12:00 UTC\n\nLine one.\nLine two.\n\nMarsad, about itself (test)\n"


@pytest.mark.parametrize(
    ("text", "way"),
    [("انسحاب", "rtl"), ("withdraw", "ltr"), ("«12 انسحاب» ok", "rtl"), ("12%", "ltr"), ("", "ltr"), ("שלום", "rtl")],
)
def test_direction_is_that_of_the_first_letter(text: str, way: str) -> None:
    """Digits and punctuation have none."""
    assert direction(text) == way


def test_a_very_long_sentence_is_cut_around_its_evidence() -> None:
    """A text without full stops does not fill the channel."""
    long = Excerpt(text="a" * 5000 + "EVIDENCE" + "b" * 5000, marks=((5000, 5008),))
    (sentence,) = sheet(alert_content(match=fired(excerpts=(long,)))).sentences
    assert sum(len(part.text) for part in sentence) == EXCERPT_LIMIT
    assert [part.text for part in sentence if part.marked] == ["EVIDENCE"]


def _counted(window: WindowCount, language: Language) -> str:
    return plain(sheet(alert_content(window=window), Wording(language)))


def test_a_count_is_shown_with_its_articles() -> None:
    """How many, within which time, how many usually, and the latest ones with their sources and links."""
    items = tuple(
        Counted(article=str(n), seen_at=NOON, source=f"S{n}", story="s", title=f"Text {n}", url=f"https://x.org/{n}")
        for n in range(12)
    )
    hours = timedelta(hours=2)
    window = WindowCount(
        count=12, articles=12, sources=3, origins=1, within=hours, usual=0.6, before=(0.0, 1.0), items=items
    )
    shown = _counted(window, "en")
    assert "12 articles, 1 independent text, 3 sources within 2 hours" in shown
    assert "usual in these hours of the week: 0.6 (weeks before: 0, 1)" in shown
    assert "- S11: Text 11\n  https://x.org/11\n- S10: Text 10" in shown
    assert "and 2 more" in shown
    assert "Saraqib: 12 articles" in _counted(window.model_copy(update={"of": "Saraqib"}), "en").replace(
        "\u2068", ""
    ).replace("\u2069", "")
    arabic = _counted(window.model_copy(update={"within": timedelta(days=2), "usual": None}), "ar")
    assert "12 مقالًا، نص مستقل واحد، 3 مصادر خلال يومين" in arabic
    assert "المعتاد" not in arabic


def test_an_absence_was_told_as_if_its_last_article_had_just_come() -> None:
    """It was listed as counted where nothing was, and a digest told it by that article's headline alone."""
    last = Counted(article="a", seen_at=NOON, source="S", story="s", title="Bulletin")
    none = {"count": 0, "articles": 0, "sources": 0, "origins": 0}
    absence = WindowCount(**none, within=timedelta(days=1), usual=3, items=(last,), of="Homs")
    assert "the last one before that\n- S: Bulletin" in _counted(absence, "en")
    digest = Summary(seen_at=NOON, until=NOON, by=HeldBy.DIGEST, told=(alert_content(window=absence),))
    title = alert_content().article.title
    shown = plain(sheet(digest, Wording("ar"))).replace("\u2068", "").replace("\u2069", "")
    assert f"- {title} (Homs: لا مقالات، لا نصوص مستقلة، لا مصادر خلال 24 ساعة)" in shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=24), "24 hours"),
        (timedelta(days=7), "7 days"),
    ],
)
def test_a_span_is_in_the_largest_unit_in_which_it_is_whole(span: timedelta, shown: str) -> None:
    """A day is 24 hours: that is how it is counted."""
    assert Wording().span(span) == shown


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Silence s-1 (known) is over: it held back 90 alerts"),
        ("ar", "انتهى الكتم \u2068s-1 (known)\u2069 وقد حجب 90 تنبيهًا"),
    ],
)
def test_the_end_of_a_silence_was_told_in_english_and_cut_off(language: Language, title: str) -> None:
    """In the receiver's language, fifty of the alerts that it held back, and how many more there are."""
    held = {f"a1:{number:032x}": f"Rule withdrawal: {'قصف ' * 30}" for number in range(90)}
    told = held_back_to("desk", "s-1", held, about="s-1 (known)", now=NOON)
    parts = sheet(told.content, Wording(language))
    (group,) = parts.groups
    assert (parts.title, len(group.entries), group.left_out) == (title, 50, 40)
    assert f"(a1:{0:032x})" in plain(parts)
