"""PyTorch's transformer: encoder and decoder layers of attention, feed-forward network and normalization, and stacks of them.

A layer that is made of others is declared by its parts: weights, conditions and counts are those of the parts' own
declarations, over the sizes with which the part is used and under the name the part has in PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from symshape.algebra.poly import Poly, Value
from symshape.algebra.present import present
from symshape.declaration import (
    EVERYTHING,
    INPUTS,
    Condition,
    Dialect,
    Dim,
    Kept,
    Layer,
    Reading,
    Template,
    Weight,
    Work,
    dim,
    inputs,
    own,
)
from symshape.declaration.dialect import Inner, Target
from symshape.declaration.formula import always
from symshape.declaration.signature import Pattern
from symshape.errors import GraphError, UnsupportedLayer, UsageError
from symshape.layers.attention import MultiheadAttention
from symshape.layers.common import activation_named
from symshape.layers.dense import Dense
from symshape.layers.holding import declared_by
from symshape.layers.norm import LayerNormalization
from symshape.layers.operations import ADD
from symshape.symbols import C, L, L_k, N, d_ff, h, n, n_dec, n_enc, numbered
from symshape.written import Number, Symbol, Written, equal, place, product

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]


# -- parts -------------------------------------------------------------------------------------------------------------
def _inside(layer: Layer, name: str, doing: str, *shapes: Pattern) -> Template:
    """The declaration of a layer that is part of another one: over the outer sizes, under PyTorch's names."""
    signature = layer.signature(tuple(map(len, shapes)))
    given: dict[str, Written] = {symbol: present(value) for symbol, value in layer.bindings.items()}
    outer = dict(given)
    for names, sizes in zip(signature.takes, shapes, strict=True):
        outer.update(zip(names, sizes, strict=True))
    fitting = tuple(
        Condition(equal(outer[symbol], size), f"its part {name} is made for {size}")
        for symbol, size in given.items()
        if outer[symbol] != size
    )
    for rule in signature.rules:
        outer[rule.target] = place(rule.tree, outer)
    return Template(
        takes=(),
        gives=tuple(tuple(place(size, outer) for size in pattern) for pattern in signature.gives),
        weights=tuple(
            Weight(
                f"{name}.{weight.in_torch.name}" if name else weight.in_torch.name,
                tuple(place(size, outer) for size in sizes),
                weight.trainable and layer.trainable,
            )
            for weight, sizes in signature.torch_weights
        ),
        where=(
            *(Condition(place(t, outer), entry.reason, entry.source) for entry, t, _ in signature.where),
            *fitting,
        ),
        counts={
            kind: tuple(
                replace(
                    count,
                    expression=place(tree, outer),
                    reason=f"{doing}, {count.reason}" if doing else count.reason,
                    when=always,
                )
                for count, tree in rows
                if tree != Number(0) or (isinstance(count, Kept) and count.what == "unknown")
            )
            for kind, rows in signature.counts.items()
        },
    )


def _together(takes: Sequence[Pattern], gives: Sequence[Pattern], parts: Iterable[Template]) -> Template:
    """The declaration of a layer from those of its parts."""
    parts = tuple(parts)
    conditions = {condition.relation: condition for part in parts for condition in part.where}
    return Template(
        takes=tuple(takes),
        gives=tuple(gives),
        weights=tuple(weight for part in parts for weight in part.weights),
        where=tuple(conditions.values()),
        counts={kind: tuple(count for part in parts for count in part.counts[kind]) for kind in declared_by(parts)},
    )


def _stacked(layer: Layer, depth: Value, symbol: Symbol, name: str, doing: str, *shapes: Pattern) -> Template:
    """`depth` layers one after the other, each with weights of its own.

    Where the depth is open, all layers' weights are listed together, with the depth as their first size.
    """
    part = _inside(_with_symbols(layer), "", doing, *shapes)
    weights: tuple[Weight, ...]
    if isinstance(depth, int):
        weights = tuple(
            Weight(f"{name}.{place}.{weight.name}", weight.shape, weight.trainable)
            for place in range(depth)
            for weight in part.weights
        )
    else:
        weights = tuple(
            Weight(f"{name}.*.{weight.name}", (symbol, *weight.shape), weight.trainable) for weight in part.weights
        )
    counts = {
        kind: tuple(replace(count, expression=symbol * count.expression) for count in rows)
        for kind, rows in part.counts.items()
    }
    return Template((), part.gives, weights=weights, where=part.where, counts=counts)


