"""Lines of a host's own are told from those of its articles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.ingest.repeated_lines import ARTICLES_KEPT, Host, Line, counted, packed, unpacked, without_furniture
from tests.support.newsroom import NOON

LEAD = "The minister said on Sunday that the forces in the north had to leave within a month {0}."
BODY = "Officials of the district number {0} gave other figures, which nobody in the capital wanted to confirm."
BACKGROUND = "The war has killed more than 500,000 people since it began in 2011, according to the monitors."


class Paper:
    """A host that brings one article after another, and what is known of its lines."""

    def __init__(self) -> None:
        self.known, self.number, self.now = Host(), 0, NOON

    def bring(self, *lines: str, title: str = "") -> list[str]:
        """The lines left out of the next article, which has these besides two of its own."""
        self.number += 1
        text = "\n".join([LEAD.format(self.number), BODY.format(self.number), *lines])
        kept, count = without_furniture(title or f"Title {self.number}", text, self.known)
        self.known = unpacked(packed(counted(self.known, f"c1:{self.number}", text, self.now)))
        left_out = [line for line in text.split("\n") if line not in kept.split("\n")]
        assert len(left_out) == count
        return left_out


def test_what_stands_on_every_page_is_left_out_from_the_sixth_on() -> None:
    """Not at the first sight, and not of a paper that nobody knows yet."""
    paper = Paper()
    assert [paper.bring("Share this on the usual networks") for _ in range(5)] == [[]] * 5
    assert paper.bring("SHARE this, on the usual networks!") == ["SHARE this, on the usual networks!"]


def test_headlines_of_the_day_beside_other_articles_are_left_out_on_that_day() -> None:
    """They would tell of one strike in every article of the day; the article of that title keeps it."""
    paper, headline = Paper(), "Read also: strikes on Idlib"
    for _ in range(5):
        paper.bring(headline)
    assert paper.bring(headline) == [headline]
    assert paper.bring(headline, title="Read also: strikes on Idlib") == []


def test_what_one_story_of_the_day_says_again_and_again_stays() -> None:
    """An agency's sentence in ten of twenty articles of one day, and a quotation in all of them."""
    paper, quote = (
        Paper(),
        "“We shall not leave the valley before the last of them has gone,” the general said again.",
    )
    for number in range(20):
        lines = [quote, BACKGROUND] if number % 2 else [quote]
        assert paper.bring(*lines) == []


def test_background_of_a_long_war_stays_where_a_paper_has_other_news() -> None:
    """In one of twelve articles, for a month."""
    paper = Paper()
    for number in range(360):
        assert paper.bring(*([BACKGROUND] if number % 12 == 0 else [])) == []
        paper.now += timedelta(hours=2)


def test_a_notice_of_one_section_is_left_out_in_time() -> None:
    """On one of five articles: when ten had it, on three days."""
    paper, notice = (
        Paper(),
        "Subscribe to our letter on economy and have the prices of the day before breakfast",
    )
    left_out = []
    for number in range(100):
        left_out += paper.bring(*([notice] if number % 5 == 0 else []))
        paper.now += timedelta(hours=1)
    assert left_out == [notice] * 10


def test_a_short_line_that_comes_now_and_then_stays() -> None:
    """It may be a place in a list of those that were shelled."""
    paper = Paper()
    for number in range(100):
        assert paper.bring(*(["Saraqib"] if number % 5 == 0 else [])) == []
        paper.now += timedelta(hours=6)


def test_a_sentence_at_the_beginning_is_news_whoever_repeats_it() -> None:
    """The lead of the first report is background in the later ones."""
    paper = Paper()
    for _ in range(12):
        paper.bring(BACKGROUND)
        paper.now += timedelta(hours=12)
    text = f"{BACKGROUND}\n{BODY}\n{BACKGROUND}"
    assert without_furniture("Title", text, paper.known) == (f"{BACKGROUND}\n{BODY}", 1)


def test_an_article_of_such_lines_alone_stays_whole() -> None:
    """A bulletin that is the same each day has no other substance."""
    paper = Paper()
    for _ in range(9):
        paper.bring("Share this", "Prices of today", BACKGROUND)
        paper.now += timedelta(days=1)
    text = "Share this\nPrices of today\n" + BACKGROUND
    assert without_furniture("Prices", text, paper.known) == (text, 0)


def test_an_article_that_is_read_twice_counts_once() -> None:
    """As after a kill."""
    known = counted(Host(), "c1:1", "Share this", NOON)
    assert counted(known, "c1:1", "Share this", NOON) is known


def test_what_is_kept_of_a_host_is_bounded() -> None:
    """However long it brings however many lines; what comes again is kept before what came once."""
    known = Host()
    for number in range(200):
        lines = [f"Line {number} {place} of its own" for place in range(300)]
        known = counted(known, f"c1:{number}", "\n".join(["Share this", *lines]), NOON)
    assert len(packed(known)) <= 3_300
    assert without_furniture("", f"{BODY}\nShare this", known) == (BODY, 1)


def test_a_line_that_is_no_longer_there_is_forgotten() -> None:
    """A new design has other lines."""
    paper = Paper()
    for _ in range(50):
        paper.bring("Share this")
    for _ in range(600):
        paper.bring("Tell others")
    assert paper.bring("Share this") == []


@given(st.binary(max_size=200))
@example(b"\x01")  # cut behind the version
def test_what_cannot_be_read_is_an_unknown_host(raw: bytes) -> None:
    """No bytes in Redis stop an article."""
    assert isinstance(unpacked(raw), Host)
    assert unpacked(None) == Host()


@pytest.mark.parametrize("line", [Line(0, 1, 0, 1, 0), Line(1, 0, 0, 1, 0)])
def test_accounts_that_count_nothing_are_an_unknown_host(line: Line) -> None:
    """Nothing divides by what a broken entry has in place of a count."""
    assert unpacked(packed(Host({1: line}))) == Host()


@given(
    st.dictionaries(
        st.integers(0, 2**32 - 1),
        st.builds(
            Line,
            st.integers(1, 1_000),
            st.integers(1, 1_000),
            st.integers(0, 255),
            st.integers(1, 255),
            st.integers(0, 60_000),
        ),
    ),
    st.lists(st.integers(0, 2**32 - 1), max_size=ARTICLES_KEPT),
)
def test_a_host_comes_back_as_it_was_packed(lines: dict[int, Line], articles: list[int]) -> None:
    """All of it."""
    host = Host(lines, tuple(articles))
    assert unpacked(packed(host)) == host


@pytest.mark.parametrize("line", ["* * *", "—", ""])
def test_lines_without_words_are_no_matter(line: str) -> None:
    """They say nothing, and take no room."""
    assert counted(Host(), "c1:1", line, NOON).lines == {}
