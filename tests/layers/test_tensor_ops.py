"""General tensor operations: shapes in symbols, conditions, counts, errors."""

from __future__ import annotations

from itertools import product

import pytest

from symshape.algebra.evaluate import evaluate
from symshape.errors import ConditionError, GraphError, UnsupportedLayer, UsageError
from symshape.layers import (
    AddMatMul,
    Affine,
    AlongAxes,
    Arithmetic,
    Chunk,
    Constant,
    Einsum,
    Expand,
    Function,
    GatherElements,
    GetItem,
    MatMul,
    MoveAxes,
    Pad,
    Parameter,
    Reduce,
    Repeat,
    Select,
    Slice,
    Split,
    Squeeze,
    Stack,
    SwapAxes,
    Take,
    TakeAlongAxis,
    Tile,
    TopK,
    Transpose,
    Unsqueeze,
    Unstack,
    View,
)
from symshape.layers.slicing import kept
from symshape.network import Input, Network, Sequential, given
from symshape.written import symbols


def alone(layer, *shapes):
    """The layer over inputs of these shapes, the first size of each being the batch."""
    inputs = [Input(*sizes, batch=batch) for batch, *sizes in shapes]
    made = layer(*inputs)
    return Network(inputs, list(made) if isinstance(made, tuple) else made).derive()


@pytest.mark.parametrize(
    ("layer", "shapes", "shape"),
    [
        (Transpose((2, 0, 1)), [("N", "L", "d")], "(d, N, L)"),
        (Transpose(), [("N", "L", "d")], "(d, L, N)"),
        (SwapAxes(-1, 1), [("N", "H", "W", "C")], "(N, C, W, H)"),
        (MoveAxes((1,), (-1,)), [("N", "C", "H", "W")], "(N, H, W, C)"),
        (Unsqueeze((0, -1)), [("N", "L")], "(1, N, L, 1)"),
        (Squeeze((1, -1)), [("N", 1, "L", 1)], "(N, L)"),
        (View((0, 0, "h", "d")), [("N", "L", "h*d")], "(N, L, h, d)"),
        (View((0, -1)), [("N", "L", "h", "d")], "(N, L*d*h)"),
        (View((-1, "d")), [("N", "L", "d")], "(L*N, d)"),
        (View(("N", "L", "h", -1)), [("N", "L", "C")], "(N, L, h, C/h)"),
        (Expand((-1, "L", -1)), [("N", 1, "d")], "(N, L, d)"),
        (Expand(("N", -1, -1)), [(1, "L", "d")], "(N, L, d)"),
        (Tile(("r", 2)), [("N", "L", "d")], "(N, L*r, 2*d)"),
        (Tile((2, 1, 1)), [("N", "L")], "(2, N, L)"),
        (Repeat("g", 1), [("N", "h", "d")], "(N, g*h, d)"),
        (Repeat(2), [("N", "h")], "(2*N*h,)"),
        (Pad((1, 0), (0, "k")), [("N", "H", "W")], "(N, H + 1, W + k)"),
        (Pad((0, -1), (0, -2)), [("N", "H", "W")], "(N, H, W - 3)"),
        (AlongAxes("cumulative sum", (1,)), [("N", "L")], "(N, L)"),
        (Slice((1,), 1), [("N", "L", 3)], "(N, L - 1, 3)"),
        (Slice((1,), -1), [("N", "L", 3)], "(N, 1, 3)"),
        (Slice((2, 1), (0, None), (-2, "k"), (2, 1)), [("N", "H", "2*W + 2")], "(N, Min(H, k), W)"),
        (Slice((1,), step=-2), [("N", "L")], "(N, ceiling(L/2))"),
        (Slice((1,), 0, "L - 3"), [("N", "L")], "(N, L - 3)"),
        (Select(1, 0), [("N", "L", "d")], "(N, d)"),
        (GetItem((0, "...", None)), [("N", "H", "W")], "(H, W, 1)"),
        (GetItem((":", (None, None, -1), 2)), [("N", "H", 3)], "(N, H)"),
        (Split(3, axis=-1), [("N", "L", "3*d")], "[(N, L, d), (N, L, d), (N, L, d)]"),
        (Split(sizes=(1, -1), axis=1), [("N", "L", "d")], "[(N, 1, d), (N, L - 1, d)]"),
        (Chunk(2, 1), [("N", "L")], "[(N, ceiling(L/2)), (N, L - ceiling(L/2))]"),
        (Unstack(3, 0), [(3, "N", "L")], "[(N, L), (N, L), (N, L)]"),
        (Stack(1), [("N", "L"), ("N", "L")], "(N, 2, L)"),
        (Take(1), [("N", "L", "d"), ("B", "K")], "(N, B, K, d)"),
        (Take(0), [("V", "d"), ("N", "L")], "(N, L, d)"),
        (Take(-1, (2, 5)), [("N", "d")], "(N, 2, 5)"),
        (Take(), [("N", "d"), ("K",)], "(K,)"),
        (TakeAlongAxis(1), [("N", "L", "d"), ("N", "K", 1)], "(N, K, d)"),
        (GatherElements(1), [("N", "L", "d"), ("N", "K", "d")], "(N, K, d)"),
        (Reduce("mean", (1, 2)), [("N", "H", "W", "C")], "(N, C)"),
        (Reduce("norm", (-1,), keep=True), [("N", "L", "d")], "(N, L, 1)"),
        (Reduce("sum"), [("N", "L")], "()"),
        (Arithmetic("add"), [("N", "L", "d"), ("L", "d")], "(N, L, d)"),
        (Arithmetic("multiply"), [(1, "L", 1), ("N", "L", "d"), ("d",)], "(N, L, d)"),
        (Arithmetic("choose"), [("N", 1, "L", "L"), (1, "h", 1, "L")], "(N, h, L, L)"),
        (Arithmetic("power"), [("N", "d")], "(N, d)"),
        (Function("exponential"), [("N", "H", "W", "C")], "(N, H, W, C)"),
        (MatMul(), [("N", "h", "L", 64), (1, 1, 64, "T")], "(N, h, L, T)"),
        (MatMul(), [("d",), ("N", "d", "k")], "(N, k)"),
        (MatMul(), [("N", "L", "d"), ("d",)], "(N, L)"),
        (Affine(), [("N", "L", "C"), ("U", "C"), ("U",)], "(N, L, U)"),
        (AddMatMul(), [("F",), ("N", "C"), ("C", "F")], "(N, F)"),
        (AddMatMul(batched=True), [(1, 1, "F"), ("N", "L", "C"), ("N", "C", "F")], "(N, L, F)"),
        (TopK("k", 1), [("N", "L", "d")], "[(N, k, d), (N, k, d)]"),
        (Einsum("nqhd,nkhd->nhqk"), [("N", "L", 8, 64), ("N", "T", 8, 64)], "(N, 8, L, T)"),
        (Einsum("...ij->...ji"), [("N", "h", "L", "d")], "(N, h, d, L)"),
        (Einsum("ij,jk"), [("N", "d"), ("d", "k")], "(N, k)"),
        (Einsum("bii->b"), [("N", "L", "L")], "(N,)"),
    ],
)
def test_shapes(layer, shapes, shape):
    d = alone(layer, *shapes)
    assert str(d.output_shape) == shape
    assert d.params == 0


