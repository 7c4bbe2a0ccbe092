"""Live PyTorch modules without importing PyTorch: known modules, in chains of `nn.Sequential` and `nn.ModuleList`.

Modules are read through the `torch` dialects of their declarations: each parameter of a class's constructor is an
option, its value what the module keeps under that name. Code is never run and never read: a class with a forward of its
own, a hook or an unknown option is refused. At last our declarations' weights are held against the module's own.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symshape.algebra import poly
from symshape.declaration import Application, Dialect, Inner, Layer, Reading, registered
from symshape.declaration.dialect import Target, shown
from symshape.derivation import Derivation
from symshape.errors import GraphError, ImportRefused, SymshapeError, UnsupportedLayer, UsageError
from symshape.importers.source import Importer, Source
from symshape.layers.source import InputLayer
from symshape.network import Network, Node, Port
from symshape.written import Each

__all__ = ["IMPORTER", "read_torch"]

CONTAINERS = ("ModuleList", "Sequential")
HOME = "torch.nn.modules"  # where the classes live that the dialects speak of

# Options of constructors that change neither shapes nor weights, whatever the class.
COMMON: Mapping[str, Target] = dict.fromkeys(("device", "dtype", "inplace"))


def read_torch(source: Source, *, input_shape: Any = None) -> Network:
    """The network of a live `nn.Module`; layers are named by the module's paths, such as "features.3".

    `input_shape` is the shape of one example, without the batch: numbers or symbols' names, `(3, "H", "W")`; for a first
    module that takes several inputs, a list of shapes. The batch N comes first, or second where the first module has it
    there (`batch_first=False`); a shape with "N" in it says where. Without a shape the input is what the first module
    expects, its map sizes free. A `ModuleList` is read as a chain in its order.

    Raises `UsageError` where the batch does not arrive where a module has it.
    """
    steps = [_Step(path, module, *_known(module, path)) for path, module in _leaves(source.live, "")]
    if not steps:
        raise GraphError(f"this {source.label} holds no modules to derive")
    operations: dict[int, Layer] = {}
    for step in steps:
        if id(step.module) not in operations:
            operations[id(step.module)] = step.layer()
    chain = [operations[id(step.module)] for step in steps]
    for before in chain[:-1]:
        if before.output_count > 1:
            raise GraphError(f"{before.label} gives {before.output_count} outputs, and the next module takes one input")
    _refuse_tied(steps)
    shapes = _given(input_shape) if input_shape is not None else (_expected(chain[0]),)
    shapes = tuple(
        shape if "N" in shape else _with_batch(chain[0], shapes, place) for place, shape in enumerate(shapes)
    )
    taken = {layer.name for layer in chain}
    entrance = next(name for name in ("input", "input_layer", "the_input", "entrance") if name not in taken)
    names = [entrance, *(f"{entrance}_{number}" for number in range(2, len(shapes) + 1))]
    nodes = [Node(name, InputLayer(shape, name=name)) for name, shape in zip(names, shapes, strict=True)]
    inputs = tuple(range(len(nodes)))
    sources = tuple(map(Port, inputs))
    for layer in chain:
        assert layer.name is not None
        nodes.append(Node(layer.name, layer, sources))
        sources = (Port(len(nodes) - 1),)
    ports = [Port(len(nodes) - 1, output) for output in range(chain[-1].output_count)]
    network = Network.of_nodes(nodes, inputs, ports, type(source.live).__name__, sequential=len(inputs) == 1)
    derived = Derivation(network)
    _check_weights(derived, {operations[id(step.module)].name or "": step for step in steps})
    _refuse_stray_batches(derived)
    return network


def _recognises(source: Source) -> bool:
    return any(cls.__name__ == "Module" and cls.__module__ == f"{HOME}.module" for cls in type(source.live).__mro__)


IMPORTER = Importer("a live PyTorch module made of known modules", _recognises, read_torch)


# -- the chain ---------------------------------------------------------------------------------------------------------
def _leaves(module: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The known modules in the order of their use, with their paths."""
    kind = _torch_class(module)
    if kind.__name__ not in CONTAINERS:
        yield path, module
        return
    _refuse_own_code(module, kind, _label(module, path))
    for name, child in module._modules.items():
        if child is not None:
            yield from _leaves(child, f"{path}.{name}" if path else name)


def _label(module: Any, path: str) -> str:
    return f"{path or 'the module'} ({type(module).__name__})"


def _torch_class(module: Any) -> type:
    """The class of PyTorch that the module is, or derives from."""
    return next(cls for cls in type(module).__mro__ if cls.__module__.startswith(HOME))


def _known(module: Any, path: str) -> tuple[type[Layer], Dialect]:
    kind, label = _torch_class(module), _label(module, path)
    _refuse_own_code(module, kind, label)
    found = _dialects().get(kind.__name__)
    if found is None:
        what = type(module)
        raise UnsupportedLayer(
            f"{label}, from {what.__module__}: no declaration covers this module"
            + (
                ": load its parts one by one"
                if module._modules
                else ": leave it out, or put a known module of the same shapes in its place"
            )
        )
    return found


