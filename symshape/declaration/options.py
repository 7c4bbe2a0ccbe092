"""The options (hyper-parameters) of a layer: typed fields that carry their symbol and accept numbers or expressions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from fractions import Fraction
from inspect import formatannotation
from typing import TYPE_CHECKING, Any, Union

from symshape.algebra.evaluate import value_of
from symshape.algebra.parse import parse
from symshape.algebra.poly import Poly, Value, canonical
from symshape.declaration.dialect import shown
from symshape.errors import ConditionError, UsageError
from symshape.symbols import AXES, axis_symbol, numbered
from symshape.written import Symbol, Written

if TYPE_CHECKING:
    import sympy

__all__ = [
    "Dim",
    "DimLike",
    "Padding",
    "PaddingLike",
    "PerAxis",
    "PerAxisLike",
    "as_value",
    "dim",
    "dims",
    "padding",
    "per_axis",
    "plain_options_of",
]

DimLike = Union[int, str, Written, Poly, "sympy.Expr"]
PerAxisLike = DimLike | Sequence[DimLike]
PaddingLike = str | PerAxisLike | Sequence[Sequence[DimLike]]
# What a constructor takes is also what an attribute is declared as; after construction attributes hold values.
Dim = Any
PerAxis = Any
Padding = Any


def as_value(given: Any) -> Value:
    """A number, symbol name, formula text, sympy expression or value, as a value.

    >>> as_value("2*C")
    2*C
    """
    if isinstance(given, bool):
        raise UsageError(f"{given} is not a size")
    if isinstance(given, (int, Fraction, Poly)):
        return canonical(given)
    if isinstance(given, Written):
        return value_of(given)
    if isinstance(given, str):
        return value_of(parse(given))
    if "sympy" in sys.modules:
        import sympy

        if isinstance(given, sympy.Expr):
            from symshape.algebra.sympy_door import from_sympy

            return value_of(from_sympy(given))
    try:
        return int(given.__index__())
    except AttributeError:
        raise UsageError(f"{shown(given)} is not an integer, a symbol or an expression") from None


@dataclass(frozen=True)
class Option:
    """What a field is: its symbol, how it is read, and the values it binds."""

    symbol: Symbol
    least: int
    read: Callable[[Option, Any, int], Any]
    bind: Callable[[Option, Any, int], Iterable[tuple[str, Value]]]
    words: tuple[str, ...] = ()  # what may be given in place of numbers

    def reader(self, rank: int) -> Callable[[Any], Any]:
        """What makes a field's value from what is given, for a layer of this rank."""
        return lambda given: self.read(self, given, rank)

    def checked(self, given: Any) -> Value:
        """One number of the option, not below the least allowed."""
        value = as_value(given)
        if not isinstance(value, Poly) and (value < self.least or value != int(value)):
            raise ConditionError(
                f"{self.symbol.meaning or self.symbol} is {value}: it must be an integer ≥ {self.least}",
                condition=f"{self.symbol} >= {self.least}",
            )
        return value


def _options(read: Any, bind: Any, symbol: Symbol, default: Any, least: int, words: tuple[str, ...] = ()) -> Any:
    metadata = {"option": Option(symbol, least, _or_none(read) if default is None else read, bind, words)}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def _or_none(read: Any) -> Any:
    """An option that is None by default may be None."""
    return lambda option, given, rank: None if given is None else read(option, given, rank)


def dim(symbol: Symbol, default: Any = MISSING, *, least: int = 1) -> Any:
    """An option that is one number, or None where that is the default."""
    return _options(_read_dim, lambda option, value, rank: [(option.symbol.name, value)], symbol, default, least)


def per_axis(symbol: Symbol, default: Any = MISSING, *, least: int = 1) -> Any:
    """An option with one number per spatial axis; a single number serves all axes."""
    return _options(_read_per_axis, _bind_per_axis, symbol, default, least)


def padding(symbol: Symbol, default: Any = "valid", *, words: tuple[str, ...] = ("valid", "same")) -> Any:
    """Padding: one of `words`, a number, one per axis, or a (before, after) pair per axis."""

    def read(option: Option, given: Any, rank: int) -> Any:
        if isinstance(given, str) and (given in words or given in _PADDING_WORDS):
            if given not in words:
                raise ConditionError(f'padding "{given}" is not one of {", ".join(words)}', condition="padding")
            return given
        return _read_pairs(option, given, rank)

    return _options(read, _bind_padding, symbol, default, 0, words)


