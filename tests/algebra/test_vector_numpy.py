"""Blocks of points against the same program at each point, in Python's own integers."""

from __future__ import annotations

import sys
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra import vector_numba, vector_numpy, vector_separable
from symshape.algebra.exponential import exponential
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.poly import divide, name
from symshape.algebra.vector import program_of
from symshape.algebra.vector_numpy import Runner, fits, tiles
from tests.algebra.strategies import NAMES
from tests.algebra.test_vector import claims, values

H, W, K, S = map(name, NAMES)


def run(program, axes, lists, long=False):
    """The block of all combinations along the axes, and what Python's integers say of each point."""
    count = max(axes.values()) + 1
    lengths = [next(len(lists[n]) for n in lists if axes[n] == axis) for axis in range(count)]
    runner = Runner(program, axes, long)
    kind = np.int64 if all(-(2**63) <= size < 2**63 for column in lists.values() for size in column) else object
    columns = {
        n: np.array(column, dtype=kind).reshape([-1 if axis == axes[n] else 1 for axis in range(count)])
        for n, column in lists.items()
    }
    outs = [np.zeros([lengths[a] if a in runner.needs(v) else 1 for a in range(count)], object) for v in program.values]
    valid = None
    if program.valid is not None:
        valid = np.zeros([lengths[a] if a in runner.needs(program.valid) else 1 for a in range(count)], bool)
    runner.run(columns, outs, valid)
    for place in product(*map(range, lengths)):
        expected = program.at(*(lists[n][place[axes[n]]] for n in program.names))
        at = [tuple(p if n > 1 else 0 for p, n in zip(place, out.shape, strict=True)) for out in outs]
        if valid is not None:
            here = tuple(p if n > 1 else 0 for p, n in zip(place, valid.shape, strict=True))
            assert bool(valid[here]) == (expected is not None)
        if expected is not None:
            got = [out[spot] for out, spot in zip(outs, at, strict=True)]
            assert all(type(value) is int for value in got)
            assert tuple(got) == expected


lengths = st.lists(st.integers(1, 40) | st.integers(2**20, 2**70), min_size=3, max_size=3)
layouts = st.sampled_from([(0, 0, 0, 0), (0, 1, 0, 1), (0, 1, 2, 3), (2, 0, 1, 0), (0, 0, 1, 1)])


@settings(max_examples=60)
@given(st.lists(values, min_size=1, max_size=3), st.lists(claims, max_size=2), layouts, st.data())
def test_a_block_is_its_points(wanted, demands, layout, data):
    program = program_of(wanted, demands, NAMES)
    lists = {n: data.draw(lengths) for n in NAMES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_numpy, "_TILE", data.draw(st.sampled_from([4, 16_384])))
        patch.setattr(vector_numpy, "_TIMES", data.draw(st.sampled_from([1, 8])))
        run(program, dict(zip(NAMES, layout, strict=True)), lists)


@pytest.mark.parametrize("most", [1, 5, 12, 1000])
def test_tiles_cover_a_block_once(most):
    for shape in ((17,), (3, 5), (1, 7, 1), (4, 3, 6)):
        count = np.zeros(shape, int)
        for box in tiles(shape, most):
            assert prod(side.stop - side.start for side in box) <= most
            count[box] += 1
        assert (count == 1).all()


COST = 9408 * ceil_div(H, 2) * ceil_div(W, 2) - 7 * ceil_div(H, 4) * W + 14417920 * ceil_div(H, 32) - 3 * W + 11


def test_a_sum_of_products_of_columns_and_rows_is_a_matrix_product(monkeypatch):
    made = []
    monkeypatch.setattr(
        vector_numpy, "write_product", lambda *given: made.append(vector_separable.write_product(*given))
    )
    program = program_of([COST], [], ["H", "W"])
    sizes = np.arange(1, 101)
    for scale in (1, 10**5, 10**12):  # exact in 53 bits, in 63 bits, in neither
        out = np.zeros((100, 100), np.int64 if scale < 10**12 else object)
        columns = {"H": (sizes * scale).reshape(-1, 1), "W": (sizes * scale).reshape(1, -1)}
        Runner(program, {"H": 0, "W": 1}).run(columns, [out], None)
        for h, w in product((1, 2, 50, 99, 100), repeat=2):
            assert program.at(h * scale, w * scale) == (int(out[h - 1, w - 1]),)
    assert len(made) == 1, "used where it is exact, and only there"


