"""Build the site: collect the pages of all sections, render them, and replace the previous site in one step."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from espress import reader
from espress.data.integrity import compare_with_sums
from espress.errors import DamagedDataError, EspressError, InputError
from espress.schema import schema
from espress_build.open_edition.edition import open_edition
from espress_build.pipeline import dataset_swap
from espress_build.pipeline.package import write_sums
from espress_build.site import sections
from espress_build.site.bundle import bundle_scripts
from espress_build.site.dataset import Dataset
from espress_build.site.docstrings import show_code
from espress_build.site.marker import MARKER
from espress_build.site.page import File, Page, root_prefix
from espress_build.site.places import name_country, name_language

if TYPE_CHECKING:
    from types import ModuleType

    import jinja2

    from espress_build.build import Places
    from espress_build.site.page import SearchEntry

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Site:
    """The values that every page shows: the navigation, the footer, and the permitted use of this copy."""

    title: str
    version: str
    edition: str
    root: str
    navigation: tuple[tuple[str, str], ...]  # label, path
    pages: frozenset[str]  # paths of all pages; a part of the site that may be missing is linked only if it is there
    assets: frozenset[str]
    missing: str | None  # why search and map are missing; None if they are there
    kinds: tuple[str, ...] = ()  # the kinds of entries that the search finds

    @property
    def is_open(self) -> bool:
        """Whether article text is withheld."""
        return self.edition == "open"


def find_sections() -> list[ModuleType]:
    """Return the modules of `site/sections/` by their `ORDER`."""
    names = [found.name for found in pkgutil.iter_modules(sections.__path__)]
    modules = [importlib.import_module(f"{sections.__name__}.{name}") for name in names]
    return sorted(modules, key=lambda module: (module.ORDER, module.__name__))


def make_environment() -> jinja2.Environment:
    """Return the environment of templates; it escapes every value, and an unknown name is an error.

    Every template has `words` (the closed lists with the meaning of each value), `name_country` and `name_language`.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.filters["code"] = show_code
    environment.globals.update(words=schema().vocabularies, name_country=name_country, name_language=name_language)
    return environment


def _render(environment: jinja2.Environment, page: Page, site: Site) -> str:
    root = root_prefix(page.path)
    given = {"page": page, "root": root, "link": lambda path: f"{root}{path}", "site": site}
    return environment.get_template(page.template).render(page.context | given)


def _collect_pages(dataset: Dataset) -> tuple[list[Page | File], tuple[tuple[str, str], ...]]:
    """Return the pages and files of all sections, and the navigation."""
    pages: dict[str, Page | File] = {}
    navigation = []
    for section in find_sections():
        made = list(section.make_pages(dataset))
        for page in made:
            if page.path in pages:
                raise ValueError(f"two pages have the address {page.path}; one is made by {section.__name__}")
            pages[page.path] = page
        if section.NAVIGATION and made:
            navigation.append((section.NAVIGATION, made[0].path))
    return list(pages.values()), tuple(navigation)


def _copy_assets(folder: Path) -> None:
    """Copy style sheets and scripts: those of the article reader, whose tokens.css the whole site uses, and our own."""
    folder.mkdir()
    for source in (*map(Path, reader.__path__), _HERE / "assets"):
        for path in sorted([*source.glob("*.css"), *source.glob("*.js")]):
            shutil.copyfile(path, folder / path.name)


def _index(entries: list[SearchEntry]) -> str:
    """Return the script that defines what the search finds; pages opened from a disk can load scripts only."""
    rows = [[entry.path, entry.title, entry.text, entry.kind, entry.language] for entry in entries]
    return f"window.espressSearchEntries = {json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n"


def _write(folder: Path, dataset: Dataset, npm: Path | None) -> str | None:
    """Write all files of the site except SHA256SUMS; return why search and map are missing, or None."""
    _copy_assets(folder / "assets")
    missing = bundle_scripts(_HERE / "assets", npm, folder / "assets")
    dataset.npm = None if missing else npm
    made, navigation = _collect_pages(dataset)
    pages = [page for page in made if isinstance(page, Page)]
    entries = [entry for page in pages for entry in page.search]
    (folder / "assets" / "search-entries.js").write_text(_index(entries), encoding="utf-8")
    site = Site(
        title=schema().about["title"],
        version=dataset.version,
        edition=dataset.edition,
        root=dataset.identity.root,
        navigation=navigation,
        pages=frozenset(page.path for page in pages),
        assets=frozenset(path.name for path in (folder / "assets").iterdir()),
        kinds=tuple(sorted({entry.kind for entry in entries})),
        missing=missing,
    )
    environment = make_environment()
    for page in made:
        path = folder / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.data if isinstance(page, File) else _render(environment, page, site).encode())
    (folder / MARKER).write_text(f"{dataset.identity.root}\n", encoding="utf-8")
    return missing


def check_target(target: Path) -> None:
    """Raise InputError unless `target` is missing, empty or a site: the build replaces it.

    Raises:
        InputError: it is no folder or no site, or holds files that the previous build did not write.
    """
    hint = "Move it away, or name another folder: --out DIR."
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InputError([f"{target} is not a folder, and the site must be one. {hint}"])
    if target.is_dir() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise InputError([f"{target} is not a site (it has no {MARKER}), so it is not replaced. {hint}"])
    if foreign := dataset_swap.find_foreign(target):
        raise InputError([f"{target} holds files that `espress-build site` did not write: {foreign[0]}. {hint}"])


def _check_quotations(site: Path, full: Path) -> None:
    """Raise EspressError if a site of the open edition quotes an article."""
    from espress_build.inputs.params import read_params
    from espress_build.site.leaks import find_quotations

    if quoting := find_quotations(site, full, read_params().editions.named_words):
        raise EspressError(
            "The site of the open edition would quote articles, so it was not made:\n" + "\n".join(quoting)
        )


def build_site(where: Places, target: Path, edition: str | None = None, npm: Path | None = None) -> str | None:
    """Build the site of a dataset into `target`, and replace the previous site in one step.

    The same dataset and documents give the same bytes.

    Args:
        where: the project and its dataset.
        target: the folder of the site.
        edition: "full" or "open"; None means that of the dataset. The open edition of a full dataset is made first.
        npm: the folder in which `make site` installed the libraries for scripts, or None.

    Returns:
        Why search and map are missing, or None.

    Raises:
        InputError: the target is not a site, or the full edition is wanted from an open one.
        DamagedDataError: the dataset differs from its SHA256SUMS.
        DatasetMissingError: there is no dataset.
        EspressError: the site of the open edition would quote an article.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100  links are not followed: the target may not be one
    check_target(target)
    if problems := compare_with_sums(where.dataset):
        raise DamagedDataError(
            f"{where.dataset}, {problems[0].path}: {problems[0].what}. Build or download the dataset again."
        )
    dataset = Dataset(where.dataset, where.project)
    if edition == "full" and dataset.is_open:
        raise InputError([f"{where.dataset} is an open edition; a site of the full edition needs the full dataset."])
    with dataset_swap.only_build(target):
        dataset_swap.recover(target)
        staged = dataset_swap.staging(target)
        try:
            staged.mkdir(parents=True)
            with tempfile.TemporaryDirectory() as aside:
                if edition == "open" and not dataset.is_open:
                    open_edition(where.dataset, opened := Path(aside) / "open")
                    dataset = Dataset(opened, where.project)
                missing = _write(staged, dataset, npm)
                if dataset.folder != where.dataset:
                    _check_quotations(staged, where.dataset)
            write_sums(staged)
            dataset_swap.exchange(target)
        finally:
            dataset_swap.recover(target)
    return missing
