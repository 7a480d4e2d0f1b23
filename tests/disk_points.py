"""Call back before each operation on the disk, so that tests can stop a program at every one of them."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from espress import files
from espress_build.pipeline import dataset_swap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The calls through which espress.files and the exchange reach the disk, and the kind that each is reported as.
_CALLS: tuple[tuple[Any, str, str], ...] = (
    (files.NewFile, "write", "write"),
    (os, "fsync", "fsync"),
    (os, "rename", "rename"),
    (os, "replace", "rename"),
    (dataset_swap, "_swap", "rename"),
    (shutil, "rmtree", "remove"),
)


def watch_disk(reached: Callable[[str], object]) -> list[Any]:
    """Call `reached` with `write`, `fsync`, `rename` or `remove` before each operation; returns the started patches."""

    def patch(owner: Any, name: str, kind: str) -> Any:
        original = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            reached(kind)
            return original(*arguments, **options)

        return mock.patch.object(owner, name, call)

    patches = [patch(*one) for one in _CALLS if not isinstance(getattr(one[0], one[1]), mock.Mock)]
    for one in patches:
        one.start()
    return patches


@contextmanager
def watched_disk(reached: Callable[[str], object]) -> Iterator[None]:
    """Watch the disk inside a `with` statement."""
    patches = watch_disk(reached)
    try:
        yield
    finally:
        for one in patches:
            one.stop()
