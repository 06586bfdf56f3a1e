"""What becomes of the lines and files that a source of files has, some of which were read before.

A file that has changed is read from its beginning: of what it says of an article several times, only that is new which
stands after what was published last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from streams.ingest.revisions import DUPLICATE, PUBLISHED, UPDATED, Content, print_of, printings
from streams.messages import Article
from streams.ports import ArticleStatus
from streams.stores.seen import Note, Printed, Seen, digest


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line or file that is no article: the id under which it is counted, and why."""

    id: str
    problem: str


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


@dataclass(frozen=True, slots=True)
class End:
    """What becomes of a line or file: what is published of its article, or why there is none, or neither."""

    note: Note
    articles: tuple[Article, ...] = ()
    problem: str = ""


def each_once(batch: Sequence[Article | Unreadable]) -> Iterator[Mapping[str, Article | Unreadable]]:
    """The batch in parts in which no id comes twice, in its order."""
    part: dict[str, Article | Unreadable] = {}
    for item in batch:
        if item.id in part:
            yield part
            part = {}
        part[item.id] = item
    if part:
        yield part


def end_of(item: Article | Unreadable, seen: Seen | None, repeats: Repeats) -> End | None:
    """What becomes of a line or file of whose article this is remembered; None where nothing does. Blocking."""
    if isinstance(item, Unreadable):
        note = Note(item.id, ArticleStatus.UNREADABLE)
        return None if seen and seen.outcome else End(note, problem=item.problem)
    printed, begun = (seen.printed, seen.begun) if seen else (None, None)
    if seen is None or printed is None or (printed.backlog and seen.outcome is None):
        return _published(item, PUBLISHED, printings(item, None, begun), seen, repeats)
    if seen.outcome is None:
        return End(Note(item.id, DUPLICATE))
    updates = () if seen.outcome == DUPLICATE else printings(item, printed, begun)
    return _published(item, UPDATED, updates, seen, repeats)


def _published(
    item: Article, outcome: str, articles: tuple[Article, ...], seen: Seen | None, repeats: Repeats
) -> End | None:
    last = (seen.begun or seen.printed) if seen else None
    if not articles or (last and repeats.overtaken(item, last)):
        return None
    return End(Note(item.id, outcome, printed=print_of(articles[-1])), articles)
