"""Networks: layers wired into a graph, flat or nested, every hyper-parameter a number or a symbol.

    >>> from symshape.layers import Conv2D, Flatten, Dense
    >>> net = Sequential(Input("H", "W", 3), Conv2D(8, 5), Flatten(), Dense(10))
    >>> [node.name for node in net.nodes]
    ['input_layer', 'conv2d', 'flatten', 'dense']

or by applying layers to tensors: `x = Input("H", "W", 3); y = Conv2D(8, 5)(x); Network(x, y)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Union

from symshape.algebra.poly import Poly, Value, names_of
from symshape.declaration import DERIVED, Layer, Source
from symshape.declaration.layer import keras_style_name
from symshape.errors import GraphError, UnknownName, UsageError
from symshape.layers.composite import Composite, Wired
from symshape.layers.source import InputLayer

if TYPE_CHECKING:
    from symshape.derivation import Derivation

__all__ = ["Estimate", "Input", "Network", "Node", "Port", "Sequential", "Tensor", "given", "symbol_alone"]

Operation = Union[Layer, "Network"]


@dataclass(frozen=True)
class Estimate:
    """A well-known approximation: formulas in the network's symbols and in metrics, such as "6*macs" and "6*params*L"."""

    title: str
    exact: str
    approximate: str
    reason: str
    source: Source = DERIVED


@dataclass(frozen=True)
class Port:
    """One output of one node: `node` is the node's position in its network."""

    node: int
    output: int = 0


@dataclass(frozen=True)
class Node:
    """One application of a layer (or of a nested network) to the outputs of earlier nodes."""

    name: str
    operation: Operation
    sources: tuple[Port, ...] = ()


class Tensor:
    """A value of a network under construction: what a layer is applied to."""

    __slots__ = ("operation", "output", "sources", "step")

    def __init__(
        self, operation: Operation, sources: tuple[Tensor, ...] = (), output: int = 0, step: Any = None
    ) -> None:
        self.operation = operation
        self.sources = sources
        self.output = output
        self.step = step if step is not None else object()  # one identity per application, shared by its outputs

    def through(self, operation: Operation, inputs: Sequence[Tensor]) -> Any:
        """The operation applied to `inputs`: its output, or a tuple where it has several."""
        sources = tuple(inputs)
        count = _output_count(operation)
        step = object()
        made = tuple(Tensor(operation, sources, output, step) for output in range(count))
        return made[0] if len(made) == 1 else made


def Input(*sizes: Any, batch: Any = "N", given: Sequence[int | None] = (), name: str | None = None) -> Tensor:
    """An entrance of a network: the sizes of one example, each a number or a symbol's name.

    `given` are the sizes the network is usually built for, where `sizes` are symbols.

    >>> Input("H", "W", 3).operation
    InputLayer(shape=(N, H, W, 3))
    """
    if given and len(given) != len(sizes):
        raise UsageError(f"the input has {len(sizes)} sizes, {len(given)} are given")
    return Tensor(InputLayer((batch, *sizes), given=(None, *given) if given else (), name=name))


def given(layer: Layer) -> Tensor:
    """What a layer gives that takes nothing: a learned array, a constant.

    >>> from symshape.layers import Parameter
    >>> given(Parameter((1, "L", 64))).operation
    Parameter(shape=(1, L, 64))
    """
    return Tensor(layer)


