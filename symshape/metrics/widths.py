"""How many bits a number takes, by type, and what follows for arrays of them."""

from __future__ import annotations

from collections.abc import Mapping

from symshape.algebra.floors import ceil_div
from symshape.algebra.poly import Value

__all__ = ["BITS", "DTYPES", "bytes_of"]

BITS: Mapping[str, int] = {"fp32": 32, "fp16": 16, "bf16": 16, "int8": 8, "int4": 4}
DTYPES = tuple(BITS)


def bytes_of(numbers: Value, dtype: str) -> Value:
    """The bytes of an array: of numbers of less than a byte, as many as fit lie in each.

    >>> bytes_of(5, "int4"), bytes_of(5, "bf16")
    (3, 10)
    """
    bits = BITS[dtype]
    return numbers * (bits // 8) if bits % 8 == 0 else ceil_div(numbers * bits, 8)
