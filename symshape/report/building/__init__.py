"""Derivation → view, part by part.

study       what every part reads: the derivation in general and at the worked point, and the layers' numbers
register    the sources cited, the symbols met, whose a condition is
totals      the table, the totals and the memory
parts       what the network's parts cost, and approximations
domain      where it is valid, and the conditions that say so
fields      receptive fields
layers      layer by layer
sentences   what a layer does, in words
pieces      values as a view shows them
"""