_NONE: dict[str, tuple[Any, ...]] = {"macs": (), "work": ()}


def _entered(template: Template, first: bool) -> Template:
    """The declaration with the inputs among what is kept; of a memory with the batch first, every layer keeps a copy."""
    entering = inputs(0, reason="the sequence") if first else INPUTS
    return replace(template, counts={**template.counts, "keeps": (entering, *template.counts["keeps"])})


def _handed_on(depth: Symbol, sequence: Pattern, normalized: bool) -> Template:
    """What is kept of the sequences that the layers of a stack hand on, and the last one for its normalization."""
    handed = product((depth if normalized else depth - 1, *sequence))
    return Template((), (), counts={**_NONE, "keeps": (own(handed, "what each layer hands on"),)})


def _with_symbols(layer: Layer) -> Layer:
    """The layer with its options' own symbols for values: what it says then holds for any."""
    given: dict[str, Any] = {}
    for field, option in layer.options.items():
        value = getattr(layer, field)
        if isinstance(value, tuple):
            given[field] = tuple(numbered(option.symbol, place) for place in range(1, len(value) + 1))
        elif value is not None:
            given[field] = option.symbol
    return layer.replaced(**given)


# -- what encoder and decoder layers share -----------------------------------------------------------------------------
def _known_function(activation: Any) -> str:
    name = activation if isinstance(activation, str) else getattr(activation, "__name__", type(activation).__name__)
    return activation_named(str(name).lower())


def _same(value: Any) -> Any:
    return value


def _standard(part: Any) -> None:
    """Only PyTorch's own encoder and decoder, which a module keeps even where none was given."""
    kinds = [type(one) for one in (part, *getattr(part, "layers", ()))]
    if part is not None and not all(kind.__module__ == "torch.nn.modules.transformer" for kind in kinds):
        raise UnsupportedLayer("is of your own making, and code is not read")


_LAYER: dict[str, Target] = {
    "d_model": Reading("features", _same, "self_attn.embed_dim"),
    "nhead": Reading("heads", _same, "self_attn.num_heads"),
    "dim_feedforward": Reading("feedforward", _same, "linear1.out_features"),
    "dropout": None,
    "activation": Reading("activation", _known_function),
    "layer_norm_eps": None,
    "batch_first": Reading("batch_first", _same, "self_attn.batch_first"),
    "norm_first": "norm_first",
    "bias": Reading("bias", _same, "linear1.bias"),
}


class _Sequences(Layer):
    """A layer over sequences of C features, batch first or second."""

    window = EVERYTHING

    def ordered(self, length: Symbol) -> Pattern:
        """The sizes of a sequence."""
        return (N, length, C) if self.first else (length, N, C)

    @property
    def first(self) -> bool:
        """Whether the batch comes first."""
        return bool(getattr(self, "batch_first"))  # noqa: B009 - a field of the subclasses

    def takes_only(self, ranks: Sequence[int], inputs: int) -> None:
        """Refuse another number of inputs, or inputs that are no sequences."""
        if len(ranks) != inputs or any(rank != 3 for rank in ranks):
            raise GraphError(
                f"{self.label} takes {inputs} input{'s' if inputs > 1 else ''} of 3 dimensions, "
                f"{len(ranks)} with {list(ranks)} are connected"
            )


class _TransformerLayer(_Sequences):
    heads: Dim = dim(h)
    feedforward: Dim = dim(d_ff, 2048)
    features: Dim = dim(C, None)
    bias: bool = True
    norm_first: bool = False
    batch_first: bool = True
    activation: str = "relu"

    def attention(self, name: str, doing: str, keys: Symbol) -> Template:
        """An attention part: from the sequence itself to itself, or to another one."""
        part = MultiheadAttention(h, C, bias=self.bias, batch_first=self.first)
        return _inside(part, name, doing, self.ordered(L), self.ordered(keys), self.ordered(keys))

    def network(self) -> tuple[Template, Template]:
        """The feed-forward part: two dense layers."""
        inner, outer = Dense(d_ff, bias=self.bias, activation=self.activation), Dense(C, bias=self.bias)
        between = (*self.ordered(L)[:-1], d_ff)
        return (
            _inside(inner, "linear1", "feed-forward network, first layer", self.ordered(L)),
            _inside(outer, "linear2", "feed-forward network, second layer", between),
        )

    def norms(self, count: int) -> tuple[Template, ...]:
        """The normalizations, one for each other part, and the bypasses of as many."""
        norm = _norm(self.bias)
        norms = tuple(_inside(norm, f"norm{place}", "", self.ordered(L)) for place in range(1, count + 1))
        added = tuple(Work(ADD, product(self.ordered(L)), f"bypass {place}") for place in range(1, count + 1))
        return (*norms, Template((), (), counts={"macs": (), "work": added, "keeps": self.between(count)}))

    def between(self, norms: int) -> tuple[Kept, ...]:
        """What is kept of the sequences between the parts; what enters the layer is kept besides."""
        sequence = product(self.ordered(L))
        hidden = product((*self.ordered(L)[:-1], d_ff))
        sums = own(
            product((Number(2 * norms - 1), sequence)),
            "what each normalization takes and gives, but for the layer's own input or output",
        )
        return sums, own(hidden, "features that the second layer of the feed-forward network reads")


