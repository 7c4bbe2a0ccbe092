"""Tensor operations among a Keras model's layers: saved, loaded, and held against what Keras makes of zeros."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .differential import many
from .operations import agrees_with_keras_op

pytestmark = pytest.mark.frameworks
size = st.integers(1, 5)
shape_of = st.lists(size, min_size=2, max_size=4).map(tuple)


def axis_of(draw, rank):
    return draw(st.integers(-rank - (draw(st.integers(0, 9)) == 0), rank - 1 + (draw(st.integers(0, 9)) == 0)))


def slice_of(draw):
    end = st.none() | st.integers(-7, 7)
    return slice(draw(end), draw(end), draw(st.sampled_from((None, None, 1, 2, 3))))


def key_of(draw, rank):
    entries = [
        draw(st.sampled_from(("slice", "slice", "number", "new"))) for _ in range(draw(st.integers(1, rank + 1)))
    ]
    key = [
        {"slice": lambda: slice_of(draw), "number": lambda: draw(st.integers(-3, 3)), "new": lambda: None}[e]()
        for e in entries
    ]
    if draw(st.integers(0, 2)) == 0:
        key.insert(draw(st.integers(0, len(key))), ...)
    return tuple(key)


@many
@given(data=st.data())
def test_square_brackets(data):
    draw = data.draw
    shape = draw(shape_of)
    key = key_of(draw, len(shape))
    agrees_with_keras_op(lambda x: x[key], [shape])


@many
@given(data=st.data())
def test_shapes(data):
    from keras import ops

    draw = data.draw
    shape = draw(shape_of)
    rank = len(shape)
    axis, other = axis_of(draw, rank), axis_of(draw, rank)
    times = draw(st.lists(size, min_size=1, max_size=rank + 1))
    pads = [(draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in shape]
    order = draw(st.none() | st.permutations(range(rank)))
    total = 1
    for own in shape:
        total *= own
    target = draw(st.sampled_from(([-1, shape[-1]], [*shape, 1], [total], [-1, 2], [-1], [shape[0], -1])))
    wider = [
        *draw(st.lists(size, max_size=1)),
        *(draw(st.sampled_from((own, 3 if own == 1 else own))) for own in shape),
    ]
    call = draw(
        st.sampled_from(
            (
                lambda x: ops.transpose(x, order),
                lambda x: ops.swapaxes(x, axis, other),
                lambda x: ops.moveaxis(x, axis, other),
                lambda x: ops.expand_dims(x, axis),
                lambda x: ops.squeeze(x, axis),
                lambda x: ops.reshape(x, target),
                lambda x: ops.ravel(x),
                lambda x: ops.broadcast_to(x, wider),
                lambda x: ops.tile(x, times),
                lambda x: ops.repeat(x, times[0], axis=axis),
                lambda x: ops.repeat(x, times[0]),
                lambda x: ops.pad(x, pads),
                lambda x: ops.flip(x, axis),
                lambda x: ops.roll(x, 1, axis),
                lambda x: ops.cumsum(x, axis),
                lambda x: ops.sort(x, axis),
                lambda x: ops.softmax(x, axis),
                lambda x: ops.sqrt(ops.abs(x) + 1.0) * 2,
                lambda x: ops.where(x > 0, x, 0.0),
                lambda x: 1.0 - ops.relu(x) ** 2,
            )
        )
    )
    agrees_with_keras_op(call, [shape])


@many
@given(data=st.data())
def test_reductions(data):
    from keras import ops

    draw = data.draw
    shape = draw(shape_of)
    name = draw(
        st.sampled_from(
            ("sum", "mean", "max", "min", "var", "std", "prod", "any", "all", "logsumexp", "argmax", "argmin")
        )
    )
    one = name.startswith("arg")
    axis = draw(st.none()) if draw(st.booleans()) else axis_of(draw, len(shape))
    if not one and draw(st.booleans()):
        axis = tuple(
            draw(
                st.lists(
                    st.integers(-len(shape), len(shape) - 1),
                    min_size=1,
                    max_size=2,
                    unique_by=lambda axis: axis % len(shape),
                )
            )
        )
    keep = draw(st.booleans())
    if axis is None and name in ("sum", "prod", "max", "min"):  # with PyTorch, Keras forgets keepdims (surprises.md)
        keep = False
    agrees_with_keras_op(lambda x: getattr(ops, name)(x, axis=axis, keepdims=keep), [shape])


@many
@given(data=st.data())
def test_parts(data):
    from keras import ops

    draw = data.draw
    shape = draw(shape_of)
    axis, sections = axis_of(draw, len(shape)), draw(st.integers(1, 3))
    cuts = sorted(draw(st.sets(st.integers(1, 4), min_size=1, max_size=2)))
    indices = draw(st.sampled_from((0, [0], [0, 0, 0], [[0, 0], [0, 0]])))
    call = draw(
        st.sampled_from(
            (
                lambda x: ops.split(x, sections, axis),
                lambda x: ops.split(x, cuts, axis),
                lambda x: ops.unstack(x, shape[axis % len(shape)], axis),
                lambda x: ops.take(x, indices, axis),
                lambda x: ops.take(x, indices),
            )
        )
    )
    agrees_with_keras_op(call, [shape])


@many
@given(data=st.data())
def test_several_arrays(data):
    from keras import ops

    draw = data.draw
    shape = draw(shape_of)
    changed = list(shape)
    for place in range(len(shape)):
        changed[place] = draw(st.sampled_from((shape[place], shape[place], shape[place], 1, 2)))
    axis = axis_of(draw, len(shape))
    call = draw(
        st.sampled_from(
            (
                ops.add,
                ops.subtract,
                ops.multiply,
                ops.divide,
                ops.maximum,
                ops.greater,
                lambda x, y: ops.where(x > 1, x, y),
                lambda x, y: ops.concatenate([x, y], axis),
                lambda x, y: ops.stack([x, y], axis),
                lambda x, y: ops.matmul(x, ops.swapaxes(y, -1, -2)),
                ops.matmul,
                lambda x, y: ops.einsum("...ij,...kj->...ik", x, y),
            )
        )
    )
    agrees_with_keras_op(call, [shape, tuple(changed)])
