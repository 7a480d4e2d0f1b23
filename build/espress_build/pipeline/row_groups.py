"""Write Parquet files from row groups that are packed one by one, so that an unchanged row group is packed only once.

The bytes of a row group do not depend on its place in the file; only the footer says where each column begins. pyarrow
packs each row group into a file of its own. The whole file then holds the bytes of all row groups, one after the other,
and a footer with these places moved. A test asserts that pyarrow writes the same bytes if it writes the tables into one
file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from espress_build.tables import to_stream

if TYPE_CHECKING:
    from typing import IO

    from espress_build.inputs.params import Package
    from espress_build.pipeline.result_cache import ResultCache

_MAGIC = b"PAR1"
# Fields of the footer, by their numbers in parquet.thrift; 0 for any element of a list.
_ROWS, _GROUPS, _SIZE = (3,), (4,), (4, 0, 6)
_ORDINAL = (4, 0, 7)
# Places in the file: of a row group; of a column, its data pages, index page, dictionary page and Bloom filter.
_PLACES = {(4, 0, 5), (4, 0, 1, 0, 2), *((4, 0, 1, 0, 3, field) for field in (9, 10, 11, 14))}
# Types of Thrift's compact protocol.
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_LONG_LIST = 15

_Path = tuple[int, ...]


class _Footer:
    """The places of the values in a footer, which is in Thrift's compact protocol."""

    def __init__(self, content: bytes) -> None:
        """Read a footer; raises ValueError or IndexError if the bytes are not a footer."""
        self._content, self._at = content, 0
        self.integers: list[tuple[_Path, int, int, int]] = []  # path, start, end and value
        self.spans: dict[_Path, tuple[int, int]] = {}
        self._read_struct(())

    def _read_varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._content[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def _read_struct(self, path: _Path) -> None:
        field = 0
        while (head := self._content[self._at]) != _STOP:
            self._at += 1
            field = field + (head >> 4) if head >> 4 else _unzigzag(self._read_varint())
            start = self._at
            self._read_value(head & 15, (*path, field))
            self.spans[*path, field] = (start, self._at)
        self._at += 1

    def _read_value(self, kind: int, path: _Path) -> None:
        if kind in _INTEGERS:
            start, raw = self._at, self._read_varint()
            self.integers.append((path, start, self._at, _unzigzag(raw)))
        elif kind == _BINARY:
            size = self._read_varint()
            self._at += size
        elif kind == _STRUCT:
            self._read_struct(path)
        elif kind in (_LIST, _SET):
            self._read_list(path)
        elif kind in (_BYTE, _DOUBLE):
            self._at += 1 if kind == _BYTE else 8
        elif kind not in (_TRUE, _FALSE):
            raise ValueError(f"type {kind} of Thrift occurs in no footer")

    def _read_list(self, path: _Path) -> None:
        head = self._content[self._at]
        self._at += 1
        number = head >> 4 if head >> 4 < _LONG_LIST else self._read_varint()
        for _ in range(number):
            if head & 15 in (_TRUE, _FALSE):
                self._at += 1
            else:
                self._read_value(head & 15, (*path, 0))


def _unzigzag(raw: int) -> int:
    return (raw >> 1) ^ -(raw & 1)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


@dataclass(frozen=True)
class PackedGroup:
    """A row group as a complete Parquet file, and where its footer has the values that change if the group is moved.

    `marks` are (start, end, value, whether the value is the number of the row group, not a place in the file).
    """

    file: bytes
    rows: int
    group: tuple[int, int]  # where the footer describes the row group
    number_of_rows: tuple[int, int]  # where the footer has the number of all rows
    head: tuple[int, int]  # where the footer has the number of row groups
    marks: list[tuple[int, int, int, bool]]

    @property
    def footer_start(self) -> int:
        """Where the footer begins in the file."""
        return len(self.file) - 8 - int.from_bytes(self.file[-8:-4], "little")

    @property
    def footer(self) -> bytes:
        """The footer."""
        return self.file[self.footer_start : -8]

    @property
    def body(self) -> memoryview:
        """The bytes of the row group."""
        return memoryview(self.file)[len(_MAGIC) : self.footer_start]

    def describe(self, start: int, number: int) -> bytes:
        """Return the footer's entry for the row group if it is number `number` of a file and begins at byte `start`."""
        footer, parts, at = self.footer, [], self.group[0]
        for first, last, value, is_ordinal in self.marks:
            moved = number if is_ordinal else value + start - len(_MAGIC)
            parts += [footer[at:first], _zigzag(moved)]
            at = last
        return b"".join([*parts, footer[at : self.group[1]]])

    def to_bytes(self) -> bytes:
        """Return it as bytes that `from_bytes` reads."""
        about = {name: value for name, value in vars(self).items() if name != "file"}
        head = json.dumps(about).encode()
        return len(head).to_bytes(4) + head + self.file

    @classmethod
    def from_bytes(cls, content: bytes) -> PackedGroup:
        """Return the row group that `to_bytes` turned into these bytes."""
        size = int.from_bytes(content[:4])
        return cls(file=content[4 + size :], **json.loads(content[4 : 4 + size]))


def pack(table: Any, options: dict[str, Any]) -> PackedGroup:
    """Pack a table with rows as a row group.

    Raises:
        ValueError, LookupError: pyarrow writes a footer of a form that this module does not know.
    """
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, **options) as writer:
        writer.write_table(table, row_group_size=table.num_rows)
    file = sink.getvalue().to_pybytes()
    content = file[-8 - int.from_bytes(file[-8:-4], "little") : -8]
    footer = _Footer(content)
    groups = footer.spans[_GROUPS]
    sizes = [value for path, _, _, value in footer.integers if path == _SIZE]
    if content[groups[0]] >> 4 != 1 or sizes != [len(file) - len(content) - 8 - len(_MAGIC)]:
        raise ValueError("the file does not consist of one row group and its footer")
    marks = [
        (start, end, value, path == _ORDINAL) for path, start, end, value in footer.integers
        if path == _ORDINAL or (path in _PLACES and value)
    ]  # fmt: skip
    body = (groups[0] + 1, groups[1])
    return PackedGroup(file, table.num_rows, body, footer.spans[_ROWS], (groups[0], groups[0] + 1), marks)


