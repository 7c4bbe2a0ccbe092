"""What only training runs: weights that are kept, and no work in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from functools import cached_property
from typing import Any

from symshape.declaration import NOTHING, POINTWISE, Count, Kept, Layer, Signature
from symshape.declaration.signature import names_of_sizes
from symshape.errors import UsageError
from symshape.layers.conv import Conv2D
from symshape.layers.holding import Part, _Holding, beside, marked, name_of
from symshape.written import Number, Symbol, Written

__all__ = ["TrainingOnly"]

NOT_RUN = "is run by training only"


class TrainingOnly(_Holding):
    """What only training runs, such as an auxiliary classifier: its weights are kept; in use the input passes by.

    `layers` are those of the classifier, in order. Since they are not run, each must itself say how many features its
    weights are made for (`in_channels`, `in_features`); raises `UsageError` where one does not.

    >>> from symshape.layers.dense import Dense
    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", "C"), TrainingOnly((Dense(10, in_features=64),))).derive()
    >>> d.output_shape, d.params, d.macs
    ((N, L, C), 650, 0)
    """

    layers: Any = field()

    window = POINTWISE
    view = True
    macs = Count(Number(0), NOT_RUN)
    work = NOTHING
    looks_up = Count(Number(0), NOT_RUN)
    keeps = Kept("unknown", reason="what training keeps of layers that are not run in use")
    example = staticmethod(lambda: TrainingOnly((Conv2D(16, 1, in_channels=8),)))

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.layers, (list, tuple)) or not all(isinstance(layer, Layer) for layer in self.layers):
            raise UsageError(f"{self.label} keeps layers, not {self.layers!r}")
        object.__setattr__(self, "layers", tuple(self.layers))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Those of the layers inside that have weights."""
        made: list[Part] = []
        for number, layer in enumerate(filter(_has_weights, self.layers), 1):
            made.append(Part(layer, name_of(layer, [part.name for part in made]), marked((), number)))
        return tuple(made)

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        takes = (names_of_sizes(ranks[0] if ranks else 1),)
        self.checked(takes, ranks)
        inside = beside(part.signature((part.layer.rank + 2,)) for part in self.parts)
        for weight, trees in inside.weights:
            self._refuse_open(weight.name, trees)
        return Signature(
            takes=takes,
            gives=(tuple(map(Symbol, takes[0])),),
            rules=(),
            weights=inside.weights,
            where=tuple(row for row in inside.where if self._told(row[1])),
            counts={
                name: tuple((count, count.expression) for count in counts)
                for name, counts in self.declared_counts().items()
            },
            asides=(),
            axes=(),
            torch_weights=inside.torch_weights,
        )

    def _refuse_open(self, weight: str, trees: Iterable[Written]) -> None:
        for tree in trees:
            if not self._told(tree):
                raise UsageError(
                    f"{self.label}: {weight} depends on what enters its layer, and nothing enters a layer that is not "
                    "run: say how many features it takes (in_channels, in_features)"
                )

    def _told(self, tree: Written) -> bool:
        """Whether the layers' options say all that the formula speaks of."""
        return all(symbol.name in self.bindings for symbol in tree.symbols)


def _has_weights(layer: Layer) -> bool:
    return bool(layer.signature((layer.rank + 2,)).weights)
