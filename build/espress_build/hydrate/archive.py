"""Copies in a web archive, by RFC 7089: which address to ask, and when a copy was taken."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.hydrate.outcomes import UnfetchedError

if TYPE_CHECKING:
    import httpx

# The Internet Archive's, which gives the page as it came (`id_`) and leads to the copy nearest to `{stamp}`. Any
# TimeGate will do: `{url}` is the page's address, and the moment is sent as `Accept-Datetime`, too.
ARCHIVE = "https://web.archive.org/web/{stamp}id_/{url}"
_BEFORE, _AFTER = timedelta(days=31), timedelta(days=183)
_STAMP = re.compile(r"/(\d{14})[a-z_]*/")


def check_template(archive: str) -> None:
    """Raise InputError unless an archive's address tells where the address of a page goes."""
    if "{url}" not in archive or not archive.startswith(("http://", "https://")):
        raise InputError([f"{archive!r} is no address of an archive: {{url}} must stand in it, as in {ARCHIVE}."])


def moment_of(around: str | None) -> datetime | None:
    """Return noon of a day, or of the middle of a month, in UTC; null for anything else."""
    if around is None:
        return None
    text = f"{around[:7]}-15" if re.fullmatch(r"\d{4}-\d\d", around) else around[:10]
    try:
        return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)
    except ValueError:
        return None


def gate(archive: str, url: str, moment: datetime | None) -> tuple[str, dict[str, str]]:
    """Return what to ask an archive, and with which headers; without a moment it gives its latest copy."""
    stamp = moment.strftime("%Y%m%d%H%M%S") if moment else "2"
    asked = archive.replace("{stamp}", stamp).replace("{url}", url.partition("#")[0])
    return asked, {"Accept-Datetime": format_datetime(moment, usegmt=True)} if moment else {}


def taken_at(url: str, headers: httpx.Headers) -> datetime:
    """Return when a copy was taken, as the archive says: in `Memento-Datetime`, else in the copy's address.

    Raises:
        UnfetchedError: it does not say, so that the answer is no copy (`not_found`).
    """
    try:
        return parsedate_to_datetime(headers["memento-datetime"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        stamp = _STAMP.search(url)
    try:
        if stamp is not None:
            return datetime.strptime(stamp[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise UnfetchedError("not_found", "what the archive gave does not say when it was taken")


def check_near(taken: datetime, moment: datetime) -> None:
    """Pass a copy from about the day of publication: later the address may have become somebody else's.

    Raises:
        UnfetchedError: it is too old or too young (`not_found`).
    """
    if not moment - _BEFORE <= taken <= moment + _AFTER:
        raise UnfetchedError("not_found", f"the nearest copy was taken on {taken.date()}, too far from the day")
