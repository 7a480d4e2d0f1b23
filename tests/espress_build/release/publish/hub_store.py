"""What the Hub keeps: repositories of commits, each a whole tree of blobs, and branches and tags that name them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from fnmatch import fnmatch

ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"  # what a new dataset repository begins with
LARGE = ("*.parquet",)


def git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Blob:
    """The bytes of one file; in large file storage the repository holds a pointer in their place."""

    data: bytes
    large: bool

    @property
    def sha256(self) -> str:
        """The name in large file storage."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def pointer(self) -> bytes:
        """What the repository holds in place of a large file."""
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.data)}\n"
        return text.encode()

    @property
    def oid(self) -> str:
        """Git's own name."""
        return git_hash(self.pointer if self.large else self.data)

    @property
    def etag(self) -> str:
        """What tells two contents apart over HTTP."""
        return self.sha256 if self.large else self.oid

    def record(self, path: str) -> dict[str, object]:
        """Return its line in a listing."""
        found: dict[str, object] = {"type": "file", "path": path, "oid": self.oid, "size": len(self.data)}
        if self.large:
            found["lfs"] = {"oid": self.sha256, "size": len(self.data), "pointerSize": len(self.pointer)}
        return found


@dataclass(frozen=True)
class Commit:
    """One state of a repository."""

    oid: str
    title: str
    parent: str | None
    files: dict[str, Blob]


def is_large(path: str) -> bool:
    return any(fnmatch(path, pattern) for pattern in LARGE)


@dataclass
class Repository:
    """Commits, and what points at them."""

    name: str
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.commit("main", "initial commit", {".gitattributes": Blob(ATTRIBUTES, large=False)})

    def at(self, revision: str) -> Commit | None:
        """Return the commit that a branch, a tag or a hash names."""
        oid = self.branches.get(revision) or self.tags.get(revision) or revision
        return self.commits.get(oid)

    def commit(self, branch: str, title: str, files: dict[str, Blob]) -> Commit:
        """Put a whole new tree on a branch, in one step."""
        parent = self.branches.get(branch)
        content = [[path, blob.oid] for path, blob in sorted(files.items())]
        oid = hashlib.sha1(json.dumps([self.name, parent, title, content]).encode(), usedforsecurity=False).hexdigest()
        self.commits[oid] = Commit(oid, title, parent, dict(files))
        self.branches[branch] = oid
        return self.commits[oid]


def tree(commit: Commit, folder: str, *, recursive: bool) -> list[dict[str, object]]:
    """Return the files and folders below a folder, in order of their paths; none if there is no such folder."""
    prefix = f"{folder}/" if folder else ""
    found: dict[str, dict[str, object]] = {}
    for path, blob in sorted(commit.files.items()):
        if not path.startswith(prefix):
            continue
        steps = path.removeprefix(prefix).split("/")
        for depth in range(1, len(steps) if recursive else min(len(steps), 2)):
            above = prefix + "/".join(steps[:depth])
            found[above] = {"type": "directory", "path": above, "oid": git_hash(above.encode()), "size": 0}
        if recursive or len(steps) == 1:
            found[path] = blob.record(path)
    return list(found.values())