@pytest.mark.parametrize(
    ("layer", "shapes", "macs"),
    [
        (MatMul(), [("N", "h", "L", 64), ("N", "h", 64, "T")], "64*L*T*h"),
        (MatMul(), [("N", "L", "d"), ("d",)], "L*d"),
        (Einsum("nqhd,nkhd->nhqk"), [("N", "L", 8, 64), ("N", "T", 8, 64)], "512*L*T"),
        (Affine(), [("N", "L", "C"), ("U", "C"), ("U",)], "C*L*U"),
        (AddMatMul(), [("F",), ("N", "C"), ("C", "F")], "C*F"),
        (Einsum("ij,jk,kl->il"), [("N", "a"), ("a", "b"), ("b", "c")], "b*(a + c)"),
        (Einsum("ij,ij->ij"), [("N", "a"), ("N", "a")], "0"),
        (Einsum("ij,ik->i"), [("N", "a"), ("N", "b")], "0"),
        (Arithmetic("multiply"), [("N", "a"), ("N", "a")], "0"),
        (Reduce("sum"), [("N", "a")], "0"),
    ],
)
def test_only_contractions_are_counted(layer, shapes, macs):
    assert str(alone(layer, *shapes).macs) == macs


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (Squeeze((1,)), [("N", 2, 3)], "left out has size 1"),
        (View((0, 5)), [("N", 2, 3)], "the same number of elements"),
        (View((0, 4, -1)), [("N", 2, 3)], "divide the number of elements"),
        (Expand((-1, 3)), [("N", 2)], "only axes of size 1"),
        (Slice((1,), 3), [("N", 3)], "at least 1"),
        (Slice((1,), 2, -2), [("N", 4)], "at least 1"),
        (Select(1, -4), [("N", 3)], "within the axis"),
        (GetItem((":", 3)), [("N", 3)], "within the axis"),
        (Split(2, axis=1), [("N", 3)], "the parts are equal"),
        (Split(sizes=(1, 1), axis=1), [("N", 3)], "make up the axis"),
        (Split(sizes=(3, -1), axis=1), [("N", 3)], "at least 1"),
        (Chunk(4, 1), [("N", 6)], "fewer parts"),
        (Unstack(2, 1), [("N", 3)], "one output for each position"),
        (Stack(), [("N", 3), ("N", 4)], "do not fit together"),
        (GatherElements(1), [("N", 2, 3), ("N", 5, 4)], "numbers wherever"),
        (Arithmetic("add"), [("N", 3), (4,)], "aligned at their ends"),
        (MatMul(), [("N", 3), (4, 5)], "as long as the columns"),
        (Einsum("ij,jk->ik"), [("N", 3), (4, 5)], "called j are equally long, or 1"),
        (Einsum("ii->i"), [(3, 4)], "of one input called i are"),
        (Pad((-2,), (-2,)), [("N", 4)], "at least 1"),
        (TopK(4), [("N", 3)], "as many numbers along the axis"),
        (AddMatMul(), [(3,), ("N", 2), (2, 4)], "repeated to the product's shape"),
    ],
)
def test_conditions(layer, shapes, message):
    with pytest.raises(ConditionError, match=message):
        alone(layer, *shapes)


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (Transpose((0, 1)), [("N", 2, 3)], "is not an order of the axes"),
        (Transpose((0, 1, 1)), [("N", 2, 3)], "twice"),
        (Transpose((0, 1, 3)), [("N", 2, 3)], "axis 3 is not an axis"),
        (MoveAxes((0, 1), (1,)), [("N", 2)], "2 axes cannot be brought to 1"),
        (View((0, 0, 0)), [("N", 2)], "2 dimensions only"),
        (Expand((3,)), [("N", 2)], "cannot be repeated"),
        (Expand((-1, 3, 2)), [("N", 2)], "cannot be repeated"),
        (Pad((1, 1, 1), (1, 1, 1)), [("N", 2)], "3 axes are padded"),
        (GetItem((0, 0, 0)), [("N", 2)], "too many"),
        (Stack(), [("N", 2), ("N",)], "one number of dimensions"),
        (Take(0), [("N", 2)], "1 inputs are connected"),
        (TakeAlongAxis(0), [("N", 2), ("N",)], "one number of dimensions"),
        (Arithmetic("subtract"), [("N",), ("N",), ("N",)], "3 inputs are connected"),
        (Function("lower triangle"), [("N",)], "at least 2 dimensions"),
        (MatMul(), [("N", 2)], "takes 2 inputs"),
        (MatMul((2, 2)), [("N", 2), ("N", 2, 2)], "2 and 2 dimensions"),
        (Einsum("ij,jk->ik"), [("N", 2)], "for 2 inputs"),
        (Einsum("ij->ij"), [("N",)], "not for an input with 1 dimensions"),
        (Tile((2,), every=True), [("N", 2)], "too few"),
        (Affine(), [("N", 2), (3,)], "takes x, a matrix W"),
        (AddMatMul(), [("N", 2), ("N", 2), ("N", 2, 2)], "two inputs of 2 dimensions"),
    ],
)
def test_wiring(layer, shapes, message):
    with pytest.raises(GraphError, match=message):
        alone(layer, *shapes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: View((-1, -1)), "at most one size"),
        (lambda: Expand((0,)), "sizes are positive"),
        (lambda: Slice((1,), (1, 2)), "begin has 2 entries"),
        (lambda: Slice((1,), step=0), "leads nowhere"),
        (lambda: GetItem(("...", "...")), "one place only"),
        (lambda: GetItem(((0, 1, 0),)), "leads nowhere"),
        (lambda: GetItem(("x",)), "is no number"),
        (lambda: Split(), "either the number"),
        (lambda: Split(2, (1, 1)), "either the number"),
        (lambda: Split(sizes=(0, 1)), "none is 0"),
        (lambda: Split(0), "no number of parts"),
        (lambda: Chunk(0), "no number of parts"),
        (lambda: Unstack(0), "no number of positions"),
        (lambda: Pad((1,), (1, 2)), "1 entries before"),
        (lambda: AlongAxes("turn"), "the kind is one of"),
        (lambda: AlongAxes("sort"), "goes along one axis"),
        (lambda: Reduce("average"), "the kind is one of"),
        (lambda: Reduce("index of the maximum", (0, 1)), "along one axis"),
        (lambda: Arithmetic("plus"), "the kind is one of"),
        (lambda: Function("sqrt"), "the function is one of"),
        (lambda: Einsum("ij;jk"), "is no equation"),
        (lambda: Einsum("ij->ii"), "twice in the output"),
        (lambda: Einsum("ij->k"), "in the output only"),
    ],
)
def test_bad_options(make, message):
    with pytest.raises(UsageError, match=message):
        make()


