"""Where characters begin in the bytes of a page: the quick way for UTF-8 is the slow way that serves every codec."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress_build.inputs.html_spans import _decoded_starts, byte_starts


@given(st.text())
def test_in_utf8_the_quick_way_finds_what_decoding_byte_by_byte_finds(text: str) -> None:
    source = text.encode()
    assert byte_starts(source, "UTF8", len(text)) == _decoded_starts(source, "utf-8", len(text))


@given(st.text(alphabet=st.characters(codec="utf-8")), st.sampled_from(["utf-8-sig", "utf-16", "gb18030", "utf-7"]))
def test_in_any_codec_characters_stand_where_they_begin(text: str, charset: str) -> None:
    source = text.encode(charset)
    starts = byte_starts(source, charset, len(text))
    assert len(starts) == len(text) + 1
    assert list(starts) == sorted(starts)
    assert starts[-1] == len(source)


@pytest.mark.parametrize("charset", ["cp1252", "cp1250", "koi8-r", "latin-1", "ascii", "gb18030", "utf-8-sig"])
@given(data=st.data())
def test_in_codecs_of_single_bytes_too(charset: str, data: st.DataObject) -> None:
    if charset in ("gb18030", "utf-8-sig"):
        characters = st.characters(codec="utf-8")
    else:  # to look for the characters of a codec in all of Unicode takes a second
        characters = st.sampled_from(bytes(range(256)).decode(charset, errors="ignore"))
    text = data.draw(st.text(alphabet=characters))
    source = text.encode(charset)
    assert byte_starts(source, charset, len(text)) == _decoded_starts(source, charset, len(text))
