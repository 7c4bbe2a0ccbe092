"""Receptive fields against brute force: which input positions reach an output position, tap by tap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symshape
from symshape import Input, Network, Sequential, layers
from symshape.algebra.poly import Name, canonical, substitute
from symshape.errors import ConditionError
from symshape.metrics.receptive_field import Unclear
from symshape.repeat import repeated

windows = st.one_of(
    st.builds(
        lambda k, s, p, d: ("conv", k, s, p, d),
        st.integers(1, 4),
        st.integers(1, 3),
        st.integers(0, 2),
        st.integers(1, 2),
    ),
    st.builds(lambda k, s: ("pool", k, s, 0, 1), st.integers(1, 3), st.integers(1, 3)),
    st.builds(lambda p: ("pad", 1, 1, p, 1), st.integers(0, 3)),
    st.just(("relu", 1, 1, 0, 1)),
)


def layer(kind: str, k: int, s: int, p: int, d: int) -> Any:
    if kind == "conv":
        return layers.Conv1D(2, k, stride=s, padding=((p, p),), dilation=d)
    if kind == "pool":
        return layers.MaxPooling1D(k, stride=s)
    return layers.ZeroPadding1D((p, p)) if kind == "pad" else layers.ReLU()


def seen(chain: list[tuple[str, int, int, int, int]], position: int) -> set[int]:
    """The input positions (inside or outside the map) that reach an output position."""
    positions = {position}
    for _, k, s, p, d in reversed(chain):
        positions = {at * s - p + tap * d for at in positions for tap in range(k)}
    return positions


@settings(max_examples=200, deadline=None)
@given(st.lists(windows, min_size=1, max_size=5), st.integers(0, 5))
def test_chains_see_what_the_taps_reach(chain: list[tuple[str, int, int, int, int]], position: int) -> None:
    net = Sequential(Input("L", 2), *(layer(*window) for window in chain))
    field = list(net.derive())[-1].receptive_field["L"]
    reached = seen(chain, position)
    assert field.start + position * field.step == min(reached)
    assert field.size == max(reached) - min(reached) + 1


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 3))
def test_paths_that_step_alike_join_to_their_hull(one: int, other: int, stride: int) -> None:
    x = Input("L", 2)
    left = layers.Conv1D(2, 2 * one - 1, stride=stride, padding=((one - 1, one - 1),))(x)
    right = layers.Conv1D(2, 2 * other - 1, stride=stride, padding=((other - 1, other - 1),))(x)
    field = list(Network(x, layers.Add()([left, right])).derive())[-1].receptive_field["L"]
    widest = max(one, other)
    assert (field.size, field.step, field.start) == (2 * widest - 1, stride, 1 - widest)


def test_lenet() -> None:
    d = symshape.zoo.lenet5().derive()
    fields = {l.name: l.receptive_field for l in d}  # noqa: E741
    sizes = {name: (f["H"].size, f["H"].step) for name, f in fields.items() if not isinstance(f, Unclear)}
    assert sizes == {
        "input_layer": (1, 1),
        "conv2d": (5, 1),
        "max_pooling2d": (6, 2),
        "conv2d_1": (14, 2),
        "max_pooling2d_1": (16, 4),
    }
    assert fields["flatten"] == Unclear("the whole input")


def test_symbolic_fields() -> None:
    net = Sequential(Input("H", "W", 3), layers.Conv2D(8, "K", stride="S"), layers.Conv2D(8, 3))
    field = net.derive()["conv2d_1"].receptive_field["H"]
    assert (str(field.size), str(field.step)) == ("K + 2*S", "S")


def test_same_padding_starts_where_the_framework_pads() -> None:
    net = Sequential(Input("L", 2), layers.Conv1D(2, 4, stride=2, padding="same"))
    starts = {size: net.derive(L=size)["conv1d"].receptive_field["L"].start for size in (7, 8)}
    assert starts == {7: -1, 8: -1}


def test_disagreeing_paths_are_said_so() -> None:
    x = Input("L", 2)
    y = layers.Conv1D(2, 1, stride=2, padding="same")(x)
    up = layers.UpSampling1D(2)(y)
    assert isinstance(list(Network(x, up).derive())[-1].receptive_field, Unclear)
    pooled = layers.GlobalAveragePooling1D(keepdims=True)(x)
    gated = layers.Multiply()([x, pooled])
    assert list(Network(x, gated).derive())[-1].receptive_field == Unclear("the whole input")


@settings(max_examples=60, deadline=None)
@given(windows, windows, st.integers(0, 4), st.integers(1, 2), st.booleans())
def test_repeated_blocks_see_what_unrolled_ones_see(
    one: Any, other: Any, times: int, stride: int, skipped: bool
) -> None:
    def block(x: Any) -> Any:
        y = layers.Conv1D(2, one[1], padding=((one[3], one[1] - 1 - one[3]),) if one[3] < one[1] else "same")(x)
        y = layers.Add()([x, y]) if skipped else y
        return layers.Conv1D(2, 3, stride=stride, padding=((1, 1),))(y)

    x = Input("L", 2)
    first = layers.Conv1D(2, other[1], stride=other[2])(x)
    y = first
    for _ in range(times):
        y = block(y)
    unrolled = list(Network(x, y).derive())[-1].receptive_field["L"]
    for often in (times, "n"):
        z = repeated(block, often, "L", "C", name="blocks")(first)
        field = list(Network(x, z).derive())[-1].receptive_field["L"]
        values = [canonical(substitute(v, {Name.interned("n", True): times})) for v in _parts(field)]
        assert values == _parts(unrolled)


def _parts(field: Any) -> list[Any]:
    return [field.size, field.step, field.start]


def test_residual_networks() -> None:
    fields = [
        symshape.zoo.resnet50(stride_in=stride).derive()["stage4_others"].receptive_field for stride in ("3x3", "1x1")
    ]
    assert [field["H"].size for field in fields] == [427, 483]
    free = symshape.zoo.resnet().derive()["stage4_others"].receptive_field["H"]
    assert str(free.size) == "8*n1 + 16*n2 + 32*n3 + 64*n4 - 45"


def test_each_output_of_a_nested_network_has_its_field() -> None:
    x = Input("L", 2)
    a = layers.Conv1D(2, 3)(x)
    inner = Network(x, [a, layers.Conv1D(2, 5)(a)], "inner")
    y = Input("L", 2)
    _, second = inner(y)
    assert list(Network(y, layers.Conv1D(2, 3)(second)).derive())[-1].receptive_field["L"].size == 9


# -- axes that change places, and slices -------------------------------------------------------------------------------
@st.composite
def rearranged(draw: Any) -> list[tuple[Any, ...]]:
    """Convolutions, orders of axes and slices, of maps with channels first.

    Nothing is padded after a slice: zeros would lie where the field has numbers that the slice left out.
    """
    steps: list[tuple[Any, ...]] = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(("conv", "permute", "slice", "dense")))
        if kind == "conv":
            padding = 0 if any(step[0] == "slice" for step in steps) else draw(st.integers(0, 1))
            steps.append((kind, draw(st.integers(1, 3)), draw(st.integers(1, 2)), padding))
        elif kind == "permute":
            steps.append((kind, draw(st.sampled_from(((1, 2, 3), (1, 3, 2), "around")))))
        elif kind == "slice":
            begin, step = draw(st.integers(-20, 3)), draw(st.integers(1, 2))
            steps.append((kind, draw(st.integers(2, 3)), begin, step))
        else:
            steps.append((kind,))
    return steps


def built(steps: list[tuple[Any, ...]]) -> list[Any]:
    made: list[Any] = [layers.Conv2D(2, 1, channels="first")]  # which tells where the features are
    for kind, *given_ in steps:
        if kind == "conv":
            k, s, p = given_
            made.append(layers.Conv2D(2, k, stride=s, padding=p, channels="first"))
        elif kind == "permute" and given_[0] == "around":
            last = [layers.Permute((2, 3, 1)), layers.LayerNormalization(), layers.Transpose((0, 3, 1, 2))]
            made += last
        elif kind == "permute":
            made.append(layers.Permute(given_[0]))
        elif kind == "slice":
            axis, begin, step = given_
            made.append(layers.Slice((axis,), (begin,), (None,), (step,)))
        else:
            made += [layers.SwapAxes(1, 3), layers.Dense(2), layers.SwapAxes(3, 1)]
    return made


def through_torch(steps: list[tuple[Any, ...]], x: Any) -> Any:
    import torch

    functions = torch.nn.functional
    for kind, *given_ in steps:
        if kind == "conv":
            k, s, p = given_
            x = functions.conv2d(x, torch.rand(2, x.shape[1], k, k, dtype=x.dtype) + 1, stride=s, padding=p)
        elif kind == "permute" and given_[0] != "around":
            x = x.permute(0, *given_[0])
        elif kind == "slice":
            axis, begin, step = given_
            begin = max(begin + x.shape[axis], 0) if begin < 0 else begin
            x = x[(slice(None),) * axis + (slice(begin, None, step),)]
    return x


@pytest.mark.frameworks
def test_axes_that_change_places_and_slices_see_what_gradients_reach() -> None:
    import torch

    @settings(max_examples=120, deadline=None, database=None)
    @given(rearranged())
    def agree(steps: list[tuple[Any, ...]]) -> None:
        x = torch.rand(1, 2, 37, 41, dtype=torch.float64, requires_grad=True)
        try:
            network = Sequential(Input(2, 37, 41), *built(steps))
            derivation = network.derive()
        except ConditionError:
            return  # nothing is left
        field = list(derivation)[-1].receptive_field
        out = through_torch(steps, x)
        assert tuple(derivation.output_shape[1:]) == tuple(out.shape[1:])
        swapped = [kind for kind, *rest in steps if kind == "permute" and rest[0] == (1, 3, 2)]
        here = (out.shape[2] // 2, out.shape[3] // 2)
        (gradient,) = torch.autograd.grad(out[0, 0, here[0], here[1]], x)
        for axis, place in zip("HW", reversed(here) if len(swapped) % 2 else here, strict=True):
            reached = gradient[0].sum(0).sum(1 if axis == "H" else 0).nonzero().flatten().tolist()
            start = field[axis].start + place * field[axis].step
            end = start + field[axis].size
            if start >= 0 and end <= x.shape[2 if axis == "H" else 3]:
                assert (start, end) == (min(reached), max(reached) + 1)

    agree()


def test_a_block_of_convnext_sees_what_its_convolution_sees() -> None:
    d = symshape.zoo.FAMILIES["convnext"].preset("convnext_tiny").derive()
    fields = [f for f in d.receptive_fields.values() if not isinstance(f, Unclear)]
    assert fields[-1]["H"].step == 32
    x = Input(3, "H", "W")
    y = layers.Conv2D(8, 7, padding=3, channels="first")(x)
    z = layers.Dense(8)(layers.Dense(32, activation="gelu")(layers.LayerNormalization()(layers.Permute((2, 3, 1))(y))))
    d = Network(x, layers.Add()([y, layers.Permute((3, 1, 2))(z)])).derive()
    field = list(d)[-1].receptive_field["H"]
    assert (field.size, field.step, field.start) == (7, 1, -3)


def test_features_mixed_along_a_spatial_axis_see_all_of_it() -> None:
    x = Input("H", "W", 3)
    y = layers.Conv2D(8, 3)(x)
    rows = layers.Dense(5)(layers.Permute((1, 3, 2))(y))
    assert list(Network(x, rows).derive())[-1].receptive_field == Unclear("all positions along an axis")


def test_an_axis_that_is_left_out_has_no_field() -> None:
    x = Input("H", "W", 3)
    y = layers.Select(2, 0)(layers.Conv2D(8, 3)(x))
    field = list(Network(x, y).derive())[-1].receptive_field
    assert set(field) == {"H"}
    backwards = layers.Slice((1,), (None,), (None,), (-1,))(layers.Conv2D(8, 3)(x))
    assert "backwards" in list(Network(x, backwards).derive())[-1].receptive_field.reason


def test_a_map_repeated_to_a_given_size_has_fields_that_depend_on_the_position() -> None:
    d = symshape.zoo.FAMILIES["fpn"].preset("resnet18_fpn").derive()
    assert d["smooth2"].receptive_field == Unclear("upsampling: the field depends on the position")
