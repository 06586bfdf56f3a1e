"""Sources in a file of their own, changed by commands and by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.settings import load
from streams.source_file import add_sources, beside, change_source, read_sources, remove_source

ONE, TWO = {"name": "One", "feed": "http://a.example/1"}, {"name": "خبر", "feed": "http://a.example/2", "tags": ["x"]}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "marsad.yaml"
    path.write_text("sources: [{name: First, feed: http://a.example/0}]\n")
    return path


def test_sources_of_both_files_are_one_list(config: Path) -> None:
    """What was added is like what was written by hand; paths are relative to the file."""
    add_sources(beside(config), [ONE])
    add_sources(beside(config), [TWO, {"name": "Files", "files": ["a.jsonl"], "every": "1h"}])
    sources = load(config).sources
    assert [source.name for source in sources] == ["First", "One", "خبر", "Files"]
    assert (sources[3].files, sources[3].every) == ((config.parent / "a.jsonl",), timedelta(hours=1))


def test_comments_and_order_stay(config: Path) -> None:
    """A source's own comment goes with it, the next one's does not."""
    path = beside(config)
    path.write_text(
        "# ours\nsources:\n  - name: One # here\n    # of one\n    feed: http://a.example/1\n\n  # of two\n"
        "  - name: Two\n    feed: http://a.example/2\n"
    )
    assert remove_source(path, "One")
    add_sources(path, [ONE])
    assert path.read_text() == (
        "# ours\nsources:\n\n  # of two\n  - name: Two\n    feed: http://a.example/2\n"
        "  - name: One\n    feed: http://a.example/1\n"
    )


def test_the_last_source_may_be_removed_and_others_added(config: Path) -> None:
    """An empty list is one."""
    path = beside(config)
    add_sources(path, [ONE])
    assert remove_source(path, "One")
    assert not remove_source(path, "One")
    assert load(config).sources[1:] == ()
    add_sources(path, [TWO])
    assert [source.name for source in read_sources(path)[0]] == ["خبر"]


F = "feed: http://a.example/1"


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        (
            ["- name: One  # here", "  every: 1h  # slow", f"  {F}"],
            {"every": "30m"},
            ["- name: One  # here", "  every: 30m  # slow", f"  {F}"],
        ),
        (
            [f"- {F}", "  name: One", "  # why", "  every: 1h  # x"],
            {"every": None},
            [f"- {F}", "  name: One", "  # why"],
        ),
        (
            ["- every: 1h  # x", f"  {F}", "  name: One"],
            {"every": None},
            ["- every: null  # x", f"  {F}", "  name: One"],
        ),
        (
            [f"- {{name: One, {F}, tags: [a, b]}}"],
            {"tags": ["c, d", "ه"]},
            [f"- {{name: One, {F}, tags: ['c, d', ه]}}"],
        ),
        (
            [f"- {{name: One, every: 1h, {F}}}"],
            {"every": None, "country": "SY"},
            [f"- {{name: One, every: null, {F}, country: SY}}"],
        ),
        (
            [f"- {F}", "  name: One", "  tags:", "  - a", "", "  - b  # b"],
            {"tags": ["c"]},
            [f"- {F}", "  name: One", "  tags: [c]  # b"],
        ),
        (
            ["- tags:", "    - a", f"  {F}", "  name: One  # one"],
            {"section": "x: y"},
            ["- tags:", "    - a", f"  {F}", "  name: One  # one", "  section: 'x: y'"],
        ),
        (
            [f"- {F}", "  name: One", "  language:", "  text: >-", "    feed"],
            {"text": "page", "language": "ar"},
            [f"- {F}", "  name: One", "  language: ar", "  text: page"],
        ),
    ],
)
def test_a_source_is_changed_where_it_stands(
    config: Path, before: list[str], changes: dict[str, object], after: list[str]
) -> None:
    """However it is written; the sources around it, and comments, stay."""
    path = beside(config)

    def file(lines: list[str]) -> str:
        head, rest = (
            ["# ours", "sources:", "  - {name: Zero, feed: http://a.example/z}"],
            ["", "  # of two", "  - name: Two"],
        )
        return "\n".join([*head, *(f"  {line}" if line else "" for line in lines), *rest, f"    {F}", "# end", ""])

    path.write_text(file(before))
    assert change_source(path, "One", changes)
    assert path.read_text() == file(after)


def test_what_is_wrong_is_not_written(config: Path) -> None:
    """It is said as if it stood there."""
    path = beside(config)
    add_sources(path, [ONE])
    text = path.read_text()
    with pytest.raises(ConfigurationError, match=r"sources\.0\.every: '5' is not a span of time"):
        change_source(path, "One", {"every": "5"})
    assert not change_source(path, "Two", {"every": "5m"})
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("sources:\n  - {name: First, feed: http://x/}\n", 2, "the name 'First' stands twice"),
        ("sources:\n  - {name: A, feed: http://x/}\n  - {name: A, feed: http://y/}\n", 3, "the name 'A' stands twice"),
        ("sources:\n  - {name: 'a/b', feed: http://x/}\n", 2, "a name is words, digits, dots and hyphens"),
        ("sources:\n  - {name: A, fed: http://x/}\n", 2, "fed"),
        ("- {name: A, feed: http://x/}\n", 1, "is not a mapping with the key `sources`"),
        ("sources: [\n", 2, ""),
    ],
)
def test_what_is_wrong_is_said_at_its_place(config: Path, content: str, line: int, message: str) -> None:
    """In that file."""
    beside(config).write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        load(config)
    problem = caught.value.problems[0]
    assert (Path(problem.file).name, problem.line) == ("sources.yaml", line)
    assert message in f"{problem.message} {problem.hint}"


def test_ten_thousand_sources_with_tags_can_be_read(config: Path) -> None:
    """The list of a large newsroom, as it is imported; more than a rule file may hold."""
    tagged = "".join(f"- {{name: n{n}, feed: 'http://h{n}.example/', tags: [a, b, c, d, e]}}\n" for n in range(10_000))
    beside(config).write_text(f"sources:\n{tagged}")
    assert len(load(config).sources) == 10_001


def test_a_file_that_could_not_be_read_again_is_not_written(config: Path) -> None:
    """It stays as it was, and nothing is left beside it."""
    before = "# " + "x" * 9_999_950 + "\nsources:\n"
    beside(config).write_text(before)
    with pytest.raises(ConfigurationError, match="is larger than 10000000 bytes"):
        add_sources(beside(config), [ONE])
    assert beside(config).read_text() == before
    assert sorted(path.name for path in config.parent.iterdir()) == ["marsad.yaml", "sources.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "sources:\n- name: Two\n  feed: http://a.example/2\n",
        "sources:\n    - name: Two # here\n      feed: http://a.example/2\n",
        "# ours\nsources: [] # none yet\n",
        "sources: # none yet\n",
        "sources: null\n",
        "sources:\n  # later\n",
    ],
)
def test_a_list_written_by_hand_in_another_way_could_not_be_added_to(config: Path, text: str) -> None:
    """Dashes may stand anywhere, and a list may be empty in brackets."""
    beside(config).write_text(text)
    add_sources(beside(config), [ONE])
    assert [source.name for source in load(config).sources[1:]][-1:] == ["One"]
    assert beside(config).read_text().startswith(text[:8])


def test_a_list_in_brackets_is_said_to_be_none_to_add_to(config: Path) -> None:
    """In place of an error about YAML that nobody wrote."""
    beside(config).write_text("sources: [{name: Two, feed: 'http://a.example/2'}]\n")
    with pytest.raises(ConfigurationError, match="in brackets"):
        add_sources(beside(config), [ONE])
