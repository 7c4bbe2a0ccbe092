"""One layer of a derived network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from symshape.algebra.poly import Value, added
from symshape.declaration import Application, Layer, WeightShape
from symshape.declaration.layer import Shape
from symshape.declaration.metric import Folded, Metric
from symshape.derivation.quantities import Quantities, not_of_parts, public
from symshape.network import Network

if TYPE_CHECKING:
    from symshape.derivation.whole import Derivation
    from symshape.metrics.receptive_field import Fields

__all__ = ["LayerDerivation", "weights_of"]


class LayerDerivation(Quantities):
    """One layer of a derived network: all its applications, its weights once.

    `params`, `macs`, `output_shape` and the like are `int`s or sympy expressions.
    """

    def __init__(self, derivation: Derivation, name: str, operation: Layer | Network, calls: tuple[Any, ...]) -> None:
        self.derivation = derivation
        self.name = name
        self.operation = operation
        self.calls: tuple[Application | Derivation, ...] = calls

    @property
    def type(self) -> str:
        """The layer's class."""
        return self.operation.kind if isinstance(self.operation, Network) else type(self.operation).__name__

    @cached_property
    def outputs(self) -> tuple[Shape, ...]:
        """Every distinct output shape, over outputs and applications, as values."""
        shapes: list[Shape] = []
        for call in self.calls:
            found = call.outputs
            shapes.extend(shape for shape in found if len(found) > 1 or shape not in shapes)
        return tuple(shapes)

    @property
    def output_shape(self) -> Any:
        """The output shape, batch first; a list of shapes where the layer has several outputs."""
        shapes = [tuple(public(size) for size in shape) for shape in self.outputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def weights(self) -> tuple[WeightShape, ...]:
        """The layer's weights, each with its declared and actual shape."""
        return weights_of(self.calls[0])

    def quantity(self, rule: Metric | Folded, options: Mapping[str, str]) -> Value:
        """A metric over all the layer's applications, or over one where each of them has the same weights."""
        if isinstance(rule, Folded):
            raise not_of_parts(rule, self.name)
        chosen = rule.chosen(options)
        calls = self.calls[:1] if rule.per_layer else self.calls
        total = added(
            rule.of(call, **chosen) if isinstance(call, Application) else call.quantity(rule, options) for call in calls
        )
        return self.derivation.per_example(total)

    @property
    def receptive_field(self) -> Fields:
        """By spatial axis, the input positions that one output position sees: size, step and start as values.

        An `Unclear` with its reason where there is no one field along the axes; of a shared layer, its first field.
        """
        return self.derivation.receptive_fields[self.name]

    def __repr__(self) -> str:
        return f"<{self.name} ({self.type}): {self.output_shape}>"


def weights_of(call: Application | Derivation) -> tuple[WeightShape, ...]:
    """The weights of a layer's application, or of all layers of a nested network's."""
    if isinstance(call, Application):
        return call.weights
    return tuple(weight for layer in call for weight in layer.weights)