def test_slices_keep_what_python_keeps():
    ends = (None, *range(-7, 8))
    size, *shown = symbols("X a b s")
    for begin, end, step in product(ends, ends, (-3, -2, -1, 1, 2, 3)):
        tree = kept(size, (begin, end, step), shown)
        named = {"a": begin or 0, "b": end or 0, "s": step}
        for length in range(1, 7):
            ours = evaluate(tree, {"X": length, **named})
            assert max(ours, 0) == len(range(length)[begin:end:step]), (begin, end, step, length)


def test_domains():
    assert str(alone(Slice((1,), 2, -3), ("N", "L")).domain) == "L >= 6"
    assert str(alone(Slice((1,), 0, "L - 3"), ("N", "L")).domain["L"]) == "{n : n ≥ 4}"
    assert str(alone(View((0, 3, -1)), ("N", "L")).domain["L"]) == "{n : n a multiple of 3}"
    assert str(alone(View(("N", "L", "h", -1)), ("N", "L", "C")).domain) == "C % h == 0 and C/h >= 1"


def test_learned_arrays():
    x = Input("L", 64)
    token = given(Parameter((1, 1, 64), weight="class_token"))
    position = given(Parameter((1, "L", 64), "position", trainable=False))
    scale = given(Parameter((64,), "scale", buffer=True))
    y = Arithmetic("multiply")(Arithmetic("add")(x, position, token), scale)
    d = Network(x, Arithmetic("add")(y, given(Constant((64,))))).derive()
    assert str(d.output_shape) == "(N, L, 64)"
    assert [w.weight.name for layer in d for w in layer.weights] == ["position", "class_token", "scale"]
    assert (str(d.params), d.trainable) == ("64*L + 64", 64)
    assert (d.macs, d.metric("buffers")) == (0, 64)
    assert d["parameter"].activations == 0
    assert str(d.activations) == "256*L"  # the input, two sums and a product


