"""What a report says, read as text: names, facts, steps, reasons and what is left out."""

from __future__ import annotations

import re

import pytest

from symshape.declaration.layer import registered
from symshape.domain import Domain
from symshape.errors import SymshapeError, Undecided
from symshape.layers.source import InputLayer
from symshape.network import Network, Tensor, given
from symshape.report import report
from symshape.report.build import build
from symshape.report.example import example_of
from symshape.report.view import LayerView, View
from symshape.written import Number, Symbol, Written


def section(text: str, title: str) -> str:
    """A layer's section of a text report, spaces made one."""
    begin = text.index(f"\n{title} (")
    end = re.search(r"\n(?=\n\d[\w.]* · |\n(?:Sources)\n)", text[begin + 1 :])
    assert end is not None
    return re.sub(r"\s+", " ", text[begin : begin + 1 + end.start()])


def layer(view: View, name: str) -> LayerView:
    return next(entry for entry in view.layers if entry.name == name)


# -- LeNet-5, as the tutorial explains it ------------------------------------------------------------------------------
def test_every_number_of_lenet5_has_its_reason(lenet: Network) -> None:
    text = report(lenet.derive()).replace("\u202f", " ")
    conv = section(text, "1 · conv2d")
    assert "F = 8, K = 5, S = 1, P = 0, C = 3." in conv
    assert "H₁ = ⌊(H + 2P − K)/S⌋ + 1 = ⌊(H + 2·0 − 5)/1⌋ + 1 = H − 4 at H = 32: 28" in conv
    assert "Height (width likewise): a window of K fits where its last tap is still inside [1, relation 6]" in conv
    assert "kernel K × K × C × F 5·5·3·8 600" in conv
    assert re.search(r"sum 608 ", conv)
    assert "MACs = H₁W₁FK²C = (H − 4)(W − 4)·8·5·5·3 = 600(H − 4)(W − 4) at 32 × 32: 28·28·8·5·5·3 = 470 400" in conv
    assert "Receptive field 5 × 5, step 1." in conv
    pool = section(text, "2 · max_pooling2d")
    assert "H₂ = ⌊(H₁ + 2P − K)/S⌋ + 1 = ⌊((H − 4) + 2·0 − 2)/2⌋ + 1 = ⌊H/2⌋ − 2 at H = 32: 14" in pool
    assert "No weights, no MACs: it compares or adds numbers, multiplies none." in pool
    dense = section(text, "6 · dense")
    assert "kernel T₅ × U 400·120 48 000 1920(⌊H/4⌋ − 3)(⌊W/4⌋ − 3)" in dense
    assert "at 32 × 32: 400·120 = 48 000" in dense
    for count in ("3216", "48 120", "10 164", "850", "62 958", "849 320"):
        assert count in text


def test_the_answer_comes_first(lenet: Network) -> None:
    head = report(lenet.derive()).replace("\u202f", " ").split("The layers")[0]
    for said in ("for H ≥ 16 and W ≥ 16", "H × W × 3", "62 958 at 32 × 32, in general", "849 320 at 32 × 32"):
        assert said in head
    assert "params = 1920(⌊H/4⌋ − 3)(⌊W/4⌋ − 3) + 14 958" in head


def test_only_the_reasons_that_bind_are_given(lenet: Network) -> None:
    (reason,) = build(lenet.derive()).reasons
    assert reason.symbol == "H"
    assert reason.likewise == ("W",)
    assert str(reason.claim) == "floor(H/4) - 3 >= 1"
    assert reason.ref is not None
    assert reason.ref.name == "max_pooling2d_1"


# -- bindings ----------------------------------------------------------------------------------------------------------
def test_numbers_only(lenet: Network) -> None:
    text = report(lenet.derive(H=32, W=32)).replace("\u202f", " ")
    assert "as it stands: no size is left free" in text
    assert "H = 32 and W = 32" in text
    assert "H₂ = ⌊(H₁ + 2P − K)/S⌋ + 1 = ⌊(28 + 2·0 − 2)/2⌋ + 1 = 14" in section(text, "2 · max_pooling2d")
    assert "Totals" in text
    assert " at " not in section(text, "1 · conv2d")


def test_tied_sizes(lenet: Network) -> None:
    text = report(lenet.derive(W="H"))
    assert "W = H" in text.split("The layers")[0]
    assert "for H ≥ 16" in text


def test_costs_for_a_batch(lenet: Network) -> None:
    text = report(lenet.derive(N=8)).replace("\u202f", " ")
    assert "for the batch, N = 8" in text
    assert "at 32 × 32: 8·28·28·8·5·5·3 = 3 763 200" in section(text, "1 · conv2d")


