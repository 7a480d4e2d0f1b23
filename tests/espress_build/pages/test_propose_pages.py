"""`espress-build propose`: a line for each input, in order, whatever the inputs are, and nothing else is written."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.pages.archives import mhtml, record, response

from espress_build.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

BODY = (
    "Officers arrested an engineer on Monday who is said to have copied the secrets of his firm.",
    "The engineer denies the case &amp; his firm <b>declined</b> to comment on the secrets or on the arrest.",
    "A court will hear the case in the spring, a spokeswoman of the prosecutors said on Tuesday morning.",
)
PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Officers arrest engineer in secrets case | The Herald</title>
<meta property="og:site_name" content="The Herald">
<meta property="article:published_time" content="2020-03-02T10:00:00+01:00"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Officers arrest engineer in secrets case</h1>
{"".join(f"<p>{part}</p>" for part in BODY)}</article><footer>All rights reserved</footer></body></html>""".encode()
TEXT = b"""The Herald

Officers arrest engineer in secrets case

By Ann Lee
2 March 2020

Officers arrested an engineer on Monday who is said to have copied the secrets of his firm.

The engineer denies the case, and his firm declined to comment on secrets or arrest.
"""
_KEYS = {
    "source", "title", "standfirst", "authors", "published", "published_date", "outlet", "outlet_id", "language",
    "url", "text", "basis",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of inputs, sound and not."""
    home = tmp_path_factory.mktemp("pages")
    inputs = {
        "a.html": PAGE,
        "b.mhtml": mhtml(PAGE),
        "c.warc.gz": gzip.compress(response(PAGE)) + gzip.compress(record("revisit", b"HTTP/1.1 200 OK\r\n\r\n")),
        "d.txt": TEXT,
        "e.html": b"%PDF-1.7 named as a page",
        "f.zip": b"PK\x03\x04rest",
        "g.html": PAGE,
    }
    for name, content in inputs.items():
        (home / name).write_bytes(content)
    return home


def proposed(project: Path, path: Path, out: Path, workers: int = 2) -> tuple[int, list[dict[str, Any]]]:
    arguments = ["--project", str(project), "propose", str(path), "--jsonl", str(out), "--workers", str(workers)]
    code = main(arguments)
    return code, [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_every_input_has_its_line_in_order_with_any_number_of_workers(
    folder: Path, project: Path, tmp_path: Path
) -> None:
    code, rows = proposed(project, folder, tmp_path / "out.jsonl")
    assert code == 0
    names = [row["source"].removeprefix(f"{folder}/") for row in rows]
    assert names == ["a.html", "b.mhtml", "c.warc.gz#0", *(f"{letter}" for letter in names[3:])]
    assert [name[0] for name in names] == list("abcdefg")
    failed = [row for row in rows if "error" in row]
    assert [row["source"][-6:] for row in failed] == ["e.html", "/f.zip"]
    assert all(set(row) == {"source", "error"} for row in failed)
    proposed(project, folder, tmp_path / "again.jsonl", workers=1)
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()


def test_one_page_gives_the_same_in_every_wrapping(folder: Path, project: Path, tmp_path: Path) -> None:
    _, rows = proposed(project, folder, tmp_path / "out.jsonl")
    by_name = {row["source"].removeprefix(f"{folder}/"): row for row in rows}
    for name in ("a.html", "b.mhtml", "c.warc.gz#0", "g.html"):
        row = by_name[name]
        assert set(row) >= _KEYS
        assert row["title"] == "Officers arrest engineer in secrets case"
        assert (row["published_date"], row["outlet"], row["language"]) == ("2020-03-02", "The Herald", "en")
        assert row["text"].split("\n\n")[1] == (
            "The engineer denies the case & his firm declined to comment on the secrets or on the arrest."
        )
        assert row["basis"]["published"]
    assert by_name["d.txt"]["title"] == "Officers arrest engineer in secrets case"
    assert by_name["d.txt"]["authors"] == ["Ann Lee"]
    assert by_name["b.mhtml"]["url"] == "https://herald.example/case"


def test_nothing_parsed_is_exit_code_one_and_wrong_usage_two(
    folder: Path, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, (row,) = proposed(project, folder / "e.html", tmp_path / "out.jsonl", workers=1)
    assert code == 1
    assert row["error"].startswith("pdf: ")
    for path, out in (
        (folder / "nowhere.html", tmp_path / "x.jsonl"),
        (folder / "a.html", folder / "a.html"),
        (folder, project / "raw" / "x.jsonl"),
    ):
        assert main(["--project", str(project), "propose", str(path), "--jsonl", str(out)]) == 2
        assert "espress-build: " in capsys.readouterr().err
    assert (folder / "a.html").read_bytes() == PAGE


def test_the_output_may_lie_in_the_folder_that_is_read(project: Path, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    out = tmp_path / "out.jsonl"
    for _ in range(2):
        code, rows = proposed(project, tmp_path, out, workers=1)
        assert (code, len(rows)) == (0, 1)
