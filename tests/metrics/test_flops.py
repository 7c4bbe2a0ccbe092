"""Conventions of counting operations: complete for every layer, and against PyTorch's own counter and fvcore."""

from __future__ import annotations

import warnings

import pytest

import symshape
from symshape.declaration import FAMILIES, OPERATIONS, Layer, registered
from symshape.errors import MissingRule, UsageError
from symshape.layers import (
    GRU,
    LSTM,
    Activation,
    Add,
    Arithmetic,
    BatchNormalization,
    Conv2D,
    Dense,
    Function,
    GlobalAveragePooling2D,
    LayerNormalization,
    MatMul,
    MaxPooling2D,
    Reduce,
    ReLU,
    UpSampling2D,
)
from symshape.metrics import flops_full, flops_fvcore, metric
from symshape.network import Input, Network, Sequential
from symshape.report.example import example_of

CONVENTIONS = ("macs", "flops", "flops_paper", "flops_fvcore", "flops_full")
# What these do to numbers depends on the data: how many operations it takes cannot be told.
AS_THE_DATA_SAY = frozenset(
    (
        *("Augmentation", "CenterCrop", "RandomCrop", "Resizing"),
        *("CategoryEncoding", "Discretization", "Hashing", "Lookup", "TopK", "GatedExperts"),
    )
)


@pytest.mark.parametrize("name", sorted(registered()))
def test_every_layer_has_a_rule_for_every_convention(name):
    call = example_of(registered()[name])
    for convention in CONVENTIONS:
        if convention == "flops_full" and name in AS_THE_DATA_SAY:
            with pytest.raises(
                MissingRule, match=rf"{name}: the metric flops_full has no rule for (preparation|sorting|choice)"
            ):
                metric(convention).of(call)
        else:
            metric(convention).of(call)


def test_every_family_and_operation_has_a_weight():
    assert set(flops_fvcore.WEIGHTS) == set(FAMILIES)
    assert set(flops_full.WEIGHTS) == set(OPERATIONS)


def test_a_layer_that_declares_no_work_is_refused_not_free():
    class _Silent(Layer):
        takes = gives = Dense.takes[:0]

    call = _Silent(name="odd")
    for convention in CONVENTIONS:
        with pytest.raises(
            MissingRule, match=rf"odd \(_Silent\): the layer declares no rule for the metric {convention}"
        ):
            metric(convention).of(symshape.declaration.Application(call, ()))


def test_a_function_given_as_an_option_counts():
    def full(layer):
        return Sequential(Input(16), layer).derive().metric("flops_full")

    assert full(Dense(10, bias=False)) == 2 * 160
    assert full(Dense(10)) == 2 * 160 + 10
    assert full(Dense(10, activation="relu")) == 2 * 160 + 10 + 10
    assert full(Dense(10, activation="sigmoid")) == 2 * 160 + 10 + 3 * 10
    assert full(Activation("gelu")) == 5 * 16
    with pytest.raises(MissingRule, match="flops_full has no rule for sparsemax"):
        full(Activation("sparsemax"))


def test_an_unknown_function_is_refused():
    with pytest.raises(UsageError, match="activation = 'magic' is no known function"):
        Sequential(Input(16), Dense(10, activation="magic")).derive()
    with pytest.raises(UsageError, match="the interpolation is one of nearest, bilinear"):
        UpSampling2D(2, interpolation="magic")


def test_normalization_and_joins_by_hand():
    def of(convention, layer, *shape):
        return Sequential(Input(*shape), layer).derive().metric(convention)

    assert of("flops_full", BatchNormalization(), 5, 7, 8) == 4 * 5 * 7 * 8
    assert of("flops_fvcore", BatchNormalization(), 5, 7, 8) == 2 * 5 * 7 * 8
    assert of("flops_fvcore", BatchNormalization(scale=False, center=False), 5, 7, 8) == 5 * 7 * 8
    assert of("flops_full", LayerNormalization(), 5, 8) == 7 * 5 * 8
    assert of("flops_fvcore", LayerNormalization(), 5, 8) == 5 * 5 * 8
    assert of("flops_fvcore", UpSampling2D(2), 5, 7, 8) == 4 * 5 * 7 * 8
    assert of("flops_fvcore", UpSampling2D(2, interpolation="bilinear"), 5, 7, 8) == 4 * 4 * 5 * 7 * 8
    assert of("flops_full", UpSampling2D(2, interpolation="bilinear"), 5, 7, 8) == 2 * 4 * 4 * 5 * 7 * 8
    x = Input(5, 8)
    assert Network(x, Add()([x, x, x])).derive().metric("flops_full") == 2 * 5 * 8


