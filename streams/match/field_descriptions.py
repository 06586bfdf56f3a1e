"""What every key of a rule, concept or gazetteer file is for: in the JSON Schema, hence in editors."""

from __future__ import annotations

from typing import Final

FIELDS: Final[dict[str, dict[str, str]]] = {
    "RuleFile": {
        "id": "The file's name without .yaml: small letters, digits, hyphens. Alerts and settings name the rule by it.",
        "title": "What readers of an alert see.",
        "status": "live tells people; shadow only records what it would have told; off is not evaluated.",
        "severity": "low, medium, high or critical.",
        "languages": "Languages of the articles that it is written for, as ar or en; each needs examples.",
        "filters": "On which articles the rule is evaluated at all; it looks at every one unless you say so.",
        "match": "The condition on which the rule fires.",
        "alert": "When the rule speaks again about a story.",
        "examples": "Texts that must fire and texts that must not; `marsad rules test` runs them.",
        "slots": "What an alert should name, by slot (who, whose, where, ...): terms found where the rule matched.",
        "event": "The kind of event in the code books of political science.",
        "tags": "Words to sort rules by.",
        "owner": "Who looks after the rule.",
        "why": "In a sentence: what the rule is to find, and why.",
        "false_alarms": "What it is known to fire on wrongly.",
        "references": "Addresses of what the rule is based on.",
    },
    "Filters": {
        "languages": "Only articles in one of these, as [ar, en].",
        "sources": "Only articles of these sources, by the names that the configuration gives them.",
        "countries": "Only articles of sources in these countries, as the source or the article line says.",
        "tags": "Only articles of sources with one of these tags, as the source or the article line says.",
        "sections": "Only articles of these sections, as the source or the article line says.",
        "max_age": "Only articles whose own date is at most so long before they were first seen, as 48h.",
        "none": "Not these articles, though they pass the rest: lists as above.",
        "unknown": "What becomes of an article that does not say what is asked: pass (the default) or stop.",
    },
    "FilterLists": {
        "languages": "Not articles in these.",
        "sources": "Not articles of these sources.",
        "countries": "Not articles of sources in these countries.",
        "tags": "Not articles of sources with one of these tags.",
        "sections": "Not articles of these sections.",
    },
    "ExampleFacts": {
        "source": "Name of its source.",
        "country": "Country of its source.",
        "tags": "Tags of its source.",
        "section": "Its section.",
        "age": "How old it is when it is first seen, as 3h.",
    },
    "Node": {
        "phrase": "Words as they are: a name when they are Arabic, else exactly these. Or write just the string.",
        "concept": "A file in concepts/: words that mean one thing.",
        "regex": "A regex in RE2's syntax (no look-around, no back-references) over the original text, case and all "
        "unless it begins with (?i). Evidence are the letters and digits that it matches, and the first 200 "
        "matches count. Prefer phrases: a regex costs a search in each article that has the rule's other words.",
        "gazetteer": "A file in gazetteers/: things with names; narrow it by type, within and outside.",
        "type": "Of a gazetteer: only entries of this type.",
        "within": "Of a gazetteer: only this entry and those below it.",
        "outside": "Of a gazetteer: only entries elsewhere, neither this one, nor below it, nor one that it lies in.",
        "all": "Every part has to be met.",
        "any": "One part has to be met.",
        "none": "No part may be met, in the place where this stands.",
        "at_least": "How many of the parts under `of` have to be met.",
        "of": "The parts that at_least counts.",
        "document": "What stands below has to be met in the whole article.",
        "title": "What stands below has to be met in the title.",
        "lead": "What stands below has to be met in the first three sentences of the text.",
        "paragraph": "What stands below has to be met in one paragraph.",
        "sentence": "What stands below has to be met in one sentence.",
        "sentences": "What stands below has to be met in a few sentences in a row.",
        "near": "Terms that stand close together.",
        "number": "A number, in figures or words, of things.",
        "score": "Parts with weights, and how much they have to add up to: where no single word decides.",
        "negated": "Beside a term, any or near: false counts its words only where nothing negates them (did not "
        "demand, denied that), true only where something does. The concept negator lists what negates over the next "
        "five words of a clause, negator-after what negates backwards, pseudo-negator what only looks so, clause-start "
        "what a negation does not reach over.",
        "quoted": "Beside a term, any or near: true counts its words only between quotation marks of one paragraph, "
        "false only outside of them.",
    },
    "NearNode": {
        "within": "At most so many words between the outermost two.",
        "of": "Two to four terms, any of terms, or near.",
        "ordered": "Whether they have to stand in this order.",
        "without": "Terms that must not touch the stretch from the first to the last of them.",
    },
    "SentencesNode": {
        "within": "In how many sentences in a row: 2 is a sentence and the next.",
        "of": "What has to be met there; the sentences may lie in several paragraphs, but not in title and text.",
    },
    "NumberNode": {
        "at_least": "The least that counts. A range, as 5-10, counts by its lower end, more than five as five.",
        "at_most": "The most that counts; a range counts by its upper end.",
        "of": "Terms for what is counted, as {concept: killed}: each belongs to the nearest number of its sentence.",
        "within": "At most so many words between the number and the term; 3 unless you say so.",
    },
    "ScoreNode": {
        "threshold": "What the weights of the parts that are met have to add up to.",
        "of": "The parts, each a condition with a weight beside it: {weight: 3, concept: killed}.",
    },
    "SlotNode": {
        "terms": "What may fill the slot; of candidates that overlap, the one listed first.",
        "otherwise": "What may fill it when there is none of terms.",
        "before": "Only words before the first of these.",
        "after": "Only words after the first of these.",
        "nearest": "Only the words nearest to one of these.",
    },
    "AlertSettings": {
        "repeat_after": "Quiet for so long about one story, as 12h: a number and s, m, h or d.",
        "new_if": "Slots whose new value will be news; checked, and not acted on yet.",
    },
    "Event": {
        "cameo": "CAMEO code in quotes, two to four digits: the root code, 01 to 20, and what follows.",
        "plover": "PLOVER event type, in capitals.",
    },
    "Examples": {
        "fires": "Texts on which the rule must fire, at least one in each language.",
        "silent": "Texts that look alike and on which it must not, at least one in each language.",
    },
    "Fires": {
        "lang": "Language of the text.",
        "text": "The text, best a real sentence.",
        "title": "A headline, where it matters.",
        "slots": "Words that must be among those of a slot.",
        "source": "Where the text is from.",
        "facts": "What filters ask of its article, where the rule has filters.",
    },
    "Silent": {
        "lang": "Language of the text.",
        "text": "The text, best a real sentence.",
        "because": "Why it must not fire.",
        "title": "A headline, where it matters.",
        "source": "Where the text is from.",
        "facts": "What filters ask of its article, where the rule has filters.",
    },
    "ExclusionFile": {
        "id": "The file's name without .yaml.",
        "title": "What is left out.",
        "why": "Why these rules should not see it.",
        "tags": "Rules with one of these tags are subject to it.",
        "scope": "What is left out where one of `none` is met: document (the default), paragraph or sentence.",
        "none": "Conditions of which none may be met.",
        "examples": "Texts that it leaves out (fires) and texts that it does not (silent).",
    },
    "ConceptFile": {
        "id": "The file's name without .yaml.",
        "title": "What the words mean.",
        "why": "Why these words and not others.",
        "include": "Concepts whose phrases are taken in.",
        "phrases": "Phrases by language, by kind.",
        "patterns": "What means it in several words: near groups of terms.",
        "examples": "By language, texts in which it is found, and texts in which it is not.",
    },
    "ConceptTexts": {
        "found": "Texts, best of a word or two, in which the concept is found; those of rules run with them.",
        "not_found": "Texts that look alike and in which it is not found.",
    },
    "ConceptPhrases": {
        "name": "As written; Arabic also after و ف ب ل ك.",
        "common": "Nouns, adjectives: Arabic with article and pronouns (write it without ال), English with its plural.",
        "verb": "Arabic past/present (دعا/يدعو), English base/past/participle (withdraw/withdrew/withdrawn).",
        "exact": "This form alone.",
        "ambiguous": "Phrases that count only beside a term of their context.",
    },
    "AmbiguousPhrases": {
        "name": "As written; Arabic also after و ف ب ل ك.",
        "common": "Nouns, adjectives: Arabic with article and pronouns (write it without ال), English with its plural.",
        "verb": "Arabic past/present (دعا/يدعو), English base/past/participle (withdraw/withdrew/withdrawn).",
        "exact": "This form alone.",
        "context": "Terms of which one has to be in the same sentence.",
    },
    "GazetteerFile": {
        "id": "The file's name without .yaml.",
        "title": "What it lists.",
        "why": "What it is for.",
        "source": "Where names and codes are from, with the licence.",
        "context": "Terms beside which an ambiguous name counts, such as town of.",
        "families": "Types whose entries head a family; a sure name of it makes its ambiguous ones count.",
        "entries": "The things that have names.",
    },
    "Entry": {
        "id": "Unique in the file; parent and within name it.",
        "name": "The name that alerts show.",
        "type": "What it is, as town or person.",
        "parent": "The entry that it belongs to.",
        "code": "A code for machines, as SY07.",
        "point": "[latitude, longitude].",
        "names": "Names by language: a list, or lists by kind.",
    },
    "EntryNames": {
        "name": "As written; Arabic also after و ف ب ل ك.",
        "common": "Names that change like nouns.",
        "exact": "This form alone.",
        "ambiguous": "Names that are also everyday words; they count in context only.",
    },
}
"""By model and key."""
FIELDS["ScorePart"] = {
    **FIELDS["Node"],
    "weight": "What the part adds when it is met; below zero it takes away.",
}
