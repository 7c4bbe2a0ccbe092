"""Relations between affine formulas as sets of isl, an integer set library that shares nothing with symshape's algebra.

    plane = Plane(["H", "W"])
    plane.where("W == H//2 and H % 4 != 1")      an isl set, of all positive H and W

Formulas are Python's, read with Python's own parser: + - * / // % floor ceiling min max, comparisons, and, or, not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

from symshape.algebra.periodic import PeriodicSet

Affine = Any  # islpy.PwAff
Set = Any  # islpy.Set


class Plane:
    """The positive integer points of a few named axes, and how their sets are made."""

    def __init__(self, names: Iterable[str]) -> None:
        import islpy  # here, and not above: the light suite collects this file where there is no islpy

        self.isl = islpy
        self.names = tuple(names)
        space = islpy.Space.create_from_names(islpy.DEFAULT_CONTEXT, set=list(self.names))
        self.local = islpy.LocalSpace.from_space(space)
        axes = [islpy.Aff.var_on_domain(self.local, islpy.dim_type.set, place) for place in range(len(self.names))]
        self.axes: dict[str, Affine] = {n: islpy.PwAff.from_aff(axis) for n, axis in zip(self.names, axes, strict=True)}
        self.nothing: Set = islpy.Set.empty(space)
        self.everything: Set = islpy.Set.universe(space)
        for axis in self.axes.values():
            self.everything = self.everything.intersect(axis.ge_set(self.number(1)))

    # -- formulas ------------------------------------------------------------------------------------------------------
    def val(self, number: Fraction | int) -> Any:
        return self.isl.Val(f"{Fraction(number).numerator}/{Fraction(number).denominator}")

    def number(self, number: Fraction | int) -> Affine:
        return self.isl.PwAff.from_aff(self.isl.Aff.val_on_domain(self.local, self.val(number)))

    def floor(self, value: Affine, divisor: int = 1) -> Affine:
        return value.scale_down_val(self.val(divisor)).floor()

    def ceiling(self, value: Affine, divisor: int = 1) -> Affine:
        return value.scale_down_val(self.val(divisor)).ceil()

    # -- sets ----------------------------------------------------------------------------------------------------------
    def all_of(self, sets: Iterable[Set]) -> Set:
        return reduce(lambda a, b: a.intersect(b), sets, self.everything)

    def any_of(self, sets: Iterable[Set]) -> Set:
        return reduce(lambda a, b: a.union(b), sets, self.nothing).coalesce()

    def without(self, found: Set) -> Set:
        return self.everything.subtract(found)

    def product_is(self, factors: Iterable[Affine], number: int) -> Set:
        """Where the product of two positive factors is the number: one of the ways to write it so."""
        one, other = factors
        ways = [(d, number // d) for d in range(1, number + 1) if number % d == 0]
        return self.any_of(one.eq_set(self.number(a)).intersect(other.eq_set(self.number(b))) for a, b in ways)

    def periodic(self, name: str, found: PeriodicSet) -> Set:
        """The points whose coordinate is in one of our sets, read off its runs."""
        axis, runs = self.axes[name], []
        for run in found.runs:
            rest = axis.mod_val(self.val(run.period))
            inside = self.any_of(rest.eq_set(self.number(residue)) for residue in run.residues)
            inside = inside.intersect(axis.ge_set(self.number(run.start)))
            runs.append(inside if run.stop is None else inside.intersect(axis.lt_set(self.number(run.stop))))
        return self.any_of(runs).intersect(self.everything)

    def points(self, found: Set, most: int) -> set[tuple[int, ...]]:
        """The points of a set with coordinates up to `most`."""
        for axis in self.axes.values():
            found = found.intersect(axis.le_set(self.number(most)))
        points: set[tuple[int, ...]] = set()
        kind, places = self.isl.dim_type.set, range(len(self.names))

        def note(point: Any) -> None:
            points.add(tuple(point.get_coordinate_val(kind, place).to_python() for place in places))

        found.foreach_point(note)
        return points

    def where(self, relation: str, names: Mapping[str, Affine] | None = None) -> Set:
        """The points at which a relation holds; `names` are what its names stand for, besides the axes."""
        reader = _Reader(self, {**self.axes, **(names or {})})
        return reader.relation(ast.parse(relation, mode="eval").body).intersect(self.everything)


class _Reader:
    """A relation's syntax tree, read into sets. A number is a Fraction."""

    def __init__(self, plane: Plane, names: Mapping[str, Affine]) -> None:
        self.plane = plane
        self.names = names

    def relation(self, node: ast.expr) -> Set:
        plane = self.plane
        if isinstance(node, ast.BoolOp):
            join = plane.all_of if isinstance(node.op, ast.And) else plane.any_of
            return join(map(self.relation, node.values))
        if isinstance(node, ast.UnaryOp):
            assert isinstance(node.op, ast.Not)
            return plane.without(self.relation(node.operand))
        assert isinstance(node, ast.Compare), ast.dump(node)
        sides = [self.formula(side) for side in (node.left, *node.comparators)]
        return plane.all_of(self.compare(op, *pair) for op, pair in zip(node.ops, pairwise(sides), strict=True))

    def compare(self, op: ast.cmpop, left: Any, right: Any) -> Set:
        left, right = self.affine(left), self.affine(right)
        way, denied = _COMPARISONS[type(op)]
        found = getattr(left, way)(right)
        return self.plane.without(found) if denied else found

    def affine(self, value: Any) -> Affine:
        return self.plane.number(value) if isinstance(value, Fraction) else value

    def formula(self, node: ast.expr) -> Any:
        plane = self.plane
        if isinstance(node, ast.Constant):
            return Fraction(str(node.value))
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self.names[ast.unparse(node)]
        if isinstance(node, ast.UnaryOp):
            assert isinstance(node.op, ast.USub)
            value = self.formula(node.operand)
            return -value if isinstance(value, Fraction) else value.neg()
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            values = [self.affine(self.formula(part)) for part in node.args]
            return _CALLS[node.func.id](plane, values)
        assert isinstance(node, ast.BinOp), ast.dump(node)
        left, right = self.formula(node.left), self.formula(node.right)
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            return _NUMBERS[type(node.op)](left, right)
        if isinstance(node.op, ast.Mult):
            number, value = (left, right) if isinstance(left, Fraction) else (right, left)
            return value.scale_val(plane.val(number))
        if isinstance(node.op, (ast.Add, ast.Sub)):
            a, b = self.affine(left), self.affine(right)
            return a.add(b) if isinstance(node.op, ast.Add) else a.sub(b)
        quotient = left.scale_down_val(plane.val(right))
        if isinstance(node.op, ast.Mod):
            return left.mod_val(plane.val(right))
        return quotient.floor() if isinstance(node.op, ast.FloorDiv) else quotient


_COMPARISONS: dict[type[ast.cmpop], tuple[str, bool]] = {  # and whether it is where that does not hold:
    ast.Eq: ("eq_set", False),
    ast.LtE: ("le_set", False),
    ast.GtE: ("ge_set", False),
    ast.NotEq: ("eq_set", True),  # isl takes a < b for a ≤ b − 1, which is not so for H/2
    ast.Lt: ("ge_set", True),
    ast.Gt: ("le_set", True),
}
_NUMBERS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
    ast.Mod: lambda a, b: a % b,
    ast.Pow: lambda a, b: a ** int(b),
}
_CALLS: dict[str, Callable[[Plane, list[Affine]], Affine]] = {
    "floor": lambda plane, values: values[0].floor(),
    "ceiling": lambda plane, values: values[0].ceil(),
    "min": lambda plane, values: reduce(lambda a, b: a.min(b), values),
    "max": lambda plane, values: reduce(lambda a, b: a.max(b), values),
}
