"""What cannot be read is refused by one clear sentence that names the layer or the values, by no other exception."""

from __future__ import annotations

import copy
import io
import json
import os
import random
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.errors import ConditionError, GraphError, ImportRefused, SymshapeError, UnsupportedLayer
from symshape.importers import load
from symshape.importers.source import LARGEST_TEXT

DATA = Path(__file__).parents[1] / "data"
LENET: dict[str, Any] = json.loads((DATA / "lenet5.json").read_text(encoding="utf-8"))
ARCHIVE = (DATA / "lenet5.keras").read_bytes()


def refusal(source: Any, kind: type[SymshapeError] = SymshapeError) -> str:
    """The sentence with which a model is refused, when it is loaded or derived at its own size."""
    with pytest.raises(kind) as caught:
        read_and_derived(source)
    sentence = str(caught.value)
    assert sentence.strip() == sentence != ""
    assert "\n" not in sentence
    assert len(sentence) < 500
    return sentence


def read_and_derived(source: Any) -> None:
    network = load(source)
    network.derive().at(**{name: size for name, size in network.native.items() if name != "N"})


# -- files that are none -----------------------------------------------------------------------------------------------
def archive(member: str, content: bytes, **options: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(member, content, **options)
    return stream.getvalue()


FILES: dict[str, tuple[bytes, str]] = {
    "truncated.keras": (ARCHIVE[: len(ARCHIVE) // 2], "damaged or truncated archive"),
    "beheaded.keras": (ARCHIVE[1000:], "is neither a readable archive nor UTF-8 text|damaged archive"),
    "no_config.keras": (archive("metadata.json", b"{}"), "without config.json"),
    "no_json.keras": (archive("config.json", b"import os"), "is not valid JSON"),
    "no_text.keras": (archive("config.json", b"\xff\xfe\x00"), "UTF-8"),
    "deep.keras": (archive("config.json", b"[" * 100_000), "nested too deeply|is not valid JSON"),
    "deep.json": (b'{"class_name":' * 100_000, "nested too deeply|is not valid JSON"),
    "deep_but_closed.json": (b'{"config":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    "bomb.keras": (archive("config.json", b" " * (LARGEST_TEXT + 1)), "unpacks to"),
    "empty.keras": (b"", "is not valid JSON"),
    "noise.keras": (random.Random(1).randbytes(5000), "neither a readable archive nor UTF-8 text"),
    "picture.keras": (b"\x89PNG\r\n\x1a\n" + bytes(100), "is a picture"),
    "weights.h5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
    "packed.json.gz": (b"\x1f\x8b" + bytes(100), "gzip"),
    "list.json": (b"[1, 2]", "is not a Keras model"),
    "number.json": (b"5", "is not a Keras model"),
    "huge_number.json": (b"9" * 10_000, "is not valid JSON"),
    "text.txt": (b"hello", "is not valid JSON"),
    "surrogate.json": (b'{"class_name": "Sequential", "config": {"name": "\\ud800", "layers": [{}]}}', "no name"),
}


@pytest.mark.parametrize("name", FILES)
def test_files(name: str, tmp_path: Path) -> None:
    content, reason = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    sentence = refusal(path, ImportRefused)
    assert str(path) in sentence or "named" in sentence
    assert _matches(sentence, reason)


def _matches(sentence: str, reason: str) -> bool:
    return any(part in sentence for part in reason.split("|"))


def test_damaged_bytes_in_an_archive(tmp_path: Path) -> None:
    dice = random.Random(2)
    path = tmp_path / "damaged.keras"
    small = archive("config.json", (DATA / "lenet5.json").read_bytes())
    for _ in range(300):
        content = bytearray(small)
        for _ in range(dice.randint(1, 5)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        path.write_bytes(content)
        with suppress(SymshapeError):
            load(path)


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path, ImportRefused)
    assert "there is no file" in refusal(tmp_path / "missing.keras", ImportRefused)
    assert "not the path of a file" in refusal("x" * 5000, ImportRefused)
    assert "not the path of a file" in refusal("a\0b", ImportRefused)
    assert "no regular file" in refusal("/dev/zero", ImportRefused)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "no regular file" in refusal(pipe, ImportRefused)


def test_things_that_are_no_models() -> None:
    for thing in (None, 5, 3.5, object(), [LENET], {"a": 1}, {}):
        assert "is not a model that can be read" in refusal(thing, ImportRefused)

    class Broken:
        def to_json(self) -> str:
            raise RuntimeError("not built")

    assert "Broken cannot describe itself: not built" in refusal(Broken(), ImportRefused)


def test_a_bomb_and_a_large_file_cost_neither_time_nor_memory(tmp_path: Path) -> None:
    bomb, large = tmp_path / "bomb.keras", tmp_path / "large.json"
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("config.json", "w") as out,
    ):
        for _ in range(64):
            out.write(bytes(2**20))
    bomb.write_bytes(stream.getvalue())
    assert len(stream.getvalue()) < 2**17
    with large.open("wb") as sparse:
        sparse.truncate(10 * 2**30)
    tracemalloc.start()
    start = time.perf_counter()
    for path in (bomb, large):
        assert str(LARGEST_TEXT) in refusal(path, ImportRefused)
    seconds, (_, peak) = time.perf_counter() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 1
    assert peak < 2**20


def test_an_archive_that_lies_about_its_size(tmp_path: Path) -> None:
    honest = archive("config.json", b" " * (LARGEST_TEXT + 1))
    claimed = (LARGEST_TEXT + 1).to_bytes(4, "little")
    path = tmp_path / "lying.keras"
    path.write_bytes(honest.replace(claimed, (100).to_bytes(4, "little")))
    assert "damaged archive" in refusal(path, ImportRefused)


# -- models that are none ----------------------------------------------------------------------------------------------
def layer(class_name: str, name: str = "layer", **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": name, **config}}


def entrance(*shape: Any, name: str = "in") -> dict[str, Any]:
    return layer("InputLayer", name, batch_shape=[None, *shape])


def chain(*layers: Any, **config: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "m", "layers": list(layers), **config}}


def applied(entry: dict[str, Any], *sources: str, node: int = 0, output: int = 0, shape: Any = None) -> dict[str, Any]:
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"shape": shape, "keras_history": [name, node, output]}}
        for name in sources
    ]
    args = [tensors] if len(tensors) > 1 else tensors
    calls = [{"args": args, "kwargs": {}}] if sources else []
    return {**entry, "name": entry["config"]["name"], "inbound_nodes": calls}