def dims(symbol: Symbol, default: Any = MISSING, *, least: int = -1, gaps: bool = False) -> Any:
    """An option that is a list of sizes; the i-th binds the symbol with subscript i, counted from 1.

    With `gaps` an entry may be None, which binds nothing.
    """

    def one(option: Option, given: Any) -> Any:
        return None if given is None and gaps else option.checked(given)

    def read(option: Option, given: Any, rank: int) -> tuple[Any, ...]:
        return tuple(one(option, size) for size in (given if isinstance(given, (list, tuple)) else (given,)))

    def bind(option: Option, sizes: tuple[Any, ...], rank: int) -> Iterable[tuple[str, Value]]:
        places = enumerate(sizes, 1)
        return [(numbered(option.symbol, place).name, size) for place, size in places if size is not None]

    return _options(read, bind, symbol, default, least)


_PADDING_WORDS = ("valid", "same", "causal", "full")


def _read_dim(option: Option, given: Any, rank: int) -> Value:
    return option.checked(given)


def _read_per_axis(option: Option, given: Any, rank: int) -> tuple[Value, ...]:
    if isinstance(given, (list, tuple)):
        if len(given) != rank:
            raise UsageError(f"{option.symbol.meaning}: {rank} numbers are wanted, {shown(list(given))} are given")
        return tuple(option.checked(part) for part in given)
    return (option.checked(given),) * rank


def _read_pairs(option: Option, given: Any, rank: int) -> tuple[tuple[Value, Value], ...]:
    if isinstance(given, (list, tuple)):
        if rank == 1 and len(given) == 2 and not isinstance(given[0], (list, tuple)):
            given = [given]  # ZeroPadding1D((before, after))
        if len(given) != rank:
            raise UsageError(f"{option.symbol.meaning}: {rank} entries are wanted, {shown(list(given))} are given")
        pairs = [part if isinstance(part, (list, tuple)) else (part, part) for part in given]
    else:
        pairs = [(given, given)] * rank
    if any(len(pair) != 2 for pair in pairs):
        raise UsageError(f"{option.symbol.meaning}: each axis takes a number or a (before, after) pair")
    return tuple((option.checked(before), option.checked(after)) for before, after in pairs)


def _bind_per_axis(option: Option, values: tuple[Value, ...], rank: int) -> Iterable[tuple[str, Value]]:
    for axis, value in zip(AXES[rank], values, strict=True):
        yield axis_symbol(option.symbol, axis).name, value


def _bind_padding(option: Option, given: Any, rank: int) -> Iterable[tuple[str, Value]]:
    if isinstance(given, str):
        given = ((0, 0),) * rank if given == "valid" else ()
    for axis, (before, after) in zip(AXES[rank], given, strict=False):  # a word like "same" binds nothing
        for symbol, value in ((option.symbol, before), (_P_BEGIN, before), (_P_END, after)):
            yield axis_symbol(symbol, axis).name, value


_P_BEGIN = Symbol("P_begin", axial=True)
_P_END = Symbol("P_end", axial=True)


def options_of(layer_type: Any) -> Mapping[str, Option]:
    """The symbolic options of a layer class, by field name."""
    return {entry.name: entry.metadata["option"] for entry in fields(layer_type) if "option" in entry.metadata}


# -- plain options -----------------------------------------------------------------------------------------------------
def _integers(given: Any) -> Any:
    numbers = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    return numbers if all(map(_integer, numbers)) else None


def _integer(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


# By a field's declared type: the value as it is kept, None where it is not of that type, and the type in words.
_PLAIN: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "bool": (lambda given: bool(given) if isinstance(given, int) and given in (0, 1) else None, "true or false"),
    "int": (lambda given: given if _integer(given) else None, "an integer"),
    "float": (lambda given: given if _integer(given) or isinstance(given, float) else None, "a number"),
    "str": (lambda given: given if isinstance(given, str) else None, "a text"),
    "tuple[int, ...]": (_integers, "one or more integers"),
}


def plain_options_of(layer_type: Any) -> Mapping[str, Callable[[Any], Any]]:
    """The options of a layer class that carry no symbol, by field name: each a reader that raises `UsageError`."""
    types = {entry.name: formatannotation(entry.type).strip("'") for entry in fields(layer_type)}
    return {name: _reader(*_PLAIN[kind]) for name, kind in types.items() if kind in _PLAIN}


def _reader(read: Callable[[Any], Any], wanted: str) -> Callable[[Any], Any]:
    def checked(given: Any) -> Any:
        value = read(given)
        if value is None:
            raise UsageError(f"{wanted} is wanted, not {shown(given)}")
        return value

    return checked
