"""Author values in the forms that pages write them, down to names alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress_build.pages.authors import is_person, read_names
from espress_build.pages.dom import name_key

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
    ("Martin Luther King, Jr.", ["Martin Luther King Jr."]),
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
]


@pytest.mark.parametrize(("value", "names"), LISTS)
def test_a_list_of_authors_is_read_as_names(value: str, names: list[str]) -> None:
    assert list(read_names([value]).persons) == names


def test_a_name_in_capitals_gives_way_to_its_other_spelling_and_stands_once() -> None:
    assert read_names(["JANE DOE", "Jane Doe", "John Roe"]).persons == ("Jane Doe", "John Roe")


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
