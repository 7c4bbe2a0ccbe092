"""The door to sympy: written forms out, expressions in. sympy is imported when the door is first opened."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from symshape.errors import DeclarationError, ParseError, Undecided
from symshape.written import (
    Add,
    AllOf,
    AnyOf,
    Ceiling,
    Div,
    Divides,
    Floor,
    Max,
    Min,
    Mod,
    Mul,
    Neg,
    Number,
    Place,
    Pow,
    Relation,
    Sum,
    Symbol,
    Widest,
    Written,
    product,
    total,
)

if TYPE_CHECKING:
    import sympy

__all__ = ["from_sympy", "to_sympy"]


def to_sympy(tree: Written) -> sympy.Expr:
    """A plain sympy expression over positive symbols, integers but for multipliers; floors keep the shape they have.

    >>> from symshape.written import floor, symbols
    >>> H, = symbols("H")
    >>> to_sympy(floor((H - 43)/32))
    floor((H - 43)/32)
    """
    try:
        rule = _TO[type(tree)]
    except KeyError:
        raise DeclarationError(
            f"{tree} has no place in sympy: {type(tree).__name__} is not part of a formula"
        ) from None
    try:
        return rule(tree)
    except RecursionError:
        raise Undecided("a formula is nested too deeply for sympy") from None


def _fraction(tree: Div) -> Any:
    import sympy

    over, under = to_sympy(tree.left), to_sympy(tree.right)
    if under.is_Integer:  # sympy would split (H + 5)/16 into H/16 + 5/16
        return sympy.Mul(sympy.Rational(1, int(under)), over, evaluate=not over.is_Add)
    return over / under


def _rounded(kind: str) -> Callable[[Any], Any]:
    def rule(tree: Floor | Ceiling) -> Any:
        import sympy

        inner = _fraction(tree.arg) if isinstance(tree.arg, Div) else to_sympy(tree.arg)
        return getattr(sympy, kind)(inner, evaluate=inner.is_number)

    return rule


def _extremum(kind: str) -> Callable[[Any], Any]:
    def rule(tree: Written) -> Any:
        import sympy

        options = [to_sympy(part) for part in tree.parts()]  # not evaluated, for the reason given at _relation
        return getattr(sympy, kind)(*options, evaluate=all(option.is_number for option in options))

    return rule


def _call(kind: str) -> Callable[[Any], Any]:
    def rule(tree: Written) -> Any:
        import sympy

        return getattr(sympy, kind)(*(to_sympy(part) for part in tree.parts()))

    return rule


def _symbol(tree: Symbol) -> Any:
    import sympy

    if tree.rational:
        return sympy.Symbol(tree.name, positive=True, rational=True)
    return sympy.Symbol(tree.name, positive=True, integer=True)


def _place(tree: Place) -> Any:
    import sympy

    return sympy.Symbol(tree.name, nonnegative=True, integer=True)


def _sum(tree: Sum) -> Any:
    import sympy

    return sympy.Sum(to_sympy(tree.term), (to_sympy(tree.index), to_sympy(tree.first), to_sympy(tree.last)))


def _number(tree: Number) -> Any:
    import sympy

    value = Fraction(tree.value)
    return sympy.Rational(value.numerator, value.denominator)


def _relation(tree: Relation) -> Any:
    import sympy

    # sympy 1.14 holds 1/(K·W) for an integer, and so 1/(K·W) ≥ 1 for true: it decides nothing here
    return sympy.Rel(to_sympy(tree.left), to_sympy(tree.right), tree.op, evaluate=False)


def _divides(tree: Divides) -> Any:
    import sympy

    return sympy.Eq(sympy.Mod(to_sympy(tree.right), to_sympy(tree.left)), 0)


_TO: dict[type[Written], Callable[[Any], Any]] = {
    Number: _number,
    Symbol: _symbol,
    Add: _call("Add"),
    Mul: _call("Mul"),
    Neg: lambda tree: -to_sympy(tree.arg),
    Div: _fraction,
    Pow: _call("Pow"),
    Place: _place,
    Sum: _sum,
    Mod: _call("Mod"),
    Min: _extremum("Min"),
    Max: _extremum("Max"),
    Widest: _extremum("Max"),
    Floor: _rounded("floor"),
    Ceiling: _rounded("ceiling"),
    Relation: _relation,
    Divides: _divides,
    AllOf: _call("And"),
    AnyOf: _call("Or"),
}


def from_sympy(expression: sympy.Expr) -> Written:
    """A written form from a sympy expression; raises `ParseError` for what has no place in a formula.

    >>> import sympy
    >>> from_sympy(sympy.floor(sympy.Symbol("H")/2) - 2)
    floor(H/2) - 2
    """
    if expression.is_Symbol:
        if expression.is_positive is False or expression.is_integer is False:
            raise ParseError(f"cannot use {expression} in a formula: symbols stand for positive integers")
        return Symbol(expression.name, rational=expression.is_rational is True and expression.is_integer is None)
    if expression.is_Rational:
        return Number(int(expression) if expression.is_Integer else Fraction(int(expression.p), int(expression.q)))
    rule = _from().get(type(expression))
    if rule is None:
        raise ParseError(f"cannot use {expression} in a formula: {type(expression).__name__} is not understood")
    try:
        return rule(expression)
    except RecursionError:
        raise ParseError("cannot use a sympy expression in a formula: it is nested too deeply") from None


def _from_add(expression: Any) -> Written:
    terms = []
    for term in expression.as_ordered_terms():
        coefficient, rest = term.as_coeff_Mul()
        terms.append(Neg(from_sympy(-coefficient * rest)) if coefficient.is_negative else from_sympy(term))
    return Add(tuple(terms))


def _from_product(expression: Any) -> Written:
    above: list[Written] = []
    below: list[Written] = []
    for factor in expression.args:
        if factor.is_Rational and not factor.is_Integer:
            if factor.p != 1:
                above.append(Number(int(factor.p)))
            below.append(Number(int(factor.q)))
        elif factor.is_Pow and factor.exp.is_Integer and factor.exp.is_negative:
            below.append(from_sympy(factor.base**-factor.exp))
        else:
            above.append(from_sympy(factor))
    return Div(product(above), product(below)) if below else product(above)


def _from_pow(expression: Any) -> Written:
    if expression.exp.is_Integer and expression.exp.is_negative:
        return Div(Number(1), from_sympy(expression.base**-expression.exp))
    return Pow(from_sympy(expression.base), from_sympy(expression.exp))


def _from_sum(expression: Any) -> Written:
    if len(expression.limits) != 1 or len(expression.limits[0]) != 3:
        raise ParseError(f"cannot use {expression} in a formula: a sum has one index with a first and a last place")
    index, first, last = expression.limits[0]
    return total(from_sympy(expression.function), Symbol(index.name), from_sympy(first), from_sympy(last))


@lru_cache(maxsize=1)
def _from() -> dict[type, Callable[[Any], Written]]:
    """The rules by sympy's own classes; a user's function that happens to be called floor is not one of them."""
    import sympy

    return {
        sympy.Add: _from_add,
        sympy.Mul: _from_product,
        sympy.Pow: _from_pow,
        sympy.floor: lambda e: Floor(_joined(e.args[0])),
        sympy.ceiling: lambda e: Ceiling(_joined(e.args[0])),
        sympy.Mod: lambda e: Mod(from_sympy(e.args[0]), from_sympy(e.args[1])),
        sympy.Min: lambda e: Min(tuple(map(from_sympy, e.args))),
        sympy.Max: lambda e: Max(tuple(map(from_sympy, e.args))),
        sympy.Sum: _from_sum,
    }


def _joined(expression: Any) -> Written:
    """Undo sympy's habit of splitting (H + 5)/16 into H/16 + 5/16 under a floor."""
    over, under = expression.together().as_numer_denom()
    return from_sympy(over) if under == 1 else Div(from_sympy(over), from_sympy(under))