def test_a_row_of_operations_is_attention():
    x = Input("L", "h*d")
    heads = Transpose((0, 2, 1, 3))(View((0, 0, "h", "d"))(x))
    scores = MatMul()(heads, SwapAxes(-1, -2)(heads))
    mixed = View((0, 0, -1))(Transpose((0, 2, 1, 3))(MatMul()(scores, heads)))
    d = Network(x, mixed).derive()
    assert str(d.output_shape) == "(N, L, d*h)"
    assert str(d.macs) == "2*L**2*d*h"


def test_symbolic_options_stay_formulas():
    d = Sequential(Input("L", "d"), Slice((1,), "a", "b", "s")).derive()
    assert str(d.at(L=20, a=3, b=12, s=4).output_shape) == "(N, 3, d)"
    assert str(d.at(L=20, a=3, b=99, s=4).output_shape) == "(N, 5, d)"


def test_receptive_fields():
    net = Sequential(Input("H", "W", 3), Function("exponential"), Reduce("mean"))
    fields = net.derive().receptive_fields
    assert str(fields["function"]["H"].size) == "1"
    assert fields["reduce"].reason == "the whole input"


def test_products_with_weights_leave_positions_alone():
    x = Input("L", 64)
    weights = given(Parameter((64, "d")))
    y = MatMul(name="dense")(x, weights)
    y = Einsum("nld,dhe->nlhe", name="heads")(y, given(Parameter(("d", 8, 8))))
    scores = MatMul(name="scores")(x, SwapAxes(1, 2)(x))
    fields = Network(x, [y, scores]).derive().receptive_fields
    assert str(fields["dense"]["L"].size) == str(fields["heads"]["L"].size) == "1"
    assert "no common field" in fields["scores"].reason


def test_options_of_functions_that_are_refused():
    dialects = {(d.module, d.name): d for cls in (Split, Take, Arithmetic, Repeat) for d in cls.operations}
    for key, options in (
        (("keras.ops", "Split"), {"indices_or_sections": [3, 2]}),
        (("keras.ops", "Take"), {"indices": [[1], [1, 2]]}),
        (("keras.ops", "Add"), {"x2": [1.0, 2.0]}),
        (("keras.ops", "Repeat"), {"repeats": [1, 2]}),
    ):
        with pytest.raises(UnsupportedLayer):
            dialects[key].read(options, "op", {})