def test_general_operations_by_hand():
    def full(layer, *shapes):
        inputs = [Input(*shape) for shape in shapes]
        return Network(inputs, layer(*inputs)).derive().metric("flops_full")

    assert full(Arithmetic("add"), (5, 8), (5, 8)) == full(Arithmetic("divide"), (5, 8)) == 40
    assert full(Arithmetic("choose"), (5, 8), (5, 8), (5, 8)) == full(Function("round"), (5, 8)) == 0
    assert full(Function("gelu"), (5, 8)) == full(Activation("gelu"), (5, 8)) == 5 * 40
    assert full(Function("reciprocal square root"), (5, 8)) == 2 * 40
    assert full(Reduce("mean", (1,)), (5, 8)) == 40 + 8
    assert full(MatMul(), (5, 8), (8, 3)) == 2 * 5 * 8 * 3
    with pytest.raises(MissingRule, match="no rule for other function"):
        full(Function("sine"), (5, 8))


def test_recurrent_steps_by_hand():
    # per unit and step: 4 biases, 3 sigmoids of 3 operations, 2 tanh, 3 products, 1 sum
    d = Sequential(Input("L", 16), LSTM(10)).derive()
    assert str(d.metric("flops_full")) == f"{2 * 4 * 10 * 26 + 10 * (4 + 9 + 2 + 3 + 1)}*L"
    # per unit and step: 2·3 biases, 2 sigmoids, 1 tanh, 3 products, 2 sums
    d = Sequential(Input("L", 16), GRU(10)).derive()
    assert str(d.metric("flops_full")) == f"{2 * 3 * 10 * 26 + 10 * (6 + 6 + 1 + 3 + 2)}*L"


def test_two_for_each_multiply_accumulate():
    d = symshape.zoo.lenet5().derive(H=32, W=32)
    assert d.metric("flops") == 2 * d.macs == 1_698_640
    assert str(d.network.derive()["conv2d"].metric("flops")) == "1200*(H - 4)*(W - 4)"


def test_a_layer_without_a_rule_is_named():
    class Call:
        label = "odd (Odd)"

        def counts(self, name):
            return None

    with pytest.raises(MissingRule, match=r"odd \(Odd\): the layer declares no rule for the metric flops"):
        metric("flops").of(Call())


@pytest.mark.frameworks
def test_as_pytorch_counts():
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2, groups=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1, ceil_mode=True)
    )
    model.extend([nn.Conv2d(8, 8, 3, groups=4, padding="same"), nn.Flatten(2), nn.LazyLinear(10)])
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(2, 3, 32, 33))
    d = symshape.load(model, input_shape=(3, "H", "W")).derive(N=2, H=32, W=33)
    assert d.metric("flops") == counter.get_total_flops()


# -- fvcore --------------------------------------------------------------------------------------------------------------
def counted_by_fvcore(model, *shape):
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fvcore's own: it traces by deprecated means
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(model.eval(), torch.zeros(shape)).unsupported_ops_warnings(False)
        return int(analysis.uncalled_modules_warnings(False).tracer_warnings("none").total())


def ours(model, *shape, convention="flops_fvcore"):
    names = tuple(f"s{place}" for place in range(1, len(shape)))
    network = symshape.load(model, input_shape=names)
    return network.derive(N=shape[0]).at(**dict(zip(names, shape[1:], strict=True))).metric(convention)


def drawn(draw, nn):
    """A random module over maps, and the shape of its input, batch first."""
    from hypothesis import strategies as st

    n, c, h, w = (
        draw(st.integers(1, 3)),
        4 * draw(st.integers(1, 3)),
        draw(st.integers(6, 12)),
        draw(st.integers(6, 12)),
    )
    out = 2 * draw(st.integers(1, 4))
    bias, affine = draw(st.booleans()), draw(st.booleans())
    modules = {
        "conv": lambda: nn.Conv2d(c, out, draw(st.integers(1, 4)), draw(st.integers(1, 3)), 1, groups=2, bias=bias),
        "transposed": lambda: nn.ConvTranspose2d(c, out, draw(st.integers(1, 4)), draw(st.integers(1, 3)), bias=bias),
        "batch": lambda: nn.BatchNorm2d(c, affine=affine),
        "own batch": lambda: nn.BatchNorm2d(c, affine=affine, track_running_stats=False),
        "group": lambda: nn.GroupNorm(4, c, affine=affine),
        "instance": lambda: nn.InstanceNorm2d(c, affine=affine),
        "layer": lambda: nn.LayerNorm(w, elementwise_affine=affine),
        "linear": lambda: nn.Linear(w, out, bias=bias),
        "nearest": lambda: nn.Upsample(scale_factor=draw(st.integers(1, 3)), mode="nearest"),
        "bilinear": lambda: nn.Upsample(size=(draw(st.integers(1, 20)), 5), mode="bilinear"),
        "adaptive": lambda: nn.AdaptiveAvgPool2d((draw(st.integers(1, 5)), 1)),
        "max pool": lambda: nn.MaxPool2d(2),
        "average pool": lambda: nn.AvgPool2d(3, 2, 1),
        "adaptive max pool": lambda: nn.AdaptiveMaxPool2d(2),
        "activation": lambda: draw(st.sampled_from((nn.ReLU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Hardswish)))(),
        "softmax": lambda: nn.Softmax(dim=1),
        "rms": lambda: nn.RMSNorm(w),
        "local response": lambda: nn.LocalResponseNorm(3),
        "dropout": lambda: nn.Dropout(),
    }
    return modules[draw(st.sampled_from(sorted(modules)))](), (n, c, h, w)


