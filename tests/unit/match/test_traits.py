"""What an article says at its head: names, numbers, words with an opposite."""

from __future__ import annotations

import pytest

from streams.match.document import Document
from streams.match.engine import Engine
from streams.match.fold import fold
from streams.match.head_words import head_words, poles_of
from streams.match.rule_files import GazetteerFile
from streams.match.traits import traits_of
from streams.messages import ACTOR, Traits
from tests.unit.match.building import engine_of

PLACES = GazetteerFile.model_validate(
    {
        "id": "places",
        "title": "Places",
        "entries": [
            {"id": "idlib", "name": "Idlib", "type": "governorate", "names": {"ar": ["إدلب"], "en": ["Idlib"]}},
            {
                "id": "saraqib",
                "name": "Saraqib",
                "type": "town",
                "parent": "idlib",
                "names": {"ar": ["سراقب"], "en": ["Saraqib"]},
            },
            {"id": "homs", "name": "Homs", "type": "governorate", "names": {"ar": ["حمص"], "en": ["Homs"]}},
            {"id": "foreign", "name": "Foreign", "type": "origin", "names": {"en": ["foreign"]}},
        ],
    }
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_of({"gazetteer": "places"}, gazetteers=(PLACES,))


def of(engine: Engine, text: str, title: str = "") -> Traits:
    return traits_of(Document(title, text, engine.vocabulary))


def test_names_have_their_path(engine: Engine) -> None:
    """From the topmost ancestor down, in title and first sentences, in both languages."""
    assert of(engine, "Jets hit a market.", title="غارة على سراقب").names == (("places", "idlib", "saraqib"),)
    assert of(engine, "وقعت اشتباكات في حمص.").names == (("places", "homs"),)


def test_what_stands_further_down_is_no_trait(engine: Engine) -> None:
    """After three sentences background and other news begin; numbers are those of two."""
    text = "Jets hit Saraqib. Two died. 30 boys survived. In Homs 40 people met."
    found = of(engine, text)
    assert found.names == (("places", "idlib", "saraqib"),)
    assert found.numbers == (2,)


def test_a_first_sentence_without_end_is_cut(engine: Engine) -> None:
    """60 words are the head, however long the sentence is."""
    assert of(engine, "word " * 59 + "Homs " + "word " * 59 + "Idlib").names == (("places", "homs"),)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Shelling killed 5 and wounded 12.", (5, 12)),
        ("قتل ٧ وجرح ٢٠ شخصا.", (7, 20)),
        ("On April 4 2017 shelling killed 58.", (58,)),
        ("في 4 نيسان قتل 58 شخصا.", (58,)),
        ("The M4 road, since 2011.", ()),
        ("It costs 1,500,000 in all.", ()),
    ],
)
def test_numbers_count_something(engine: Engine, text: str, numbers: tuple[int, ...]) -> None:
    """Years, days beside their month, and numbers in several parts are none."""
    assert of(engine, text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "poles"),
    [
        (
            "Factions begin withdrawing heavy weapons",
            ("begin|end", "carry-out|plan", "fulfil|vow", "go-on|stop", "go|stay", "withdraw|deploy"),
        ),
        (
            "Factions begin deploying heavy weapons",
            ("begin|end", "carry-out|plan", "deploy|withdraw", "fulfil|vow", "go-on|stop"),
        ),
        ("الفصائل تبدأ سحب السلاح الثقيل", ("begin|end", "carry-out|plan", "fulfil|vow", "withdraw|deploy")),
        ("وبنشر السلاح الثقيل", ("deploy|withdraw",)),
        ("They agree and they reject", ()),
        ("The committee met", ()),
    ],
)
def test_words_with_an_opposite(text: str, poles: tuple[str, ...]) -> None:
    """In their forms, in both languages; with its opposite beside it a word says nothing."""
    assert poles_of(head_words(fold(text))) == poles


