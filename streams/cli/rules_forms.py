"""`marsad rules forms`: what a phrase covers, and what only looks like it."""

from __future__ import annotations

from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.options import ConfigOption, JsonOption, RulesOption
from streams.cli.rule_folders import folder_of, print_json
from streams.cli.terminal import say, wrapped

if TYPE_CHECKING:
    from streams.match.form_groups import FormGroup
    from streams.match.lookalikes import Coverage
    from streams.match.rulebook import Rulebook


class KindName(StrEnum):
    """The kinds of `streams.match.phrases`, said over again so that `marsad --help` need not load the alphabet."""

    NAME = "name"
    COMMON = "common"
    VERB = "verb"
    EXACT = "exact"


PhraseArgument = Annotated[str, typer.Argument(metavar="PHRASE", help="As in a concept.", show_default=False)]
KindOption = Annotated[KindName | None, typer.Option("--kind", help="How it changes; default each that it may be.")]
LangOption = Annotated[
    str | None, typer.Option("--lang", metavar="LANG", help="ar, en, ...; default by the letters of the phrase.")
]
AllOption = Annotated[bool, typer.Option("--all", help="List every form, with what is written on to it.")]
_SHOWN = 4
"""Forms that are shown as examples of what is written on to words."""


def forms(  # noqa: PLR0913  # a command's options
    phrase: PhraseArgument,
    *,
    kind: KindOption = None,
    lang: LangOption = None,
    every: AllOption = False,
    as_json: JsonOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Show the surface forms that a phrase covers, and words that look alike and are not covered.

    Without --kind each kind that the phrase could have is shown, so that they can be compared; a phrase with / in it is
    a verb (withdraw/withdrew, دعا/يدعو). Words are shown apart from what may be written on to them; --all writes every
    form out. Forms are spelled folded: without harakat, with ا for أ إ آ, ي for ى, ه for ة, none of which matters in a
    text either. Look-alikes are sought in the frequent words of the language and the phrases and examples in the rules.

    With --json, one line a kind: phrase, lang, kind, about, forms (all of them), groups (words, before, after),
    not_covered (word, because).

    Exit status: 0; 2 when the phrase cannot be looked for, with the reason.
    """
    from streams.errors import InputError
    from streams.match.file_models import is_language
    from streams.match.form_groups import about, groups_of
    from streams.match.inflections import InflectionError
    from streams.match.lookalikes import coverage_of, kinds_for, language_of, words_of
    from streams.match.phrases import Kind, Phrase, PhraseError

    if lang is not None and not is_language(lang):
        raise InputError(f"{lang!r} is no code of a language: write ar, en, ...", file="--lang")
    language = lang or language_of(phrase)
    words = words_of(_rulebook_at_hand(rules, config), language)
    kinds = [Kind(kind.value)] if kind else kinds_for(phrase, language)
    for number, one in enumerate(kinds):
        asked = Phrase(phrase, language, one)
        try:
            coverage, groups = coverage_of(asked, words), groups_of(asked)
        except (PhraseError, InflectionError) as error:
            raise InputError(str(error), file="PHRASE") from error
        if as_json:
            _print_json(coverage, groups, about(asked))
            continue
        if number:
            say("")
        assumed = "; told by its /" if "/" in phrase and not kind else ""
        say((one.value, "bold"), f" ({language}), {_counted(coverage.forms)}: {about(asked)}{assumed}")
        _print_forms(coverage, groups, every=every)


def _counted(forms: tuple[str, ...]) -> str:
    return f"{len(forms)} form{'s' if len(forms) > 1 else ''}"


def _print_json(coverage: Coverage, groups: list[FormGroup], about: str) -> None:
    from dataclasses import asdict

    phrase = coverage.phrase
    line = {"phrase": phrase.text, "lang": phrase.language, "kind": phrase.kind.value, "about": about}
    told = {"forms": coverage.forms, "groups": [asdict(group) for group in groups]}
    print_json({**line, **told, "not_covered": [asdict(one) for one in coverage.others]})


def _print_forms(coverage: Coverage, groups: list[FormGroup], *, every: bool) -> None:
    for group in groups:
        for label, words in groupby(group.words, key=lambda word: word.label):
            told = [word.text for word in words]
            wrapped([f"{label}:", *told] if label else told, indent=2)
        for where, affixes in (("before it", group.before), ("after it", group.after)):
            if len(affixes) > 1 or affixes != ("",):
                wrapped([f"{where}:", *(one or "nothing" for one in affixes)], indent=4)
    if every:
        wrapped(["all:", *coverage.forms], indent=2)
    elif any(group.size > len(group.words) for group in groups):
        wrapped(["as in:", *_written_on(groups[0])], indent=2)
    if not coverage.others:
        say("  not covered: nothing known looks alike")
        return
    say("  not covered, though they look alike:")
    for other in coverage.others:
        say(f"    {other.word}: {other.because}")


def _written_on(group: FormGroup) -> list[str]:
    """A few forms of the group's first word, with ever more written on to it."""
    before, after = group.before[1:] or group.before, group.after[1:] or group.after
    pairs = [(before[number * len(before) // _SHOWN], after[number * len(after) // _SHOWN]) for number in range(_SHOWN)]
    return list(dict.fromkeys(f"{one}{group.words[0].text}{other}" for one, other in pairs))


def _rulebook_at_hand(rules: Path | None, config: Path | None) -> Rulebook | None:
    """The rules whose words are at hand; what is wrong in them is for lint to say."""
    from streams.match.rulebook import read_folder

    reading = read_folder(folder_of(rules, config))
    return None if reading.problems else reading.rulebook()