class Network:
    """A directed acyclic graph of layers. Immutable; editing gives a new network.

    `Network(inputs, outputs)` collects everything between tensors; names are given as Keras would.
    """

    kind: ClassVar[str] = "Functional"  # as Keras calls a network among layers
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[Port, ...]

    def __init__(
        self,
        inputs: Tensor | Sequence[Tensor],
        outputs: Tensor | Sequence[Tensor],
        name: str = "network",
    ) -> None:
        ins = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
        outs = (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)
        nodes, places = _collected(ins, outs)
        self._fill(
            name,
            nodes,
            tuple(places[id(tensor.step)] for tensor in ins),
            tuple(Port(places[id(tensor.step)], tensor.output) for tensor in outs),
        )

    @classmethod
    def of_nodes(
        cls,
        nodes: Sequence[Node],
        inputs: Sequence[int],
        outputs: Sequence[Port],
        name: str = "network",
        note: str = "",
        sequential: bool = False,
    ) -> Network:
        """A network from nodes in an order in which sources come first."""
        network = object.__new__(cls)
        network._fill(name, tuple(nodes), tuple(inputs), tuple(outputs))
        network.note = note
        network.sequential = sequential
        return network

    @classmethod
    def of(cls, function: Callable[..., Any], *sizes: Any, name: str = "network") -> Network:
        """The network that a function of a tensor is: `sizes` name what it takes, as for `Input`.

        >>> from symshape.layers import Add, Dense
        >>> Network.of(lambda x: Add()([x, Dense("d")(x)]), "L", "d").derive().output_shape
        (N, L, d)
        """
        entrance = Input(*sizes)
        return Network(entrance, function(entrance), name)

    def with_nodes(self, nodes: Sequence[Node], note: str | None = None) -> Network:
        """The same graph with other operations in its nodes."""
        kept = self.note if note is None else note
        made = Network.of_nodes(nodes, self.inputs, self.outputs, self.name, kept, self.sequential)
        made.parts, made.meanings = self.parts, self.meanings  # no estimates: they speak of the unedited network
        return made

    def _fill(self, name: str, nodes: tuple[Node, ...], inputs: tuple[int, ...], outputs: tuple[Port, ...]) -> None:
        if not nodes:
            raise GraphError(f"the network {name} has no layers")
        for place, node in enumerate(nodes):
            if any(source.node >= place for source in node.sources):
                raise GraphError(f"{node.name} uses the output of a layer that comes after it: a network has no cycles")
            if isinstance(node.operation, Network) and len(node.sources) != len(node.operation.inputs):
                wanted = len(node.operation.inputs)
                raise GraphError(f"{node.name} is a network with {wanted} inputs, {len(node.sources)} are connected")
        for user, port in _uses(nodes, outputs):
            if not 0 <= port.output < _output_count(nodes[port.node].operation):
                raise GraphError(f"{user} uses output {port.output} of {nodes[port.node].name}, which has none such")
        entrances = [place for place, node in enumerate(nodes) if isinstance(node.operation, InputLayer)]
        if sorted(inputs) != entrances:
            astray = min(set(inputs) ^ set(entrances) or inputs)
            raise GraphError(f"the inputs of {name} are its input layers, each once: {nodes[astray].name} is not")
        self.name = name
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
        self.note = ""  # what whoever reads a report of this network should know about its origin
        self.parts: Mapping[str, tuple[str, ...]] = {}  # what a report tells apart: paths of layers by title
        self.meanings: Mapping[str, str] = {}  # of its symbols, where it knows better than the vocabulary
        self.settings: Mapping[str, Any] = {}  # what names in estimates stand for that are no symbols any more
        self.estimates: tuple[Estimate, ...] = ()  # well-known approximations to hold against the exact forms
        self.sequential = False  # a chain: frameworks then do not list the input among the layers

    # -- names and symbols -----------------------------------------------------------------------------------------
    @cached_property
    def layers(self) -> Mapping[str, Operation]:
        """Every layer once, by name, in the order of first use; a shared layer has several nodes."""
        return {node.name: node.operation for node in self.nodes}

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The names of all free symbols: input sizes and freed hyper-parameters."""
        found: set[str] = set()
        for operation in self.layers.values():
            found |= operation.inner_symbols if isinstance(operation, Network) else _symbols(operation)
        return frozenset(found)

    @cached_property
    def inner_symbols(self) -> frozenset[str]:
        """The symbols of a nested network that do not come in through its inputs."""
        inside = [node.operation for place, node in enumerate(self.nodes) if place not in self.inputs]
        own = (part.inner_symbols if isinstance(part, Network) else _symbols(part) for part in inside)
        return frozenset().union(*own) - self.entering_symbols

    @cached_property
    def entering_symbols(self) -> frozenset[str]:
        """The symbols that name sizes of the inputs: in a nested network they stand for what comes."""
        shapes = (self.nodes[place].operation.shape for place in self.inputs)  # type: ignore[union-attr]
        return frozenset(name for shape in shapes for size in shape if (name := symbol_alone(size)))

    @cached_property
    def multipliers(self) -> frozenset[str]:
        """The symbols that are rational numbers, not sizes."""
        inside = (
            part.multipliers if isinstance(part, Network) else _multipliers(part.bindings.values())
            for part in self.layers.values()
        )
        return frozenset().union(*inside)

    @cached_property
    def native(self) -> dict[str, int]:
        """The input sizes that the model's file gives, by symbol: {"H": 32, "W": 32}."""
        sizes: dict[str, int] = {}
        for place in self.inputs:
            layer = self.nodes[place].operation
            assert isinstance(layer, InputLayer)
            for size, given in zip(layer.shape, layer.given, strict=False):
                if isinstance(size, Poly) and given is not None:
                    sizes[str(size)] = given
        return sizes

    # -- editing -----------------------------------------------------------------------------------------------------
    def replace(self, layer: str, **options: Any) -> Network:
        """The network with other options for one layer, such as `replace("conv2d", stride=2)`.

        Raises `UnknownName` for a layer it does not have, `UsageError` for an option the layer does not have.
        """
        head, _, rest = layer.partition("/")
        operation = self.layers.get(layer) or self.layers.get(head)
        if operation is None:
            raise UnknownName(f"{self.name} has no layer {layer}{_suggestion(layer, self.layers)}")
        if isinstance(operation, Network) and rest:
            changed: Operation = operation.replace(rest, **options)
        elif layer not in self.layers:
            raise UsageError(
                f"{head} is one layer, with no layers of a name inside: options are those of {head} itself"
            )
        else:
            changed = operation.replaced(**options)
        nodes = [
            Node(node.name, changed if node.operation is operation else node.operation, node.sources)
            for node in self.nodes
        ]
        return self.with_nodes(nodes)

    def replaced(self, **options: Any) -> Network:
        """The network with other options of its own, of which only a repetition has any."""
        raise UsageError(f"{self.name} is a network: name a layer inside it, such as {self.name}/{self.nodes[-1].name}")

    def free(self, layer: str, **symbols: Any) -> Network:
        """The network with options of one layer turned into symbols, such as `free("conv2d", kernel="K")`."""
        return self.replace(layer, **symbols)

    def up_to(self, *layers: str) -> Network:
        """The part of the network that leads to these layers, whose outputs are its own, in this order.

        A shared layer stands for its first application. Raises `UnknownName` for a layer the network does not have.

        >>> from symshape.layers import Conv2D, Flatten
        >>> Sequential(Input("H", "W", 3), Conv2D(8, 5), Flatten()).up_to("conv2d").derive().output_shape
        (N, H - 4, W - 4, 8)
        """
        places = {node.name: place for place, node in reversed(list(enumerate(self.nodes)))}
        for layer in layers:
            if layer not in places:
                raise UnknownName(f"{self.name} has no layer {layer}{_suggestion(layer, places)}")
        kept = {places[layer] for layer in layers}
        for place in reversed(range(len(self.nodes))):
            if place in kept:
                kept |= {source.node for source in self.nodes[place].sources}
        moved = {old: new for new, old in enumerate(sorted(kept))}
        nodes = [
            Node(node.name, node.operation, tuple(Port(moved[port.node], port.output) for port in node.sources))
            for place, node in enumerate(self.nodes)
            if place in kept
        ]
        ends = [(moved[places[layer]], _output_count(self.layers[layer])) for layer in layers]
        return Network.of_nodes(
            nodes,
            [moved[place] for place in self.inputs if place in kept],
            [Port(place, output) for place, count in ends for output in range(count)],
            self.name,
            self.note,
            self.sequential and len(layers) == 1,
        )

    # -- deriving ------------------------------------------------------------------------------------------------------
    def derive(self, *, fixed_weights: bool = False, **bindings: Any) -> Derivation:
        """Every formula of the network; symbols not given stay symbols.

        `derive()` keeps all input sizes free, `derive(H=32, W=32)` puts numbers, `derive(W="H")` ties them.
        With `fixed_weights` the weights keep the shapes they have at the file's own input size, as in a trained model.

        Raises `UnknownName` for a symbol the network does not have, `ConditionError` where a layer's condition fails.
        """
        from symshape.derivation import Derivation

        return Derivation(self, bindings, fixed_weights=fixed_weights)

    def __call__(self, *inputs: Any) -> Any:
        """Use the network as a layer of another one."""
        flat = tuple(inputs[0]) if len(inputs) == 1 and isinstance(inputs[0], (list, tuple)) else inputs
        if not flat or not isinstance(flat[0], Tensor):
            raise UsageError(f"{self.name} is applied to tensors, such as Input(...) gives")
        return flat[0].through(self, flat)

    @cached_property
    def as_layer(self) -> Layer:
        """The network as one layer, for layers that hold others, such as `TimeDistributed(net)`."""
        layers: dict[int, Layer] = {}  # a shared layer stays one
        for node in self.nodes:
            operation = node.operation
            held = operation.as_layer if isinstance(operation, Network) else operation
            layers[id(operation)] = held if held.name == node.name else held.replaced(name=node.name)
        nodes = tuple(
            Wired(layers[id(node.operation)], tuple((source.node, source.output) for source in node.sources))
            for node in self.nodes
        )
        return Composite(nodes, self.inputs, tuple((port.node, port.output) for port in self.outputs), name=self.name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {len(self.layers)} layers>"


def Sequential(*layers: Any, name: str = "sequential") -> Network:
    """A chain: an `Input(...)`, then layers, each applied to the one before."""
    steps = tuple(layers[0]) if len(layers) == 1 and isinstance(layers[0], (list, tuple)) else layers
    if not steps or not isinstance(steps[0], Tensor):
        raise GraphError("a chain begins with Input(...): the shape of what enters is needed")
    tensor = steps[0]
    for step in steps[1:]:
        tensor = step(tensor)
    network = Network(steps[0], tensor, name)
    network.sequential = True
    return network


def _uses(nodes: Sequence[Node], outputs: Sequence[Port]) -> Iterator[tuple[str, Port]]:
    """Every use of an output, with who uses it."""
    for node in nodes:
        for source in node.sources:
            yield node.name, source
    for port in outputs:
        yield "the network", port


def _output_count(operation: Operation) -> int:
    return len(operation.outputs) if isinstance(operation, Network) else operation.output_count


def symbol_alone(size: Value) -> str:
    """The symbol that a size is, or nothing where it is a number or a formula."""
    names = names_of(size)
    alone = len(names) == 1 and size == Poly.of_atom(next(iter(names)))
    return next(iter(names)).text if alone else ""


def _symbols(layer: Layer) -> frozenset[str]:
    values = (value for value in layer.bindings.values() if isinstance(value, Poly))
    return frozenset(name.text for value in values for name in value.names())


def _multipliers(values: Iterable[Any]) -> frozenset[str]:
    names = (name for value in values if isinstance(value, Poly) for name in value.names())
    return frozenset(name.text for name in names if not name.integral)


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f": did you mean {' or '.join(close)}?" if close else ""


def _collected(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> tuple[tuple[Node, ...], dict[int, int]]:
    """Nodes in topological order (inputs first), and each application's place."""
    order: list[Tensor] = list(inputs)
    seen = {id(tensor.step) for tensor in inputs}
    stack: list[tuple[Tensor, bool]] = [(tensor, False) for tensor in reversed(outputs)]
    while stack:
        tensor, ready = stack.pop()
        if ready:
            order.append(tensor)
        elif id(tensor.step) not in seen:
            seen.add(id(tensor.step))
            if isinstance(tensor.operation, InputLayer):
                raise GraphError(f"{tensor.operation!r} leads to an output but is not among the network's inputs")
            stack.append((tensor, True))
            stack.extend((source, False) for source in reversed(tensor.sources))
    names = _named(order)
    places = {id(tensor.step): place for place, tensor in enumerate(order)}
    nodes = []
    for tensor in order:
        operation = names[id(tensor.operation)]
        name = operation.name
        assert name is not None
        sources = tuple(Port(places[id(source.step)], source.output) for source in tensor.sources)
        nodes.append(Node(name, operation, sources))
    return tuple(nodes), places


def _named(order: Sequence[Tensor]) -> dict[int, Operation]:
    """Each layer with a name of its own, by identity."""
    taken = {tensor.operation.name for tensor in order if tensor.operation.name}
    given: dict[int, Operation] = {}
    owners: dict[str, int] = {}
    for tensor in order:
        operation = tensor.operation
        if id(operation) in given:
            continue
        if operation.name:
            if owners.setdefault(operation.name, id(operation)) != id(operation):
                raise GraphError(f"two layers are named {operation.name}: names are unique in a network")
            given[id(operation)] = operation
            continue
        assert isinstance(operation, Layer)
        stem = keras_style_name(type(operation))
        name, number = stem, 0
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name)
        given[id(operation)] = operation.replaced(name=name)
    return given
