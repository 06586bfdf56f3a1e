"""The commands of `marsad rules` that hold rules against articles: explain, eval."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.article_lines import ArticleLine
from streams.cli.match import articles_in, lines_in
from streams.cli.options import (
    BAD_USAGE,
    ConfigOption,
    JsonOption,
    RulesOption,
    optional_settings_of,
    rules_folder,
    sources_of,
)
from streams.cli.rule_folders import chosen, print_json, read_whole
from streams.cli.terminal import say
from streams.errors import InputError
from streams.file_names import name_of

if TYPE_CHECKING:
    from streams.match.condition_places import ConditionPlace
    from streams.match.engine import Engine
    from streams.match.evaluation import Evaluation, Score
    from streams.match.explanation import Explained
    from streams.match.frames import FrameMatrix, Row
    from streams.match.rulebook import Reading

RuleArgument = Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule.", show_default=False)]
FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="Article: text, .html, or .jsonl (each of its articles is explained); - is standard input.",
        show_default=False,
    ),
]

LabelsArgument = Annotated[
    str,
    typer.Argument(metavar="LABELS.jsonl", help="Labelled articles; - is standard input.", show_default=False),
]
FramesOption = Annotated[
    bool, typer.Option("--frames", help='Print on how many sentences of each "frame" a rule fires, by language.')
]
_HEADLINE_LETTERS = 80
_SENTENCE_LETTERS = 300


def explain(
    rule: RuleArgument,
    file: FileArgument,
    *,
    as_json: JsonOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Show a rule's condition on an article as a tree: each part met or not, with its words in the text.

    A part that stands under `sentence` or another scope is shown in the sentence that meets it, or that comes nearest
    to it; for a rule that does not fire the last lines say what that sentence has and what it lacks, where that stands
    in the rule, and what the concepts there are called. A rule that is off is explained too.

    With --json, one line an article: id, rule, fires, nearest_miss, nearest_sentence, nearest_parts (name, file, line,
    column, and concepts: id, title, file), over_time (when it tells, where one article is not enough), and condition
    (text, met, words, where, parts).

    Exit status: 0, whether or not the rule fires; 2 when the rule is not there or a file or line cannot be read.
    """
    from dataclasses import replace

    from streams.match.article_facts import of_source
    from streams.match.engine import Engine
    from streams.match.trials import on_trial

    settings = optional_settings_of(config)
    reading, sources = read_whole(rules_folder(rules, settings)), sources_of(settings)
    book = chosen(reading, [rule])
    engine = Engine(on_trial(replace(book, rules={rule: book.rules[rule]})))
    broken = False
    for item in articles_in(file, None):
        if isinstance(item, InputError):
            typer.echo(str(item), err=True)
            broken = True
        else:
            _explain_one(engine, of_source(item[0], sources), reading, as_json=as_json)
    if broken:
        raise typer.Exit(BAD_USAGE)


def _explain_one(engine: Engine, article: ArticleLine, reading: Reading, *, as_json: bool) -> None:
    from streams.match.article_facts import facts_of_line
    from streams.match.condition_places import places_of
    from streams.match.document import Document
    from streams.match.explanation import explain as explain_rule
    from streams.match.nearest_miss import nearest_miss, nearest_parts, nearest_sentence
    from streams.match.over_time import over_time

    (rule,) = engine.rules
    told = explain_rule(rule, Document(article.title, article.text, engine.vocabulary, facts_of_line(article)))
    miss, when = nearest_miss(told), over_time(rule.file.alert)
    places = list(places_of(nearest_parts(told), rule, reading))
    if as_json:
        line = {"id": article.id, "rule": rule.file.id, "fires": told.met, "nearest_miss": miss}
        line["nearest_sentence"] = nearest_sentence(told) if miss else ""
        line["nearest_parts"] = [asdict(place) for place in places]
        print_json({**line, **({"over_time": when} if when else {}), "condition": _as_json(told)})
        return
    verdict = ("fires", "green") if told.met else ("does not fire", "red")
    say(f"{rule.file.id} ", verdict, f" on {article.id}")
    _print_tree(told, depth=1)
    if when:
        say(f"an article only counts: the rule {when}")
    if miss:
        say(f"nearest miss: {miss}")
        if said := nearest_sentence(told):
            say(f"  {_shortened(said, _SENTENCE_LETTERS)}")
        for place in places:
            say(f"  {place.file}:{place.line}:{place.column}: {place.name}{_called(place)}")


