"""A layer applied to input shapes: the one engine that reads declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from symshape.algebra.atoms import Atom
from symshape.algebra.claims import Claim, claim_between
from symshape.algebra.evaluate import compiled, evaluate
from symshape.algebra.poly import Name, Poly, Value, canonical, divide, substitute
from symshape.algebra.present import present
from symshape.declaration.formula import Condition, Count, Weight
from symshape.declaration.layer import Layer, Shape
from symshape.declaration.signature import Rule, Signature
from symshape.errors import ConditionError
from symshape.written import Symbol, Written, place

__all__ = ["Application", "Demand", "WeightShape"]


@dataclass(frozen=True)
class Demand:
    """An open condition of one layer: the claim, and the sentence to say where it fails."""

    layer: str
    claim: Claim
    reason: str


@dataclass(frozen=True)
class WeightShape:
    """A weight with its dimensions: as written, and as values."""

    weight: Weight
    trees: tuple[Written, ...]
    dims: Shape
    trainable: bool
    buffer: bool = False
    used: Value = 1

    @property
    def count(self) -> Value:
        """The number of entries."""
        total: Value = 1
        for size in self.dims:
            total = size * total
        return total

    @property
    def active(self) -> Value:
        """The number of entries that one position takes part in."""
        return self.used * self.count


class Application:
    """A layer over inputs of given shapes: its output shapes at once, everything else when asked.

    `names` puts values where the layer's own options are symbols.
    Raises `ConditionError` where a condition already fails for the numbers known.
    """

    __slots__ = ("__dict__", "inputs", "label", "layer", "outputs", "signature", "values")

    def __init__(
        self, layer: Layer, inputs: Sequence[Shape], label: str = "", names: Mapping[Name, Value] | None = None
    ) -> None:
        self.layer = layer = layer.seeing(inputs)
        self.label = label or layer.label
        self.inputs = tuple(inputs)
        self.signature: Signature = layer.signature(tuple(map(len, inputs)))
        values = dict(layer.bindings)
        if names and layer.symbolic:
            values = {symbol: substitute(value, names) for symbol, value in values.items()}
        for taken, shape in zip(self.signature.takes, inputs, strict=True):
            for symbol, size in zip(taken, shape, strict=True):
                self._bind(values, symbol, size)
        for rule in self.signature.rules:
            values[rule.target] = rule(values)
        self.values: Mapping[str, Value] = values
        self.outputs: tuple[Shape, ...] = tuple(
            tuple(values[size.name] if type(size) is Symbol else evaluate(size, values) for size in shape)
            for shape in self.signature.gives
        )
        self._refuse_failures()

    def _bind(self, values: dict[str, Value], symbol: str, size: Value) -> None:
        made_for = symbol in self.layer.bindings  # an option, which stands: it is asked of the input
        if symbol in values and values[symbol] != size:
            known = values[symbol]
            if claim_between("==", known, size) is False:
                reason = (
                    f"the layer is made for {symbol} = {known}, its input has {symbol} = {size}"
                    if made_for
                    else f"{symbol} is {known} and {size} at once: the shapes do not fit together"
                )
                raise ConditionError(f"{self.label}: {reason}", layer=self.label, condition=f"{known} == {size}")
        if not made_for:
            values[symbol] = size

    # -- conditions --------------------------------------------------------------------------------------------------
    def _refuse_failures(self) -> None:
        """What is decided now is refused now; open conditions wait for whoever asks for the domain."""
        for condition, tree, claim in self.signature.where:
            if claim(self.values) is False:
                raise self._failure(condition, tree)
        for shape in self.outputs:
            for size in shape:
                if type(size) is int and size < 1:
                    raise self._too_small(size)

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """The conditions that are still open because they depend on symbols."""
        return tuple(self._open())

    def _open(self) -> Iterable[Demand]:
        for condition, _, claim in self.signature.where:
            open_claim = claim(self.values)
            if isinstance(open_claim, Claim):
                yield Demand(self.label, open_claim, condition.reason)
        known = {size for shape in self.inputs for size in shape if isinstance(size, Poly)}
        for shape in self.outputs:
            for size in shape:
                if isinstance(size, Poly) and size not in known and not _product_of(size, known):
                    known.add(size)
                    positive = claim_between(">=", size, 1)
                    if positive is False:
                        raise self._too_small(size)
                    if isinstance(positive, Claim):
                        yield Demand(self.label, positive, "every output size is at least 1")
        for names, shape in zip(self.signature.takes, self.inputs, strict=True):
            for symbol, size in zip(names, shape, strict=True):
                same = claim_between("==", self.values[symbol], size)
                if isinstance(same, Claim):
                    made_for = symbol in self.layer.bindings
                    reason = f"the layer is made for {symbol} = {self.values[symbol]}"
                    yield Demand(self.label, same, reason if made_for else "the inputs' shapes fit together")

    def _failure(self, condition: Condition, tree: Written) -> ConditionError:
        placed = place(tree, self.shown)
        return ConditionError(
            f"{self.label}: {condition.reason}: {tree} is needed, here {placed}",
            layer=self.label,
            condition=str(tree),
        )

    def _too_small(self, size: Value) -> ConditionError:
        for rule in self.signature.rules:
            if self.values[rule.target] == size:
                return ConditionError(
                    f"{self.label}: {rule.target} = {rule.tree} = {self.placed(rule)} = {size}, "
                    "but every output size must be at least 1: the input is too small for this layer",
                    layer=self.label,
                    condition=f"{rule.target} >= 1",
                )
        return ConditionError(
            f"{self.label}: an output size is {size}: it must be at least 1", layer=self.label, condition="size >= 1"
        )

    @cached_property
    def everything(self) -> Mapping[str, Value]:
        """All symbols of the layer with their values, those that no shape depends on too."""
        values = dict(self.values)
        for rule in self.signature.asides:
            values[rule.target] = rule(values)
        return values

    # -- steps ---------------------------------------------------------------------------------------------------------
    def shown(self, symbol: Symbol) -> Written:
        """The symbol's value, written."""
        value = self.values.get(symbol.name)
        return symbol if value is None else present(value)

    def placed(self, rule: Rule) -> Written:
        """The rule's formula with values in place of names."""
        return place(rule.tree, self.shown)

    # -- weights and counts --------------------------------------------------------------------------------------------
    @cached_property
    def weights(self) -> tuple[WeightShape, ...]:
        """The layer's weights with their shapes."""
        return tuple(self._shaped(w, trees) for w, trees in self.signature.weights)

    @cached_property
    def torch_weights(self) -> tuple[WeightShape, ...]:
        """The layer's weights under PyTorch's names and with PyTorch's shapes."""
        return tuple(self._shaped(w.in_torch, trees) for w, trees in self.signature.torch_weights)

    def _shaped(self, weight: Weight, trees: tuple[Written, ...]) -> WeightShape:
        sizes = tuple(evaluate(tree, self.values) for tree in trees)
        trainable, buffer = weight.trainable and self.layer.trainable, weight.buffer(self.layer)
        return WeightShape(weight, trees, sizes, trainable, buffer, evaluate(weight.used, self.values))

    def counts(self, name: str) -> Iterable[tuple[Count, Written, Value]] | None:
        """The layer's rules for a count, each as (declared, written, value); None where it declares none."""
        rows = self.signature.counts.get(name)
        if rows is None:
            return None
        return tuple((count, tree, self._counted(tree)) for count, tree in rows)

    def _counted(self, tree: Written) -> Value:
        """A count's value with its products kept as products, which is how it is shown."""
        function, names = compiled(tree)
        values = self.values if all(name in self.values for name in names) else self.everything
        return function(*(values[name] for name in names))


def _product_of(size: Poly, known: set[Poly]) -> bool:
    """Whether the size is a multiple of a product of sizes that are at least 1 already."""
    if len(size.products) != 1:
        return False
    ((factors, coefficient),) = size.products.items()
    sizes = (factor if isinstance(factor, Poly) else Poly.of_atom(factor) for factor, _ in factors)
    whole = isinstance(coefficient, int) and coefficient > 0 and all(power > 0 for _, power in factors)
    return (whole and all(part in known for part in sizes)) or _made_of(size, [q for q in known if len(q.terms) == 1])


def _made_of(size: Value, quotients: list[Poly], factors: int = 4) -> bool:
    """The same where sizes are quotients: H·W/256 is (H/16)·(W/16). Products of a few factors are seen, no others."""
    if not isinstance(size, Poly):
        return isinstance(size, int) and size >= 1
    within = [part for part in quotients if _numerator(part) <= _numerator(size)] if factors else []
    return any(_made_of(canonical(divide(size, part)), quotients, factors - 1) for part in within)


def _numerator(size: Poly) -> set[Atom]:
    """The factors of a size that it is not divided by."""
    return {atom for monomial in size.terms for atom, power in monomial if power > 0}