def test_fixed_weights_are_mentioned(lenet: Network) -> None:
    text = report(lenet.derive(fixed_weights=True, W="H"))
    assert "for 32 ≤ H ≤ 35" in text
    assert "6 · dense" in text.split("Layer by layer")[0]
    assert "keep the shapes they have in the model's file" in text.replace("\n", " ")


# -- names -------------------------------------------------------------------------------------------------------------
def test_a_layer_behind_a_join_speaks_of_the_size_that_reaches_it(residual: Network) -> None:
    """H is the network's height everywhere: the input of a deeper layer has another name."""
    text = report(residual.derive())
    assert "H₆ = ⌊(H₁ + 2P − K)/S⌋ + 1" in section(text, "6 · conv2d_2")
    for entry in build(residual.derive()).layers[2:]:
        for step in entry.sizes:
            assert Symbol("H") not in step.written.symbols


def test_a_size_without_a_symbol_gets_the_name_of_its_layer() -> None:
    image = Tensor(InputLayer(("N", "H", "W", 4), name="image"))
    from symshape.layers import Conv2D, GlobalAveragePooling2D, Reshape

    squeezed = Conv2D(2, 1)(Reshape((1, 1, 4))(GlobalAveragePooling2D()(image)))
    text = report(Network(image, squeezed).derive())
    conv = section(text, "3 · conv2d")
    assert "H₂ = 1" in conv
    assert "H₃ = ⌊(H₂ + 2P − K)/S⌋ + 1" in conv


def test_free_options_and_numbers_of_the_same_letter_are_told_apart(free: Network) -> None:
    text = report(free.derive())
    assert "F, K, S and P free." in section(text, "1 · conv2d")
    deeper = section(text, "3 · conv2d_1")
    assert "F₃ = 16, K₃ = 5, S₃ = 1, P₃ = 0" in deeper
    assert "⌊(H₂ + 2P₃ − K₃)/S₃⌋ + 1" in deeper
    assert "a window of K₃ fits" in deeper
    assert "kernel (window) size along an axis, of conv2d" in re.sub(r"\s+", " ", text)


def test_inputs_of_several_sizes(siamese: Network) -> None:
    text = report(siamese.derive())
    assert "H₂ = ⌊(H + 2P − K)/S⌋ + 1" in section(text, "2 · stem")
    again = section(text, "2b · stem")
    assert "H_2b = ⌊(H_r + 2P − K)/S⌋ + 1" in again
    assert "This is 2 · stem applied again. Its weights count once." in again
    assert "Weights " not in again
    joined = section(text, "4 · concatenate")
    assert "C₄ = C₃ + C_3b = 4 + 4 = 8" in joined


def test_numbered_options_do_not_look_like_layers(sequence: Network) -> None:
    text = report(sequence.derive())
    reshape = section(text, "2 · reshape")
    assert "T₂ = L₁C/T_2_2" in reshape
    assert "−1" not in reshape.split("Size")[0].split("left. ")[-1]
    assert "Condition: each group takes an equal share of the input channels: G ∣ C, here 2 ∣ 8." in section(
        text, "1 · conv1d"
    )


def test_axes_that_differ_are_derived_apart(separable: Network) -> None:
    text = report(separable.derive())
    assert "Height (width likewise: W₁ = 24 at W = 48)" in section(text, "1 · separable_conv2d")
    conv = section(text, "2 · conv2d")
    assert "H₂ = ⌊(H₁ + 2P − K_h)/S⌋ + 1" in conv
    assert "W₂ = ⌊(W₁ + 2P − K_w)/S⌋ + 1" in conv


# -- structure ---------------------------------------------------------------------------------------------------------
def test_layers_of_a_nested_network_are_derived_too(nested: Network) -> None:
    text = report(nested.derive())
    assert "A network of 2 layers, used as one." in section(text, "2 · block")
    inner = section(text, "2.2 · conv2d")
    assert "H_2.2 = ⌈H₁/S⌉ = ⌈(H − 2)/1⌉ = H − 2 at H = 32: 30" in inner
    assert "sum 1168" in inner


def test_parts_of_one_layer_are_added_up(separable: Network) -> None:
    said = section(report(separable.derive()).replace("\u202f", " "), "1 · separable_conv2d")
    assert "MACs₁ = H₁W₁K²C" in said
    assert "MACs₂ = H₁W₁CF" in said
    assert "Together MACs = 200⌈H/2⌉⌈W/2⌉ at 32 × 48: 76 800" in said


def test_a_join_is_a_condition_of_the_domain(unet: Network) -> None:
    text = report(unet.derive())
    assert "for 2 ∣ H and 2 ∣ W" in text
    assert "5 · concatenate needs 2⌊H/2⌋ = H, since the inputs' shapes fit together" in re.sub(r"\s+", " ", text)
    assert "Reads 1 · conv2d and 4 · up_sampling2d." in section(text, "5 · concatenate")


