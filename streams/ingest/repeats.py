"""Which lines of a file are older than what was published last: one that was read before is read from its beginning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from streams.ingest.revisions import Content
from streams.messages import Article
from streams.stores.seen import Printed, digest


class Repeats:
    """The articles that a file has more than once. It is read through for them when it is first asked about one."""

    def __init__(self, read: Callable[[], Iterator[object]]) -> None:
        """`read` gives what is in the file, in its order; of that, articles count."""
        self._read = read

    def overtaken(self, article: Article, printed: Printed) -> bool:
        """Whether what was printed last stands after the article in the file; blocking, raises OSError."""
        contents = self._repeated.get(digest(article.id), ())
        return _last(contents, _content(article)) < _last(contents, printed.content)

    @cached_property
    def _repeated(self) -> dict[bytes, list[bytes]]:
        """The contents of the articles of one id, in their order."""
        met, twice = set[bytes](), set[bytes]()
        for item in self._read():
            if isinstance(item, Article):
                name = digest(item.id)
                (twice if name in met else met).add(name)
        contents = defaultdict[bytes, list[bytes]](list)
        for item in self._read() if twice else ():
            if isinstance(item, Article) and (name := digest(item.id)) in twice:
                contents[name].append(_content(item))
        return contents


def _content(article: Article) -> bytes:
    return Content.of(article.title, article.text).packed()


def _last(contents: Sequence[bytes], content: bytes) -> int:
    """Where it stands last; -1 where it does not."""
    return next((at for at in reversed(range(len(contents))) if contents[at] == content), -1)
