"""Every sentence and heading of a report, once for all formats; `page` says when each is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from symshape.report.prose import Piece, Rich, Strong, linear, listed
from symshape.report.view import (
    ClosedForm,
    ConditionRow,
    Fact,
    FieldRow,
    LayerView,
    MemoryRow,
    ReasonRow,
    Ref,
    Shape,
    View,
)
from symshape.symbols import N
from symshape.written import AllOf, AnyOf, By, Number, Symbol, Written, equal, walk

__all__ = ["HEADINGS", "Phrases"]

HEADINGS = {
    "contents": "Contents",
    "answers": "At a glance",
    "table": "The layers",
    "closed_forms": "Closed forms",
    "shares": "Part by part",
    "approximations": "Well-known approximations",
    "domain": "Where it is valid",
    "findings": "Questions",
    "memory": "Memory",
    "picture": "The network",
    "layers": "Layer by layer",
    "weights": "Weights",
    "sources": "Sources",
    "glossary": "Symbols",
    "conventions": "Conventions",
    "notes": "Notes",
}

# What a totals' formula is called on its left-hand side.
LEFT = {
    "params": Symbol("params"),
    "active": Symbol("active"),
    "trainable": Symbol("trainable"),
    "non_trainable": Symbol("frozen"),
    "macs": Symbol("MACs"),
    "activations": Symbol("activations"),
    "peak_activations": Symbol("peak"),
    "kept_bytes": Symbol("kept"),
}

LONGEST_ORDER = 60  # characters; a longer one says nothing to a reader

_STEMS = {"C": "Channels", "T": "Size", "A": "Size", "E": "Size"}


class Phrases:
    """What is said of a view, sentence by sentence."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.free = [Symbol(name) for name in view.free]

    # -- the whole ---------------------------------------------------------------------------------------------------
    def title(self) -> Rich:
        """The heading of the report."""
        return (f"{self.view.title}: shapes, parameters and cost, derived",)

    def footer(self) -> Rich:
        """Who made it."""
        return (f"Derived by symshape {self.view.version}.",)

    def at(self, symbols: Iterable[Symbol] | None = None) -> Rich:
        """The worked point, or what it gives for some symbols: 32 × 32, or H = 32."""
        wanted = None if symbols is None else set(symbols)
        entries = [entry for entry in self.view.point if wanted is None or entry.symbol in wanted]
        return sizes_said(entries) if len(entries) == len(self.view.point) else equations(entries)

    def note(self, form: Written, at: int | None, numbers: Written | None = None) -> tuple[str | Written, ...] | None:
        """The remark beside a closed form: "at H = 32: 28", with the numbers put in where there are any."""
        if at is None or not form.symbols:
            return None
        said = tuple(piece for piece in self.at(form.symbols) if isinstance(piece, (str, Written)))
        value = (Number(at),) if numbers is None or numbers == Number(at) else (equal(numbers, at),)
        return ("at ", *said, ": ", *value)

    def off(self, exact: int | None, difference: int | None) -> str:
        """How far an approximation is off at the worked point: "6.3 % too low"."""
        if exact is None or difference is None or not exact:
            return ""
        tenths = round(Fraction(1000 * abs(difference), abs(exact)))
        return (
            f"{tenths // 10}.{tenths % 10} % too {'low' if difference > 0 else 'high'}"
            if tenths
            else "less than 0.05 % off"
        )

    def valid(self) -> Rich:
        """The domain in words or as a formula."""
        view = self.view
        if view.domain_unknown:
            return ("the exact set of valid sizes is not known: ", view.domain_unknown)
        if not self.free:
            return ("as it stands: no size is left free",)
        if view.domain is None:
            return ("for every ", *listed((symbol,) for symbol in self.free))
        if any(not row.symbol for row in view.reasons) and len(view.domain_words) > 100:
            return ("under the conditions stated below",)
        return ("for ", *relation_said(view.domain, view.domain_words))

    def value_at(self, form: Written, at: int | None) -> Rich:
        """A total in a sentence: the number at the point, or the number whatever the sizes."""
        if isinstance(form, Number):
            return (form, " at every size") if self.free else (form,)
        if at is None:
            return (form,)
        return (Number(at), " at ", *self.at())

    def shapes(self, shapes: Sequence[Shape], at: Sequence[Shape] | None) -> Rich:
        """Shapes without the batch, in symbols and at the point."""
        said = listed(map(shape_said, shapes))
        if at is None or tuple(at) == tuple(shapes):
            return said
        return (*said, "; ", *listed(map(shape_said, at)), " at ", *self.at())

    def grows(self, order: Written) -> Rich:
        """How a total grows, where that can be read."""
        return ("; grows as O(", order, ")") if linear(order) <= LONGEST_ORDER else ()

    def bindings(self) -> Rich:
        """What was bound for the whole report."""
        return equations(self.view.bindings)

    # -- memory ------------------------------------------------------------------------------------------------------
    def weights_kept(self) -> Rich:
        """What the weights take, by type."""
        rows = [row for row in self.view.memory if row.name == "param_bytes" and row.form is not None]
        if any(row.at is None and not isinstance(row.form, Number) for row in rows):
            return ("4 bytes for each parameter in fp32, 2 in fp16 or bf16, 1 in int8, half a byte in int4",)
        by_number: dict[int, list[str]] = {}
        for row in rows:
            by_number.setdefault(_number_of(row), []).append(row.dtype)
        said = [(Number(number), " in ", " or ".join(dtypes)) for number, dtypes in by_number.items()]
        first, *others = said
        return listed([(first[0], " bytes", *first[1:]), *others])

    def peak(self) -> Rich:
        """The most that is in memory at a time when the network is used."""
        elements, in_bytes = self.view.memory_of("peak_activations"), self.view.memory_of("peak_bytes")
        if elements.form is None or (elements.at is None and not isinstance(elements.form, Number)):
            return ()
        number, size = Number(_number_of(elements)), Number(_number_of(in_bytes))
        where: Rich = () if self.view.peak_at is None else (", while ", self.view.peak_at, " runs")
        return ("at most ", number, " activation elements at a time, ", size, " bytes in fp32", *where)

    def trained(self) -> Rich:
        """What training takes, in numbers; why it is not known where a layer has no rule."""
        kept = self.view.memory_of("kept_bytes")
        if kept.form is None:
            return ("what the backward pass needs is not known: ", kept.missing)
        rows = [kept, *(self.view.memory_of(f"{name}_bytes") for name in ("gradient", "optimizer", "training"))]
        if any(row.at is None and not isinstance(row.form, Number) for row in rows):
            return ()
        numbers = [Number(_number_of(row)) for row in rows]
        return (
            *(numbers[0], " bytes kept for the backward pass in fp32; with the weights, "),
            *(numbers[1], " of gradients and ", numbers[2], " that Adam remembers, ", numbers[3], " together"),
        )

    # -- the domain --------------------------------------------------------------------------------------------------
    def domain(self) -> Rich:
        """The sentence above the reasons."""
        view = self.view
        if view.domain_unknown:
            return ("The exact set of valid sizes is not known: ", view.domain_unknown)
        if not self.free:
            return ("All sizes are numbers here, and every layer's conditions hold.",)
        if view.domain is None:
            symbols = listed((symbol,) for symbol in self.free)
            return ("Every size is valid: no condition narrows ", *symbols, ".")
        if any(not row.symbol for row in view.reasons):
            return ("The network is defined where all of this holds:",)
        these = "this one:" if len(view.reasons) == 1 else "these:"
        return ("The network is defined ", *self.valid(), "; every other condition follows from ", these)

    def reason(self, row: ReasonRow) -> Rich:
        """One condition that binds."""
        owner: Rich = (row.ref,) if row.ref is not None else (row.layer,)
        if not row.symbol:
            return (*relation_said(row.relation, row.words), ": ", *owner, ", since ", row.reason, ".")
        said: list[Piece] = [*relation_said(row.relation, row.words)]
        if row.likewise:
            said += [", likewise ", *listed((Symbol(name),) for name in row.likewise)]
        said += [": ", *owner]
        if row.claim != row.relation:
            said += [" needs ", row.claim]
        return (*said, ", since ", row.reason, ".")

    def fixed_weights(self) -> Rich:
        """What fixed weights mean."""
        return (
            "The weights keep the shapes they have in the model's file, as in a trained network: "
            "a size at which one of them would change is not valid.",
        )

    # -- layers ------------------------------------------------------------------------------------------------------
    @staticmethod
    def heading(layer: LayerView) -> Rich:
        """The heading of a layer's section."""
        return (f"{layer.number} · {layer.name}",)

    @staticmethod
    def reads(layer: LayerView) -> Rich:
        """Where the layer's inputs come from, when not from the layer before."""
        if layer.follows or not layer.inputs:
            return ()
        return ("Reads ", *listed((ref,) for ref in layer.inputs), ".")

    @staticmethod
    def applied(layer: LayerView) -> Rich:
        """That the layer is shared."""
        once = " Its weights count once." if layer.params != Number(0) else ""
        if layer.again is not None:
            return ("This is ", layer.again, f" applied again.{once}")
        return (f"Applied {layer.calls} times.{once}",) if layer.calls > 1 else ()

    def about(self, layer: LayerView) -> Rich:
        """What the layer is, in a sentence."""
        if layer.type == "InputLayer" and not layer.inputs:
            return ("What enters: ", *self.shapes(layer.outputs, None), ".")
        return layer.sentence

    @staticmethod
    def facts(facts: Iterable[Fact]) -> Rich:
        """The options: F = 8, K = 5."""
        facts = tuple(facts)
        rows: list[Rich] = [(equal(fact.symbol, fact.value),) for fact in facts if fact.value != fact.symbol]
        free: list[Rich] = [(fact.symbol,) for fact in facts if fact.value == fact.symbol]
        if free:
            rows.insert(0, (*listed(free), " free"))
        return (*listed(rows, ", "), ".") if rows else ()

    @staticmethod
    def as_before(layer: LayerView, ref: Ref) -> Rich:
        """That an earlier layer is derived in the same way."""
        reads: Rich = () if layer.follows else (", reads ", *listed((source,) for source in layer.inputs))
        return ("as ", ref, *reads)

    @staticmethod
    def condition(row: ConditionRow) -> Rich:
        """A condition of one layer."""
        here: Rich = () if row.here == row.relation else (", here ", row.here)
        return ("Condition: ", *row.reason, ": ", row.relation, *here, ".")

    @staticmethod
    def size_name(target: Symbol, axis: str) -> str:
        """What a size step is about."""
        return axis.capitalize() if axis else _STEMS.get(target.name.split("_")[0], "Size")

    def likewise(self, step_at: int | None, others: Iterable[tuple[str, ClosedForm]]) -> Rich:
        """The axes that follow the same formula, with their number where it is another one."""
        others = tuple(others)
        if not others:
            return ()
        other = [form for _, form in others if form.at is not None and form.at != step_at]
        numbers = listed(
            (equal(form.symbol, Number(form.at or 0)), " at ", *self.at(form.form.symbols)) for form in other
        )
        return (" (", *listed((axis,) for axis, _ in others), " likewise", *((": ", *numbers) if numbers else ()), ")")

    @staticmethod
    def nothing(layer: LayerView) -> Rich:
        """That there are no weights, or no multiply–accumulates and why."""
        why: Rich = (": it ", *layer.no_macs) if layer.no_macs else ()
        if layer.counts:
            return () if layer.weights or layer.again is not None else ("No weights.",)
        return ("No MACs", *why, ".") if layer.weights else ("No weights, no MACs", *why, ".")

    def field(self, rows: Sequence[FieldRow], note: str) -> Rich:
        """The receptive field."""
        if note:
            return ("Receptive field: ", note, ".")
        if not rows:
            return ()
        sizes, steps, starts = ([getattr(row, name) for row in rows] for name in ("size", "step", "start"))
        said: list[Piece] = ["Receptive field ", _by(sizes)]
        said += [", step ", steps[0]] if len(set(steps)) == 1 else [", steps ", _by(steps)]
        if all(isinstance(start, Number) for start in starts) and any(start != Number(0) for start in starts):
            said += ["; the first one begins ", *_beginning(starts)]
        return (*said, ".")

    # -- the end -----------------------------------------------------------------------------------------------------
    def glossary(self) -> Rich:
        """How to read indices and brackets."""
        return (
            "A number below names the layer whose output is meant: ",
            Symbol("H_3"),
            " is the height of layer 3's output. ⌊x⌋ is the greatest integer not above x, ⌈x⌉ the least not below x.",
        )

    def conventions(self) -> Iterable[Rich]:
        """What the numbers mean."""
        view = self.view
        yield (Strong(("MACs",)), ": ", view.convention, ".")
        if view.batch is None:
            yield (Strong(("Costs",)), " are for one example; shapes are given without the batch.")
        else:
            batch = equal(Symbol("N"), view.batch)
            yield (Strong(("Costs",)), " are for the batch, ", batch, "; shapes are given without it.")
        if view.fields_at:
            at = sizes_said(view.fields_at)
            yield (Strong(("Receptive fields",)), " that are others at other sizes are those at ", *at, ".")
        yield (
            Strong(("What is left out",)),
            ": a line that changes nothing; where a layer reads the one before it; the derivation of a layer that is "
            "like an earlier one.",
        )

    def no_picture(self, layers: int) -> Rich:
        """Why there is no picture."""
        return (f"A picture of {layers} layers would not be readable; the table lists them all.",)