@pytest.mark.frameworks
def test_random_modules_as_fvcore_counts():
    import torch
    from hypothesis import given, settings
    from hypothesis import strategies as st

    @settings(max_examples=150, deadline=None, database=None)
    @given(st.data())
    def agree(data):
        module, shape = drawn(data.draw, torch.nn)
        assert ours(torch.nn.Sequential(module), *shape) == counted_by_fvcore(module, *shape), module

    agree()


@pytest.mark.frameworks
def test_where_fvcore_has_no_handler_we_count_alike():
    """Rows of `docs/conventions.md`, each as (ours, fvcore's)."""
    import torch

    nn = torch.nn
    for module, shape, mine, theirs in (
        (nn.AdaptiveAvgPool1d(1), (2, 4, 10), 80, 0),
        (nn.AdaptiveAvgPool3d(1), (2, 4, 3, 5, 7), 840, 0),
        (nn.Upsample(scale_factor=2, mode="nearest"), (2, 4, 10), 160, 0),
        (nn.Upsample(scale_factor=2, mode="linear"), (2, 4, 10), 320, 0),
        (nn.Upsample(scale_factor=2, mode="bicubic"), (1, 2, 3, 5), 16 * 120, 0),
        (nn.Upsample(scale_factor=2, mode="nearest-exact"), (1, 2, 3, 5), 120, 0),
        (nn.LSTM(5, 3, batch_first=True), (2, 7, 5), 2 * 7 * 4 * 3 * 8, 0),
        (nn.InstanceNorm2d(4, track_running_stats=True), (2, 4, 5, 5), 200, 800),
    ):
        assert (ours(nn.Sequential(module), *shape), counted_by_fvcore(module, *shape)) == (mine, theirs), module


def resnet_50():
    """ResNet-50 as torchvision has it: the stride in the 3 × 3 convolution."""

    def convolved(x, filters, kernel=1, stride=1):
        y = Conv2D(filters, kernel, stride=stride, padding=kernel // 2, bias=False)(x)
        return BatchNormalization()(y)

    image = x = Input("H", "W", 3)
    x = MaxPooling2D(3, stride=2, padding=1)(ReLU()(convolved(x, 64, 7, 2)))
    for width, depth, first in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for place in range(depth):
            stride = 1 if place else first
            y = ReLU()(convolved(x, width))
            y = convolved(ReLU()(convolved(y, width, 3, stride)), 4 * width)
            x = ReLU()(Add()([y, x if place else convolved(x, 4 * width, 1, stride)]))
    return Network(image, Dense(1000, name="classes")(GlobalAveragePooling2D(name="mean")(x)), "resnet50")


def test_resnet_50_by_every_convention():
    d = resnet_50().derive(H=224, W=224)
    assert (d.macs, d.flops, d.metric("flops_paper")) == (4_089_184_256, 8_178_368_512, 4_089_184_256)
    assert d.macs == 4_089_184_256
    assert d.metric("flops_fvcore") == 4_111_512_576
    convolutions = sum(layer.macs for layer in d if layer.type == "Conv2D")
    norms = sum(layer.metric("flops_fvcore") for layer in d if layer.type == "BatchNormalization")
    assert (convolutions, norms) == (4_087_136_256, 22_227_968)
    assert d["mean"].metric("flops_fvcore") == 100_352
    assert d["classes"].metric("flops_fvcore") == 2_048_000
    norms, relus, adds = 11_113_984, 9_608_704, 5_519_360  # elements of their outputs
    rest = 4 * norms + relus + adds + 9 * 64 * 56 * 56 + 100_352 + 2048 + 1000
    assert d.metric("flops_full") == 2 * d.macs + rest


@pytest.mark.frameworks
def test_resnet_50_as_fvcore_counts():
    from torch import nn

    class Bottleneck(nn.Module):
        def __init__(self, entering, width, stride):
            super().__init__()
            self.through = nn.Sequential(
                *(nn.Conv2d(entering, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
                *(nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
                *(nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)),
            )
            self.past = (
                nn.Identity()
                if entering == 4 * width
                else nn.Sequential(nn.Conv2d(entering, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width))
            )

        def forward(self, x):
            return (self.through(x) + self.past(x)).relu()

    stem = (nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    blocks, entering = [], 64
    for width, depth, first in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for place in range(depth):
            blocks.append(Bottleneck(entering, width, 1 if place else first))
            entering = 4 * width
    model = nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))
    assert resnet_50().derive(H=224, W=224).metric("flops_fvcore") == counted_by_fvcore(model, 1, 3, 224, 224)
