"""Bad input through the commands, one named test each: it is refused with a reason, and the rest goes on."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.pages.archives import mhtml, record, response
from tests.espress_build.pages.test_propose_pages import PAGE, TEXT
from tests.espress_build.pipeline.helpers import write_registries
from tests.espress_build.pipeline.test_catalogue import entry, write

from espress.files import hash_file
from espress_build.cli.main import main
from espress_build.inputs.catalogue import FACTS
from espress_build.inputs.record import parse_record
from espress_build.pipeline.ingest import article_folders

if TYPE_CHECKING:
    from pathlib import Path

# What the project promises to bear, in words from which the tests below take their names.
BAD_INPUT = (
    "script and style injection", "entity bombs", "100 MB pages", "10,000-deep nesting",
    "broken WARC records and lengths", "revisit records without payload", "HTML of another charset than claimed",
    "MHTML with paths", "zip files", "a PDF named .html", "an empty catalogue line",
    "two catalogue rows with one address",
)  # fmt: skip
_HUGE = 100 * 1024 * 1024
_ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
_BOMB = f'<!DOCTYPE html [<!ENTITY a0 "aaaaaaaaaa">{_ENTITIES}<!ENTITY f SYSTEM "file:///etc/passwd">]>'.encode()
_INJECTED = b"""<p><script>document.write('<p>injected</p>')</script><style>p { content: "injected" }</style>
<span onclick="x('injected')" style="background:url('injected')"></span><template><p>injected</p></template>"""
_CZECH = "Úřad žádá šéfa služby o výklad: řada případů zůstává příliš nejasná, řekl náměstek po středeční schůzce."


def _numbered(number: int) -> bytes:
    """Return the sound page with words of its own, so that it is an article of its own."""
    return PAGE.replace(b"an engineer on Monday", b"engineer number %d on Monday" % number).replace(
        b"Officers arrest engineer", b"Officers arrest engineer %d" % number
    )


def _response(number: int, headers: bytes = b"", **given: object) -> bytes:
    return response(_numbered(number), headers, url=f"http://herald.example/{number}", **given)


def _zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("../../escaped.html", PAGE)
    return held.getvalue()


def _inputs() -> dict[str, bytes]:
    """Return the folder's files, each beginning with a letter of its own; a is sound, and z."""
    foreign = _numbered(7).replace(b"A court will hear the case in the spring", _CZECH.encode() + b" A court")
    claims = foreign.replace(b'charset="utf-8"', b'charset="shift_jis"')
    deep = b"<div>" * 10_000
    cut = b"Content-Length: %d\r\n" % len(PAGE)
    warc = (
        _response(10, length=40) + _response(15, cut, length=700) + _response(16, length=900) + _response(12)
        + _response(17, length="many") + _response(13) + record("response", b"\x00\x01 no message")
        + _response(18, length=99_999) + _response(14)
    )  # fmt: skip
    return {
        "a.html": _numbered(1),
        "b-script.html": _numbered(2).replace(b"<p>", _INJECTED, 1),
        "b-linked.html": _numbered(3).replace(
            b"</head>",
            b'<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"<script>injected</script>"},'
            b'"url":"javascript:injected"}</script><link rel="canonical" href="javascript:injected"></head>',
        ),
        "c-bomb.html": _BOMB + b"<p>&a9;&f;</p>",
        "c-bomb.xhtml": b'<?xml version="1.0"?>' + _BOMB + _numbered(4).replace(b"secrets", b"&a9;&f; secrets"),
        "d-packed.warc.gz": gzip.compress(response(b" " * _HUGE), 1) + gzip.compress(_response(5)),
        "e-deep.html": b"<html><body>" + deep + b"x",
        "e-deep-around.html": _numbered(6).replace(b"<article>", b"<article>" + deep),
        "f.warc": warc,
        "g.warc": record("revisit", b"") + record("revisit", b"HTTP/1.1 200 OK\r\n\r\n") + _response(20),
        "g-cut.warc": _response(21) + record("revisit", b"", length=500),
        "h-claims-other.html": claims,
        "h-is-other.html": claims.replace(b"engineer 7", b"engineer 22")
        .replace(b"shift_jis", b"utf-8")
        .decode()
        .encode("cp1250"),
        "i.mhtml": mhtml(_numbered(8), location="file:///../../etc/passwd"),
        "j.zip": _zipped(),
        "j-zip.html": _zipped(),
        "k.html": b"%PDF-1.7\n1 0 obj\n<html><p>" + TEXT,
        "z.html": _numbered(9),
    }


