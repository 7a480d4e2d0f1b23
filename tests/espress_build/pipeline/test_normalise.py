"""Stated facts become columns with their basis, what is not stated stays null, and each text has its language."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PARAMS, PROPERTY, Corpus, run_up_to, span

from espress.schema import schema
from espress_build.pipeline.language import detect


def build(corpus: Corpus, *arguments: Any, **facts: Any) -> dict[str, Any]:
    """Build one article of these facts; return its row."""
    corpus.add(*arguments, **facts)
    tables = run_up_to("segment", corpus.tables())
    assert tables["rejects"].num_rows == 0
    (row,) = tables["articles"].to_pylist()
    return dict(row)


def mark_lines(*lines: tuple[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """Return a source whose lines have one role each, and its spans."""
    spans = [span(at, 0, len(text), role) for at, (text, role) in enumerate(lines, 1)]
    return "\n".join(text for text, _ in lines), spans


def state(published: str, zone: str | None = "-05:00") -> dict[str, Any]:
    """Return the facts about a date of publication."""
    return {"day": published[:10] if len(published) >= 10 else "", "published": published, "published_zone": zone}


PARTS = ("published", "published_precision", "published_date", "published_at")
LEAP = date(2020, 2, 29)
TWO_TITLES = (("A long", "title"), ("headline", "title"), ("First.", "standfirst"), ("Second.", "standfirst"))
TYPOGRAPHY = "\u201cIt\u2019s \u2018so\u2019,\u201d she said \u2014\u2026 \u00ab\u00a0Oui\u00a0\u00bb \ufb01ve \u00bd"
DECOMPOSED = "Prague, Za\u0301r\u030ci\u0301 3 \u2013"
AT = len(DECOMPOSED)
PLACED = [span(1, 0, 10, "title"), span(3, 0, AT, "dateline"), span(3, AT + 1, AT + 22, "body")]
COMPOSED = "Prague, Z\u00e1\u0159\u00ed 3 \u2013"
FACTS = {
    "section": "News; World", "event_country": "NZ", "url": "https://mirror.example/1?a=b", "url_kind": "copy",
    "rights_tier": "hydrate", "rights_basis": "quotation", "event_ids": ["trial-2021", "case-2020"],
}  # fmt: skip
NAMES = {"outlet": "The Herald", "outlet_country": "NZ", "agency": "Wire Service", "republisher": "Mirror Site"}
COLUMNS: list[tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]] = [
    *(
        ((), state(row[0]), dict(zip(PARTS, row, strict=True)))
        for row in [
            ("2020", "year", None, None),
            ("2020-02", "month", None, None),
            ("2020-02-29", "day", LEAP, None),
            ("2020-02-29T23:30", "minute", LEAP, None),
            ("2020-02-29T23:30:05", "second", LEAP, datetime(2020, 3, 1, 4, 30, 5, tzinfo=UTC)),
        ]
    ),
    (  # no instant without a zone
        (),
        state("2020-01-02T10:00:00", zone=None),
        {"published_at": None, "published_zone": None, "published_date": date(2020, 1, 2)},
    ),
    (  # the day is the outlet's and not that of UTC
        (),
        state("2020-01-02T00:30:00", "+13:00"),
        {"published_date": date(2020, 1, 2), "published_at": datetime(2020, 1, 1, 11, 30, tzinfo=UTC)},
    ),
    (
        (),
        FACTS | {"agency_id": "wire", "republisher_id": "mirror-site", "updated": "2020-01-03"},
        FACTS | NAMES | {"updated_date": date(2020, 1, 3)},
    ),
    (
        (),
        {"authors": ["Jan Dvor\u030ca\u0301k"], "section": "Dom\u00e1ci\u0301"},
        {"authors": ["Jan Dvo\u0159\u00e1k"], "section": "Dom\u00e1c\u00ed"},  # in NFC, as the text is
    ),
    ((f"A headline\n\n{TYPOGRAPHY}\n",), {}, {"text": TYPOGRAPHY}),
    (
        (f"A headline\n\n{DECOMPOSED} It rained. It poured.\n", PLACED),
        {},
        {"dateline": COMPOSED, "text": f"{COMPOSED} It rained. It poured."},
    ),
    (
        mark_lines(*TWO_TITLES, ("Body.", "body")),
        {},
        {"title": "A long headline", "standfirst": "First.\n\nSecond.", "text": "Body."},
    ),
]


@pytest.mark.parametrize(("source", "facts", "expected"), COLUMNS)
def test_facts_and_text_become_columns(
    source: tuple[Any, ...], facts: dict[str, Any], expected: dict[str, Any], corpus: Corpus
) -> None:
    row = build(corpus, *source, **facts)
    assert {name: row[name] for name in expected} == expected


def test_no_authors_and_unknown_authors_are_told_apart(corpus: Corpus) -> None:
    corpus.add(day="2020-01-01", authors=[])
    corpus.add(day="2020-01-02")
    unknown = corpus.add(day="2020-01-03", authors=["A"])
    corpus.edit(unknown, 'value = ["A"]\nbasis = "text"\nconfidence = "high"', 'basis = "unknown"\nnote = "not shown"')
    corpus.add(day="2020-01-04", authors=["A. Writer", "B. Writer"])
    rows = run_up_to("normalise", corpus.tables())["articles"].to_pylist()
    assert [row["authors"] for row in rows] == [[], None, None, ["A. Writer", "B. Writer"]]
    assert {"field": "authors", "basis": "unknown", "confidence": None, "note": "not shown"} in rows[2]["basis"]


def test_what_is_not_stated_is_null(corpus: Corpus) -> None:
    row = build(corpus, outlet="tribune", day="", published=None)
    absent = (
        "outlet_country agency republisher section published published_precision published_date published_at "
        "published_zone updated_date event_country url url_kind rights_basis dateline standfirst"
    )
    labels = [column.name for column in schema().table("articles").columns if column.labels]
    assert labels
    for name in [*absent.split(), *labels]:  # labels come with a later stage
        assert row[name] is None, name
    assert row["article_id"].startswith("tribune-undated-")


def test_every_basis_entry_speaks_of_a_column(corpus: Corpus) -> None:
    source = "A headline\n\nAuckland – It rained. It poured.\n"
    spans = [span(1, 0, 10, "title"), span(3, 0, 10, "dateline"), span(3, 11, 32, "body")]
    row = build(
        corpus, source, spans, agency_id="wire", republisher_id="mirror-site", updated="2020-01-03", authors=["A"]
    )
    named = [entry["field"] for entry in row["basis"]]
    assert set(named) <= {column.name for column in schema().table("articles").columns}
    assert named == sorted(named)
    assert len(set(named)) == len(named)
    assert {"agency", "republisher", "updated_date", "dateline", "outlet_country"} <= set(named)
    assert {"field": "dateline", "basis": "text", "confidence": "high", "note": None} in row["basis"]


def test_hashes_and_counts_are_those_of_text_and_source(corpus: Corpus) -> None:
    source = "\ufeffA headline\r\n\r\nIt rained in e\u0301te\u0301.\r\n\r\nThen it's over.\r\n"
    row = build(corpus, source)
    assert row["raw_sha256"] == hashlib.sha256(source.encode()).hexdigest()
    assert row["text"] == "It rained in \u00e9t\u00e9.\n\nThen it's over."
    assert row["text_sha256"] == hashlib.sha256(row["text"].encode()).hexdigest()
    assert (row["n_paragraphs"], row["n_words"], row["n_sentences"]) == (2, 7, 3)
    assert (row["source_bytes"], row["kept_bytes"]) == (
        len(source.encode()),
        len("A headlineIt rained in e\u0301te\u0301.Then it's over.".encode()),
    )


SAMPLES = {
    "en": "The spokesman said that the report was wrong and that nobody had asked the company.",
    "cs": "Mluvčí uvedl, že zpráva je chybná a že se společnosti nikdo neptal na její názor.",
    "zh-cn": "发言人表示，这份报告是错误的，没有人向该公司提出过任何问题，也没有人听取过意见。",
    "de": "Der Sprecher sagte, der Bericht sei falsch und niemand habe das Unternehmen gefragt.",
    "ru": "Представитель заявил, что отчёт ошибочен и что никто не спрашивал мнения компании.",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_a_text_of_one_language_is_told_and_both_detectors_agree(language: str) -> None:
    found = detect(SAMPLES[language], PARAMS.language)
    assert found.language == language
    assert found.second == language.split("-", maxsplit=1)[0]
    assert found.agreement is True
    assert found.probability is not None
    assert 0.8 < found.probability <= 1
    assert found.reason is None


GOTHIC = "\U00010330\U00010331\U00010332" * 20  # letters that the detector has never seen


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("老石橋經過兩年維修後重新開放，鎮政府發布公告稱橋面已可通行各類車輛。星期一上午，橫跨河流。", "zh-tw"),
        ("老石桥经过两年维修后重新开放，镇政府发布公告称桥面已可通行各类车辆。星期一上午，横跨河流。", "zh-cn"),
        ("古い石橋が二年間の修理を経て再び開通し、町役場は車両の通行が可能になったと発表した。", "ja"),
    ],
)
def test_a_text_in_chinese_characters_alone_is_chinese(text: str, language: str) -> None:
    """The library takes short texts in traditional characters for Korean."""
    assert detect(text, PARAMS.language).language == language


ZULU = (
    "Amaphoyisa aseGoli abophe abasolwa abathathu ngemuva kokuthola izidakamizwa ezibiza izigidi zamarandi endlini. "
    "Okhulumela amaphoyisa uthe abasolwa bazovela enkantolo maduze ukuze babhekane namacala abo."
)
XHOSA = (
    "Amapolisa aseBhayi abambe abarhanelwa abathathu emva kokufumana iziyobisi ezixabisa izigidi zeerandi kwindlu. "
    "Isithethi samapolisa sithi abarhanelwa baza kuvela enkundleni kungekudala ukuze bajongane namatyala abo."
)
GREENLANDIC = (
    "Naalakkersuisut siulittaasuat ullumikkut oqaluuserisassanik saqqummiussivoq Inatsisartut ataatsimiinneranni. "
    "Politiit nalunaarput angut tigusarineqarsimasoq Nuummi unnuaq kingulleq."
)
SWAHILI = (
    "Polisi jijini Nairobi wamewakamata washukiwa watatu baada ya kupata dawa za kulevya katika nyumba moja. "
    "Msemaji wa polisi alisema kwamba washukiwa hao watafikishwa mahakamani hivi karibuni."
)
SERBIAN = "Policija u Beogradu uhapsila je tri osobe nakon što je pronašla drogu u kući. Portparol je rekao sve."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ka", "პოლიციამ თბილისში სამი პირი დააკავა მას შემდეგ, რაც სახლში ნარკოტიკები აღმოაჩინეს."),
        ("hy", "Ոստիկանությունը Երևանում ձերբակալել է երեք կասկածյալի, հայտնում է մամուլի խոսնակը:"),
        ("my", "ရန်ကုန်မြို့တွင် ရဲတပ်ဖွဲ့က သံသယရှိသူ သုံးဦးကို ဖမ်းဆီးခဲ့သည်။ ရဲတပ်ဖွဲ့က ပြောသည်။"),
        ("km", "ប៉ូលីសនៅភ្នំពេញបានចាប់ខ្លួនជនសង្ស័យបីនាក់ បន្ទាប់ពីរកឃើញគ្រឿងញៀននៅក្នុងផ្ទះមួយ។"),
        ("am", "ፖሊስ በአዲስ አበባ ሦስት ተጠርጣሪዎችን በቁጥጥር ስር አዋለ ሲል ቃል አቀባዩ ተናግሯል።"),
    ],
)
def test_a_script_that_langdetect_has_no_profile_of(language: str, text: str) -> None:
    found = detect(text, PARAMS.language)
    assert (found.language, found.probability, found.second, found.agreement) == (language, None, language, True)


@pytest.mark.parametrize(
    ("text", "declared", "language", "holds"),
    [
        (ZULU, "zu", "zu", "declared"),
        (XHOSA, "xh", "xh", "declared"),
        (GREENLANDIC, "kl", "kl", "declared"),  # neither detector knows it
        (SERBIAN, "sr", "sr", "declared"),  # the second detector finds Croatian slightly more likely
        (SWAHILI, "sw", "sw", "detected"),  # langdetect knows it
        (SWAHILI, None, "sw", "detected"),
        (SAMPLES["en"], "zu", "en", "detected"),  # the second detector knows isiZulu and finds 38 languages more likely
        (SAMPLES["cs"], "en", "cs", "detected"),  # a template that is wrong
    ],
)
def test_a_declared_language_holds_where_langdetect_cannot_know_it(
    text: str, declared: str | None, language: str, holds: str, corpus: Corpus
) -> None:
    row = build(corpus, f"{text[:40].strip()}\n\n{text}\n", language=declared)
    assert (row["language"], row["language_declared"]) == (language, declared)
    assert (row["language_probability"] is None) == (holds == "declared")
    assert row["language_agreement"] == (row["language"] == row["language_second"])
    stated = {entry["field"] for entry in row["basis"]} & {"language", "language_declared"}
    assert stated == ({"language_declared"} if declared else set()) | ({"language"} if holds == "declared" else set())


SHORT = ["", "Hello", "1234 5678 !? " * 9, "a" * (PARAMS.language.minimum_letters - 1)]


@pytest.mark.parametrize(
    ("text", "reason"), [*((text, "too_little_text") for text in SHORT), (GOTHIC, "no_language_found")]
)
def test_a_text_without_a_language_gives_null_with_a_reason(text: str, reason: str) -> None:
    found = detect(text, PARAMS.language)
    assert (found.language, found.probability, found.reason) == (None, None, reason)
    assert reason != "too_little_text" or (found.second, found.agreement) == (None, None)


def test_only_the_prefix_that_params_states_counts() -> None:
    size = PARAMS.language.prefix_characters
    start = (SAMPLES["en"] * 20)[:size]
    assert detect(start, PARAMS.language) == detect(start + SAMPLES["cs"] * 50, PARAMS.language)


def test_a_disagreement_is_flagged_and_not_hidden() -> None:
    found = [
        detect(text, PARAMS.language) for text in (SAMPLES["cs"][:30] + SAMPLES["en"][:30], "tonto " * 8, "ano ne " * 8)
    ]
    assert any(one.agreement is False for one in found)
    for one in found:
        assert one.agreement == (one.language is not None and one.language.split("-")[0] == one.second)


def test_the_answer_does_not_hang_on_what_was_asked_before() -> None:
    """Langdetect draws at random, from a seed that it keeps for the whole process."""
    text = "ano ne tak tam nie tu som doma dnes"
    first = detect(text, PARAMS.language)
    with_other_seeds = []
    for seed in (1, 2, 3):
        with_other_seeds.append(detect(text, replace(PARAMS.language, seed=seed)))
        assert detect(text, PARAMS.language) == first
    assert any(found != first for found in with_other_seeds), "the text is too clear to show anything"


WORDS = " ".join(SAMPLES.values()).split()


@settings(PROPERTY, max_examples=60)
@given(text=st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_any_text_gives_a_reason_or_the_language_of_langdetect_and_always_the_same(text: str) -> None:
    from langdetect import DetectorFactory, detect_langs

    found = detect(text, PARAMS.language)
    assert detect(text, PARAMS.language) == found
    assert (found.language is None) == (found.reason is not None)
    if found.language is None:
        assert found.reason in schema().vocabularies["language_reason"]
        return
    DetectorFactory.seed = PARAMS.language.seed
    best = detect_langs(text[: PARAMS.language.prefix_characters])[0]
    assert found.language == best.lang
    assert found.probability == pytest.approx(best.prob, abs=2e-6)
    assert found.probability is not None
    assert 0 < found.probability <= 1