@pytest.mark.parametrize(
    ("text", "deaths"),
    [
        ("Shelling killed 5 and wounded 12.", (5,)),
        ("12 killed, 33 wounded in Saraqib.", (12,)),
        ("قتل 12 وجرح 33 في القصف.", (12,)),
        ("خلّف القصف 12 قتيلا و33 مصابا.", (12,)),
        ("Thirty-one civilians died when jets hit a market.", (31,)),
        ("مقتل خمسة عشر نازحا في غارة.", (15,)),
        ("أدى القصف إلى إصابة سبعة.", ()),
        ("Dozens were killed.", ()),
        ("A war that killed 380,000 people.", ()),
        ("Five members of one family were killed.", (5,)),
        ("141 states voted. A soldier died.", ()),
        ("Five people were killed and thirty wounded when jets hit Saraqib.", (5,)),
        ("خمسة مدنيين قتلوا وثلاثون تقريبا جرحوا في سراقب.", (5,)),
        ("قتل ما لا يقل عن 16 مدنيا وأصيب عدد آخر في سراقب.", (16,)),
        ("لقي سبعة أشخاص حتفهم منذ ثلاثة أشهر في سراقب.", (7,)),
        ("Shells killed three children in Homs.", (3,)),
        ("Shells killed nine people, three children among them.", (9,)),
        ("Thirteen people or more, several of them children, died on Friday.", (13,)),
        ("Fifteen civilians, six of them children, died when a missile hit.", (15,)),
        ("A spokesman is among eight dead in Idlib.", (8,)),
        ("Ten were killed, including eight children.", (10,)),
        ("A missile took eight lives or more.", (8,)),
        ("More than 20 people were killed or injured.", ()),
        ("Shells killed 5 and wounded 9.", (5,)),
        ("سقط عشرون شخصا بين قتيل وجريح.", ()),
        ("مقتل وإصابة 20 شخصا في سراقب.", ()),
        ("سبعة مدنيين، خمسة منهم أطفال، قتلوا وأصيب 13.", (7,)),
        ("فقد الحياة عشرة منهم امرأة وسبعة أطفال.", (10,)),
        ("قصف قضى فيه اثنان وأصيب آخرون.", (2,)),
        ("مقتل شخصين في سراقب.", (2,)),
        ("مقتل عشرة بينهم شابان في سراقب.", (10,)),
        ("أحد القتيلين شيخ في التسعين.", ()),
        ("A man aged 90 was killed.", ()),
        ("القتلى، بحسب ما ذكر السبت 17 من آب، كثر.", ()),
        ("Nine were killed, four of the dead on the road.", (9,)),
        ("قتلى بغارات يوم الاثنين في سراقب.", ()),
        ("Two rockets killed people.", ()),
        ("A man who died was 28 years old.", ()),
    ],
)
def test_the_dead_are_counted_apart(engine: Engine, text: str, deaths: tuple[int, ...]) -> None:
    """By the word of casualties that goes with it: not the wounded, some of the dead, a whole war, or Monday."""
    assert of(engine, text).deaths == deaths


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Air raid kills 20 at market", "Air strike kills 31 at market"),
        ("غارة تقتل 20 في حمص", "Airstrike kills 31 in Homs"),
        ("القصف يستهدف حمص", "قصف يستهدف حمص"),
        ("Rebels must leave Homs, Idlib demands", "Idlib demands rebels must leave Homs"),
    ],
)
def test_titles_in_other_words_for_the_same_are_the_same(engine: Engine, one: str, other: str) -> None:
    """Names by their code, classes of words, no numbers, who says so first: in two languages where words are known."""
    assert of(engine, "", title=one).title == of(engine, "", title=other).title != ()


def test_what_was_done_and_to_whom_is_known_in_both_languages(engine: Engine) -> None:
    """Of the title and the first sentence alone."""
    english = of(engine, "Jets bombed a market. A school was hit.", title="Air strikes in Homs")
    arabic = of(engine, "غارات على سوق في حمص. ومدرسة أيضا.")
    assert english.kinds == arabic.kinds == ("bombardment",)
    assert english.targets == arabic.targets == ("market",)


def test_words_that_carry_meaning_are_the_same_in_their_forms(engine: Engine) -> None:
    """Article and conjunction in Arabic, endings in English; frequent words are left out."""
    assert of(engine, "القصف").words == of(engine, "وقصف").words == of(engine, "قصف").words
    assert of(engine, "bombs").words == of(engine, "bombing").words == of(engine, "the bombed").words


