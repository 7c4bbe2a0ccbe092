"""Keras models without Keras: `.keras` archives, `model.to_json()` (also of Keras 2), and live models.

Layers are read through the `keras` dialects of their declarations. Every tensor in the JSON records the shape it had
when the model was built; the imported network is derived at that size and held against each of them. Lambda layers and
custom code are refused, never run.
"""

from __future__ import annotations

import dataclasses
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from symshape.declaration import Dialect, Layer, Only, Reading, registered
from symshape.declaration.dialect import Target, shown
from symshape.derivation import Derivation
from symshape.errors import GraphError, ImportRefused, UnsupportedLayer, UsageError
from symshape.importers.source import Importer, Source, archived_json, file_json, parsed_json
from symshape.layers.axes import KERAS_OPS
from symshape.layers.resize import ParityPadding2D, ZeroPadding2D
from symshape.layers.source import InputLayer
from symshape.network import Network, Node, Port

__all__ = ["IMPORTER", "read_keras"]

MODELS = ("Sequential", "Functional", "Model")
OWN = ("keras", "tf_keras", "tensorflow")  # the packages whose classes the dialects speak of


def read_keras(source: Source, *, parity_padding: bool = False) -> Network:
    """The network in a Keras file, JSON or live model.

    `parity_padding` reads the paddings that keras.applications computes from the parity of the build size
    (`correct_pad` in EfficientNet, MobileNetV2 and NASNet) as formulas of the size, instead of the numbers in the file.
    """
    data = _data(source)
    if not isinstance(data, Mapping) or not isinstance(data.get("config"), (Mapping, list)):
        raise ImportRefused(f"{source.label} is not a Keras model: it has no config")
    try:
        read = _model(data, "", frozen=_says_frozen(data["config"]))
    except RecursionError:
        raise ImportRefused(f"{source.label} is nested too deeply to be a model") from None
    sizes = {name: size for name, size in read.network.native.items() if name != "N"}
    _check_recorded(read, Derivation(read.network, sizes), "")
    return _with_parity(read.network) if parity_padding else _noted(read.network)


def _data(source: Source) -> Any:
    if source.archive is not None:
        return archived_json(source.archive, "config.json", source.label)
    if source.path is not None and zipfile.is_zipfile(source.path):
        return archived_json(source.path, "config.json", source.label)
    if source.path is not None:
        return file_json(source.path)
    if source.live is None:
        return source.data
    try:
        text = source.live.to_json()
    except Exception as error:  # the live object's own code: it may fail in any way
        raise ImportRefused(f"this {source.label} cannot describe itself: {error}") from None
    return parsed_json(text, f"what this {source.label} says of itself") if isinstance(text, str) else text


def _recognises(source: Source) -> bool:
    if source.path is not None or source.archive is not None:
        return True
    if source.data is not None:
        return isinstance(source.data, Mapping) and "class_name" in source.data
    return callable(getattr(source.live, "to_json", None))


IMPORTER = Importer("a Keras model (.keras archive, to_json() text, dict or live)", _recognises, read_keras)


# -- options that every layer has --------------------------------------------------------------------------------------
_TYPES = ("DTypePolicy", "FloatDTypePolicy", "Policy", "PolicyV1")


def _plain_type(dtype: Any) -> None:
    kind = dtype.get("class_name") if isinstance(dtype, Mapping) else None
    if (kind is not None and kind not in _TYPES) or "_from_" in str(dtype):
        raise UnsupportedLayer("is a quantized type, whose weights have shapes of their own")


_COMMON: Mapping[str, Target] = {
    **dict.fromkeys(("name", "trainable", "autocast", "batch_shape", "batch_input_shape", "input_dtype")),
    **dict.fromkeys(("activity_regularizer", "seed", "implementation")),
    "dtype": Reading("", _plain_type),
    "dtype_policy": Reading("", _plain_type),
    "quantization_config": Only(None),
}
_IGNORED_ENDINGS = ("_initializer", "_regularizer", "_constraint")


# -- models ------------------------------------------------------------------------------------------------------------
@dataclass
class _Model:
    """A model that was read: its network, the shapes its file records, and the same of each model inside."""

    network: Network
    recorded: Mapping[Port, Sequence[Any]]
    inner: Mapping[str, _Model]


