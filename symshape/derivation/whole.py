"""A network derived: every layer's shapes, weights and costs as steps and closed forms.

One walk over the graph applies each layer to the shapes that reach it; the rest is computed when asked. Sizes may be
numbers, symbols or expressions. Costs are stated for one example unless the batch N is bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar

from symshape.algebra.claims import Claim, claim_between, positive_integer
from symshape.algebra.poly import (
    Name,
    Poly,
    Value,
    added,
    canonical,
    mentions,
    named,
    names_of,
    rational,
    substitute,
)
from symshape.declaration import Application, Demand, as_value
from symshape.declaration.layer import Shape
from symshape.declaration.metric import Folded, Metric
from symshape.declaration.schedule import Schedule
from symshape.derivation.layer import LayerDerivation
from symshape.derivation.quantities import Quantities, public
from symshape.derivation.questions import Questions
from symshape.derivation.weights import kept_weights, refuse_other_weights, refuse_unequal_weights, shared_weights
from symshape.domain import Domain
from symshape.errors import ConditionError, UnknownName, UsageError
from symshape.layers.source import InputLayer
from symshape.network import Network, Node, Port, symbol_alone

if TYPE_CHECKING:
    from symshape.metrics.receptive_field import Fields

__all__ = ["Derivation"]

# Sizes in the order in which shapes name them; other symbols follow.
_SIZES = ("N", "L", "T", "D", "H", "W", "C")


class Derivation(Quantities, Questions):
    """Every formula of a network under some bindings; iterate over it, or take a layer by name.

    >>> from symshape.layers import Conv2D
    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("H", "W", 3), Conv2D(8, 5)).derive()
    >>> d["conv2d"].params, d.output_shape, d.macs
    (608, (N, H - 4, W - 4, 8), 600*(H - 4)*(W - 4))
    >>> d.at(H=32, W=32).macs
    470400
    """

    kinds: ClassVar[dict[type[Network], type[Derivation]]] = {}  # what derives a network of a kind of its own

    def __init_subclass__(cls, of: type[Network]) -> None:
        Derivation.kinds[of] = cls

    def __init__(
        self,
        network: Network,
        bindings: Mapping[str, Any] | None = None,
        *,
        fixed_weights: bool = False,
        inputs: tuple[Shape, ...] | None = None,
    ) -> None:
        self.network = network
        self.fixed_weights = fixed_weights
        self.bindings = _settled(_read(bindings or {}, network.multipliers))
        self._inputs = inputs
        self._refuse_unknown(network.symbols)
        self._refuse_what_is_no_size()
        self.bindings.update(self._entering())
        self._names = named(self.bindings)
        self.calls: tuple[Application | Derivation, ...] = tuple(self._walk())
        refuse_unequal_weights(self)
        if fixed_weights:
            refuse_other_weights(self)

    # -- the walk ------------------------------------------------------------------------------------------------------
    def _walk(self) -> Iterator[Application | Derivation]:
        made: list[Application | Derivation] = []
        self.calls = ()
        for place, node in enumerate(self.network.nodes):
            call = self._call(node, place, made)
            made.append(call)
            yield call

    def _call(self, node: Node, place: int, made: list[Application | Derivation]) -> Application | Derivation:
        operation = node.operation
        if isinstance(operation, InputLayer):
            coming = () if self._inputs is None else (self._inputs[self.network.inputs.index(place)],)
            return Application(operation, coming, f"{node.name} (InputLayer)", self._names)
        shapes = tuple(_output(made, source) for source in node.sources)
        if isinstance(operation, Network):
            derives = self.kinds.get(type(operation), Derivation)
            return derives(operation, _restricted(self.bindings, operation), inputs=shapes)
        return Application(operation, shapes, f"{node.name} ({type(operation).__name__})", self._names)

    def _entering(self) -> dict[str, Value]:
        """What a nested network's own names for the sizes of its inputs stand for."""
        entering: dict[str, Value] = {}
        for place, shape in zip(self.network.inputs, self._inputs or (), strict=bool(self._inputs)):
            operation = self.network.nodes[place].operation
            assert isinstance(operation, InputLayer)
            for own, size in zip(operation.shape, shape, strict=False):  # a wrong rank is the layer's to refuse
                name = symbol_alone(own)
                if name and claim_between("==", entering.setdefault(name, size), size) is False:
                    raise ConditionError(
                        f"{self.network.name}: {name} is {entering[name]} and {size} at once: "
                        "the inputs' shapes do not fit together",
                        layer=self.network.name,
                        condition=f"{entering[name]} == {size}",
                    )
        return entering

    def _refuse_unknown(self, known: Iterable[str]) -> None:
        names = sorted({*known, "N"}, key=_order)
        for name in self.bindings:
            if name not in names:
                raise UnknownName(f"{self.network.name} has no symbol {name}: its symbols are {', '.join(names)}")

    def _refuse_what_is_no_size(self) -> None:
        for name, value in self.bindings.items() if self._inputs is None else ():
            if isinstance(value, Poly):
                if positive_integer(value) is False and name not in self.network.multipliers:
                    raise ConditionError(f"{name} = {value} is no positive integer", condition=f"{name} = {value}")
            elif name in self.network.multipliers:
                if value <= 0:
                    raise UsageError(f"{name} is a multiplier, a positive number, not {value}")
            elif value != int(value):
                raise UsageError(f"{name} stands for a positive integer, not {value}")

    # -- shapes --------------------------------------------------------------------------------------------------------
    @cached_property
    def outputs(self) -> tuple[Shape, ...]:
        """The network's output shapes as values."""
        return self.returned

    @property
    def returned(self) -> tuple[Shape, ...]:
        """What the layers give at the network's exits, applied once."""
        return tuple(_output(self.calls, port) for port in self.network.outputs)

    @property
    def output_shape(self) -> Any:
        """The output shape, batch first; a list of shapes where the network has several outputs."""
        shapes = [tuple(public(size) for size in shape) for shape in self.outputs]
        return shapes[0] if len(shapes) == 1 else shapes

    # -- layers --------------------------------------------------------------------------------------------------------
    @cached_property
    def layers(self) -> Mapping[str, LayerDerivation]:
        """Every layer once, by name, in the network's order."""
        calls: dict[str, list[Any]] = {}
        for node, call in zip(self.network.nodes, self.calls, strict=True):
            calls.setdefault(node.name, []).append(call)
        return {name: LayerDerivation(self, name, self.network.layers[name], tuple(c)) for name, c in calls.items()}

    def __iter__(self) -> Iterator[LayerDerivation]:
        return iter(self.layers.values())

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, name: str) -> LayerDerivation:
        head, _, rest = name.partition("/")
        if rest and head in self.layers:
            inner = self.layers[head].calls[0]
            if isinstance(inner, Derivation):
                return inner[rest]
        try:
            return self.layers[name]
        except KeyError:
            raise UnknownName(
                f"{self.network.name} has no layer {name}: it has {', '.join(list(self.layers)[:12])}"
                + (" …" if len(self.layers) > 12 else "")
            ) from None

    def applications(self, within: str = "") -> Iterator[tuple[str, Application]]:
        """Every application of every layer in order, those inside nested and repeated networks too, each with its path.

        Raises `UsageError` where a block is repeated a symbolic number of times.
        """
        for node, call in zip(self.network.nodes, self.calls, strict=True):
            if isinstance(call, Derivation):
                yield from call.applications(f"{within}{node.name}/")
            else:
                yield f"{within}{node.name}", call

    # -- metrics -------------------------------------------------------------------------------------------------------
    def quantity(self, rule: Metric | Folded, options: Mapping[str, str]) -> Value:
        """A metric's total. What enters an inner network is counted where it was made, not once more inside."""
        if isinstance(rule, Folded):
            order = self.ledger if rule.adds_up else self.schedule
            return self.per_example(rule.fold(order, **rule.chosen(options)))
        inside = self._inputs is not None
        layers = (layer for layer in self if not (inside and isinstance(layer.operation, InputLayer)))
        return added(layer.quantity(rule, options) for layer in layers)

    def part(self, path: str, metric: str, **options: str) -> Value:
        """A metric's total over one layer or nested network, such as "encoder/attention", however often it is repeated.

        Raises `UnknownName` for a path that leads nowhere.
        """
        head, _, rest = path.partition("/")
        if not rest:
            return self[head].value(metric, **options)
        calls = [call for call in self[head].calls if isinstance(call, Derivation)]
        if not calls:
            raise UnknownName(f"{head} is a layer: there is nothing inside it named {rest}")
        return self.per_example(added(call.part(rest, metric, **options) for call in calls))

    def laps(self, path: str) -> Iterator[tuple[Derivation, str]]:
        """The applications of a nested network in order, each with the path of its layers; what one gives, the next takes."""
        yield self, path

    @cached_property
    def schedule(self) -> Schedule:
        """The layers in the order in which they run, nested networks opened, and the tensors they hand on.

        A block that is repeated a symbolic number of times runs three laps: the first, one for all between, the last.
        """
        from symshape.derivation.scheduling import schedule_of

        return schedule_of(self, adding_up=False)

    @cached_property
    def ledger(self) -> Schedule:
        """The schedule for what adds up: a block repeated a symbolic number of times runs one lap that stands for all."""
        from symshape.derivation.scheduling import schedule_of

        return schedule_of(self, adding_up=True)

    def per_example(self, value: Value) -> Value:
        """A cost for one example, unless the batch is bound."""
        if "N" in self.bindings or self._inputs is not None or not isinstance(value, Poly):
            return value
        return substitute(value, _ONE_EXAMPLE) if mentions(value, _BATCH) else value

    @cached_property
    def receptive_fields(self) -> Mapping[str, Fields]:
        """Every layer's receptive field, by name."""
        from symshape.metrics.receptive_field import receptive_fields

        return receptive_fields(self)

    # -- questions -----------------------------------------------------------------------------------------------------
    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The symbols that are still free, the batch apart."""
        free: set[str] = set()
        for symbol in self.network.symbols:
            value = self.bindings.get(symbol, Poly.of_atom(Name.interned(symbol, True)))
            if isinstance(value, Poly):
                free |= {name.text for name in value.names()}
        return tuple(sorted(free - {"N"}, key=_order))

    @cached_property
    def domain(self) -> Domain:
        """The sizes at which every layer's conditions hold."""
        multipliers = self._multipliers.intersection(self.symbols)
        kept = kept_weights(self) if self.fixed_weights else ()
        return Domain((*self.demands, *kept), self.symbols, multipliers)

    @cached_property
    def _multipliers(self) -> frozenset[str]:
        """The symbols that are rational numbers: the network's, and those that they are bound to."""
        bound = (name for value in self.bindings.values() for name in names_of(value))
        return self.network.multipliers | {name.text for name in bound if not name.integral}

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """Every layer's open conditions, in network order."""
        return (
            *self._bound_sizes(),
            *(demand for call in self.calls for demand in call.demands),
            *shared_weights(self),
        )

    def _bound_sizes(self) -> Iterator[Demand]:
        """What symbols are bound to is a size: W = H/2 asks H to be even."""
        for name, value in self.bindings.items() if self._inputs is None else ():
            asked = True if name in self.network.multipliers else positive_integer(value)
            if isinstance(asked, Claim):
                yield Demand(f"{name} = {value}", asked, "a size is a positive integer")

    def at(self, **bindings: Any) -> Derivation:
        """The same network with further symbols bound, evaluated exactly: `d.at(H=32, W=32).params`.

        Raises `ConditionError`, naming the layer and the condition, where the sizes are outside the domain.
        """
        for name in bindings:
            if name not in self.symbols and name != "N":
                known = ", ".join((*self.symbols, "N"))
                raise UnknownName(f"{name} is not a free symbol here: the free symbols are {known}")
        put = named(_read(bindings, self._multipliers))
        kept = {name: substitute(value, put) for name, value in self.bindings.items()}
        for name, value in kept.items():
            if name not in self._multipliers and positive_integer(value) is False:
                tied = f"{name} = {self.bindings[name]}"
                raise ConditionError(f"{tied} = {value} is no positive integer", condition=tied)
        fresh = {name: value for name, value in bindings.items() if name in {*self.network.symbols, "N"}}
        return Derivation(self.network, {**fresh, **kept}, fixed_weights=self.fixed_weights)

    # -- output --------------------------------------------------------------------------------------------------------
    def report(self, path: str | PathLike[str] | None = None, format: str | None = None, **options: Any) -> str:
        """The derivation as a document: Markdown, LaTeX, HTML, text or JSON, by `format` or the path's ending.

        Returns the text, and writes it to `path` where one is given (to a file beside it first, then renamed).
        Raises `FormatError` for a format that does not exist.
        """
        from symshape.report import report

        return report(self, path, format, **options)

    def __repr__(self) -> str:
        free = f" in {', '.join(self.symbols)}" if self.symbols else ""
        return f"<Derivation of {self.network.name}: {len(self.layers)} layers{free}>"


def _output(calls: Any, port: Port) -> Shape:
    return calls[port.node].outputs[port.output]  # type: ignore[no-any-return]


def _restricted(bindings: Mapping[str, Value], network: Network) -> dict[str, Value]:
    return {name: value for name, value in bindings.items() if name in network.inner_symbols}


def _read(bindings: Mapping[str, Any], multipliers: frozenset[str]) -> dict[str, Value]:
    """What symbols are bound to; what a multiplier is bound to is made of multipliers."""
    return {
        name: rational(as_value(given), None if name in multipliers else multipliers)
        for name, given in bindings.items()
    }


def _settled(bindings: dict[str, Value]) -> dict[str, Value]:
    """W = H with H = 64 is W = 64: numbers are put into the other bindings."""
    numbers = named({name: value for name, value in bindings.items() if not isinstance(value, Poly)})
    return {name: canonical(substitute(value, numbers)) for name, value in bindings.items()}


def _order(name: str) -> tuple[int, str]:
    return (_SIZES.index(name) if name in _SIZES else len(_SIZES), name)


_BATCH = Name.interned("N", True)
_ONE_EXAMPLE: dict[Name, Value] = {_BATCH: 1}
