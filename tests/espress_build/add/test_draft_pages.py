"""Adding pages of HTML: what is frozen in the sidecar builds without an extractor, and leads back to every byte."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pages.archives import mhtml
from tests.espress_build.pages.test_read import TEXTS
from tests.espress_build.pipeline.helpers import PROPERTY, Corpus, beside, received, run_up_to
from tests.helpers import PROJECT

from espress_build.add import draft
from espress_build.add.draft import draft_saved
from espress_build.add.freeze_spans import Credits, freeze
from espress_build.inputs import html_spans
from espress_build.inputs.record import Record, parse_record
from espress_build.pages.propose import PageProposal, propose_saved
from espress_build.pages.prose import Paragraph
from espress_build.pages.saved import Failure, Saved
from espress_build.pipeline.ingest import article_folders

if TYPE_CHECKING:
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

STATED: dict[str, str | list[str]] = {"event_ids": ["case-2020"], "outlet_id": "herald"}


def page(text: str, charset: str = "utf-8") -> bytes:
    """Return a page whose paragraphs hold tags, references and broken lines."""
    return f"""<!DOCTYPE html><html><head><meta charset="{charset}">
<title>{text[:30]} | The Herald</title><meta property="article:published_time" content="2020-03-02"></head>
<body><nav><a href="/">Home</a></nav><article><h1>{text[:30]}</h1>
<p>{text} <b>&bdquo;Ano&ldquo;</b>, &#345;ekl&nbsp;muz.</p>
<!-- note --><p>{text[:60]}
   <i>{text[60:]}</i><script>var x = "<p>";</script> 1 &lt; 2 &amp; 3.</p><p>{text}<br>{text}</p></article>
