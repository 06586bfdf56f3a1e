"""Pages that are laid out by tables, and links between paragraphs."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import trafilatura

from streams.ingest.readers import read_page

SENTENCE = "The minister said on Sunday that the foreign forces in the north must leave at once, and that talks go on."
MENU = "<ul><li><a href=/>Home</a></li><li><a href=/w>World news</a></li><li><a href=/s>Sport</a></li></ul>"


@pytest.mark.parametrize("between", ["<br>", "<p>", "<br><br>"])
def test_an_article_in_a_table_was_read_with_the_menu(between: str) -> None:
    """The cells of old sites are no data."""
    text = between.join(f"{SENTENCE} {number}" for number in ("One.", "Two.", "Three.", "Four."))
    cell = f"<table><tr><td><b>Talks</b></td></tr><tr><td><font>{text}</font></td></tr></table>"
    markup = f"<html><title>Talks</title><body><table><tr><td>{MENU}</td><td>{cell}</td></tr></table></body></html>"
    read = read_page(markup.encode(), "https://a.example/1").text
    assert read.count(SENTENCE) == 4
    assert "Sport" not in read
    assert "|" not in read


def test_a_table_of_data_was_left_out() -> None:
    """Its rows are lines, without borders; a table of links is no part of the article."""
    data = "<table><tr><th>Place</th><th>Dead</th></tr><tr><td>Aleppo</td><td>15</td></tr></table>"
    text = f"<p>{SENTENCE * 4}</p>"
    links = "".join(f"<tr><td><a href=/{word}>{word} one</a></td><td>1</td></tr>" for word in ("Sport", "Culture"))
    body = f"{text}{data}<table>{links}</table>{text}"
    markup = f"<html><title>T</title><body><article><h1>T</h1>{body}</article></body></html>"
    lines = read_page(markup.encode(), "https://a.example/1").text.split("\n")
    assert [line for line in lines if SENTENCE not in line] == ["T", "Place, Dead", "Aleppo, 15"]


def test_a_title_between_paragraphs_that_links_to_another_story_was_read_as_a_sentence() -> None:
    """A paragraph that says something beside its link stays, and a page of links is read as it is."""
    link = "<p><a href=/2>Rebels must leave the city, says the mayor</a></p>"
    other = f"<p><b>{link[3:-4]}</b></p><p><a href=/3>Envoys</a> met in Geneva.</p>"
    story = f"<p>{SENTENCE * 4}</p>{link}{other}<p>{SENTENCE}</p>"
    page = "<html><title>Talks</title><body><article><h1>Talks</h1>{}</article></body></html>"
    read = read_page(page.format(story).encode(), "https://a.example/1").text
    assert "Rebels" not in read
    assert "Envoys met in Geneva." in read
    assert "Rebels" in read_page(page.format(link * 4).encode(), "https://a.example/1").text


LAYOUTS = {
    "article": "<article><h1>{title}</h1><p>{paragraphs}</p></article>",
    "breaks": '<div id="story"><h2>{title}</h2>{breaks}</div>',
    "table": f"<table><tr><td>{MENU}</td><td><b>{{title}}</b><p>{{paragraphs}}</p></td></tr></table>",
    "table with breaks": f"<table><tr><td>{MENU}</td><td><table><tr><td>{{breaks}}</td></tr></table></td></tr></table>",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("length", [3, 12])
def test_no_layout_is_read_worse_than_by_trafilatura_alone(layout: str, length: int) -> None:
    """By the F1 of its words against those of the text."""
    lines = [f"{SENTENCE} Line {number}." for number in range(length)]
    body = LAYOUTS[layout].format(title="Talks", paragraphs="</p><p>".join(lines), breaks="<br><br>".join(lines))
    markup = f"<html><title>Talks</title><body>{body}<p>All rights reserved.</p></body></html>"
    ours, alone = read_page(markup.encode(), "https://a.example/1").text, trafilatura.extract(markup) or ""
    assert _f1(ours, lines) >= _f1(alone, lines) > 0.8


def _f1(text: str, lines: list[str]) -> float:
    read, wanted = Counter(re.findall(r"\w+", text)), Counter(re.findall(r"\w+", " ".join(lines)))
    return 2 * (read & wanted).total() / (read.total() + wanted.total())
