"""What only training runs: weights that are kept, and no work in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace
from functools import cached_property
from typing import Any

from symshape.algebra.poly import Value
from symshape.declaration import NOTHING, POINTWISE, Count, Kept, Layer, Signature, own
from symshape.declaration.signature import Rule, names_of_sizes
from symshape.errors import GraphError, UsageError
from symshape.layers.composite import Composite, Wired
from symshape.layers.conv import Conv2D
from symshape.layers.holding import Part, _Holding, beside, marked, name_of
from symshape.layers.source import InputLayer
from symshape.written import Number, Symbol, Written, product

__all__ = ["TrainingOnly"]

NOT_RUN = "is run by training only"


class TrainingOnly(_Holding):
    """What only training runs, such as an auxiliary classifier: its weights are kept; in use the input passes by.

    `layers` are those of the classifier, in order. Since they are not run, each must itself say how many features its
    weights are made for (`in_channels`, `in_features`); raises `UsageError` where one does not. What training keeps is
    what it keeps of them, which is refused where what enters is too small for them.

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
    keeps = Kept("unknown", reason="what training keeps of layers that do not take what enters")
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
        for number, layer in enumerate(self.layers, 1):
            if _has_weights(layer):
                made.append(Part(layer, name_of(layer, [part.name for part in made]), marked((), number)))
        return tuple(made)

    @cached_property
    def bindings(self) -> dict[str, Value]:
        return dict(self._run(()).bindings)

    def _run(self, shape: tuple[str, ...]) -> Composite:
        """The layers one after the other, as training runs them; symbols of the i-th carry i, as in `parts`."""
        chain = (Wired(layer, ((place, 0),)) for place, layer in enumerate(self.layers))
        return Composite((Wired(InputLayer(shape)), *chain), (0,), ((len(self.layers), 0),))

    def _trained(self, takes: tuple[str, ...]) -> tuple[tuple[Rule, ...], tuple[tuple[Any, Written], ...]]:
        """The sizes inside and what is kept of them, where the layers can be run on what enters."""
        try:
            inside = self._run(takes).composed((len(takes),))
        except GraphError:
            return (), ((type(self).keeps, Number(0)),)
        given = product(inside.gives[0])
        leaves = own(given, "what the last layer gives"), given  # the network's loss, not the network
        rows = inside.counts.get("keeps", ((type(self).keeps, Number(0)),))
        needs = tuple(rule.target for rule in inside.rules)
        told = (leaves if row.what == "outputs" else (row, tree) for row, tree in rows if isinstance(row, Kept))
        return inside.rules, tuple((replace(row, needs=needs), tree) for row, tree in told)

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        takes = (names_of_sizes(ranks[0] if ranks else 1),)
        self.checked(takes, ranks)
        inside = beside(part.signature((part.layer.rank + 2,)) for part in self.parts)
        for weight, trees in inside.weights:
            self._refuse_open(weight.name, trees)
        sizes, kept = self._trained(takes[0])
        return Signature(
            takes=takes,
            gives=(tuple(map(Symbol, takes[0])),),
            rules=(),
            weights=inside.weights,
            where=tuple(row for row in inside.where if self._told(row[1])),
            counts={
                name: tuple((count, count.expression) for count in counts)
                for name, counts in self.declared_counts().items()
            }
            | {"keeps": kept},
            asides=sizes,
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
