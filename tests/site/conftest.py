"""A browser without network for the pages of the site.

`make site-test` adds Playwright to the project's environment; the browser is Debian's Chromium. Without them, these
tests are skipped.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    OpenPage = Callable[..., Any]

_HERE = Path(__file__).parent
_CHROMIUM = shutil.which("chromium")
# Sandboxes of containers do not let Chromium make its own. No name resolves, so nothing can be reached.
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]


def _find_obstacle() -> str | None:
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is not installed here; type: make site-test"
    if _CHROMIUM is None:
        return "Chromium is not installed; on Debian, type: apt-get install chromium"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of this folder if there is no browser to drive."""
    if reason := _find_obstacle():
        for item in items:
            if _HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the committed dataset, full edition, with search and map if npm's libraries are installed."""
    from espress_build.build import places
    from espress_build.site.build import build_site

    where = places(project)
    folder = tmp_path_factory.mktemp("browser") / "a site"  # an address with a space
    build_site(where, folder, npm=where.node_modules)
    return folder


@pytest.fixture(scope="session")
def open_site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the open edition of the committed dataset."""
    from tests.espress_build.site.editions import write_unchecked

    from espress_build.build import places
    from espress_build.site.build import build_site

    parent = tmp_path_factory.mktemp("browser")
    where = places(project, write_unchecked(project / "dataset", parent / "dataset"))
    build_site(where, parent / "open", npm=where.node_modules)
    return parent / "open"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser process for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=_CHROMIUM, args=_OPTIONS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of a new browser context, 1280 x 900; the test fails if the page reports an error or asks the network."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True, reduced_motion="reduce")
    faults: list[str] = []

    def refuse(route: Any) -> None:
        faults.append(f"asks for {route.request.url}")
        route.abort()

    context.route(lambda url: not url.startswith(("file:", "data:", "blob:", "about:")), refuse)
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    # A picture that is still loading when a test opens the next page is aborted.
    opened.on("requestfailed", lambda one: None if "ABORTED" in str(one.failure) else faults.append(one.url))
    yield opened
    context.close()
    assert faults == []


@pytest.fixture
def open_page(page: Any, site: Path) -> OpenPage:
    """A function that opens a page of the site from the disk, such as "articles/index.html#id", and returns it."""

    def go(path: str, folder: Path = site) -> Any:
        name, _, anchor = path.partition("#")
        page.goto((folder / name).as_uri() + (f"#{anchor}" if anchor else ""))
        return page

    return go


@pytest.fixture(scope="session")
def axe(project: Path) -> str:
    """The script of axe-core, which `make site-test` installs from npm."""
    script = project / ".make" / "site-test-npm" / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        pytest.skip("axe-core is not installed; type: make site-test")
    return script.read_text(encoding="utf-8")
