"""Keras files of real models, read without Keras and held against what Keras said of them."""

from __future__ import annotations

import copy
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sympy

from symshape.derivation import Derivation
from symshape.errors import ConditionError, UnsupportedLayer
from symshape.importers import load
from symshape.layers.resize import ParityPadding2D
from symshape.network import Network

DATA = Path(__file__).parents[1] / "data"
MODELS: dict[str, Any] = json.loads(gzip.decompress((DATA / "keras_models.json.gz").read_bytes()))
TRUTH: dict[str, Any] = json.loads(gzip.decompress((DATA / "keras_truth.json.gz").read_bytes()))

MACS = {
    "ResNet50": 3_857_973_248,
    "EfficientNetB0": 385_814_752,
    "InceptionV3": 5_713_216_096,
    "Xception": 8_357_403_496,
}
H, W = sympy.symbols("H W", integer=True, positive=True)


@pytest.fixture(scope="module")
def derivations() -> dict[str, Derivation]:
    return {name: load(model).derive() for name, model in MODELS.items()}


@pytest.fixture(scope="module")
def lenet() -> Network:
    return load(DATA / "lenet5.keras")


# -- the published models ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "size"), [(name, size) for name, truth in TRUTH.items() for size in truth["sizes"]])
def test_every_layer_is_as_in_keras_at_every_size(derivations: dict[str, Derivation], name: str, size: str) -> None:
    height, width = map(int, size.split("x"))
    ours = list(derivations[name].at(H=height, W=width))
    theirs = TRUTH[name]["sizes"][size]
    assert [layer.name for layer in ours[1:]] == [row["name"] for row in theirs[1:]]
    for layer, row in zip(ours, theirs, strict=True):
        assert layer.type == row["class"]
        assert [None, *layer.output_shape[1:]] == row["output_shape"]
        weights = [[w.weight.name, list(w.dims), w.trainable] for w in layer.weights]
        assert weights == row["weights"], layer.name
        assert (layer.trainable, layer.non_trainable) == (row["trainable"], row["non_trainable"])


@pytest.mark.parametrize("name", MODELS)
def test_totals(derivations: dict[str, Derivation], name: str) -> None:
    derivation = derivations[name]
    assert derivation.params == TRUTH[name]["total_params"]
    native = derivation.at(**{key: size for key, size in derivation.network.native.items() if key != "N"})
    assert native.macs == MACS[name]
    assert derivation.params == derivation.trainable + derivation.non_trainable


def test_last_maps(derivations: dict[str, Derivation]) -> None:
    assert derivations["ResNet50"]["conv5_block3_out"].output_shape[1:3] == (
        sympy.ceiling(H / 32),
        sympy.ceiling(W / 32),
    )
    assert str(derivations["InceptionV3"]["mixed10"].output_shape[1]) == "floor((H - 43)/32)"


def test_paddings_of_efficientnet_are_read_as_written_or_by_parity() -> None:
    written = load(MODELS["EfficientNetB0"])
    assert "parity" in written.note
    assert written.derive()["top_conv"].output_shape[1] != sympy.ceiling(H / 32)
    by_parity = load(MODELS["EfficientNetB0"], parity_padding=True)
    assert "parity" in by_parity.note
    assert by_parity.derive()["top_conv"].output_shape[1:3] == (sympy.ceiling(H / 32), sympy.ceiling(W / 32))
    changed = [name for name, layer in by_parity.layers.items() if isinstance(layer, ParityPadding2D)]
    assert len(changed) == 5
    assert by_parity.derive().at(H=224, W=224).macs == MACS["EfficientNetB0"]


def test_a_network_without_such_paddings_has_no_note() -> None:
    assert load(MODELS["ResNet50"]).note == load(MODELS["ResNet50"], parity_padding=True).note == ""