@pytest.mark.parametrize("value", [H**2, H**2 - H**2 * W, 3 * H * W, exponential(2, H), H * W - 2 * W, -H * W])
def test_nothing_wraps_around_the_edge_of_64_bits(value):
    edge = [2**31 - 1, 2**31, 3037000499, 3037000500, 2**32, 2**63 - 1, 2**63]
    small = [1, 2, 62, 63, 64]
    run(
        program_of([value], [], ["H", "W"]), {"H": 0, "W": 1}, {"H": small if "**H" in str(value) else edge, "W": small}
    )


def test_what_64_bits_hold():
    assert fits((-(2**63), 2**63 - 1))
    assert not fits((0, 2**63))
    assert not fits((-(2**63) - 1, 0))


def test_a_narrow_tile_of_a_wide_block_runs_in_64_bits(monkeypatch):
    used = []
    whole = vector_numpy._Block

    def block(runner, shape, ranges):
        used.append(ranges is not None)
        return whole(runner, shape, ranges)

    monkeypatch.setattr(vector_numpy, "_Block", block)
    monkeypatch.setattr(vector_numpy, "_TILE", 2)
    program = program_of([H**3], [], ["H"])
    out = np.zeros(4, object)
    Runner(program, {"H": 0}).run({"H": np.array([2, 3, 2**40, 2**41])}, [out], None)
    assert out.tolist() == [8, 27, 2**120, 2**123]
    assert used == [True, False]


def test_points_outside_the_domain_raise_no_warning():
    program = program_of([floor_div(H, K - 3), divide(H, W)], [], ["H", "K", "W"])
    run(program, {"H": 0, "K": 0, "W": 0}, {"H": [8, 8, 8, 9], "K": [1, 3, 5, 5], "W": [2, 2, 2, 2]})


@pytest.mark.tables
@settings(max_examples=8, deadline=None)
@given(st.lists(values, min_size=1, max_size=3), st.lists(claims, max_size=2), st.data())
def test_a_compiled_loop_is_its_points(wanted, demands, data):
    import numba

    program = program_of([*wanted, H + W + K + S], demands, NAMES)
    lists = {n: data.draw(st.lists(st.integers(1, 40), min_size=3, max_size=3)) for n in NAMES}
    loop = vector_numba.compiled_loop(program)
    assert isinstance(loop, numba.core.dispatcher.Dispatcher)
    columns = {n: np.array(lists[n]) for n in NAMES}
    outs = [np.zeros(3, np.int64) for _ in program.values]
    valid = None if program.valid is None else np.zeros(3, bool)
    loop(*(columns[n] for n in program.names), *outs, *([] if valid is None else [valid]))
    for place in range(3):
        expected = program.at(*(lists[n][place] for n in program.names))
        assert valid is None or bool(valid[place]) == (expected is not None)
        assert expected is None or expected == tuple(int(out[place]) for out in outs)


@pytest.mark.tables
def test_long_rows_are_compiled_where_numba_is(monkeypatch):
    calls = []
    whole = vector_numpy.compiled_loop
    monkeypatch.setattr(vector_numpy, "compiled_loop", lambda program: calls.append(program) or whole(program))
    program = program_of([ceil_div(H, 2) * W, exponential(2, K)], [], ["H", "W", "K"])
    columns = {"H": np.arange(1, 6), "W": np.arange(1, 6), "K": np.arange(1, 6)}
    for long in (False, True):
        outs = [np.zeros(5, np.int64), np.zeros(5, np.int64)]
        Runner(program, {"H": 0, "W": 0, "K": 0}, long).run(columns, outs, None)
        assert [tuple(map(int, row)) for row in zip(*outs, strict=True)] == [program.at(n, n, n) for n in range(1, 6)]
        assert len(calls) == long


def test_without_numba_long_rows_are_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    vector_numba.compiled_loop.cache_clear()
    program = program_of([ceil_div(H, 2) * 17], [], ["H"])
    run(program, {"H": 0}, {"H": [1, 2, 3]}, long=True)
    out = np.zeros(3, np.int64)
    Runner(program, {"H": 0}, True).run({"H": np.arange(1, 4)}, [out], None)
    assert out.tolist() == [17, 17, 34]
    vector_numba.compiled_loop.cache_clear()
