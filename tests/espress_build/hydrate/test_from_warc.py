"""Pages from the user's own WARC files."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.hydrate.site import World, added, entry, expected
from tests.espress_build.pages.archives import record, response

from espress.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "arc-en.html"


@pytest.mark.parametrize("packed", [False, True])
def test_files_are_searched_by_address_and_no_network_is_asked(world: World, tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    # Another form of the address, and records of others around it.
    url, page = f"{world.base}/{NAME}?utm_source=feed", world.site.pages[f"/{NAME}"][2]
    records = [response(), response(page, url=url), response(b"\xff" * 99, url="http://x.example/")]
    file = tmp_path / ("news.warc.gz" if packed else "news.warc")
    file.write_bytes(b"".join(map(gzip.compress, records)) if packed else b"".join(records))
    done = world.hydrate(warc=[file])
    assert (done.articles, done.reasons) == (1, {"not_in_warc": 2})
    assert world.site.asked() == []
    (row,) = added(world.load())
    assert row["text"] == expected(NAME)["text"]
    assert [(one["via"], one["archived_at"]) for one in world.provenance()] == [("warc", "2020-01-01T00:00:00Z")]
    assert world.hydrate().asked == 2, "what no file held is asked for when the network may be asked"


def test_of_several_records_the_nearest_to_the_day_counts(world: World, tmp_path: Path) -> None:
    url, page = f"{world.base}/{NAME}", world.site.pages[f"/{NAME}"][2]
    other = page.replace(b"</p>", b" This was added later.</p>", 1)
    days = {"2021-05-01T00:00:00Z": other, "2020-02-15T06:00:00Z": page, "2020-03-01T00:00:00Z": other, "": other}
    file = tmp_path / "news.warc"
    file.write_bytes(b"".join(response(body, url=url, date=day) for day, body in days.items()))
    world.hydrate(warc=[file])
    (row,) = added(world.load())
    assert row["text"] == expected(NAME)["text"]
    assert [one["archived_at"] for one in world.provenance()] == ["2020-02-15T06:00:00Z"]


def test_faults_of_records_and_files_are_named(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, third = (f"{world.base}/{name}" for name in (*world.ids, "none.html"))
    ids = [entry(url)["catalogue_id"] for url in (one, other, third)]
    file, none = tmp_path / "news.warc", tmp_path / "photo.warc"
    none.write_bytes(b"%PDF-1.7")
    file.write_bytes(
        record("request", b"GET / HTTP/1.1\r\n\r\n", url=third)
        + record("response", b"HTTP/1.1 410 Gone\r\n\r\n", url=other)
        + response(length=10**5, url=one)
    )
    world.hydrate(warc=[file, none])
    assert world.reasons() == dict(zip(ids, ["incomplete", "gone", "not_in_warc"], strict=True))
    assert "photo.warc: no WARC record is in it" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"none.warc is not a file"):
        world.hydrate(warc=[tmp_path / "none.warc"])
