"""Determine the language of a text with langdetect and py3langid, or take a declared one that langdetect lacks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from espress_build.inputs.params import Language


_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA, _HANGUL = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\uac00-\ud7af]")
# Frequent characters that differ between the two scripts of Chinese, in the same order.
_TRADITIONAL = (
    "國會學說這個們時對開關於為來過還後電話報導處發現從東車長門間問題經年業務動產當點實體號區與無應該員兩鎮維橋稱類輛"
)
_SIMPLIFIED = (
    "国会学说这个们时对开关于为来过还后电话报导处发现从东车长门间问题经年业务动产当点实体号区与无应该员两镇维桥称类辆"
)
_SCRIPTS = ((_TRADITIONAL, _SIMPLIFIED), (_SIMPLIFIED, _TRADITIONAL))
# Scripts that only py3langid knows; langdetect takes some of their languages for Estonian.
_UNPROFILED = re.compile(
    r"[\u0530-\u058f\u0b00-\u0b7f\u0d80-\u0dff\u0e80-\u0eff\u0f00-\u0fff\u1000-\u109f\u10a0-\u10ff\u1200-\u137f"
    r"\u1780-\u17ff]"
)
# Codes of languages for which langdetect uses another code.
_SAME = {"nb": "no", "nn": "no", "fil": "tl", "cmn": "zh"}
_LIKELY = 5  # a declared language that py3langid knows must be among this many that it ranks highest


@dataclass(frozen=True)
class Detection:
    """The detected language; `reason` says why it is None."""

    language: str | None
    probability: float | None
    second: str | None
    agreement: bool | None
    reason: str | None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of `articles` about the detected language."""
        return {name if name == "language" else f"language_{name}": value for name, value in vars(self).items()}


def detect(text: str, params: Language) -> Detection:
    """Return the language of the first `params.prefix_characters` code points of a text.

    langdetect returns ISO 639-1 codes, with a region only for Chinese (`zh-cn`, `zh-tw`); agreement ignores the region.
    langdetect sometimes takes Chinese for Korean or Japanese. Therefore a text in Chinese characters alone counts as
    Chinese; if langdetect says otherwise, the characters decide between the two scripts and the probability is None. In
    a script that langdetect does not know, such as Georgian, py3langid decides, and the probability is None.
    """
    from langdetect.lang_detect_exception import LangDetectException
    from py3langid import classify

    from espress_build.pipeline.quick_langdetect import detect_langs

    prefix = text[: params.prefix_characters]
    if sum(map(str.isalpha, prefix)) < params.minimum_letters:
        return Detection(None, None, None, None, "too_little_text")
    other = str(classify(prefix)[0])
    if 2 * len(_UNPROFILED.findall(prefix)) > sum(map(str.isalpha, prefix)):
        return Detection(other, None, other, True, None)
    try:
        best = detect_langs(prefix, params.seed)[0]
    except LangDetectException:
        return Detection(None, None, None, None, "no_language_found")
    language, probability = best.lang, round(best.prob, 6)
    if _is_chinese(prefix) and not language.startswith("zh"):
        language, probability = _chinese_script(prefix), None
    return Detection(language, probability, other, language.split("-")[0] == other, None)


def resolve(text: str, declared: str | None, params: Language) -> Detection:
    """Return the language of a text; `declared` is the one that a page or a curator states (ISO 639-1 or -3), or None.

    The declared language is used, without a probability, if langdetect does not know it, and if py3langid does not know
    it either or ranks it among the `_LIKELY` most likely languages.
    """
    from py3langid import rank

    from espress_build.pipeline.quick_langdetect import known_languages

    found = detect(text, params)
    if declared is None or found.reason == "too_little_text" or _SAME.get(declared, declared) in known_languages():
        return found
    order = [str(code) for code, _ in rank(text[: params.prefix_characters])]
    if declared in order[_LIKELY:]:
        return found
    return Detection(declared, None, order[0], declared == order[0], None)


def _is_chinese(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return 2 * len(_HAN.findall(text)) > letters and not _KANA.search(text) and not _HANGUL.search(text)


def _chinese_script(text: str) -> str:
    """Return `zh-tw` for traditional characters, else `zh-cn`."""
    counts = [sum(sign in own and sign not in other for sign in text) for own, other in _SCRIPTS]
    return "zh-tw" if counts[0] > counts[1] else "zh-cn"
