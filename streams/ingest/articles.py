"""From an entry of a feed to a pending one, and from that and its page to an article. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from streams.errors import FetchError
from streams.ingest import texts
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import Entry, Feed
from streams.ingest.identity import article_id, canonical_url, id_in_source, id_within_site, is_front, is_url
from streams.ingest.pages import Page
from streams.ingest.revisions import mark_of
from streams.ingest.robots import host_of
from streams.messages import Article
from streams.sections import SourceSettings
from streams.stores.sources import Pending

AHEAD = timedelta(days=1)
"""How far a date may lie ahead of us: clocks and zones differ by hours. One further ahead is a mistake, and none."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""There was no web: an earlier date, such as the first second of 1970, is a mistake too."""

MOST_AUTHORS = 50
"""Of an article: no message may grow with what a publisher puts into it."""

ENOUGH_LETTERS = 80
"""Letters that a feed's own text needs to stand in for a page that cannot be read: two lines of a summary."""

TELLING_LETTERS = 200
"""Letters of a text that is no other article when its source brings it once more, without a date and an address."""

LESS = 0.8
"""A page whose text has less than this share of the letters of the feed's own was not read whole, or is a teaser; the
feed's often has a line more, such as "appeared first on"."""


def pending_of(
    feed: Feed, source: SourceSettings, *, backlog: bool, now: datetime, shared: Collection[str] = ()
) -> tuple[Pending, ...]:
    """The entries as they wait to be published, in the feed's order, one for each article.

    A link that leads to the front page, or is among the `shared` ones (see `shared_in`), identifies no entry and is not
    fetched.
    """
    found: dict[str, Pending] = {}
    shared = {*shared, *shared_in(feed)}
    for entry in feed.entries:
        text, truncated = texts.cut(entry.text)
        published = _plausible(entry.published, now)
        own_page = entry.link is not None and _is_own(entry.link, shared)
        found.setdefault(
            identity := _id_of(entry, source.name, own_page=own_page, shared=shared),
            Pending(
                id=identity,
                source=source.name,
                host=host_of(entry.link) if own_page and source.text == "page" else f"source {source.name}",
                title=entry.title,
                text=text,
                mark=mark_of(entry.title, text, entry.published, entry.updated),
                truncated=truncated,
                url=entry.link,
                seen_at=now,
                published=published,
                date_precision=entry.date_precision if published else None,
                language=source.language or feed.language,
                authors=entry.authors[:MOST_AUTHORS],
                backlog=backlog,
                fetch=own_page and source.text == "page",
            ),
        )
    return tuple(found.values())


def _id_of(entry: Entry, source: str, *, own_page: bool, shared: Collection[str]) -> str:
    """By its page, else by its own id, which may be the address of something else, else by what it says."""
    url, own_id, content = entry.link if own_page else None, entry.own_id, f"{entry.title}\n{entry.text}"
    if url or own_id is None:
        return article_id(source=source, url=url, content=content)
    if _named(own_id) in shared:
        return article_id(source=source, content=content)
    if is_url(own_id) and not _is_own(own_id, shared):
        return id_in_source(source, own_id)
    return article_id(source=source, own_id=own_id)


