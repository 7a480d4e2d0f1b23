"""Copies of pages in a web archive, by RFC 7089 (Memento): how to ask for one, and when it was taken."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.hydrate.responses import Refused

if TYPE_CHECKING:
    import httpx

# The Internet Archive redirects to the copy nearest to `{stamp}`, and `id_` gives the page unchanged. Any TimeGate
# works: `{url}` is the page's address, and the moment is also sent as `Accept-Datetime`.
ARCHIVE = "https://web.archive.org/web/{stamp}id_/{url}"
_BEFORE, _AFTER = timedelta(days=31), timedelta(days=183)
_STAMP = re.compile(r"/(\d{14})[a-z_]*/")


def check_template(archive: str) -> None:
    """Raise InputError unless the template of an archive is a web address with a place for the page's address."""
    if "{url}" not in archive or not archive.startswith(("http://", "https://")):
        raise InputError([f"{archive!r} is not the address of an archive: it must contain {{url}}, as in {ARCHIVE}."])


def parse_moment(around: str | None) -> datetime | None:
    """Return noon (UTC) of a day, or of the middle of a month; None for anything else."""
    if around is None:
        return None
    text = f"{around[:7]}-15" if re.fullmatch(r"\d{4}-\d\d", around) else around[:10]
    try:
        return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)
    except ValueError:
        return None


def copy_request(archive: str, url: str, moment: datetime | None) -> tuple[str, dict[str, str]]:
    """Return the address and the headers that ask an archive for a copy; without a moment, for its latest."""
    stamp = moment.strftime("%Y%m%d%H%M%S") if moment else "2"
    address = archive.replace("{stamp}", stamp).replace("{url}", url.partition("#")[0])
    return address, {"Accept-Datetime": format_datetime(moment, usegmt=True)} if moment else {}


def parse_taken(url: str, headers: httpx.Headers) -> datetime:
    """Return when a copy was taken: by `Memento-Datetime`, else by the copy's address.

    Raises:
        Refused: neither states it, so the response is not a copy (`not_found`).
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
    raise Refused("not_found", "the archive does not state when its copy was taken")


def check_near(taken: datetime, moment: datetime) -> None:
    """Raise Refused (`not_found`) unless a copy is from about that day: later, others may own the address."""
    if not moment - _BEFORE <= taken <= moment + _AFTER:
        raise Refused("not_found", f"the nearest copy was taken on {taken.date()}, too far from the day")
