"""Saved pages as they come: files, folders, MHTML, WARC, character sets, and files that are no pages."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.pages.archives import HEAD, PAGE, chunked, mhtml, record, response

from espress_build.inputs.params import read_params
from espress_build.pages.charset import decode_page, to_utf8
from espress_build.pages.read import Page, find_saved, read_page
from espress_build.pages.saved import Failure, LeftOut, Saved

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.inputs.params import Pages


LIMITS = read_params().pages
TEXTS = {
    "cs": "Bezpečnostní informační služba ve středu zveřejnila výroční zprávu, v níž upozorňuje na rostoucí činnost "
    "cizích služeb. Podle mluvčího jde o dlouhodobý jev a řada případů zůstává neobjasněna.",
    "ru": "Служба безопасности сообщила о задержании гражданина, подозреваемого в передаче секретных сведений.",
    "zh": "国家安全机关近日破获一起间谍案件，犯罪嫌疑人被依法逮捕。据通报，该人员长期向境外提供国家秘密。",
    "tw": "國家安全局昨日表示，近年來境外勢力滲透情況日益嚴重，將加強保防工作。檢調單位已依法偵辦相關案件。",
    "ja": "警視庁公安部は、産業スパイの疑いで会社員の男を逮捕したと発表した。男は容疑を否認しているという。",
    "ko": "국가정보원은 외국 정보기관의 활동이 늘고 있다고 밝혔다. 검찰은 관련자를 기소했다.",
    "de": "Die Behörde veröffentlichte am Dienstag ihren Bericht über ausländische Dienste, für größere Städte.",
}


def html(text: str, charset: str | None = None) -> str:
    """Return a page of one paragraph that claims a character set."""
    meta = f'<meta charset="{charset}">' if charset else ""
    return f"<html><head>{meta}<title>{text[:20]}</title></head><body><p>{text}</p></body></html>"


def page_of(payload: bytes, name: str = "page.html") -> Page:
    found = read_page(Saved(name, payload), LIMITS)
    assert isinstance(found, Page), found
    return found


def refuse(payload: bytes, name: str = "page.html", limits: Pages = LIMITS) -> Failure:
    found = read_page(Saved(name, payload), limits)
    assert isinstance(found, Failure)
    assert found.source == name
    assert found.detail
    return found


def text_of(payload: bytes, carrier: str | None = None) -> str:
    decoded = decode_page(payload, carrier)
    assert decoded is not None
    assert payload.decode(decoded.charset, errors="replace") == decoded.text
    return decoded.text


@pytest.mark.parametrize(
    ("language", "label", "codec"),
    [
        ("cs", "windows-1250", "cp1250"), ("cs", "iso-8859-2", "iso8859-2"), ("ru", "windows-1251", "cp1251"),
        ("ru", "koi8-r", "koi8-r"), ("zh", "gb2312", "gb2312"), ("zh", "gb18030", "gb18030"), ("tw", "big5", "big5"),
        ("ja", "shift_jis", "shift_jis"), ("ja", "euc-jp", "euc-jp"), ("ja", "iso-2022-jp", "iso-2022-jp"),
        ("ko", "euc-kr", "euc-kr"), ("de", "iso-8859-1", "latin-1"), ("cs", "utf-8", "utf-8"),
    ],
)  # fmt: skip
def test_a_claim_of_the_page_or_its_carrier_is_followed(language: str, label: str, codec: str) -> None:
    claimed, bare = html(TEXTS[language], label), html(TEXTS[language])
    assert text_of(claimed.encode(codec)) == claimed
    assert text_of(bare.encode(codec), carrier=label) == bare


@pytest.mark.parametrize(
    ("language", "codec"),
    [("cs", "cp1250"), ("ru", "cp1251"), ("ru", "koi8-r"), ("zh", "gb18030"), ("tw", "big5"), ("ja", "shift_jis"),
     ("ja", "euc-jp"), ("ko", "euc-kr"), ("de", "cp1252")],
)  # fmt: skip
def test_a_page_that_claims_nothing_is_recognised(language: str, codec: str) -> None:
    page = html(TEXTS[language] * 3)
    assert text_of(page.encode(codec)) == page


@pytest.mark.parametrize("language", list(TEXTS))
@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "gb2312", "shift_jis", "utf-16"])
def test_utf8_under_a_false_name_is_read_as_utf8(language: str, label: str) -> None:
    page = html(TEXTS[language], label)
    assert text_of(page.encode()) == page


@pytest.mark.parametrize(
    ("language", "codec", "label"),
    [("ru", "cp1251", "iso-8859-1"), ("ru", "cp1251", "utf-8"), ("zh", "gb18030", "utf-8"), ("cs", "cp1250", "utf-8")],
)
def test_a_claim_that_garbles_the_text_is_not_followed(language: str, codec: str, label: str) -> None:
    page = html(TEXTS[language] * 3, label)
    assert text_of(page.encode(codec)) == page


LATIN = {
    "cs": "Policie v úterý zadržela tři muže podezřelé z vyzvědačství. Mluvčí uvedl, že šetření dál pokračuje.",
    "sk": "Polícia v utorok zadržala troch mužov podozrivých zo špionáže. Hovorca uviedol, že vyšetrovanie trvá.",
    "pl": "Policja zatrzymała we wtorek trzech mężczyzn podejrzanych o szpiegostwo. Rzecznik mówi, że śledztwo trwa.",
    "hu": "A rendőrség kedden három férfit vett őrizetbe. A szóvivő közölte, hogy a nyomozás még folytatódik.",
    "ro": "Poliţia a reţinut marţi trei bărbaţi suspectaţi de spionaj. Purtătorul a declarat că ancheta continuă.",
    "hr": "Policija je u utorak uhitila trojicu muškaraca osumnjičenih za špijunažu. Glasnogovornik kaže da šute.",
    "tr": "Polis salı günü casusluk şüphesiyle üç kişiyi gözaltına aldı. Sözcü, soruşturmanın sürdüğünü söyledi.",
    "lt": "Policija antradienį sulaikė tris vyrus, įtariamus šnipinėjimu. Atstovas sakė, kad tyrimas tęsiamas.",
    "de": "Die Polizei nahm drei Männer fest. Ein Sprecher erklärte, Auskünfte könne er nicht geben. Größe, Straße.",
    "fr": "La police a arrêté mardi trois hommes soupçonnés d’espionnage. L’enquête se poursuit, a déclaré un agent.",
    "fi": "Poliisi pidätti tiistaina kolme miestä, joita epäillään vakoilusta. Päätös syntyi eilen, hän täsmensi.",
    "sv": "Polisen grep på tisdagen tre män som misstänks för spioneri. Talesmannen sade att åtgärder är på gång.",
    "pt": "A polícia deteve na terça-feira três homens suspeitos de espionagem. Não há mais informações, disse ele.",
}
CODE_PAGES = [
    *((language, "cp1250") for language in ("cs", "sk", "pl", "hu", "ro", "hr")),
    *((language, "iso8859-2") for language in ("cs", "sk", "pl", "hu", "ro", "hr")),
    ("tr", "cp1254"), ("tr", "iso8859-9"), ("lt", "cp1257"),
    *((language, "cp1252") for language in ("de", "fr", "fi", "sv", "pt")),
]  # fmt: skip


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "windows-1250", "iso-8859-2", "utf-8", None])
@pytest.mark.parametrize(("language", "codec"), CODE_PAGES)
@pytest.mark.parametrize("stated", ["", "lang"])
def test_the_letters_of_a_language_decide_between_latin_code_pages(
    language: str, codec: str, label: str | None, stated: str
) -> None:
    """Each of them decodes the bytes of all others, and most pages that claim ISO 8859-1 do so by default."""
    page = html(LATIN[language], label)
    page = page.replace("<html>", f'<html lang="{language}">') if stated else page
    assert text_of(page.encode(codec)) == page


def test_foreign_names_in_a_page_do_not_change_its_code_page() -> None:
    page = html("A spokesman for Škoda and André Müller said that nobody in Besançon was asked. " * 3, "iso-8859-1")
    assert text_of(page.encode("cp1252")) == page


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
@pytest.mark.parametrize("language", ["cs", "de", "zh"])
def test_wide_characters_are_recognised_with_and_without_a_mark(language: str, codec: str) -> None:
    page = html(TEXTS[language], "utf-8")
    assert text_of(page.encode(codec)) == page


def test_one_broken_character_does_not_cost_the_page() -> None:
    page = html(TEXTS["cs"] * 20, "utf-8").encode()
    cut = page.replace("řada".encode(), b"\xc5ada", 1)
    assert text_of(cut).count("\ufffd") == 1


@pytest.mark.parametrize("label", ["utf-7", "rot13", "unicode_escape", "idna", "zlib_codec", "nonsense"])
def test_a_codec_that_is_no_character_set_of_the_web_is_not_used(label: str) -> None:
    page = html("plain words \\u0041 +ADw-script+AD4-", label)
    assert text_of(page.encode()) == page


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"), (b" \n\t", "empty"), (b"\xef\xbb\xbf", "empty"), (b"%PDF-1.7\n...", "pdf"),
        (b"\n%PDF-1.7\n...", "pdf"), (b"PK\x03\x04rest", "archive"), (gzip.compress(PAGE, mtime=0), "archive"),
        (b"\x89PNG\r\n\x1a\nrest", "image"), (b"\xff\xd8\xff\xe0rest", "image"), (b"GIF89a", "image"),
        (bytes(range(256)) * 40, "unknown_charset"), (b"\0" * 4000, "binary"), (b"\x00\x01\x02" * 900, "binary"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_by_its_bytes_whatever_its_name(payload: bytes, reason: str) -> None:
    assert refuse(payload).reason == reason


def test_a_page_that_is_too_large_is_refused() -> None:
    assert refuse(PAGE, limits=replace(LIMITS, max_page_bytes=len(PAGE) - 1)).reason == "too_large"


@pytest.mark.parametrize(
    ("payload", "name", "kind"),
    [
        (PAGE, "page.html", "html"), (PAGE, "page.txt", "html"), (PAGE, "page", "html"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n" + PAGE, "page.xhtml", "html"),
        (b"Officers said <p> is a tag.\n", "page.txt", "text"), (b"Officers said so.\n", "page.html", "text"),
        (b"stray words " + PAGE, "page.html", "html"), (b"<3 is a heart\n", "page.txt", "text"),
    ],
)  # fmt: skip
def test_html_is_told_from_text_by_its_markup(payload: bytes, name: str, kind: str) -> None:
    assert page_of(payload, name).kind == kind


def test_the_page_is_taken_out_of_mhtml_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = html(TEXTS["cs"])
    found = page_of(mhtml(text.encode("cp1250"), charset="windows-1250"), "page.mht")
    assert (found.text, found.url) == (text, "https://herald.example/case")
    assert found.payload == text.encode("cp1250")
    assert list(tmp_path.iterdir()) == []


def test_an_address_in_mhtml_that_is_a_path_is_no_address() -> None:
    assert page_of(mhtml(location="file:///etc/passwd")).url is None


def test_mhtml_without_html_or_nested_beyond_reason_is_refused() -> None:
    empty = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b--\r\n"
    deep = b"MIME-Version: 1.0\r\n" + b"".join(
        b"Content-Type: multipart/related; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5000)
    )
    for payload in (empty, deep):
        assert refuse(payload).reason in ("no_page", "broken_archive")


def warc(tmp_path: Path, data: bytes, name: str = "crawl.warc") -> list[Saved | Failure | LeftOut]:
    path = tmp_path / name
    path.write_bytes(data)
    return list(find_saved(path, LIMITS))


def told(found: list[Saved | Failure | LeftOut]) -> list[str]:
    """Return in one word each what was found: page, why it was left out, or why it failed."""
    return ["page" if isinstance(one, Saved) else one.what if isinstance(one, LeftOut) else one.reason for one in found]


def test_pages_come_out_of_a_warc_file_with_address_and_charset_and_the_payload_alone(tmp_path: Path) -> None:
    (found,) = warc(tmp_path, response())
    assert found == Saved(
        f"{tmp_path}/crawl.warc#0", PAGE, "http://herald.example/case", "utf-8", "2020-01-01T00:00:00Z"
    )
    (found,) = warc(tmp_path, record("resource", PAGE, content="text/html"))
    assert isinstance(found, Saved)
    assert found.payload == PAGE


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        (b"Transfer-Encoding: chunked\r\n", chunked(PAGE)),
        (b"Content-Encoding: gzip\r\n", gzip.compress(PAGE, mtime=0)),
        (b"Content-Encoding: deflate\r\n", zlib.compress(PAGE)),
        (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzip.compress(PAGE, mtime=0))),
        (b"Content-Encoding: gzip\r\n", PAGE),  # unpacked by the crawler, header kept
        (b"Transfer-Encoding: chunked\r\n", PAGE),
        (b"Content-Encoding: identity\r\n", PAGE),
    ],
)
def test_transfer_and_content_codings_are_undone(headers: bytes, payload: bytes, tmp_path: Path) -> None:
    found = warc(tmp_path, response(payload, headers) + response())
    assert [one.payload for one in found if isinstance(one, Saved)] == [PAGE, PAGE]


def test_brotli_is_undone(tmp_path: Path) -> None:
    brotli = pytest.importorskip("brotli")
    test_transfer_and_content_codings_are_undone(b"Content-Encoding: br\r\n", brotli.compress(PAGE), tmp_path)


def test_records_that_are_no_pages_are_left_out_by_name(tmp_path: Path) -> None:
    data = (
        record("warcinfo", b"software: x\r\n", content="application/warc-fields")
        + record(
            "request", b"GET / HTTP/1.1\r\nHost: herald.example\r\n\r\n", content="application/http; msgtype=request"
        )
        + record("metadata", b"a: b\r\n", content="application/warc-fields")
        + record("revisit", HEAD + b"\r\n")
        + record("response", b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n" + PAGE)
        + record("response", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG")
        + response()
    )
    assert told(warc(tmp_path, data)) == [
        "warcinfo", "request", "metadata", "revisit", "status 404", "image/png", "page"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        response(length=20), response(length="many"), response(length=-5), response(length=99_999),
        record("response", b"\x00\x01 no message"), b"garbage\r\n\r\n",
        response(b"zz\r\nbroken", b"Transfer-Encoding: chunked\r\n"),
        response(b"5\r\nhel", b"Transfer-Encoding: chunked\r\n"),
        response(b"\x1f\x8b rubbish", b"Content-Encoding: gzip\r\n"),
        response(gzip.compress(b"a" * 50_000_000), b"Content-Encoding: gzip\r\n"),
    ],
)  # fmt: skip
def test_a_broken_record_costs_itself_alone(broken: bytes, tmp_path: Path) -> None:
    found = warc(tmp_path, response() + broken + response() + response())
    read = [one if isinstance(one, Failure | LeftOut) else read_page(one, LIMITS) for one in found]
    pages = [one for one in read if isinstance(one, Page) and one.payload == PAGE]
    assert len(pages) == 3
    others = [one for one in read if one not in pages]
    assert all(isinstance(one, Failure) or (isinstance(one, Page) and len(one.payload) < len(PAGE)) for one in others)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
SHA1 = base64.b32encode(hashlib.sha1(PAGE, usedforsecurity=False).digest()).decode()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("one", "detail"),
    [
        (response(more="WARC-Truncated: length\r\n"), "truncated by the crawler (length)"),
        (response(length=len(HEAD) + 2 + len(PAGE) - 20), "followed by bytes that its length"),
        (response(more=f"WARC-Payload-Digest: sha1:{'A' * 32}\r\n"), "does not have the digest sha1:AAAA"),
        (response(more=f"WARC-Payload-Digest: sha1:{SHA1}\r\n"), None),
        (response(more=f"WARC-Payload-Digest: sha-256:{hashlib.sha256(PAGE).hexdigest()}\r\n"), None),
        (response(chunked(PAGE), CHUNKED, more=f"WARC-Payload-Digest: SHA1:{SHA1}\r\n"), None),
        (response(more="WARC-Payload-Digest: none\r\n"), None),
    ],
)
def test_records_that_contradict_their_headers_are_broken(
    *, one: bytes, detail: str | None, packed: bool, tmp_path: Path
) -> None:
    data = b"".join(gzip.compress(each, mtime=0) if packed else each for each in (one, response()))
    first, *others = warc(tmp_path, data, "crawl.warc.gz" if packed else "crawl.warc")
    assert told(others) == ["page"]
    if detail is None:
        assert isinstance(first, Saved)
    else:
        assert isinstance(first, Failure)
        assert first.reason == "broken_record"
        assert detail in first.detail


def test_bytes_between_records_are_named_and_cost_no_page(tmp_path: Path) -> None:
    found = warc(tmp_path, response() + b"stray bytes" + response())
    assert told(found) == ["page", "broken_record", "page"]
    assert found[1].source.endswith(f"#{len(response())}")


def test_a_packed_file_with_a_broken_member_goes_on_behind_it(tmp_path: Path) -> None:
    member = gzip.compress(response(), mtime=0)
    torn = member[:40] + b"\xff" * 30 + member[70:]
    assert told(warc(tmp_path, member + torn + member, "a.warc.gz")).count("page") == 2
    found = told(warc(tmp_path, member + member[:-60], "b.warc.gz"))
    assert (found[0], found[-1]) == ("page", "broken_record")


def test_a_bomb_in_a_record_is_not_unpacked(tmp_path: Path) -> None:
    bomb = response(gzip.compress(b"a" * 100_000_000), b"Content-Encoding: gzip\r\n")
    small = replace(LIMITS, max_page_bytes=1_000_000)
    path = tmp_path / "bomb.warc"
    path.write_bytes(bomb)
    (found,) = find_saved(path, small)
    assert isinstance(found, Saved)
    assert len(found.payload) == small.max_page_bytes + 1
    assert isinstance(read_page(found, small), Failure)


def test_a_file_that_is_no_warc_says_so(tmp_path: Path) -> None:
    for data in (b"", b"hello\n", gzip.compress(b"hello\n")):
        assert told(warc(tmp_path, data, "crawl.warc.gz"))[-1] == "broken_archive"


def test_a_folder_is_read_in_sorted_order_without_hidden_files_and_parts_of_pages(tmp_path: Path) -> None:
    for name in ("b.html", "a.txt", "sub/c.html", "b_files/style.css", ".hidden/x.html", ".DS_Store"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(PAGE)
    os.mkfifo(tmp_path / "d.pipe")
    (tmp_path / "e.html").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = list(find_saved(tmp_path, LIMITS))
    assert [one.source.removeprefix(f"{tmp_path}/") for one in found] == [
        "a.txt", "b.html", "d.pipe", "e.html", "sub/c.html"
    ]  # fmt: skip
    assert told(found) == ["page", "page", "unreadable", "unreadable", "page"]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.html"
    with path.open("wb") as file:
        file.truncate(LIMITS.max_file_bytes + 1)
    assert told(list(find_saved(path, LIMITS))) == ["too_large"]


PROSE = "\n\n".join(
    f"The {place} council said on Monday that it had found the papers in a flat near the river, after a search."
    for place in ("town", "county", "city", "village")
)
CZECH = "Policie zadržela inženýra, který podle ní předával tajné údaje cizí službě.\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a/facts.json", '{"title": "' + PROSE.replace("\n", " ") + '"}'),
        ("a/broken.json", '{"title": '),
        ("a/rows.csv", "title,text\n" + PROSE),
        ("a/notes.md", "# Notes\n\n- one\n- two\n\n" + PROSE[:120]),
        ("a/README.md", PROSE),
        ("a/page.txt", '{"title": "A page", "text": ["one", "two"]}'),
        ("a/lines", '{"title": "A page"}\n{"title": "Another page"}\n'),
    ],
)
def test_data_and_notes_are_no_pages_and_the_reason_says_what_to_do(name: str, text: str) -> None:
    found = refuse(text.encode(), name)
    assert found.reason == "not_a_page"
    assert "name" in found.detail


@pytest.mark.parametrize("name", ["a/page.txt", "a/page", "a/2019.07.23", "a/article.md", "warc.gz@1234"])
def test_prose_is_a_page_whatever_it_is_called_that_is_no_data(name: str) -> None:
    assert page_of(f"A headline\n\n{PROSE}".encode(), name).kind == "text"


def test_html_named_as_data_is_still_html() -> None:
    assert page_of(f"<html><body><p>{PROSE}</p></body></html>".encode(), "a/page.xml").kind == "html"


@pytest.mark.parametrize("charset", ["cp1250", "utf-16", "utf-16-le"])
def test_the_way_to_utf8_is_told_where_the_character_set_is_sure(charset: str) -> None:
    told = to_utf8((CZECH * 3).encode(charset))
    assert told is not None
    codec = told.split()[2].casefold()
    assert (CZECH * 3).encode(charset).decode(codec).removeprefix("\ufeff") == CZECH * 3


@pytest.mark.parametrize("payload", ["café".encode("latin-1"), CZECH.encode(), bytes(range(128, 256)) * 3])
def test_no_way_is_told_where_the_character_set_is_not_sure_or_needs_no_change(payload: bytes) -> None:
    assert to_utf8(payload) is None
