"""What is told as Slack's Block Kit. Pure.

Text from outside goes into `rich_text` and `plain_text` elements, which Slack does not parse: no mention, link or
mark-up in a hostile title comes to life, and evidence is bold also inside a word, where mrkdwn's asterisks are not
read (Arabic prefixes). Where only mrkdwn is possible, Slack's three special characters are escaped.
Limits: https://docs.slack.dev/reference/block-kit/blocks (50 blocks; 150 characters in a header; 2,000 in a field, 10
fields; 3,000 elsewhere), and MESSAGE_LIMIT for all of them together. Characters are counted as UTF-16 has them, an
emoji as two: Slack does not say what it counts, and refuses whole what is too long.
"""

from __future__ import annotations

from typing import Any

from streams.alerts import Content
from streams.notify.render import ENGLISH, Group, Segment, Sheet, plain, sheet
from streams.notify.wording import Wording

Block = dict[str, Any]
HEADER_LIMIT = 150
FIELDS = 10
TEXT_LIMIT = 3000
MESSAGE_LIMIT = 8000
"""Characters of a message's texts and addresses. Beyond some 11,000 to 13,000 Slack answers `msg_blocks_too_long`,
which its reference does not explain (measured by others: slackapi/bolt-js, issues 2509 and 2867)."""
_RICH = "rich_text"


def escape(text: str) -> str:
    """Text for mrkdwn and for a message's fallback text: `&`, `<` and `>` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fallback(content: Content, wording: Wording = ENGLISH) -> str:
    """The message's `text`: what the notification on a phone says."""
    return _cut(escape(sheet(content, wording).subject), TEXT_LIMIT)


def plain_text(content: Content, wording: Wording = ENGLISH) -> str:
    """All that fits into a message's `text`, for a message without blocks."""
    return _cut(escape(plain(sheet(content, wording))), TEXT_LIMIT)


def blocks(content: Content, wording: Wording = ENGLISH) -> list[Block]:
    """The message's blocks; at most 20. Of long lists fewer entries are shown, as many of each."""
    parts = sheet(content, wording)
    longest = max((len(group.entries) for group in parts.groups), default=0)
    for entries in range(longest, -1, -1):
        found = _blocks(parts, entries)
        if _size(found) <= MESSAGE_LIMIT and all(_size(one) <= TEXT_LIMIT for one in found if one["type"] == _RICH):
            break
    found = list(map(_fitted, found))
    while _size(found) > MESSAGE_LIMIT:
        # Title, headline and footer say what it is.
        del found[-2]
    return found


def _blocks(parts: Sheet, entries: int) -> list[Block]:
    found: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(f"{parts.label}: {parts.title}", HEADER_LIMIT)}}
    ]
    if parts.headline or parts.groups:
        found.append(_rich({"type": "rich_text_section", "elements": _headline(parts)}))
    found += [
        _rich({"type": "rich_text_quote", "elements": [_element(segment) for segment in sentence]})
        for sentence in parts.sentences
        if sentence
    ]
    found = list(map(_fitted, found))
    for group in parts.groups:
        found.append({"type": _RICH, "elements": _group(group.shortened(entries), parts.wording)})
    if parts.facts:
        texts = [_cut(f"*{escape(name)}*\n{escape(words)}", 2000) for name, words in parts.facts[:FIELDS]]
        # Nothing in it is made a link or a mention.
        fields = [{"type": "mrkdwn", "text": text, "verbatim": True} for text in texts]
        found.append({"type": "section", "fields": fields})
    more = [parts.more] if parts.more else []
    notes = [{"type": "plain_text", "text": _cut(text, TEXT_LIMIT)} for text in [*more, parts.footer]]
    return [*found, {"type": "context", "elements": notes}]


def _headline(parts: Sheet) -> list[Block]:
    """Not in bold, which is evidence."""
    lines = "\n".join([parts.origin, *parts.notes])
    if not parts.headline:
        return [{"type": "text", "text": lines}]
    title: Block = {"type": "text", "text": parts.headline}
    if parts.url:
        title = {"type": "link", "url": parts.url, "text": parts.headline}
    return [title, {"type": "text", "text": f"\n{lines}"}]


def _group(group: Group, wording: Wording) -> list[Block]:
    """The title over a list of links."""
    title = {"type": "rich_text_section", "elements": [{"type": "text", "text": group.title, "style": {"bold": True}}]}
    items = [{"type": "rich_text_section", "elements": [_entry(text, url)]} for text, url in group.entries]
    if more := group.more(wording):
        items.append({"type": "rich_text_section", "elements": [{"type": "text", "text": more}]})
    return [title, *([{"type": "rich_text_list", "style": "bullet", "elements": items}] if items else [])]


def _entry(text: str, url: str | None) -> Block:
    return {"type": "link", "url": url, "text": text} if url else {"type": "text", "text": text}


def _rich(element: Block) -> Block:
    return {"type": _RICH, "elements": [element]}


def _fitted(block: Block) -> Block:
    """With as much text as Slack takes, where it is rich."""
    return _within(block, TEXT_LIMIT)[0] or block if block["type"] == _RICH else block


def _within(element: Block, left: int) -> tuple[Block | None, int]:
    """As much of a rich text element as `left` characters hold, and how many are left then."""
    if "elements" in element:
        found = list[Block]()
        for each in element["elements"]:
            part, left = _within(each, left)
            found += [part] if part else []
        return ({**element, "elements": found} if found else None), left
    text = _cut(element["text"], left) if left > 0 else ""
    return ({**element, "text": text} if text else None), left - _length(text)


def _element(segment: Segment) -> Block:
    return {"type": "text", "text": segment.text, **({"style": {"bold": True}} if segment.marked else {})}


def _size(value: Any) -> int:
    """Characters of all texts and addresses in it."""
    if isinstance(value, list):
        return sum(map(_size, value))
    if isinstance(value, dict):
        return sum(_length(each) if isinstance(each, str) else _size(each) for each in map(value.get, _SHOWN) if each)
    return 0


_SHOWN = ("text", "url", "elements", "fields")


def _length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, not ending within an entity."""
    if _length(text) <= limit:
        return text
    cut = text[: limit - 1]
    while _length(cut) >= limit:
        cut = cut[: len(cut) - max(1, (_length(cut) - limit) // 2)]
    start = cut.rfind("&", max(0, len(cut) - 5))
    return f"{cut[:start] if start >= 0 and ';' not in cut[start:] else cut}…"
