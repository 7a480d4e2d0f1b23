"""The documents of the project as pages, with the index of docs/README.md as their navigation."""

from __future__ import annotations

import base64
import json
import posixpath
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from espress.schema import schema
from espress_build.site.markdown import Renderer, make_slug
from espress_build.site.page import File, Page, SearchEntry, root_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.site.dataset import Dataset
    from espress_build.site.markdown import Document

ORDER = 80
NAVIGATION = "Documentation"
_INDEX = "docs/README.md"
_PROJECT = ("README.md", "DATASHEET.md", "CONTRIBUTING.md", "CHANGELOG.md")
_DICTIONARY = "schema/generated/dictionary.md"
_CODEBOOK = "docs/generated/codebook.md"
_GLOSSARY = "docs/glossary.md"
_DATASHEET = "DATASHEET.md"
_LICENCES = ("LICENSE", "LICENSE-DATA")
_PROGRAMS = {".R": "R", ".sql": "SQL", ".py": "Python"}
_COPIED = (".svg", ".png", ".csv")
_SECTION = re.compile(r"^## (.+)$")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_TERM = re.compile(r"<p><strong>([^<]+?)\.</strong>")
_QUESTION = re.compile(r"<p><strong>([^<]+\?)</strong>")
_PROPOSITION = re.compile(r"<li><code>(\w+)</code>:")


@dataclass(frozen=True)
class Link:
    """A link of the navigation: the path of a page, and its label."""

    path: str
    label: str


def find_documents(project: Path) -> dict[str, str]:
    """Return path in the repository -> path in the site, for every document that the site shows or copies."""
    found = {name: f"docs/project/{Path(name).stem}.html" for name in _PROJECT}
    found[_INDEX] = "docs/index.html"
    for path in sorted((project / "docs").rglob("*")):
        name = path.relative_to(project).as_posix()
        if path.suffix in (".md", ".ipynb"):
            found.setdefault(name, str(PurePosixPath(name).with_suffix(".html")))
        elif path.suffix in _PROGRAMS:
            found[name] = f"{name}.html"
        elif path.suffix in _COPIED:
            found[name] = name
    found[_DICTIONARY] = "docs/dictionary.html"
    return found | {name: f"docs/project/{name}.txt" for name in _LICENCES}


def _resolver(name: str, documents: dict[str, str]) -> Renderer:
    """Return a renderer for the document of that name, which turns links to documents into links to pages."""
    root = root_prefix(documents[name])

    def resolve(target: str) -> str | None:
        path, hash_sign, anchor = target.partition("#")
        if not path:
            return target
        page = documents.get(posixpath.normpath(posixpath.join(posixpath.dirname(name), path)))
        return page and f"{root}{page}{hash_sign}{anchor}"

    return Renderer(resolve)


def _codebook_anchor(words: str, above: list[str]) -> str | None:
    """Return `rule-FIELD` for the heading of a label, and `rule-FIELD-CLASS` for that of a class."""
    field = words.split(" ", maxsplit=1)[0]
    if field in schema().codebook:
        return f"rule-{field}"
    if above and above[-1].startswith("rule-"):
        return f"{above[-1]}-{words}"
    return None


def _mark_term(match: re.Match[str]) -> str:
    """Give a paragraph of the glossary its anchors: one for each term that it explains."""
    first, *others = [make_slug(term) for term in match[1].split(", ")]
    anchors = "".join(f'<span id="{other}"></span>' for other in others)
    return f'<p id="{first}">{anchors}<strong>{match[1]}.</strong>'


def _mark_questions(html: str) -> str:
    """Give each question of the datasheet an anchor; if a question occurs twice, only the first gets one."""
    seen: set[str] = set()

    def mark(match: re.Match[str]) -> str:
        if match[1] in seen:
            return match[0]
        seen.add(match[1])
        return f'<p id="{make_slug(match[1])}"><strong>{match[1]}</strong>'

    return _QUESTION.sub(mark, html)


def _mark_propositions(html: str) -> str:
    """Give each proposition of the codebook, all in its first list, an anchor."""
    before, end, after = html.partition("</ul>")
    return _PROPOSITION.sub(r'<li id="proposition-\1"><code>\1</code>:', before) + end + after


def _render(name: str, text: str, documents: dict[str, str]) -> Document:
    from markupsafe import Markup

    rendered = _resolver(name, documents).render(text, _codebook_anchor if name == _CODEBOOK else None)
    change = {
        _GLOSSARY: lambda html: _TERM.sub(_mark_term, html),
        _CODEBOOK: _mark_propositions,
        _DATASHEET: _mark_questions,
    }.get(name)
    if change is None:
        return rendered
    return replace(rendered, html=Markup(change(str(rendered.html))))  # noqa: S704  the anchors are ours


