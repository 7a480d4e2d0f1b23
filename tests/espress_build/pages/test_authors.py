"""Names of authors out of the bylines and data of sites in many languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress_build.pages.authors import is_person, read_names
from espress_build.pages.dom import name_key

ORGANISATIONS = frozenset(map(name_key, ("Associated Press", "The Associated Press", "CNN", "dpa", "EFE", "ČTK")))
LISTS = [
    ("By Jane Doe", ["Jane Doe"]),
    ("BY JANE DOE AND JOHN ROE", ["JANE DOE", "JOHN ROE"]),
    ("Jane Doe, John Roe & Ann O'Neill", ["Jane Doe", "John Roe", "Ann O'Neill"]),
    ("Jane Doe, Political Editor", ["Jane Doe"]),
    ("Political correspondent Jane Doe", ["Jane Doe"]),
    ("Jane Doe in Berlin and John Roe in Paris", ["Jane Doe", "John Roe"]),
    ("Jane Doe (Reuters)", ["Jane Doe"]),
    ("Jane Doe | The Daily Example", ["Jane Doe"]),
    ("Jane Doe for The Daily Example", ["Jane Doe"]),
    ("Jane Doe - Daily Example News", ["Jane Doe"]),
    ("jane@example.org (Jane Doe)", ["Jane Doe"]),
    ("Jane Doe https://www.example.org/authors/jane-doe", ["Jane Doe"]),
    ("https://www.facebook.com/janedoe", []),
    ("@janedoe", []),
    ("Staff", []),
    ("Example Staff Writers", []),
    ("Redakce", []),
    ("admin", []),
    ("Jane Doe, PhD", ["Jane Doe"]),
    ("Von Klaus Müller und Anna Schmidt", ["Klaus Müller", "Anna Schmidt"]),
    ("Par Jean Dupont et Marie Curie", ["Jean Dupont", "Marie Curie"]),
    ("Por José Ortega y Gasset", ["José Ortega y Gasset"]),
    ("Por Ana García y Luis Pérez", ["Ana García", "Luis Pérez"]),
    ("Autor: Jan Novák a Petra Svobodová", ["Jan Novák", "Petra Svobodová"]),
    ("Jan Novák; Petra Svobodová", ["Jan Novák", "Petra Svobodová"]),
    ("Автор: Иван Петров и Анна Сидорова", ["Иван Петров", "Анна Сидорова"]),
    ("Ludwig van Beethoven", ["Ludwig van Beethoven"]),
    ("作者：张三", ["张三"]),
    ("记者 王小明 李红", ["王小明", "李红"]),
    ("张 三", ["张三"]),
    ("王小明、李红", ["王小明", "李红"]),
    ("本报记者 王小明", ["王小明"]),
    ("新华社", []),
    ("홍길동 기자", ["홍길동"]),
    ("Jane Read and John Guest", ["Jane Read", "John Guest"]),
    ("Read More", []),
    ("Full Story", []),
    ("By JANE DOE, Associated Press", ["JANE DOE"]),
    ("Text: Jana Muster, Foto: Max Beispiel", ["Jana Muster"]),
    ("Penulis: Budi Santoso | Editor: Sri Wahyuni", ["Budi Santoso"]),
    ("Ein Kommentar von Jana Muster", ["Jana Muster"]),
    ("Eine Analyse von Jana Muster und Max Beispiel", ["Jana Muster", "Max Beispiel"]),
    ("Av Kari Nordmann", ["Kari Nordmann"]),
    ("Tekst: Kari Nordmann", ["Kari Nordmann"]),
    ("Oleh Budi Santoso", ["Budi Santoso"]),
    ("Jane Doe and agencies", ["Jane Doe"]),
    ("Guardian staff and agencies", []),
    ("Reporting by Jane Doe; Editing by John Roe", ["Jane Doe"]),
    ("Story by Jane Doe", ["Jane Doe"]),
    ("Jane Doe, AP Business Writer", ["Jane Doe"]),
    ("Jane Doe, Special to the Post", ["Jane Doe"]),
    ("By Jane Doe Updated May 9, 2023", ["Jane Doe"]),
    ("Jane Doe | Staff Writer", ["Jane Doe"]),
    ("Jane Doe - Reporter", ["Jane Doe"]),
    ("Jana Muster, dpa", ["Jana Muster"]),
    ("dpa/jm", []),
    ("Redaktion beck", []),
    ("Por María Pérez / EFE", ["María Pérez"]),
    ("Agencia EFE", []),
    ("Jane Doe, Chief Political Correspondent, and John Roe", ["Jane Doe", "John Roe"]),
    ("Mª José Ruiz", ["Mª José Ruiz"]),
    ("Jean-Pierre Dupont (à Paris)", ["Jean-Pierre Dupont"]),
    ("Propos recueillis par Marie Curie", ["Marie Curie"]),
    ("Jan Novák, ČTK", ["Jan Novák"]),
    ("Autor: Jan Novák | Foto: Petr Svoboda", ["Jan Novák"]),
    ("Nguyễn Văn An", ["Nguyễn Văn An"]),
    ("Door: Piet de Vries", ["Piet de Vries"]),
    ("Piet de Vries Redacteur Economie", ["Piet de Vries"]),
    ("Автор Иван Петров, корреспондент", ["Иван Петров"]),
    ("Иван ПЕТРОВ", ["Иван ПЕТРОВ"]),
    ("Γιάννης Παπαδόπουλος", ["Γιάννης Παπαδόπουλος"]),
    ("文/王小明", ["王小明"]),
    ("記者王小明／台北報導", ["王小明"]),
    ("〔記者王小明／台北報導〕", ["王小明"]),
    ("中央社記者王小明", ["王小明"]),
    ("김철수 기자", ["김철수"]),
    ("김철수·이영희 기자", ["김철수", "이영희"]),
    ("[서울=뉴시스] 김철수 기자", ["김철수"]),
    ("山田太郎、鈴木花子", ["山田太郎", "鈴木花子"]),
    ("【山田太郎】", ["山田太郎"]),
    ("Мария Иванова, РБК", ["Мария Иванова"]),
    ("Jane Doe; John Roe; The Associated Press", ["Jane Doe", "John Roe"]),
    ("Jane Doe, Harvard University", ["Jane Doe"]),
    ("Analysis by Jane Doe, CNN", ["Jane Doe"]),
    ("Opinion by Jane Doe", ["Jane Doe"]),
    ("Jane Doe in Washington, John Roe in Kyiv", ["Jane Doe", "John Roe"]),
    ("Jane Doe Political editor @jdoe", ["Jane Doe"]),
    ("Jane Doe, Europe correspondent", ["Jane Doe"]),
    ("Jane Doe Education correspondent", ["Jane Doe"]),
    ("Von Jana Muster, Brüssel", ["Jana Muster"]),
    ("Words by Jane Doe; photography by Max Poe", ["Jane Doe"]),
    ("Redacción / Agencias", []),
    ("Da Mario Rossi", ["Mario Rossi"]),
    ("a cura di Mario Rossi", ["Mario Rossi"]),
    ("dal nostro inviato Mario Rossi", ["Mario Rossi"]),
    ("Mario Rossi, nostro inviato", ["Mario Rossi"]),
]


@pytest.mark.parametrize(("value", "names"), LISTS)
def test_names_are_read_without_labels_posts_places_and_agencies(value: str, names: list[str]) -> None:
    assert list(read_names([value], ORGANISATIONS).persons) == names


def test_a_name_is_listed_once() -> None:
    assert read_names(["Jane Doe", "JANE DOE", "John Roe"]).persons == ("Jane Doe", "John Roe")


def test_the_outlets_own_name_is_no_person() -> None:
    assert read_names(["Radio Praha"], frozenset({name_key("Radio Praha")})).persons == ()


name = st.from_regex(r"[A-Z][a-z]{2,8} [A-Z][a-z]{2,9}", fullmatch=True).filter(is_person)


@given(
    st.lists(name, min_size=1, max_size=5, unique_by=name_key),
    st.sampled_from([", ", "; ", " and ", " & ", " / ", " | ", "、"]),
)
def test_names_joined_in_any_usual_way_come_apart_again(names: list[str], joint: str) -> None:
    from espress_build.pages.authors import _LABEL, _ROLES

    plain = [one for one in names if not _LABEL.match(one) and not {*one.casefold().split()} & _ROLES]
    assert list(read_names([joint.join(plain)]).persons) == plain


@given(st.text(max_size=300))
def test_no_value_breaks_the_reader_and_every_name_has_letters(value: str) -> None:
    for person in read_names([value]).persons:
        assert any(map(str.isalpha, person))
