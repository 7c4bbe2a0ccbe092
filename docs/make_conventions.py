"""Writes docs/conventions.md: what each metric counts, with the weights of every convention taken from the code.

`python docs/make_conventions.py` writes the page; a test holds it against the code.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import symshape.layers  # noqa: F401 - registers every layer
from symshape.declaration import Application, Kept, Kind, registered
from symshape.metrics import METRICS, flops_full, flops_fvcore
from symshape.metrics.optimizer_bytes import REMEMBERS
from symshape.metrics.widths import BITS
from symshape.report.example import example_of
from symshape.written import Number

PAGE = Path(__file__).with_name("conventions.md")

HEAD = """# Conventions

What each number counts. Tools that count operations disagree by design and by mistake, so every number of symshape names
its convention, and a layer for which a convention has no rule is an error (`MissingRule`), never zero. This page is made
by `python docs/make_conventions.py` from the code; do not edit it.

## Metrics

`derivation.metric(name, option=value)` gives each of these, as an `int` or an exact expression. Costs of activations and
operations are for one example, unless the batch N is bound. Options are given as `option: default, others`.
"""

OPERATIONS = """
## Operations

A layer declares its multiply–accumulates (`macs`) and, kind by kind, the rest of its work (`work`): so many bias
additions, so many numbers through a sigmoid. These are facts; conventions weigh them.

| convention | metric | multiply–accumulate | the rest | agrees with |
|---|---|--:|---|---|
| MACs | `macs` | 1 | not counted | DeepSpeed, torchlens; torchvision's published `_ops` |
| torch | `flops` | 2 | not counted | PyTorch's `FlopCounterMode` with the math attention kernel |
| paper | `flops_paper` | 1 | not counted | papers that call a multiply–add one FLOP |
| fvcore | `flops_fvcore` | 1 | by the table below | fvcore's `FlopCountAnalysis`, where it has a handler |
| full | `flops_full` | 2 | by the table below | nothing: every elementary operation of the formula counts 1 |

What is counted is the forward pass of a network in use: dropout passes its input, batch normalization uses its kept
statistics. *Operations* are the elementary ones of the formula as it is written, for one element; changes of sign, choices
between two numbers and what is worked out once beforehand are none. In `full` an exponential counts as much as an
addition: it is a count of operations, not a model of a machine. A dash means that there is no number: the operations
depend on the data, and `flops_full` is `MissingRule`.
"""

FVCORE = """
### Where fvcore has no handler

fvcore counts an operator of PyTorch if it has a handler for it, and warns about the others. Its handlers (version
0.1.5): `addmm`, `bmm`, `_convolution`, `einsum`, `matmul`, `mm`, `linear`, `batch_norm`, `group_norm`, `layer_norm`,
`instance_norm`, `upsample_nearest2d`, `upsample_bilinear2d`, `adaptive_avg_pool2d`, `grid_sampler`. We copy the
convention and not the gaps:

- Adaptive and global average pooling in one and three dimensions count as in two; so do means written as such (Keras).
- Upsampling counts 1 for each number that an output is made of in every dimension and mode (nearest 1, linear 2,
  bilinear 4, trilinear 8, bicubic 16); fvcore knows nearest and bilinear in two dimensions.
- Recurrent layers (LSTM, GRU, RNN), fused attention (`scaled_dot_product_attention`) and `Bilinear` count their
  multiply–accumulates; fvcore gives 0.
- An `InstanceNorm` that keeps running statistics counts 1 for each element, and 1 if it is scaled, as batch normalization
  does; fvcore charges 4 and 1 whatever is used.
- `einsum` counts one for each product; fvcore halves the ones of products that are not summed.
- RMS normalization, local response normalization and the like have no handler and no number in the convention: 0.
"""

MEMORY = """
## Memory

**Weights.** `param_bytes` is every parameter at the width of its type; of four-bit numbers two lie in a byte, each weight
filled up to whole bytes, without scales and zero points. `gradient_bytes` has one number for each trainable parameter,
`optimizer_bytes` what the optimizer remembers for each of them: {remembers}. Buffers are not among them.

**In use.** `peak_activations` is the most numbers in memory at a time, where the layers run in the network's order and
nothing is kept for later: a tensor lives from the step that makes it to the last one that reads it; inputs are there from
the beginning and outputs stay to the end. A layer's input and output are both there while it runs (no layer works in
place), and what it needs for itself meanwhile is not counted. A view has no memory of its own: {views}; and, in use only,
{passing}.

