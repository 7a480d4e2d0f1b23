"""Write figures as SVG, PDF and PNG; the same figure and version of matplotlib give the same SVG."""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from xml.sax.saxutils import escape

from espress.errors import InputError
from espress.plot import style
from espress.shortcut_audit.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

Theme = Literal["paper", "page"]
FORMATS = (".svg", ".pdf", ".png")
_PIXELS_PER_INCH = 200
# Families that hold characters which the bundled font lacks; those that are installed are used.
_OTHER_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei", "Noto Serif CJK SC", "Noto Serif CJK JP", "Malgun Gothic",
    "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Thai",
    "Arial Unicode MS",
)  # fmt: skip
# The variables are those of the site, src/espress/reader/tokens.css. Intervals have the colour of the text, and
# are drawn across filled areas.
_VARIABLES = {
    style.INK: "currentColor",
    style.RULE: f"var(--rule, {style.RULE})",
    style.SKY: f"light-dark({style.SKY}, {style.BLUE.upper()})",
    style.BLUE: f"var(--label-1-ink, {style.BLUE})",
}
_PROLOG = re.compile(r"<\?xml.*?\?>\s*<!DOCTYPE.*?>\s*", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_ID = re.compile(r"""(\bid="|href="#|url\(#)""")


def to_svg(figure: Figure, *, theme: Theme = "paper", title: str | None = None, description: str | None = None) -> str:
    """Return a figure as SVG; the same figure and version of matplotlib give the same text.

    Args:
        figure: a figure of this module, or any other of matplotlib.
        theme: "paper" is black on white. "page" is to be written into the HTML of a page: the background is
            transparent, text and axes have the text colour of the page (`currentColor`), and ids are unique.
        title: short name of the figure for screen readers; by default that of the figure.
        description: what the figure shows, in words; by default that of the figure.

    Raises:
        UnknownNameError: there is no such theme.
    """
    _check_theme(theme)
    text = io.StringIO()
    with _lay_out(figure, ".svg"):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, transparent=theme == "page")
    svg = _METADATA.sub("", "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n")
    svg = svg.replace(f"'{style.FONT}'", f"'{style.FONT}', sans-serif")
    names = [
        getattr(figure, key, "") if given is None else given
        for key, given in (("title", title), ("description", description))
    ]
    return _name(_adapt(svg) if theme == "page" else svg, *names)


def _check_theme(theme: str) -> None:
    from espress.errors import UnknownNameError

    if theme not in get_args(Theme):
        raise UnknownNameError("theme", theme, list(get_args(Theme)))


def _adapt(svg: str) -> str:
    """Return an SVG that takes its colours from the page that holds it, with ids that no other figure has."""
    svg = _PROLOG.sub("", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, variable)
    prefix = f"f{sha256(svg.encode()).hexdigest()[:8]}-"
    svg = _ID.sub(rf"\g<1>{prefix}", svg)
    return svg.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)


def _name(svg: str, title: str, description: str) -> str:
    """Return an SVG with its title and description, which screen readers read out."""
    if not title:
        return svg
    mark = f"t{sha256(f'{title}{description}{svg}'.encode()).hexdigest()[:8]}"
    named = f'<title id="{mark}">{escape(clean(title))}</title>'
    labelled = f'role="img" aria-labelledby="{mark}"'
    if description:
        named += f'\n <desc id="{mark}-d">{escape(clean(description))}</desc>'
        labelled += f' aria-describedby="{mark}-d"'
    opening, rest = re.split(r"(?<=>)(?=\n <defs>|\n <g id)", svg, maxsplit=1)
    return f"{opening.replace('<svg ', f'<svg {labelled} ', 1)}\n {named}{rest}"


@contextmanager
def _lay_out(figure: Figure, file_format: str) -> Iterator[None]:
    """Give each text a font that can draw it, and arrange our figures once, in the same way for every format."""
    from matplotlib import font_manager
    from matplotlib.text import Text

    known = set(font_manager.get_font(font_manager.findfont(style.FONT)).get_charmap())
    texts: Any = figure.findobj(Text)
    if {ord(character) for one in texts for character in one.get_text()} - known - {ord("\n")}:
        installed = {one.name for one in font_manager.fontManager.ttflist}
        families = [style.FONT, *(name for name in _OTHER_FONTS if name in installed)]
        for one in texts:  # all, because some get their text only when they are drawn
            one.set_fontfamily(families)
    with style.use_style("save"), warnings.catch_warnings():
        if file_format == ".svg":  # the viewer of the file has its own fonts
            warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        # A second arrangement would move the parts a little.
        if hasattr(figure, "description") and figure.get_layout_engine():
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        yield


def save(figure: Figure, path: str | Path, *, theme: Theme = "paper") -> None:
    """Write a figure to a file: SVG, PDF or PNG, by its suffix.

    Args:
        figure: a figure of this module, or any other of matplotlib.
        path: the file; it is replaced.
        theme: the colours of an SVG; see `to_svg`. With "page", PDF and PNG have a transparent background.

    Raises:
        InputError: the suffix is not one of these, or the folder does not exist.
        UnknownNameError: there is no such theme.
    """
    _check_theme(theme)
    file = Path(path)
    if file.suffix not in FORMATS:
        raise InputError([f"{file}: the name of a plot ends in {', '.join(FORMATS)}."])
    if not file.parent.is_dir():
        raise InputError([f"{file}: there is no folder {file.parent}. Make it first."])
    if file.suffix == ".svg":
        file.write_text(to_svg(figure, theme=theme), encoding="utf-8")
        return
    about = {"CreationDate": None} if file.suffix == ".pdf" else {}
    with _lay_out(figure, file.suffix):
        figure.savefig(file, metadata=about, dpi=_PIXELS_PER_INCH, transparent=theme == "page")
