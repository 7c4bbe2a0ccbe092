"""What weights ask of the sizes: those of a shared layer are the same each time, trained ones keep the shapes in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from symshape.algebra.claims import Claim, claim_between
from symshape.algebra.poly import Poly, Value
from symshape.declaration import Demand
from symshape.derivation.layer import weights_of
from symshape.errors import ConditionError, UnknownName
from symshape.written import Written

if TYPE_CHECKING:
    from symshape.derivation.whole import Derivation

__all__ = ["kept_weights", "refuse_other_weights", "refuse_unequal_weights", "shared_weights"]

_Side = tuple[str, Written, Value, Value]  # the weight, one of its dimensions as declared, here, and elsewhere


# -- of a layer that is applied several times --------------------------------------------------------------------------
def shared_weights(derivation: Derivation) -> Iterator[Demand]:
    """That every application of a shared layer has weights of one shape."""
    for layer, _, first, other in _side_by_side(derivation):
        same = claim_between("==", first, other)
        if isinstance(same, Claim):
            yield Demand(layer, same, "every application of a shared layer uses weights of one shape")


def refuse_unequal_weights(derivation: Derivation) -> None:
    """Raises `ConditionError` where a shared layer would have weights of two shapes."""
    for layer, tree, first, other in _side_by_side(derivation):
        if claim_between("==", first, other) is False:
            raise ConditionError(
                f"{layer}: the layer is shared, and its weights cannot have {tree} = {first} and {other} at once",
                layer=layer,
                condition=f"{first} == {other}",
            )


def _side_by_side(derivation: Derivation) -> Iterator[_Side]:
    """Dimensions that are not plainly the same in two applications."""
    if len(derivation.network.layers) == len(derivation.network.nodes):
        return
    for layer in derivation:
        first, *others = map(weights_of, layer.calls)
        for other in others:
            for mine, theirs in zip(first, other, strict=True):
                for tree, here, there in zip(mine.trees, mine.dims, theirs.dims, strict=False):
                    if here != there:
                        yield f"{layer.name} ({layer.type}), {mine.weight.name}", tree, here, there


# -- of a trained network ----------------------------------------------------------------------------------------------
def kept_weights(derivation: Derivation) -> Iterator[Demand]:
    """That every weight keeps the shape that it has in the model's file."""
    for layer, tree, here, kept in _beside_file(derivation):
        same = claim_between("==", here, kept)
        if isinstance(same, Claim):
            yield Demand(layer, same, f"the trained weight {tree} keeps its size {kept}")


def refuse_other_weights(derivation: Derivation) -> None:
    """Raises `ConditionError` where a trained weight would have another shape."""
    for layer, tree, here, kept in _beside_file(derivation):
        if claim_between("==", here, kept) is False:
            raise ConditionError(
                f"{layer}: the trained weights are for {tree} = {kept}, at these sizes it would be {here}",
                layer=layer,
                condition=f"{tree} == {kept}",
            )


def _beside_file(derivation: Derivation) -> Iterator[_Side]:
    """Dimensions that are not plainly those in the file; raises `UnknownName` where the file gives no sizes."""
    network = derivation.network
    missing = sorted(network.symbols - {*network.native, "N"})
    if missing:
        raise UnknownName(
            "fixed_weights needs the sizes the weights were made for: the model's file gives none for "
            + ", ".join(missing)
        )
    for layer, same in zip(derivation, type(derivation)(network, network.native), strict=True):
        for ours, theirs in zip(layer.weights, same.weights, strict=True):
            for tree, here, kept in zip(ours.trees, ours.dims, theirs.dims, strict=True):
                if isinstance(here, Poly) or here != kept:
                    yield f"{layer.name} ({layer.type}), {ours.weight.name}", tree, here, kept