**In training.** `kept_bytes` is what the backward pass needs of the forward one. Each layer declares it: what enters, what
leaves, or numbers of its own, which come to the width of the type unless a width is given (masks 1 byte, statistics 4,
indices 8). A tensor is counted once however many layers keep it. The declarations say what PyTorch's automatic
differentiation keeps where all layers are trained and no layer works in place; weights are not among it. Where kernels
differ, it is the fused one: dropout keeps a mask of 1 byte for each number (on the CPU PyTorch keeps factors as wide as the
numbers), RMS normalization its input and one number for each row (on the CPU, its output before the scale too).
`training_bytes` adds parameters, gradients, optimizer state and kept activations.

**Traffic.** `read_bytes` and `written_bytes` count each layer's inputs, weights and outputs once at each application; of a
table in which rows are looked up, those rows; views move nothing. `intensity` is `macs` over the sum of both.

Widths in bits: {widths}.

### What layers keep for the backward pass

By the small example of each layer in the [reference](layers.md); functions given as options add what they need.

"""


def page() -> str:
    """The whole page."""
    views = sorted(name for name, layer in registered().items() if layer.view)
    passing = sorted(name for name, layer in registered().items() if layer.passes)
    remembers = ", ".join(f"{name} {numbers}" for name, numbers in REMEMBERS.items())
    widths = ", ".join(f"{name} {bits}" for name, bits in BITS.items())
    memory = MEMORY.format(
        remembers=remembers, views=_and(map(_code, views)), passing=_and(map(_code, passing)), widths=widths
    )
    return "".join((HEAD, *_metrics(), OPERATIONS, *_kinds(), FVCORE, memory, *_kept()))


def _metrics() -> Iterable[str]:
    yield "\n| metric | unit | what it is | options |\n|---|---|---|---|\n"
    for name, metric in sorted(METRICS.items()):
        options = "; ".join(f"{option}: {', '.join(values)}" for option, values in metric.options.items())
        yield f"| `{name}` | {metric.unit} | {metric.meaning} | {options} |\n"


def kinds() -> list[Kind]:
    """Every kind of work that a family of layers declares, in the order of declaration."""
    found: dict[str, Kind] = {}
    for module in [sys.modules[name] for name in sorted(sys.modules) if name.startswith("symshape.layers.")]:
        for value in vars(module).values():
            for kind in value.values() if isinstance(value, dict) else (value,):
                if isinstance(kind, Kind):
                    found.setdefault(kind.name, kind)
    return sorted(found.values(), key=lambda kind: (kind.family, kind.name))


def _kinds() -> Iterable[str]:
    yield "\n| family | kind | formula | operations | full | fvcore |\n|---|---|---|---|--:|--:|\n"
    for kind in kinds():
        weight = flops_full.weight(kind)
        full = "–" if weight is None else weight
        fvcore = flops_fvcore.WEIGHTS[kind.family]
        formula = kind.formula.replace("|", r"\|")
        yield f"| {kind.family} | {kind.name} | {formula} | {_operations(kind)} | {full} | {fvcore} |\n"


def _operations(kind: Kind) -> str:
    if kind.operations is None:
        return "as the data say"
    counted = Counter(kind.operations)
    return ", ".join(f"{name} ×{times}" if times > 1 else name for name, times in counted.items()) or "none"


def _kept() -> Iterable[str]:
    silent = []
    yield "| layer | keeps |\n|---|---|\n"
    for name, layer in sorted(registered().items()):
        call = example_of(layer)
        if call.counts("keeps") is None:
            silent.append(name)
            continue
        yield f"| {name} | {_and(_keeping(call)) or 'nothing'} |\n"
    yield f"\nNot declared yet, so that the metrics are `MissingRule`: {', '.join(silent)}.\n"


def _keeping(call: Application) -> Iterable[str]:
    for kept, tree, _ in call.counts("keeps") or ():
        assert isinstance(kept, Kept)
        width = f"{kept.width} byte{'s' if kept.width > 1 else ''} each" if kept.width else ""
        if kept.what in ("inputs", "outputs"):
            which = f"its {kept.what}" if kept.places is None else f"of its {kept.what}, {kept.reason}"
            yield f"{which} ({width})" if width else which
        elif kept.what == "own" and tree != Number(0):
            told = ", ".join(filter(None, (f"`{tree}`", width, "once for the network" if kept.once else "")))
            yield f"{kept.reason} ({told})"


def _code(name: str) -> str:
    return f"`{name}`"


def _and(items: Iterable[str]) -> str:
    *most, last = list(items) or [""]
    return f"{', '.join(most)} and {last}" if most else last


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
