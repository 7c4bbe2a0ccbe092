"""What layers share that hold other layers: their declarations are put together from those of the layers inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from symshape.algebra.poly import Value
from symshape.declaration import Layer, Signature, Template
from symshape.declaration.layer import keras_style_name
from symshape.errors import ConditionError
from symshape.written import Symbol

__all__ = ["INSIDE_DECIDES", "Part", "beside", "marked", "name_of"]

# Keras asks each weight's own layer whether it is trained: what the layer around it says changes nothing.
INSIDE_DECIDES = {"trainable": True}


@dataclass(frozen=True)
class Part:
    """A layer inside another one: its weights' prefix, and what becomes of its symbols."""

    layer: Layer
    name: str
    rename: Callable[[Symbol], Symbol] | None = None

    def signature(self, ranks: tuple[int, ...]) -> Signature:
        """The layer's signature under its names in the layer around it."""
        signature = self.layer.signature(ranks)
        return (signature.renamed(self.rename) if self.rename else signature).inside(self.layer, self.name)

    @property
    def bindings(self) -> Iterable[tuple[str, Value]]:
        """The layer's options under their names in the layer around it."""
        for name, value in self.layer.bindings.items():
            yield (self.rename(Symbol(name)).name if self.rename else name), value


def marked(keep: Iterable[str], mark: object, put: Mapping[str, Symbol] | None = None) -> Callable[[Symbol], Symbol]:
    """Names with a mark at their end, but for those kept, and those that others are put in place of."""
    kept, placed = frozenset(keep), put or {}

    def rename(symbol: Symbol) -> Symbol:
        if symbol.name in placed:
            return placed[symbol.name]
        return symbol if symbol.name in kept else Symbol(f"{symbol.name}_{mark}", symbol.meaning, symbol.unit)

    return rename


class _Holding(Layer):
    """What all layers share that hold others."""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The layers inside."""
        raise NotImplementedError

    @cached_property
    def bindings(self) -> dict[str, Value]:
        bound: dict[str, Value] = {}
        for part in self.parts:
            for name, value in part.bindings:
                if bound.setdefault(name, value) != value:
                    raise ConditionError(
                        f"{self.label}: {name} is {bound[name]} and, in {part.name}, {value} at once",
                        layer=self.label,
                        condition=f"{bound[name]} == {value}",
                    )
        return bound

    def replaced(self, **options: Any) -> Layer:
        """The same layer with other options; options that it does not have are those of the layers inside."""
        own = {name: value for name, value in options.items() if name in self.fields}
        inner = {name: value for name, value in options.items() if name not in self.fields}

        def changed(held: Any) -> Any:
            return tuple(map(changed, held)) if isinstance(held, tuple) else held.replaced(**inner)

        for name in self.fields if inner else ():
            held = own.get(name, getattr(self, name))
            if isinstance(held, Layer) or (isinstance(held, tuple) and held and isinstance(held[0], Layer)):
                own[name] = changed(held)
        return super().replaced(**own)

    def checked(self, takes: Iterable[Iterable[str]], ranks: tuple[int, ...]) -> None:
        """Refuse a wrong number of inputs, or inputs of a wrong rank."""
        self.check_arity(Template(takes=tuple(tuple(map(Symbol, names)) for names in takes), gives=()), ranks)


def name_of(layer: Layer, taken: Iterable[str] = ()) -> str:
    """The layer's name, or the one Keras would give it beside those taken."""
    stem = layer.name or keras_style_name(type(layer))
    name, number = stem, 0
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def declared_by(parts: Sequence[Signature | Template]) -> Iterable[str]:
    """The counts that all parts declare: what one of them does not tell, the whole cannot tell either."""
    first, *others = (part.counts for part in parts)
    return [name for name in first if all(name in other for other in others)]


def beside(parts: Iterable[Signature]) -> Signature:
    """The first signature with the rules, weights, conditions and counts of all; a count that one lacks, all lack."""
    parts = tuple(parts)
    return replace(
        parts[0],
        rules=tuple(rule for part in parts for rule in part.rules),
        weights=tuple(weight for part in parts for weight in part.weights),
        where=tuple(condition for part in parts for condition in part.where),
        counts={name: tuple(row for part in parts for row in part.counts[name]) for name in declared_by(parts)},
        asides=tuple(rule for part in parts for rule in part.asides),
        torch_weights=tuple(weight for part in parts for weight in part.torch_weights),
    )
