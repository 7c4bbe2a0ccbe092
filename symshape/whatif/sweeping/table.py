"""The answers of a sweep, column by column.

A column holds 64-bit integers where its values are proved to fit, else exact integers of any size. Where a setting is
outside the network's domain the column `valid` is false and there is no value: masked in an array, None in a row, null
in pandas and Arrow, empty in CSV.

Integers beyond 64 bits are kept exactly in every form: Python integers in memory and in pandas, in Arrow and Parquet
decimals of 38 or 76 digits, or text where even those are too narrow, and digits in CSV.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from os import PathLike
from types import MappingProxyType
from typing import Any

from symshape.algebra.vector import Range
from symshape.algebra.vector_numpy import cut, fits
from symshape.errors import UnknownName, UsageError
from symshape.whatif.sweeping.extras import needed
from symshape.whatif.sweeping.space import Blocks, Space

__all__ = ["Row", "Table", "schema"]

Array = Any
Row = dict[str, "int | None"]

_PART = 65_536  # rows turned into text or into Python's integers at a time
_SHOWN = 5  # rows at either end


class Table:
    """One row for each setting, in the order of the settings: the last axis runs fastest.

    `table["macs"]` is a column; iteration gives rows as dicts of exact `int`s; `shape` has the lengths of the axes.
    """

    def __init__(
        self,
        space: Space,
        values: Mapping[str, Array],
        valid: Array | None,
        ranges: Mapping[str, Range | None],
        certain: frozenset[str] = frozenset(),
        explain: Callable[[Row], str] | None = None,
        network: str = "",
        ties: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.space = space
        self.network = network  # its name
        self.ties = ties  # the symbols that follow from others, with the formula of each
        self.shape = space.shape
        self._values = values
        self._valid = valid
        self._ranges = ranges
        self._certain = certain  # columns that have a value on every row
        self._explain = explain

    @property
    def names(self) -> tuple[str, ...]:
        """The columns: the symbols, what was asked, and `valid`."""
        return (*self.space.columns, *self._values, "valid")

    @property
    def symbols(self) -> tuple[str, ...]:
        """The columns that are symbols: those swept over, and those tied to them."""
        return (*self.space.columns, *self.ties)

    def __len__(self) -> int:
        return len(self.space)

    # -- columns -------------------------------------------------------------------------------------------------------
    def grid(self, name: str) -> Array:
        """A column in the shape of the sweep, one axis for each that was given; masked where there is no value."""
        import numpy as np

        if name == "valid":
            valid = np.ones((), bool) if self._valid is None else self._valid
            return np.broadcast_to(valid, self.shape)
        if name in self.space.columns:
            return np.broadcast_to(self.space.arrays()[name], self.shape)
        if name not in self._values:
            raise UnknownName(f"the table has no column {name}: it has {', '.join(self.names)}")
        values = np.broadcast_to(self._values[name], self.shape)
        if self.all_valid or name in self._certain:
            return values
        valid = self.grid("valid")
        return np.ma.array(np.where(valid, values, 0), mask=~valid)

    def __getitem__(self, name: str) -> Array:
        """A column: an array of 64-bit integers, or of Python's where they may be larger; masked where not valid."""
        return self.grid(name).reshape(-1)

    @property
    def valid(self) -> Array:
        """By row, whether the setting is in the network's domain."""
        return self["valid"]

    @property
    def all_valid(self) -> bool:
        """Whether every setting is in the network's domain."""
        return self._valid is None or bool(self._valid.all())

    # -- rows ----------------------------------------------------------------------------------------------------------
    def parts(self, most: int = _PART) -> Iterator[Table]:
        """The table in pieces of at most so many rows."""
        blocks = Blocks(self.space, most)
        for place, space in enumerate(blocks):
            box = blocks.box(place)
            values = {name: cut(column, box) for name, column in self._values.items()}
            valid = None if self._valid is None else cut(self._valid, box)
            yield Table(space, values, valid, self._ranges, self._certain, network=self.network, ties=self.ties)

    def lists(self) -> dict[str, list[Any]]:
        """Every column as a list of `int`s, with None where there is no value; `valid` of `bool`s."""
        return {name: self[name].tolist() for name in self.names}

    def __iter__(self) -> Iterator[Row]:
        names = self.names
        for part in self.parts():
            for row in zip(*part.lists().values(), strict=True):
                yield dict(zip(names, row, strict=True))

    def row(self, place: int) -> Row:
        """One row; counted from the end where the place is negative."""
        place = operator.index(place)
        if not -len(self) <= place < len(self):
            raise IndexError(f"row {place} of {len(self)}")
        blocks = Blocks(self.space, 1)
        box = blocks.box(place % len(self))
        values = {name: cut(column, box) for name, column in self._values.items()}
        valid = None if self._valid is None else cut(self._valid, box)
        return next(iter(Table(self.space.part(box), values, valid, self._ranges, self._certain)))

    def reason(self, place: int) -> str | None:
        """Why a row has no values: the layer, its numbers and the condition that fails; None where it has them."""
        row = self.row(place)
        if row["valid"]:
            return None
        if self._explain is None:
            raise UsageError("this is a part of a sweep: the table that `sweep` gives knows the reasons")
        return self._explain(row)

    def data(self) -> dict[str, Any]:
        """The columns as plain data, for JSON."""
        return {"columns": self.lists()}

    # -- other forms ---------------------------------------------------------------------------------------------------
    def to_pandas(self) -> Any:
        """A pandas `DataFrame`: `int64`, `Int64` where values are missing, objects that are `int`s beyond 64 bits."""
        pandas = needed("pandas", "table", "a DataFrame")
        return pandas.DataFrame({name: self._series(name) for name in self.names})

    def _series(self, name: str) -> Any:
        import numpy as np

        column = self[name]
        if not isinstance(column, np.ma.MaskedArray):
            return column
        if column.dtype == object:
            return np.where(column.mask, None, column.data)
        pandas = needed("pandas", "table", "a DataFrame")
        return pandas.arrays.IntegerArray(np.array(column.data), np.array(column.mask))

    def to_arrow(self) -> Any:
        """An Arrow `Table`: `int64`, decimals or text by what the columns can hold, null where there is no value."""
        arrow = needed("pyarrow", "table", "an Arrow table")
        return arrow.table(
            [self._arrow(name) for name in self.names], arrow.schema(list(schema(self.names, self._ranges)))
        )

    def _arrow(self, name: str) -> Any:
        import numpy as np

        arrow = needed("pyarrow", "table", "an Arrow table")
        column = self[name]
        if column.dtype != object:
            return arrow.array(
                np.ma.getdata(column), mask=np.ma.getmaskarray(column) if np.ma.is_masked(column) else None
            )
        kind = _arrow_type(self._ranges[name])
        values = column.tolist()
        if arrow.types.is_string(kind):
            values = [None if value is None else str(value) for value in values]
        elif arrow.types.is_decimal(kind):
            from decimal import Context, Decimal

            exact = Context(prec=80)
            values = [None if value is None else exact.create_decimal(Decimal(value)) for value in values]
        return arrow.array(values, kind)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write a CSV file: a line of names, then a line for each row, empty where there is no value."""
        from symshape.whatif.sweeping.files import write

        write(path, "csv", self.names, self._ranges, self.parts())

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write a Parquet file with the columns of `to_arrow`."""
        from symshape.whatif.sweeping.files import write

        write(path, "parquet", self.names, self._ranges, self.parts(2**20))

    def to_svg(self, path: str | PathLike[str], title: str | None = None, log: str | None = None) -> None:
        """Draw curves into an SVG file: a panel for each metric, over the axis with the most values.

        Each setting of the other axes is a line of its own, of at most 8. `log` names the logarithmic axes ("x", "y", "xy" or
        "none"); without it the values decide.

        Raises `UsageError` for what cannot be read as a picture.
        """
        from symshape.report import draw

        draw(self, path, title=title, log=log)

    # -- on a screen ---------------------------------------------------------------------------------------------------
    def _outline(self) -> list[list[str]]:
        """The names, and the first and the last rows as text."""
        few = len(self) <= 2 * _SHOWN
        rows = [_cells(row) for row in islice(self, 2 * _SHOWN if few else _SHOWN)]
        if not few:
            rows.append(["…"] * len(self.names))
            rows += [_cells(self.row(place)) for place in range(-_SHOWN, 0)]
        return [list(self.names), *rows]

    def __repr__(self) -> str:
        lines = self._outline()
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([*text, f"[{len(self)} rows]"])

    def _repr_html_(self) -> str:
        from html import escape

        head, *rows = self._outline()
        cells = "".join(f"<th>{escape(name)}</th>" for name in head)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table><p>{len(self)} rows</p>"


def _cells(row: Row) -> list[str]:
    return ["" if value is None else str(value) for value in row.values()]


# -- the kinds of columns ----------------------------------------------------------------------------------------------
def _arrow_type(values: Range | None) -> Any:
    """The Arrow type of a column: by what its values are proved to lie between, so that all blocks agree."""
    arrow = needed("pyarrow", "table", "an Arrow table")
    if values is None:
        return arrow.string()
    if fits(values):
        return arrow.int64()
    most = max(-values[0], values[1])
    return next((kind(digits) for digits, kind in _decimals(arrow) if most < 10**digits), arrow.string())


def _decimals(arrow: Any) -> tuple[tuple[int, Any], ...]:
    return (38, arrow.decimal128), (76, arrow.decimal256)


def schema(names: tuple[str, ...], ranges: Mapping[str, Range | None]) -> Iterator[tuple[str, Any]]:
    """The columns' names with their Arrow types."""
    arrow = needed("pyarrow", "table", "an Arrow table")
    return ((name, arrow.bool_() if name == "valid" else _arrow_type(ranges[name])) for name in names)