def _norm(bias: bool) -> LayerNormalization:
    return LayerNormalization(shape=(C,), center=bias)


class TransformerEncoderLayer(_TransformerLayer):
    """Self-attention of h heads and a feed-forward network of d_ff features, each with a bypass and a normalization.

    PyTorch puts the batch second unless told otherwise; here it is first.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", 512), TransformerEncoderLayer(8)).derive()
    >>> d.params, d.macs
    (3152384, 1024*L*(L + 3072))
    """

    takes = ((N, L, C),)  # or with the batch second
    torch = (Dialect("TransformerEncoderLayer", _LAYER, {"batch_first": False}),)

    def template(self, ranks: Sequence[int]) -> Template:
        self.takes_only(ranks, 1)
        parts = (self.attention("self_attn", "self-attention", L), *self.network(), *self.norms(2))
        return _entered(_together((self.ordered(L),), (self.ordered(L),), parts), self.first)


class TransformerDecoderLayer(_TransformerLayer):
    """Self-attention, attention to a memory and a feed-forward network, each with a bypass and a normalization.

    The first input is the sequence, the second the memory, which an encoder made.
    """

    torch = (Dialect("TransformerDecoderLayer", _LAYER, {"batch_first": False}),)

    def template(self, ranks: Sequence[int]) -> Template:
        self.takes_only(ranks, 2)
        parts = (
            self.attention("self_attn", "self-attention", L),
            self.attention("multihead_attn", "attention to the memory", L_k),
            *self.network(),
            *self.norms(3),
        )
        memory = product(self.ordered(L_k))
        copied = (own(memory, "a copy of the memory, with the batch second"),) if self.first else ()
        parts = (*parts, Template((), (), counts={**_NONE, "keeps": copied}))
        return _entered(_together((self.ordered(L), self.ordered(L_k)), (self.ordered(L),), parts), self.first)


# -- stacks ------------------------------------------------------------------------------------------------------------
class _Stack(_Sequences):
    layer: Any
    depth: Dim = dim(n)
    norm: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.layer, self.made_of):
            raise UsageError(f"{self.label} is made of layers of class {self.made_of.__name__}, not of {self.layer!r}")
        if self.norm is not None and not isinstance(self.norm, LayerNormalization):
            raise UsageError(f"{self.label} is normalized by a LayerNormalization, not by {self.norm!r}")

    @property
    def made_of(self) -> type[Layer]:
        """The class of the layers."""
        raise NotImplementedError

    @property
    def first(self) -> bool:
        return bool(self.layer.batch_first)

    @cached_property
    def bindings(self) -> dict[str, Value]:
        return {**self.layer.bindings, **(self.norm.bindings if self.norm else {}), **super().bindings}

    @cached_property
    def choices(self) -> Any:
        depth = "open" if isinstance(self.depth, Poly) else self.depth
        norm = self.norm and (self.norm.trainable, self.norm.choices)
        return depth, self.layer.trainable, self.layer.choices, norm

    def template(self, ranks: Sequence[int]) -> Template:
        shapes = [self.ordered(length) for length in self.lengths]
        self.takes_only(ranks, len(shapes))
        parts = [_stacked(self.layer, self.depth, n, "layers", "each layer's", *shapes)]
        parts.append(_handed_on(n, shapes[0], self.norm is not None))
        if self.norm is not None:
            parts.append(_inside(_with_symbols(self.norm), "norm", "", shapes[0]))
        return _entered(_together(shapes, shapes[:1], parts), self.first)

    @property
    def lengths(self) -> tuple[Symbol, ...]:
        """The lengths of the inputs."""
        raise NotImplementedError


