"""Whether an article says something else than before, and what is to be done with an entry that comes again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.revisions import Content, Course, course_of, mark_of, print_of, printings, revised
from streams.messages import Article, Update
from streams.stores.seen import NO_MARK, Printed, Seen
from streams.stores.sources import Pending

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = "The minister said on Sunday that the foreign forces in the north must leave at once."
SECOND = "Talks with the neighbours go on in the capital until the end of the week."
THIRD = "Nine people were killed when a shell hit the market, the hospital said."
ARABIC = "قال الوزير يوم الأحد إن القوات الأجنبية في شمال البلاد يجب أن تغادر فورا."


def _article(*paragraphs: str, title: str = "Forces leave", **fields: object) -> Article:
    values = {"id": "c1:a", "source": "s", "title": title, "text": "\n".join(paragraphs), "seen_at": NOW}
    return Article.model_validate({"text_from": "page", **values, **fields})


def _update(before: Article, after: Article) -> Update | None:
    found = revised(after, print_of(before))
    return found.update if found else None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((LEAD, SECOND), (f"  {LEAD} ", "", SECOND.upper())),
        ((LEAD, SECOND), (f"{LEAD} {SECOND}",)),
        ((LEAD, SECOND), (SECOND, LEAD)),
        ((LEAD, "Updated 3 minutes ago"), (LEAD, "Updated 4 minutes ago")),
        ((LEAD, "1,204 views"), (LEAD, "1,391 views", "Share this")),
        ((LEAD, "The page was updated at 14:05 by the desk."), (LEAD, "The page was updated at 15:10 by the desk.")),
        ((LEAD, "This was changed on 3 March 2026 by us."), (LEAD, "This was changed on March 4, 2026 by us.")),
        ((ARABIC, "آخر تحديث: ١٤:٠٥"), (ARABIC, "آخر تحديث: ١٥:٠٥")),
    ],
)
def test_what_changes_around_the_sentences_is_no_update(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """White space, case, order, counters, clock times and dates."""
    assert _update(_article(*before), _article(*after)) is None


def test_a_new_sentence_is_an_update_with_its_size() -> None:
    """One in three is new, nothing is gone, the title is the same."""
    update = _update(_article(LEAD, SECOND), _article(LEAD, SECOND, THIRD))
    assert update is not None
    assert (update.revision, update.removed, update.title_changed) == (2, 0.0, False)
    assert update.added == pytest.approx(1 / 3, abs=0.02)
    assert (update.letters_before, update.letters) == (
        sum(map(str.isalpha, LEAD + SECOND)),
        sum(map(str.isalpha, LEAD + SECOND + THIRD)),
    )


def test_a_toll_that_rose_is_an_update() -> None:
    """A number in a sentence is no date."""
    update = _update(_article(LEAD, THIRD), _article(LEAD, THIRD.replace("Nine", "12")))
    assert update is not None
    assert update.added == update.removed == pytest.approx(0.5, abs=0.02)


def test_another_headline_is_an_update_and_the_same_in_other_letters_is_not() -> None:
    """Over the same text."""
    update = _update(_article(LEAD), _article(LEAD, title="Forces refuse to leave"))
    assert update is not None
    assert (update.title_changed, update.added) == (True, 0.0)
    assert _update(_article(LEAD), _article(LEAD, title="FORCES LEAVE ")) is None


def test_a_text_that_only_shrank_to_a_teaser_was_not_read_whole() -> None:
    """A metered paywall; a paragraph that was taken back is an update."""
    assert _update(_article(LEAD, SECOND, THIRD), _article(LEAD)) is None
    update = _update(_article(LEAD, SECOND, THIRD), _article(LEAD, THIRD))
    assert update is not None
    assert (update.added, round(update.removed, 1)) == (0.0, 0.3)


def test_a_headline_alone_is_compared_by_itself() -> None:
    """Of a feed that has no more."""
    assert _update(_article(title="One"), _article(title="One")) is None
    assert _update(_article(title="One"), _article(title="Two")) is not None


def test_a_third_revision_follows_the_second() -> None:
    """Each is compared with the one before it."""
    second = revised(_article(LEAD, SECOND), print_of(_article(LEAD)))
    assert second is not None
    third = revised(_article(LEAD, SECOND, THIRD), print_of(second))
    assert third is not None
    assert (second.revision, third.revision) == (2, 3)


@given(st.text(max_size=60), st.text(max_size=400))
def test_a_content_comes_back_as_it_was_kept(title: str, text: str) -> None:
    """And any text has one, which is its own."""
    content = Content.of(title, text)
    assert Content.unpacked(content.packed()) == content
    assert revised(_article(text, title=title), print_of(_article(text, title=title))) is None


def test_the_content_is_the_one_that_is_recorded() -> None:
    """A change of it makes an update of every article that is looked at again."""
    content = Content.of("Forces leave", f"{LEAD}\n{ARABIC}\n14:05")
    assert content.packed().hex() == "00007fac6c59d6dfb09202000000000000000000000000000100"


def test_a_mark_tells_what_the_feed_says_of_an_article() -> None:
    """Its title, words and dates; a counter beside the words does not matter."""
    mark = mark_of("Title", LEAD, NOW, None)
    assert mark == mark_of("title", f"{LEAD}\n12 comments", NOW, None) != NO_MARK
    others = [
        mark_of("Another", LEAD, NOW, None),
        mark_of("Title", SECOND, NOW, None),
        mark_of("Title", LEAD, NOW + timedelta(minutes=1), None),
        mark_of("Title", LEAD, None, NOW),
    ]
    assert len({mark, *others}) == 5


def _pending(*, fetch: bool = True, backlog: bool = False, at: datetime = NOW) -> Pending:
    return Pending(id="a", source="s", host="h", title="t", text="", fetch=fetch, backlog=backlog, seen_at=at)


def _seen(outcome: str | None, *, backlog: bool = False, from_page: bool = True, never: bool = False) -> Seen:
    printed = None if never else Printed(1, bytes(26), backlog=backlog, from_page=from_page)
    return Seen(printed, outcome, NOW - timedelta(hours=1), 0)


@pytest.mark.parametrize(
    ("entry", "seen", "course"),
    [
        (_pending(), None, Course.PUBLISH),
        (_pending(), _seen(None, never=True), Course.PUBLISH),
        (_pending(), _seen("login_wall", never=True), Course.PUBLISH),
        (_pending(), _seen(None), Course.PASS),
        (_pending(fetch=False), _seen(None), Course.PASS),
        (_pending(backlog=True), _seen(None, backlog=True), Course.PASS),
        (_pending(), _seen(None, backlog=True), Course.PUBLISH),
        (_pending(), _seen(None, from_page=False), Course.COMPARE),
        (_pending(fetch=False), _seen(None, from_page=False), Course.PASS),
        (_pending(), _seen("published"), Course.COMPARE),
        (_pending(), _seen("duplicate"), Course.COMPARE),
        (_pending(fetch=False), _seen("published", from_page=False), Course.COMPARE),
        (_pending(fetch=False), _seen("duplicate", from_page=False), Course.PASS),
        (_pending(fetch=False), _seen("published"), Course.PASS),
        (_pending(at=NOW - timedelta(hours=2)), _seen("published"), Course.PASS),
    ],
)
def test_what_is_done_with_an_entry(entry: Pending, seen: Seen | None, course: Course) -> None:
    """Published where nobody has, or as archive alone; looked at where it may say more; passed over else."""
    assert course_of(entry, seen) is course


@pytest.mark.parametrize(
    ("before", "begun", "now", "revisions"),
    [
        ((), (), (LEAD,), [1]),
        ((), (LEAD,), (LEAD,), [1]),
        ((), (LEAD,), (LEAD, SECOND), [1, 2]),
        ((LEAD,), (), (LEAD,), []),
        ((LEAD,), (), (LEAD, SECOND), [2]),
        ((LEAD,), (LEAD, SECOND), (LEAD, SECOND), [2]),
        ((LEAD,), (LEAD, SECOND), (LEAD, THIRD), [3]),
        ((LEAD,), (LEAD, SECOND), (LEAD,), []),
        ((LEAD,), (LEAD, SECOND), (THIRD,), [3]),
    ],
)
def test_what_was_begun_has_its_number(
    before: tuple[str, ...], begun: tuple[str, ...], now: tuple[str, ...], revisions: list[int]
) -> None:
    """What differs from it has the next one; half a text is none that was read whole."""
    printed = print_of(_article(*before)) if before else None
    under_way = replace(print_of(_article(*begun)), revision=2 if before else 1) if begun else None
    found = printings(_article(*now), printed, under_way)
    assert [article.revision for article in found] == revisions


def test_a_second_death_keeps_the_number_too() -> None:
    """Of a first publication that changed after the first death: both are published again."""
    begun = replace(print_of(_article(LEAD, SECOND)), revision=2)
    assert [each.revision for each in printings(_article(LEAD, SECOND), None, begun)] == [1, 2]