def _hash_files(folder: Path) -> dict[str, str]:
    return {str(path): hash_file(path) for path in sorted(folder.rglob("*")) if path.is_file()}


@dataclass(frozen=True)
class Outcome:
    """What the commands made of the folder: a row of JSON and a line of the table for each input, by its name."""

    home: Path
    rows: dict[str, dict[str, Any]]
    lines: dict[str, str]
    totals: str
    totals_again: str  # of the same command a second time
    texts: dict[str, str]  # of what was drafted: the whole sidecar

    def became(self, name: str) -> str:
        """Return in one word each what `propose` and `add` made of an input."""
        error = self.rows[name].get("error", "proposed").split(":")[0]
        what = re.search(r"drafted|refused  *(\w+)", self.lines[name])
        assert what is not None, self.lines[name]
        return f"{error}, {what[1] or what[0]}"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run both commands once on a folder of all bad inputs, in a project of invented outlets."""
    home = tmp_path_factory.mktemp("home")
    for folder in ("raw", "schema/registries", "pages"):
        (home / folder).mkdir(parents=True)
    write_registries(home / "schema" / "registries")
    pages = home / "pages"
    for name, content in _inputs().items():
        (pages / name).write_bytes(content)
    with (pages / "d-sparse.html").open("wb") as file:
        file.write(PAGE)
        file.truncate(_HUGE)
    before, said, again = _hash_files(home), io.StringIO(), io.StringIO()
    arguments = ["--project", str(home)]
    add = [*arguments, "add", str(pages), "--event", "case-2020", "--outlet", "herald"]
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        assert main([*arguments, "propose", str(pages), "--jsonl", str(home / "out.jsonl")]) == 0
        assert main([*add, "--yes"]) == 1  # some pages were refused
    assert {path.name for path in home.iterdir()} == {"raw", "schema", "pages", "out.jsonl"}
    after = _hash_files(home)
    assert after.items() >= before.items()
    with redirect_stdout(again):
        assert main([*add, "--yes"]) == 1
    assert _hash_files(home) == after
    found = [json.loads(line) for line in (home / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = {row["source"].removeprefix(f"{pages}/"): row for row in found}
    table = said.getvalue().splitlines()
    lines = {line.split()[0]: line for line in table[-2 - len(found) : -2]}
    texts = {
        name: (home / "raw" / "articles" / line.split("/")[-1] / "record.toml").read_text(encoding="utf-8")
        for name, line in lines.items()
        if " drafted " in line
    }
    totals, totals_again = (one.getvalue().rstrip().splitlines()[-1] for one in (said, again))
    return Outcome(home, rows, lines, totals, totals_again, texts)


def _catalogue(
    outcome: Outcome, capsys: pytest.CaptureFixture[str], rows: list[dict[str, str]], empty: str = ""
) -> str:
    """Return what the build says to a catalogue of these rows and an empty line behind the first."""
    path = write(outcome.home / "raw", "catalogue", FACTS, rows)
    head, first, *others = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([head, first, empty, *others]), encoding="utf-8")
    assert main(["--project", str(outcome.home), "run", "--workers", "1"]) == 2
    assert not (outcome.home / "dataset").exists()
    return capsys.readouterr().err


def test_script_and_style_injection(outcome: Outcome) -> None:
    for name in ("b-script.html", "b-linked.html"):
        assert outcome.became(name) == "proposed, drafted"
        assert "injected" not in json.dumps(outcome.rows[name])
        assert "injected" not in outcome.texts[name]
        assert outcome.rows[name]["text"].startswith("Officers arrested engineer number")


def test_entity_bombs(outcome: Outcome) -> None:
    assert outcome.became("c-bomb.html") == "no_article, no_article"
    assert outcome.became("c-bomb.xhtml") == "proposed, drafted"
    text = outcome.rows["c-bomb.xhtml"]["text"]
    assert "aaaaaaaaaa" not in text
    assert "root:" not in text
    assert len(text) < 1_000


def test_100_mb_pages(outcome: Outcome) -> None:
    assert outcome.became("d-sparse.html") == "too_large, too_large"
    assert outcome.became("d-packed.warc.gz#0") == "too_large, too_large"
    assert [outcome.became(name) for name in outcome.rows if name.startswith("d-packed")][1:] == ["proposed, drafted"]


def test_10_000_deep_nesting(outcome: Outcome) -> None:
    assert outcome.became("e-deep.html") == "no_article, no_article"
    assert outcome.became("e-deep-around.html") in ("proposed, drafted", "proposed, no_body")


def test_broken_warc_records_and_lengths(outcome: Outcome) -> None:
    broken = "broken_record, broken_record"
    became = [outcome.became(name) for name in outcome.rows if name.startswith("f.warc")]
    assert became == [
        *[broken] * 3, "proposed, drafted", broken, "proposed, drafted", *[broken] * 2,
        "proposed, drafted",
    ]  # fmt: skip


def test_revisit_records_without_payload(outcome: Outcome) -> None:
    assert [outcome.became(name) for name in outcome.rows if name.startswith("g")] == ["proposed, drafted"] * 2
    assert "left out of archives, being no pages: 3 revisit" in outcome.totals


def test_html_of_another_charset_than_claimed(outcome: Outcome) -> None:
    for name, charset in (("h-claims-other.html", "utf-8"), ("h-is-other.html", "cp1250")):
        assert outcome.became(name) == "proposed, drafted"
        assert _CZECH in outcome.rows[name]["text"]
        assert f'charset = "{charset}"' in outcome.texts[name]


def test_mhtml_with_paths(outcome: Outcome) -> None:
    assert outcome.became("i.mhtml") == "proposed, drafted"
    assert outcome.rows["i.mhtml"]["url"] is None
    assert "passwd" not in outcome.texts["i.mhtml"]
    assert not [path for path in outcome.home.rglob("*") if "escaped" in path.name]


def test_zip_files(outcome: Outcome) -> None:
    for name in ("j.zip", "j-zip.html"):
        assert outcome.became(name) == "archive, archive"
        assert "unpack it" in outcome.lines[name]


def test_a_pdf_named_html(outcome: Outcome) -> None:
    assert outcome.became("k.html") == "pdf, pdf"


def test_an_empty_catalogue_line(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    said = _catalogue(outcome, capsys, [entry("https://herald.example/1"), entry("https://herald.example/2")], "\n")
    assert "catalogue.csv, line 3: the line is empty; remove it." in said


def test_two_catalogue_rows_with_one_address(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [entry("https://herald.example/1"), entry("http://www.herald.example/1/")]
    said = _catalogue(outcome, capsys, rows)
    assert "catalogue.csv, line 3" in said
    assert all(row["catalogue_id"] in said for row in rows)
    assert "have the same address" in said


def test_the_rest_goes_on_and_is_explained(outcome: Outcome) -> None:
    assert outcome.became("a.html") == outcome.became("z.html") == "proposed, drafted"
    assert outcome.rows.keys() == outcome.lines.keys()
    assert all(row.get("error") or row["title"] for row in outcome.rows.values())
    assert len(article_folders(outcome.home / "raw")) == len(outcome.texts)
    assert outcome.totals.startswith(f"{len(outcome.texts)} drafted, ")
    assert f"{len(outcome.texts)} there already" in outcome.totals_again
    for name, text in outcome.texts.items():
        assert parse_record(text)[1] == [], name


def test_every_bad_input_has_a_test_of_its_name() -> None:
    named = {f"test_{re.sub('[^a-z0-9]+', '_', one.lower()).strip('_')}" for one in BAD_INPUT}
    assert named <= set(globals())
    assert len(named) == len(BAD_INPUT)
