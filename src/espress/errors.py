"""The errors and warnings of `espress`; each message says what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class EspressError(Exception):
    """Base class of the errors that `espress` and `espress-build` raise."""


class DatasetMissingError(EspressError):
    """There is no dataset in the given place."""


class UnknownNameError(EspressError):
    """A config, version, article, style or format does not exist; the message lists the existing ones."""

    def __init__(self, kind: str, name: object, known: list[str], hint: str = "", *, ordered: bool = False) -> None:
        """Compose the message from the name and the known names, which are sorted by similarity unless `ordered`."""
        import difflib

        text = str(name)
        near = known if ordered or not known else difflib.get_close_matches(text, known, n=len(known), cutoff=0.0)
        listed = ", ".join(near) or "none"
        super().__init__(f"There is no {kind} {text!r}. Known, nearest first: {listed}.{' ' + hint if hint else ''}")


class DamagedDataError(EspressError):
    """Bytes differ from the hashes of the dataset or the release."""


class DownloadError(EspressError):
    """A dataset could not be fetched: no network, no such repository or tag, or no answer from the server."""


class CacheError(EspressError):
    """The cache folder has no space for a dataset."""


class ErratumWarning(UserWarning):
    """A fault of the loaded release became known after its publication."""


class WithdrawnWarning(UserWarning):
    """The loaded release holds articles that have been withdrawn."""


class CacheWarning(UserWarning):
    """The cache folder cannot be written, so unpacked and downloaded data is removed when the process ends."""


class MissingLibraryError(EspressError):
    """A required optional library is not installed."""

    def __init__(self, library: str, needed_for: str, install: str) -> None:
        """Compose the message from the library, its purpose and the command that installs it."""
        super().__init__(f"{needed_for} needs {library}, which is not installed. Type: {install}")


def require(libraries: Iterable[str], needed_for: str, install: str) -> None:
    """Raise MissingLibraryError for the first of these libraries that is not installed, without importing them."""
    from importlib.util import find_spec

    for name in libraries:
        if find_spec(name) is None:
            raise MissingLibraryError(name, needed_for, install)


class SchemaError(EspressError):
    """A file of `schema/` is malformed."""


class InputError(EspressError):
    """An input cannot be used; `problems` lists every fault, not only the first."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems; the message has one line for each."""
        self.problems = problems
        super().__init__("\n".join(problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[list[str]]]:
        """Support pickling, so that worker processes can return the error."""
        return type(self), (self.problems,)


class ModelError(EspressError):
    """A model under test raised an exception, returned answers of the wrong number or type, or changed its input."""
