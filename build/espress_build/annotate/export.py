"""Write tasks and configurations for Label Studio."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from espress.errors import UnknownNameError
from espress_build.annotate.label_studio import make_configurations
from espress_build.annotate.questions import KINDS, make_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.annotate.material import Material

_README = """\
Two Label Studio projects, made by `espress-build annotate export`; codebook {codebook}, docs/generated/codebook.md.
Give each coder projects of their own, so that no coder sees another's judgements, and one annotation per task.
1. Start Label Studio; create two projects; name them as you like.
2. In each: Settings, Labeling Interface, Code: paste units.xml or articles.xml.
3. In each: Import the JSON file of the same name. Let the coder do articles first, then units.
4. units: answer for each proposition; mark source and cue with its labels "1 source", "1 cue"; empty means null.
5. Names such as A1.03 hide the outlet: do not look the texts up, and do not show coders this project's folders.
6. When all is judged: Export, format JSON (not JSON-MIN), one file a project, into one folder.
7. `espress-build annotate import FOLDER --annotator human-1 --kind human` checks all and writes raw/annotations/.
8. If it refuses, it names task and field: correct them in Label Studio, export and import again.
"""


def export(material: Material, folder: Path, articles: list[str] | None = None) -> dict[str, int]:
    """Write tasks of these articles (default: all), forms and a README; return the number of tasks of each kind.

    Existing files of the same names are replaced.

    Raises:
        UnknownNameError: an article id does not exist.
    """
    names = {article: name for name, article in material.articles.items()}
    for article in articles or []:
        if article not in names:
            raise UnknownNameError("article", article, sorted(names))
    made = make_tasks(material, {names[article] for article in articles} if articles else None)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, configuration in make_configurations(material).items():
        (folder / f"{kind}.xml").write_text(configuration, encoding="utf-8")
        rows = [{"data": data} for data in made[kind]]
        (folder / f"{kind}.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "README.txt").write_text(_README.format(codebook=material.codebook), encoding="utf-8")
    return {kind: len(made[kind]) for kind in KINDS}