def _dialects() -> Mapping[str, tuple[type[Layer], Dialect]]:
    return {dialect.name: (cls, dialect) for cls in registered().values() for dialect in cls.torch}


# What a subclass may define over again without changing what the module computes.
_HARMLESS = frozenset(
    (
        *("__init__", "__module__", "__doc__", "__annotations__", "__annotate__", "__annotate_func__", "__dict__"),
        *("__parameters__", "__weakref__", "__repr__", "__constants__", "__firstlineno__", "__static_attributes__"),
        *("__orig_bases__", "__conditional_annotations__", "__annotations_cache__", "extra_repr", "reset_parameters"),
    )
)


def _refuse_own_code(module: Any, kind: type, label: str) -> None:
    """Refuse code that could make of the module something else than its class."""
    ways = "build the network of nn.Sequential and known modules, or load its parts one by one"
    for cls in type(module).__mro__:
        if cls is kind:
            break
        for name in vars(cls):
            if name not in _HARMLESS and hasattr(kind, name):
                where = f"{cls.__module__}.{cls.__qualname__}"
                raise UnsupportedLayer(f"{label} has a {name} of its own ({where}), and code is not read: {ways}")
    if "forward" in vars(module):
        raise UnsupportedLayer(f"{label} was given another forward, and code is not read: {ways}")
    for hooks in (module._forward_pre_hooks, module._forward_hooks):
        for hook in hooks.values():
            if getattr(hook, "__module__", "") != f"{HOME}.lazy":
                raise UnsupportedLayer(
                    f"{label} has a forward hook, {shown(getattr(hook, '__qualname__', type(hook).__name__))}, "
                    "which may change what it computes: remove the hook"
                )


# -- one module --------------------------------------------------------------------------------------------------------
@dataclass
class _Step:
    """One place of the chain: a module and what covers its class."""

    path: str
    module: Any
    declared: type[Layer]
    dialect: Dialect

    @property
    def name(self) -> str:
        return self.path or type(self.module).__name__.lower()

    @property
    def label(self) -> str:
        return f"{self.name} ({type(self.module).__name__})"

    def layer(self, *, inside: bool = False) -> Layer:
        """Our layer; one `inside` another has no name of its own."""
        options = self.dialect.read(self.config(), self.label, COMMON, _inner)
        try:
            layer = self.declared(name=None if inside else self.name, trainable=self.trainable(), **options)
        except UsageError as error:
            raise UnsupportedLayer(f"{self.label}: {error}") from None
        if (reason := self.dialect.refuses(layer)) is not None:
            raise UnsupportedLayer(f"{self.label}: {reason}")
        return layer

    def config(self) -> dict[str, Any]:
        """The constructor's options and what the module keeps of them."""
        config: dict[str, Any] = {}
        for option in _options(_torch_class(self.module)):
            if option in COMMON:
                continue
            target = self.dialect.options.get(option)
            where = (target.kept if isinstance(target, (Reading, Inner)) else "") or option
            try:
                config[option] = _kept(self.module, where)
            except AttributeError:
                if option in self.dialect.options and target is None:
                    continue
                what = (
                    f"the option {shown(option)} is not known, and the module keeps nothing of that name"
                    if where == option
                    else f"there is no {where}, which tells the option {shown(option)}: it has parts of your own making"
                )
                raise UnsupportedLayer(f"{self.label}: {what}") from None
        return config

    def trainable(self) -> bool:
        """Whether training updates the parameters: all of them, or none."""
        updated = {name: bool(parameter.requires_grad) for name, parameter in self.module.named_parameters()}
        if len(set(updated.values())) > 1:
            frozen = ", ".join(name for name, is_updated in updated.items() if not is_updated)
            raise UnsupportedLayer(f"{self.label} is frozen in part ({frozen}): freeze all of it or nothing")
        return all(updated.values())


def _inner(module: Any, label: str) -> Layer:
    """A module that is an option of another one."""
    if not _recognises(Source(live=module)):
        raise UnsupportedLayer(f"{label} = {shown(module)} is no module")
    return _Step(label, module, *_known(module, label)).layer(inside=True)


def _options(cls: type) -> list[str]:
    """The names of the constructor's parameters; `**kwargs` go on to the class above."""
    names: list[str] = []
    for ancestor in cls.__mro__:
        if "__init__" not in vars(ancestor):
            continue
        if ancestor.__name__ == "Module":
            break
        parameters = list(inspect.signature(vars(ancestor)["__init__"]).parameters.values())[1:]
        kinds = {parameter.kind for parameter in parameters}
        passed_on = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
        names.extend(p.name for p in parameters if p.kind not in passed_on and p.name not in names)
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
    return names


def _kept(module: Any, path: str) -> Any:
    """An attribute by its path; of a parameter, whether it is there."""
    *owners, name = path.split(".")
    for owner in owners:
        module = getattr(module, owner)
    if name in getattr(module, "_parameters", ()):
        return module._parameters[name] is not None
    return _tupled(getattr(module, name))


def _tupled(value: Any) -> Any:
    """Lists as tuples, all the way down: layers are immutable."""
    return tuple(map(_tupled, value)) if isinstance(value, (list, tuple)) else value