def _model(data: Mapping[str, Any], prefix: str, *, frozen: bool = False) -> _Model:
    kind, config = data.get("class_name"), data["config"]
    if kind not in MODELS:
        if isinstance(config, Mapping) and "layers" in config and "input_layers" in config:
            kind = "Functional"  # a subclass of Model that saved itself as a graph
        else:
            raise ImportRefused(
                f"the model's class {shown(kind)} does not list its layers: only Sequential and functional models do"
            )
    if isinstance(config, list):  # the oldest Sequential files
        config = {"name": "sequential", "layers": config}
    entries = _entries(config)
    name = _printable(config.get("name", "model"), "a model")
    build = _Building(name, prefix, frozen, _channels_first(config), _different_batches(entries))
    if kind == "Sequential":
        return build.chain(entries, _chain_shape(data))
    return build.graph(entries, config)


def _says_frozen(config: Any) -> bool:
    return isinstance(config, Mapping) and config.get("trainable") is False


def _entries(config: Mapping[str, Any]) -> list[_Entry]:
    layers = config.get("layers")
    if not isinstance(layers, list) or not layers or not all(isinstance(layer, Mapping) for layer in layers):
        raise ImportRefused(f"the Keras model {shown(config.get('name'))} lists no layers")
    return [_Entry(layer) for layer in layers]


def _printable(text: Any, what: str) -> str:
    if not isinstance(text, str) or not text.isprintable():
        raise ImportRefused(f"{what} is named {shown(text)}, which is no name")
    return text


@dataclass
class _Entry:
    """One layer of the file."""

    data: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return _printable(self.data.get("class_name"), "a layer's class")

    @property
    def config(self) -> Mapping[str, Any]:
        config = self.data.get("config")
        if not isinstance(config, (Mapping, list)):
            raise ImportRefused(f"the layer {shown(self.data.get('name'))} has no config")
        return config if isinstance(config, Mapping) else {"layers": config}

    @property
    def name(self) -> str:
        return _printable(self.data.get("name") or self.config.get("name"), f"a layer of class {self.kind}")

    @property
    def is_model(self) -> bool:
        return "layers" in self.config and self.kind in MODELS

    @property
    def calls(self) -> list[Any]:
        calls = self.data.get("inbound_nodes") or []
        if not isinstance(calls, list):
            raise ImportRefused(f"the connections of the layer {self.name} are not understood: {shown(calls)}")
        return calls


@dataclass(frozen=True)
class _Reference:
    """An output of an application of a layer, as the file names it, with the shape it records there."""

    layer: str
    application: int
    output: int
    shape: Sequence[Any] | None = None


