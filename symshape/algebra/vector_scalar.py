"""A program as the lines of a Python function, and a value's function that first looks whether its claims hold."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from symshape.algebra.claims import Truth
from symshape.algebra.code import python_source
from symshape.algebra.poly import Value
from symshape.algebra.vector import Program, program_of
from symshape.errors import ConditionError, DivisionByZero, Undecided

__all__ = ["guarded_function", "lines"]


def lines(program: Program, arguments: Sequence[str]) -> list[str]:
    """One assignment to `_s0`, `_s1`, … for every step that is an operation.

    >>> from symshape.algebra.poly import name
    >>> lines(program_of([3*name("H") + 1], [], ["H"]), ["H"])
    ['_s2 = H * 3', '_s4 = _s2 + 1']
    """
    texts: list[str] = []
    made = []
    for place, (operation, left, right) in enumerate(program.steps):
        if operation == "name":
            texts.append(arguments[left])
        elif operation == "number":
            texts.append(str(left) if left >= 0 else f"({left})")
        else:
            a, b = texts[left], texts[right]
            text = f"{operation}({a}, {b})" if operation in ("max", "min") else f"{a} {operation} {b}"
            made.append(f"_s{place} = {text}")
            texts.append(f"_s{place}")
    return made


def guarded_function(
    value: Value, claims: Iterable[Truth], names: Sequence[str], outside: Callable[..., Any]
) -> Callable[..., int]:
    """The value as a function of `names`, which calls `outside` instead where a claim fails or a size is not positive.

    >>> from symshape.algebra.claims import claim_between
    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> f = guarded_function(H*H, [claim_between(">=", H, 3)], ["H"], lambda H: f"not at {H}")
    >>> f(3), f(2), f(-1)
    (9, 'not at 2', 'not at -1')
    """
    source = python_source(value, names)
    head, body = source[source.index("def ") :].split("\n", 1)
    (function,) = ast.parse(f"{head} pass").body
    assert isinstance(function, ast.FunctionDef)
    arguments = [argument.arg for argument in function.args.args]
    program = program_of([], claims, names)
    used = [arguments[names.index(name)] for name in program.names]
    tests = [f"{argument} < 1" for argument in arguments]
    guard = []
    if program.valid is not None:
        guard = lines(program, used)
        decided = program.steps[program.valid][0] == "number"
        tests.append("True" if decided else f"not _s{program.valid}")
    if tests:
        guard += [f"if {' or '.join(tests)}:", f"    return _outside({', '.join(arguments)})"]
    scope: dict[str, Any] = {
        "__builtins__": {},
        **{"max": max, "min": min, "divmod": divmod, "_outside": outside},
        **{"ConditionError": ConditionError, "DivisionByZero": DivisionByZero},
    }
    text = "\n".join([head, *(f"    {line}" for line in guard), body])
    try:  # like the functions of `code.py`: operators, digits, and names that are plain identifiers
        exec(text, scope)  # noqa: S102
    except (RecursionError, MemoryError, SyntaxError):
        raise Undecided(f"a formula of {len(text)} characters is too much for Python's compiler") from None
    return scope["value"]  # type: ignore[no-any-return]