def read_index(project: Path, documents: dict[str, str]) -> list[tuple[str, list[Link]]]:
    """Return the headings of docs/README.md, each with the links of its lists; the corpus itself comes first."""
    first = [("docs/index.html", "Overview"), *((documents[name], Path(name).stem) for name in _PROJECT[:2])]
    first += [("docs/dictionary.html", "Data dictionary"), ("docs/glossary.html", "Glossary")]
    groups: list[tuple[str, list[Link]]] = [("The corpus", [Link(path, label) for path, label in first])]
    known = {path for path, _ in first}
    for line in (project / _INDEX).read_text(encoding="utf-8").splitlines():
        if heading := _SECTION.match(line):
            groups.append((heading[1], []))
        elif len(groups) > 1:
            for label, target in _LINK.findall(line):
                path = documents.get(posixpath.normpath(posixpath.join("docs", target.partition("#")[0])))
                if path and path.endswith(".html") and path not in known:
                    known.add(path)
                    groups[-1][1].append(Link(path, label[:1].upper() + label[1:]))
    changes = documents["CHANGELOG.md"]
    return [*groups, ("History", [Link(changes, "Changelog")])] if changes not in known else groups


def _make_entries(path: str, name: str, document: Document) -> Iterator[SearchEntry]:
    if name == _GLOSSARY:
        for text in document.passages[0].text.split("\n"):
            term, _, meaning = text.partition(". ")
            yield SearchEntry(f"{path}#{make_slug(term.split(', ')[0])}", term, meaning, "term")
        return
    for number, passage in enumerate(document.passages):
        title = document.title if not number else f"{document.title}: {passage.heading.text}"
        yield SearchEntry(f"{path}#{passage.heading.anchor}" if number else path, title, passage.text, "documentation")


def _make_page(path: str, name: str, document: Document, index: list[tuple[str, list[Link]]]) -> Page:
    contents = [heading for heading in document.headings[1:] if heading.level == 2]
    return Page(
        path=path,
        title=document.title,
        template="document.html.j2",
        context={"document": document, "index": index, "contents": contents, "source": name},
        search=list(_make_entries(path, name, document)),
    )


def _read_outputs(cell: dict[str, Any], path: str, number: int) -> Iterator[tuple[str, File | None]]:
    """Yield the outputs of a notebook's cell as Markdown, with the picture that one shows."""
    for place, output in enumerate(cell.get("outputs", [])):
        data = output.get("data", {})
        picture = next((kind for kind in ("image/svg+xml", "image/png") if kind in data), None)
        if picture:
            body = "".join(data[picture])
            name = f"{PurePosixPath(path).stem}-{number}-{place}.{'svg' if 'svg' in picture else 'png'}"
            shown = "".join(data.get("text/plain", "")) or f"output of cell {number}"
            words = re.sub(r"[\[\]<>\n]", " ", cell.get("metadata", {}).get("alt", shown)).strip()
            file = body.encode() if "svg" in picture else base64.b64decode(body)
            yield f"![{words}]({name})", File(f"{PurePosixPath(path).parent}/{name}", file)
        else:
            text = "".join(data.get("text/plain", output.get("text", [])))
            yield f"```output\n{text.rstrip()}\n```", None


def _read_notebook(source: Path, path: str) -> tuple[str, list[File]]:
    """Return a notebook as Markdown, and its pictures as files."""
    parts, files = [], []
    for number, cell in enumerate(json.loads(source.read_bytes())["cells"]):
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
        for shown, file in _read_outputs(cell, path, number):
            parts.append(shown)
            files += [file] if file else []
    return "\n\n".join(parts), files


def _read_source(source: Path, path: str) -> tuple[str, list[File]]:
    """Return a document as Markdown, and the files that belong to it."""
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".ipynb":
        return _read_notebook(source, path)
    if source.suffix in _PROGRAMS:
        return f"# {source.name}\n\n```{_PROGRAMS[source.suffix]}\n{text}\n```", []
    return text, []


def make_pages(dataset: Dataset) -> Iterator[Page | File]:
    """Yield a page for each document, and the files that the documents show."""
    documents = find_documents(dataset.project)
    index = read_index(dataset.project, documents)
    for name, path in sorted(documents.items(), key=lambda item: (item[0] != _INDEX, item)):
        source = dataset.project / name
        if not path.endswith(".html"):
            yield File(path, source.read_bytes())
            continue
        text, files = _read_source(source, path)
        known = documents | {f"{posixpath.dirname(name)}/{posixpath.basename(file.path)}": file.path for file in files}
        yield _make_page(path, name, _render(name, text, known), index)
        yield from files
