"""Dates in the forms that pages use, those printed in a line, and the day of publication."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pages.invented import HEADLINE, PROSE, read
from tests.espress_build.pipeline.helpers import PROPERTY

from espress_build.inputs.record import precision
from espress_build.pages.dates import DateStyle, Moment, date_in_address, find_dates, read_moment

MACHINES = [
    ("2019-07-23", "2019-07-23", None),
    ("2019-07-23T10:05:00Z", "2019-07-23T10:05:00", "+00:00"),
    ("2019-07-23T10:05:00.123+02:00", "2019-07-23T10:05:00", "+02:00"),
    ("2019-07-23T10:05:00+0200", "2019-07-23T10:05:00", "+02:00"),
    ("2019-07-23 10:05", "2019-07-23T10:05", None),
    ("2019-07-23T10:05-05", "2019-07-23T10:05", "-05:00"),
    ("20190723", "2019-07-23", None),
    ("20190723T100500Z", "2019-07-23T10:05:00", "+00:00"),
    ("Tue, 23 Jul 2019 10:05:00 +0200", "2019-07-23T10:05:00", "+02:00"),
    ("Tue, 23 Jul 2019 10:05:00 GMT", "2019-07-23T10:05:00", "+00:00"),
]
READERS = [
    ("July 23, 2019", "en"),
    ("Published 23rd July 2019, 10:05 am", "en"),
    ("Tue Jul 23 2019 10:05:00 GMT+0200 (CEST)", "en"),
    ("Sept. 3, 2019", "en"),
    ("23. července 2019", "cs"),
    ("23. 7. 2019 10:05", "cs"),
    ("23.07.2019", "de"),
    ("Dienstag, 23. Juli 2019", "de"),
    ("23 juillet 2019 à 10:05", "fr"),
    ("1er août 2019", "fr"),
    ("23 de julio de 2019", "es"),
    ("23 luglio 2019", "it"),
    ("23 de julho de 2019", "pt"),
    ("23 lipca 2019", "pl"),
    ("23 июля 2019 г.", "ru"),
    ("23 липня 2019", "uk"),
    ("2019. július 23.", "hu"),
    ("23 iulie 2019", "ro"),
    ("23 Temmuz 2019", "tr"),
    ("23. heinäkuuta 2019", "fi"),
    ("23 ιουλίου 2019", "el"),
    ("2019年7月23日 10:05", "zh"),
    ("2019년 7월 23일", "ko"),
    ("23 tháng 7, 2019", "vi"),
    ("٢٣ يوليو ٢٠١٩", "ar"),
    ("2019/07/23 10:05", "ja"),
    ("7/23/2019", "en"),
    ("23/07/2019", "en"),
]


@pytest.mark.parametrize(("text", "local", "zone"), MACHINES)
def test_a_date_for_machines_is_read_with_its_zone(text: str, local: str, zone: str | None) -> None:
    assert read_moment(text) == Moment(local, zone)


@pytest.mark.parametrize(("text", "language"), READERS)
def test_a_date_for_readers_is_read_in_their_language(text: str, language: str) -> None:
    moment = read_moment(text, DateStyle(language))
    wanted = {"Sept. 3, 2019": "2019-09-03", "1er août 2019": "2019-08-01"}.get(text, "2019-07-23")
    assert moment is not None
    assert moment.day == wanted


@pytest.mark.parametrize(
    "text", ["© 2019", "July 2019", "2019-02-30", "0001-01-01T00:00:00Z", "31.02.2019", "call 20 30 2019", ""]
)
def test_what_is_no_full_date_is_none(text: str) -> None:
    assert read_moment(text) is None


def test_lone_digits_follow_the_pages_language_and_country_and_own_to_it() -> None:
    american, british = (
        read_moment("07/08/2019", DateStyle("en")),
        read_moment("07/08/2019", DateStyle("en", "x.co.uk")),
    )
    assert american is not None
    assert british is not None
    assert (american.day, american.other, british.day) == ("2019-07-08", "2019-08-07", "2019-08-07")


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://x.org/2019/07/23/spies", "2019-07-23"),
        ("https://x.org/world/2019-07-23/spies.html", "2019-07-23"),
        ("https://x.org/a/20190723_spies", "2019-07-23"),
        ("https://x.org/2019/jul/23/spies", "2019-07-23"),
        ("https://x.org/n1/2019/0723/c90000-1.html", "2019-07-23"),
        ("https://x.org/2019/07/spies", None),
        ("https://x.org/1234567890/spies", None),
        ("https://x.org/spies?d=2019-07-23", None),
    ],
)
def test_an_address_shows_a_full_day_or_none(url: str, day: str | None) -> None:
    found = date_in_address(url)
    assert (found.day if found else None) == day


@given(st.datetimes(datetime.fromisoformat("1995-01-01"), datetime.fromisoformat("2035-01-01")), st.integers(-11, 13))
def test_what_machines_write_comes_back(moment: datetime, hours: int) -> None:
    zoned = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    for text in (zoned.isoformat(), format_datetime(zoned), zoned.strftime("%Y-%m-%d %H:%M:%S %z")):
        read = read_moment(text)
        assert read is not None
        assert (read.local, read.zone) == (zoned.isoformat()[:19], zoned.isoformat()[19:])


@given(st.dates(date(1995, 1, 1), date(2035, 1, 1)))
def test_days_in_words_come_back(day: date) -> None:
    for form in ("%B %d, %Y", "%d %b %Y", "%A, %d %B %Y", "%d.%m.%Y", "%Y/%m/%d"):
        read = read_moment(day.strftime(form), DateStyle("en"))
        assert read is not None
        assert read.day == day.isoformat()


@given(st.text(max_size=500))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_moment(text)
    date_in_address(text)


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
    ("en-us", "05/09/2023 10:00 AM"),
]


@pytest.mark.parametrize(("lang", "line"), LINES)
def test_a_line_under_the_headline_dates_the_page(lang: str, line: str) -> None:
    assert read(f"<h1>{HEADLINE}</h1><div>{line}</div>{PROSE}", lang=lang)["published_date"] == "2023-05-09"


PRINTED = {
    "2019-07-23": "2019-07-23",
    "2019/11/6": "2019-11-06",
    "2019.11.06": "2019-11-06",
    "2019年11月6日": "2019-11-06",
    "2019 年 11 月 6 日": "2019-11-06",
    "26.11.2019": "2019-11-26",
    "3. 4. 2019": "2019-04-03",
    "3.4.2019": "2019-04-03",
    "July 23, 2019": "2019-07-23",
    "JULY 23 2019": "2019-07-23",
    "Nov. 1st, 2019": "2019-11-01",
    "Sept 3, 2019": "2019-09-03",
    "23 July 2019": "2019-07-23",
    "3. května 2019": "2019-05-03",
    "1 září 2019": "2019-09-01",
    "26. listopadu 2019": "2019-11-26",
    "31. PROSINCE 2019": "2019-12-31",
    "2020-02-29": "2020-02-29",
    "2019-07-23T10:00": "2019-07-23T10:00",
    "2019-07-23 10:00:59": "2019-07-23T10:00:59",
    "26.11.2019 13:53:51": "2019-11-26T13:53:51",
    "2019/11/6 9:13:40": "2019-11-06T09:13:40",
    "July 23, 2019, 9:05": "2019-07-23T09:05",
    "2019年11月6日 00:00": "2019-11-06T00:00",
}  # fmt: skip


@pytest.mark.parametrize("printed", PRINTED)
def test_a_date_is_found_in_each_printed_form_with_its_place(printed: str) -> None:
    assert find_dates(f"Updated: {printed} (cet)") == [(9, 9 + len(printed), PRINTED[printed])]


@pytest.mark.parametrize(
    "line",
    [
        "2019-02-30", "2019-13-01", "31.4.2019", "0.1.2019", "2019/0/1", "2019年2月30日", "February 30, 2019",
        "31 June 2019", "2019-02-29", "99.99.2019", "23 July", "July 2019", "2019", "1899-01-01", "12-34-5678",
        "120193-01-01", "2019-01-011", "7/23/2019", "section 3.4.20195", "Mayor 5, 2019", "no date", "",
    ],
)  # fmt: skip
def test_a_day_that_no_calendar_holds_and_what_is_no_full_date_are_left_out(line: str) -> None:
    assert find_dates(line) == []


@pytest.mark.parametrize("clock", ["24:00", "25:10", "29:59", "99:00", "12:60"])
def test_an_impossible_time_is_left_out_and_the_day_is_kept(clock: str) -> None:
    assert [day for _, _, day in find_dates(f"26.11.2019 {clock}")] == ["2019-11-26"]


@pytest.mark.parametrize(
    ("clock", "iso"), [("3:30 pm", "15:30"), ("3:30 p.m.", "15:30"), ("12:05 AM", "00:05"), ("11:05am", "11:05")]
)
def test_a_time_before_or_after_noon_is_right(clock: str, iso: str) -> None:
    assert [day for _, _, day in find_dates(f"July 23, 2019 {clock}")] == [f"2019-07-23T{iso}"]


def test_all_dates_of_a_line_are_found_in_order() -> None:
    line = "Written on 26.11.2019 13:53:51 (updated on 27.11.2019), first 2019-11-25"
    assert [day for _, _, day in find_dates(line)] == ["2019-11-26T13:53:51", "2019-11-27", "2019-11-25"]


@pytest.mark.parametrize(
    "line", ["Auguſt 5, 2019", "Aprıl 5, 2019", "5 AUGUſT 2019", "２０１９-01-01", "2019/11/６ 1９:13", "2019-٠١-٠١"]
)
def test_letters_and_digits_of_other_alphabets_never_crash_and_never_give_what_is_no_date(line: str) -> None:
    assert all(precision(day) is not None for _, _, day in find_dates(line))


NUMBERS = st.integers(0, 99).map(str) | st.sampled_from(["2019", "1999", "2020"])
SCRAPS = NUMBERS | st.sampled_from(
    ["-", "/", ".", ":", " ", ", ", "T", "年", "月", "日", "July", "května", "Sept.", "th", "３", "ſ", "pm"]
)


@PROPERTY
@given(st.lists(SCRAPS, max_size=16).map("".join))
def test_whatever_is_found_is_a_real_date_that_stands_there(line: str) -> None:
    found = find_dates(line)
    for start, end, day in found:
        assert precision(day) in ("day", "minute", "second")
        date.fromisoformat(day[:10])
        assert 0 <= start < end <= len(line)
        assert line[start:end].strip() == line[start:end]
    assert all(first[1] <= second[0] for first, second in pairwise(found))
