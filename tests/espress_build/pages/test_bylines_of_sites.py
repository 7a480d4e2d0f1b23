"""Author values in the forms that news sites of many languages give them, down to names alone."""

from __future__ import annotations

import pytest

from espress_build.pages.authors import read_names
from espress_build.pages.dom import name_key

HOUSES = frozenset(map(name_key, ("Associated Press", "The Associated Press", "CNN", "dpa", "EFE", "ČTK")))
FORMS = [
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


@pytest.mark.parametrize(("value", "names"), FORMS)
def test_names_come_out_of_labels_posts_places_and_agencies(value: str, names: list[str]) -> None:
    assert list(read_names([value], HOUSES).persons) == names
