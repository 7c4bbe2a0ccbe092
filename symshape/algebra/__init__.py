"""Exact integer algebra; it knows nothing of networks.

atoms, terms, poly                 the canonical form: polynomials over interned atoms
floors, extrema, exponential       the atoms that are more than names: ⌊p/c⌋, max and min, 2ⁿ
bounds                             what the positivity of symbols says about a value
evaluate, present                  written form → value, and value → written form
parse, sympy_door, code            text → written form, to and from sympy, value → exact Python
claims, solve, equality, period    relations: decided, solved for a symbol, and equality everywhere
periodic, signs                    exact periodic sets of integers; signs of polynomials on them
summation, series                  sums with a symbolic number of terms: closed, or kept as an atom
recurrence, quantified             steps done n times: sizes in closed form, claims at every place
"""
