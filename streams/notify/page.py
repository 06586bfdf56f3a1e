"""What is told as an HTML page for a mail: what is quoted in the direction of its own letters, the rest in the page's.

Pure. What the sheet has put together runs the page's way and isolates what runs the other; `bdi` and `dir="auto"` would
take the direction of the first letter, isolated or not.

Styles stand at the elements, sides are named by hand and widths are loose: mail programs drop style sheets, and many
know neither logical properties nor flexible boxes.
"""

from __future__ import annotations

from html import escape

from streams.alerts import AlertContent, Content, Summary
from streams.messages import Severity
from streams.notify.render import ENGLISH, Group, Sheet, sheet
from streams.notify.wording import Wording, direction

_COLOURS = {
    Severity.LOW: "#2f6f8f",
    Severity.MEDIUM: "#9a6700",
    Severity.HIGH: "#b3261e",
    Severity.CRITICAL: "#7a0c0c",
}
"""White on each has a contrast of at least 4.5 (WCAG 2.1, 1.4.3)."""
_NEUTRAL = "#4a5560"
_SMALL = "color:#5c6670;font-size:13px;margin:4px 0"
_FOOT = f"{_SMALL};margin-top:18px;padding-top:8px;border-top:1px solid #e2e2de;font-size:12px"
_FONT = "font-family:'Segoe UI','Noto Sans','Noto Naskh Arabic',Tahoma,Arial,sans-serif"


def page(content: Content, wording: Wording = ENGLISH) -> str:
    """The page."""
    parts = sheet(content, wording)
    way = wording.words.direction
    colour = _colour(content)
    body = [
        _top(parts, colour),
        *([_headline(parts)] if parts.headline else []),
        *(f'<p{_dir(text, way)} style="{_SMALL}">{escape(text)}</p>' for text in (parts.origin, *parts.notes)),
        *(_sentence(parts, index, colour) for index in range(len(parts.sentences))),
        *([f'<p style="{_SMALL}">{escape(parts.more)}</p>'] if parts.more else []),
        *([_facts(parts, way)] if parts.facts else []),
        *(_group(group, parts) for group in parts.groups),
        f'<p style="{_FOOT}">{escape(parts.footer)}</p>',
    ]
    side = "right" if way == "rtl" else "left"
    head = (
        f'<!DOCTYPE html>\n<html lang="{wording.language}" dir="{way}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(parts.subject)}</title></head>\n"
        f'<body dir="{way}" style="margin:0;padding:14px;background:#f3f3f0;{_FONT};font-size:16px;line-height:1.55;'
        f'color:#1f2328;text-align:{side}">\n<div style="max-width:640px;margin:0 auto;background:#fff;'
        f'border:1px solid #dcdcd6;border-top:4px solid {colour};padding:18px 22px">'
    )
    return "\n".join([head, *body, "</div></body></html>\n"])


def _colour(content: Content) -> str:
    match content:
        case AlertContent():
            return _COLOURS[content.match.severity]
        case Summary():
            return _COLOURS[Severity.MEDIUM]
        case _:
            return _NEUTRAL


def _dir(text: str, default: str = "") -> str:
    """The direction and side of a text: `default`, the page's, for a fixed sentence, else that of its first letter."""
    way = default or direction(text)
    return f' dir="{way}" align="{"right" if way == "rtl" else "left"}"'


def _top(parts: Sheet, colour: str) -> str:
    badge = f"background:{colour};color:#fff;font-size:13px;font-weight:bold;padding:2px 9px;border-radius:3px"
    title = f'<b style="color:{colour}">{escape(parts.title)}</b>'
    return f'<p style="margin:0 0 10px"><span style="{badge}">{escape(parts.label)}</span> &nbsp;{title}</p>'


def _headline(parts: Sheet) -> str:
    text = escape(parts.headline)
    inner = f'<a href="{escape(parts.url)}" style="color:#0b57a4">{text}</a>' if parts.url else text
    return f'<h1{_dir(parts.headline)} style="font-size:20px;line-height:1.4;margin:0 0 6px">{inner}</h1>'


def _sentence(parts: Sheet, index: int, colour: str) -> str:
    sentence = parts.sentences[index]
    inner = "".join(
        f'<mark style="background:#ffe9a8;color:inherit"><b>{escape(segment.text)}</b></mark>'
        if segment.marked
        else escape(segment.text)
        for segment in sentence
    )
    whole = "".join(segment.text for segment in sentence)
    side = "right" if direction(whole) == "rtl" else "left"
    look = f"margin:14px 0;padding:2px 14px;border-{side}:3px solid {colour};white-space:pre-line"
    return f'<blockquote{_dir(whole)} style="{look}">{inner}</blockquote>'


def _facts(parts: Sheet, way: str) -> str:
    side = "right" if way == "rtl" else "left"
    rows = (
        f'<tr><th align="{side}" valign="top" style="color:#5c6670;font-weight:normal;white-space:nowrap;'
        f'padding:3px 0;padding-{"left" if way == "rtl" else "right"}:18px">{escape(name)}</th>'
        f'<td align="{side}" valign="top" style="padding:3px 0">{escape(words)}</td></tr>'
        for name, words in parts.facts
    )
    return f'<table cellpadding="0" cellspacing="0" style="margin:12px 0">{"".join(rows)}</table>'


def _group(group: Group, parts: Sheet) -> str:
    items = [f'<li style="margin:4px 0"><bdi>{_link(text, url)}</bdi></li>' for text, url in group.entries]
    if more := group.more(parts.wording):
        items.append(f'<li style="color:#5c6670">{escape(more)}</li>')
    title = f'<p style="font-weight:bold;margin:16px 0 4px">{escape(group.title)}</p>'
    return title + (f'<ul style="margin:0;padding:0 22px">{"".join(items)}</ul>' if items else "")


def _link(text: str, url: str | None) -> str:
    return f'<a href="{escape(url)}" style="color:#0b57a4">{escape(text)}</a>' if url else escape(text)