@dataclass
class _Building:
    """Collects the nodes of one model."""

    name: str
    prefix: str
    frozen: bool
    channels_first: bool
    literal_batches: bool
    nodes: list[Node] = field(default_factory=list)
    inner: dict[str, _Model] = field(default_factory=dict)
    suffixes: set[str] = field(default_factory=set)
    dialects: Mapping[str, tuple[type[Layer], Dialect]] = field(default_factory=lambda: _dialects())
    operations: Mapping[str, tuple[type[Layer], Dialect]] = field(default_factory=lambda: _operations())

    # -- Sequential ------------------------------------------------------------------------------------------------
    def chain(self, entries: list[_Entry], shape: Sequence[Any] | None) -> _Model:
        names = [entry.name for entry in entries]
        _refuse_twins(names)
        if entries[0].kind != "InputLayer":
            if shape is None:
                raise ImportRefused(
                    f"the Sequential model {self.name} does not say what enters it: build it or give it an Input first"
                )
            entrance = next(name for name in ("input", *(f"input_{n}" for n in range(1, 10**6))) if name not in names)
            self.nodes.append(Node(entrance, self.entrance(entrance, shape, {})))
        for entry in entries:
            if entry.kind == "InputLayer" and self.nodes:
                raise GraphError(f"the input {entry.name} stands in the middle of the Sequential model {self.name}")
            sources = (Port(len(self.nodes) - 1),) if self.nodes else ()
            self.nodes.append(Node(entry.name, self.operation(entry), sources))
        last = Port(len(self.nodes) - 1)
        return _Model(Network.of_nodes(self.nodes, (0,), (last,), self.name, sequential=True), {}, self.inner)

    # -- functional ------------------------------------------------------------------------------------------------
    def graph(self, entries: list[_Entry], config: Mapping[str, Any]) -> _Model:
        _refuse_twins([entry.name for entry in entries])
        entries = _without_mask_making(entries, config)
        kinds = {entry.name: entry.kind for entry in entries}
        operations = {entry.name: self.operation(entry) for entry in entries}
        keras_2 = not any(isinstance(call, Mapping) for entry in entries for call in entry.calls)

        def counted(reference: _Reference, *, ported: bool) -> _Reference:
            # Models count as applied once before their first application: in Keras 2 always (Sequential ones too), in
            # Keras 3 where the model's own inputs and outputs are named.
            inside = isinstance(operations.get(reference.layer), Network)
            early = inside and (keras_2 or (ported and kinds[reference.layer] != "Sequential"))
            return dataclasses.replace(reference, application=reference.application - 1) if early else reference

        calls: dict[tuple[str, int], list[_Reference]] = {}
        for entry in entries:
            is_input = isinstance(operations[entry.name], InputLayer)
            if bool(entry.calls) is is_input:
                raise GraphError(f"the layer {entry.name} {'has inputs of its own' if is_input else _UNCONNECTED}")
            if is_input:
                calls[entry.name, 0] = []
            for number, call in enumerate(entry.calls):
                references = [counted(reference, ported=False) for reference in _references(call)]
                if not references:
                    raise GraphError(f"the layer {entry.name} {_UNCONNECTED}")
                calls[entry.name, number] = references

        places: dict[tuple[str, int], int] = {}
        recorded: dict[Port, Sequence[Any]] = {}
        for key in _in_order(calls):
            for reference in calls[key]:
                if reference.shape is not None:
                    recorded[_port(reference, places)] = reference.shape
            sources = tuple(_port(reference, places) for reference in calls[key])
            places[key] = len(self.nodes)
            self.nodes.append(Node(key[0], operations[key[0]], sources))

        def ports(key: str) -> list[Port]:
            found = [counted(reference, ported=True) for reference in _ports(config.get(key))]
            for reference in found:
                if (reference.layer, reference.application) not in places:
                    raise GraphError(
                        f"the model {self.name} names {shown(reference.layer)} (application {reference.application}) "
                        f"among its {key}, which is none of its layers' applications"
                    )
            return [_port(reference, places) for reference in found]

        inputs = [port.node for port in ports("input_layers")]
        network = Network.of_nodes(self.nodes, inputs, ports("output_layers"), self.name)
        return _Model(network, recorded, self.inner)

    # -- layers ----------------------------------------------------------------------------------------------------
    def operation(self, entry: _Entry) -> Layer | Network:
        if entry.kind == "InputLayer":
            shape = entry.config.get("batch_shape") or entry.config.get("batch_input_shape")
            if shape is None:
                raise ImportRefused(f"the input {entry.name} has no shape")
            return self.entrance(entry.name, shape, entry.config)
        path = f"{self.prefix}{entry.name}"
        if entry.is_model:
            self.inner[entry.name] = _model(entry.data, f"{path}/", frozen=self.frozen)
            return self.inner[entry.name].network
        return self.layer(entry, f"{path} ({entry.kind})")

    def layer(self, entry: _Entry, label: str) -> Layer:
        module, registered_name = entry.data.get("module"), entry.data.get("registered_name")
        if entry.kind == "Lambda":
            raise UnsupportedLayer(
                f"{label} holds code of its own, which is never run: replace it by layers, or describe it in Python"
            )
        own = module is None or str(module).split(".")[0] in OWN
        dialects = self.operations if _is_operation(entry) else self.dialects
        if not own or entry.kind not in dialects or ">" in str(registered_name):
            home = registered_name or module or "Keras"
            what = "operation" if _is_operation(entry) else "layer"
            raise UnsupportedLayer(f"{label}, from {shown(home)}: no declaration covers this {what}")
        trainable = entry.config.get("trainable", True)
        if not isinstance(trainable, bool):
            raise UnsupportedLayer(f"{label}: trainable = {shown(trainable)} is neither true nor false")
        cls, dialect = dialects[entry.kind]
        config = {key: value for key, value in entry.config.items() if not key.endswith(_IGNORED_ENDINGS)}
        if _is_operation(entry):
            config |= _said_in_calls(entry, dialect, label)
        options = _frozen(dialect.read(config, label, _COMMON, self.part))
        _refuse_formulas(cls, options, label)
        trainable = options.pop("trainable", trainable) and not self.frozen
        try:
            layer = cls(name=entry.name, trainable=trainable, **options)
        except UsageError as error:
            raise UnsupportedLayer(f"{label}: {error}") from None
        if (reason := dialect.refuses(layer)) is not None:
            raise UnsupportedLayer(f"{label}: {reason}")
        return layer

    def part(self, data: Any, label: str) -> Layer:
        """A layer that stands in another one's options."""
        if not isinstance(data, Mapping):
            raise UnsupportedLayer(f"{label} = {shown(data)} is no layer")
        entry = _Entry(data)
        if not entry.is_model:
            return self.layer(entry, f"{label}, {entry.name} ({entry.kind})")
        read = _model(data, f"{label}/", frozen=self.frozen)
        _check_recorded(read, Derivation(read.network), f"{label}/")
        return read.network.as_layer

    def entrance(self, name: str, shape: Any, config: Mapping[str, Any]) -> InputLayer:
        sizes = shape if isinstance(shape, (list, tuple)) else ()
        if not sizes or not all(size is None or (type(size) is int and size > 0) for size in sizes):
            raise ImportRefused(f"the input {name} has no shape of positive sizes: {shown(shape)}")
        suffix = self.suffix(name)
        tokens = str(config.get("dtype", "")).startswith(("int", "uint"))
        symbols = _symbols(len(sizes), self.channels_first, tokens)
        batch = sizes[0] if self.literal_batches and sizes[0] is not None else symbols[0]
        others = (  # channels stay numbers, but inside a model that is a layer, where they are what comes
            given if symbol == "C" and given is not None and not self.prefix else f"{symbol}{suffix}"
            for symbol, given in zip(symbols[1:], sizes[1:], strict=True)
        )
        return InputLayer((batch, *others), given=tuple(sizes), name=name)

    def suffix(self, name: str) -> str:
        """What the symbols of an input carry, so that every input has its own; nothing for the first."""
        stem = "" if not self.suffixes else "_" + re.sub(r"\W", "_", name, flags=re.ASCII)
        suffix, number = stem, 1
        while suffix in self.suffixes:
            number += 1
            suffix = f"{stem}_{number}"
        self.suffixes.add(suffix)
        return suffix


