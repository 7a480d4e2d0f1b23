"""Labels and truth values as statistics programs have them: whole numbers with value labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.exporters.tables import terms

if TYPE_CHECKING:
    from espress.schema import Column


def codes(column: Column, cells: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the cells as whole numbers, nulls as nulls, and the label of each number from zero.

    A column that is neither a label nor a truth value stays as it is and has no labels.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.type == "bool":
        return cells.cast(pa.int32()), ("false", "true")
    if not column.labels:
        return cells, ()
    classes = terms(column, cells)
    return pc.index_in(cells, value_set=pa.array(classes, pa.string())), classes