<footer>All rights reserved</footer></body></html>""".encode(charset)


def seen(source: bytes, charset: str) -> str:
    """Return what a reader sees of a stretch of source: another way than the build's."""
    text = re.sub(r"<script.*?</script>|<!--.*?-->", "", source.decode(charset), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", lambda tag: " " * tag[0].startswith("<br"), text)).split())


def drafted(
    payload: bytes, registries: Registries, params: Params, name: str = "page.html", stated: draft.Stated = STATED
) -> tuple[draft.Draft, Record]:
    """Draft a page, and parse the record of the draft."""
    item = draft_saved(Saved(name, payload), stated, registries, params)
    assert isinstance(item, draft.Draft), item
    record, problems = parse_record(item.sidecar, allow_gaps=True)
    assert record is not None
    assert problems == []
    return item, record


def built(saved: Saved, corpus: Corpus, registries: Registries, params: Params) -> tuple[draft.Draft, dict[str, Any]]:
    item, _ = drafted(saved.payload, registries, params, saved.source)
    folder = draft.write(item, corpus.raw)
    assert article_folders(corpus.raw) == [folder]
    assert (folder / "source.html").read_bytes() == item.source
    tables = run_up_to("segment", corpus.tables(registries, params), params)
    return item, {name: table.to_pylist() for name, table in tables.items() if name in ("articles", "sentences")}


@pytest.mark.parametrize(
    ("language", "charset"),
    [
        ("cs", "utf-8"),
        ("cs", "windows-1250"),
        ("zh", "gb18030"),
        ("zh", "utf-8"),
        ("ja", "shift_jis"),
        ("de", "utf-16"),
    ],
)
def test_every_sentence_of_a_page_leads_back_to_its_bytes(
    language: str, charset: str, corpus: Corpus, registries: Registries, params: Params
) -> None:
    source = page(TEXTS[language], charset)
    item, tables = built(Saved("page.html", source), corpus, registries, params)
    record, _ = parse_record(item.sidecar)
    assert record is not None
    assert record.charset is not None
    (article,) = tables["articles"]
    assert article["title"] == TEXTS[language][:30].strip()
    assert article["n_paragraphs"] == 4
    assert "„Ano“, řekl muz." in article["text"]
    assert "1 < 2 & 3." in article["text"]
    assert "Home" not in article["text"]
    for row in tables["sentences"]:
        part = source[row["source_byte_start"] : row["source_byte_end"]]
        assert seen(part, record.charset.removesuffix("-sig")) == row["text"]
        assert article[row["field"]][row["text_start"] : row["text_end"]] == row["text"]


def test_the_page_of_mhtml_is_what_is_stored(corpus: Corpus, registries: Registries, params: Params) -> None:
    source = page(TEXTS["cs"], "windows-1250")
    item, _ = built(Saved("page.mht", mhtml(source, charset="windows-1250")), corpus, registries, params)
    assert item.source == source


def test_a_sidecar_of_html_needs_its_charset_and_plain_text_none(
    corpus: Corpus, registries: Registries, params: Params
) -> None:
    item, _ = drafted(page(TEXTS["cs"]), registries, params)
    for charset in ("rot13", "utf-77", ""):
        _, problems = parse_record(item.sidecar.replace('charset = "utf-8"', f'charset = "{charset}"'))
        assert any("not a character set" in problem for problem in problems)


def test_runs_that_hold_a_tag_or_cross_are_named(params: Params) -> None:
    text = "<p>one <b>two</b> three</p>"
    spans = [{"line": 1, "start": 3, "end": 14, "role": "body"}, {"line": 2, "start": 10, "end": 13, "role": "body"}]
    said = list(html_spans.problems(text, [*spans, {"line": 3, "start": 20, "end": 99, "role": "body"}]))
    assert ["tag" in said[0], "order of the source" in said[-1], "characters" in said[1]] == [True, True, True]


@pytest.mark.parametrize(
    ("payload", "reason"), [(b"%PDF-1.7", "pdf"), (b"<html><body><p>short</p></body></html>", "no_"), (b"", "empty")]
)
def test_what_cannot_be_drafted_says_why(payload: bytes, reason: str, registries: Registries, params: Params) -> None:
    found = draft_saved(Saved("page.html", payload), STATED, registries, params)
    assert isinstance(found, Failure)
    assert found.reason.startswith(reason)


FAULTS = {"\u009b31mred": "control_character", "\ufffe": "control_character"} | dict.fromkeys(
    ("zvÃ¡Å¡Å¥", "&#xfffd;"), "mojibake"
)


@pytest.mark.parametrize("fault", FAULTS)
def test_characters_of_a_page_pass_the_same_checks_as_those_of_plain_text(
    fault: str, corpus: Corpus, registries: Registries, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of HTML is refused when it is added, and rejected by the build if it is there already."""
    saved = Saved("page.html", page(TEXTS["de"]).replace(b"muz.", f"muz {fault}.".encode(), 1))
    found = draft_saved(saved, STATED, registries, params)
    assert isinstance(found, Failure)
    assert found.reason == FAULTS[fault]
    monkeypatch.setattr(draft, "refuse_html_characters", lambda *_: None)
    item = draft_saved(saved, STATED, registries, params)
    assert isinstance(item, draft.Draft)
    draft.write(item, corpus.raw)
    rejects = run_up_to("extract", corpus.tables(registries, params), params)["rejects"].to_pylist()
    assert [reject["reason"] for reject in rejects] == [FAULTS[fault]]
    assert "\x9b" not in draft.show(item, params)


def test_a_missing_fact_is_a_gap_with_a_doubt_that_names_its_option(registries: Registries, params: Params) -> None:
    found, _ = drafted(page(TEXTS["cs"]), registries, params, stated={"outlet_id": "herald"})
    assert found.gaps == ("event_ids",)
    assert "--event ID" in found.doubts[0]


def test_the_language_that_a_page_declares_is_a_fact_and_a_detected_one_is_not(
    registries: Registries, params: Params
) -> None:
    source = page(TEXTS["cs"])
    for payload, stated in ((source, None), (source.replace(b"<html>", b'<html lang="zu-ZA">', 1), "zu")):
        _, record = drafted(payload, registries, params)
        assert record.value("language") == stated


WORD = st.sampled_from([
    "ab", "č", "ř&amp;", "&nbsp;", "密", "&#x5BC6;", "&nbsp ", "&#345ek", "&amp", "<b>", "</b>", "<br>", " ", "\n ",
    "1 &lt; 2", "e\u0301",
])  # fmt: skip


@PROPERTY
@given(parts=st.lists(st.lists(WORD, min_size=1, max_size=12), min_size=2, max_size=4), data=st.data())
def test_whatever_stands_in_paragraphs_tiles_the_source(
    parts: list[list[str]], data: st.DataObject, registries: Registries, params: Params
) -> None:
    charset = data.draw(st.sampled_from(["utf-8", "gb18030", "utf-16"]))
    texts = ["".join(part) for part in parts]
    text = "<html>" + "".join(f"<p>x{part}y.</p>" for part in texts) + "</html>"
    wanted = [seen(f"x{part}y.".encode(), "utf-8") for part in texts]
    title, *body = wanted
    spans, _ = freeze(text, title, None, tuple(Paragraph(part, "body") for part in body), Credits())
    source = text.encode(charset)
    ident = "herald-undated-00000000"
    table = received({ident: source}, {ident: [vars(span) for span in spans]})
    rows = [row | {"charset": charset} for row in table.to_pylist()]
    tables = run_up_to(
        "segment", {"received": type(table).from_pylist(rows, table.schema), **beside(registries)}, params
    )
    for row in tables["sentences"].to_pylist():
        found = seen(
            source[row["source_byte_start"] : row["source_byte_end"]], "utf-16-le" if charset == "utf-16" else charset
        )
        assert found.replace("e\u0301", "é") == row["text"]


def test_who_wrote_and_when_stands_between_headline_and_body(registries: Registries, params: Params) -> None:
    credit = '<p class="by">Von <a href="/a">Ann &Scaron;ipka</a></p><time datetime="2020-03-02">2. 3. 2020</time>'
    said = '<meta name="author" content="Ann Šipka"></head>'
    source = page(TEXTS["de"]).decode().replace("</h1>", f"</h1>{credit}<p>9. 3. 2020</p>").replace("</head>", said)
    item, record = drafted(source.encode(), registries, params)
    text = item.source.decode()
    found = [(span.role, text[span.start : span.end]) for span in record.spans if span.role in ("byline", "date")]
    assert found == [("byline", "Ann &Scaron;ipka"), ("date", "2. 3. 2020")]


COPIES = sorted(path.name for path in (PROJECT / "tests" / "fixtures" / "pages").glob("*.txt"))


@pytest.mark.parametrize("name", COPIES)
def test_a_plain_text_copy_of_a_whole_page_is_drafted_with_the_body_that_it_is_read_with(
    name: str, registries: Registries, params: Params
) -> None:
    """Menus, notes and comments around and between its paragraphs are marked as none of it."""
    saved = Saved(name, (PROJECT / "tests" / "fixtures" / "pages" / name).read_bytes())
    item, record = drafted(saved.payload, registries, params, name)
    proposal = propose_saved(saved, registries, params)
    assert isinstance(proposal, PageProposal)
    shown = list(draft.read_runs(record, item, params))
    body = " ".join(text for _, role, text in shown if role in ("body", "sub-heading", "dateline"))
    wanted = " ".join(part.text for part in proposal.paragraphs)
    assert " ".join(body.split()) == " ".join(wanted.split())
    assert sum(role == "boilerplate" for _, role, _ in shown) > 0


def test_control_characters_and_bare_references_read_as_browsers_show_them(
    corpus: Corpus, registries: Registries, params: Params
) -> None:
    odd = "<p>Poslední\x00odstavec&nbspčlánku má &#8222jiné&#8220 \x08 znaky.</p></article>"
    source = page(TEXTS["cs"]).replace(b"</article>", odd.encode())
    item, tables = built(Saved("page.html", source), corpus, registries, params)
    assert item.lost == ()
    assert tables["articles"][0]["text"].endswith("\n\nPoslední odstavec článku má „jiné“ znaky.")


def test_a_paragraph_that_no_run_makes_is_named() -> None:
    page_text = "<h1>The headline</h1><p>one paragraph</p>"
    spans, lost = freeze(page_text, "The headline", None, (Paragraph("another paragraph", "body"),), Credits())
    assert lost == ["another paragraph"]
    assert [span.role for span in spans] == ["title"]
