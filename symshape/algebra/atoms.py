"""Atoms: the indivisible quantities that monomials are products of. Names here; floors, extrema, powers in their files.

Atoms are interned: two equal atoms are one object, so comparing polynomials is comparing dictionaries of identities.
The table of atoms holds weak references only; when the last polynomial that uses an atom goes, the atom goes, and
nothing grows with the process.

An atom knows how deep and how large it is when written out, and one beyond reason is refused when it would be made.
So whatever walks through a value may simply recurse.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from symshape.errors import Undecided

if TYPE_CHECKING:
    from symshape.algebra.poly import Value

__all__ = ["Atom", "Name", "order_of"]

_DEEPEST = 32  # atoms inside atoms
_LARGEST = 100_000  # nodes of an atom written out

_interned: WeakValueDictionary[Hashable, Atom] = WeakValueDictionary()
_lock = Lock()


class Atom:
    """An indivisible quantity; equality is identity."""

    __slots__ = ("__weakref__", "_names", "_order", "depth", "integral", "key", "limits", "shown", "size")
    key: tuple[Any, ...]
    integral: bool  # whether it takes integer values only
    depth: int
    size: int
    limits: tuple[Any, Any] | None  # what `bounds` found, once asked
    shown: Any  # how `present` writes it and where it stands in a term, once asked
    _names: frozenset[Name] | None
    _order: tuple[Any, ...] | None

    @classmethod
    def interned(cls, *key: Any) -> Any:
        """The one atom of this class with this key."""
        return _interned.get((cls, key)) or cls._made(key)

    @classmethod
    def _made(cls, key: tuple[Any, ...]) -> Atom:
        atom = object.__new__(cls)
        atom.key = key
        atom.limits = atom.shown = atom._names = atom._order = None
        atom._measure()
        atom.integral = atom._is_integral()
        with _lock:
            return _interned.setdefault((cls, key), atom)

    def _measure(self) -> None:
        depth, size = 0, 1
        for part in self.parts():
            if not isinstance(part, (int, Fraction)):
                for monomial in part.terms:
                    for atom, _ in monomial:
                        size += 1 + atom.size
                        depth = max(depth, atom.depth)
        self.depth, self.size = depth + 1, size
        if depth >= _DEEPEST or size > _LARGEST:
            raise Undecided(
                "floors that do not fold into one are nested beyond what can be written: give some symbols numbers"
            )

    def _is_integral(self) -> bool:
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self).interned, self.key)

    def parts(self) -> tuple[Value, ...]:
        """The values inside, in a fixed order."""
        raise NotImplementedError

    def names(self) -> frozenset[Name]:
        """The names the atom depends on."""
        if self._names is None:
            inner = (part.names() for part in self.parts() if not isinstance(part, (int, Fraction)))
            self._names = frozenset().union(*inner)
        return self._names

    @property
    def order(self) -> tuple[Any, ...]:
        """Where the atom stands among all others; it depends on what the atom says and on nothing else."""
        if self._order is None:
            self._order = self._ordered()
        return self._order

    def _ordered(self) -> tuple[Any, ...]:
        return (type(self).__name__, *map(order_of, self.parts()))

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        """The atom's value when names take `values`."""
        raise NotImplementedError


class Name(Atom):
    """A symbol: a positive integer, or a positive rational when made with `integral=False`."""

    __slots__ = ()

    @classmethod
    def place(cls, text: str) -> Name:
        """The symbol of a place in a row: an integer from 0 on."""
        return cls.interned(text, True, 0)  # type: ignore[no-any-return]

    @classmethod
    def rational(cls, text: str) -> Name:
        """The symbol of a positive number that need not be an integer, such as a multiplier."""
        return cls.interned(text, False)  # type: ignore[no-any-return]

    @property
    def least(self) -> int:
        """The least value that it takes (of a rational, a lower bound)."""
        return self.key[2] if len(self.key) > 2 else int(self.integral)

    @property
    def text(self) -> str:
        """The symbol's name."""
        return str(self.key[0])

    def _is_integral(self) -> bool:
        return bool(self.key[1])

    def parts(self) -> tuple[Value, ...]:
        return ()

    def names(self) -> frozenset[Name]:
        return frozenset((self,))

    def _ordered(self) -> tuple[Any, ...]:
        return ("Name", *self.key)

    def __repr__(self) -> str:
        return self.text


def order_of(value: Value) -> tuple[Any, ...]:
    """A total order of values that is the same in every process."""
    terms = {(): value} if isinstance(value, (int, Fraction)) else value.terms
    return tuple(sorted((tuple((atom.order, power) for atom, power in monomial), c) for monomial, c in terms.items()))