def _number_of(row: MemoryRow) -> int:
    """A quantity of memory at the point, or whatever the sizes."""
    if row.at is not None:
        return row.at
    assert isinstance(row.form, Number)
    return int(row.form.value)


# -- pieces -----------------------------------------------------------------------------------------------------------
def shape_said(shape: Shape) -> Rich:
    """A shape without the batch, which comes first unless N stands elsewhere: H × W × 3.

    >>> shape_said((Symbol("N"), Number(28), Number(28), Number(8)))
    (28 x 28 x 8,)
    >>> shape_said((Symbol("L"), Symbol("N"), Number(8)))
    (L x 8,)
    """
    batch = shape.index(N) if N in shape else 0
    return (_by((*shape[:batch], *shape[batch + 1 :])),) if len(shape) > 1 else ("one number",)


def equations(entries: Iterable[ClosedForm]) -> Rich:
    """Symbols with what they are: H = 32 and W = 48."""
    return listed((equal(entry.symbol, entry.form),) for entry in entries)


def sizes_said(entries: Sequence[ClosedForm]) -> Rich:
    """Sizes as briefly as they are understood: 32 × 48 for height and width, otherwise with their symbols."""
    if [entry.symbol.name for entry in entries] in (["H", "W"], ["D", "H", "W"]):
        return (By(tuple(entry.form for entry in entries)),)
    return equations(entries)


def _by(sizes: Sequence[Written]) -> Written:
    return By(tuple(sizes)) if len(sizes) > 1 else sizes[0]


def relation_said(relation: Written, words: str) -> Rich:
    """A relation as formulas; in words where it offers alternatives."""
    if any(isinstance(part, AnyOf) for part in walk(relation)):
        return (words,)
    if not isinstance(relation, AllOf):
        return (relation,)
    return listed((AllOf(chain) if len(chain) > 1 else chain[0],) for chain in relation.chains())


def _beginning(starts: Sequence[Written]) -> Rich:
    if len(set(starts)) > 1:
        return ("at ", *listed((start,) for start in starts))
    start = starts[0].value if isinstance(starts[0], Number) else 0
    count = -start if start < 0 else start
    return (Number(count), f" position{'' if count == 1 else 's'} {'outside' if start < 0 else 'inside'} the input")
