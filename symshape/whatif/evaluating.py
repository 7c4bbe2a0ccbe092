"""A metric as a plain Python function of sizes: the fastest way to ask for one setting at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symshape.algebra.vector_scalar import guarded_function
from symshape.derivation import Derivation
from symshape.errors import ConditionError, UnknownName, UsageError

__all__ = ["function"]


def function(derivation: Derivation, metric: str, names: Sequence[str]) -> Callable[..., int]:
    """The metric as a function of the sizes of `names`, in exact integers.

    The function raises `ConditionError`, naming the layer, outside the domain. Raises `UnknownName` for a symbol that is
    not free here, or a missing one.

    >>> from symshape.zoo import named
    >>> function(named("resnet50").derive(), "macs", ["H", "W"])(224, 224)
    4089184256
    """
    for name in names:
        if name not in derivation.symbols:
            known = ", ".join(derivation.symbols)
            raise UnknownName(f"{name} is not a free symbol here: the free symbols are {known}")

    def outside(*sizes: int) -> None:
        at = dict(zip(names, sizes, strict=True))
        for name, size in at.items():
            if size < 1:
                raise UsageError(f"{name} = {size}: a size is a positive integer")
        derivation.at(**at)
        raise ConditionError(f"{derivation.network.name} is not defined at {at}")

    claims = [demand.claim for demand in derivation.domain.demands]
    return guarded_function(derivation.value(metric), claims, names, outside)
