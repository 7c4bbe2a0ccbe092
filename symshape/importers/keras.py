"""Keras models without Keras: `.keras` archives, `model.to_json()` (also of Keras 2), and live models.

Layers are read through the `keras` dialects of their declarations. Every tensor in the JSON records the shape it had when
the model was built; the imported network is derived at that size and held against each of them. Lambda layers and custom
code are refused, never run.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symshape.declaration import Dialect, Layer, registered
from symshape.derivation import Derivation
from symshape.errors import GraphError, ImportRefused, UnsupportedLayer
from symshape.importers.source import Importer, Source, archived_json, file_json, parsed_json
from symshape.layers.resize import ParityPadding2D, ZeroPadding2D
from symshape.layers.source import InputLayer
from symshape.network import Network, Node, Port

__all__ = ["IMPORTER", "read_keras"]

MODELS = ("Sequential", "Functional", "Model")
# Options that change neither shapes nor weights, whatever the layer.
IGNORED = frozenset(
    "name trainable dtype dtype_policy autocast batch_input_shape batch_shape input_dtype activity_regularizer seed "
    "quantization_config implementation".split()
)
_IGNORED_ENDINGS = ("_initializer", "_regularizer", "_constraint")


def read_keras(source: Source, *, parity_padding: bool = False) -> Network:
    """The network in a Keras file, JSON or live model.

    `parity_padding` reads the paddings that keras.applications computes from the parity of the build size
    (`correct_pad` in EfficientNet, MobileNet and NASNet) as formulas of the size, instead of as the numbers in the file.
    """
    data = _data(source)
    if not isinstance(data, Mapping) or not isinstance(data.get("config"), (Mapping, list)):
        raise ImportRefused(f"{source.label} is not a Keras model: it has no config")
    network = _model(data, "")
    _check_recorded_shapes(network, data)
    return _with_parity(network) if parity_padding else _noted(network)


def _data(source: Source) -> Any:
    if source.path is not None:
        return archived_json(source.path, "config.json") if zipfile.is_zipfile(source.path) else file_json(source.path)
    if source.live is not None:
        return parsed_json(source.live.to_json(), source.label)
    return source.data


def _recognises(source: Source) -> bool:
    if source.path is not None:
        return True
    if source.live is not None:
        return callable(getattr(source.live, "to_json", None))
    return isinstance(source.data, Mapping) and "class_name" in source.data


IMPORTER = Importer("a Keras model (.keras archive, to_json() text, dict or live)", _recognises, read_keras)


# -- models ----------------------------------------------------------------------------------------------------------------
def _model(data: Mapping[str, Any], prefix: str) -> Network:
    kind = data.get("class_name")
    config = data["config"]
    if kind not in MODELS:
        if isinstance(config, Mapping) and "layers" in config and "input_layers" in config:
            kind = "Functional"  # a subclass of Model that saved itself as a graph
        else:
            raise ImportRefused(
                f"the model's class {kind!r} does not describe its layers: only Sequential and functional models do"
            )
    if isinstance(config, list):  # the oldest Sequential files
        config = {"name": "sequential", "layers": config}
    layers = config.get("layers")
    if not isinstance(layers, list) or not layers or not all(isinstance(layer, Mapping) for layer in layers):
        raise ImportRefused(f"the Keras model {config.get('name', '')!r} lists no layers")
    entries = [_Entry(layer) for layer in layers]
    build = _Building(str(config.get("name", "model")), prefix, _channels_first(layers))
    if kind == "Sequential":
        return build.chain(entries, _chain_shape(data, config, entries))
    return build.graph(entries, config)


@dataclass
class _Entry:
    """One layer of the file."""

    data: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.data.get("class_name"))

    @property
    def config(self) -> Mapping[str, Any]:
        config = self.data.get("config")
        if not isinstance(config, (Mapping, list)):
            raise ImportRefused(f"the layer {self.data.get('name')!r} has no config")
        return config if isinstance(config, Mapping) else {"layers": config}

    @property
    def name(self) -> str:
        name = self.data.get("name") or self.config.get("name")
        if not isinstance(name, str):
            raise ImportRefused(f"a layer of class {self.kind} has no name")
        return name

    @property
    def is_model(self) -> bool:
        return "layers" in self.config and self.kind in MODELS


@dataclass
class _Building:
    """Collects the nodes of one model."""

    name: str
    prefix: str
    channels_first: bool
    nodes: list[Node] = field(default_factory=list)
    entrances: int = 0

    # -- Sequential ----------------------------------------------------------------------------------------------
    def chain(self, entries: list[_Entry], shape: Sequence[Any] | None) -> Network:
        if entries[0].kind != "InputLayer":
            if shape is None:
                raise ImportRefused(
                    f"the Sequential model {self.name} does not say what enters it: build it or give it an Input first"
                )
            self.add(Node("input", self.entrance("input", shape, {})))
        for entry in entries:
            sources = (Port(len(self.nodes) - 1),) if self.nodes else ()
            self.add(Node(entry.name, self.operation(entry), sources))
        return Network.of_nodes(self.nodes, (0,), (Port(len(self.nodes) - 1),), self.name)

    # -- functional ----------------------------------------------------------------------------------------------
    def graph(self, entries: list[_Entry], config: Mapping[str, Any]) -> Network:
        operations: dict[str, Any] = {}
        waiting: list[tuple[str, int, list[tuple[str, int, int]]]] = []
        for entry in entries:
            if entry.name in operations:
                raise GraphError(f"two layers are named {entry.name}: names are unique in a network")
            operations[entry.name] = self.operation(entry)
            calls = entry.data.get("inbound_nodes") or []
            if entry.kind == "InputLayer":
                waiting.append((entry.name, 0, []))
            for number, call in enumerate(calls):
                waiting.append((entry.name, number, list(_histories(call))))
        places: dict[tuple[str, int], int] = {}
        while waiting:
            later = []
            for name, number, histories in waiting:
                if all((layer, call) in places for layer, call, _ in histories):
                    sources = tuple(Port(places[layer, call], output) for layer, call, output in histories)
                    if not sources and not isinstance(operations[name], InputLayer):
                        raise GraphError(f"the layer {name} is not connected to anything")
                    places[name, number] = len(self.nodes)
                    self.add(Node(name, operations[name], sources))
                else:
                    later.append((name, number, histories))
            if len(later) == len(waiting):
                name, _, histories = later[0]
                missing = next(layer for layer, call, _ in histories if (layer, call) not in places)
                raise GraphError(f"the layer {name} waits for {missing}, which is missing or comes after it in a cycle")
            waiting = later
        try:
            inputs = [places[name, number] for name, number, _ in _ports(config["input_layers"])]
            outputs = [Port(places[name, number], output) for name, number, output in _ports(config["output_layers"])]
        except KeyError as error:
            raise GraphError(
                f"the model {self.name} names {error} as input or output, which is none of its layers"
            ) from None
        return Network.of_nodes(self.nodes, inputs, outputs, self.name)

    def add(self, node: Node) -> None:
        self.nodes.append(node)

    # -- layers ----------------------------------------------------------------------------------------------------
    def operation(self, entry: _Entry) -> Layer | Network:
        if entry.kind == "InputLayer":
            shape = entry.config.get("batch_shape") or entry.config.get("batch_input_shape")
            if shape is None:
                raise ImportRefused(f"the input {entry.name} has no shape")
            return self.entrance(entry.name, shape, entry.config)
        if entry.is_model:
            return _model(entry.data, f"{self.prefix}{entry.name}/")
        return _layer(entry, f"{self.prefix}{entry.name}")

    def entrance(self, name: str, shape: Sequence[Any], config: Mapping[str, Any]) -> InputLayer:
        if not isinstance(shape, (list, tuple)) or not all(s is None or (isinstance(s, int) and s > 0) for s in shape):
            raise ImportRefused(f"the input {name} has no shape of positive sizes: {shape!r}")
        self.entrances += 1
        suffix = "" if self.entrances == 1 else "_" + re.sub(r"\W", "_", name)
        tokens = str(config.get("dtype", "")).startswith(("int", "uint"))
        symbols = _symbols(len(shape), self.channels_first, tokens)
        sizes: list[Any] = []
        for place, (symbol, given) in enumerate(zip(symbols, shape, strict=True)):
            free = place == 0 or given is None or symbol not in ("C",)
            sizes.append(symbol if place == 0 else f"{symbol}{suffix}" if free else given)
        return InputLayer(tuple(sizes), given=tuple(shape), name=name)


def _symbols(rank: int, channels_first: bool, tokens: bool) -> tuple[str, ...]:
    """Names for an input's sizes: which are spatial, and where the channels are."""
    spatial = {0: (), 1: (), 2: (), 3: ("L",), 4: ("H", "W"), 5: ("D", "H", "W")}.get(rank)
    if spatial is None:
        return ("N", *(f"A_{place}" for place in range(1, rank - 1)), "C")
    if rank == 2 and tokens:
        return ("N", "L")
    if rank < 2:
        return ("N",)[:rank]
    return ("N", "C", *spatial) if channels_first else ("N", *spatial, "C")


