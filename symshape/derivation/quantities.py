"""Metrics by their names, for a whole network as for one of its layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Union

from symshape.algebra.poly import Value, canonical, divide
from symshape.algebra.present import present
from symshape.declaration.metric import Folded, Metric, Quotient
from symshape.errors import UsageError

if TYPE_CHECKING:
    import sympy

__all__ = ["Number", "Quantities", "not_of_parts", "public"]

Number = Union[int, "sympy.Expr"]


def public(value: Value) -> Any:
    """A value as the interface shows it: an `int`, or a plain sympy expression over positive integer symbols."""
    value = canonical(value)
    if isinstance(value, int):
        return value
    from symshape.algebra.sympy_door import to_sympy

    return to_sympy(present(value))


class Quantities:
    """What has metrics. Costs are for one example unless the batch N is bound."""

    def quantity(self, rule: Metric | Folded, options: Mapping[str, str]) -> Value:
        """A metric's value by its rule, of those that are no quotients."""
        raise NotImplementedError

    def value(self, metric: str, **options: str) -> Value:
        """A metric as a value: a number or a polynomial.

        Raises `UnknownName` for a metric or an option that does not exist, `MissingRule` where a layer declares nothing.
        """
        from symshape.metrics import metric as metric_named

        rule = metric_named(metric)
        return divide(*self._both(rule, options)) if isinstance(rule, Quotient) else self.quantity(rule, options)

    def metric(self, name: str, **options: str) -> Number:
        """A metric by name, as an `int` or a sympy expression; options are its own, such as `dtype="fp16"`.

        Raises `UnknownName` for a metric or an option that does not exist, `MissingRule` where a layer declares nothing.
        """
        from symshape.metrics import metric as metric_named

        rule = metric_named(name)
        if not isinstance(rule, Quotient):
            return public(self.quantity(rule, options))
        from symshape.algebra.sympy_door import to_sympy

        above, below = (to_sympy(present(canonical(value))) for value in self._both(rule, options))
        quotient = above / below
        return int(quotient) if quotient.is_Integer else quotient

    def _both(self, rule: Quotient, options: Mapping[str, str]) -> tuple[Value, Value]:
        """The two metrics of which a quotient is made, each with the options that it has."""
        from symshape.metrics import metric as metric_named

        chosen = rule.chosen(options)
        above, below = (
            self.value(
                name, **{option: said for option, said in chosen.items() if option in metric_named(name).options}
            )
            for name in (rule.over, rule.under)
        )
        if below == 0:
            raise UsageError(f"{rule.name} is {rule.over} over {rule.under}, which is 0 here")
        return above, below

    @property
    def params(self) -> Number:
        """All numbers that are kept, shared weights once."""
        return self.metric("params")

    @property
    def trainable(self) -> Number:
        """The numbers that training updates."""
        return self.metric("trainable")

    @property
    def non_trainable(self) -> Number:
        """The numbers kept but not learned."""
        return self.metric("non_trainable")

    @property
    def macs(self) -> Number:
        """Multiply–accumulates."""
        return self.metric("macs")

    @property
    def flops(self) -> Number:
        """Floating-point operations, two for each multiply–accumulate; `metric("flops_full")` &c. for other conventions."""
        return self.metric("flops")

    @property
    def activations(self) -> Number:
        """Elements of all outputs."""
        return self.metric("activations")


def not_of_parts(rule: Folded, part: str) -> UsageError:
    """The refusal of a metric that parts of a network do not have by themselves."""
    return UsageError(f"{rule.name} is a quantity of a whole network, {part} by itself has none: {rule.meaning}")