def test_repeated_layers_refer_to_the_first(lenet: Network) -> None:
    from symshape.layers import Conv2D
    from symshape.network import Input, Sequential

    chain = Sequential(Input("H", "W", 4), *(Conv2D(4, 3, padding="same") for _ in range(3)))
    view = build(chain.derive())
    assert [entry.same_as and entry.same_as.number for entry in view.layers] == [None, None, "1", "1"]
    assert "2 · conv2d_1 (Conv2D): as 1 · conv2d." in report(chain.derive())


def test_a_network_without_weights(weightless: Network) -> None:
    text = report(weightless.derive())
    assert "Parameters  0" in text
    assert "Weights" not in text.split("Layer by layer")[1].split("Sources")[0]


def test_the_note_of_a_network_is_told(lenet: Network) -> None:
    noted = Network.of_nodes(lenet.nodes, lenet.inputs, lenet.outputs, lenet.name, "Made by hand.")
    for name in ("txt", "md", "tex", "html", "json"):
        assert "Made by hand." in report(noted.derive(), format=name)


# -- every layer there is ----------------------------------------------------------------------------------------------
def test_every_declared_layer_can_be_reported() -> None:
    reported = 0
    for cls in registered().values():
        try:
            example = example_of(cls)
        except SymshapeError:
            continue
        if isinstance(example.layer, InputLayer):
            continue
        inputs = [Tensor(InputLayer(tuple(shape), name=f"in{n}")) for n, shape in enumerate(example.inputs)]
        made = example.layer(*inputs) if inputs else given(example.layer)
        network = Network(inputs, list(made) if isinstance(made, tuple) else made)
        text = report(network.derive())
        assert max(map(len, text.split("\n"))) <= 100, cls.__name__
        reported += 1
    assert reported > 60


def test_no_formula_speaks_of_a_symbol_that_is_nowhere_explained(everything: list[Network]) -> None:
    for network in everything:
        view = build(network.derive())
        explained = {str(entry.symbol) for entry in view.glossary}
        for entry in view.layers:
            trees: list[Written] = [step.written for step in (*entry.sizes, *entry.counts)]
            for symbol in {symbol for tree in trees for symbol in tree.symbols}:
                stem = symbol.name.split("_")[0]
                assert stem in explained or symbol.name in explained or f"{stem}_h" in explained, symbol


# -- published networks ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "params", "macs", "last"),
    [
        ("ResNet50", 25636712, 3857973248, "ceiling(H/32)"),
        ("InceptionV3", 23851784, 5713216096, "floor((H - 43)/32)"),
        ("EfficientNetB0", 5330571, 385814752, "floor(H/32)"),
    ],
)
def test_published_networks(published: object, name: str, params: int, macs: int, last: str) -> None:
    view = build(published(name).derive())  # type: ignore[operator]
    assert view.total("params").form == Number(params)
    assert view.total("macs").at == macs
    assert str(view.last_map[0].form) == last


# -- what cannot be said ---------------------------------------------------------------------------------------------
def test_an_unknown_domain_is_said_to_be_unknown(lenet: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Undecided("the set needs too many residue classes")

    monkeypatch.setattr(Domain, "relation", property(refuse))
    for name in ("txt", "md", "tex", "html", "json"):
        text = report(lenet.derive(), format=name)
        assert "the set needs too many residue classes" in text


def test_receptive_fields_are_general_where_they_can_be(lenet: Network, published: object) -> None:
    assert "Receptive fields" not in report(lenet.derive())
    text = report(published("Xception").derive())  # type: ignore[operator]
    assert "Receptive fields that are others at other sizes are those at 299 × 299." in re.sub(r"\s+", " ", text)
    assert "Receptive field 19 × 19, step 4" in text
    assert max(map(len, text.split("\n"))) <= 100


def test_receptive_fields_of_a_freed_network_are_given_for_the_sizes_in_the_file(published: object) -> None:
    network = published("Xception").free("block1_conv1", filters="F")  # type: ignore[operator]
    assert build(network.derive()).fields_at[0].at == 299


def test_receptive_fields_too_long_to_be_read_are_left_out() -> None:
    from symshape.layers import Add, Conv2D, MaxPooling2D
    from symshape.network import Input

    image = Input("H", "W", 3)
    pooled = MaxPooling2D(3, stride=2, padding="same")(Conv2D(4, 3, padding="same")(image))
    joined = Add()([pooled, Conv2D(4, 1, stride=2, padding="same")(image)])
    text = report(Network(image, joined).derive())
    assert "Receptive field: it depends on the input's size." in text
