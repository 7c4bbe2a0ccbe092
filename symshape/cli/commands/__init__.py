"""The commands, one per file; each file's `COMMAND` is found here by the file's name (`what_if.py` is `what-if`).

Help lists every command, so a file imports nothing but click, `symshape.cli` and `symshape.errors` when it loads.
"""
