"""Text for a terminal of 100 columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st

from symshape.network import Network
from symshape.report import report
from symshape.report.tables import BOX, LINES, NO_BREAK, breakable, drawn, wide, wrapped


def test_every_line_fits(everything: list[Network], published: Callable[[str], Network]) -> None:
    for network in (*everything, published("InceptionV3")):
        for line in report(network.derive()).splitlines():
            assert wide(line) <= 100, line
            assert line == line.rstrip()
            assert NO_BREAK not in line


def test_hostile_names_cannot_drive_the_terminal(hostile: Network) -> None:
    for line in report(hostile.derive()).splitlines():
        assert not [char for char in line if category(char) in ("Cc", "Cf", "Cs")], line


def test_no_blank_line_is_followed_by_another(everything: list[Network]) -> None:
    for network in everything:
        assert not re.search(r"\n\n\n", report(network.derive()))


# -- tables ------------------------------------------------------------------------------------------------------------
def test_a_box_is_drawn_as_keras_draws_it() -> None:
    table = drawn(["Layer", "#"], [["conv2d", "608"], ["dense", "10"]], numbers=[False, True], width=40, style=BOX)
    assert table.split("\n") == [
        "┏━━━━━━━━┳━━━━━┓",
        "┃ Layer  ┃   # ┃",
        "┡━━━━━━━━╇━━━━━┩",
        "│ conv2d │ 608 │",
        "├────────┼─────┤",
        "│ dense  │  10 │",
        "└────────┴─────┘",
    ]


def test_long_cells_are_folded() -> None:
    table = drawn(["a", "b"], [["x" * 5, "one two three four"]], numbers=[False, False], width=16, style=LINES)
    assert table.split("\n") == ["a      b", "─────  ─────────", "xxxxx  one two", "       three", "       four"]


def test_formulas_are_broken_anywhere_only_where_the_table_would_not_fit() -> None:
    cell = breakable("(a + b)(c + d)(e + f) + 1")
    kept = drawn(["f"], [[cell]], numbers=[False], width=22)
    assert kept.split("\n")[2:] == ["(a + b)(c + d)(e + f)", "+ 1"]
    broken = drawn(["f"], [[cell]], numbers=[False], width=12)
    assert all(len(line) <= 12 for line in broken.split("\n"))


WORDS = st.lists(st.text(alphabet="abc层\u0301", max_size=12), max_size=12).map(" ".join)


@given(WORDS, st.integers(4, 40))
def test_wrapping_keeps_every_word_and_the_width(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert " ".join(lines).split() == text.split()
    for line in lines:
        assert wide(line) <= width or " " not in line.strip()


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5), st.integers(10, 60))
def test_rows_of_a_table_are_equally_long(rows: list[tuple[str, str]], width: int) -> None:
    table = drawn(["one", "two"], rows, numbers=[True, False], width=width, style=BOX)
    assert len({wide(line) for line in table.split("\n")}) == 1