class StitchedFile:
    """A Parquet file that grows by packed row groups; all have the same schema and options."""

    def __init__(self, file: IO[bytes]) -> None:
        """Begin with an empty file."""
        self._file, self._at, self._rows = file, len(_MAGIC), 0
        self._groups: list[bytes] = []
        self._first: PackedGroup | None = None
        file.write(_MAGIC)

    def add(self, packed: PackedGroup) -> None:
        """Write one row group."""
        self._first = self._first or packed
        self._groups.append(packed.describe(self._at, len(self._groups)))
        self._file.write(packed.body)
        self._at += len(packed.body)
        self._rows += packed.rows

    @property
    def size(self) -> int:
        """The number of bytes until now."""
        return self._at

    def close(self) -> None:
        """Write the footer; there must be a row group."""
        if self._first is None:
            raise ValueError("a file without row groups cannot be stitched")
        footer, first, number = self._first.footer, self._first, len(self._groups)
        kind = footer[first.head[0]] & 15
        head = bytes((number << 4 | kind,)) if number < _LONG_LIST else bytes((0xF0 | kind,)) + _varint(number)
        parts = [footer[: first.number_of_rows[0]], _zigzag(self._rows),
                 footer[first.number_of_rows[1] : first.head[0]], head, *self._groups,
                 footer[first.group[1] :]]  # fmt: skip
        whole = b"".join(parts)
        self._file.write(whole + len(whole).to_bytes(4, "little") + _MAGIC)


def list_options(params: Package) -> dict[str, Any]:
    """Return the options with which pyarrow writes Parquet files."""
    return {"compression": params.compression, "compression_level": params.compression_level, "store_schema": True}


def _name_group(table: Any, options: dict[str, Any]) -> str:
    """Return the key of a row group: a hash of all that its bytes depend on."""
    about = repr(("row group", pa.__version__, sorted(options.items()))).encode()
    digest = hashlib.sha256(len(about).to_bytes(8) + about)
    digest.update(to_stream(table))
    return digest.hexdigest()


def fetch_or_pack(table: Any, options: dict[str, Any], cache: ResultCache) -> PackedGroup:
    """Return a table as a packed row group, from the cache if a table of the same content was packed before."""
    key = _name_group(table, options)
    held = cache.fetch(key)
    if held is not None:
        return PackedGroup.from_bytes(held)
    packed = pack(table, options)
    cache.store(key, packed.to_bytes())
    return packed
