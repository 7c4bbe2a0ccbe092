"""Polynomials: the laws of a ring, one normal form, two equal faces, and atoms that come and go."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import threading
from fractions import Fraction
from functools import reduce
from operator import add, mul

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra import atoms
from symshape.algebra.evaluate import evaluate, value_of
from symshape.algebra.floors import Floor, ceil_div, floor_div
from symshape.algebra.poly import (
    Name,
    Poly,
    Value,
    added,
    all_atoms,
    canonical,
    divide,
    integral,
    name,
    names_of,
    order_of,
    power_of,
    substitute,
)
from symshape.algebra.present import present
from symshape.errors import DivisionByZero, Undecided
from symshape.written import Written

from .strategies import bound, formulas, meaning, polynomials, quotients, sizes_of

H, W, C, G = map(name, "HWCG")


# -- the ring --------------------------------------------------------------------------------------------------------
@given(polynomials(), polynomials(), polynomials())
def test_ring_laws(a: Value, b: Value, c: Value) -> None:
    assert a + b == b + a
    assert a * b == b * a
    assert (a + b) + c == a + (b + c)
    assert (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert a - a == 0
    assert a + 0 == a == a * 1
    assert a * 0 == 0
    assert 0 - (0 - a) == a
    assert a - b == a + -b
    assert (a + b) * (a - b) == a * a - b * b


@given(st.lists(polynomials() | st.integers(-3, 3) | st.builds(mul, polynomials(), polynomials()), max_size=6))
def test_a_sum_of_many_is_the_sum_one_by_one(values: list[Value]) -> None:
    values = [*values, *(-value for value in values[1::2])]  # much cancels
    one_by_one = reduce(add, values, 0)
    together = added(values)
    assert together == one_by_one
    assert type(together) is type(one_by_one)
    assert str(present(together)) == str(present(one_by_one))


@given(polynomials(), st.integers(0, 4))
def test_powers(a: Value, power: int) -> None:
    product: Value = 1
    for _ in range(power):
        product = product * a
    assert power_of(a, power) == product


@given(polynomials(), polynomials())
def test_equal_values_have_equal_hashes(a: Value, b: Value) -> None:
    assert hash(canonical(a + b)) == hash(canonical(b + a))
    assert hash((a + b) * (a - b)) == hash(a * a - b * b)


@given(polynomials(), st.fractions(-4, 4, max_denominator=6), sizes_of())
def test_numbers_may_be_fractions(a: Value, ratio: Fraction, sizes: dict[str, int]) -> None:
    at = bound(sizes)
    assert substitute(a * ratio, at) == substitute(a, at) * ratio
    assert substitute(a + ratio, at) == substitute(a, at) + ratio
    assert (a + ratio) - ratio == a
    if ratio:
        assert divide(a * ratio, ratio) == a
        assert divide(a, ratio) * ratio == a


def test_numbers_come_back_where_symbols_cancel() -> None:
    assert type(H - H + 5) is int
    assert type(H * 0) is int
    assert type(canonical((H + 1) * W - H * W - W)) is int
    assert type(divide(3 * H, 3) - H) is int
    assert type(canonical(Fraction(4, 2))) is int
    assert canonical((H + 1) * W - H * W - W + Fraction(6, 3)) == 2


# -- quotients -------------------------------------------------------------------------------------------------------
@given(polynomials(), polynomials())
def test_products_divide_again(a: Value, b: Value) -> None:
    if canonical(b) == 0:
        with pytest.raises(DivisionByZero):
            divide(a, b)
    else:
        assert divide(a * b, b) == a


def test_quotients_of_symbols() -> None:
    assert divide(C, G) * G == C
    assert divide(C * C * H, C) == C * H
    assert divide(H * W + H, W + 1) == H
    assert divide(divide(H, G) + divide(1, G), H + 1) == divide(1, G)
    assert divide(0, H + 1) == 0
    assert divide(1, (H + 1) * W - W) == power_of(H * W, -1)
    assert not integral(divide(C, G))
    assert not integral(divide(H, 2))
    assert integral(divide(4 * H, 2))
    with pytest.raises(Undecided, match="no polynomial"):
        divide(1, H + 1)
    with pytest.raises(Undecided, match="no polynomial"):
        divide(H * W + 1, W + 1)
    with pytest.raises(DivisionByZero):
        divide(H, 0)
    with pytest.raises(ZeroDivisionError):  # the same, for who catches Python's own
        substitute(divide(C, G), {Name.interned("G", True): 0})


# -- the normal form and what it says --------------------------------------------------------------------------------
@given(formulas() | quotients(), sizes_of(), sizes_of())
def test_the_normal_form_means_the_formula(tree: Written, here: dict[str, int], there: dict[str, int]) -> None:
    try:
        value = value_of(tree)
    except Undecided:  # a sum in a denominator
        return
    assert names_of(value) <= {Name.interned(symbol.name, True) for symbol in tree.symbols}
    for sizes in (here, there):
        assert substitute(value, bound(sizes)) == meaning(tree, sizes)


@given(formulas(), sizes_of())
def test_numbers_may_come_one_by_one(tree: Written, sizes: dict[str, int]) -> None:
    value = value_of(tree)
    for size, number in sizes.items():
        value = substitute(value, bound({size: number}))
    assert value == meaning(tree, sizes) == evaluate(tree, sizes)


@given(formulas(5), formulas(5), sizes_of())
def test_values_may_be_put_for_symbols(tree: Written, inner: Written, sizes: dict[str, int]) -> None:
    positive = value_of(inner) * value_of(inner) + 1
    number = int(meaning(inner, sizes)) ** 2 + 1
    put = substitute(value_of(tree), {Name.interned("H", True): positive})
    assert substitute(put, bound(sizes)) == meaning(tree, {**sizes, "H": number})


@given(polynomials(terms=6))
def test_both_faces_are_equal(value: Value) -> None:
    if isinstance(value, Poly):
        assert canonical(Poly(None, value.products)) == canonical(value)
        assert canonical(Poly(value.terms)) == canonical(value)


def test_products_are_kept() -> None:
    value = 600 * (H - 4) * (W - 4)
    assert isinstance(value, Poly)
    assert len(value.products) == 1
    assert len(value.terms) == 4
    assert str(value) == "600*(H - 4)*(W - 4)"
    assert str(substitute(value * (H - 3), {Name.interned("W", True): 8})) == "2400*(H - 3)*(H - 4)"
    assert str((2 * H + 2) * (W - 1)) == "2*(H + 1)*(W - 1)"


def test_the_face_does_not_depend_on_what_was_made_before() -> None:
    assert str((name("b1") - name("a1")) * H) == str((name("b1") - name("a1")) * H)
    first = subprocess_output("print((name('q') - name('r'))*name('H'), floor_div(name('q')*3, name('r') + name('H')))")
    second = subprocess_output(
        "r = name('r'); H = name('H'); print((name('q') - r)*H, floor_div(name('q')*3, r + H), sep=' ')"
    )
    assert first == second


# -- atoms -----------------------------------------------------------------------------------------------------------
def test_equal_atoms_are_one_object() -> None:
    ((first, _),) = next(iter(floor_div(H + 3, 4).terms))
    ((second, _),) = next(iter(ceil_div(floor_div(H - 1, 2) + 1, 2).terms))
    assert first is second
    assert name("H").terms == H.terms
    assert Name.interned("H", True) is Name.interned("H", True)
    assert Name.interned("H", True) is not Name.interned("H", False)


def test_threads_agree_on_atoms() -> None:
    made: list[list[object]] = []

    def work() -> None:
        made.append([next(iter(floor_div(7 * H + n, 999).terms)) for n in range(300)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(row == made[0] for row in made)


def test_atoms_go_with_the_last_value_that_uses_them() -> None:
    def work(start: int) -> None:
        for n in range(start, start + 2000):
            size = name(f"size{n}")
            repr(floor_div(size * size + n, 7) * (size + n) + 1)

    work(0)
    gc.collect()
    before = len(atoms._interned)
    work(10**6)
    gc.collect()
    assert len(atoms._interned) <= before


def test_a_product_is_freed_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        before = len(atoms._interned)
        value = (name("freed") + 1) * (name("freed") + 2) + 3
        assert len(atoms._interned) == before + 1
        del value
        assert len(atoms._interned) == before
    finally:
        gc.enable()


@given(formulas() | quotients())
def test_pickling(tree: Written) -> None:
    try:
        value = value_of(tree)
    except Undecided:
        return
    again = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own
    assert again == value
    assert str(again) == str(value)
    assert all(one is other for one, other in zip(all_atoms(value), all_atoms(again), strict=True))


def subprocess_output(code: str) -> str:
    imports = (
        "import pickle, sys\nfrom symshape.algebra.poly import name\nfrom symshape.algebra.floors import floor_div\n"
    )
    done = subprocess.run([sys.executable, "-c", imports + code], capture_output=True, text=True, check=True)
    return done.stdout


def test_pickles_travel_between_processes() -> None:
    """The other process has made its symbols in another order."""
    hexed = subprocess_output(
        "W = name('W'); H = name('H')\n"
        "print(pickle.dumps(3*W*H*floor_div(W*H + 1, 3) + (H - 4)*(W - 4)*7 + floor_div(H, W + H + 5)).hex())"
    )
    value = 3 * W * H * floor_div(H * W + 1, 3) + (H - 4) * (W - 4) * 7 + floor_div(H, W + H + 5)
    assert pickle.loads(bytes.fromhex(hexed)) == value  # noqa: S301 - our own


@given(st.lists(formulas(4), min_size=2, max_size=5))
def test_the_order_of_values_is_total(trees: list[Written]) -> None:
    values = [value_of(tree) for tree in trees]
    ordered = sorted(values, key=order_of)
    assert sorted([*values[1:], values[0]], key=order_of) == ordered
    for one in values:
        for other in values:
            assert (order_of(one) == order_of(other)) is (one == other)


# -- limits ----------------------------------------------------------------------------------------------------------
def nested(depth: int, factor: int = 3) -> Value:
    value: Value = H
    for _ in range(depth):
        value = floor_div(value * factor + 1, 7)
    return value


def test_nesting_beyond_reason_is_refused_in_one_sentence() -> None:
    assert isinstance(nested(20), Poly)
    for grow in (lambda x: floor_div(3 * x + 1, 7), lambda x: floor_div(3 * x + 1, 2), lambda x: floor_div(x * x, 3)):
        with pytest.raises(Undecided, match=r"nested beyond|too many|too long"):
            reduce(lambda value, _: grow(value), range(300), H)


def test_the_deepest_that_is_allowed_can_be_used() -> None:
    value = nested(31)
    assert len(str(value)) > 300
    assert isinstance(substitute(value, {Name.interned("H", True): W + 1}), Poly)
    number = 10**40
    expected = number
    for _ in range(31):
        expected = (expected * 3 + 1) // 7
    assert substitute(value, {Name.interned("H", True): number}) == expected
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own


def test_products_of_sums_of_products_may_be_tall() -> None:
    value: Value = H
    for _ in range(500):
        value = value * W + 1
    assert isinstance(value, Poly)
    assert len(value.terms) == 501
    assert substitute(value, {Name.interned("H", True): 1, Name.interned("W", True): 1}) == 501


@pytest.mark.parametrize(
    "make",
    [
        lambda: canonical((H + 1) ** 10_000),
        lambda: canonical(((H + 1) ** 60 * (W + 1) ** 60) ** 60),
        lambda: power_of(3, 10**9),
        lambda: (3 * H) ** (10**9),
        lambda: substitute(H ** (10**9), {Name.interned("H", True): 3}),
    ],
)
def test_what_would_fill_the_memory_is_refused(make: object) -> None:
    with pytest.raises(Undecided):
        make()  # type: ignore[operator]


def test_only_names_and_floors_are_in_a_floor() -> None:
    value = floor_div(3 * floor_div(H, 2) + 1, 5)
    kinds = [type(atom) for atom in all_atoms(value)]
    assert kinds == [Name, Floor, Floor]


@settings(max_examples=30)
@given(polynomials(), polynomials())
def test_repr_is_python(a: Value, b: Value) -> None:
    value = a * b
    if isinstance(value, Poly):
        assert eval(repr(value), {"H": H, "W": W}) == value  # noqa: S307 - our own text
