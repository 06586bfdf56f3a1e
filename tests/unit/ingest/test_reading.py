import subprocess
import sys
import threading
import time
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


async def test_a_reader_that_runs_on_in_python_is_stopped() -> None:
    """A feed that takes minutes at every poll must not leave a busy thread for each of them."""
    readers = []

    def endless(_raw: bytes, _url: str, _content_type: str) -> None:
        readers.append(threading.current_thread())
        while True:
            pass

    reading = Reading(limit=timedelta(seconds=0.05))
    with pytest.raises(FetchError, match="takes longer than"):
        await reading._read(endless, b"", "http://a.example/", "")
    readers[0].join(10)
    assert not readers[0].is_alive()


def test_a_reader_that_hangs_does_not_keep_the_process() -> None:
    """`marsad run` has to end when it is told to, whatever a library is doing with a page."""
    script = """if True:
        import asyncio, time
        from datetime import timedelta
        from streams.errors import FetchError
        from streams.ingest.reading import Reading

        async def main():
            try:
                await Reading(limit=timedelta(seconds=0.05))._read(lambda *_: time.sleep(60), b"", "http://a/", "")
            except FetchError:
                print("left behind")

        asyncio.run(main())
    """
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=50, check=True)
    assert done.stdout == "left behind\n"
    assert time.monotonic() - started < 40
