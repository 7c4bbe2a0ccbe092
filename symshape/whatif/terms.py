"""What the names in a question stand for: symbols, metrics, sizes of the last map, and those of a layer.

H, W, K, …            the network's free symbols; N, the batch, for which costs then are
macs, params, …       the network's metrics
H_out, W_out, C_out   the sizes of the last map
conv2d.macs           a layer's metric, conv2d.H_out one of its sizes
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from symshape.algebra.claims import Both, Claim, Truth, claiming, every
from symshape.algebra.evaluate import evaluate
from symshape.algebra.parse import parse, parse_relation
from symshape.algebra.poly import Value, canonical, name
from symshape.derivation import Derivation
from symshape.errors import UnknownName, UsageError
from symshape.metrics import METRICS
from symshape.whatif.sizes import last_map, named_sizes
from symshape.written import AllOf, AnyOf, Divides, Relation, Written

__all__ = ["Question", "Terms", "free_symbols", "open_parts", "relation_of", "with_batch"]

Question = Any  # text, a written relation, or a sympy one


def relation_of(asked: Question) -> Written:
    """A question's relation; raises `ParseError` or `UsageError` for what is none."""
    if isinstance(asked, str):
        return parse_relation(asked)
    if isinstance(asked, (Relation, AnyOf, AllOf, Divides)):
        return asked
    try:
        return _of_sympy(asked)
    except (AttributeError, KeyError):
        raise UsageError(f"{asked!r} is not a relation such as 'macs <= 4e9'") from None


def _of_sympy(asked: Any) -> Written:
    from symshape.algebra.sympy_door import from_sympy

    return Relation(asked.rel_op.replace("Eq", "=="), from_sympy(asked.lhs), from_sympy(asked.rhs))


class Terms:
    """The names of one derivation with their values, each computed when it is asked for."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self._known: dict[str, Value] = {}

    def __getitem__(self, term: str) -> Value:
        if term not in self._known:
            self._known[term] = canonical(self._value(term))
        return self._known[term]

    def of(self, trees: Iterable[Written]) -> Mapping[str, Value]:
        """The values of every name in the trees."""
        return {symbol.name: self[symbol.name] for tree in trees for symbol in tree.symbols}

    def claim(self, relations: Iterable[Written]) -> Truth:
        """All the relations at once, decided as far as they can be."""
        return every([claiming(tree)(self.of([tree])) for tree in relations])

    def value(self, formula: str | Written) -> Value:
        """The value of a formula in these names."""
        tree = parse(formula) if isinstance(formula, str) else formula
        return evaluate(tree, self.of([tree]))

    def _value(self, term: str) -> Value:
        derivation = self.derivation
        if term in derivation.symbols or term == "N":
            return name(term)
        if term in derivation.bindings:
            return derivation.bindings[term]
        if term in METRICS:
            return derivation.value(term)
        layer, dot, what = term.rpartition(".")
        if dot:
            of_layer = derivation[layer]
            sizes = named_sizes(derivation).get(layer, {})
            if what in METRICS:
                return of_layer.value(what)
        else:
            sizes = last_map(derivation)
        if what in sizes:
            return sizes[what]
        known = [*derivation.symbols, *METRICS, *last_map(derivation)]
        close = get_close_matches(term, known, n=2, cutoff=0.6)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}, and LAYER.METRIC"
        raise UnknownName(f"{term} is no symbol, metric or size of {derivation.network.name}: {hint}")


def with_batch(derivation: Derivation, names: Iterable[str]) -> Derivation:
    """The derivation with costs for a batch of N, where N is among the names that are asked about."""
    return derivation.at(N="N") if "N" in names and "N" not in derivation.bindings else derivation


def free_symbols(derivation: Derivation) -> tuple[str, ...]:
    """The symbols that can be asked about: those that are free, and the batch where costs are for N."""
    batch = derivation.bindings.get("N", 1)
    return (*derivation.symbols, "N") if name("N") == batch else derivation.symbols


def open_parts(truth: Truth) -> tuple[Claim, ...]:
    """The claims that all must hold; none where it is decided."""
    return () if isinstance(truth, bool) else truth.claims if isinstance(truth, Both) else (truth,)