_UNCONNECTED = "is not connected to anything"


def _refuse_twins(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise GraphError(f"two layers are named {name}: names are unique in a network")
        seen.add(name)


def _refuse_formulas(cls: type[Layer], options: Mapping[str, Any], label: str) -> None:
    """In Python an option may be a symbol's name; in a file a text is no number."""
    for name, option in cls.options.items():
        given = options.get(name)
        if _has_text(given) and given not in option.words:
            words = f" nor one of {', '.join(option.words)}" if option.words else ""
            raise UnsupportedLayer(f"{label}: {name} = {shown(given)} is neither a number{words}")
    missing = [
        entry.name
        for entry in dataclasses.fields(cls)
        if entry.default is dataclasses.MISSING and entry.name not in options
    ]
    if missing:
        raise UnsupportedLayer(f"{label} does not say its option {missing[0]}")


def _has_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, tuple) and any(map(_has_text, value)))


def _symbols(rank: int, channels_first: bool, tokens: bool) -> tuple[str, ...]:
    """Names for an input's sizes: which are spatial, and where the channels are."""
    if rank == 1:
        return ("N",)
    if rank == 2:
        return ("N", "L") if tokens else ("N", "C")
    spatial = {3: ("L",), 4: ("H", "W"), 5: ("D", "H", "W")}.get(rank)
    if spatial is None:
        return ("N", *(f"A_{place}" for place in range(1, rank - 1)), "C")
    return ("N", "C", *spatial) if channels_first else ("N", *spatial, "C")


def _dialects() -> Mapping[str, tuple[type[Layer], Dialect]]:
    return {dialect.name: (cls, dialect) for cls in registered().values() for dialect in cls.keras}


