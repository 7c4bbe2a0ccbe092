"""Live PyTorch modules become networks: chains, nested and shared modules, what enters, and what is refused."""

from __future__ import annotations

import pytest

import symshape
from symshape.errors import ConditionError, GraphError, ImportRefused, UnsupportedLayer, UsageError

pytestmark = pytest.mark.frameworks
torch = pytest.importorskip("torch")
nn = torch.nn


def lenet():
    return nn.Sequential(
        nn.Sequential(
            nn.Conv2d(3, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2)
        ),
        nn.Flatten(),
        nn.ModuleList([nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84)]),
        nn.Linear(84, 10),
    )


def test_a_nested_chain():
    net = symshape.load(lenet())
    assert [node.name for node in net.nodes] == [
        *("input", "0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "1", "2.0", "2.1", "2.2", "3"),
    ]
    d = net.derive()
    assert net.sequential
    assert d.output_shape[1:] == (10,)
    assert d.params == 608 + 3216 + 48120 + 10164 + 850 == 62958  # the weights are there: no symbol is left in them
    assert str(d["0.5"].output_shape[2]) == "floor(H/4) - 3"
    assert d.at(H=32, W=32).macs == 849320
    assert {"H": 32, "W": 32} in d.domain
    assert {"H": 36, "W": 32} not in d.domain
    with pytest.raises(ConditionError, match=r"2\.0 \(Dense\): the layer is made for C = 400, its input has C = 480"):
        d.at(H=36, W=32)


def test_paths_are_names():
    class Features(nn.Sequential):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(nn.Conv1d(4, 6, 3), nn.BatchNorm1d(6))
            self.head = nn.Linear(7, 2)

    d = symshape.load(Features(), input_shape=(4, 9)).derive()
    assert list(d.layers) == ["input", "features.0", "features.1", "head"]
    assert d["features.1"].output_shape[1:] == (6, 7)
    assert d.params == 78 + 12 + 16
    assert d.metric("buffers") == 6 + 6 + 1


def test_a_single_module():
    d = symshape.load(nn.Linear(5, 2)).derive()
    assert list(d.layers) == ["input", "linear"]
    assert d.output_shape[1:] == (2,)


def test_a_shared_module_counts_its_weights_once():
    shared = nn.Linear(6, 6)
    d = symshape.load(nn.Sequential(shared, nn.ReLU(), shared, nn.Linear(6, 1))).derive()
    assert list(d.layers) == ["input", "0", "1", "3"]
    assert len(d["0"].calls) == 2
    assert d.params == 42 + 7
    assert d.macs == 36 + 36 + 6


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (lambda: nn.Conv1d(3, 4, 3), (3, "L")),
        (lambda: nn.Conv2d(3, 4, 3), (3, "H", "W")),
        (lambda: nn.Conv3d(1, 4, 3), (1, "D", "H", "W")),
        (lambda: nn.Linear(3, 4), (3,)),
        (lambda: nn.BatchNorm2d(5), (5, "H", "W")),
    ],
)
def test_what_enters_is_what_the_first_module_expects(module, shape):
    entrance = symshape.load(nn.Sequential(module())).nodes[0].operation
    assert tuple(map(str, entrance.shape)) == ("N", *map(str, shape))


@pytest.mark.parametrize("module", [nn.Flatten, nn.ReLU, lambda: nn.LazyLinear(4), lambda: nn.MaxPool2d(2)])
def test_where_the_first_module_does_not_tell_it_is_asked_for(module):
    with pytest.raises(UsageError, match="does not tell what enters it: give the shape of one example"):
        symshape.load(nn.Sequential(module()))


def test_the_input_shape_given():
    net = symshape.load(nn.Sequential(nn.Flatten(), nn.LazyLinear(4)), input_shape=(3, "H", 7))
    assert str(net.derive().params) == "84*H + 4"
    assert symshape.load(nn.Flatten(), input_shape=("N", 3)).derive().output_shape[1:] == (3,)
    with pytest.raises(ConditionError, match="made for C = 3, its input has C = 4"):
        symshape.load(nn.Conv2d(3, 8, 3), input_shape=(4, "H", "W"))


def test_frozen_modules():
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    d = symshape.load(model).derive()
    assert (d.trainable, d.non_trainable) == (8, 15)
    model[1].bias.requires_grad = False
    with pytest.raises(UnsupportedLayer, match=r"1 \(Linear\) is frozen in part \(bias\)"):
        symshape.load(model)