def test_parity_is_seen_inside_models_too() -> None:
    inner = copy.deepcopy(MODELS["EfficientNetB0"])
    outer = {
        "class_name": "Sequential",
        "config": {
            "name": "transfer",
            "layers": [
                {"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [None, 224, 224, 3]}},
                {**inner, "name": "base"},
                {"class_name": "Dense", "config": {"name": "head", "units": 2}},
            ],
        },
    }
    assert "base/stem_conv_pad" in load(outer).note
    by_parity = load(outer, parity_padding=True)
    base = by_parity.derive().at(H=225, W=225)["base/top_conv"]
    assert base.output_shape[1] == 8


# -- LeNet-5 -----------------------------------------------------------------------------------------------------------
def test_lenet_at_its_own_size(lenet: Network) -> None:
    derivation = lenet.derive(H=32, W=32)
    layers = list(derivation)[1:]
    assert [layer.params for layer in layers] == [608, 0, 3216, 0, 0, 48120, 10164, 850]
    assert [layer.output_shape[1] for layer in layers] == [28, 14, 10, 5, 400, 120, 84, 10]
    assert (derivation.params, derivation.macs) == (62_958, 849_320)


def test_lenet_in_closed_form(lenet: Network) -> None:
    derivation = lenet.derive()
    heights = [str(layer.output_shape[1]) for layer in list(derivation)[1:5]]
    assert heights == ["H - 4", "floor(H/2) - 2", "floor(H/2) - 6", "floor(H/4) - 3"]
    dense = 120 * (16 * (sympy.floor(H / 4) - 3) * (sympy.floor(W / 4) - 3) + 1)
    assert sympy.expand(derivation.params - (dense + 3216 + 608 + 10164 + 850)) == 0
    assert derivation.domain.words() == "H ≥ 16 and W ≥ 16"
    assert str(derivation.domain) == "H >= 16 and W >= 16"


def test_trained_lenet_keeps_its_weights(lenet: Network) -> None:
    square = lenet.derive(W="H", fixed_weights=True)
    assert [size for size in range(1, 100) if {"H": size} in square.domain] == [32, 33, 34, 35]
    assert square.at(H=35).params == 62_958


# -- every way in ------------------------------------------------------------------------------------------------------
def test_every_form_of_a_file_gives_the_same_network(lenet: Network, tmp_path: Path) -> None:
    path = DATA / "lenet5.json"
    text = path.read_text(encoding="utf-8")
    with_mark = tmp_path / "marked.json"
    with_mark.write_text(text, encoding="utf-8-sig")
    archive = (DATA / "lenet5.keras").read_bytes()
    forms = [path, str(path), text, "\n " + text, text.encode(), bytearray(text.encode()), json.loads(text), archive]
    forms += [str(DATA / "lenet5.keras"), with_mark, lenet]
    for form in forms:
        assert _described(load(form)) == _described(lenet)


def _described(network: Network) -> Any:
    return (
        network.name,
        network.inputs,
        network.outputs,
        [(n.name, repr(n.operation), n.sources) for n in network.nodes],
    )


def test_a_live_model_describes_itself(lenet: Network) -> None:
    class Model:
        def to_json(self) -> str:
            return (DATA / "lenet5.json").read_text(encoding="utf-8")

    assert _described(load(Model())) == _described(lenet)


def test_files_need_no_framework() -> None:
    loads = "import sys, symshape.importers as importers; importers.load(sys.argv[1])"
    code = f"{loads}; assert not {{'keras', 'tensorflow', 'torch', 'h5py'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code, str(DATA / "lenet5.keras")], check=True, timeout=60)


# -- Keras 2 -----------------------------------------------------------------------------------------------------------
def keras_2(class_name: str, name: str, *calls: Any, **config: Any) -> dict[str, Any]:
    """A layer as Keras 2 writes it: no module, `batch_input_shape`, connections as nested lists."""
    return {
        "class_name": class_name,
        "config": {"name": name, "trainable": True, "dtype": "float32", **config},
        "name": name,
        "inbound_nodes": [[[*call, {}] for call in sources] for sources in calls],
    }


def convolution(name: str, *calls: Any, **config: Any) -> dict[str, Any]:
    usual = {
        "filters": 4,
        "kernel_size": [3, 3],
        "strides": [1, 1],
        "padding": "same",
        "data_format": "channels_last",
        "dilation_rate": [1, 1],
        "groups": 1,
        "activation": "relu",
        "use_bias": True,
        "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
        "bias_initializer": {"class_name": "Zeros", "config": {}},
        "kernel_regularizer": None,
        "bias_regularizer": None,
        "activity_regularizer": None,
        "kernel_constraint": None,
        "bias_constraint": None,
    }
    return keras_2("Conv2D", name, *calls, **{**usual, **config})


def dense(name: str, units: int, *calls: Any, **config: Any) -> dict[str, Any]:
    return keras_2("Dense", name, *calls, units=units, activation="linear", use_bias=True, **config)


def bare(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("class_name", "config")}


def test_keras_2_sequential() -> None:
    layers = [
        bare(convolution("conv2d_1", batch_input_shape=[None, 28, 28, 1], padding="valid")),
        bare(
            keras_2(
                "DepthwiseConv2D",
                "depthwise",
                kernel_size=[3, 3],
                strides=[2, 2],
                padding="same",
                groups=1,
                depth_multiplier=2,
                data_format="channels_last",
                dilation_rate=[1, 1],
                activation="linear",
                use_bias=False,
                depthwise_initializer={"class_name": "GlorotUniform", "config": {"seed": None}},
            )
        ),
        bare(keras_2("BatchNormalization", "bn", axis=[3], momentum=0.99, epsilon=0.001, center=True, scale=True)),
        bare(
            keras_2(
                "ReLU",
                "relu6",
                max_value={"type": "ndarray", "dtype": "float64", "value": 6.0},
                negative_slope=0.0,
                threshold=0.0,
            )
        ),
        bare(keras_2("Flatten", "flatten_1", data_format="channels_last")),
        bare(dense("dense_1", 10)),
    ]
    for config in (layers, {"name": "sequential_1", "layers": layers}):
        file = {"class_name": "Sequential", "config": config, "keras_version": "2.2.4", "backend": "tensorflow"}
        derivation = load(file).derive(H=28, W=28)
        assert derivation.output_shape[1:] == (10,)
        assert [layer.params for layer in derivation] == [0, 40, 72, 32, 0, 0, 8 * 13 * 13 * 10 + 10]


def test_keras_2_graph_with_a_shared_layer_and_models_as_layers() -> None:
    chain = {
        "class_name": "Sequential",
        "name": "head",
        "config": {
            "name": "head",
            "layers": [bare(dense("hidden", 6, batch_input_shape=[None, 4])), bare(dense("end", 4))],
        },
        "inbound_nodes": [[["shared", 0, 0, {}]], [["shared", 1, 0, {}]]],
    }
    tail = {
        "class_name": "Model",
        "name": "tail",
        "config": {
            "name": "tail",
            "layers": [
                keras_2("InputLayer", "tail_in", batch_input_shape=[None, 4], sparse=False),
                dense("tail_dense", 2, [["tail_in", 0, 0]]),
            ],
            "input_layers": [["tail_in", 0, 0]],
            "output_layers": [["tail_dense", 0, 0]],
        },
        "inbound_nodes": [[["add", 0, 0, {}]]],
    }
    file = {
        "class_name": "Model",
        "config": {
            "name": "model_1",
            "layers": [
                keras_2("InputLayer", "left", batch_input_shape=[None, 8], sparse=False),
                keras_2("InputLayer", "right", batch_input_shape=[None, 8], sparse=False),
                dense("shared", 4, [["left", 0, 0]], [["right", 0, 0]]),
                chain,
                # a model counts as applied once where it was made: 1 is its first application here
                keras_2("Add", "add", [["head", 1, 0], ["head", 2, 0]]),
                tail,
            ],
            "input_layers": [["left", 0, 0], ["right", 0, 0]],
            "output_layers": [["tail", 1, 0], ["head", 2, 0]],
        },
    }
    network = load(file)
    derivation = network.derive()
    assert [tuple(shape[1:]) for shape in derivation.output_shape] == [(2,), (4,)]
    shared, head = derivation["shared"], derivation["head"]
    assert (shared.params, shared.macs) == (8 * 4 + 4, 2 * 8 * 4)
    assert (head.params, head.macs) == (4 * 6 + 6 + 6 * 4 + 4, 2 * (4 * 6 + 6 * 4))
    assert derivation["tail/tail_dense"].params == 10
    assert derivation.params == 36 + 58 + 10


def test_one_input_and_one_output_may_be_written_without_a_list() -> None:
    layers = [keras_2("InputLayer", "in", batch_input_shape=[None, 8]), dense("out", 3, [["in", 0, 0]])]
    config = {"name": "m", "layers": layers, "input_layers": ["in", 0, 0], "output_layers": ["out", 0, 0]}
    assert load({"class_name": "Functional", "config": config}).derive().params == 27


# -- what a file may say in several ways -------------------------------------------------------------------------------
def chain(*layers: dict[str, Any], **config: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "m", "layers": list(layers), **config}}