def _plausible(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and EARLIEST <= moment <= now + AHEAD else None


def shared_in(feed: Feed) -> tuple[str, ...]:
    """Marks of the links and ids that tell no entry from another, since entries of different titles have them.

    A link is one with another whatever their fragments: those are places on one page. An id that some entries share is
    that of an article in several versions, as Atom has it, and so is their link; one that most share is none.
    """
    titles: defaultdict[str, set[str]] = defaultdict(set)
    names: defaultdict[str, set[str]] = defaultdict(set)
    versions: defaultdict[str, set[str]] = defaultdict(set)
    for entry in feed.entries:
        if entry.own_id:
            versions[_named(entry.own_id)].add(entry.title or entry.text)
    most = [mark for mark, said in versions.items() if len(said) > max(1, len(feed.entries) / 2)]
    for entry in feed.entries:
        says = entry.title or entry.text
        name = entry.own_id if entry.own_id and _named(entry.own_id) not in most else says
        for address in filter(is_url, filter(None, (entry.link, entry.own_id))):
            titles[_mark(address)].add(says)
            names[_mark(address)].add(name)
    return (*(mark for mark, said in titles.items() if len(said) > 1 and len(names[mark]) > 1), *most)


def _is_own(link: str, shared: Collection[str]) -> bool:
    """Whether an address is that of one article."""
    return is_url(link) and not is_front(link) and _mark(link) not in shared


def _mark(link: str) -> str:
    """The mark of an address in its canonical form."""
    return _digest(canonical_url(link))


def _named(own_id: str) -> str:
    """The mark of an id as it stands."""
    return _digest(f"id {own_id}")


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def article_of(entry: Pending, page: Page | None) -> Article | None:
    """The article, with the text of its page, or of the feed where that has more; None where neither has one.

    Where a page should have been read and was not, the feed's text has to be enough to stand in for it. Where the feed
    is all there is by configuration, a headline alone is an article too.
    """
    if page is None and not _stands_alone(entry):
        return None
    dated = entry.published or (_plausible(page.published, entry.seen_at) if page else None)
    of_page = page is not None and _letters(page.text) >= LESS * _letters(entry.text)
    return Article(
        id=entry.id,
        title=entry.title or (page.title if page else ""),
        source=entry.source,
        url=entry.url,
        language=entry.language or (page.language if page else None),
        authors=entry.authors or (page.authors[:MOST_AUTHORS] if page else ()),
        published=dated,
        date_from="feed" if entry.published else page.date_from if page and dated else None,
        date_precision=entry.date_precision if entry.published else page.date_precision if page and dated else None,
        backlog=entry.backlog,
        truncated=page.truncated if page and of_page else entry.truncated,
        seen_at=entry.seen_at,
        text=page.text if page and of_page else entry.text,
        text_from="page" if of_page else "feed",
    )


def other_id(entry: Pending, page: Page | None) -> str | None:
    """Another id of an entry's article, by which it may be known already; None where it has none.

    By the address that its page names within its site or else was found at, or of an entry without one of its own by
    what it says and when: there are feeds whose ids change at every fetch. Of a short one that does not say when,
    nobody knows: sirens are announced in the same words each time, and one more is better than one too few.
    """
    if page and (own := _own_address(entry, page)) and own != entry.id:
        return own
    by_url = entry.url is not None and entry.id == article_id(source=entry.source, url=entry.url)
    if by_url or not (entry.published or _letters(entry.text) >= TELLING_LETTERS):
        return None
    when = f"\n{entry.published.isoformat()}" if entry.published else ""
    own = article_id(source=entry.source, content=f"{entry.title}\n{entry.text}{when}")
    return own if own != entry.id else None


def _own_address(entry: Pending, page: Page) -> str | None:
    """The id by the address of an entry's page itself, where redirects led to it, or it says so."""
    found = page.found_at or str(entry.url)
    own = id_within_site(found, page.canonical_url) if page.canonical_url else None
    return own or (article_id(source="", url=found) if not is_front(found) else None)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _stands_alone(entry: Pending) -> bool:
    if entry.fetch:
        return _letters(entry.text) >= ENOUGH_LETTERS
    return bool(entry.text or (entry.url and entry.title))


def headline_of(entry: Pending) -> Article:
    """What the feed alone says of it, however little: for dead letters, from which it can be sent again."""
    return Article.model_validate(entry.model_dump(exclude={"host", "fetch", "tries", "at", "hops"}))


def broken(entry: Pending) -> FetchError | None:
    """Why an entry can be no article, whatever is fetched; None where it may be one."""
    if entry.url or entry.text:
        return None
    return failure(FetchCause.BROKEN_ENTRY, "has neither a link nor a text", url=f"an entry of {entry.source}")


def preview(feed: Feed) -> Iterator[str]:
    """The newest few headlines, to show that the right feed is read."""
    for entry in feed.entries[:3]:
        yield entry.title or entry.link or "(an entry without a title)"
