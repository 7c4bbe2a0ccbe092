"""Symbols that are positive rational numbers: bound, asked for, and shown as such."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy

from symshape.algebra.poly import Name, name
from symshape.declaration import as_value
from symshape.errors import UsageError
from symshape.layers import Conv2D
from symshape.network import Input, Network, Sequential
from symshape.repeat import repeated
from symshape.zoo.blocks.scaling import multiplier, times


def scaled() -> Network:
    alpha = multiplier("alpha")
    block = repeated(Conv2D("C", 3, padding=1), times(2, multiplier("d")), "H", "W", "C", name="block")
    return Sequential(Input("H", "W", 3), Conv2D(as_value(8) * alpha, 1), block)


def test_rational_symbols_take_rational_numbers():
    d = scaled().derive()
    assert d.network.multipliers == {"alpha", "d"}
    assert d.symbols == ("H", "W", "alpha", "d")
    there = d.at(alpha="0.75", d=Fraction(3, 5), H=9, W=9)
    assert there.params == 4 * 6 + 2 * (9 * 6 + 1) * 6
    assert there.params == scaled().derive(alpha=Fraction(3, 4), d="3/5").params


def test_only_rational_symbols_do():
    with pytest.raises(UsageError, match="H stands for a positive integer, not 19/2"):
        scaled().derive(H=Fraction(19, 2))
    with pytest.raises(UsageError, match="alpha is a multiplier, a positive number, not -1"):
        scaled().derive(alpha=-1)


def test_what_they_are_tied_to_is_rational_too():
    tied = scaled().derive(d="alpha", W="H")
    assert tied.at(alpha="0.75", H=9).params == scaled().derive(alpha="0.75", d="0.75").params
    halved = scaled().derive(alpha="b/2")
    assert halved.at(b="1.5", d="0.6").params == scaled().derive(alpha="0.75", d="0.6").params
    assert {"H": 3, "W": 3, "b": Fraction(1, 2), "d": Fraction(1)} in halved.domain


def test_domain_holds_them():
    domain = scaled().derive().domain
    assert {"H": 3, "W": 3, "alpha": Fraction(1, 2), "d": Fraction(1, 3)} in domain
    assert {"H": 3, "W": 3, "alpha": Fraction(1, 2), "d": Fraction(-1)} not in domain


def test_sympy_knows_that_they_are_no_integers():
    value = name("w", integral=False)
    shown = scaled().derive().params
    (alpha,) = (symbol for symbol in shown.free_symbols if symbol.name == "alpha")
    assert (alpha.is_rational, alpha.is_integer) == (True, None)
    assert as_value(sympy.Symbol("w", positive=True, rational=True)) == value != as_value("w")
    assert as_value(sympy.Symbol("w")) == as_value("w")
    assert value.names() == {Name.rational("w")}