def _layer(entry: _Entry, path: str) -> Layer:
    module, registered_name = entry.data.get("module"), entry.data.get("registered_name")
    label = f"{path} ({entry.kind})"
    if entry.kind == "Lambda":
        raise UnsupportedLayer(
            f"{label} holds code of its own, which is never run: replace it by layers, or describe it in Python"
        )
    found = _dialects().get(entry.kind)
    own = module is None or str(module).split(".")[0] in ("keras", "tf_keras", "tensorflow")
    if found is None or not own or (registered_name and ">" in str(registered_name)):
        raise UnsupportedLayer(
            f"{label}, from {registered_name or module or 'Keras'}: no declaration covers this layer"
        )
    if module is not None and ".ops" in str(module):
        raise UnsupportedLayer(f"{label}, from {module}: tensor operations outside layers are not covered")
    cls, dialect = found
    config = {key: value for key, value in entry.config.items() if not key.endswith(_IGNORED_ENDINGS)}
    options = dialect.read(config, label, IGNORED)
    try:
        return cls(name=entry.name, trainable=bool(entry.config.get("trainable", True)), **_frozen(options))
    except TypeError as error:
        raise ImportRefused(f"{label} lacks an option: {error}") from None


def _dialects() -> Mapping[str, tuple[type[Layer], Dialect]]:
    return {dialect.name: (cls, dialect) for cls in registered().values() for dialect in cls.keras}