@pytest.mark.parametrize(
    ("text", "poles"),
    [
        ("الفصائل تفقد السيطرة على البلدة", ("yield|take",)),
        ("Parliament rejects the approval", ("reject|accept",)),
    ],
)
def test_what_a_word_governs_is_not_what_is_said(text: str, poles: tuple[str, ...]) -> None:
    """Who loses control takes nothing, though control is taken elsewhere."""
    assert set(poles) <= set(poles_of(head_words(fold(text))))
    assert not {"take|yield", "accept|reject"} & set(poles_of(head_words(fold(text))))


@pytest.mark.parametrize(
    ("title", "negated"),
    [
        ("Council adopts resolution", False),
        ("Council fails to adopt resolution", True),
        ("Minister does not deny the raid", False),
        ("المجلس لم يعتمد القرار", True),
        ("عدم اعتماد القرار", True),
        ("Shelling does not stop", False),
        ("القصف لا يتوقف", False),
        ("Army must leave without delay", False),
        ("دعوة إلى الرحيل دون تأخير", False),
        ("Halt the drive, minister tells rebels", False),
        ("Rebels halt the drive", True),
    ],
)
def test_a_title_is_negated_by_an_odd_number_of_words(engine: Engine, title: str, *, negated: bool) -> None:
    """Verbs of refusing and failing count; what the text says below does not."""
    assert of(engine, "They did not say why.", title=title).negated is negated


def test_days_and_hours_are_known_in_both_languages(engine: Engine) -> None:
    """Of the title and the first sentence alone."""
    english = of(engine, "Shells fell on Monday morning. On Friday it was calm.", title="Shelling in Homs")
    arabic = of(engine, "سقطت قذائف صباح الاثنين. وكان الجمعة هادئا.", title="قصف في حمص")
    assert english.days == arabic.days == ("monday",)
    assert english.hours == arabic.hours == ("morning",)
    assert of(engine, "Jets struck last night.").hours == of(engine, "غارات ليل أمس.").hours == ("night", "yesterday")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Raids killed 28, a monitor said late on Saturday.", ("saturday",)),
        ("Raids killed 28, the monitor told AFP on Saturday.", ("saturday",)),
        ("The monitor said a raid on Saturday killed 28.", ()),
        ("Raids killed 28 on Saturday, the monitor said on Saturday.", ()),
        ("ذكر المرصد، السبت، أن غارة قتلت 28.", ("saturday",)),
        ("قال المرصد يوم السبت إن غارة قتلت 28.", ("saturday",)),
        ("قتلت غارة يوم السبت 28 مدنيا.", ()),
    ],
)
def test_the_day_on_which_something_was_said_is_known(engine: Engine, text: str, days: tuple[str, ...]) -> None:
    """Unless it is named for what happened too."""
    assert of(engine, text, title="Raids on Armanaz").said_on == days


def test_a_foreign_minister_is_no_foreigner(engine: Engine) -> None:
    """Foreign forces may be anybody's, his office says whose he is."""
    forces, minister = of(engine, "Foreign forces must go."), of(engine, "The Foreign Minister spoke of Homs.")
    assert [path[-1] for path in (*forces.names, *minister.names)] == ["foreign", "homs"]


def test_foreign_officers_were_a_foreign_office(engine: Engine) -> None:
    """The words begin alike."""
    officers, office = of(engine, "Foreign officers must go."), of(engine, "He spoke at the Foreign Office")
    assert [path[-1] for path in (*officers.names, *office.names)] == ["foreign"]


@pytest.mark.parametrize(
    "dateline",
    [
        "IDLIB (AP) — ",
        "IDLIB, April 12 - ",
        "April 12, 2012 (IDLIB) – ",
        "Idlib, Dec 2 (AP) ",
        "Idlib, (APP - 26th Jan, 2025) ",
        "IDLIB: ",
        "إدلب 6 مايو 2023 - ",
        "إدلب 6 مايو 2023 (شينخوا) ",
    ],
)
def test_where_an_agency_wrote_is_no_trait(engine: Engine, dateline: str) -> None:
    """Nor when: "BEIRUT, April 12 - At least five..." tells of no twelve."""
    found = of(engine, f"{dateline}Five people were killed in Homs.", title="Shelling")
    assert found.names == (("places", "homs"),)
    assert found.numbers == (5,)


