"""One run of the command over everything that servers may do: each page costs itself alone, and says why."""

from __future__ import annotations

import gzip
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.hydrate.judged import SLUG
from tests.espress_build.hydrate.pointing import dataset_of, pointer
from tests.espress_build.hydrate.server import article, cut, dripping, endless, redirect, response, serving
from tests.espress_build.hydrate.test_misbehaving_pages import WALL

import espress
from espress.cli.main import main
from espress_build.hydrate import run
from espress_build.hydrate.responses import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.espress_build.hydrate.server import Behaviour

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
COOKIES = "<title>The Courier</title><p>We use cookies and similar means to show you what suits you, if you agree.</p>"
BEHAVIOURS: dict[str, tuple[str, tuple[Behaviour, ...]]] = {
    "/endless": ("too_large", (endless,)),
    "/drip": ("timed_out", (dripping(HTML + b"\r\n"),)),
    "/loop": ("too_many_redirects", (redirect("/loop"),)),
    "/file": ("bad_address", (redirect("file:///etc/passwd"),)),
    "/bomb": ("broken_coding", (response(gzip.compress(b"\x00" * 50_000_000), Content_Encoding="gzip"),)),
    "/login": ("login_wall", (response(WALL),)),
    "/cookies": ("cookie_wall", (response(COOKIES * 3),)),
    "/soft": ("soft_404", (response("<title>Page not found</title><h1>Page not found</h1><p>Look elsewhere.</p>"),)),
    "/404": ("not_found", (response("", 404),)),
    "/410": ("gone", (response("", 410),)),
    "/403": ("refused", (response("", 403),)),
    "/503": ("server_error", (response("", 503),)),
    "/cut": ("no_connection", (cut(b""),)),
    "/short": ("incomplete", (response(article(), Content_Length=9000),)),
    "/garbage": ("broken_coding", (HTML + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz top\r\n",)),
    "/pdf": ("not_a_page", (response(b"%PDF-1.7 " + b"x" * 999),)),
    "/zip": ("not_a_page", (response(b"PK\x03\x04" + b"\x00" * 999),)),
    "/image": ("not_a_page", (response(b"\x89PNG\r\n\x1a\n\x00" * 99, kind="image/png"),)),
    f"/other{SLUG}": ("another_article", (response(article("Ferry fares rise", day="2022-01-05")),)),
    "/empty": ("empty_page", (response(""),)),
    "/cs" + SLUG: ("", (response(article("Plánovač přístavu zadržen").encode("cp1250"), kind="text/html"),)),
    "/busy" + SLUG: ("", (response("", 429, Retry_After="1"), response(article("Port planner held again")))),
    "/late" + SLUG: ("", (cut(HTML), response(article("Port planner held for once")))),
}
ROBOTS: dict[str, Behaviour] = {
    "robots_forbids": response("User-agent: *\nDisallow: /", kind="text/plain"),
    "robots_unreachable": redirect("/robots.txt"),
}


@pytest.fixture
def table(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Hydrate from a misbehaving server, and return address's path -> reason, or the title of the article."""
    monkeypatch.setattr(run, "Limits", partial(Limits, seconds_total=4, bytes_most=2_000_000, tries=2))
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        for path, (_, behaviours) in BEHAVIOURS.items():
            server.put(path, *behaviours)
        urls = {server.url(path, host="127.0.0.1"): path for path in BEHAVIOURS}
        for reason, rules in ROBOTS.items():
            other = stack.enter_context(serving())
            other.put("/robots.txt", rules)
            urls[other.url("/story", host="127.0.0.1")] = reason
        told = {"language": "en", "published": "2019-07-23", "published_precision": "day"}
        pointers = {url: pointer(url, **told) for url in urls}
        source = dataset_of(project, tmp_path / "dataset", list(pointers.values()))
        given = ["--source", str(source), "--delay", "0", "--allow-private", "--no-archive"]
        assert main(["hydrate", str(tmp_path / "mine"), *given]) == 0
    load: Any = espress.load
    how = {"source": source, "hydrated": tmp_path / "mine", "as_": "arrow"}
    rejects = {row["id"]: row["reason"] for row in load("rejects", **how).to_pylist()}
    titles = {row["url"]: row["title"] for row in load("articles", **how).to_pylist()}
    return {path: rejects.get(pointers[url]["catalogue_id"]) or titles[url] for url, path in urls.items()}


def test_each_page_costs_itself_alone_and_says_why(table: dict[str, str]) -> None:
    wanted = {path: reason for path, (reason, _) in BEHAVIOURS.items() if reason} | {
        reason: reason for reason in ROBOTS
    }
    assert {path: reason for path, reason in table.items() if path in wanted} == wanted
    titles = {path: title for path, title in table.items() if path not in wanted}
    assert titles == {
        "/cs" + SLUG: "Plánovač přístavu zadržen",
        "/busy" + SLUG: "Port planner held again",
        "/late" + SLUG: "Port planner held for once",
    }
