"""How often py3langid, langdetect and the markup agree: the numbers in docs/maintain/scale.md."""

from __future__ import annotations

import re
from pathlib import Path

from espress.paths import schema_folder
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import read_registries
from espress_build.pages.propose import propose_page
from espress_build.pages.read import read_page
from espress_build.pages.saved import Failure, Saved
from espress_build.pipeline.language import detect

PAGES = sorted([*Path("tests/fixtures/pages").glob("*.html"), *Path("tests/fixtures/page_cases").glob("*.html")])


def test_agreement_of_the_detectors_is_that_of_the_document() -> None:
    params, registries = read_params(), read_registries(schema_folder() / "registries")
    pages = same = declared = right = 0
    for path in PAGES:
        page = read_page(Saved(str(path), path.read_bytes()), params.pages)
        found = page if isinstance(page, Failure) else propose_page(page, registries, params)
        if isinstance(found, Failure) or "title" not in found.facts or not found.text:
            continue
        stated = found.facts.get("language")
        detected = detect(f"{found.facts['title'].value}\n\n{found.text}", params.language)
        language = (detected.language or "").partition("-")[0]
        pages, same = pages + 1, same + (language == detected.second)
        if stated is not None and stated.basis != "text":
            declared, right = declared + 1, right + (language == stated.value)
            assert language == stated.value or detected.second != stated.value
    text = Path("docs/maintain/scale.md").read_text(encoding="utf-8")
    written = {name: int(number) for name, number in re.findall(r"<!-- language (\w+) -->(\d+)<!-- -->", text)}
    assert written == {"pages": pages, "same": same, "declared": declared, "right": right}
