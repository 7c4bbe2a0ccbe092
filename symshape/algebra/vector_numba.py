"""A program compiled to machine code by numba, where that is installed: one loop over points, no arrays in between.

It takes a second or so to compile, which long one-dimensional sweeps win back. Only for blocks whose ranges are proved
to fit into 64 bits: machine code wraps.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from symshape.algebra.vector import Program
from symshape.algebra.vector_scalar import lines

__all__ = ["compiled_loop", "loop_source"]


@lru_cache(maxsize=64)
def compiled_loop(program: Program) -> Callable[..., None] | None:
    """A function that fills arrays: a column for each name, then an array for each value, then that of what is valid.

    None where numba is not installed.
    """
    try:
        import numba
    except ImportError:
        return None
    scope: dict[str, Any] = {}
    exec(loop_source(program), scope)  # noqa: S102 - written from our own steps: operators and digits
    return numba.njit(scope["loop"], nogil=True, error_model="numpy")  # type: ignore[no-any-return]


def loop_source(program: Program) -> str:
    """The loop as text.

    >>> from symshape.algebra.poly import name
    >>> from symshape.algebra.vector import program_of
    >>> print(loop_source(program_of([3*name("H") + 1], [], ["H"])))
    def loop(c0, v0):
        for i in range(len(c0)):
            x0 = c0[i]
            _s2 = x0 * 3
            _s4 = _s2 + 1
            v0[i] = _s4
    """
    columns = [f"c{place}" for place in range(len(program.names))]
    results = [(f"v{place}", step) for place, step in enumerate(program.values)]
    if program.valid is not None:
        results.append(("valid", program.valid))
    names = [f"x{place}" for place in range(len(columns))]
    body = [f"{name} = {column}[i]" for name, column in zip(names, columns, strict=True)]
    body += lines(program, names)
    for array, step in results:
        operation, number, _ = program.steps[step]
        text = names[number] if operation == "name" else str(number) if operation == "number" else f"_s{step}"
        body.append(f"{array}[i] = {text}")
    arguments = ", ".join([*columns, *(array for array, _ in results)])
    return "\n".join([f"def loop({arguments}):", "    for i in range(len(c0)):", *(f"        {line}" for line in body)])