def entrance(*shape: int | None, name: str = "in", **config: Any) -> dict[str, Any]:
    return {"class_name": "InputLayer", "config": {"name": name, "batch_shape": [None, *shape], **config}}


def layer(class_name: str, name: str = "layer", **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": name, **config}}


def test_a_chain_without_input_takes_the_shape_it_was_built_for() -> None:
    plain = layer("Dense", units=3)
    for file in (
        chain(plain, build_input_shape=[None, 8]),
        {**chain(plain), "build_config": {"input_shape": [None, 8]}},
        chain({**plain, "build_config": {"input_shape": [None, 8]}}),
        chain(layer("Dense", units=3, batch_input_shape=[None, 8])),
        chain({**chain(entrance(8), plain), "config": {**chain(entrance(8), plain)["config"], "name": "inner"}}),
    ):
        assert load(file).derive().params == 27


def test_the_input_made_for_a_chain_gets_a_name_of_its_own() -> None:
    network = load(chain(layer("Dense", name="input", units=3), build_input_shape=[None, 8]))
    assert list(network.layers) == ["input_1", "input"]


def test_a_frozen_model_trains_nothing() -> None:
    frozen = load(chain(entrance(8), layer("Dense", units=3), trainable=False)).derive()
    assert (frozen.trainable, frozen.non_trainable) == (0, 27)


def test_channels_first_is_seen_in_models_inside() -> None:
    inner = chain(entrance(3, 32, 32), layer("Conv2D", filters=2, kernel_size=3, data_format="channels_first"))
    network = load(chain(entrance(3, 32, 32), {**inner, "config": {**inner["config"], "name": "inner"}}))
    assert network.derive().output_shape[1:] == (2, H - 2, W - 2)


def test_an_open_axis_may_be_written_as_none() -> None:
    shaped = load(chain(entrance(4, 6), layer("Reshape", target_shape=[None, 8])))
    assert shaped.derive().at(L=4).output_shape[1:] == (3, 8)


def graph(*layers: dict[str, Any], inputs: list[str], outputs: list[str]) -> dict[str, Any]:
    ports = {"input_layers": [[n, 0, 0] for n in inputs], "output_layers": [[n, 0, 0] for n in outputs]}
    return {"class_name": "Functional", "config": {"name": "m", "layers": list(layers), **ports}}


def applied(entry: dict[str, Any], *sources: Any) -> dict[str, Any]:
    """The layer applied once, as Keras 3 writes it; sources are names, or a dict of names."""

    def tensor(name: Any) -> Any:
        return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}

    args = [
        {key: tensor(name) for key, name in source.items()} if isinstance(source, dict) else tensor(source)
        for source in sources
    ]
    call = [{"args": [args] if len(args) > 1 else args, "kwargs": {"mask": None}}] if sources else []
    return {**entry, "name": entry["config"]["name"], "inbound_nodes": call}


