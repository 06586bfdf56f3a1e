"""Page furniture is no evidence."""

from __future__ import annotations

from streams.match.fold import fold
from streams.match.furniture import furniture
from tests.unit.match.building import ARTICLE, engine_of, fires

STORY = "The council met on Monday and spoke for three hours about the price of bread in town.\n"


def _furniture(text: str) -> list[str]:
    folded = fold(text)
    return [text[slice(*folded.span(start, end - (end == len(folded.spaced))))] for start, end in furniture(folded)]


def test_a_heading_of_other_stories_ends_the_story() -> None:
    """All that follows it is furniture."""
    assert _furniture(STORY + "Related articles\nShelling hits Saraqib") == ["Related articles\nShelling hits Saraqib"]


def test_a_word_alone_on_its_line_may_be_a_heading() -> None:
    """As "Related" is on many pages; in a line of more words it says something."""
    assert _furniture(STORY + "Related:\nShelling in Idlib") == ["Related:\nShelling in Idlib"]
    assert _furniture(STORY + "Related shelling in Idlib") == []


def test_a_heading_before_the_story_takes_only_its_line() -> None:
    """Pages put such boxes above the text too; the story is kept."""
    assert _furniture("اقرأ أيضا\n" + STORY) == ["اقرأ أيضا"]


def test_a_heading_of_other_stories_ends_a_story_of_short_lines() -> None:
    """A post has no long line; below the heading are other posts."""
    assert _furniture("Bread is dear\nMost read\nShelling hits Saraqib") == ["Most read\nShelling hits Saraqib"]
    assert _furniture("Latest news\nShelling hits Saraqib") == ["Latest news"]


def test_an_invitation_to_another_story_is_furniture_with_its_title() -> None:
    """Pages write it between paragraphs; the story goes on below."""
    link = "اقرأ أيضا: مقتل ثلاثة مدنيين في قصف على بلدة سراقب"
    assert _furniture(f"{STORY}{link}\n{STORY}") == [link]


def test_captions_appeals_and_lone_letters_are_furniture() -> None:
    """Line by line, wherever they stand."""
    text = f"camera iconقصف في الريف\n{STORY}ع ع ع\nDonate to keep us free\n"
    assert _furniture(text) == ["camera iconقصف في الريف", "ع ع ع", "Donate to keep us free"]


def test_a_long_line_is_never_furniture_by_its_words() -> None:
    """A story may speak of donations."""
    text = "Donate, they were told, and so all the people of the town gave what they had to the school."
    assert _furniture(text) == []


def test_furniture_gives_no_evidence() -> None:
    """A word that stands only below the related articles does not make a rule fire."""
    engine = engine_of("Saraqib")
    assert not fires(engine, STORY + "Related articles\nShelling hits Saraqib")
    assert fires(engine, STORY + "Shelling hits Saraqib")


def test_the_furniture_of_the_real_article() -> None:
    """Caption, tags, related articles and the appeal, and not a word of the story."""
    found = _furniture(ARTICLE.read_text(encoding="utf-8"))
    assert [" ".join(one.split())[:13] for one in found] == ["camera iconرئ", "tag icon ع ع ", "مقالات متعلقة"]
    assert sum(map(len, found)) < 300


def test_titles_below_a_heading_within_the_story_gave_evidence() -> None:
    """The box of other stories ends where a line is long, or a sentence."""
    box = "اقرأ أيضا\nغارات روسية على سراقب تقتل خمسة\n- قصف على إدلب"
    assert _furniture(f"{STORY}{box}\n{STORY}{STORY}") == box.replace("- ", "").split("\n")
    assert _furniture(f"{STORY}Read more\nShells hit Saraqib.\n{STORY}{STORY}") == ["Read more"]


def test_a_box_that_is_read_aloud_gave_evidence() -> None:
    """The marks of its items are for readers who listen; the story goes on below, however late it is."""
    one = "list 1 of 2 Air strikes on Saraqib kill five civilians as talks go on in a capital"
    box = f"Recommended Stories\nlist of 2 items\n- {one}\nlist 2 of 2\nShelling in Idlib\nend of list"
    assert _furniture(f"{STORY}{STORY}{STORY}{box}\n{STORY}") == box.replace("- ", "").split("\n")


def test_a_heading_within_the_story_was_taken_for_a_title_of_the_box_that_ended_before_it() -> None:
    """The story goes on after the mark of the end, with a short line too."""
    box = "Recommended Stories\nlist 1 of 1\nShelling in Idlib\nend of list"
    assert _furniture(f"{STORY}{box}\nFive killed in Saraqib\n{STORY}{STORY}") == box.split("\n")


def test_headings_that_many_pages_have_ended_no_story() -> None:
    """So titles of other stories raised alarms."""
    for heading in ("Top Stories", "Editor’s picks", "More on this story", "Tags:", "اخترنا لك", "قد يهمّك", "الوسوم"):
        assert _furniture(f"{STORY}{heading}\nShells hit Saraqib") == [f"{heading}\nShells hit Saraqib"]


def test_related_before_a_colon_invites_to_another_story() -> None:
    """Without the colon, and in the first line, it is what the story says."""
    link = "RELATED: Air strikes on Saraqib kill five civilians"
    assert _furniture(f"{STORY}{link}\n{STORY}") == [link]
    assert _furniture(f"{link}\n{STORY}") == []
    assert _furniture(f"{STORY}Related violence near Saraqib killed five civilians\n{STORY}") == []
