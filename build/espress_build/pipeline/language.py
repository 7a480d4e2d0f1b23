"""Detect the language of a text with langdetect, and with py3langid as a second opinion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from espress_build.inputs.params import Language


@dataclass(frozen=True)
class Detection:
    """The detected language; `reason` says why it is None."""

    language: str | None
    probability: float | None
    second: str | None
    agreement: bool | None
    reason: str | None


def detect(text: str, params: Language) -> Detection:
    """Return the language of the first `params.prefix_characters` code points of a text.

    langdetect returns ISO 639-1 codes, with a region only for Chinese (`zh-cn`, `zh-tw`); agreement ignores the region.
    """
    from langdetect.lang_detect_exception import LangDetectException
    from py3langid import classify

    from espress_build.pipeline.quick_langdetect import detect_langs

    prefix = text[: params.prefix_characters]
    if sum(map(str.isalpha, prefix)) < params.minimum_letters:
        return Detection(None, None, None, None, "too_little_text")
    try:
        best = detect_langs(prefix, params.seed)[0]
    except LangDetectException:
        return Detection(None, None, None, None, "no_language_found")
    other = str(classify(prefix)[0])
    return Detection(best.lang, round(best.prob, 6), other, best.lang.split("-")[0] == other, None)
