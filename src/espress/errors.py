"""Every error that `espress` raises on purpose; each message says what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class EspressError(Exception):
    """Root of the errors that `espress` and `espress-build` raise on purpose."""


class DatasetMissingError(EspressError):
    """There is no dataset where one was looked for."""


class UnknownNameError(EspressError):
    """A config, version, article, style or format that does not exist; the message lists those that do."""

    def __init__(self, kind: str, name: object, known: list[str], hint: str = "", *, ordered: bool = False) -> None:
        """Compose the message from what was asked for and what there is: nearest first, `ordered` says that it is."""
        import difflib

        text = str(name)
        near = known if ordered or not known else difflib.get_close_matches(text, known, n=len(known), cutoff=0.0)
        listed = ", ".join(near) or "none"
        super().__init__(f"There is no {kind} {text!r}. Known, nearest first: {listed}.{' ' + hint if hint else ''}")


class DamagedDataError(EspressError):
    """Bytes are not what the dataset says that they are."""


class DownloadError(EspressError):
    """A dataset could not be fetched: no network, no such repository or tag, or a server that does not answer."""


class CacheError(EspressError):
    """The cache folder cannot take a dataset, for want of room."""


class ErratumWarning(UserWarning):
    """A fault of the loaded release became known after it was published."""


class WithdrawnWarning(UserWarning):
    """The loaded release holds articles that were withdrawn since."""


class CacheWarning(UserWarning):
    """The cache folder cannot be written, so what was unpacked or fetched lasts only as long as the process."""


class MissingLibraryError(EspressError):
    """An optional library is needed and not installed."""

    def __init__(self, library: str, needed_for: str, install: str) -> None:
        """Compose the message from what is missing, what needs it and what to type."""
        super().__init__(f"{needed_for} needs {library}, which is not installed. Type: {install}")


def require(libraries: Iterable[str], needed_for: str, install: str) -> None:
    """Raise MissingLibraryError for the first of these libraries that is not installed; none is loaded."""
    from importlib.util import find_spec

    for name in libraries:
        if find_spec(name) is None:
            raise MissingLibraryError(name, needed_for, install)


class SchemaError(EspressError):
    """A file of `schema/` does not say what it must."""


class InputError(EspressError):
    """What a maintainer gave cannot be used; `problems` lists every fault found, not the first alone."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems and put each on a line of its own."""
        self.problems = problems
        super().__init__("\n".join(problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[list[str]]]:
        """Carry the problems over from a worker process."""
        return type(self), (self.problems,)


class ModelError(EspressError):
    """A model that is being probed raised, answered in another shape than asked, or changed its input."""