def test_each_input_has_symbols_of_its_own() -> None:
    names = ["a", "b.c", "b-c"]
    inputs = [applied(entrance(8, 8, 3, name=name)) for name in names]
    network = load(
        graph(*inputs, applied(layer("Concatenate", "join", axis=-1), *names), inputs=names, outputs=["join"])
    )
    assert network.symbols == {"N", "H", "W", "H_b_c", "W_b_c", "H_b_c_2", "W_b_c_2"}
    assert network.derive(H=8, W=8, H_b_c=8, W_b_c=8, H_b_c_2=8, W_b_c_2=8).output_shape[1:] == (8, 8, 9)


def test_inputs_by_key_are_taken_in_the_order_of_their_keys() -> None:
    inner = {
        "class_name": "Functional",
        "name": "inner",
        "config": {
            "name": "inner",
            "layers": [
                applied(entrance(3, name="b")),
                applied(entrance(5, name="a")),
                applied(layer("Dense", "of_a", units=7), "a"),
                applied(layer("Dense", "of_b", units=7), "b"),
                applied(layer("Add", "sum"), "of_a", "of_b"),
            ],
            "input_layers": {"b": ["b", 0, 0], "a": ["a", 0, 0]},
            "output_layers": [["sum", 0, 0]],
        },
    }
    call = applied({"class_name": "Functional", "config": inner["config"]}, {"b": "three", "a": "five"})
    file = graph(
        applied(entrance(5, name="five")),
        applied(entrance(3, name="three")),
        {**call, "name": "inner"},
        inputs=["five", "three"],
        outputs=["inner"],
    )
    file["config"]["output_layers"] = [["inner", 1, 0]]
    assert load(file).derive().params == 5 * 7 + 7 + 3 * 7 + 7


