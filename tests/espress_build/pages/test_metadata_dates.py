"""Dates in the forms that pages write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress_build.pages.dates import Manner, Moment, date_in_address, read_moment

MACHINES = [
    ("2019-07-23", "2019-07-23", None),
    ("2019-07-23T10:05:00Z", "2019-07-23T10:05:00", "+00:00"),
    ("2019-07-23T10:05:00.123+02:00", "2019-07-23T10:05:00", "+02:00"),
    ("2019-07-23T10:05:00+0200", "2019-07-23T10:05:00", "+02:00"),
    ("2019-07-23 10:05", "2019-07-23T10:05", None),
    ("2019-07-23T10:05-05", "2019-07-23T10:05", "-05:00"),
    ("20190723", "2019-07-23", None),
    ("20190723T100500Z", "2019-07-23T10:05:00", "+00:00"),
    ("1563876300", "2019-07-23T10:05:00", "+00:00"),
    ("1563876300000", "2019-07-23T10:05:00", "+00:00"),
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
    moment = read_moment(text, Manner(language))
    wanted = {"Sept. 3, 2019": "2019-09-03", "1er août 2019": "2019-08-01"}.get(text, "2019-07-23")
    assert moment is not None
    assert moment.day == wanted


@pytest.mark.parametrize(
    "text", ["© 2019", "July 2019", "2019-02-30", "0001-01-01T00:00:00Z", "31.02.2019", "call 20 30 2019", ""]
)
def test_what_is_no_full_date_is_none(text: str) -> None:
    assert read_moment(text) is None


def test_lone_digits_follow_the_pages_language_and_country_and_own_to_it() -> None:
    american, british = read_moment("07/08/2019", Manner("en")), read_moment("07/08/2019", Manner("en", "x.co.uk"))
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
        read = read_moment(day.strftime(form), Manner("en"))
        assert read is not None
        assert read.day == day.isoformat()


@given(st.text(max_size=500))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_moment(text)
    date_in_address(text)