def _called(place: ConditionPlace) -> str:
    """What the concepts of a part are called, after its name."""
    told = [(one.id == place.name, f'"{one.title}" ({one.file})', one.id) for one in place.concepts]
    return "".join(f", {called}" if same else f"; {name} is {called}" for same, called, name in told)


def _as_json(told: Explained) -> dict[str, Any]:
    """A node as JSON; Any for that reason."""
    return {
        "text": told.text,
        "met": told.met,
        "words": list(told.words),
        "where": told.where,
        "parts": [_as_json(part) for part in told.parts],
    }


def _print_tree(told: Explained, *, depth: int, excluded: bool = False) -> None:
    """A line a node; what a `none` excludes is marked by whether it is there, not by whether that is good."""
    yes, no = (("!", "red"), (" ", "")) if excluded else (("✓", "green"), ("✗", "red"))
    mark = yes if told.met else no
    where = f" ({told.where})" if told.where else ""
    words = f": {' | '.join(told.words)}" if told.words else ""
    say("  " * depth, mark, f" {told.text}{where}{words}")
    for part in told.parts:
        _print_tree(part, depth=depth + 1, excluded=excluded or told.excludes)


def evaluate(
    labels: LabelsArgument,
    *,
    frames: FramesOption = False,
    as_json: JsonOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Measure rules on labelled articles: precision, recall and F1 by rule, language and source, and every error.

    Each line is an article with "labels": {RULE: "yes" | "no" | "borderline"} and, where known, "slots": {RULE: {"who":
    [...]}}. Borderline is left out. A slot is right when it shares a word with a labelled one; function words and what
    Arabic writes on to words do not count. Slots are scored where the rule fired and the label is yes.

    An error is told with its deciding words: those on which the rule fired, or what it lacked. Rules that are off are
    measured too.

    With --json, one line for each score (kind, rule, by, of, precision, recall, f1, hits, false_alarms, misses, rest),
    each slot's score (kind, rule, slot, ...) and each error (kind, rule, id, label, because; slots: filled, labelled).

    With --frames, instead, lines that name a "frame" (a way of saying it, as "demand" or "denial") are counted: by
    rule, frame and language, on how many the rule fires. With --json one line for each (kind, rule, frame, label,
    language, fired, silent).

    Exit status: 0, whatever the scores; 2 when a line or the rules cannot be read; the other lines are still measured.
    """
    from streams.match.engine import Engine
    from streams.match.evaluation import Evaluation, read_labelled
    from streams.match.frames import FrameMatrix
    from streams.match.trials import on_trial

    settings = optional_settings_of(config)
    reading, sources = read_whole(rules_folder(rules, settings)), sources_of(settings)
    engine = Engine(on_trial(reading.rulebook()))
    evaluation, matrix = Evaluation(engine), FrameMatrix(engine)
    broken = 0
    for item in read_labelled(lines_in(labels), file=name_of(labels), sources=sources):
        if isinstance(item, InputError):
            typer.echo(str(item), err=True)
            broken += 1
        else:
            (matrix if frames else evaluation).take(item)
    for name in sorted(matrix.unknown if frames else evaluation.unknown):
        typer.echo(f"labels of {name!r} are left out: {reading.folder} has no such rule", err=True)
    if frames:
        _print_matrix(matrix, as_json=as_json)
        raise typer.Exit(BAD_USAGE if broken else 0)
    _print_evaluation(evaluation, as_json=as_json)
    typer.echo(f"{evaluation.borderline} borderline labels left out, {broken} lines not read", err=True)
    if broken:
        raise typer.Exit(BAD_USAGE)


def _print_evaluation(evaluation: Evaluation, *, as_json: bool) -> None:
    silent: dict[str, list[Score]] = {}
    for rule, by, of in sorted(evaluation.scores, key=lambda cut: (cut[0], cut[1] != "all", *cut[1:])):
        score = evaluation.scores[rule, by, of]
        if as_json:
            print_json({"kind": "score", "rule": rule, "by": by, "of": of, **_numbers(score)})
        elif by == "source" and not (score.hits or score.false_alarms or score.misses):
            silent.setdefault(rule, []).append(score)
        else:
            if by == "all":
                _print_silent(silent)
            name = (rule, "bold") if by == "all" else f"  {by} {of}"
            say(name, f": {_spelled(score)}")
    _print_silent(silent)
    for (rule, slot), score in sorted(evaluation.slot_scores.items()):
        if as_json:
            print_json({"kind": "slot", "rule": rule, "slot": slot, **_numbers(score)})
        else:
            say(f"{rule} slot {slot}: {_spelled(score)}")
    _print_mistakes(evaluation, as_json=as_json)


def _print_silent(silent: dict[str, list[Score]]) -> None:
    """The sources of a rule that has nothing to find there and finds nothing, in a line; then they are forgotten."""
    for scores in silent.values():
        articles = sum(score.rest for score in scores)
        say(f"  {_counted(len(scores), 'source')} more, rightly silent on {_counted(articles, 'article')}")
    silent.clear()


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _print_matrix(matrix: FrameMatrix, *, as_json: bool) -> None:
    """By rule a Markdown table: of each frame, by language, on how many sentences the rule fires."""
    rule = ""
    for row in matrix.rows():
        if as_json:
            for language, cell in sorted(row.cells.items()):
                counts = {"language": language, "fired": cell.fired, "silent": cell.silent}
                print_json({"kind": "frame", "rule": row.rule, "frame": row.frame, "label": row.label.value, **counts})
            continue
        if row.rule != rule:
            rule = row.rule
            say(f"| {rule} | should fire | {' | '.join(matrix.languages)} |")
            say(f"|---|---|{'---|' * len(matrix.languages)}")
        say(f"| {row.frame} | {row.label.value} | {' | '.join(_fired_of(row, one) for one in matrix.languages)} |")


def _fired_of(row: Row, language: str) -> str:
    cell = row.cells.get(language)
    return f"{cell.fired} of {cell.fired + cell.silent}" if cell else "-"


def _print_mistakes(evaluation: Evaluation, *, as_json: bool) -> None:
    for mistake in evaluation.mistakes:
        line = {"rule": mistake.rule, "id": mistake.article.id, "label": mistake.label.value}
        if as_json:
            print_json({"kind": "error", **line, "because": mistake.because})
            continue
        what = "missed" if mistake.label == "yes" else "false alarm"
        say(f"{what} by {mistake.rule}: {mistake.article.id} {_headline(mistake.article)}")
        say(f"  {mistake.because}")
    for wrong in evaluation.slot_mistakes:
        if as_json:
            told = {"rule": wrong.rule, "id": wrong.article.id, "slot": wrong.slot}
            print_json({"kind": "slot-error", **told, "filled": wrong.filled, "labelled": wrong.labelled})
            continue
        say(f"slot {wrong.slot} of {wrong.rule}: {wrong.article.id} {_headline(wrong.article)}")
        say(f"  filled: {' | '.join(wrong.filled) or '-'}; labelled: {' | '.join(wrong.labelled) or '-'}")


def _headline(article: ArticleLine) -> str:
    return _shortened((article.title or article.text).strip(), _HEADLINE_LETTERS)


def _shortened(text: str, letters: int) -> str:
    """On one line, of at most so many letters."""
    line = " ".join(text.split())
    return line if len(line) <= letters else f"{line[: letters - 1]}…"


def _numbers(score: Score) -> dict[str, Any]:
    """A score as JSON; Any for that reason."""
    ratios = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
    counts = {"hits": score.hits, "false_alarms": score.false_alarms, "misses": score.misses, "rest": score.rest}
    return {name: None if ratio is None else round(ratio, 4) for name, ratio in ratios.items()} | counts


def _spelled(score: Score) -> str:
    def ratio(value: float | None) -> str:
        return "  - " if value is None else f"{value:.2f}"

    return (
        f"precision {ratio(score.precision)}  recall {ratio(score.recall)}  F1 {ratio(score.f1)}  "
        f"({_counted(score.hits, 'hit')}, {_counted(score.false_alarms, 'false alarm')}, "
        f"{score.misses} {'miss' if score.misses == 1 else 'misses'}, {score.rest} rightly silent)"
    )
