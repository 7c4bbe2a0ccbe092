"""Slices: every s-th position of an axis from a to before b, as Python counts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.algebra.bounds import bounds
from symshape.algebra.poly import Poly
from symshape.declaration import (
    FOLLOWING,
    KEEPS_NOTHING,
    NOTHING,
    Along,
    Condition,
    Dialect,
    Dim,
    Formula,
    Layer,
    Reading,
    Template,
    dim,
    dims,
)
from symshape.errors import GraphError, UnsupportedLayer, UsageError
from symshape.layers.axes import ATEN, KERAS_OPS, MOVES_DATA, NUMPY, one_input, place_of, places_of, sizes_of
from symshape.symbols import a, b, numbered, s
from symshape.written import Number, Symbol, Written, ceiling, maximum, minimum

__all__ = ["GetItem", "Select", "Slice"]

# Where exporters put an end that is beyond every axis: the same as none.
_LAST, _FIRST = 2**63 - 1, -(2**63)
_SLICING = NUMPY("Indexing: slicing and striding")


def kept(size: Written, ends: tuple[Any, Any, Any], written: tuple[Written, Written, Written]) -> Written:
    """How many positions of an axis a slice keeps. `ends` are (begin, end, step) as values, `written` as they are shown.

    Ends count from behind where negative, and beyond the axis mean its end. An end is drawn back only at the side where
    that matters: at the other side the slice is empty either way, and refused. Symbols count from the front.
    """
    begin, end, step = ends
    first, last, stride = written
    if not _negative(step):
        first = Number(0) if begin in (None, 0) else maximum(_behind(size, first), 0) if _negative(begin) else first
        last = size if end is None else _behind(size, last) if _negative(end) else minimum(last, size)
        length = last if first == Number(0) else last - first
        return length if step == 1 else ceiling(length / stride)
    first = size - 1 if begin is None else _behind(size, first) if _negative(begin) else minimum(first, size - 1)
    last = Number(-1) if end is None else maximum(_behind(size, last), -1) if _negative(end) else last
    length = first + 1 if last == Number(-1) else first - last
    return length if step == -1 else ceiling(length / -stride)


def seen(size: Written, ends: tuple[Any, Any, Any], written: tuple[Written, Written, Written]) -> Along:
    """Which positions of an axis a slice keeps."""
    begin, _, step = ends
    first, _, stride = written
    if _negative(step):
        at = size - 1 if begin is None else _behind(size, first) if _negative(begin) else minimum(first, size - 1)
    else:
        at = Number(0) if begin in (None, 0) else maximum(_behind(size, first), 0) if _negative(begin) else first
    return Along(size, stride, at)


def _behind(size: Written, place: Written) -> Written:
    """The place counted from the front, of one that counts from behind."""
    return size - Number(-place.value) if isinstance(place, Number) else size + place


def _negative(value: Any) -> bool:
    return isinstance(value, int) and value < 0


def _open(begin: Any, end: Any, step: Any) -> tuple[Any, Any, Any]:
    """The same slice with None for ends beyond every axis."""
    outer = (_FIRST, _LAST) if not _negative(step) else (_LAST, _FIRST)
    return (None if begin == outer[0] else begin, None if end == outer[1] else end, step)


def _from_the_front(value: Any, shown: Written) -> tuple[Condition, ...]:
    """The demand on an end that is an expression: without it, the end would count from behind."""
    if not isinstance(value, Poly):
        return ()
    low, _ = bounds(value)
    known = low is not None and low >= 0
    return () if known else (Condition(shown >= 0, "an end that is a formula counts from the front", _SLICING),)


_WHOLE = (None, None, 1)


class Slice(Layer):
    """Of each of `axes`, every s-th position from a to before b: as in Python, ends count from behind where negative
    and are drawn back to the axis.

    None is an open end. An end may be a formula, which counts from the front.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L", 64), Slice((1,), 1)).derive().output_shape
    (N, L - 1, 64)
    >>> Sequential(Input("L", 64), Slice((1, 2), (0, 0), ("K", None), (1, 3))).derive().output_shape
    (N, Min(K, L), 22)
    """

    axes: tuple[int, ...]
    begin: tuple[Dim, ...] = dims(a, (), least=_FIRST, gaps=True)
    end: tuple[Dim, ...] = dims(b, (), least=_FIRST, gaps=True)
    step: tuple[Dim, ...] = dims(s, (), least=_FIRST)

    example = staticmethod(lambda: Slice((1,), (1,), (None,), (2,)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (
        Dialect(
            "slice",
            {
                "dim": "axes",
                "start": Reading("begin", lambda given: (given,)),
                "end": Reading("end", lambda given: (given,)),
                "step": "step",
            },
            module=ATEN,
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        count = len(self.axes)
        options = zip((self.begin, self.end, self.step), _WHOLE, strict=True)
        ends = tuple(given or (default,) * count for given, default in options)
        for name, entries in zip(("begin", "end", "step"), ends, strict=True):
            if len(entries) != count:
                raise UsageError(f"{self.label}: {count} axes are sliced, {name} has {len(entries)} entries")
        if 0 in ends[2]:
            raise UsageError(f"{self.label}: a step of 0 leads nowhere")
        opened = [_open(*each) for each in zip(*ends, strict=True)]
        for name, entries in zip(("begin", "end", "step"), zip(*opened, strict=True), strict=True):
            object.__setattr__(self, name, entries)

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        sizes = sizes_of(rank)
        made = list(sizes)
        rules: list[Formula] = []
        where: list[Condition] = []
        along: dict[Written, Along] = {}
        for number, place in enumerate(places_of(self, self.axes, rank), 1):
            ends = (self.begin[number - 1], self.end[number - 1], self.step[number - 1])
            shown = (numbered(a, number), numbered(b, number), numbered(s, number))
            out = Symbol(f"{sizes[place].name}_out", f"{sizes[place].name} of the output", "positions")
            reason = "as many positions as lie between the ends"
            made[place] = out
            along[out] = seen(sizes[place], ends, shown)
            rules.append(Formula(out, kept(sizes[place], ends, shown), _SLICING, reason=reason))
            where += [
                condition
                for end, name in zip(ends[:2], shown, strict=False)
                for condition in _from_the_front(end, name)
            ]
        return Template(
            (sizes,), (tuple(made),), tuple(rules), where=tuple(where), counts=self.declared_counts(), along=along
        )


class Select(Layer):
    """The position `index` of an axis, which is left out; negative from behind."""

    axis: int
    index: Dim = dim(a, least=_FIRST)

    example = staticmethod(lambda: Select(1, -1))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (Dialect("select", {"dim": "axis", "index": "index"}, module=ATEN),)

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        sizes = sizes_of(rank)
        place = place_of(self, self.axis, rank)
        within = Condition(_within(a, sizes[place], self.index), _WITHIN, _SLICING)
        return Template(
            (sizes,),
            ((*sizes[:place], *sizes[place + 1 :]),),
            where=(within, *_from_the_front(self.index, a)),
            counts=self.declared_counts(),
        )


_WITHIN = "the index lies within the axis"


def _within(index: Written, size: Written, value: Any) -> Written:
    return _behind(size, index) >= 0 if _negative(value) else index < size


# -- Python's square brackets --------------------------------------------------------------------------------------------
class GetItem(Layer):
    """What square brackets give: `key` has a number, a (begin, end, step) with None for open ends, None for a new axis,
    or "..." for all axes in between, for one axis after the other.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L", 64), GetItem((":", 0, None))).derive().output_shape
    (N, 1, 64)
    """

    key: Any

    example = staticmethod(lambda: GetItem((":", (1, None, 2))))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (
        Dialect(
            "GetItem", {"key": Reading("key", lambda key: _keras_key(key))}, module=KERAS_OPS, arguments=("x", "key")
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        key = tuple(_entry(self, entry) for entry in (self.key if isinstance(self.key, (list, tuple)) else (self.key,)))
        if key.count("...") > 1:
            raise UsageError(f'{self.label}: "..." can stand in one place only')
        object.__setattr__(self, "key", key)

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        named = sum(1 for entry in self.key if entry is not None and entry != "...")
        if named > rank:
            raise GraphError(f"{self.label}: {named} entries are too many for {rank} dimensions")
        sizes = sizes_of(rank)
        rest = (":",) * (rank - named)
        gap = self.key.index("...") if "..." in self.key else len(self.key)
        key = (*self.key[:gap], *rest, *self.key[gap + 1 :])
        axes = iter(sizes)
        made: list[Written] = []
        rules: list[Formula] = []
        where: list[Condition] = []
        along: dict[Written, Along] = {}
        for entry in key:
            if entry is None:
                made.append(Number(1))
                continue
            size = next(axes)
            if entry == ":":
                made.append(size)
            elif isinstance(entry, int):
                where.append(Condition(_within(Number(entry), size, entry), _WITHIN, _SLICING))
            else:
                out = Symbol(f"{size.name}_out", f"{size.name} of the output", "positions")
                begin, end, step = (Number(end or 0) for end in entry)
                length = kept(size, entry, (begin, end, step))
                rules.append(Formula(out, length, _SLICING, reason="as many positions as lie between the ends"))
                along[out] = seen(size, entry, (begin, end, step))
                made.append(out)
        return Template(
            (sizes,), (tuple(made),), tuple(rules), where=tuple(where), counts=self.declared_counts(), along=along
        )


def _entry(layer: GetItem, entry: Any) -> Any:
    if entry is None or (isinstance(entry, str) and entry in (":", "...")):
        return entry
    if isinstance(entry, int) and not isinstance(entry, bool):
        return entry
    if isinstance(entry, (list, tuple)) and len(entry) == 3 and all(end is None or type(end) is int for end in entry):
        begin, end, step = entry
        step = 1 if step is None else step
        if step == 0:
            raise UsageError(f"{layer.label}: a step of 0 leads nowhere")
        return ":" if (begin or None, end, step) == _WHOLE else _open(begin, end, step)
    raise UsageError(f'{layer.label}: {entry!r} is no number, (begin, end, step), None, ":" or "..."')


def _keras_key(key: Any) -> tuple[Any, ...]:
    """What Keras writes into a file for the key of square brackets."""
    return tuple(map(_keras_entry, key)) if isinstance(key, (list, tuple)) else (_keras_entry(key),)


def _keras_entry(entry: Any) -> Any:
    if entry is None or (isinstance(entry, int) and not isinstance(entry, bool)):
        return entry
    kind = entry.get("class_name") if isinstance(entry, dict) else None
    if kind == "__ellipsis__":
        return "..."
    if kind == "__slice__" and isinstance(entry["config"], dict):
        return tuple(entry["config"].get(end) for end in ("start", "stop", "step"))
    raise UnsupportedLayer("has an entry that is no number, slice or new axis")
