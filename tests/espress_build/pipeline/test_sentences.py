"""Where sentences end, in English, Czech and Chinese, with quotations that span them and marks that mislead."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY

from espress_build.pipeline.sentences import boundaries

# `|` marks where a reader would cut.
ENGLISH = [
    "One thing happened.| Another did not.",
    "Is it true?| It is!| Well.",
    "“It is true.| I saw it,” he said.| She nodded.",
    "“The risk is high.| It will grow.”| The report ends there.",
    '"We knew.| We told them," he said.| "They laughed."| He left.',
    "“He told me ‘no.’| I believed it,” she said.",
    "The U.S. Department of Commerce acted.| The U.S. acted too.",
    "The E.U. and the U.S. agreed on May 16.| On May 17, the U.S. left.",
    "He lives in the U.S.| She does not.",
    "Mr. Smith met Dr. Jones, Mrs. Lee and Prof. Brown.| They talked.",
    "It stood at No. 5 on the list.| Then it fell.",
    "He left at 6 a.m. on Monday.| He came back at 7 p.m.| It was dark.",
    "Lt. Gen. Park of Acme Inc. spoke.| Others, e.g. Gen. Kim, did not.",
    "Wait... what?| He said nothing… and left.",
    "It cost $5.5 million.| That is 3.25 per cent more.",
    "He wrote to a.b@example.org and read www.example.org today.| Nobody answered.",
    "It's the dogs' bone, isn't it?| It's theirs.",
    "He said it was ‘fine’.| It wasn’t.",
    "He called it a “top secret.”| Nobody else did.",
    "He called it “top secret”.| Nobody else did.",
    "“Really?” he asked.| “Really!” she cried.| They laughed.",
    '"Are you a spy?" the officer asked him.| "No."| He was let go.',
    "‘Is it safe?’ they wondered.| It was.",
    "He left (in May).| She stayed (it rained.) at home.",
    "“Unbalanced it begins.| It goes on.| It never ends",
    "And here it closes,” he said.| The end.",
    "He said: “Go home.| Now.”| They went.",
    "“‘Nested,’ he said.| ‘And again.’”| The end.",
    'Police found 59 files identified as "top secret."',
    "A sentence that ends without a mark",
    "One!| Two!!| Three?!| Four.",
    "He asked “Why?” and left.| She stayed.",
    "I met Ms. Smith today.| She left.",
    "It begins at 5 p.m. Monday in Rome.| It ends at 6 p.m. EST.| Come.",
    "On Mon. Jan. 3 he left.| Then he came.",
    "“Stop!” Ann shouted.| He ran.",
    "“Why?” the old Ann Lee asked.| He ran.",
    "“Stop!”| Ann was afraid.| She ran.",
    "He said no.| Nobody asked again.| No. 5 was there.| They sent him to no. 10.| He left.",
    "(He said yes.)| He left.| (She did not.)| They stayed.",
    "He waited…| Then he left.| He came... and went.",
    "Ann Lee, Ph.D., spoke.| So did Jo Ray, Ph.D. of Rome.",
]  # fmt: skip
CZECH = [
    "Zpráva vyšla v úterý.| BIS ji nekomentovala.",
    "Ing. Novák přišel 3. května 2019 do budovy č. 5 v ul. Dlouhá.| Bylo pozdě.",
    "„Riziko je vysoké.| Nelze ho přehlížet,“ řekl mluvčí.| Dr. Malá nesouhlasila.",
    "„To je pravda.“| Potom odešel.",
    "Řekl: „Ano.| Jdu.“| A šel.",
    "Schůzka byla 26. listopadu ve 13.53 hod. v Praze.| Trvala dvě hodiny.",
    "Úřad má např. 20 zaměstnanců, tj. málo.| Další přijdou.",
    "»Ano.«| Potom odešel.",
    "„Opravdu?“ zeptal se.| „Ano.“| Odešel.",
    "„Nikam!“, řekl.| Odešel.",
    "Jan Novák, Ph.D., mluvil.| Přišel i Petr Malý, Ph.D. a mlčel.",
    "Řekl to plk. Novák.| Mjr. Malá mlčela.",
    "Přišli Petr a J. Novák.| Odešli i K. Čapek a M. Malá.",
]  # fmt: skip
CHINESE = [
    "发言人表示抗议。|他没有回答问题。",
    "真的吗？|是的！|好。",
    "他说：“去吧。|我不来！”|她走了。",
    "他走了。|“我们坚决反对。|这是误会！”他说。",
    "他说。|“‘好。’|是真的。”|完。",
    "「你好。」他說。|『真的？』|「是。」",
    '他走了。|"我不来。"她说。',
    "“住手！”安喊道。|他跑了。",
    "“住手！”|他们跑了。",
    "报告共有三章（第二章最长。）第三章没有。|完。",
    "他在2019年11月6日说：“GDP增长了6.1%。”|没有人相信。",
]  # fmt: skip
OTHERS = [
    ("fr", "« Bonjour. »| Il partit.| Il dit : « Non. »| Fin."),
    ("de", "»Hallo.«| Dann ging er am 3. Mai.| »Was?« fragte er."),
    ("ru", "Он сказал.| «Да. |Нет.»| Она ушла."),
    ("fr", "Il a vu M. Dupont.| Il part."),
    ("de", "Im 2. Weltkrieg starb er.| Er war jung."),
    ("pl", "W 2020 r. Polska wygrała.| Byli tam m.in. Jan i Anna.| Potem, w 2021 r. wiosną, nikt."),
    ("ru", "Он получил 5 млн. рублей.| Это шпион, т. е. Агент.| Да."),
    ("hu", "Ez 2020. március 5-én volt.| Igen."),
    ("tr", "Bu 3. kez oldu.| Bu 3. Ordu idi.| Evet."),
    ("ja", "「やめろ！」と彼は叫んだ。|「待て！」アンは叫んだ。|彼は逃げた。"),
    ("xx", "A language that nobody knows.| It is cut all the same."),
]
CASES = [
    *(("en", line) for line in ENGLISH),
    *(("cs", line) for line in CZECH),
    *(("zh-cn", line) for line in CHINESE),
    *OTHERS,
]


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_sentences_end_where_a_reader_would_cut(language: str, marked: str) -> None:
    text = marked.replace("|", "")
    assert [text[start:end] for start, end in boundaries(text, language)] == [
        part.strip() for part in marked.split("|")
    ]


def test_an_unknown_language_is_read_as_english_and_a_region_is_ignored() -> None:
    text = "Mr. Smith met Dr. Jones. They talked."
    assert boundaries(text, None) == boundaries(text, "en")
    text = "他说。他走了。"
    assert boundaries(text, "zh-cn") == boundaries(text, "zh") == boundaries(text, "zh-tw") == [(0, 3), (3, 7)]


MARKS_ALONE = ["", " ", "\n\t", "\u3000\u00a0", "„", '"', "...", "”", "( )", "—", "1", "“”", "? ! ."]


@pytest.mark.parametrize("text", MARKS_ALONE)
def test_marks_alone_are_in_a_sentence_and_white_space_is_in_none(text: str) -> None:
    found = boundaries(text, "en")
    assert "".join(text[start:end] for start, end in found).split() == text.split()
    assert bool(found) == bool(text.strip())


@pytest.mark.parametrize("text", ["It ended. „", "It ended. “", "It ended. «", "它完了。“"])
def test_an_opening_mark_that_nothing_follows_makes_no_unit_of_its_own(text: str) -> None:
    assert len(boundaries(text, "en")) == 1


@pytest.mark.parametrize("language", ["en", "fr", "cs", "es", "ar"])
@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009", "\u3000", "\u2028"])
@pytest.mark.parametrize("word", ["B", "U.S", "CIA", "Mr"])
def test_a_wide_space_before_a_stop_does_not_end_the_process(word: str, space: str, language: str) -> None:
    """The library panics on it, which no `except Exception` catches; French sets such a space before every `?`."""
    for mark in ".?!":
        text = f"It is {word}{space}{mark} It goes on."
        assert boundaries(text, language)[-1][1] == len(text)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u3000", "\t", "  "])
def test_sentences_are_cut_whatever_space_stands_between_them(space: str) -> None:
    text = f"One happened.{space}Two did not.{space}Three?"
    assert [text[start:end] for start, end in boundaries(text, "en")] == ["One happened.", "Two did not.", "Three?"]


def test_offsets_count_code_points_and_not_bytes_or_surrogates() -> None:
    text = "\U0001d49c\U0001f600 ran. \U0001f600 Čtk \u4e2d stood. E\u0301te\u0301 came."
    cut = [text[start:end] for start, end in boundaries(text, "en")]
    assert cut == ["\U0001d49c\U0001f600 ran.", "\U0001f600 Čtk \u4e2d stood.", "E\u0301te\u0301 came."]


# Marks, abbreviations and scripts in any mixture, so that hidden marks meet boundaries everywhere.
WORDS = [
    "Mr.", "U.S.", "He", "said", "no.", "Why?", "yes!", "č.", "去吧。", "好", "5.",
    "...", "…", ".", "?", "。", "！", "́", "😀", "a", "B",
]  # fmt: skip
MARKS = "\"“”„‟«»‹›「」『』﹁﹂﹃﹄〝〞'’‘()[]（）【】"
BITS = st.sampled_from([*WORDS, *MARKS, *"   \u00a0\u3000\n\u2028\t"])
MANY = settings(PROPERTY, max_examples=400)
TEXTS = st.lists(BITS, max_size=24).map("".join) | st.text(max_size=40)


@MANY
@given(TEXTS, st.sampled_from(["en", "cs", "zh-cn", "de", "fr", "ja", "ar", None]))
def test_sentences_never_overlap_and_hold_every_character_that_is_no_white_space(
    text: str, language: str | None
) -> None:
    spans = boundaries(text, language)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] for start, end in spans)
    between = [text[end:start] for (_, end), (start, _) in pairwise([(0, 0), *spans, (len(text), 0)])]
    assert not "".join(between).strip()


@MANY
@given(TEXTS)
def test_no_unit_holds_marks_alone_unless_the_text_does(text: str) -> None:
    marks_alone = re.compile('[\\s"“”„‟«»‹›「」『』﹁﹂﹃﹄〝〞]*')
    units = [text[start:end] for start, end in boundaries(text, "en")]
    assert len(units) <= 1 or not any(marks_alone.fullmatch(unit) for unit in units)


def test_a_paragraph_of_a_mebibyte_is_cut_without_quadratic_work() -> None:
    """The limit of params.toml: with work that grows with the square, this would take hours."""
    text = '“A sentence of some words.” And "another one."Then «one more.» ' * 16_000
    assert len(boundaries(text, "en")) == 3 * 16_000


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("He left.” Then she came.", "en", ["He left.”", "Then she came."]),  # its opening mark is missing
        ("？你好。再见。", "zh", ["？", "你好。", "再见。"]),
        ("? Bye.", "en", ["?", "Bye."]),
        (" Hello there. Bye now.", "en", ["Hello there.", "Bye now."]),
        ("“ Hello. Bye.", "en", ["“ Hello.", "Bye."]),
    ],
)
def test_stray_marks_stay_with_the_sentence_before_them(text: str, language: str, units: list[str]) -> None:
    assert [text[start:end] for start, end in boundaries(text, language)] == units


@pytest.mark.parametrize(
    ("text", "language", "n_units"),
    [
        ("Řekl to J. Novák včera.", "cs", 1),
        ("W 2020 r. Polska wygrała.", "pl", 1),
        ("Mon. Jan. 3 was cold. It rained.", "en", 2),
    ],
)
def test_rules_of_a_language_hold_in_that_language(text: str, language: str, n_units: int) -> None:
    assert len(boundaries(text, language)) == n_units
