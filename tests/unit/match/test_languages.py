"""Phrases of any declared language are found whatever the case, accents and marks, as whole words."""

from __future__ import annotations

import pytest

from streams.match.rule_files import ConceptFile
from tests.unit.match.building import engine_of, words_of


def _words(language: str, phrase: str, text: str, kind: str = "exact") -> list[str]:
    data = {"id": "c", "title": "c", "phrases": {language: {kind: [phrase]}}}
    return words_of(engine_of({"concept": "c"}, ConceptFile.model_validate(data)), text)


@pytest.mark.parametrize(
    ("language", "phrase", "text", "found"),
    [
        ("tr", "İdlib", "Rusya İdlib'i, IDLIB’de ve idlib’den vurdu", ["İdlib", "IDLIB", "idlib"]),
        ("tr", "sınır", "SINIR kapısı, sinir ve sınırda", ["SINIR", "sinir"]),
        ("tr", "çekilme çağrısı", "Çekilme  çağrısı; ÇEKİLME ÇAĞRISI", ["Çekilme  çağrısı", "ÇEKİLME ÇAĞRISI"]),
        ("ru", "вывод войск", "ВЫВОД войск, вывода войск", ["ВЫВОД войск"]),
        ("ru", "ещё", "ЕЩЕ, ещё́ и ещёя", ["ЕЩЕ", "ещё́"]),
        ("ru", "Идлиб", "в Идлибе и Идлиб-город", ["Идлиб"]),
        ("fr", "l'armée", "L’Armée, l'ARMEE, armée", ["L’Armée", "l'ARMEE"]),
        ("fr", "armée", "l’armée française, d'armées", ["armée"]),
        ("fr", "cœur", "COEUR cœur cœurs", ["COEUR", "cœur"]),
        ("fr", "cessez-le-feu", "Cessez-le-feu, cessez le feu", ["Cessez-le-feu", "cessez le feu"]),
        ("he", "נסיגה", "נְסִיגָה. הנסיגה, נסיגה־חלקית", ["נְסִיגָה", "נסיגה"]),
        ("he", "צה״ל", 'צה"ל, צה״ל', ['צה"ל', "צה״ל"]),
        ("de", "Straße", "STRASSE, Straße, Straßen", ["STRASSE", "Straße"]),
        ("el", "αποχώρηση", "ΑΠΟΧΩΡΗΣΗ, αποχώρησης", ["ΑΠΟΧΩΡΗΣΗ"]),
        ("uk", "виведення", "ВИВЕДЕННЯ військ", ["ВИВЕДЕННЯ"]),
        ("fa", "ادلب", "اِدلب، ادلب‌ها", ["اِدلب"]),
        ("ku", "Îdlib", "îdlib, IDLIB", ["îdlib", "IDLIB"]),
        ("es", "ataque aéreo", "Ataque aereo", ["Ataque aereo"]),
        ("pl", "Łódź", "LODZ, łódź", ["LODZ", "łódź"]),
    ],
)
def test_folding_and_word_boundaries(language: str, phrase: str, text: str, found: list[str]) -> None:
    """Case (dotted and dotless i too), accents, niqqud, ligatures; nothing that the word is only a part of."""
    assert _words(language, phrase, text) == found


@pytest.mark.parametrize("kind", ["name", "common", "verb", "exact"])
def test_other_languages_take_every_kind_as_exact(kind: str) -> None:
    """So that a rule can be written before its language has forms."""
    assert _words("ru", "армия", "Армия, армии, армиями", kind) == ["Армия"]


@pytest.mark.parametrize(
    ("kind", "phrase", "text", "found"),
    [
        ("common", "cease-fire", "cease-fire, cease fire, ceasefires, Cease-Fires", 4),
        ("common", "cease fire", "cease-fires, ceasefire", 1),
        ("verb", "air-drop/air-dropped", "airdropped, air-drops, airdrop, air dropping", 4),
        ("exact", "cease-fire", "ceasefire", 0),
        ("exact", "don't", "don't, don’t, DON`T, dont", 3),
        ("name", "Turkey", "Turkey's, TURKEY’S, Turkeys", 2),
        ("common", "soldier", "soldiers', soldier’s, SOLDIER, soldiery", 3),
        ("verb", "carry out", "carries out, carried out, carrying out, carry-out", 4),
        ("verb", "stop", "stopped, stopping, stops, stopper", 3),
    ],
)
def test_english_forms(kind: str, phrase: str, text: str, found: int) -> None:
    """Plural, possessive, verb forms, kinds of apostrophes; a hyphen stands for a blank, or for nothing."""
    assert len(_words("en", phrase, text, kind)) == found
