import threading
from datetime import timedelta

import pytest

from streams.errors import FetchError
from streams.ingest.causes import FetchCause
from streams.ingest.reading import Reading
from tests.support.web import article_page

LONG = "The minister said on Sunday that the forces in the north must leave at once, and that talks go on."


async def test_a_reader_that_runs_on_is_left_behind() -> None:
    """It costs its own page; the next ones are read by others."""
    release = threading.Event()

    def stuck(_raw: bytes, _url: str, _content_type: str) -> None:
        release.wait(20)

    reading = Reading(limit=timedelta(seconds=0.05))
    try:
        for _ in range(3):
            with pytest.raises(FetchError, match="takes longer than") as caught:
                await reading._read(stuck, b"", "http://a.example/", "")
            assert caught.value.cause == FetchCause.READ_TIMEOUT
        reading._limit = 20
        page = await reading.page(article_page("Title", LONG).encode(), "http://a.example/", "text/html")
        assert page.title == "Title"
    finally:
        release.set()
        reading.close()