@pytest.mark.parametrize(
    "lines",
    [
        "By our staff\n12 March 2020 - 09:05 PM\n",
        "IDLIB\nThe Associated Press\n",
        "أخبار | ٢٦ يوليو ٢٠١٩\nحمص - حرية برس\n\n",
    ],
)
def test_lines_of_who_wrote_it_are_no_first_sentence(engine: Engine, lines: str) -> None:
    """Short lines that end in no stop stand before it; a text of nothing else is taken as it is."""
    found = of(engine, f"{lines}On Monday jets hit a market in Saraqib. Five people were killed there.", title="Raid")
    assert found.names == (("places", "idlib", "saraqib"),)
    assert [found.days, found.targets, found.deaths] == [("monday",), ("market",), (5,)]
    assert of(engine, "Homs is shelled\nFive dead").names == (("places", "homs"),)


@pytest.mark.parametrize(
    "signed",
    [
        "Friday, 09 December 2016. ",
        "By Staff Reporter, December 16, 2016. ",
        "Reuters. ",
        "رويترز. ",
        "IDLIB. News Desk. ",
        "سمارت - إدلب. ",
        "خاص بالأيام – إياد كورين 24/9/2015. ",
        "مراسل ادلب: جسر. ",
    ],
)
def test_a_sentence_of_who_wrote_it_was_the_first_one(engine: Engine, signed: str) -> None:
    """What was done to whom was taken from it, and so from nothing."""
    found = of(engine, f"{signed}On Monday jets hit a market in Saraqib. Five people were killed there.", title="Raid")
    assert [found.days, found.targets, found.kinds] == [("monday",), ("market",), ("bombardment",)]


def test_a_short_sentence_that_tells_something_is_the_first_one(engine: Engine) -> None:
    """It has more than two words, and none of the marks of a signature."""
    found = of(engine, "A market was hit. On Monday shells fell on a school in Saraqib.", title="Raid")
    assert [found.days, found.targets] == [(), ("market",)]


@pytest.mark.parametrize("text", ["Homs - a city - was shelled, 5 died.", "قتل خمسة في حمص - بينهم طفل."])
def test_a_dash_alone_is_no_dateline(engine: Engine, text: str) -> None:
    """A dateline has a day, a bracket or capital letters."""
    assert of(engine, text).names == (("places", "homs"),)
    assert of(engine, text).numbers == (5,)


def test_names_of_the_title_are_told_apart(engine: Engine) -> None:
    """There stands where it happened; below stand places beside it too."""
    found = of(engine, "Jets hit the town west of Homs.", title="غارة على سراقب")
    assert found.headed == (("places", "idlib", "saraqib"),)


def test_frequent_words_count_in_a_title(engine: Engine) -> None:
    """A hospital and a school, frequent words, tell two raids apart; the joints of a title do not count."""
    hospital, school = (of(engine, "", title=f"Air strike on the {what} in Homs") for what in ("hospital", "school"))
    assert len(hospital.title) == 3
    assert sum(a != b for a, b in zip(hospital.title, school.title, strict=True)) == 1
    assert of(engine, "", title="Air strike near a hospital of Homs").title == hospital.title


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "…", "اقرأ أيضا", "\ud800"])
def test_texts_without_words_have_no_traits(engine: Engine, text: str) -> None:
    """Nothing breaks where there is nothing."""
    assert of(engine, text).names == ()


def test_who_did_it_stood_last_in_the_passive(engine: Engine) -> None:
    """As in the active he stands first, who suffers it behind him."""
    passive, active = (
        of(engine, "", title=title).title for title in ("Guard killed by the rebels", "Rebels guard kill")
    )
    assert passive == active
    assert of(engine, "", title="Guard killed by night").title[0] == of(engine, "", title="Guard").title[0]