def test_lazy_modules():
    d = symshape.load(nn.Sequential(nn.LazyConv2d(8, 3), nn.LazyBatchNorm2d()), input_shape=("C", "H", "W")).derive()
    assert str(d.params) == "72*C + 24"


def test_pooling_with_indices_is_the_end():
    d = symshape.load(nn.MaxPool1d(2, return_indices=True), input_shape=(3, 8)).derive()
    assert len(d.output_shape) == 2
    with pytest.raises(GraphError, match="gives 2 outputs"):
        symshape.load(nn.Sequential(nn.MaxPool1d(2, return_indices=True), nn.ReLU()), input_shape=(3, 8))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)

    def forward(self, x):
        return x + self.inner(x)


class Doubled(nn.Conv2d):
    def forward(self, x):
        return super().forward(x) * 2


class Standardized(nn.Conv2d):
    def _conv_forward(self, x, weight, bias):
        return super()._conv_forward(x, weight - weight.mean(), bias)


class Gated(nn.Sequential):
    def forward(self, x):
        return super().forward(x).sigmoid()


class Named(nn.Conv2d):
    """Only another name."""


def hooked():
    module = nn.Linear(3, 3)
    module.register_forward_hook(lambda module, inputs, output: output[..., :1])
    return module


def patched():
    module = nn.Linear(3, 3)
    module.forward = lambda x: x
    return module


def widened():
    module = nn.Linear(3, 3)
    module.weight = nn.Parameter(torch.zeros(4, 3))
    return module


def with_more():
    module = nn.Linear(3, 3)
    module.register_parameter("scale", nn.Parameter(torch.zeros(3)))
    return module


def tied():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    return model


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: nn.Sequential(nn.ReLU(), Residual()), UnsupportedLayer, r"1 \(Residual\) has a forward of its own"),
        (lambda: nn.Sequential(Doubled(3, 3, 1)), UnsupportedLayer, r"0 \(Doubled\) has a forward of its own"),
        (lambda: Standardized(3, 3, 1), UnsupportedLayer, "has a _conv_forward of its own"),
        (lambda: Gated(nn.ReLU()), UnsupportedLayer, "has a forward of its own"),
        (lambda: nn.ModuleDict({"a": nn.ReLU()}), UnsupportedLayer, "load its parts one by one"),
        (hooked, UnsupportedLayer, "has a forward hook"),
        (patched, UnsupportedLayer, "was given another forward"),
        (widened, ImportRefused, r"keeps weight \(4, 3\), bias \(3,\), its options give weight \(3, 3\)"),
        (with_more, ImportRefused, r"scale \(3,\)"),
        (tied, UnsupportedLayer, r"its weight is also the weight of 0 \(Linear\)"),
        (nn.Sequential, GraphError, "holds no modules"),
        (lambda: nn.utils.spectral_norm(nn.Linear(3, 3)), UnsupportedLayer, "has a forward hook"),
        (
            lambda: nn.utils.parametrizations.weight_norm(nn.Linear(3, 3)),
            (UnsupportedLayer, ImportRefused),
            "parametri|own",
        ),
        (lambda: nn.ConstantPad1d((-1, 2), 0.0), UnsupportedLayer, "padding = .* cuts positions off"),
        (lambda: nn.CrossEntropyLoss(), UnsupportedLayer, "no declaration covers this module"),
    ],
)
def test_refusals(make, error, says):
    with pytest.raises(error, match=says):
        symshape.load(make(), input_shape=(3,))


def test_a_subclass_that_changes_nothing_is_its_class():
    assert symshape.load(Named(3, 4, 1)).derive().params == 16


def test_an_option_of_a_later_pytorch_is_named(monkeypatch):
    class Linear(nn.Module):
        def __init__(self, in_features, out_features, bias=True, sparsity=0):
            super().__init__()
            self.in_features, self.out_features, self.sparsity = in_features, out_features, sparsity
            self.weight = nn.Parameter(torch.zeros(out_features, in_features))
            self.bias = nn.Parameter(torch.zeros(out_features))

    Linear.__module__ = "torch.nn.modules.linear"
    with pytest.raises(UnsupportedLayer, match="option 'sparsity' = 0 of Linear is not known"):
        symshape.load(Linear(3, 4))


def test_torch_is_not_imported_by_us():
    import subprocess
    import sys

    code = "import sys, symshape.importers; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the batch elsewhere -----------------------------------------------------------------------------------------------