def test_masks_and_what_makes_them_change_nothing() -> None:
    def masked(entry: dict[str, Any], source: str, mask: str) -> dict[str, Any]:
        whole = applied(entry, source)
        tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, 8], "keras_history": [mask, 0, 0]}}
        whole["inbound_nodes"][0]["kwargs"]["mask"] = tensor
        return whole

    def operation(name: str, source: str) -> dict[str, Any]:
        return {**applied(layer(name, name.lower()), source), "module": "keras.src.ops.numpy"}

    entries = [
        applied(entrance(8, 4)),
        operation("NotEqual", "in"),
        applied(layer("Masking", "masking", mask_value=0.0), "in"),
        operation("Any", "notequal"),
        masked(layer("GlobalAveragePooling1D", "mean"), "masking", "any"),
    ]
    network = load(graph(*entries, inputs=["in"], outputs=["mean"]))
    assert list(network.layers) == ["in", "masking", "mean"]
    assert network.derive().output_shape[1:] == (4,)
    asked = load(graph(*entries, inputs=["in"], outputs=["any"]))
    assert {"notequal", "any"} <= set(asked.layers)
    assert asked.derive().output_shape == ()


def test_inputs_of_different_batches_keep_them() -> None:
    inputs = [applied(entrance(3, name="a")), applied(entrance(3, name="b"))]
    inputs[0]["config"]["batch_shape"] = [4, 3]
    inputs[1]["config"]["batch_shape"] = [5, 3]
    along = {
        axis: graph(
            *inputs, applied(layer("Concatenate", "join", axis=axis), "a", "b"), inputs=["a", "b"], outputs=["join"]
        )
        for axis in (0, 1)
    }
    assert load(along[0]).derive().output_shape == (9, 3)
    with pytest.raises(ConditionError, match="N is 4 and 5 at once"):
        load(along[1])


@pytest.mark.parametrize(
    "activation", ["relu", None, {"class_name": "LeakyReLU", "module": "keras.layers", "config": {}}]
)
def test_functions_known_to_keep_shapes(activation: Any) -> None:
    assert load(chain(entrance(8), layer("Dense", units=3, activation=activation))).derive().params == 27


def test_a_shared_layers_applications_stay_in_their_order() -> None:
    """The first application waits for another layer, the second does not: the first comes first all the same."""
    convolved = applied(layer("Conv2D", "conv", filters=2, kernel_size=3), "pool")
    convolved["inbound_nodes"] += applied(layer("Conv2D"), "in")["inbound_nodes"]
    file = graph(
        applied(entrance(16, 16, 3)),
        convolved,
        applied(layer("MaxPooling2D", "pool", pool_size=2), "in"),
        inputs=["in"],
        outputs=[],
    )
    file["config"]["output_layers"] = [["conv", 0, 0], ["conv", 1, 0]]
    d = load(file).derive()
    assert [node.name for node in d.network.nodes] == ["in", "pool", "conv", "conv"]
    assert [str(shape[1]) for shape in d["conv"].output_shape] == ["floor(H/2) - 2", "H - 2"]


def test_a_model_at_every_step() -> None:
    inner = chain(entrance(8, 8, 3), layer("Conv2D", "conv", filters=2, kernel_size=3), layer("Flatten", "row"))
    inner["config"]["name"] = "inner"
    d = load(chain(entrance(5, 8, 8, 3), layer("TimeDistributed", "steps", layer=inner))).derive()
    assert str(d.output_shape) == "(N, D, 2*(H - 2)*(W - 2))"
    assert (d.params, str(d.macs)) == (56, "54*D*(H - 2)*(W - 2)")
    assert [weight.weight.name for weight in d["steps"].weights] == ["inner/conv/kernel", "inner/conv/bias"]
    twice = layer("TimeDistributed", "twice", layer=layer("TimeDistributed", "once", layer=inner))
    assert load(chain(entrance(2, 5, 8, 8, 3), twice)).derive().params == 56


def test_a_model_in_place_of_a_layer_that_must_be_recurrent() -> None:
    inner = chain(entrance(5, 3), layer("Dense", units=2))
    with pytest.raises(UnsupportedLayer, match="runs recurrent layers"):
        load(chain(entrance(5, 3), layer("Bidirectional", "both", layer=inner)))
