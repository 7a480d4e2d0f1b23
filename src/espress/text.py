"""Split text into words, and escape or fold its characters.

Published counts, text models and page reading define a word differently.
"""

from __future__ import annotations

import re
import unicodedata

# In scripts written without spaces, each character counts as a word, as is usual for Chinese and Japanese texts.
_HAN_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = rf"{_HAN_KANA}\U00020000-\U0003134f"
_RUN = rf"[^\W_{_UNSPACED}]+"
_WORD = re.compile(rf"[{_UNSPACED}]|{_RUN}(?:[’'\-\u2010]{_RUN})*")

# The tokens of the audit's text models: in Thai and Lao, too, each character counts as a word, and `_` is part of a
# word.
TOKEN = re.compile(rf"[{_HAN_KANA}\u0e00-\u0eff]|[^\W{_HAN_KANA}\u0e00-\u0eff]+")

_PAGE_HAN_KANA = "\u3040-\u30ff\u3400-\u9fff"
_LETTERS = rf"[^\W\d_{_PAGE_HAN_KANA}]"
_LETTER_WORD = re.compile(rf"[{_PAGE_HAN_KANA}]|{_LETTERS}+")
_LONG_WORD = re.compile(rf"[{_PAGE_HAN_KANA}]{{2}}|{_LETTERS}{{4,}}")


# Characters in which copies of one text differ: quotation marks, apostrophes, hyphens, and invisible characters.
_SAME_MARKS = str.maketrans(
    dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‘’‚‛′`´", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2212", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
)


# Characters that a terminal obeys or hides instead of showing: control characters, changes of the direction of writing,
# line separators, invisible tags, and code points that are no characters.
_NOT_SHOWN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def escape_for_terminal(text: str) -> str:
    r"""Return text in which each character that a terminal would obey or hide is written as an escape sequence.

    Characters from U+0020 get the escapes of JSON, such as `\u202e`, so that printed JSON keeps its meaning.
    """
    return _NOT_SHOWN.sub(lambda match: _escape(match[0]), text)


def escape_lines(text: str) -> str:
    """Return text with the same escapes, except for line ends and tabs."""
    return "\n".join("\t".join(map(escape_for_terminal, line.split("\t"))) for line in text.split("\n"))


def _escape(character: str) -> str:
    if character < " ":
        return character.encode("unicode_escape").decode("ascii")
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(rf"\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def fold_for_comparison(text: str) -> str:
    """Return a text for comparison with copies: NFKC, case folded, one form of quotation marks and hyphens."""
    return unicodedata.normalize("NFKC", text.translate(_SAME_MARKS)).casefold()


def words(text: str) -> list[str]:
    """Return the words of a text in order, as `n_words` counts them.

    A word is a run of letters and digits, joined by apostrophes and hyphens; a Chinese or Japanese character is one.
    """
    return _WORD.findall(text)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return the span of each of these words, as (start, end) in code points."""
    return [match.span() for match in _WORD.finditer(text)]


def letter_words(text: str) -> list[str]:
    """Return the runs of letters in a text, without digits; a Chinese or Japanese character is one."""
    return _LETTER_WORD.findall(text)


def long_words(text: str) -> list[str]:
    """Return the runs of at least four letters, or of two Chinese or Japanese characters, without changing case."""
    return _LONG_WORD.findall(text)
