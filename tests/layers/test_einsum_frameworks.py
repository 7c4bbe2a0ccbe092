"""Einstein summations against Keras, products of two inputs against PyTorch."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from .differential import agrees_with_keras, agrees_with_torch, many

pytestmark = pytest.mark.frameworks
size = st.integers(1, 4)


@many
@given(data=st.data())
def test_keras(data):
    draw = data.draw
    dots = draw(st.sampled_from(["", "", "left", "right"]))
    taken = "abcd"[: draw(st.integers(2 if dots == "right" else 1, 4))]
    sizes = {letter: draw(size) for letter in "abcdxyz"}
    # Of three axes or more that "..." stands for on the left, Keras plans all but the first in reverse order.
    hidden = tuple(draw(size) for _ in range(draw(st.integers(0, 2 if dots == "left" else 3)) if dots else 0))
    kept = "".join(letter for letter in taken if draw(st.booleans()))
    if not (dots == "left" and hidden) and draw(st.integers(0, 9)):
        kept = "".join(sorted({"a", *kept}))
    fresh = "xyz"[: draw(st.integers(0, 2))]
    kernel = "".join(letter for letter in taken[1 if not hidden else 0 :] if letter not in kept or draw(st.booleans()))
    kernel = "".join(draw(st.permutations([*kernel, *fresh])))
    output = kept + "".join(draw(st.permutations(fresh))) if draw(st.booleans()) else fresh + kept
    if draw(st.integers(0, 15)) == 0:
        output += "q"
    left, right = "..." * (dots == "left"), "..." * (dots == "right")
    asked = [sizes.get(letter, 2) for letter in output]
    if not (dots == "left" and hidden):
        asked = asked[1:]
    for place, letter in enumerate(output[len(output) - len(asked) :]):
        if letter in taken and draw(st.integers(0, 2)) == 0:
            asked[place] = None
        elif draw(st.integers(0, 30)) == 0:
            asked[place] += 1
    if draw(st.integers(0, 15)) == 0 and not hidden:  # else Keras takes a hidden axis's size for the one left out
        asked = asked[1:]
    named = tuple(sizes[letter] for letter in taken)
    shape = {"left": (*hidden, *named), "right": (*named, *hidden)}.get(dots, named)
    if draw(st.integers(0, 15)) == 0 and not dots:
        shape = (*shape, 2)
    bias = "".join(letter for letter in output if draw(st.booleans())) if draw(st.booleans()) else None
    options = {
        "equation": f"{left}{taken}{right},{kernel}->{left}{output}{right}",
        "output_shape": asked[0] if len(asked) == 1 and asked[0] and draw(st.booleans()) else tuple(asked),
        "bias_axes": bias or None,
    }
    agrees_with_keras("EinsumDense", options, shape)


@many
@given(data=st.data())
def test_torch_bilinear(data):
    draw = data.draw
    leading = tuple(draw(st.lists(size, min_size=1, max_size=3)))
    first, second = draw(size), draw(size)
    options = {"in1_features": first, "in2_features": second, "out_features": draw(size), "bias": draw(st.booleans())}
    wrong = draw(st.sampled_from([0, 0, 0, 0, 1]))
    other = leading if draw(st.integers(0, 5)) else (leading[0] + 1, *leading[1:])
    # PyTorch's counter does not look into this operation: it counts 0.
    shapes = (*leading, first), (*other, second + wrong)
    agrees_with_torch("Bilinear", options, *shapes, free=draw(st.booleans()), counts=False)


@many
@given(data=st.data())
def test_keras_dot(data):
    draw = data.draw
    batch = draw(size)
    first, second = (list(draw(st.lists(size, min_size=1, max_size=3))) for _ in range(2))
    one, other = (draw(st.integers(0, len(sizes) - 1)) for sizes in (first, second))
    if draw(st.integers(0, 7)):
        second[other] = first[one]
    axes = (one + 1, other + 1)
    if draw(st.booleans()) and one - len(first) == other - len(second):
        axes = one - len(first)
    elif one == other and draw(st.booleans()):
        axes = one + 1
    elif draw(st.booleans()):
        axes = (one + 1, other - len(second))
    shapes = (batch, *first), (batch, *second)
    options = {"axes": axes, "normalize": draw(st.booleans())}
    agrees_with_keras("Dot", options, *shapes, call=lambda layer, inputs: layer(inputs))


@pytest.mark.parametrize("kind", ["CosineSimilarity", "PairwiseDistance"])
@many
@given(data=st.data())
def test_torch_comparisons(kind, data):
    draw = data.draw
    shape = [draw(size), *draw(st.lists(size, min_size=1, max_size=3))]
    other = list(shape)
    for place in range(1, len(shape)):
        if draw(st.integers(0, 3)) == 0:
            other[place] = draw(st.sampled_from([1, 1, shape[place] + 1]))
    options = {}
    if kind == "CosineSimilarity":
        options["dim"] = draw(st.integers(1, len(shape))) - draw(st.sampled_from([0, len(shape)]))
        assume(options["dim"] not in (0, -len(shape)))  # PyTorch would compare the examples of a batch
    else:
        options["keepdim"] = draw(st.booleans())
    shapes = (tuple(shape), tuple(other)) if draw(st.booleans()) else (tuple(other), tuple(shape))
    agrees_with_torch(kind, options, *shapes, counts=False, meta=False)
