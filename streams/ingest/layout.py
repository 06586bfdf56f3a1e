"""Takes tables that lay out a page apart, and links to other stories out, so that the rest reads as its text. Pure.

trafilatura takes a table for data: an article within one is read together with its menu, or with `|` for the borders of
cells. A paragraph that is nothing but a link it takes for one of the story.
"""

from __future__ import annotations

from typing import Any

_LAYOUT_LETTERS = 250
"""A cell with more letters is no datum: three sentences."""

_LOOSE_LETTERS = 40
_FEWEST, _FILLED, _LINKED = 3, 0.5, 0.75
_WHOLLY_LINKED, _PLAIN = 0.95, 2
_CELLS = "./tr/td | ./*/tr/td"


def unwrap_layout_tables(tree: Any) -> None:
    """Make plain blocks of each table in a parsed page that holds another table or a long cell.

    Text before the first `p` of a block becomes one too: trafilatura drops it. Any, because lxml has no types.
    """
    parts = []
    for table in tree.iter("table"):
        cells = table.xpath(_CELLS)
        if any(cell.find(".//table") is not None or _letters(cell) > _LAYOUT_LETTERS for cell in cells):
            parts += [table, *table.xpath("./tbody | ./tr | ./*/tr"), *cells]
    for part in parts:
        part.tag = "div"
        for block in (part, *part.iterchildren("font", "span")):
            if block.find("p") is not None and sum(map(str.isalpha, block.text or "")) > _LOOSE_LETTERS:
                paragraph = block.makeelement("p")
                paragraph.text, block.text = block.text, None
                block.insert(0, paragraph)


def drop_tables_without_data(tree: Any) -> None:
    """Take out of a parsed page the tables that hold no data: menus, frames of one cell, mostly empty ones.

    Any, because lxml has no types.
    """
    for table in list(tree.iter("table")):
        if not _holds_data(table) and table.getparent() is not None:
            table.drop_tree()


def drop_linked_paragraphs(tree: Any) -> None:
    """Take out of a parsed page the paragraphs that are links and nothing else, unless a third of all is in them.

    They are titles of other stories that pages put between paragraphs. Any, because lxml has no types.
    """
    letters = {paragraph: _letters_and_digits(paragraph) for paragraph in tree.iter("p")}
    linked = [
        paragraph
        for paragraph, count in letters.items()
        if count and sum(map(_letters_and_digits, paragraph.iter("a"))) >= _WHOLLY_LINKED * count
    ]
    lost = sum(letters[paragraph] for paragraph in linked)
    if lost * (_PLAIN + 1) < sum(letters.values()):
        for paragraph in linked:
            paragraph.drop_tree()


def _holds_data(table: Any) -> bool:
    cells = [_letters_and_digits(cell) for cell in table.xpath(f"{_CELLS} | {_CELLS.replace('td', 'th')}")]
    filled = sum(map(bool, cells))
    if filled < _FEWEST or filled < _FILLED * len(cells):
        return False
    return sum(map(_letters_and_digits, table.iter("a"))) < _LINKED * sum(cells)


def _letters_and_digits(element: Any) -> int:
    return sum(map(str.isalnum, "".join(element.itertext())))


def _letters(element: Any) -> int:
    return sum(map(str.isalpha, "".join(element.itertext())))
