"""Word lists: what matches, what a faulty file says, and that the project's own file covers the catalogue."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal

import pytest

import espress
from espress.errors import InputError
from espress_build.collect.topic import Rule, Topic, read_topic
from espress_build.pages.page_fact import Found
from espress_build.pages.propose import PageProposal
from espress_build.pages.prose import Paragraph
from espress_build.pages.read import Page

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = {
    "en": "A court in London jailed a man for spying for China.",
    "cs": "Soud poslal do vězení muže, který špehoval pro Čínu jako špion.",
    "de": "Ein Gericht verurteilte einen Spion, der für China arbeitete.",
    "fr": "Un tribunal a condamné un espion au service de la Chine.",
    "zh": "法院判处一名为中国工作的间谍入狱。",
    "pl": "Sąd skazał mężczyznę za szpiegostwo na rzecz Chin.",
    "es": "Un tribunal condenó a un hombre por espionaje a favor de China.",
    "nl": "De rechter veroordeelde een man wegens spionage voor China.",
    "it": "Il tribunale ha condannato un uomo per spionaggio a favore della Cina.",
    "ru": "Суд приговорил мужчину за шпионаж в пользу Китая.",
    "ar": "حكمت المحكمة على رجل بتهمة التجسس لصالح الصين",
    "pt": "O tribunal condenou um homem por espionagem a favor da China.",
    "hu": "A bíróság elítélt egy férfit, aki Kínának kémkedett.",
    "el": "Το δικαστήριο καταδίκασε έναν άνδρα για κατασκοπεία υπέρ της Κίνας.",
    "sk": "Súd odsúdil muža za špionáž v prospech Číny.",
    "no": "Retten dømte en mann for spionasje for Kina.",
    "ro": "Instanța a condamnat un bărbat pentru spionaj în favoarea Chinei.",
    "da": "Retten dømte en mand for spionage for Kina.",
}


def _propose(title: str, body: str) -> PageProposal:
    return PageProposal("x", {"title": Found(title, "text", "h1")}, (Paragraph(body, "body"),))


def test_own_topic_covers_every_language_of_the_catalogue() -> None:
    rules = {rule.language for rule in read_topic("espionage").rules}
    assert rules == set(espress.load("catalogue", as_="arrow")["language"].to_pylist()) == set(SENTENCES)


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_report_on_espionage_is_found_in_its_language(language: str, form: Literal["NFC", "NFD"]) -> None:
    text = unicodedata.normalize(form, SENTENCES[language])
    topic = read_topic("espionage")
    assert next(rule for rule in topic.rules if rule.language == language).matches(
        unicodedata.normalize("NFC", text.casefold())
    )
    assert topic.find_language(_propose("", text)) is not None
    assert topic.may_match(Page("x", "text", b"", None, text, "utf-8"))


def test_words_are_whole_unless_a_star_says_otherwise() -> None:
    topic = Topic("", 100, (Rule("en", (("china", "prc"),), (("spy",), ("agent*",)), (("spy novel",),), 1),))
    found = {text: topic.find_language(_propose(text, "")) for text in (
        "China's spy", "Chinaware spy", "PRC AGENTS", "China spyware", "China: a spy\nnovel", "spy",
    )}  # fmt: skip
    assert [text for text, language in found.items() if language] == ["China's spy", "PRC AGENTS"]


def test_only_title_and_opening_count() -> None:
    topic = Topic("", 20, (Rule("en", (), (("spy",),), (), 1),))
    assert topic.find_language(_propose("", "word " * 10 + "spy")) is None
    assert topic.find_language(_propose("A spy", "word " * 10)) == "en"


def test_faults_of_a_topic_file_are_all_listed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'colour = 1\n[languages.en]\nrequire = []\nany = ["spy", " | "]\nminimum = 3\nall = ["x"]\n'
        "[languages.english]\n[languages.de]\nany = 3\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_topic(path)
    said = "\n".join(caught.value.problems)
    parts = ("'colour'", "require is an empty list", "' | ' holds no letter", "minimum must be", "'all'", "code of ISO")
    for part in (*parts, "list of strings", "keeps every page"):
        assert part in said


@pytest.mark.parametrize("text", ["", "[languages]\n"])
def test_topic_without_language_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no language"):
        read_topic(tmp_path / "mine.toml")


def test_missing_topic_file_is_named() -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        read_topic("nowhere.toml")