def graph(*layers: dict[str, Any], inputs: Any = ("in",), outputs: Any = ("layer",), **config: Any) -> dict[str, Any]:
    ports = {"input_layers": [[n, 0, 0] for n in inputs], "output_layers": [[n, 0, 0] for n in outputs]}
    return {"class_name": "Functional", "config": {"name": "m", "layers": list(layers), **ports, **config}}


def dense(name: str = "layer", **config: Any) -> dict[str, Any]:
    return layer("Dense", name, **{"units": 3, **config})


def conv(**config: Any) -> dict[str, Any]:
    return layer("Conv2D", **{"filters": 4, "kernel_size": 3, **config})


def without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}


IN = entrance(8)
MAP = entrance(8, 8, 6)
CUSTOM = {"module": "builtins", "class_name": "function", "config": "my_function", "registered_name": "function"}
QUANTIZED = {"module": "keras", "class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}

MODELS: dict[str, tuple[Any, type[SymshapeError], str]] = {
    # the file's own form
    "class_name missing": ({"config": {"layers": [IN]}}, ImportRefused, "is not a model"),
    "config missing": ({"class_name": "Sequential"}, ImportRefused, "no config"),
    "layers missing": ({"class_name": "Sequential", "config": {"name": "m"}}, ImportRefused, "'m' lists no layers"),
    "layers empty": (chain(), ImportRefused, "'m' lists no layers"),
    "layers of another kind": (chain(1, 2), ImportRefused, "'m' lists no layers"),
    "a subclass of Model": (
        {"class_name": "Mine", "config": {"a": 1}},
        ImportRefused,
        "'Mine' does not list its layers",
    ),
    "a layer without config": (chain(IN, {"class_name": "Dense", "name": "d"}), ImportRefused, "'d' has no config"),
    "a layer without name": (
        chain(IN, {"class_name": "ReLU", "config": {}}),
        ImportRefused,
        "class ReLU is named None",
    ),
    "a layer without class": (chain(IN, without(dense(), "class_name")), ImportRefused, "class is named None"),
    "a name to fool a terminal": (chain(IN, dense("\x1b[31m")), ImportRefused, "is no name"),
    # inputs
    "no input shape": (chain(dense()), ImportRefused, "m does not say what enters it"),
    "an input without shape": (chain(layer("InputLayer", "in")), ImportRefused, "the input in has no shape"),
    "an input of size 0": (chain(entrance(0), dense()), ImportRefused, "in has no shape of positive sizes: [None, 0]"),
    "an input of size H": (chain(entrance("H"), dense()), ImportRefused, "[None, 'H']"),
    "an input in the middle": (chain(IN, dense(), entrance(8, name="late")), GraphError, "late stands in the middle"),
    # layers nobody declared, and code
    "Lambda": (chain(IN, layer("Lambda", function={"code": "gASV"})), UnsupportedLayer, "layer (Lambda) holds code"),
    "unknown layer": (chain(IN, layer("Quux")), UnsupportedLayer, "layer (Quux), from 'Keras': no declaration"),
    "custom layer": (
        chain(IN, {**dense(), "module": "mine", "registered_name": "mine>Dense"}),
        UnsupportedLayer,
        "layer (Dense), from 'mine>Dense': no declaration",
    ),
    "registered layer": (chain(IN, {**dense(), "registered_name": "p>Dense"}), UnsupportedLayer, "no declaration"),
    "operation": (chain(IN, {**dense(), "module": "keras.src.ops.nn"}), UnsupportedLayer, "covers this operation"),
    "custom function": (chain(IN, dense(activation=CUSTOM)), UnsupportedLayer, "layer (Dense): activation"),
    "unknown function": (
        chain(IN, dense(activation="mine")),
        UnsupportedLayer,
        "activation = 'mine' is not a function",
    ),
    "glu": (chain(IN, layer("Activation", activation="glu")), UnsupportedLayer, "activation = 'glu' is not a function"),
    "quantized": (chain(IN, dense(dtype=QUANTIZED)), UnsupportedLayer, "layer (Dense): dtype"),
    "low rank": (chain(IN, dense(lora_rank=4)), UnsupportedLayer, "lora_rank = 4 is not supported, only None"),
    # options
    "unknown option": (
        chain(IN, dense(colour="red")),
        UnsupportedLayer,
        "the option 'colour' = 'red' of Dense is not known",
    ),
    "missing option": (chain(IN, layer("Dense")), UnsupportedLayer, "layer (Dense) does not say its option units"),
    "no number": (chain(IN, dense(units="H")), UnsupportedLayer, "units = 'H' is neither a number"),
    "a fraction": (chain(IN, dense(units=2.5)), UnsupportedLayer, "2.5 is not an integer"),
    "zero units": (chain(IN, dense(units=0)), ConditionError, "is 0: it must be an integer ≥ 1"),
    "neither yes nor no": (chain(IN, dense(use_bias="no")), UnsupportedLayer, "true or false is wanted, not 'no'"),
    "trainable perhaps": (chain(IN, dense(trainable="perhaps")), UnsupportedLayer, "trainable = 'perhaps'"),
    "unknown padding": (
        chain(MAP, conv(padding="odd")),
        UnsupportedLayer,
        "'odd' is neither a number nor one of valid, same",
    ),
    "causal in 2-D": (chain(MAP, conv(padding="causal")), UnsupportedLayer, "'causal' is neither a number nor one"),
    "padding by numbers": (chain(MAP, conv(padding=[[1, 1], [1, 1]])), UnsupportedLayer, "is not a word"),
    "unknown order": (chain(MAP, conv(data_format="channels_middle")), UnsupportedLayer, "'channels_middle' is not"),
    "too many strides": (chain(MAP, conv(strides=[1, 1, 1])), UnsupportedLayer, "2 numbers are wanted"),
    "strides and dilation": (chain(MAP, conv(strides=2, dilation_rate=2)), UnsupportedLayer, "both strides (2)"),
    "rate above 1": (chain(IN, layer("Dropout", rate=2)), UnsupportedLayer, "layer (Dropout): rate = 2"),
    "huge value": (chain(IN, dense(units=[1] * 10**5)), UnsupportedLayer, "is not an integer"),
    # sizes
    "kernel larger than map": (
        chain(MAP, conv(kernel_size=9)),
        ConditionError,
        "layer (Conv2D): H_out = floor((H + 2*P_h - K_h)/S_h)",
    ),
    "groups and channels": (
        chain(MAP, conv(groups=4, filters=4)),
        ConditionError,
        "C % G == 0 is needed, here 6 % 4 == 0",
    ),
    "groups and filters": (chain(MAP, conv(groups=3, filters=4)), ConditionError, "here 4 % 3 == 0"),
    "cropped away": (chain(MAP, layer("Cropping2D", cropping=4)), ConditionError, "at least one position"),
    "reshaped unevenly": (chain(IN, layer("Reshape", target_shape=[3, -1])), ConditionError, "layer (Reshape)"),
    "of another rank": (chain(IN, conv()), GraphError, "layer (Conv2D) takes inputs of 4 dimensions, this one has 2"),
    "no such axis": (chain(IN, layer("BatchNormalization", axis=3)), GraphError, "axis 3 is not an axis"),
    # graphs
    "sum of different shapes": (
        graph(IN, entrance(9, name="b"), applied(layer("Add"), "in", "b"), inputs=("in", "b")),
        ConditionError,
        "layer (Add)",
    ),
    "side by side, of different shapes": (
        graph(MAP, entrance(8, 7, 6, name="b"), applied(layer("Concatenate", axis=1), "in", "b"), inputs=("in", "b")),
        ConditionError,
        "W is 8 and 7 at once",
    ),
    "side by side, of different ranks": (
        graph(MAP, entrance(8, name="b"), applied(layer("Concatenate"), "in", "b"), inputs=("in", "b")),
        GraphError,
        "layer (Concatenate) joins inputs of one number of dimensions, not of [2, 4]",
    ),
    "two layers of one name": (graph(IN, applied(dense(), "in"), applied(dense(), "in")), GraphError, "named layer"),
    "two layers of one name in a chain": (chain(IN, dense(), dense()), GraphError, "two layers are named layer"),
    "a cycle": (
        graph(IN, applied(layer("Add", "layer"), "in", "b"), applied(dense("b"), "layer")),
        GraphError,
        "the layers layer, b wait for one another",
    ),
    "a missing source": (graph(IN, applied(dense(), "gone")), GraphError, "layer waits for 'gone'"),
    "a missing application": (graph(IN, applied(dense(), "in", node=3)), GraphError, "'in' (application 3)"),
    "a missing output": (graph(IN, applied(dense(), "in", output=2)), GraphError, "output 2 of in"),
    "not connected": (graph(IN, applied(dense())), GraphError, "the layer layer is not connected"),
    "a connected input": (graph(applied(IN, "layer"), applied(dense(), "in")), GraphError, "in has inputs of its own"),
    "an input that is a layer": (graph(IN, applied(dense(), "in"), inputs=("layer",)), GraphError, "input"),
    "an input left out": (graph(IN, entrance(8, name="b"), applied(layer("Add"), "in", "b")), GraphError, "b is not"),
    "an unknown output": (graph(IN, applied(dense(), "in"), outputs=("gone",)), GraphError, "'gone'"),
    "no outputs": (
        graph(IN, applied(dense(), "in"), output_layers=None),
        ImportRefused,
        "not understood",
    ),
    "connections of no kind": (
        graph(IN, {**dense(), "inbound_nodes": 7}),
        ImportRefused,
        "connections of the layer layer",
    ),
    "a connection of no kind": (graph(IN, {**dense(), "inbound_nodes": ["in"]}), ImportRefused, "'in'"),
    "a recorded shape that contradicts": (
        graph(entrance(8), applied(dense("a"), "in"), applied(dense(), "a", shape=[None, 4])),
        ImportRefused,
        "a: the file records the shape (N, 4), its own options give (N, 3)",
    ),
    "a model inside, applied to another shape": (
        chain(entrance(9), {**chain(entrance(8, name="x"), dense("y")), "name": "inner"}),
        ImportRefused,
        "x: the file records the shape (N, 8)",
    ),
    "a model inside with too few inputs": (
        graph(
            IN,
            applied({**graph(IN, entrance(8, name="b"), applied(layer("Add"), "in", "b"), inputs=("in", "b"))}, "in"),
        ),
        GraphError,
        "",
    ),
    "a shared layer for two sizes": (
        graph(
            IN,
            entrance(9, name="b"),
            {**dense(), "name": "layer", "inbound_nodes": [[["in", 0, 0, {}]], [["b", 0, 0, {}]]]},
            inputs=("in", "b"),
        ),
        ConditionError,
        "the layer is shared, and its weights cannot have C = 8 and 9 at once",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_models(name: str) -> None:
    model, kind, reason = MODELS[name]
    assert reason in refusal(model, kind)
    assert reason in refusal(json.dumps(model), kind)


def test_a_model_that_contains_itself() -> None:
    config: dict[str, Any] = {"name": "m"}
    config["layers"] = [IN, {"class_name": "Sequential", "name": "again", "config": config}]
    assert "nested too deeply" in refusal({"class_name": "Sequential", "config": config}, ImportRefused)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    sign = tmp_path / "run"
    code = f"__import__('pathlib').Path({str(sign)!r}).touch()"
    for place in ("units", "activation", "name", "kernel_initializer", "dtype"):
        with pytest.raises(SymshapeError):
            load(chain(IN, dense(**{place: code}), conv()))
        assert not sign.exists()


# -- at random ---------------------------------------------------------------------------------------------------------
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.sampled_from(
        [10**30, -1, 0, 0.5, float("nan"), float("inf"), "", "x", "H", "same", "Conv2D", "Dense", "layers"]
    ),
    st.lists(st.integers(-1, 9), max_size=4),
    st.lists(st.lists(st.integers(0, 3), max_size=2), max_size=3),
    st.just({}),
    st.just({"class_name": "Lambda", "config": {}}),
    st.text(max_size=5),
)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield from places(value, (*path, key))


def mutated(draw: Callable[[st.SearchStrategy[Any]], Any], data: Any) -> Any:
    for _ in range(draw(st.integers(1, 3))):
        if not data:
            break
        *way, last = draw(st.sampled_from(list(places(data))))
        inside = data
        for key in way:
            inside = inside[key]
        what = draw(st.sampled_from(["replace", "replace", "delete", "swap", "double"]))
        if what == "replace":
            inside[last] = copy.deepcopy(draw(VALUES))
        elif what == "delete":
            del inside[last]
        elif what == "swap":
            *other_way, other = draw(st.sampled_from(list(places(data))))
            value = data
            for key in (*other_way, other):
                value = value[key]
            inside[last] = copy.deepcopy(value)
        elif isinstance(inside, list):
            inside.insert(0, copy.deepcopy(inside[last]))
    return data


GRAPH = graph(
    entrance(8, 8, 6),
    applied(
        conv(groups=2, padding="same") | {"config": {**conv(groups=2, padding="same")["config"], "name": "conv"}}, "in"
    ),
    applied(layer("Add", "sum"), "conv", "conv"),
    applied(layer("BatchNormalization", "norm", axis=-1), "sum"),
    applied(layer("LayerNormalization", "norm2", axis=[1, -1]), "norm"),
    applied(layer("Normalization", "norm3", axis=-1, mean=[0.5] * 4, variance=[1.0] * 4), "norm2"),
    applied(layer("PReLU", "prelu", shared_axes=[1, 2]), "norm3"),
    applied(layer("Permute", "permute", dims=[2, 1, 3]), "prelu"),
    applied(layer("ZeroPadding2D", "pad", padding=[[0, 1], [1, 0]]), "permute"),
    applied(layer("UpSampling2D", "up", size=2), "pad"),
    applied(layer("Concatenate", "side", axis=-1), "up", "up"),
    applied(layer("Reshape", "reshape", target_shape=[-1, 8]), "side"),
    applied(
        {
            **chain(entrance(None, 8, name="x"), dense("y")),
            "config": {**chain(entrance(None, 8, name="x"), dense("y"))["config"], "name": "inner"},
        },
        "reshape",
    ),
    applied(layer("GlobalMaxPooling1D", keepdims=True), "inner"),
)


@settings(max_examples=150, deadline=5000)
@given(st.data())
@pytest.mark.parametrize("model", [LENET, GRAPH], ids=["lenet", "graph"])
def test_mutated_models_are_read_or_refused(model: Any, data: st.DataObject) -> None:
    broken = mutated(data.draw, copy.deepcopy(model))
    for source in (broken, json.dumps(broken)):
        try:
            network = load(source)
            network.derive().at(**{name: size for name, size in network.native.items() if name != "N"})
        except SymshapeError as error:
            assert "\n" not in str(error)  # noqa: PT017 - it may also be read


def test_the_models_that_are_mutated_are_sound() -> None:
    for model in (LENET, GRAPH):
        load(model).derive()
