"""The base of every layer: options as typed fields, everything else as data read by one engine.

A layer class declares

    takes, gives   the shapes of its inputs and outputs, as patterns of symbols
    rules          formulas for the sizes that appear in `gives`
    weights        named symbolic shapes
    where          conditions under which it is defined
    asides         formulas for quantities that no shape depends on, computed when asked
    window         how an output position looks back at the input
    macs           multiply–accumulates
    work           operations besides them, by kind
    keeps          what its gradient needs of the forward pass
    keras, torch   the frameworks' names for the class and its options
    operations     functions of the frameworks that do the same: `module` says whose ("keras.ops", "aten")

and needs no method. A layer whose declaration depends on the number of its inputs or their rank builds it as data in
`template` instead.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from symshape.algebra.poly import Poly, Value
from symshape.declaration.dialect import Dialect
from symshape.declaration.formula import Condition, Count, Formula, Weight
from symshape.declaration.kept import Kept
from symshape.declaration.options import Option, options_of, plain_options_of
from symshape.declaration.signature import Pattern, Signature, Template, concrete
from symshape.declaration.window import Window
from symshape.declaration.work import Work
from symshape.errors import DeclarationError, GraphError, SymshapeError, UsageError
from symshape.symbols import AXES
from symshape.written import Each

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Callable[[Any], Any]:
        return lambda cls: cls


__all__ = ["Layer", "registered"]

Shape = tuple[Value, ...]

_MOST_SIGNATURES = 1000  # kept for each class: nothing grows with the process

_registry: dict[str, type[Layer]] = {}


def registered() -> Mapping[str, type[Layer]]:
    """Every declared layer class by name."""
    return _registry


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Layer:
    """One operation of a network, immutable. Any numeric option may be an integer, a symbol's name or an expression.

    `name` is the layer's name in its network (given by the network when left out); `trainable=False` freezes its
    weights.
    """

    name: str | None = dataclasses.field(default=None, kw_only=True)
    trainable: bool = dataclasses.field(default=True, kw_only=True)

    rank: ClassVar[int] = 0
    takes: ClassVar[tuple[Pattern, ...]] = ()
    gives: ClassVar[tuple[Pattern, ...]] = ()
    rules: ClassVar[tuple[Formula, ...]] = ()
    weights: ClassVar[tuple[Weight, ...]] = ()
    where: ClassVar[tuple[Condition, ...]] = ()
    asides: ClassVar[tuple[Formula, ...]] = ()
    macs: ClassVar[Count | tuple[Count, ...] | None] = None
    work: ClassVar[Work | tuple[Work, ...] | None] = None
    window: ClassVar[Window | None] = None
    keeps: ClassVar[Kept | tuple[Kept, ...] | None] = None
    looks_up: ClassVar[Count | None] = None  # numbers read of the weights, where not all of them are
    view: ClassVar[bool] = False  # the output is the input's own memory, perhaps under another shape
    passes: ClassVar[bool] = False  # likewise in use, but not in training
    keras: ClassVar[tuple[Dialect, ...]] = ()
    torch: ClassVar[tuple[Dialect, ...]] = ()
    operations: ClassVar[tuple[Dialect, ...]] = ()
    # For the reference, where small options of any kind do not do: a layer, or a layer and the shapes of its inputs.
    example: ClassVar[Callable[[], Layer | tuple[Any, ...]] | None] = None
    options: ClassVar[Mapping[str, Option]] = {}  # the options that carry a symbol
    readers: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}  # what becomes of the value given for an option
    fields: ClassVar[tuple[str, ...]] = ()  # all options
    _signatures: ClassVar[dict[Any, Signature]] = {}

    def __init_subclass__(cls) -> None:
        dataclasses.dataclass(frozen=True, eq=False, repr=False)(cls)
        cls.options = options_of(cls)
        cls.readers = {
            **plain_options_of(cls),
            **{name: option.reader(cls.rank) for name, option in cls.options.items()},
        }
        cls.fields = tuple(field.name for field in dataclasses.fields(cls))
        cls._signatures = {}
        if cls.__name__.startswith("_"):
            return
        if cls.__name__ in _registry:
            raise DeclarationError(f"a layer named {cls.__name__} is declared twice")
        _registry[cls.__name__] = cls

    def __post_init__(self) -> None:
        for field, read in self.readers.items():
            try:
                value = read(getattr(self, field))
            except SymshapeError as error:
                raise _named(error, self, field) from None
            object.__setattr__(self, field, value)

    # -- what the engine reads -------------------------------------------------------------------------------------
    def template(self, ranks: Sequence[int]) -> Template:
        """The declaration for inputs of these ranks; by default the class's own data."""
        cls = type(self)
        return Template(
            takes=tuple(self.arranged(pattern) for pattern in cls.takes),
            gives=tuple(self.arranged(pattern) for pattern in cls.gives),
            rules=cls.rules,
            weights=cls.weights,
            where=cls.where,
            asides=cls.asides,
            counts=cls.declared_counts(),
        )

    @classmethod
    def declared_counts(cls) -> dict[str, tuple[Count, ...]]:
        """The class's own counts by name; a name is missing where the class declares none, which is not zero."""
        given: dict[str, Any] = {"macs": cls.macs, "work": cls.work, "keeps": cls.keeps, "looks_up": cls.looks_up}
        return {
            name: count if isinstance(count, tuple) else (count,) for name, count in given.items() if count is not None
        }

    def arranged(self, pattern: Pattern) -> Pattern:
        """The pattern in the layer's channel order; patterns are declared channels last."""
        if getattr(self, "channels", "last") == "last" or not any(isinstance(entry, Each) for entry in pattern):
            return pattern
        return (pattern[0], pattern[-1], *pattern[1:-1])

    def signature(self, ranks: tuple[int, ...]) -> Signature:
        """The declaration made concrete for inputs of these ranks, cached by the options it depends on."""
        key = (ranks, self.choices)
        signature = self._signatures.get(key)
        if signature is None:
            signature = self.composed(ranks)
            if len(self._signatures) >= _MOST_SIGNATURES:
                self._signatures.clear()
            self._signatures[key] = signature
        return signature

    def seeing(self, shapes: Sequence[Shape]) -> Layer:
        """The layer in the form it has over inputs of these shapes: for nearly all layers there is one form only."""
        return self

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        """The template made concrete; a layer that holds other layers makes its signature from theirs instead."""
        template = self.template(ranks)
        self.check_arity(template, ranks)
        return concrete(template, self, ranks, AXES[self.rank])

    @cached_property
    def choices(self) -> Any:
        """What selects among the declared forms: every `when`, or all options where the template is built."""
        cls = type(self)
        if cls.template is not Layer.template or cls.composed is not Layer.composed:
            return tuple(value for field, value in self.configured().items() if field != "name")
        counts = tuple(count for rows in cls.declared_counts().values() for count in rows)
        entries: tuple[Any, ...] = (*cls.rules, *cls.weights, *cls.where, *cls.asides, *counts)
        settled = (count.settled(self) for count in counts if count.when(self))
        chosen = (count for count in settled if isinstance(count, (Work, Kept)))
        return (getattr(self, "channels", "last"), *(entry.when(self) for entry in entries), *chosen)

    def check_arity(self, template: Template, ranks: Sequence[int]) -> None:
        """Refuse a wrong number of inputs, or inputs of a wrong rank."""
        if len(ranks) != len(template.takes):
            raise GraphError(f"{self.label} takes {len(template.takes)} inputs, {len(ranks)} are connected")
        for pattern, rank in zip(template.takes, ranks, strict=True):
            packs = [str(entry.arg) for entry in pattern if isinstance(entry, Each)]
            pack = packs[0] if packs else ""
            wanted = len(pattern) - len(packs) + {"X": self.rank, "A": 1}.get(pack, 0)  # the batch is one of A's
            exactly = pack in ("", "X")
            if (rank != wanted) if exactly else (rank < wanted):
                least = "" if exactly else "at least "
                raise GraphError(f"{self.label} takes inputs of {least}{wanted} dimensions, this one has {rank}")

    @cached_property
    def bindings(self) -> dict[str, Value]:
        """The symbols bound by the options: {"F": 8, "K_h": 5, "K_w": 5, …}."""
        bound: dict[str, Value] = {}
        for field, option in self.options.items():
            value = getattr(self, field)
            if value is not None:
                bound.update(option.bind(option, value, self.rank))
        return bound

    @cached_property
    def symbolic(self) -> bool:
        """Whether any option is a symbol or an expression."""
        return any(isinstance(value, Poly) for value in self.bindings.values())

    @property
    def output_count(self) -> int:
        """How many outputs the layer has."""
        return max(1, len(type(self).gives))

    # -- for people --------------------------------------------------------------------------------------------------
    @property
    def label(self) -> str:
        """The layer as messages call it: "conv2d (Conv2D)"."""
        kind = type(self).__name__
        return f"{self.name} ({kind})" if self.name else kind

    def configured(self) -> dict[str, Any]:
        """The options as given to the constructor, values as ints or expressions."""
        return {field: getattr(self, field) for field in self.fields}

    def replaced(self, **options: Any) -> Layer:
        """The same layer with other options.

        Raises `UsageError` for an option the layer does not have.
        """
        unknown = [name for name in options if name not in self.fields]
        if unknown:
            raise UsageError(f"{self.label} has no option {unknown[0]}: it has {', '.join(self.fields)}")
        return dataclasses.replace(self, **options)

    def __call__(self, *inputs: Any) -> Any:
        """Apply the layer to tensors of a network under construction; gives a tensor (or a tuple of them)."""
        flat = tuple(inputs[0]) if len(inputs) == 1 and isinstance(inputs[0], (list, tuple)) else inputs
        if not flat or not hasattr(flat[0], "through"):
            raise UsageError(f"{self.label} is applied to tensors, such as Input(...) gives")
        return flat[0].through(self, flat)

    def __repr__(self) -> str:
        shown = []
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            default = field.default
            if field.name in self.options and default is not dataclasses.MISSING and default is not None:
                option = self.options[field.name]
                default = option.read(option, default, self.rank)
            if value != default:
                shown.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _named(error: SymshapeError, layer: Layer, field: str) -> SymshapeError:
    error.args = (f"{layer.label}, option {field}: {error}",)
    return error


def keras_style_name(cls: type[Layer]) -> str:
    """The name Keras would give a layer of this class: conv2d, max_pooling2d."""
    spaced = re.sub(r"\W+", "", cls.__name__)
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", spaced)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()
