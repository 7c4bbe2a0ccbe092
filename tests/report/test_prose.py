"""Long formulas in pieces."""

from __future__ import annotations

from symshape.report.prose import pieces
from symshape.written import Add, symbols


def test_a_sum_that_fits_but_for_its_brackets_is_one_piece() -> None:
    a, b, c = symbols("aaa bbb ccc")
    tree = Add((Add((a, b)), c))
    assert pieces(tree, 15) == [("", tree)]