def _refuse_tied(steps: Sequence[_Step]) -> None:
    owners: dict[int, tuple[_Step, str]] = {}
    for step in steps:
        for name, parameter in step.module.named_parameters():
            owner, other = owners.setdefault(id(parameter), (step, name))
            if owner.module is not step.module:
                raise UnsupportedLayer(
                    f"{step.label}: its {name} is also the {other} of {owner.label}, and weights tied between "
                    "different modules are not covered: use one module twice"
                )


# -- what enters -------------------------------------------------------------------------------------------------------
def _given(shape: Any) -> tuple[tuple[Any, ...], ...]:
    """The shapes of the inputs."""
    sizes = tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)
    several = bool(sizes) and all(isinstance(size, (list, tuple)) for size in sizes)
    return tuple(map(tuple, sizes)) if several else (sizes,)


def _with_batch(layer: Layer, shapes: Sequence[tuple[Any, ...]], place: int) -> tuple[Any, ...]:
    """An input's shape with the batch where the module has it; first where it cannot be told."""
    shape = shapes[place]
    try:
        names = layer.signature(tuple(len(one) + ("N" not in one) for one in shapes)).takes[place]
    except SymshapeError:  # shapes that the module does not take: it says so when it is applied
        names = ()
    before = names.index("N") if "N" in names else 0
    return (*shape[:before], "N", *shape[before:])


_FREE = ("L", "L_q", "D", "H", "W")  # sizes that any number will do for


def _expected(layer: Layer) -> tuple[Any, ...]:
    """The input that the first module tells by its options, without the batch."""
    unknown = UsageError(
        f"{layer.label} does not tell what enters it: give the shape of one example, such as "
        'load(module, input_shape=(3, "H", "W"))'
    )
    pattern = layer.takes[0] if len(layer.takes) == 1 else ()
    packs = [str(entry.arg) for entry in pattern if isinstance(entry, Each)]
    ranks: tuple[int, ...] = getattr(layer, "ranks", ())
    if packs and packs != ["E"] and len(pattern) > 1:
        rank = layer.rank + len(pattern) - 1 if packs == ["X"] else len(pattern)
    elif len(ranks) == 1:
        rank = ranks[0]
    elif pattern and not packs:
        rank = len(pattern)
    else:
        raise unknown
    names = layer.signature((rank,)).takes[0]
    sizes = tuple(layer.bindings.get(name, name) for name in names if name != "N")
    if any(isinstance(size, str) and size not in _FREE for size in sizes):
        raise unknown
    return sizes


def _refuse_stray_batches(derived: Derivation) -> None:
    """Refuse a batch that arrives where a module that tells its batch from its steps, or has none, has something else."""
    batch = poly.name("N")
    for node, call in zip(derived.network.nodes, derived.calls, strict=True):
        assert isinstance(call, Application)
        if not node.sources:
            continue
        tells = getattr(call.layer, "batch_first", getattr(call.layer, "first", None)) is not None
        for names, sizes in zip(call.signature.takes, call.inputs, strict=True):
            first = names[:1] == ("N",) and not tells  # any axes in front are alike to most layers
            if not first and batch in sizes and ("N" not in names or sizes[names.index("N")] != batch):
                read = f"has the batch as axis {names.index('N')}" if "N" in names else "takes no batch"
                raise UsageError(
                    f"{call.label} {read}, and its input is ({', '.join(map(str, sizes))}): say in input_shape where the "
                    'batch is, such as ("L", "N", 8), or make the module with another batch_first'
                )


# -- what the module says of itself ------------------------------------------------------------------------------------
def _check_weights(derived: Derivation, steps: Mapping[str, _Step]) -> None:
    """Hold every weight that the declarations give against the module's own."""
    for name, step in steps.items():
        call = derived[name].calls[0]
        assert isinstance(call, Application)
        ours = {w.weight.name: w.dims for w in call.torch_weights}
        arrays = {**dict(step.module.named_parameters()), **dict(step.module.named_buffers())}
        theirs = {key: _shape(array) for key, array in arrays.items()}
        fits = ours.keys() == theirs.keys() and all(
            theirs[key] is None or _same(dims, theirs[key] or ()) for key, dims in ours.items()
        )
        if not fits:
            raise ImportRefused(
                f"{step.label} keeps {_listed(theirs)}, its options give {_listed(ours)}: it was changed after it was "
                "made, or our reading of it is wrong"
            )


def _shape(array: Any) -> tuple[int, ...] | None:
    """The array's shape; None where a lazy module has not made it yet."""
    return None if type(array).__name__.startswith("Uninitialized") else tuple(array.shape)


def _same(ours: Sequence[Any], theirs: Sequence[int]) -> bool:
    return len(ours) == len(theirs) and all(
        not isinstance(size, int) or size == other for size, other in zip(ours, theirs, strict=True)
    )


def _listed(weights: Mapping[str, Any]) -> str:
    texts = (f"{name} {'of a shape to come' if dims is None else tuple(dims)}" for name, dims in weights.items())
    return ", ".join(texts) or "no weights"