def shapes_of(d):
    made = d.output_shape
    return [str(shape) for shape in (made if isinstance(made, list) else [made])]


def test_a_module_with_its_batch_second_has_it_second():
    net = symshape.load(nn.LSTM(4, 5))
    assert str(net.nodes[0].operation.shape) == "(L, N, 4)"
    d = net.derive()
    assert shapes_of(d) == ["(L, N, 5)", "(1, N, 5)", "(1, N, 5)"]
    assert (d.params, str(d.macs)) == (220, "180*L")
    first = symshape.load(nn.LSTM(4, 5, batch_first=True)).derive()
    assert shapes_of(first) == ["(N, L, 5)", "(1, N, 5)", "(1, N, 5)"]
    assert (first.params, first.macs) == (d.params, d.macs)
    assert "Input       L × 4" in d.report(format="text")


@pytest.mark.parametrize("make", [nn.MultiheadAttention, nn.TransformerEncoderLayer])
def test_a_batch_that_is_second_changes_no_cost(make):
    second = symshape.load(make(8, 2), input_shape=("L", 8)).derive()
    first = symshape.load(make(8, 2, batch_first=True), input_shape=("L", 8)).derive()
    assert (str(second.output_shape), str(first.output_shape)) == ("(L, N, 8)", "(N, L, 8)")
    assert (second.params, second.macs) == (first.params, first.macs)
    assert symshape.load(make(8, 2)).derive().params == first.params


def test_where_the_batch_is_can_be_said():
    model = nn.Sequential(nn.Embedding(10, 4), nn.LSTM(4, 5))
    d = symshape.load(model, input_shape=("L", "N")).derive()
    assert shapes_of(d)[0] == "(L, N, 5)"
    with pytest.raises(UsageError, match=r"1 \(LSTM\) has the batch as axis 1, and its input is \(N, L, 4\)"):
        symshape.load(model, input_shape=("L",))
    first = nn.Sequential(nn.Embedding(10, 4), nn.TransformerEncoderLayer(4, 2, 8, batch_first=True))
    assert str(symshape.load(first, input_shape=("L",)).derive().output_shape) == "(N, L, 4)"
    with pytest.raises(UsageError, match="has the batch as axis 0"):
        symshape.load(first, input_shape=("L", "N"))
    with pytest.raises(UsageError, match="takes no batch"):
        symshape.load(nn.LSTM(4, 5), input_shape=(4,))


def test_several_inputs_of_the_first_module():
    d = symshape.load(nn.Bilinear(3, 5, 7), input_shape=[(3,), (5,)]).derive()
    assert (str(d.output_shape), d.params) == ("(N, 7)", 3 * 5 * 7 + 7)
    d = symshape.load(nn.LSTM(4, 5), input_shape=[("L", 4), (1, 5), (1, 5)]).derive()
    assert shapes_of(d) == ["(L, N, 5)", "(1, N, 5)", "(1, N, 5)"]
    assert list(d.layers) == ["input", "input_2", "input_3", "lstm"]


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_a_whole_transformer():
    module = nn.Transformer(8, 2, 1, 2, 16)
    d = symshape.load(module, input_shape=[("S", 8), ("T", 8)]).derive()
    assert str(d.output_shape) == "(T, N, 8)"
    assert d.params == sum(parameter.numel() for parameter in module.parameters())
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    own = nn.Transformer(8, 2, custom_encoder=nn.TransformerEncoder(layer, 1), num_decoder_layers=1)
    with pytest.raises((UnsupportedLayer, ImportRefused)):
        symshape.load(own, input_shape=[("S", 8), ("T", 8)])

    class Mine(nn.Module):
        def forward(self, x, **options):
            return x

    with pytest.raises(UnsupportedLayer, match="of your own making"):
        symshape.load(nn.Transformer(8, 2, 1, 1, 16, custom_encoder=Mine()), input_shape=[("S", 8), ("T", 8)])


def test_reports_tell_shapes_without_a_batch_that_is_second():
    d = symshape.load(nn.LSTM(4, 5)).derive()
    assert "L × 5, 1 × 5 and 1 × 5" in d.report(format="text")
    assert "L × 5, 1 × 5 and 1 × 5" in d.network.derive(N=8).report(format="text")
    assert "7 × 5, 1 × 5 and 1 × 5" in d.network.derive(N=8, L=7).report(format="text")