def _frozen(options: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as tuples, all the way down: layers are immutable."""
    return {key: _tupled(value) for key, value in options.items()}


def _tupled(value: Any) -> Any:
    return tuple(_tupled(part) for part in value) if isinstance(value, (list, tuple)) else value


# -- the file's ways of naming connections ---------------------------------------------------------------------------------
def _histories(call: Any) -> Iterator[tuple[str, int, int]]:
    """(layer, application, output) of every tensor that a call uses, in order; Keras 3 and Keras 2."""
    if isinstance(call, Mapping) and ("args" in call or "kwargs" in call):
        for tensor in _tensors([call.get("args", []), call.get("kwargs", {})]):
            layer, number, output = tensor["config"]["keras_history"]
            yield str(layer), int(number), int(output)
        return
    if isinstance(call, list):
        for tensor in call if call and isinstance(call[0], list) else [call]:
            if len(tensor) < 3 or not isinstance(tensor[0], str):
                raise ImportRefused(f"a connection of the model is not understood: {str(tensor)[:80]}")
            yield str(tensor[0]), int(tensor[1]), int(tensor[2])
        return
    raise ImportRefused(f"a connection of the model is not understood: {str(call)[:80]}")


def _tensors(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, Mapping):
        if data.get("class_name") == "__keras_tensor__":
            yield data
        else:
            for value in data.values():
                yield from _tensors(value)
    elif isinstance(data, list):
        for value in data:
            yield from _tensors(value)


def _ports(listed: Any) -> Iterator[tuple[str, int, int]]:
    """input_layers and output_layers: one [name, node, output], a list of them, or a dict."""
    if isinstance(listed, Mapping):
        for value in listed.values():
            yield from _ports(value)
    elif isinstance(listed, list) and len(listed) == 3 and isinstance(listed[0], str):
        yield listed[0], int(listed[1]), int(listed[2])
    elif isinstance(listed, list):
        for value in listed:
            yield from _ports(value)
    else:
        raise ImportRefused(f"the model's inputs or outputs are not understood: {str(listed)[:80]}")


def _chain_shape(data: Mapping[str, Any], config: Mapping[str, Any], entries: list[_Entry]) -> Sequence[Any] | None:
    """The shape that enters a Sequential without an input layer, from wherever this version of Keras keeps it."""
    first = entries[0].config
    return (
        first.get("batch_shape")
        or first.get("batch_input_shape")
        or config.get("build_input_shape")
        or (data.get("build_config") or {}).get("input_shape")
        or (entries[0].data.get("build_config") or {}).get("input_shape")
    )


def _channels_first(layers: Iterable[Mapping[str, Any]]) -> bool:
    formats = {
        str((layer.get("config") or {}).get("data_format"))
        for layer in layers
        if isinstance(layer.get("config"), Mapping)
    }
    return "channels_first" in formats and "channels_last" not in formats


# -- what the file says of itself --------------------------------------------------------------------------------------------
def _check_recorded_shapes(network: Network, data: Mapping[str, Any]) -> None:
    """Hold the shapes recorded in the file against ours, at the file's own size."""
    recorded = list(_recorded(data["config"]))
    if not recorded or "N" in {s for s in network.symbols if s not in network.native and s != "N"}:
        return
    derived = Derivation(network, {name: size for name, size in network.native.items() if name != "N"})
    calls: dict[str, list[Any]] = {}
    for node, call in zip(network.nodes, derived.calls, strict=True):
        calls.setdefault(node.name, []).append(call)
    for layer, number, output, shape in recorded:
        ours = calls[layer][number].outputs[output]
        same = len(ours) == len(shape) and all(
            theirs is None or not isinstance(size, int) or size == theirs
            for size, theirs in zip(ours[1:], shape[1:], strict=False)
        )
        if not same:
            raise ImportRefused(
                f"{layer}: the file records the shape {_shape_text(shape)}, its own options give {_shape_text(ours)}: "
                "the file contradicts itself, or our reading of it is wrong"
            )


def _shape_text(shape: Iterable[Any]) -> str:
    return "(" + ", ".join("N" if size is None else str(size) for size in shape) + ")"


def _recorded(config: Any) -> Iterator[tuple[str, int, int, list[Any]]]:
    """(layer, application, output, shape) of every tensor of this model, nested models apart."""
    for layer in config.get("layers", []) if isinstance(config, Mapping) else []:
        for tensor in _tensors(layer.get("inbound_nodes") or []):
            history, shape = tensor["config"]["keras_history"], tensor["config"].get("shape")
            if isinstance(shape, list):
                yield str(history[0]), int(history[1]), int(history[2]), shape


# -- paddings that depend on the parity of the build size ----------------------------------------------------------------------
def _parity_paddings(network: Network) -> list[str]:
    """Zero paddings (p − 1, p) in front of a convolution of 2p + 1 taps with stride 2: `correct_pad` at an even size."""
    followers: dict[int, list[Any]] = {}
    for node in network.nodes:
        for source in node.sources:
            followers.setdefault(source.node, []).append(node.operation)
    found = []
    for place, node in enumerate(network.nodes):
        if isinstance(node.operation, ZeroPadding2D) and all(b + 1 == e for b, e in node.operation.padding):
            wanted = tuple(2 * end + 1 for _, end in node.operation.padding)
            if any(getattr(f, "kernel", None) == wanted and f.stride == (2, 2) for f in followers.get(place, [])):
                found.append(node.name)
    return found


def _noted(network: Network) -> Network:
    names = _parity_paddings(network)
    if names:
        network.note = (
            f"The paddings of {', '.join(names)} were computed by Keras from the parity of the size the model was built at. "
            "They are derived here as written in the file; read with parity_padding=True they follow the size."
        )
    return network


def _with_parity(network: Network) -> Network:
    names = set(_parity_paddings(network))
    nodes = [
        Node(node.name, _parity(node.operation) if node.name in names else node.operation, node.sources)
        for node in network.nodes
    ]
    note = f"The paddings of {', '.join(sorted(names))} are read as functions of the size's parity." if names else ""
    return Network.of_nodes(nodes, network.inputs, network.outputs, network.name, note)


def _parity(operation: Any) -> Layer:
    return ParityPadding2D(
        padding=tuple(end for _, end in operation.padding), channels=operation.channels, name=operation.name
    )