def test_where_it_happened_was_one_who_acts() -> None:
    """A state is both: "in Syria" nobody acts."""
    syria = {"id": "syria", "name": "Syria", "type": "state", "names": {"en": ["Syria"], "ar": ["سوريا"]}}
    gazetteer = GazetteerFile.model_validate({"id": "actors", "title": "Actors", "entries": [syria]})
    engine = engine_of({"gazetteer": "actors"}, gazetteers=(gazetteer,))
    titles = ("Syria shells a school", "School shelled in Syria", "سوريا تقصف مدرسة", "قصف مدرسة في سوريا")
    acts, lies, acts_ar, lies_ar = ({word % 4 for word in of(engine, "", title=title).title} for title in titles)
    assert [ACTOR in marks for marks in (acts, lies, acts_ar, lies_ar)] == [True, False, True, False]


@pytest.mark.parametrize(
    ("title", "headed"),
    [
        ("Raid on Saraqib", True),
        ("Raid near Saraqib", False),
        ("Raid west of Saraqib", False),
        ("Raid 25 kilometres from Saraqib", False),
        ("Rockets from Saraqib hit a market", False),
        ("قصف غداة مجزرة سراقب", False),
        ("Raid on Saraqib countryside", False),
        ("غارة على سراقب", True),
        ("غارة في ريف سراقب", False),
        ("غارة قرب سراقب", False),
    ],
)
def test_a_place_beside_which_it_happened_is_named_aside(engine: Engine, title: str, *, headed: bool) -> None:
    """It says where the place lies, unless it is named elsewhere as the place."""
    path = ("places", "idlib", "saraqib")
    found = of(engine, "Nobody was hurt.", title=title)
    assert (path in found.headed, path in found.aside) == (headed, not headed)
    assert of(engine, "Jets hit Saraqib.", title=title).aside == ()


def test_the_sentence_that_first_says_where_it_happened_is_told(engine: Engine) -> None:
    """That a place lies beside it says less, in whichever sentence it stands; 0 is the title."""
    text = "Jets struck near Saraqib. Shells hit Homs. In Saraqib nobody was hurt."
    saraqib = "idlib/saraqib"
    assert of(engine, text, title="Raids in Homs").sites == {"homs": 0, saraqib: 3}
    assert of(engine, text).sites == {saraqib: 3, "homs": 2}
    assert of(engine, "Jets struck near Saraqib.").sites == {saraqib: 1}


def test_what_it_was_bombarded_with_is_told(engine: Engine) -> None:
    """From the air or with guns; a bombardment may be either."""
    assert of(engine, "Warplanes hit a market.").means == of(engine, "غارات على سوق.").means == ("air",)
    assert of(engine, "Artillery hit a market.").means == of(engine, "قذائف على سوق.").means == ("guns",)
    assert of(engine, "Bombardment of a market.").means == ()


def test_titles_count_those_who_fled(engine: Engine) -> None:
    """In a title a number may be large; below it counts a whole war."""
    assert of(engine, "They fled. It costs 700,000.", title="UN: 900,000 displaced").numbers == (900000,)


def test_what_a_title_counts_besides_victims_is_told_apart(engine: Engine) -> None:
    """More victims are found; what else is counted stays. Dates are no counts, and stay among the words."""
    assert of(engine, "They came.", title="20 tanks enter, 3 killed, 5 wounded").counted == (20,)
    assert of(engine, "They came with 20 tanks.", title="Tanks enter").counted == ()
    fifth, sixth = (of(engine, "They met.", title=f"Clashes on February {day}") for day in (5, 6))
    assert fifth.counted == sixth.counted == ()
    assert fifth.title != sixth.title


@pytest.mark.parametrize(
    "text",
    [
        "The strike threatens the lives of 200 patients.",
        "A deal saved the lives of 30 hostages.",
        "Rebels fear for their lives as 300 fighters arrive.",
        "الضربة تهدد بحياة 200 مريض.",
    ],
)
def test_lives_that_were_not_lost_were_counted_as_dead(engine: Engine, text: str) -> None:
    """Only what took them is a toll."""
    assert of(engine, text).deaths == ()
    assert of(engine, "The strike claimed the lives of 200 patients.").deaths == (200,)
    assert of(engine, "أودت الضربة بحياة 200 مريض.").deaths == (200,)


def test_the_headline_of_a_text_without_a_title_was_taken_for_a_byline(engine: Engine) -> None:
    """It is the first line, and says what happened."""
    text = "Russian jets bomb Saraqib, five killed\nThe foreign ministry met envoys in Geneva on the matter, it said."
    assert of(engine, text).deaths == (5,)
