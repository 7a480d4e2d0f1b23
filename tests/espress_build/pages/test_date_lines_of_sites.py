"""Date lines of news sites in the languages of the world, each of the same day."""

from __future__ import annotations

import pytest
from tests.espress_build.pages.invented import HEADLINE, PROSE, read

LINES = [
    ("pt", "Por Maria Silva — São Paulo 09/05/2023 10h00 Atualizado há 2 horas"),
    ("ru", "9 мая 2023, 10:00"),
    ("uk", "9 травня 2023, 10:00"),
    ("pl", "Jan Kowalski 9 maja 2023, 10:00"),
    ("nl", "Door Piet de Vries 09 mei 2023 10:00"),
    ("sv", "Publicerad 9 maj 2023 kl 10.00"),
    ("nb", "Publisert 9. mai 2023, kl. 10:00 Oppdatert 10. mai 2023"),
    ("da", "Af Hans Jensen 9. maj 2023"),
    ("fi", "Julkaistu 9.5.2023 klo 10:00"),
    ("tr", "Giriş Tarihi: 9.5.2023 10:00 Son Güncelleme: 10.5.2023 11:00"),
    ("el", "9 Μαΐου 2023 10:00"),
    ("hu", "2023. május 9., kedd 10:00"),
    ("ro", "9 mai 2023, 10:00 Autor: Ion Popescu"),
    ("bg", "9 май 2023, 10:00"),
    ("sr", "09.05.2023. 10:00"),
    ("hr", "9. svibnja 2023."),
    ("ja", "2023年5月9日 10時00分"),
    ("ko", "입력 2023.05.09 10:00 수정 2023.05.10 11:00"),
    ("vi", "Thứ ba, 9/5/2023, 10:00 (GMT+7)"),
    ("id", "Selasa, 9 Mei 2023 10:00 WIB"),
    ("ar", "الثلاثاء 9 مايو 2023"),
    ("he", "9 במאי 2023, 10:00"),
    ("en", "Tue 9 May 2023 10.00 BST"),
    ("en", "First published on Tue 9 May 2023 10.00 BST"),
    ("en", "May 9, 2023 / 10:00 AM / CBS"),
    ("en", "May 9, 2023 at 10:00 a.m. EDT"),
    ("en", "Published May. 09, 2023, 10:00 a.m. ET Updated May 10, 2023"),
    ("en", "10:00, 9 MAY 2023 Updated 11:00, 10 MAY 2023"),
    ("en", "09 May 2023, 10:00am IST"),
    ("es", "9 may 2023 - 10:00 CEST"),
    ("es", "09/05/2023 a las 10:00h."),
    ("es", "Martes, 9 de mayo de 2023"),
    ("fr", "Publié le 09/05/2023 à 10h00, mis à jour le 10/05/2023 à 11h00"),
    ("fr", "Publié le mardi 9 mai 2023 à 10:00"),
    ("it", "09 Maggio 2023 alle 10:00"),
    ("it", "9 mag 2023"),
    ("de", "Stand: 09.05.2023 10:00 Uhr"),
    ("de", "9. Mai 2023, 10:00 Uhr"),
    ("de", "Aktualisiert am 10.05.2023, Veröffentlicht am 09.05.2023, 10:00 Uhr"),
    ("cs", "9. května 2023 10:00, aktualizováno 10. května 2023"),
    ("cs", "9. 5. 2023 10:00"),
    ("cs", "úterý 9. května 2023"),
    ("zh", "2023-05-09 10:00 来源：港口日报"),
    ("zh", "2023/05/09 10:00"),
    ("ca", "09/05/2023 10:00"),
    ("sk", "9. mája 2023 10:00"),
    ("sl", "9. maj 2023 ob 10:00"),
    ("lt", "2023 m. gegužės 9 d. 10:00"),
    ("lv", "2023. gada 9. maijs, 10:00"),
    ("et", "9. mai 2023, 10:00"),
    ("is", "9. maí 2023"),
    ("ms", "9 Mei 2023"),
    ("fa", "۹ مه ۲۰۲۳"),
    ("ur", "9 مئی 2023"),
    ("hi", "9 मई 2023"),
    ("bn", "৯ মে ২০২৩"),
    ("th", "9 พฤษภาคม 2566"),
    ("en-us", "05/09/2023 10:00 AM"),
]


@pytest.mark.parametrize(("lang", "line"), LINES)
def test_a_line_under_the_headline_dates_the_page(lang: str, line: str) -> None:
    assert read(f"<h1>{HEADLINE}</h1><div>{line}</div>{PROSE}", lang=lang)["published_date"] == "2023-05-09"


def test_the_byline_of_a_dated_line_is_read_too() -> None:
    line = "9 mai 2023, 10:00 Autor: Ion Popescu"
    assert read(f"<h1>{HEADLINE}</h1><div>{line}</div>{PROSE}", lang="ro")["authors"] == ["Ion Popescu"]
