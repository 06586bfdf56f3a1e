"""What is pictured for the documentation can be put on a page; the browser itself is not needed here."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from deploy.pictures.mails import READERS, contents
from streams.notify.page import page

VOID = {"meta", "br", "img", "hr"}


class _Balance(HTMLParser):
    """Which elements are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("name", contents())
def test_every_page_is_whole(name: str, language: str) -> None:
    """Every element is closed, in the reader's language and direction."""
    text = page(contents()[name], READERS[language])
    parser = _Balance()
    parser.feed(text)
    assert parser.open == []
    assert f'lang="{language}"' in text
