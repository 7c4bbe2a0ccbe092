"""Sweeps against the derivation at each setting."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symshape
from symshape import Input, Sequential
from symshape.errors import ConditionError, UnknownName, UsageError
from symshape.layers import Conv2D, Dense, DepthwiseConv2D, Flatten, MaxPooling2D
from symshape.repeat import repeated
from symshape.whatif import sweep

METRICS = ("params", "macs", "activations")


def at(derivation, setting, metrics=METRICS):
    """What the derivation itself says at one setting, or None where it refuses."""
    try:
        there = derivation.at(**setting)
    except ConditionError:
        return None
    return {metric: there.metric(metric) for metric in metrics}


def check(derivation, table, metrics=METRICS):
    """Every row against the derivation; says how many are valid."""
    count = 0
    for row in table:
        setting = {name: row[name] for name in table.space.columns}
        expected = at(derivation, setting, metrics)
        assert row["valid"] is (expected is not None), setting
        assert {metric: row[metric] for metric in metrics} == (expected or dict.fromkeys(metrics)), setting
        assert all(value is None or type(value) is int for name, value in row.items() if name != "valid")
        count += row["valid"]
    return count


kernels = st.sampled_from([1, 2, 3, 5, "K"])
strides = st.sampled_from([1, 2, 3, "S"])
paddings = st.sampled_from(["same", "valid"])
steps = st.one_of(
    st.builds(lambda k, s, p: Conv2D(4, k, stride=s, padding=p), kernels, strides, paddings),
    st.builds(lambda k, s, p: MaxPooling2D(k, stride=s, padding=p), kernels, strides, paddings),
    st.builds(lambda k, g: Conv2D("F", k, groups=g), kernels, st.sampled_from([1, 2, "G"])),
    st.builds(lambda k: DepthwiseConv2D(k), kernels),
)
networks = st.builds(
    lambda middle, flat: Sequential(Input("H", "W", 4), *middle, *([Flatten(), Dense(3)] if flat else [])),
    st.lists(steps, min_size=1, max_size=4),
    st.booleans(),
)
few = st.lists(st.integers(1, 30), min_size=1, max_size=3)


@settings(max_examples=20, deadline=None)
@given(networks, st.data())
def test_random_networks_over_grids(network, data):
    derivation = network.derive()
    table = derivation.sweep(METRICS, over={symbol: data.draw(few) for symbol in derivation.symbols})
    assert len(table) == np.prod(table.shape)
    check(derivation, table)


@settings(max_examples=10, deadline=None)
@given(networks, st.integers(1, 4), st.data())
def test_random_networks_over_points(network, count, data):
    derivation = network.derive()
    column = st.lists(st.integers(1, 30), min_size=count, max_size=count)
    table = sweep(derivation, METRICS, points={symbol: data.draw(column) for symbol in derivation.symbols})
    assert table.shape == (count,)
    check(derivation, table)


LENET = symshape.zoo.lenet5().derive()
DOCS = Path(__file__).resolve().parents[2] / "docs" / "sweep.md"
RESNET = symshape.zoo.resnet50().derive()


# -- values ------------------------------------------------------------------------------------------------------------
def test_rows_run_with_the_last_axis_fastest():
    table = LENET.sweep(H=[40, 32], W=range(32, 35))
    assert [(row["H"], row["W"]) for row in table] == list(product([40, 32], range(32, 35)))
    assert table.names == ("H", "W", "params", "macs", "valid")
    assert table.grid("macs").shape == table.shape == (2, 3)
    assert table["macs"].tolist() == [row["macs"] for row in table]
    assert table.row(-1) == list(table)[-1]
    with pytest.raises(IndexError):
        table.row(6)


def test_settings_outside_the_domain_have_no_value():
    table = LENET.sweep(["macs"], H=[15, 16, 17], W=[16])
    assert table.valid.tolist() == [False, True, True]
    assert table["macs"].mask.tolist() == [True, False, False]
    assert [row["macs"] for row in table] == [None, LENET.at(H=16, W=16).macs, LENET.at(H=17, W=16).macs]
    assert not table.all_valid
    assert check(LENET, LENET.sweep(METRICS, H=range(1, 40, 3), W=range(14, 18))) == 16


def test_beyond_64_bits_values_are_exact():
    side = 2**24 + 1
    table = RESNET.sweep(["macs", "params"], H=[224, side], W="H")
    assert table["macs"].tolist() == [4089184256, 22927864206276764864]
    assert 22927864206276764864 > 2**63
    assert RESNET.at(H=side, W=side).macs == 22927864206276764864
    assert table["params"].dtype == np.int64
    huge = 10**40
    assert [row["macs"] for row in RESNET.sweep("macs", H=[huge], W=[224, huge])] == [
        RESNET.at(H=huge, W=224).macs,
        RESNET.at(H=huge, W=huge).macs,
    ]


@pytest.mark.parametrize("around", [2**31, 2**32, 10643010, 2**62, 2**63, 2**64])
def test_nothing_wraps_near_the_edge(around):
    sizes = range(around - 2, around + 3)
    assert check(RESNET, RESNET.sweep(("macs",), H=sizes, W=[1, around]), ("macs",)) == 10


def test_a_grid_in_several_blocks_and_tiles_is_the_same(monkeypatch):
    from symshape.whatif.sweeping import plan

    whole = LENET.sweep(METRICS, H=range(10, 60), W=range(12, 50))
    monkeypatch.setattr(plan, "_BLOCK", 100)
    cut = LENET.sweep(METRICS, H=range(10, 60), W=range(12, 50))
    for name in whole.names:
        assert np.ma.allequal(whole[name], cut[name])
        assert np.ma.getmaskarray(whole[name]).tolist() == np.ma.getmaskarray(cut[name]).tolist()


def test_a_row_without_values_has_a_reason():
    table = LENET.sweep("macs", H=[14, 15, 32], W="2*H - 2")
    assert table.reason(-1) is None
    assert "max_pooling2d_1 (MaxPooling2D)" in table.reason(0)
    with pytest.raises(ConditionError) as refused:
        LENET.at(H=14, W=26)
    assert table.reason(0) == str(refused.value)
    assert LENET.sweep("macs", H=[33], W="H/2 + 8").reason(0) == "W = H/2 + 8 is not a positive integer there"
    with pytest.raises(UsageError, match="part of a sweep"):
        next(table.parts(1)).reason(0)


def test_depths_are_swept_like_sizes():
    halving = repeated(Conv2D("C", 3, stride=2, padding="same"), "n", "H", "W", "C", name="halving")
    derivation = Sequential(Input("H", "W", "C"), halving, Conv2D(4, 3)).derive()
    table = derivation.sweep(["params", "output[1]"], H=[64, 65, 300], W=[70], C=[2, 3], n=range(1, 8))
    for row in table:
        there = at(derivation, {name: row[name] for name in "HWCn"}, ("params",))
        assert row["valid"] is (there is not None)
        if there is not None:
            assert row["params"] == there["params"]
            assert row["output[1]"] == derivation.at(**{name: row[name] for name in "HWCn"}).output_shape[1]
    assert 0 < sum(row["valid"] for row in table) < len(table)


def test_the_knobs_of_a_family():
    derivation = symshape.zoo.resnet().derive()
    knobs = {"n1": range(1, 4), "n2": 4, "n3": 6, "n4": [1, 3], "w": 64}
    for row in derivation.sweep(["params", "macs"], H=[224], W="H", **knobs):
        there = derivation.at(**{name: row[name] for name in derivation.symbols})
        assert (row["params"], row["macs"]) == (there.params, there.macs)
    assert derivation.sweep("macs", H=[224], W="H", n1=3, n2=4, n3=6, n4=3, w=64)["macs"].tolist() == [4089184256]


def test_the_batch_can_be_swept():
    table = LENET.sweep("macs", N=[1, 8], H=[32], W=[32])
    assert table["macs"].tolist() == [849320, 8 * 849320]


def test_hyper_parameters_and_layers_and_outputs():
    derivation = symshape.zoo.lenet5().free("conv2d", kernel="K").derive()
    asked = ["conv2d.params", "conv2d_1.output[1]", "output[-1]", "dense.macs"]
    table = derivation.sweep(asked, H=[32, 64], W="H", K=[3, 5])
    for row in table:
        there = derivation.at(H=row["H"], W=row["H"], K=row["K"])
        assert row["conv2d.params"] == there["conv2d"].params
        assert row["conv2d_1.output[1]"] == there["conv2d_1"].output_shape[1]
        assert row["dense.macs"] == there["dense"].macs
        assert row["output[-1]"] == 10


def test_ties():
    table = LENET.sweep("macs", H=range(30, 34), W="H/2 + 16")
    assert [(row["H"], row["W"], row["valid"]) for row in table] == [
        (30, 31, True),
        (31, None, False),
        (32, 32, True),
        (33, None, False),
    ]
    assert [row["W"] for row in LENET.sweep("macs", H=[8, 16], W="2*H")] == [16, 32]
    assert [row["W"] for row in LENET.sweep("macs", H=[8, 16], W=27)] == [27, 27]
    assert LENET.sweep("macs", H=[32], W="H - 32").valid.tolist() == [False]


def test_numpy_arrays_are_lists_of_sizes():
    sizes = np.array([32, 48], np.uint16)
    assert (
        LENET.sweep("macs", H=sizes, W=[32])["macs"].tolist()
        == LENET.sweep("macs", H=[32, 48], W=[32])["macs"].tolist()
    )
    assert LENET.sweep("macs", H=[np.int32(32)], W=[32])["H"].tolist() == [32]
    big = np.array([2**63 + 5], np.uint64)
    assert RESNET.sweep("macs", H=big, W=[1])["H"].tolist() == [2**63 + 5]


def test_points_and_axes_together():
    table = LENET.sweep("macs", points={"H": [32, 40], "W": [48, 56]}, N=[1, 2])
    assert [(row["H"], row["W"], row["N"]) for row in table] == [(32, 48, 1), (32, 48, 2), (40, 56, 1), (40, 56, 2)]


def layer(kind, **config):
    return {"class_name": kind, "config": config}


POOLED = {
    "name": "m",
    "layers": [
        layer("InputLayer", batch_shape=[None, 6, 1], name="in"),
        layer("MaxPooling1D", name="pool", pool_size=[2], strides=[2], padding="valid", data_format="channels_last"),
        layer("Flatten", name="flat", data_format="channels_last"),
        layer("Dense", name="out", units=2, activation="linear", use_bias=True),
    ],
}


def test_fixed_weights_narrow_the_domain():
    network = symshape.load({"class_name": "Sequential", "config": POOLED})
    derivation = network.derive(fixed_weights=True)
    assert derivation.sweep("macs", L=range(4, 9)).valid.tolist() == [False, False, True, True, False]
    assert derivation.sweep("macs", L=range(4, 9)).valid.tolist() == [
        at(derivation, {"L": size}) is not None for size in range(4, 9)
    ]


def test_a_table_on_a_screen():
    table = LENET.sweep("macs", H=range(8, 108), W="H")
    lines = repr(table).splitlines()
    assert lines[0].split() == ["H", "W", "macs", "valid"]
    assert len(lines) == 13
    assert lines[-1] == "[100 rows]"
    assert "<td>849320</td>" in LENET.sweep("macs", H=[32], W=[32])._repr_html_()


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL))
def test_the_documentation(code):
    exec(compile(code, "sweep.md", "exec"), {"symshape": symshape, "d": RESNET})  # noqa: S102 - our own text


# -- refusals ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"metrics": "macs", "H": [32]}, UsageError, "W is still free"),
        ({"metrics": "macs", "H": [32], "W": [32], "Q": [1]}, UnknownName, "Q is not a free symbol here.*H, W, N"),
        ({"metrics": "speed", "H": [32], "W": [32]}, UnknownName, "no metric speed"),
        ({"metrics": (), "H": [32], "W": [32]}, UsageError, "without metrics"),
        ({"metrics": "conv9.macs", "H": [32], "W": [32]}, UnknownName, "no layer conv9"),
        ({"metrics": "output[7]", "H": [32], "W": [32]}, UnknownName, "2 axes"),
        ({"metrics": "output3[1]", "H": [32], "W": [32]}, UnknownName, "1 output"),
        ({"metrics": "output[0]", "H": [32], "W": [32]}, UsageError, "N is still free"),
        ({"metrics": "macs", "H": [], "W": [32]}, UsageError, "no values"),
        ({"metrics": "macs", "H": range(5, 5), "W": [32]}, UsageError, "no values"),
        ({"metrics": "macs", "H": [0], "W": [32]}, UsageError, "positive integer, not 0"),
        ({"metrics": "macs", "H": range(-3, 5), "W": [32]}, UsageError, "positive integer, not -3"),
        ({"metrics": "macs", "H": [32.5], "W": [32]}, UsageError, "32.5"),
        ({"metrics": "macs", "H": [True], "W": [32]}, UsageError, "True"),
        ({"metrics": "macs", "H": np.array([32.0]), "W": [32]}, UsageError, "32.0"),
        ({"metrics": "macs", "H": ["W"], "W": [32]}, UsageError, "'W' is not a positive integer"),
        ({"metrics": "macs", "H": 32, "W": 32}, UsageError, "nothing to sweep"),
        ({"metrics": "macs", "H": "W", "W": "H"}, UsageError, "no values of its own"),
        ({"metrics": "macs", "H": [32], "over": {"H": [32]}}, UsageError, "twice"),
        ({"metrics": "macs", "H": [32], "points": {"H": [32], "W": [1]}}, UsageError, "among the points"),
        ({"metrics": "macs", "points": {"H": [32], "W": [1, 2]}}, UsageError, "H has 1, W has 2"),
        ({"metrics": "macs", "H": [4], "W": 4}, ConditionError, "at least 1"),
    ],
)
def test_what_cannot_be_swept_is_refused(asked, error, says):
    with pytest.raises(error, match=says):
        LENET.sweep(**asked)


def test_without_numpy_the_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(UsageError, match=r"a sweep needs numpy: pip install 'symshape\[sweep\]'"):
        LENET.sweep("macs", H=[32], W=[32])


# -- one at a time -----------------------------------------------------------------------------------------------------
@settings(max_examples=20, deadline=None)
@given(networks, st.data())
def test_a_function_is_the_derivation_at_a_point(network, data):
    derivation = network.derive()
    for metric in METRICS:
        function = derivation.function(metric, *derivation.symbols)
        setting = {symbol: data.draw(st.integers(1, 30)) for symbol in derivation.symbols}
        expected = at(derivation, setting, (metric,))
        if expected is None:
            with pytest.raises(ConditionError):
                function(*setting.values())
        else:
            assert function(*setting.values()) == expected[metric]


def test_a_function_names_the_layer_that_does_not_fit():
    function = LENET.function("macs", "H", "W")
    assert function(32, 32) == 849320
    with pytest.raises(ConditionError, match="max_pooling2d_1"):
        function(15, 32)
    with pytest.raises(UsageError, match="H = 0: a size is a positive integer"):
        function(0, 32)
    with pytest.raises(UnknownName, match="Q"):
        LENET.function("macs", "Q")
    with pytest.raises(UnknownName, match="W"):
        LENET.function("macs", "H")
