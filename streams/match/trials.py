"""The examples of a rulebook as rules with texts: what a rule, an exclusion or a concept says of itself is tried alike.

An exclusion is tried as a rule that fires where it leaves something out, a concept as one that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta

from streams.located_yaml import Loc
from streams.match.article_facts import ArticleFacts
from streams.match.batch import ArticleText
from streams.match.concept_files import ConceptFile, ConceptTexts
from streams.match.engine import Engine, Fired
from streams.match.exclusion_files import ExclusionFile
from streams.match.exclusions import node_of
from streams.match.rule_files import AlertSettings, Examples, Fires, Node, RuleFile, Silent, Status
from streams.match.rulebook import Rulebook
from streams.messages import Severity

_OF_CONCEPTS = ("found", "not_found")
BATCH = 100
"""Texts that are evaluated together."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule with an id of its own that is held against its examples, and the file that they stand in.

    `language` is that of a concept's examples, which stand by language; "" elsewhere.
    """

    model: str
    owner: str
    rule: RuleFile
    language: str = ""


@dataclass(frozen=True, slots=True)
class TrialText:
    """One example of a trial: its list, and its number in it."""

    trial: Trial
    kind: str
    index: int
    example: Fires | Silent

    @property
    def loc(self) -> Loc:
        """Where the example stands in its file."""
        return ("examples", *self.kind.split("."), self.index)

    @property
    def article(self) -> ArticleText:
        """The example as the article that it stands for."""
        return ArticleText(self.example.title, self.example.text, facts_of_example(self.example))


def trials_of(rulebook: Rulebook) -> Iterator[Trial]:
    """Of every rule, concept and exclusion; rules that are off are tried as if they were on trial."""
    for rule in on_trial(rulebook).rules.values():
        yield Trial("RuleFile", rule.id, rule)
    for concept in rulebook.concepts.values():
        yield from trials_of_concept(concept)
    for exclusion in rulebook.exclusions.values():
        yield trial_of_exclusion(exclusion)


def trials_of_concept(concept: ConceptFile) -> Iterator[Trial]:
    """One for each language in which the concept has examples."""
    for language, texts in concept.examples.items():
        yield Trial("ConceptFile", concept.id, _rule_for(concept.id, language, texts), language)


def trial_of_exclusion(exclusion: ExclusionFile) -> Trial:
    """A rule that fires where the exclusion leaves something out. It has no tags, so nothing is left out for it."""
    examples: list[Fires | Silent] = [*exclusion.examples.fires, *exclusion.examples.silent]
    languages = tuple(sorted({one.lang for one in examples}))
    # An id cannot hold a space, so that this is no rule's.
    rule = _shadow(f"exclusion {exclusion.id}", languages, node_of(exclusion), exclusion.examples)
    return Trial("ExclusionFile", exclusion.id, rule)


def texts_of(trials: Iterable[Trial]) -> Iterator[TrialText]:
    """The examples of each trial, in their order."""
    for trial in trials:
        examples = trial.rule.examples
        kinds = ("fires", "silent") if not trial.language else (f"{trial.language}.{kind}" for kind in _OF_CONCEPTS)
        fires: tuple[Fires | Silent, ...] = examples.fires
        for kind, listed in zip(kinds, (fires, examples.silent), strict=True):
            for index, example in enumerate(listed):
                yield TrialText(trial, kind, index, example)


def fired_on(
    engine: Engine, texts: Sequence[TrialText], asked: Sequence[AbstractSet[str]]
) -> Iterator[Mapping[str, Fired]]:
    """For each text: which of the rules asked about it, by id, fired."""
    for start in range(0, len(texts), BATCH):
        some = slice(start, start + BATCH)
        for fired in engine.evaluate_asked([text.article for text in texts[some]], asked[some]):
            yield {one.rule.file.id: one for one in fired}


def on_trial(rulebook: Rulebook) -> Rulebook:
    """The same rules with those that are off on trial, so that an engine evaluates them."""
    return replace(rulebook, rules={rule.id: _evaluated(rule) for rule in rulebook.rules.values()})


def facts_of_example(example: Fires | Silent) -> ArticleFacts:
    """What the example says of its article."""
    facts = example.facts
    return ArticleFacts(
        language=example.lang,
        source=facts.source,
        country=facts.country,
        tags=facts.tags or (),
        section=facts.section,
        age=facts.age,
    )


def _rule_for(name: str, language: str, texts: ConceptTexts) -> RuleFile:
    """A rule that fires where the concept is found. One of the lists of examples may be empty, unlike a rule's."""
    examples = Examples.model_construct(
        fires=tuple(Fires(lang=language, text=text) for text in texts.found),
        silent=tuple(Silent(lang=language, text=text, because=f"it is no {name}") for text in texts.not_found),
    )
    return _shadow(f"concept {name} {language}", (language,), Node(concept=name), examples)


def _shadow(name: str, languages: tuple[str, ...], match: Node, examples: Examples) -> RuleFile:
    rule = RuleFile(
        id="trial",
        title="trial",
        status=Status.SHADOW,
        severity=Severity.LOW,
        languages=languages,
        match=match,
        alert=AlertSettings(repeat_after=timedelta()),
        examples=examples,
    )
    return rule.model_copy(update={"id": name})


def _evaluated(rule: RuleFile) -> RuleFile:
    return rule.model_copy(update={"status": Status.SHADOW}) if rule.status is Status.OFF else rule
