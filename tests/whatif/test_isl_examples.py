"""The sizes at which well-known networks are valid, and other questions with known answers, against isl or by trying."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product

import pytest

from symshape import layers, zoo
from symshape.algebra.periodic import PeriodicSet
from symshape.derivation import Derivation
from symshape.network import Input, Sequential
from symshape.whatif import Solution
from symshape.written import Symbol

from .affine import Affine, Plane, Set
from .told import allows

pytestmark = pytest.mark.oracle

LINE = ("H",)  # W is tied to H, or asked for by itself


def agree(plane: Plane, answer: Solution, expected: Set) -> None:
    """The heights of the answer and of isl are the same."""
    assert plane.periodic("H", answer["H"]).is_equal(expected)
    assert plane.where(str(answer["H"].relation(Symbol("H")))).is_equal(expected)


def sized(plane: Plane, *sizes: Affine) -> Set:
    return plane.all_of(size.ge_set(plane.number(1)) for size in sizes)


def even(plane: Plane, size: Affine) -> Set:
    return size.mod_val(plane.val(2)).eq_set(plane.number(0))


def plus(plane: Plane, size: Affine, number: int) -> Affine:
    return size.add(plane.number(number))


def test_u_net_with_same_padding() -> None:
    plane = Plane(LINE)
    size, skips, valid = plane.axes["H"], [], []
    for _ in range(4):
        skips.append(size)
        size = plane.floor(size, 2)
        valid.append(sized(plane, size))
    for skip in reversed(skips):
        size = size.scale_val(plane.val(2))
        valid.append(size.eq_set(skip))
    answer = zoo.unet(4, padding="same").derive(W="H").solve("H_out == H")
    agree(plane, answer, plane.all_of(valid))
    assert answer.words() == "H a multiple of 16"


def test_u_net_as_published() -> None:
    plane = Plane(LINE)
    size, valid = plane.axes["H"], []
    for _ in range(4):
        size = plus(plane, size, -4)
        valid += [sized(plane, size), even(plane, size)]
        size = plane.floor(size, 2)
    size = plus(plane, size, -4)
    for _ in range(4):
        valid.append(sized(plane, size))
        size = plus(plane, size.scale_val(plane.val(2)), -4)
    expected = plane.all_of([*valid, sized(plane, size)])
    d = zoo.unet(64).derive(W="H")
    agree(plane, d.solve("H_out == H - 184"), expected)
    assert d.solve("H_out == H - 184").words() == "H ≡ 12 (mod 16) and H ≥ 188"
    assert not d.solve("H_out != H - 184")


def test_lenet_whose_head_has_400_inputs() -> None:
    net = Sequential(
        Input("H", "W", 1),
        layers.Conv2D(6, 5),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 5),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(120, in_features=400),
    )
    plane = Plane(LINE)
    last = plane.floor(plus(plane, plane.floor(plus(plane, plane.axes["H"], -4), 2), -4), 2)
    answer = net.derive(W="H").solve("H >= 1")
    agree(plane, answer, plane.product_is((last, last), 25))
    assert answer.words() == "32 ≤ H ≤ 35"


def test_feature_pyramid_with_doubling() -> None:
    plane = Plane(LINE)
    levels = [plane.axes["H"]]
    for _ in range(5):
        levels.append(plane.ceiling(levels[-1], 2))
    joins = [high.scale_val(plane.val(2)).eq_set(low) for low, high in pairwise(levels[2:])]
    answer = zoo.fpn(1, 1, 1, 1, 8, 8, upsampling="double").derive(W="H").solve("H >= 1")
    agree(plane, answer, plane.all_of(joins))
    assert answer.words() == "H ≡ 0, 29, 30 or 31 (mod 32)"


def test_swin_with_three_merges() -> None:
    plane = Plane(LINE)
    size, rests = plane.axes["H"], []
    for step in (4, 7, 2, 7, 2, 7, 2, 7):
        rests.append(size.mod_val(plane.val(step)).eq_set(plane.number(0)))
        size = size if step == 7 else plane.floor(size, step)
    answer = zoo.swin(1, 1, 1, 1, 24, 3, 7, padding="whole").derive(W="H").solve("H >= 1")
    agree(plane, answer, plane.all_of(rests))
    assert answer.words() == "H a multiple of 224"


def test_the_inverse() -> None:
    """⌊(H + b)/c⌋ = t exactly if ct − b ≤ H ≤ ct − b + c − 1, as a question and as a convolution's size."""
    plane = Plane(LINE)
    nothing_done = Sequential(Input("H", 5, 1), layers.Activation("relu")).derive()
    for b, c, t in product(range(-6, 7), range(1, 5), (1, 2, 9)):
        expected = plane.floor(plus(plane, plane.axes["H"], b), c).eq_set(plane.number(t)).intersect(plane.everything)
        answer = nothing_done.solve(f"(H + {b})//{c} == {t}")
        agree(plane, answer, expected)
        assert answer["H"] == PeriodicSet.interval(c * t - b, c * t - b + c - 1)
        if b < c:  # ⌊(H − (c − b))/c⌋ + 1: a kernel of c − b taps, c apart
            sliding = Sequential(Input("H", 5, 1), layers.Conv2D(1, (c - b, 1), stride=(c, 1))).derive()
            agree(plane, sliding.solve(f"H_out == {t}"), expected)


# -- hyper-parameters for every size: products of symbols, tried over a box --------------------------------------------
def convolution() -> Derivation:
    return Sequential(Input("H", "W", 1), layers.Conv2D(1, "K", stride="S", padding="P", dilation="d")).derive()


@pytest.mark.parametrize(
    ("question", "known"),
    [
        ("H_out == H", lambda K, S, P, d: S == 1 and d * (K - 1) == 2 * P),
        ("H_out == H//2", lambda K, S, P, d: S == 2 and d * (K - 1) - 2 * P == 1),
    ],
)
def test_size_kept_and_exact_halving(question: str, known: Callable[..., bool]) -> None:
    answer = convolution().solve(question, every=["H", "W"])
    divisor = 1 if question == "H_out == H" else 2
    for K, S, P, d in product(range(1, 7), range(1, 5), range(1, 7), range(1, 5)):
        setting = {"K": K, "S": S, "P": P, "d": d}
        tried = all((H + 2 * P - d * (K - 1) - 1) // S + 1 == H // divisor for H in range(40, 80))
        assert tried == known(**setting) == allows(answer, setting), setting
