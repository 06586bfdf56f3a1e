"""For the reference page: an example of every key as YAML, and the codes of lint that are about it.

By model and key, as in `streams.match.field_descriptions`.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Example(NamedTuple):
    """A value of a key in YAML, and codes of `streams.match.lint` that a wrong one may get beside `bad-value`."""

    yaml: str
    codes: tuple[str, ...] = ()


_TERM = ("unknown-concept", "unknown-gazetteer", "unknown-entry", "unknown-type", "bad-phrase")
_PART = ("never-met", "language-gap")
_ID = ("id-differs", "duplicate-id")
_PHRASES = (
    "bad-phrase",
    "same-fold",
    "subsumed-phrase",
    "contained-phrase",
    "homograph",
    "frequent-word",
    "mixed-script",
)
_KINDS: Final = {
    "name": Example("[Idlib, Saraqib]", _PHRASES),
    "common": Example("[airstrike, clash]", (*_PHRASES, "with-article")),
    "verb": Example("[withdraw/withdrew/withdrawn, pull out]", _PHRASES),
    "exact": Example("[with immediate effect]", _PHRASES),
}
_TEXT: Final = {
    "lang": Example("en", ("missing-example",)),
    "text": Example("The old bridge was shut in Beirut."),
    "title": Example("Bridge shut"),
    "source": Example("https://example.org/story"),
    "facts": Example("{country: SY}"),
}

_NODE: Final = {
    "phrase": Example("with immediate effect", ("bad-phrase", "same-part", "frequent-word", "homograph")),
    "concept": Example("withdrawal", ("unknown-concept",)),
    "regex": Example("'S-[34]00'", ("bad-value", "slow-rule", "latin-class")),
    "gazetteer": Example("syria", ("unknown-gazetteer",)),
    "type": Example("town", ("unknown-type",)),
    "within": Example("idlib", ("unknown-entry",)),
    "outside": Example("idlib", ("unknown-entry",)),
    "all": Example("[bridge, {concept: closing}]", ("same-part", *_PART)),
    "any": Example("[bridge, viaduct]", ("same-part", *_PART)),
    "none": Example("[bridge club]", ("same-part", "fires-on-all", "never-met")),
    "at_least": Example("2"),
    "of": Example("[bridge, river, flood]", ("same-part", *_PART)),
    "document": Example("[bridge, river]", _PART),
    "title": Example("bridge", _PART),
    "lead": Example("[bridge, {concept: closing}]", _PART),
    "paragraph": Example("[bridge, {none: [bridge club]}]", _PART),
    "sentence": Example("[bridge, {concept: closing}]", _PART),
    "sentences": Example("{within: 2, of: [bridge, {concept: closing}]}", _PART),
    "near": Example("{within: 8, of: [bridge, {concept: closing}]}", ("language-gap",)),
    "number": Example("{at_least: 5, of: [{concept: killed}]}", ("slow-rule",)),
    "score": Example("{threshold: 3, of: [{weight: 2, concept: shelling}, {weight: 1, phrase: troops}]}"),
    "negated": Example("false", ("unknown-concept",)),
    "quoted": Example("false"),
}

_COUNTS: Final = {
    "articles": Example("7"),
    "origins": Example("4"),
    "within": Example("2h"),
    "by": Example("where", ("unknown-slot",)),
}

EXAMPLES: Final[dict[str, dict[str, Example]]] = {
    "RuleFile": {
        "id": Example("bridge-closed", _ID),
        "title": Example("A bridge is closed"),
        "status": Example("shadow"),
        "severity": Example("medium"),
        "languages": Example("[ar, en]", ("missing-example", "language-gap")),
        "filters": Example("{countries: [SY, LB]}"),
        "match": Example("{sentence: [{concept: closing}, bridge]}", ("fires-on-all", "fires-on-most", "slow-rule")),
        "alert": Example("{repeat_after: 12h}"),
        "examples": Example(
            "{fires: [{lang: en, text: A bridge shut.}], silent: [{lang: en, text: A shop shut., because: a shop}]}",
            ("missing-example",),
        ),
        "slots": Example("{where: {gazetteer: world}}", ("unknown-slot",)),
        "event": Example('{cameo: "1056", plover: REQUEST}'),
        "tags": Example("[traffic]"),
        "owner": Example("desk@example.org"),
        "why": Example("Closed bridges cut towns off.", ("missing-why",)),
        "false_alarms": Example("[Bridge clubs that close for the summer.]"),
        "references": Example("[https://example.org/handbook]"),
    },
    "Filters": {
        "languages": Example("[ar]"),
        "sources": Example("[sana]"),
        "countries": Example("[SY, LB]"),
        "tags": Example("[agency]"),
        "sections": Example("[politics]"),
        "max_age": Example("48h"),
        "none": Example("{sections: [sport]}"),
        "unknown": Example("stop"),
    },
    "FilterLists": {
        "languages": Example("[tr]"),
        "sources": Example("[rumours]"),
        "countries": Example("[US]"),
        "tags": Example("[satire]"),
        "sections": Example("[sport]"),
    },
    "Node": _NODE,
    "NearNode": {
        "within": Example("8"),
        "of": Example("[{concept: withdrawal}, {concept: armed-forces}]", _TERM),
        "ordered": Example("true"),
        "without": Example("[from the talks]", _TERM),
    },
    "SentencesNode": {
        "within": Example("2"),
        "of": Example("[{concept: attack}, {gazetteer: syria, within: idlib}]", _TERM),
    },
    "NumberNode": {
        "at_least": Example("5"),
        "at_most": Example("100"),
        "of": Example("[killed, dead]", _TERM),
        "within": Example("3"),
    },
    "ScoreNode": {
        "threshold": Example("3"),
        "of": Example("[{weight: 2, concept: shelling}, {weight: -1, concept: background-time}]", _TERM),
    },
    "ScorePart": {**_NODE, "weight": Example("2")},
    "SlotNode": {
        "terms": Example("[{gazetteer: actors}]", _TERM),
        "otherwise": Example("[{concept: unnamed-places}]", _TERM),
        "before": Example("[{concept: withdrawal}]", _TERM),
        "after": Example("[{concept: armed-forces}]", _TERM),
        "nearest": Example("[{concept: demand}]", _TERM),
        "within": Example("2"),
        "behind": Example("[in, from]", _TERM),
        "first": Example("true"),
        "without": Example("[{concept: days}]", _TERM),
        "until": Example("[{concept: days}]", _TERM),
        "pronouns": Example("[{concept: pronoun}]", _TERM),
        "beside": Example("true"),
        "antecedents": Example("[{concept: names}]", _TERM),
        "earlier": Example("3"),
        "title": Example("true"),
        "at_last": Example("true"),
        "fallback": Example("[{terms: [{concept: offices}], first: true}, {terms: [{gazetteer: actors}]}]"),
    },
    "AlertSettings": {
        "repeat_after": Example("12h"),
        "new_if": Example("[where]", ("unknown-slot",)),
        "at_least": Example("{origins: 4, within: 2h, by: where}"),
        "spike": Example("{articles: 5, times: 3, within: 2h, by: where}"),
        "after": Example("{rules: [escalation-idlib], within: 2d, by: where}"),
        "absence": Example("{within: 1d, usual: 5}"),
    },
    "Absence": {
        "within": Example("1d"),
        "usual": Example("5"),
        "history": Example("28d"),
        "by": Example("where", ("unknown-slot",)),
    },
    "After": {
        "rules": Example("[escalation-idlib]", ("unknown-rule",)),
        "within": Example("2d"),
        "by": Example("where", ("unknown-slot",)),
    },
    "Threshold": {**_COUNTS, "sources": Example("3")},
    "Spike": {**_COUNTS, "times": Example("3"), "history": Example("28d")},
    "Event": {"cameo": Example('"1056"'), "plover": Example("REQUEST")},
    "Examples": {
        "fires": Example("[{lang: en, text: The old bridge was shut.}]", ("missing-example",)),
        "silent": Example("[{lang: en, text: The shop shut., because: no bridge}]", ("missing-example",)),
        "timelines": Example(
            "[{title: twice, articles: [{at: 0m, lang: en, text: It shut.}, {at: +9m, lang: en, text: All shut.}]}]"
        ),
    },
    "Timeline": {
        "title": Example("Three bridges in an hour"),
        "articles": Example("[{at: +10m, lang: en, text: The old bridge was shut., source: radio}]"),
        "alerts": Example("[{at: +20m, reason: first}]"),
        "until": Example("+9d"),
    },
    "TimelineArticle": {
        "at": Example("+10m"),
        "lang": Example("en"),
        "text": Example("The old bridge was shut."),
        "title": Example("Bridge shut"),
        "source": Example("radio"),
    },
    "TimelineAlert": {"at": Example("+20m"), "reason": Example("first")},
    "Fires": {**_TEXT, "slots": Example("{where: Beirut}", ("unknown-slot",))},
    "Silent": {**_TEXT, "because": Example("the shop was closed, not the bridge")},
    "ExampleFacts": {
        "source": Example("sana"),
        "country": Example("SY"),
        "tags": Example("[agency]"),
        "section": Example("politics"),
        "age": Example("6h"),
    },
    "ConceptFile": {
        "id": Example("closing", (*_ID, "unused-concept")),
        "title": Example("Something is closed"),
        "why": Example("Words for roads and bridges alone."),
        "include": Example("[demand, obligation]", ("unknown-concept", "circle")),
        "phrases": Example("{en: {verb: [close, shut/shut], common: [closure]}, ar: {verb: [أغلق/يغلق]}}"),
        "parts": Example("{name: '\\p{Lu}\\w+'}"),
        "patterns": Example("[{near: {within: 3, of: [out of, service]}}]", ("circle", *_TERM)),
        "examples": Example("{en: {found: [the closures], not_found: [a close call]}}"),
    },
    "ConceptPhrases": {
        **_KINDS,
        "ambiguous": Example(
            "[{verb: [leave/left], context: [{concept: armed-forces}]}]", ("unreachable-phrase", *_PHRASES[:3])
        ),
    },
    "AmbiguousPhrases": {**_KINDS, "context": Example("[{concept: armed-forces}]", ("unreachable-phrase", *_TERM))},
    "ConceptTexts": {"found": Example("[the closures]"), "not_found": Example("[a close call]")},
    "GazetteerFile": {
        "id": Example("bridges", (*_ID, "unused-gazetteer")),
        "title": Example("Bridges of the region"),
        "why": Example("Names that the traffic desk follows."),
        "source": Example("OpenStreetMap, ODbL"),
        "context": Example("[bridge over]", ("unreachable-phrase", *_TERM)),
        "families": Example("[governorate]", ("unreachable-phrase",)),
        "entries": Example("[{id: idlib, name: Idlib, type: governorate, names: {ar: [إدلب], en: [Idlib]}}]"),
    },
    "Entry": {
        "id": Example("saraqib", ("duplicate-id",)),
        "name": Example("Saraqib"),
        "type": Example("town"),
        "parent": Example("idlib", ("unknown-entry", "circle")),
        "code": Example("SY07"),
        "point": Example("[35.8644, 36.8058]"),
        "names": Example("{ar: [سراقب], en: {name: [Saraqib], ambiguous: [Saraqeb]}}"),
    },
    "EntryNames": {
        **{kind: example for kind, example in _KINDS.items() if kind != "verb"},
        "ambiguous": Example("[Hama]", ("unreachable-phrase", *_PHRASES[:2])),
    },
    "ExclusionFile": {
        "id": Example("sport", (*_ID, "unused-exclusion")),
        "title": Example("Reports of sport"),
        "why": Example("Teams attack, defend and are defeated."),
        "tags": Example("[violence]"),
        "scope": Example("paragraph"),
        "none": Example("[{any: [football, championship]}]", ("fires-on-all", *_TERM)),
        "examples": Example(
            "{fires: [{lang: en, text: Football on.}], silent: [{lang: en, text: War on., because: no sport}]}",
            ("missing-example",),
        ),
    },
}
"""By model and key."""