def _operations() -> Mapping[str, tuple[type[Layer], Dialect]]:
    return {d.name: (cls, d) for cls in registered().values() for d in cls.operations if d.module == KERAS_OPS}


def _frozen(options: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as tuples, all the way down: layers are immutable."""
    return {key: _tupled(value) for key, value in options.items()}


def _tupled(value: Any) -> Any:
    return tuple(_tupled(part) for part in value) if isinstance(value, (list, tuple)) else value


# -- operations --------------------------------------------------------------------------------------------------------
# Keras writes a tensor operation among the layers: what made it as its config, the rest into each call.
def _is_operation(entry: _Entry) -> bool:
    return ".ops" in str(entry.data.get("module"))


def _said_in_calls(entry: _Entry, dialect: Dialect, label: str) -> dict[str, Any]:
    """The arguments that are no tensors: what remains when the operation's inputs are taken away."""
    calls = [_said(call, dialect, label) for call in entry.calls]
    if any(call != calls[0] for call in calls):
        raise UnsupportedLayer(f"{label} is applied several times with different arguments, {shown(calls)}")
    return calls[0] if calls else {}


def _said(call: Any, dialect: Dialect, label: str) -> dict[str, Any]:
    if not isinstance(call, Mapping) or not isinstance(call.get("args"), list):
        raise ImportRefused(f"a connection of the model is not understood: {shown(call)}")
    found: dict[str, Any] = {}
    for place, argument in enumerate(call["args"]):
        if not any(_tensors(argument)):
            if place >= len(dialect.arguments):
                raise UnsupportedLayer(f"{label}: its argument {place + 1}, {shown(argument)}, is not a tensor")
            found[dialect.arguments[place]] = argument
        elif isinstance(argument, list) and not all(any(_tensors(part)) for part in argument):
            raise UnsupportedLayer(f"{label} has tensors and fixed arrays in one list: {shown(argument)}")
    named = call.get("kwargs")
    for key, argument in named.items() if isinstance(named, Mapping) else ():
        if key in _MASKS and argument is None:
            continue
        if any(_tensors(argument)):
            raise UnsupportedLayer(f"{label} takes a tensor by the name {shown(key)}: only by place is covered")
        found[key] = argument
    return found


# -- masks -------------------------------------------------------------------------------------------------------------
# Keras 3 passes masks on as arguments, and lists the operations that make them among the layers.
_MASKS = ("mask", "attention_mask", "key_mask", "query_mask", "value_mask")


def _without_mask_making(entries: list[_Entry], config: Mapping[str, Any]) -> list[_Entry]:
    """The entries without tensor operations from which nothing but masks comes."""
    if not any(map(_is_operation, entries)):
        return entries
    named = {entry.name: entry for entry in entries}
    waiting = [entry for entry in entries if not _is_operation(entry)]
    waiting += [named[port.layer] for port in _ports(config.get("output_layers")) if port.layer in named]
    kept: set[str] = set()
    while waiting:
        entry = waiting.pop()
        if entry.name not in kept:
            kept.add(entry.name)
            used = {reference.layer for call in entry.calls for reference in _references(call)}
            waiting.extend(named[name] for name in used if name in named)
    return [entry for entry in entries if entry.name in kept]


# -- the graph ---------------------------------------------------------------------------------------------------------
def _in_order(calls: Mapping[tuple[str, int], list[_Reference]]) -> Iterator[tuple[str, int]]:
    """The applications with sources first and each layer's own in their order, otherwise as in the file."""
    keys = list(calls)
    index = {key: place for place, key in enumerate(keys)}
    waiting: dict[int, int] = {}
    followers: dict[int, list[int]] = {}
    for key, references in calls.items():
        sources = {(reference.layer, reference.application) for reference in references}
        if key[1]:
            sources.add((key[0], key[1] - 1))
        for source in sources:
            if source not in index:
                layer, application = source
                raise GraphError(
                    f"the layer {key[0]} waits for {shown(layer)} (application {application}), which is missing"
                )
            followers.setdefault(index[source], []).append(index[key])
        waiting[index[key]] = len(sources)
    ready = [place for place, count in waiting.items() if not count]
    done = 0
    while ready:
        place = heappop(ready)
        done += 1
        yield keys[place]
        for follower in followers.get(place, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                heappush(ready, follower)
    if done < len(keys):
        stuck = [keys[place][0] for place, count in waiting.items() if count]
        raise GraphError(f"the layers {', '.join(stuck[:4])} wait for one another: a network has no cycles")


def _port(reference: _Reference, places: Mapping[tuple[str, int], int]) -> Port:
    return Port(places[reference.layer, reference.application], reference.output)


def _references(call: Any) -> Iterator[_Reference]:
    """Every tensor that a call uses, in order, but for masks, which change no shape; Keras 3 and Keras 2."""
    if isinstance(call, Mapping) and ("args" in call or "kwargs" in call):
        named = call.get("kwargs")
        others = {key: named[key] for key in named if key not in _MASKS} if isinstance(named, Mapping) else named
        for tensor in _tensors([call.get("args"), others]):
            config = tensor.get("config")
            if not isinstance(config, Mapping):
                raise ImportRefused(f"a connection of the model is not understood: {shown(tensor)}")
            yield _reference(config.get("keras_history"), config.get("shape"))
    elif isinstance(call, list):
        for listed in call if call and isinstance(call[0], list) else [call]:
            yield _reference(listed[:3] if isinstance(listed, list) else listed)
    else:
        raise ImportRefused(f"a connection of the model is not understood: {shown(call)}")


def _reference(listed: Any, shape: Any = None) -> _Reference:
    if not _is_reference(listed):
        raise ImportRefused(f"a connection of the model is not understood: {shown(listed)}")
    if shape is not None and not isinstance(shape, list):
        raise ImportRefused(f"{shown(listed[0])}: the file records {shown(shape)} as a shape")
    layer, application, output = listed
    return _Reference(layer, application, output, shape)


def _is_reference(listed: Any) -> bool:
    return (
        isinstance(listed, list)
        and len(listed) == 3
        and isinstance(listed[0], str)
        and all(type(number) is int and number >= 0 for number in listed[1:])
    )


def _tensors(data: Any) -> Iterator[Mapping[str, Any]]:
    """The tensors in a call's arguments. Keras, too, takes the entries of a dict in the order of their keys."""
    if isinstance(data, Mapping):
        if data.get("class_name") == "__keras_tensor__":
            yield data
        else:
            for key in sorted(data):
                yield from _tensors(data[key])
    elif isinstance(data, list):
        for value in data:
            yield from _tensors(value)


def _ports(listed: Any) -> Iterator[_Reference]:
    """input_layers and output_layers: one [name, application, output], a list of them, or a dict."""
    if isinstance(listed, Mapping):
        for key in sorted(listed):
            yield from _ports(listed[key])
    elif _is_reference(listed):
        yield _reference(listed)
    elif isinstance(listed, list) and listed and not isinstance(listed[0], str):
        for value in listed:
            yield from _ports(value)
    else:
        raise ImportRefused(f"the model's inputs or outputs are not understood: {shown(listed)}")


# -- what a model says of its inputs -----------------------------------------------------------------------------------
def _chain_shape(data: Mapping[str, Any]) -> Sequence[Any] | None:
    """The shape that enters a model, from wherever this version of Keras keeps it."""
    config = data["config"]
    own = config if isinstance(config, Mapping) else {"layers": config}
    first = _entries(own)[0]
    if first.is_model:
        inside = _chain_shape({"config": first.config})
        if inside is not None:
            return inside
    found: Sequence[Any] | None = (
        first.config.get("batch_shape")
        or first.config.get("batch_input_shape")
        or own.get("build_input_shape")
        or _built_for(data)
        or _built_for(first.data)
    )
    return found


def _built_for(data: Mapping[str, Any]) -> Any:
    config = data.get("build_config")
    return config.get("input_shape") if isinstance(config, Mapping) else None


def _different_batches(entries: Iterable[_Entry]) -> bool:
    """Whether the model's inputs have different batch sizes, so that no one N stands for them."""
    shapes = [
        entry.config.get("batch_shape") or entry.config.get("batch_input_shape")
        for entry in entries
        if entry.kind == "InputLayer"
    ]
    return len({str(shape[0]) for shape in shapes if isinstance(shape, list) and shape and shape[0] is not None}) > 1


def _channels_first(config: Any) -> bool:
    """Whether the first layer that tells has its channels first, models inside included."""
    return next(_channel_orders(config), None) == "channels_first"


def _channel_orders(config: Any) -> Iterator[str]:
    layers = config.get("layers") if isinstance(config, Mapping) else config
    for layer in layers if isinstance(layers, list) else ():
        inside = layer.get("config") if isinstance(layer, Mapping) else None
        if isinstance(inside, Mapping) and isinstance(inside.get("data_format"), str):
            yield inside["data_format"]
        yield from _channel_orders(inside)


# -- what the file records ---------------------------------------------------------------------------------------------
def _check_recorded(read: _Model, derived: Derivation, prefix: str) -> None:
    """Hold the shapes recorded in the file against ours, at the file's own size."""
    entrances = {Port(place): _given(read.network, place) for place in read.network.inputs}
    for port, theirs in {**entrances, **read.recorded}.items():
        ours = derived.calls[port.node].outputs[port.output]
        if len(ours) != len(theirs) or not all(map(_same, ours, theirs)):
            name = prefix + read.network.nodes[port.node].name
            raise ImportRefused(
                f"{name}: the file records the shape {_shape_text(theirs)}, its own options give {_shape_text(ours)}: "
                "the file contradicts itself, or our reading of it is wrong"
            )
    for node, call in zip(read.network.nodes, derived.calls, strict=True):
        if isinstance(call, Derivation):
            _check_recorded(read.inner[node.name], call, f"{prefix}{node.name}/")


def _given(network: Network, place: int) -> Sequence[Any]:
    layer = network.nodes[place].operation
    assert isinstance(layer, InputLayer)
    return layer.given


def _same(ours: Any, theirs: Any) -> bool:
    return theirs is None or not isinstance(ours, int) or ours == theirs


def _shape_text(shape: Iterable[Any]) -> str:
    return "(" + ", ".join("N" if size is None else shown(size) for size in shape) + ")"


# -- paddings that depend on the parity of the build size --------------------------------------------------------------
def _parity_paddings(network: Network, prefix: str = "") -> list[str]:
    """Zero paddings as `correct_pad` makes them, (p − 1, p) on an even axis and (p, p) on an odd one, not all of them
    odd, in front of a convolution of 2p + 1 taps with stride 2; by path."""
    followers: dict[int, list[Any]] = {}
    for node in network.nodes:
        for source in node.sources:
            followers.setdefault(source.node, []).append(node.operation)
    found: dict[str, None] = {}
    for place, node in enumerate(network.nodes):
        if isinstance(node.operation, Network):
            found.update(dict.fromkeys(_parity_paddings(node.operation, f"{prefix}{node.name}/")))
        elif isinstance(node.operation, ZeroPadding2D) and _of_both_parities(node.operation.padding):
            wanted = tuple(2 * end + 1 for _, end in node.operation.padding)
            if any(getattr(f, "kernel", None) == wanted and f.stride == (2, 2) for f in followers.get(place, [])):
                found[prefix + node.name] = None
    return list(found)


def _of_both_parities(padding: Any) -> bool:
    shifts = [end - begin for begin, end in padding]
    return 1 in shifts and all(shift in (0, 1) for shift in shifts)


def _noted(network: Network) -> Network:
    names = _parity_paddings(network)
    if names:
        network.note = (
            f"The paddings of {', '.join(names)} look as Keras computes them from the parity of the size a model is "
            "built at. They are derived as written in the file; read with parity_padding=True they follow the size."
        )
    return network


def _with_parity(network: Network) -> Network:
    names = _parity_paddings(network)
    if not names:
        return network
    changed = _put_parity(network, "", frozenset(names))
    changed.note = f"The paddings of {', '.join(names)} are read as functions of the size's parity."
    return changed


def _put_parity(network: Network, prefix: str, names: frozenset[str]) -> Network:
    changed: dict[str, Layer | Network] = {}
    for name, operation in network.layers.items():
        if isinstance(operation, Network):
            changed[name] = _put_parity(operation, f"{prefix}{name}/", names)
        elif isinstance(operation, ZeroPadding2D) and prefix + name in names:
            ends = tuple(end for _, end in operation.padding)
            changed[name] = ParityPadding2D(ends, channels=operation.channels, name=name)
        else:
            changed[name] = operation
    return network.with_nodes([Node(node.name, changed[node.name], node.sources) for node in network.nodes])
