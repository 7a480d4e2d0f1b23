"""Copies in an archive, for pages that are gone and for addresses that must not be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.espress_build.hydrate.conftest import fetched, refused
from tests.espress_build.hydrate.server import article
from tests.web_server import redirect, response

from espress_build.hydrate.responses import Fetched

if TYPE_CHECKING:
    from tests.espress_build.hydrate.conftest import Web
    from tests.espress_build.hydrate.server import PathServer
    from tests.web_server import Request

TAKEN = "Wed, 24 Jul 2019 10:00:00 GMT"
WHEN = "2019-07-23"


@pytest.fixture
def archive(server: PathServer) -> str:
    return server.url("/web/{stamp}id_/{url}", host="archive.example")


def keep(server: PathServer, taken: str = "20190724100000", **headers: object) -> str:
    """Keep a copy of the server's `/story` and lead to it; returns its address."""
    path = f"/web/{taken}id_/{server.url()}"
    server.put(f"/web/20190723120000id_/{server.url()}", redirect(path))
    server.put(path, response(article(), **headers))  # type: ignore[arg-type]
    return server.url(path, host="archive.example")


def gate_requests(server: PathServer) -> list[Request]:
    return [one for one in server.requests if one.host == "archive.example" and one.path != "/robots.txt"]


@pytest.mark.parametrize("status", [404, 410])
def test_the_copy_of_a_missing_page_is_fetched(web: Web, server: PathServer, archive: str, status: int) -> None:
    server.put("/story", response("", status))
    copy = keep(server, Memento_Datetime=TAKEN)
    got = fetched(web, server.url(), archive=archive, around=WHEN)
    assert (got.url, got.archive_url, got.archived_at) == (server.url(), copy, "2019-07-24T10:00:00+00:00")
    assert got.payload == article().encode()
    assert gate_requests(server)[0].headers["accept-datetime"] == "Tue, 23 Jul 2019 12:00:00 GMT"
    assert web.slept, "the archive is asked as slowly as others"


def test_the_copy_of_a_page_on_a_missing_host_is_fetched(web: Web, server: PathServer) -> None:
    server.put("/gate?of=http://gone.invalid/story", response(article(), Memento_Datetime=TAKEN))
    got = fetched(web, "http://gone.invalid/story", archive=server.url("/gate?of={url}"), around="2019-07")
    assert got.archived_at == "2019-07-24T10:00:00+00:00"
    assert server.requests[-1].headers["accept-datetime"] == "Mon, 15 Jul 2019 12:00:00 GMT"


def test_the_archive_is_not_asked_for_a_page_that_exists_or_is_refused(
    web: Web, server: PathServer, archive: str
) -> None:
    keep(server, Memento_Datetime=TAKEN)
    server.put("/there", response(article()))
    server.put("/forbidden", response("", 403))
    assert isinstance(fetched(web, server.url("/there"), archive=archive, around=WHEN), Fetched)
    assert refused(web, server.url("/forbidden"), archive=archive, around=WHEN).reason == "refused"
    assert gate_requests(server) == []


def test_an_address_that_must_not_be_fetched_is_only_fetched_from_the_archive(
    web: Web, server: PathServer, archive: str
) -> None:
    keep(server)
    got = fetched(web, server.url(), archive=archive, around=WHEN, live=False)
    assert got.archived_at == "2019-07-24T10:00:00+00:00", "read from the copy's address"
    assert {one.host for one in server.requests} == {"archive.example"}


@pytest.mark.parametrize("taken", ["20210101000000", "20180101000000"])
def test_copies_of_such_an_address_from_another_time_are_refused(
    web: Web, server: PathServer, archive: str, taken: str
) -> None:
    keep(server, taken)
    assert refused(web, server.url(), archive=archive, around=WHEN, live=False).reason == "do_not_fetch"
    refused(web, server.url(), archive=archive, live=False)
    server.put("/story", response("", 404))
    later = fetched(web, server.url(), archive=archive, around=WHEN)
    assert isinstance(later, Fetched), "a page that is only gone may be taken later"


@pytest.mark.parametrize("answer", [404, 200])
def test_without_a_copy_the_first_reason_is_given(web: Web, server: PathServer, archive: str, answer: int) -> None:
    server.put("/story", response("", 410))
    server.put(f"/web/20190723120000id_/{server.url()}", response("not a copy: it states no date", answer))
    archive = server.url("/web/{url}", host="archive.example") if answer == 200 else archive
    found = refused(web, server.url(), archive=archive, around=WHEN)
    assert (found.reason, found.status, found.again) == ("gone", 410, False)
    assert "archive" in found.detail


def test_a_later_run_may_ask_again_if_the_archive_fails(web: Web, server: PathServer, archive: str) -> None:
    server.put("/story", response("", 404))
    server.put(f"/web/20190723120000id_/{server.url()}", response("", 503))
    found = refused(web, server.url(), archive=archive, around=WHEN)
    assert (found.reason, found.again) == ("not_found", True)


def test_the_robots_txt_of_the_archive_is_obeyed(web: Web, server: PathServer, archive: str) -> None:
    keep(server)
    server.put("archive.example/robots.txt", response("User-agent: *\nDisallow: /web", kind="text/plain"))
    refused(web, server.url(), archive=archive, around=WHEN, live=False)
    assert gate_requests(server) == []


def test_the_archive_is_not_asked_for_what_is_no_address(web: Web, server: PathServer, archive: str) -> None:
    refused(web, "file:///etc/passwd", archive=archive, around=WHEN, live=False)
    assert server.requests == []
