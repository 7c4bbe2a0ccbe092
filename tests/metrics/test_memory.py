"""Memory: sums and peaks against a simulator that frees what nobody reads any more, and against PyTorch itself."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symshape
from symshape.errors import ConditionError, MissingRule, UnknownName, UsageError
from symshape.layers import (
    Activation,
    Add,
    AddMatMul,
    Arithmetic,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GatherElements,
    LayerNormalization,
    MaxPooling2D,
    MaxUnpooling2D,
    MultiHeadAttention,
    MultiheadAttention,
    Parameter,
    Permute,
    ReLU,
    Reshape,
    ScaledDotProductAttention,
    TopK,
    UnitNormalization,
)
from symshape.network import Input, Network, Sequential
from symshape.network import given as given_array
from symshape.repeat import Repeat

from .saved import bytes_kept, bytes_saved

# -- an allocator that knows nothing of schedules ------------------------------------------------------------------------
VIEWS = ("Flatten", "Dropout")


def simulated_peak(derivation):
    """Runs the network node by node: allocates outputs, frees a buffer when its last reader has run."""
    network = derivation.network
    buffers, readers = {}, {}  # (node, output) → buffer; buffer → reads to come

    def reads(node):
        return [(source.node, source.output) for source in node.sources]

    sizes = {}
    for place, (node, call) in enumerate(zip(network.nodes, derivation.calls, strict=True)):
        for output, shape in enumerate(call.outputs):
            view = type(node.operation).__name__ in VIEWS
            buffers[place, output] = buffers[reads(node)[0]] if view else (place, output)
            sizes.setdefault(buffers[place, output], math.prod(shape))
    for node in network.nodes:
        for source in reads(node):
            readers[buffers[source]] = readers.get(buffers[source], 0) + 1
    for port in network.outputs:
        readers[buffers[port.node, port.output]] = math.inf  # never freed
    memory = {buffers[place, 0] for place in network.inputs}
    peak = 0
    for place, (node, call) in enumerate(zip(network.nodes, derivation.calls, strict=True)):
        memory |= {buffers[place, output] for output in range(len(call.outputs))}
        peak = max(peak, sum(sizes[buffer] for buffer in memory))
        for source in reads(node):
            readers[buffers[source]] -= 1
        memory = {buffer for buffer in memory if readers.get(buffer, 0) > 0}
    return peak


@st.composite
def networks(draw):
    """A random graph of layers over maps, with joins, views, a flattened branch and sometimes two outputs."""
    image = Input("H", "W", draw(st.integers(1, 5)))
    tensors, ends = [image], []
    for _ in range(draw(st.integers(1, 8))):
        source = draw(st.sampled_from(tensors))
        kind = draw(st.sampled_from(("conv", "relu", "pool", "dropout", "join", "add", "shared")))
        if kind == "conv":
            made = Conv2D(draw(st.integers(1, 6)), 3, padding="same", stride=draw(st.integers(1, 2)))(source)
        elif kind == "relu":
            made = ReLU()(source)
        elif kind == "pool":
            made = MaxPooling2D(2, stride=1, padding="same")(source)
        elif kind == "dropout":
            made = Dropout(0.5)(source)
        elif kind == "add":
            made = Add()([source, ReLU()(source)])
        elif kind == "shared":
            same = BatchNormalization()
            made = same(same(source))
        else:
            made = Concatenate()([source, source])
        tensors.append(made)
    ends.append(Dense(3)(Flatten()(tensors[-1])))
    if draw(st.booleans()):
        ends.append(draw(st.sampled_from(tensors[1:])))
    return Network(image, ends)


@settings(max_examples=30, deadline=None, database=None)
@given(networks(), st.integers(1, 9), st.integers(1, 9))
def test_peak_is_what_a_simulator_finds(network, h, w):
    general = network.derive().metric("peak_activations")
    there = network.derive(H=h, W=w, N=1)
    expected = simulated_peak(there)
    assert there.metric("peak_activations") == expected
    assert _put(general, H=h, W=w) == expected


def _put(form, **sizes):
    return (
        form if isinstance(form, int) else int(form.subs({symbol: sizes[str(symbol)] for symbol in form.free_symbols}))
    )


def test_peak_of_lenet5_by_hand():
    lenet = symshape.zoo.lenet5()
    assert lenet.derive(H=32, W=32).metric("peak_activations") == 32 * 32 * 3 + 28 * 28 * 8
    assert _put(lenet.derive().metric("peak_activations"), H=16, W=16) == 16 * 16 * 3 + 12 * 12 * 8


def test_a_bypass_is_held_as_long_as_it_is_read():
    image = Input(8, 8, 4)
    x = ReLU()(image)
    y = ReLU()(ReLU()(x))
    d = Network(image, Add()([x, y])).derive()
    assert d.metric("peak_activations") == 3 * 8 * 8 * 4  # at the sum: x, y and what is made; the input is gone
    image = Input(8, 8, 4)
    chain = ReLU()(ReLU()(image))
    assert Network(image, Add()([image, chain])).derive().metric("peak_activations") == 3 * 8 * 8 * 4


def test_views_have_no_memory_of_their_own():
    d = Sequential(Input(8, 8, 4), Flatten(), Dropout(0.5), Dense(10)).derive()
    assert d.metric("peak_activations") == 256 + 10
    assert d.metric("activations") == 256 * 3 + 10  # what every layer gives, whoever's memory it is


def test_learned_arrays_are_weights_not_activations():
    x = Input("L", 8)
    d = Network(x, Arithmetic("add")(x, given_array(Parameter((1, "L", 8))))).derive(L=5)
    assert d.metric("peak_activations") == 2 * 40
    assert d.metric("param_bytes") == 4 * 40
    assert d.metric("read_bytes") == 4 * 80  # the input and the array
    assert d.metric("kept_bytes") == 0


def test_repeated_blocks_run_one_after_the_other():
    block = Network.of(Conv2D("C", 3, padding="same", activation="relu"), "H", "W", "C", name="block")
    x = Input("H", "W", "C")
    repeated = Network(x, Repeat(block, "n")(x)).derive(H=5, W=7, C=4, n=3)
    plain = Sequential(Input(5, 7, 4), *(Conv2D(4, 3, padding="same", activation="relu") for _ in range(3))).derive()
    for metric in ("peak_activations", "kept_bytes", "training_bytes"):
        assert repeated.metric(metric) == plain.metric(metric)
    general = Network(x, Repeat(block, "n")(x)).derive(H=5, W=7, C=4)
    assert str(general.metric("kept_bytes")) == "560*n + 560"


def test_nested_networks_are_opened():
    block = Sequential(Input("H", "W", 4), Conv2D(16, 1), Conv2D(4, 1), name="block")
    image = Input("H", "W", 4)
    nested = Network(image, ReLU()(block(image))).derive(H=5, W=7)
    flat = Sequential(Input("H", "W", 4), Conv2D(16, 1), Conv2D(4, 1), ReLU()).derive(H=5, W=7)
    for metric in ("peak_activations", "kept_bytes", "training_bytes"):
        assert nested.metric(metric) == flat.metric(metric)
    assert [step.name for step in nested.schedule.steps] == ["input_layer", "block/conv2d", "block/conv2d_1", "re_lu"]


def test_a_quantity_of_the_whole_network_is_no_layers():
    d = symshape.zoo.lenet5().derive()
    with pytest.raises(
        UsageError, match="peak_activations is a quantity of a whole network, conv2d by itself has none"
    ):
        d["conv2d"].metric("peak_activations")


# -- weights -------------------------------------------------------------------------------------------------------------
def test_bytes_of_parameters_by_type():
    d = Sequential(Input(5), Dense(3), BatchNormalization()).derive()
    assert (d.params, d.trainable) == (30, 24)
    assert [d.metric("param_bytes", dtype=t) for t in ("fp32", "fp16", "bf16", "int8")] == [120, 60, 60, 30]
    assert d.metric("param_bytes", dtype="int4") == 8 + 2 + 4 * 2  # 15, 3 and four times 3 numbers, two in a byte
    assert d.metric("param_bytes") == 120
    assert d.metric("gradient_bytes") == 4 * 24
    assert [d.metric("optimizer_bytes", optimizer=o) for o in ("sgd", "momentum", "adam", "adamw")] == [0, 96, 192, 192]
    symbolic = Sequential(Input("C"), Dense("U", bias=False)).derive()
    assert str(symbolic.metric("optimizer_bytes", optimizer="adam")) == "8*C*U"
    assert str(symbolic.metric("param_bytes", dtype="int4")) == "ceiling(C*U/2)"


def test_shared_weights_are_counted_once():
    one, two, shared = Input(5), Input(5), Dense(3)
    d = Network([one, two], Add()([shared(one), shared(two)])).derive()
    assert d.metric("param_bytes") == 4 * 18
    kept = 4 * (5 + 5)
    assert d.metric("kept_bytes") == kept
    assert d.metric("training_bytes", optimizer="adam") == 4 * 18 * (1 + 1 + 2) + kept


def test_unknown_options_are_refused():
    d = symshape.zoo.lenet5().derive()
    with pytest.raises(UnknownName, match="param_bytes: dtype is one of fp32, fp16, bf16, int8, int4, not 'fp8'"):
        d.metric("param_bytes", dtype="fp8")
    with pytest.raises(UnknownName, match="param_bytes has no option optimizer: it has dtype"):
        d.metric("param_bytes", optimizer="adam")
    with pytest.raises(UnknownName, match="macs has no option dtype: it has none"):
        d["conv2d"].metric("macs", dtype="fp32")


# -- traffic -------------------------------------------------------------------------------------------------------------
def test_bytes_moved_and_intensity_by_hand():
    d = Sequential(Input("H", "W", 3), Conv2D(8, 3), Flatten(), Dropout(0.5), Embedding(7, 2)).derive()
    conv = d["conv2d"]
    assert str(conv.metric("read_bytes")) == "12*H*W + 896"
    assert str(conv.metric("written_bytes")) == "32*(H - 2)*(W - 2)"
    assert conv.metric("intensity").free_symbols == conv.macs.free_symbols
    there = d.at(H=10, W=10)
    assert there["conv2d"].metric("moved_bytes", dtype="fp16") == 2 * (300 + 224 + 512)
    assert there["conv2d"].metric("intensity", dtype="fp16") == Fraction(216 * 64, 2 * (300 + 224 + 512))
    assert there["flatten"].metric("moved_bytes") == there["dropout"].metric("moved_bytes") == 0
    assert there["embedding"].metric("read_bytes") == 4 * (512 + 2 * 512)  # rows, not the table
    assert there.metric("read_bytes") == 4 * (300 + 224 + 512 + 1024)
    assert there.metric("intensity") == Fraction(there.macs, there.metric("moved_bytes"))
    with pytest.raises(UsageError, match="intensity is macs over moved_bytes, which is 0 here"):
        there["flatten"].metric("intensity")


# -- kept for the backward pass ----------------------------------------------------------------------------------------
def test_kept_by_hand():
    d = Sequential(Input(8, 8, 4), Conv2D(6, 1), ReLU(), Conv2D(2, 1), Dropout(0.5), Flatten(), Dense(3)).derive()
    # the image, what ReLU gives (which the second convolution reads), what the dropout gives, and its mask
    assert d.metric("kept_bytes") == 4 * (256 + 384 + 128) + 128
    assert d.metric("kept_bytes", dtype="fp16") == 2 * (256 + 384 + 128) + 128
    assert d.network.derive(N=10).metric("kept_bytes") == 10 * d.metric("kept_bytes")


def test_functions_given_as_options_keep_what_they_need():
    def kept(**options):
        return Sequential(Input(5), Dense(3, **options)).derive().metric("kept_bytes")

    assert kept() == 4 * 5
    assert kept(activation="relu") == 4 * (5 + 3)
    assert kept(activation="gelu") == 4 * (5 + 3)
    with pytest.raises(MissingRule, match="kept_bytes has no rule for what is kept of the function's steps"):
        kept(activation="squareplus")


def test_a_layer_that_does_not_say_what_it_keeps_is_refused():
    d = Sequential(Input("L", 8), UnitNormalization()).derive()
    for metric in ("kept_bytes", "training_bytes"):
        with pytest.raises(
            MissingRule,
            match=r"unit_normalization \(UnitNormalization\): the layer declares no rule for the metric kept_bytes",
        ):
            d.metric(metric)


def test_a_transformer_layer_keeps_what_the_literature_says():
    """34·s·b·h + 5·a·s²·b bytes in fp16, and 16·s·b for the statistics of both normalizations (Korthikanti et al.)."""
    x = Input("s", "a*d")
    normed = LayerNormalization()(x)
    heads = [Permute((2, 1, 3))(Reshape(("s", "a", "d"))(Dense("a*d")(normed))) for _ in range(3)]
    attended = Permute((2, 1, 3))(ScaledDotProductAttention(dropout=0.1)(*heads))
    y = Add()([x, Dropout(0.1)(Dense("a*d")(Reshape(("s", "a*d"))(attended)))])
    wide = Activation("gelu")(Dense("4*a*d")(LayerNormalization()(y)))
    network = Network(x, Add()([y, Dropout(0.1)(Dense("a*d")(wide))]))
    d = network.derive().at(s=128, a=12, d=64)
    s, a, h = 128, 12, 768
    assert d.metric("kept_bytes", dtype="fp16") == 34 * s * h + 5 * a * s**2 + 16 * s


def test_multi_head_attention_keeps_what_its_parts_keep():
    d = Sequential(Input(10, 32), MultiHeadAttention(4, 8, dropout=0.5)).derive()
    assert d.metric("kept_bytes", dtype="fp16") == 2 * 320 * (1 + 3 + 1) + 5 * 4 * 100
    d = Sequential(Input(10, 32), MultiheadAttention(4)).derive()
    assert d.metric("kept_bytes", dtype="fp16") == 2 * 320 * (1 + 3 + 1) + 2 * 4 * 100


# -- PyTorch -----------------------------------------------------------------------------------------------------------
@st.composite
def modules(draw):
    """A random chain of modules over maps, and the shape of its input."""
    from torch import nn

    channels = draw(st.sampled_from((2, 4, 6)))
    shape = (draw(st.integers(2, 3)), channels, 8, draw(st.integers(8, 10)))
    chain = []
    for _ in range(draw(st.integers(1, 5))):
        makes = {
            "conv": lambda c: (nn.Conv2d(c, 4, 3, padding=1), 4),
            "transposed": lambda c: (nn.ConvTranspose2d(c, 6, 3, padding=1), 6),
            "batch": lambda c: (nn.BatchNorm2d(c), c),
            "instance": lambda c: (nn.InstanceNorm2d(c, affine=True), c),
            "group": lambda c: (nn.GroupNorm(2, c), c),
            "max": lambda c: (nn.MaxPool2d(3, 1, 1), c),
            "average": lambda c: (nn.AvgPool2d(3, 1, 1), c),
            "reflect": lambda c: (nn.ReflectionPad2d(1), c),
            "zeros": lambda c: (nn.ZeroPad2d(1), c),
            "nearest": lambda c: (nn.Upsample(scale_factor=2), c),
            "bilinear": lambda c: (nn.Upsample(scale_factor=2, mode="bilinear"), c),
            "softmax": lambda c: (nn.Softmax(dim=1), c),
            "prelu": lambda c: (nn.PReLU(), c),
            "identity": lambda c: (nn.Identity(), c),
            "adaptive": lambda c: (nn.AdaptiveAvgPool2d(3), c),
            "adaptive max": lambda c: (nn.AdaptiveMaxPool2d(3), c),
            "function": lambda c: (
                draw(
                    st.sampled_from(
                        (
                            *(nn.ReLU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU, nn.ELU, nn.LeakyReLU, nn.ReLU6, nn.Mish),
                            *(nn.Hardswish, nn.Hardsigmoid, nn.Softplus, nn.Hardtanh, nn.SELU, nn.CELU, nn.Hardshrink),
                            *(nn.Softshrink,),
                        )
                    )
                )(),
                c,
            ),
        }
        module, channels = makes[draw(st.sampled_from(sorted(makes)))](channels)
        chain.append(module)
    if draw(st.booleans()):
        chain += [nn.Flatten(), nn.LazyLinear(3)]
    return nn.Sequential(*chain), shape


@pytest.mark.frameworks
def test_kept_as_pytorch_keeps():
    import torch

    @settings(max_examples=150, deadline=None, database=None)
    @given(modules())
    def agree(drawn):
        module, shape = drawn
        module(torch.zeros(shape))  # lazy modules take their sizes
        x = torch.randn(shape, requires_grad=True)
        theirs = bytes_saved(module, x * 1)
        ours = symshape.load(module, input_shape=shape[1:]).derive(N=shape[0]).metric("kept_bytes")
        assert ours == theirs, module

    agree()


@pytest.mark.frameworks
def test_activations_as_pytorch_makes_them():
    import torch

    @settings(max_examples=30, deadline=None, database=None)
    @given(modules())
    def agree(drawn):
        module, shape = drawn
        made = []
        module(torch.zeros(shape))  # lazy modules take their sizes
        hooks = [part.register_forward_hook(lambda _, __, output: made.append(output.numel())) for part in module]
        module(torch.zeros(shape))
        for hook in hooks:
            hook.remove()
        d = symshape.load(module, input_shape=(shape[1], "H", "W")).derive(N=shape[0]).at(H=shape[2], W=shape[3])
        assert d.metric("activations") == math.prod(shape) + sum(made)

    agree()


@pytest.mark.frameworks
def test_modules_one_by_one_keep_as_pytorch_keeps():
    import torch
    from torch import nn

    def both(module, *shape):
        chain = nn.Sequential(module)
        theirs = bytes_saved(chain, torch.randn(shape, requires_grad=True) * 1)
        return symshape.load(chain, input_shape=shape[1:]).derive(N=shape[0]).metric("kept_bytes"), theirs

    for module, *shape in (
        (nn.LayerNorm(8), 2, 5, 8),
        (nn.LayerNorm((5, 8)), 2, 5, 8),
        *((pool(1), 2, 3, *(4, 5, 6)[:n]) for n, pool in ((1, nn.AdaptiveAvgPool1d), (2, nn.AdaptiveAvgPool2d))),
        (nn.GLU(-1), 2, 5, 8),
        (nn.MaxPool1d(2), 2, 3, 8),
        (nn.AvgPool3d(2), 2, 3, 4, 8, 8),
        (nn.MaxPool3d(2), 2, 3, 4, 8, 8),
        (nn.ReplicationPad2d(1), 2, 3, 5, 8),
        (nn.CircularPad2d(1), 2, 3, 5, 8),
        (nn.PixelShuffle(2), 2, 4, 5, 8),
        (nn.ChannelShuffle(2), 2, 4, 5, 8),
        (nn.Unfold(2), 2, 3, 4, 4),
        (nn.Upsample(scale_factor=2, mode="area"), 2, 4, 5, 8),
        (nn.LogSoftmax(-1), 2, 8),
        (nn.BatchNorm1d(3), 4, 3),
        (nn.BatchNorm2d(3, track_running_stats=False), 4, 3, 5, 5),
        (nn.InstanceNorm2d(3, track_running_stats=True), 4, 3, 5, 5),
        (nn.AdaptiveMaxPool1d(2), 2, 3, 8),
        (nn.Threshold(1.0, 2.0), 2, 3),
        (nn.Linear(8, 3), 2, 5, 8),
        (nn.LocalResponseNorm(3), 2, 6, 5, 7),
        (nn.LocalResponseNorm(4), 2, 6, 5),
    ):
        ours, theirs = both(module, *shape)
        assert ours == theirs, module
    # fused kernels keep less: masks of one byte, no second copy (docs/conventions.md)
    assert both(nn.Dropout(0.5), 2, 5, 8) == (80, 4 * 80)
    assert both(nn.Dropout2d(0.5), 2, 3, 5, 8) == (6, 4 * 6)
    assert both(nn.RMSNorm(8), 2, 5, 8) == (4 * 80 + 4 * 10, 4 * 80 + 4 * 10 + 4 * 80)


@pytest.mark.frameworks
def test_tensor_operations_keep_as_pytorch_keeps():
    import torch
    from torch import nn

    def tensor(*shape):
        return torch.randn(shape, requires_grad=True) * 1

    def ours(layer, *shapes):
        entering = [Input(*shape[1:], batch=shape[0]) for shape in shapes]
        made = layer(*entering)
        return Network(entering, made if isinstance(made, (list, tuple)) else [made]).derive().metric("kept_bytes")

    matrix = (4, 4)
    assert bytes_kept(torch.addmm, (), *(tensor(*matrix) for _ in range(3))) == ours(AddMatMul(), *[matrix] * 3)
    places = torch.zeros(4, 3, dtype=torch.long)
    assert bytes_kept(torch.gather, (), tensor(*matrix), 1, places) == ours(GatherElements(1), matrix, (4, 3))
    assert bytes_kept(torch.topk, (), tensor(*matrix), 2) == ours(TopK(2), matrix)
    pooled, where = nn.MaxPool2d(2, return_indices=True)(tensor(2, 3, 8, 8))
    shape = (2, 3, 4, 4)
    assert bytes_saved(nn.MaxUnpool2d(2), pooled, where) == ours(MaxUnpooling2D(2, channels="first"), shape, shape)


def test_an_auxiliary_head_that_is_too_small_to_train() -> None:
    d = symshape.zoo.inception_v3().derive()
    with pytest.raises(ConditionError, match=r"auxiliary .*too small to train it, H_out_1 inside would be 0"):
        d.at(H=75, W=75).value("kept_bytes")
    assert d.at(H=75, W=75).macs > 0
    assert d.at(H=299, W=299).value("kept_bytes") > 0
    assert "too small to train" in " ".join(d.report(point={"H": 75, "W": 75}).split())
