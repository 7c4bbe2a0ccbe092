"""Einstein summations and bilinear layers: closed forms, conditions, errors."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError, GraphError, UsageError
from symshape.layers import Bilinear, CosineSimilarity, Dense, Dot, EinsumDense, PairwiseDistance
from symshape.network import Input, Network, Sequential


def alone(layer, *sizes):
    return Sequential(Input(*sizes), layer).derive()


def test_a_dense_layer_by_equation():
    ours, dense = alone(EinsumDense("...x,xy->...y", "U", "y"), "L", "C"), alone(Dense("U"), "L", "C")
    assert (ours.output_shape, ours.params, ours.macs) == (dense.output_shape, dense.params, dense.macs)


def test_an_ellipsis_stands_for_any_axes():
    for sizes in ((6,), ("H", 6), ("H", "W", 6)):
        d = alone(EinsumDense("...x,xy->...y", 4), *sizes)
        assert [str(size) for size in d.output_shape] == ["N", *map(str, sizes[:-1]), "4"]


def test_an_ellipsis_on_the_right():
    d = alone(EinsumDense("ab...,bc->ac...", 5, "c"), 6, "W", 3)
    assert str(d.output_shape) == "(N, 5, W, 3)"
    assert [w.dims for w in d["einsum_dense"].weights] == [(6, 5), (5, 1, 1)]


def test_axes_summed_away_make_no_products():
    d = alone(EinsumDense("abc,cd->ad", 4), "L", 6)
    assert d.macs == 6 * 4


def test_a_bias_lies_along_its_axes():
    d = alone(EinsumDense("abc,cde->abde", (-1, 4, 5), "e"), "L", 6)
    assert [w.dims for w in d["einsum_dense"].weights] == [(6, 4, 5), (5,)]
    d = alone(EinsumDense("abc,cde->abde", (-1, 4, 5), "d"), "L", 6)
    assert [w.dims for w in d["einsum_dense"].weights][1] == (4, 1)


def test_a_kept_axis_has_the_size_asked_for():
    d = alone(EinsumDense("abc,cd->abd", (7, 4)), "L", 6)
    assert str(d.domain["L"]) == "{n : n = 7}"
    with pytest.raises(ConditionError, match="has the input's size"):
        alone(EinsumDense("abc,cd->abd", (7, 4)), 5, 6)


def test_receptive_field_where_positions_keep_their_place():
    fields = alone(EinsumDense("abc,cd->abd", (-1, 4)), "L", 6)["einsum_dense"].receptive_field
    assert fields["L"].size == 1
    fields = alone(EinsumDense("abc,bd->adc", (4, 6)), "L", 6)["einsum_dense"].receptive_field
    assert fields.reason == "the whole input"


@pytest.mark.parametrize(
    ("equation", "shape", "bias", "message"),
    [
        ("ab, bc -> ac", 4, "", "is not of the form"),
        ("...ab...,bc->...ac...", 4, "", "is not of the form"),
        ("ab,bc->ad", 4, "", "in the output of"),
        ("ab,bcd->ac", 4, "", "in the kernel of"),
        ("aa,ab->ab", 4, "", "occurs twice"),
        ("ab,bc->ac", 4, "b", "no axis of the output"),
    ],
)
def test_bad_equations(equation, shape, bias, message):
    with pytest.raises(UsageError, match=message):
        EinsumDense(equation, shape, bias)


def test_bad_shapes():
    with pytest.raises(GraphError, match="not for an input with 3 dimensions"):
        alone(EinsumDense("ab,bc->ac", 4), "L", 6)
    with pytest.raises(UsageError, match="wants 2 sizes of its output, 1 are given"):
        alone(EinsumDense("abc,cd->abd", 4), "L", 6)
    with pytest.raises(UsageError, match='the size of "d" must be given'):
        alone(EinsumDense("abc,cd->abd", (-1, -1)), "L", 6)


def test_bilinear():
    x, y = Input("L", "A"), Input("L", "B")
    d = Network((x, y), Bilinear("U")(x, y)).derive()
    at = d.at(L=2, A=3, B=5, U=7)
    assert at.output_shape[1:] == (2, 7)
    assert at.params == 7 * 3 * 5 + 7
    assert at.macs == 2 * 7 * (3 * 5 + 5)
    x, y = Input(3), Input(5)
    with pytest.raises(ConditionError, match="made for C = 4"):
        Network((x, y), Bilinear(7, features=4)(x, y)).derive()


def test_dot():
    x, y = Input("T", "E"), Input("S", "E")
    d = Network((x, y), Dot(axes=2)(x, y)).derive()
    assert str(d.output_shape) == "(N, T, S)"
    assert str(d.macs) == "E*S*T"
    x, y = Input("E"), Input("E")
    assert str(Network((x, y), Dot(axes=-1)(x, y)).derive().output_shape) == "(N, 1)"


def test_bad_dots():
    x, y = Input(3), Input(4)
    with pytest.raises(ConditionError, match="vectors of one length"):
        Network((x, y), Dot(axes=1)(x, y)).derive()
    with pytest.raises(GraphError, match="no axis of input 1 but the batch"):
        Network((x, y), Dot(axes=0)(x, y)).derive()
    with pytest.raises(UsageError, match="one axis for both"):
        Dot(axes=(1, 2, 3))


def test_comparisons():
    x, y = Input("L", "C"), Input(1, "C")
    d = Network((x, y), CosineSimilarity(2)(x, y)).derive()
    assert (str(d.output_shape), str(d.macs)) == ("(N, L)", "C*L")
    d = Network((x, y), PairwiseDistance(keepdims=True)(x, y)).derive()
    assert (str(d.output_shape), d.macs) == ("(N, L, 1)", 0)
    x, y = Input(3, 4), Input(3, 5)
    with pytest.raises(ConditionError, match="equal along every axis"):
        Network((x, y), CosineSimilarity(2)(x, y)).derive()
    with pytest.raises(GraphError, match="no axis but the batch"):
        Network((x, y), CosineSimilarity(0)(x, y)).derive()
    x, y = Input(3, 4), Input(4)
    with pytest.raises(GraphError, match="one number of dimensions"):
        Network((x, y), PairwiseDistance()(x, y)).derive()