class TransformerEncoder(_Stack):
    """n encoder layers one after the other, and a normalization of their output if one is given.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", 512), TransformerEncoder(TransformerEncoderLayer(8), "n")).derive()
    >>> d.params, d.macs
    (3152384*n, 1024*L*n*(L + 3072))
    """

    example = staticmethod(lambda: TransformerEncoder(TransformerEncoderLayer(8), "n"))
    takes = ((N, L, C),)  # or with the batch second
    torch = (
        Dialect(
            "TransformerEncoder",
            {
                "encoder_layer": Inner("layer", kept="layers.0"),
                "num_layers": "depth",
                "norm": Inner("norm"),
                "enable_nested_tensor": None,
                "mask_check": None,
            },
        ),
    )

    made_of = TransformerEncoderLayer
    lengths = (L,)


class TransformerDecoder(_Stack):
    """n decoder layers one after the other, all attending to one memory, and a normalization if one is given."""

    example = staticmethod(lambda: TransformerDecoder(TransformerDecoderLayer(8), "n"))
    torch = (
        Dialect(
            "TransformerDecoder",
            {"decoder_layer": Inner("layer", kept="layers.0"), "num_layers": "depth", "norm": Inner("norm")},
        ),
    )

    made_of = TransformerDecoderLayer
    lengths = (L, L_k)


class Transformer(_Sequences):
    """An encoder of a source, and a decoder of a target that attends to what the encoder made of the source.

    Inputs are source and target, in this order; encoder and decoder end in a normalization each.

    >>> from symshape.network import Input, Network
    >>> source, target = Input("S", 512), Input("T", 512)
    >>> Network((source, target), Transformer()(source, target)).derive().params
    44140544
    """

    heads: Dim = dim(h, 8)
    encoder_depth: Dim = dim(n_enc, 6)
    decoder_depth: Dim = dim(n_dec, 6)
    feedforward: Dim = dim(d_ff, 2048)
    features: Dim = dim(C, None)
    bias: bool = True
    norm_first: bool = False
    batch_first: bool = True
    activation: str = "relu"

    torch = (
        Dialect(
            "Transformer",
            {
                **_LAYER,
                "d_model": Reading("features", _same, "d_model"),
                "nhead": Reading("heads", _same, "encoder.layers.0.self_attn.num_heads"),
                "num_encoder_layers": Reading("encoder_depth", _same, "encoder.num_layers"),
                "num_decoder_layers": Reading("decoder_depth", _same, "decoder.num_layers"),
                "dim_feedforward": Reading("feedforward", _same, "encoder.layers.0.linear1.out_features"),
                "activation": Reading("activation", _known_function, "encoder.layers.0.activation"),
                "custom_encoder": Reading("", _standard, "encoder"),
                "custom_decoder": Reading("", _standard, "decoder"),
                "batch_first": "batch_first",
                "norm_first": Reading("norm_first", _same, "encoder.layers.0.norm_first"),
                "bias": Reading("bias", _same, "encoder.layers.0.linear1.bias"),
            },
            {"batch_first": False},
        ),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        self.takes_only(ranks, 2)
        source, target = self.ordered(L_k), self.ordered(L)
        alike: dict[str, Any] = {"bias": self.bias, "batch_first": self.batch_first, "activation": self.activation}
        encoder = TransformerEncoderLayer(h, d_ff, **alike)
        decoder = TransformerDecoderLayer(h, d_ff, **alike)
        norm = _norm(self.bias)
        memory = (
            () if self.first else (own(product(source), "what the encoder gives"),)
        )  # copied where the batch is first
        parts = (
            _stacked(encoder, self.encoder_depth, n_enc, "encoder.layers", "each encoder layer's", source),
            _handed_on(n_enc, source, True),
            _inside(norm, "encoder.norm", "", source),
            Template((), (), counts={**_NONE, "keeps": memory}),
            _stacked(decoder, self.decoder_depth, n_dec, "decoder.layers", "each decoder layer's", target, source),
            _handed_on(n_dec, target, True),
            _inside(norm, "decoder.norm", "", target),
        )
        return _entered(_together((source, target), (target,), parts), first=False)
