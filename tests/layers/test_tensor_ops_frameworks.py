"""General tensor operations, against PyTorch's operators: shapes, refusals and, of products, the operations counted."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from .differential import many
from .operations import agrees_with_aten

pytestmark = pytest.mark.frameworks
size = st.integers(1, 5)
shape_of = st.lists(size, min_size=1, max_size=4).map(tuple)


def axis_of(draw, rank):
    """Mostly an axis, now and then the next one beyond."""
    return draw(st.integers(-rank - (draw(st.integers(0, 9)) == 0), rank - 1 + (draw(st.integers(0, 9)) == 0)))


def axes_of(draw, rank, least=0):
    return draw(st.lists(st.integers(-rank, rank - 1), min_size=least, max_size=rank))


def fitting(draw, shape):
    """A shape that mostly broadcasts with `shape`: some axes 1, some missing in front, some wrong."""
    other = [draw(st.sampled_from((size, size, 1, 3))) for size in shape]
    other = other[draw(st.integers(0, max(0, len(other) - 1))) :] or [1]
    return tuple(draw(st.lists(st.integers(1, 3), max_size=1)) + other if draw(st.booleans()) else other)


KINDS = ("float32", "int64")


# -- shapes --------------------------------------------------------------------------------------------------------------
@many
@given(data=st.data())
def test_orders_of_axes(data):
    draw = data.draw
    shape = draw(shape_of)
    rank = len(shape)
    kind = draw(st.sampled_from(("permute", "transpose", "movedim", "unsqueeze", "flip")))
    options = {
        "permute": lambda: {
            "dims": draw(
                st.one_of(st.permutations(range(rank)), st.permutations(range(-rank, 0)), st.just(axes_of(draw, rank)))
            )
        },
        "transpose": lambda: {"dim0": axis_of(draw, rank), "dim1": axis_of(draw, rank)},
        "movedim": lambda: {"source": axes_of(draw, rank, 1), "destination": axes_of(draw, rank, 1)},
        "unsqueeze": lambda: {"dim": axis_of(draw, rank + 1)},
        "flip": lambda: {"dims": axes_of(draw, rank)},
    }[kind]()
    agrees_with_aten(kind, [shape], options)


@many
@given(data=st.data())
def test_views(data):
    draw = data.draw
    shape = draw(st.lists(st.sampled_from((1, 2, 3, 4, 6)), min_size=1, max_size=4))
    factors = [f for size in shape for f in {1: [1], 2: [2], 3: [3], 4: [2, 2], 6: [3, 2]}[size]]
    factors = draw(st.permutations(factors)) if draw(st.booleans()) else factors
    target: list[int] = []
    for factor in factors:
        if target and draw(st.booleans()):
            target[-1] *= factor
        else:
            target.append(factor)
    target += [1] * draw(st.integers(0, 1))
    if draw(st.booleans()):
        target[draw(st.integers(0, len(target) - 1))] = draw(st.sampled_from((-1, -1, -1, 2, 5)))
    agrees_with_aten("reshape", [tuple(shape)], {"shape": target}, free=draw(st.booleans()))


@many
@given(data=st.data())
def test_expanding_and_repeating(data):
    draw = data.draw
    shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    kind = draw(st.sampled_from(("expand", "repeat", "tile", "repeat_interleave", "constant_pad_nd")))
    rank, free = len(shape), draw(st.booleans())
    if kind == "expand":
        target = [draw(st.sampled_from((-1, own, own, 4 if own == 1 else own, 2))) for own in shape]
        options = {"size": draw(st.lists(st.sampled_from((2, 3, 4, -1)), max_size=1)) + target}
    elif kind == "repeat_interleave":
        options = {"repeats": draw(size), "dim": draw(st.none() | st.just(axis_of(draw, rank)))}
    elif kind == "constant_pad_nd":
        options = {"pad": draw(st.lists(st.integers(-1, 3), max_size=2 * rank + 1))}
    else:
        options = {"dims" if kind == "tile" else "repeats": draw(st.lists(size, min_size=1, max_size=rank + 1))}
    agrees_with_aten(kind, [tuple(shape)], options, free=free)


# -- parts ---------------------------------------------------------------------------------------------------------------
@many
@given(data=st.data())
def test_slices(data):
    draw = data.draw
    shape = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
    end = st.none() | st.integers(-11, 11) | st.sampled_from((2**63 - 1,))
    options = {"dim": axis_of(draw, len(shape)), "start": draw(st.none() | st.integers(-11, 11)), "end": draw(end)}
    agrees_with_aten("slice", [tuple(shape)], {**options, "step": draw(st.integers(0, 4))}, free=draw(st.booleans()))


@many
@given(data=st.data())
def test_parts(data):
    draw = data.draw
    shape = draw(st.lists(st.integers(1, 8), min_size=1, max_size=3))
    axis = axis_of(draw, len(shape))
    length = shape[axis] if -len(shape) <= axis < len(shape) else 3
    if draw(st.booleans()):
        cuts = sorted(draw(st.sets(st.integers(1, max(1, length - 1)), max_size=3)))
        parts = [high - low for low, high in zip([0, *cuts], [*cuts, length], strict=True)]
        parts[0] += draw(st.integers(0, 5)) == 0
        agrees_with_aten(
            "split_with_sizes", [tuple(shape)], {"split_sizes": parts, "dim": axis}, free=draw(st.booleans())
        )
    else:
        agrees_with_aten(
            "select", [tuple(shape)], {"dim": axis, "index": draw(st.integers(-9, 9))}, free=draw(st.booleans())
        )


@many
@given(data=st.data())
def test_chunks(data):
    import torch

    draw = data.draw
    shape = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    options = {"chunks": draw(st.integers(1, 5)), "dim": draw(st.integers(-len(shape), len(shape) - 1))}
    fewer = len(torch.zeros(shape).chunk(options["chunks"], options["dim"])) < options["chunks"]
    if fewer:  # ours has as many outputs as it says
        with pytest.raises(AssertionError, match="with fewer positions there would be fewer parts"):
            agrees_with_aten("chunk", [tuple(shape)], options)
    else:
        agrees_with_aten("chunk", [tuple(shape)], options)


@many
@given(data=st.data())
def test_joining(data):
    draw = data.draw
    shape = draw(shape_of)
    kind = draw(st.sampled_from(("cat", "stack")))
    axis = axis_of(draw, len(shape) + (kind == "stack"))
    shapes = []
    for _ in range(draw(st.integers(1, 3))):
        other = list(shape)
        if kind == "cat" and -len(shape) <= axis < len(shape):
            other[axis] = draw(size)
        if draw(st.integers(0, 7)) == 0:
            other[draw(st.integers(0, len(shape) - 1))] += 1
        shapes.append(tuple(other))
    agrees_with_aten(kind, shapes, {"dim": axis}, listed=True)


@many
@given(data=st.data())
def test_picking(data):
    draw = data.draw
    kind = draw(st.sampled_from(("index_select", "gather", "embedding")))
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    axis = axis_of(draw, len(shape))
    if kind == "index_select":
        agrees_with_aten(kind, [tuple(shape), (draw(size),)], {"dim": axis}, dtypes=KINDS, names=("self", "index"))
    elif kind == "gather":
        indices = [max(1, own - draw(st.integers(-1, 2))) for own in shape]
        agrees_with_aten(kind, [tuple(shape), tuple(indices)], {"dim": axis}, dtypes=KINDS, names=("self", "index"))
    else:
        indices = draw(st.lists(size, min_size=1, max_size=3))
        agrees_with_aten(kind, [(draw(size), draw(size)), tuple(indices)], {}, dtypes=KINDS)


# -- numbers ---------------------------------------------------------------------------------------------------------------
TWO = (
    "add",
    "sub",
    "mul",
    "div",
    "remainder",
    "maximum",
    "minimum",
    "eq",
    "lt",
    "logical_and",
    "atan2",
    "pow",
    "where",
    "addcmul",
)


@many
@given(data=st.data())
def test_arithmetic(data):
    draw = data.draw
    kind = draw(st.sampled_from(TWO))
    shape = draw(shape_of)
    shapes = [shape, fitting(draw, shape)]
    if kind in ("where", "addcmul"):
        agrees_with_aten(kind, [*shapes, fitting(draw, shape)], {}, dtypes=("bool",) if kind == "where" else ())
    else:
        agrees_with_aten(kind, draw(st.permutations(shapes)), {})


@many
@given(data=st.data())
def test_numbers_and_functions(data):
    draw = data.draw
    shape = draw(shape_of)
    kind = draw(st.sampled_from(("add", "mul", "gt", "pow", "clamp", "exp", "gelu", "rsqrt", "tril", "cumsum", "roll")))
    number = draw(st.sampled_from((1, 2.5, True)))
    options = {
        **{name: {"other": number} for name in ("add", "mul", "gt")},
        "pow": {"exponent": number},
        "clamp": {"min": 0, "max": number},
        "tril": {"diagonal": draw(st.integers(-2, 2))},
        "cumsum": {"dim": axis_of(draw, len(shape))},
        "roll": {"shifts": [1], "dims": [axis_of(draw, len(shape))]},
    }
    agrees_with_aten(kind, [shape], options.get(kind, {}))


REDUCTIONS = (
    "sum",
    "mean",
    "amax",
    "amin",
    "var",
    "std",
    "logsumexp",
    "linalg_vector_norm",
    "any",
    "prod",
    "argmax",
    "argmin",
)


@many
@given(data=st.data())
def test_reductions(data):
    draw = data.draw
    kind, shape = draw(st.sampled_from(REDUCTIONS)), draw(shape_of)
    one = kind in ("argmax", "argmin", "prod")
    axes = axis_of(draw, len(shape)) if one else axes_of(draw, len(shape), 1)
    agrees_with_aten(kind, [shape], {"dim": axes, "keepdim": draw(st.booleans())})


# -- products --------------------------------------------------------------------------------------------------------------
@many
@given(data=st.data())
def test_products_of_matrices(data):
    draw = data.draw
    kind = draw(st.sampled_from(("matmul", "matmul", "matmul", "mm", "bmm", "mv", "dot")))
    shape = draw(shape_of)
    batch = fitting(draw, shape[:-2]) if len(shape) > 2 else ()
    meeting = draw(st.sampled_from((shape[-1],) * 5 + (2,)))
    other = draw(st.sampled_from(((*batch, meeting, draw(size)), (meeting,), (meeting, draw(size)))))
    assume(
        {"matmul": True}.get(
            kind,
            draw(st.integers(0, 3)) == 0
            or (len(shape), len(other)) == {"mm": (2, 2), "bmm": (3, 3), "mv": (2, 1), "dot": (1, 1)}.get(kind),
        )
    )
    agrees_with_aten(kind, [shape, other], {}, flops=min(len(shape), len(other)) > 1)


@many
@given(data=st.data())
def test_einstein_sums(data):
    draw = data.draw
    sizes = {letter: draw(st.integers(2, 4)) for letter in "abcDe"}
    elided = draw(st.lists(st.integers(2, 3), max_size=2))
    parts, shapes = [], []
    for _ in range(draw(st.integers(1, 3))):
        letters = draw(st.lists(st.sampled_from("abcDe"), max_size=3))
        part, shape = "".join(letters), [sizes[letter] for letter in letters]
        if draw(st.booleans()):
            place, kept = draw(st.integers(0, len(letters))), elided[draw(st.integers(0, 2)) :]
            part = f"{part[:place]}...{part[place:]}"
            shape[place:place] = kept
        if not shape:
            part, shape = "a", [sizes["a"]]
        if draw(st.integers(0, 19)) == 0:
            shape[0] += 1
        parts.append(part)
        shapes.append(tuple(shape))
    equation = ",".join(parts)
    if draw(st.integers(0, 3)):
        known = sorted({letter for part in parts for letter in part if letter != "."})
        given = draw(st.lists(st.sampled_from(known or ["a"]), unique=draw(st.integers(0, 9)) > 0, max_size=3))
        dots = "..." if "..." in equation and draw(st.integers(0, 4)) else ""
        equation += "->" + "".join(given[:1]) + dots + "".join(given[1:])
    agrees_with_aten("einsum", shapes, {"equation": equation}, listed=True, names=("tensors",), flops=True)


@many
@given(data=st.data())
def test_products_with_what_is_added(data):
    draw = data.draw
    kind = draw(st.sampled_from(("linear", "addmm", "baddbmm")))
    rows, features, units = draw(size), draw(size), draw(size)
    met = features + (draw(st.integers(0, 7)) == 0)
    if kind == "linear":
        bias = [(units + (draw(st.integers(0, 7)) == 0),)] if draw(st.booleans()) else []
        assume(bias != [(1,)] or units == 1)  # PyTorch repeats a bias of one number
        leading = draw(st.lists(size, min_size=1, max_size=3))
        agrees_with_aten(kind, [(*leading, features), (units, met), *bias], {}, flops=True)
    else:
        batch = [draw(size)] if kind == "baddbmm" else []
        added = fitting(draw, (*batch, rows, units))
        assume(len(added) <= len(batch) + 2)
        agrees_with_aten(kind, [added, (*batch, rows, features), (*batch, met, units)], {}, flops=True)


@many
@given(data=st.data())
def test_merging_splitting_and_greatest(data):
    draw = data.draw
    shape = draw(st.lists(st.sampled_from((1, 2, 3, 4, 6)), min_size=1, max_size=4))
    kind = draw(st.sampled_from(("flatten", "unflatten", "topk")))
    axis, other = axis_of(draw, len(shape)), axis_of(draw, len(shape))
    options = {
        "flatten": {"start_dim": axis, "end_dim": other},
        "unflatten": {"dim": axis, "sizes": draw(st.lists(st.sampled_from((-1, 1, 2, 3)), min_size=1, max_size=3))},
        "topk": {"k": draw(size), "dim": axis},
    }[kind]
    assume(kind != "flatten" or (axis, other) != (1, -1) or len(shape) > 1)
    agrees_with_aten(kind, [tuple(shape)], options)
