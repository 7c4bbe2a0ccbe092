"""`python -m symshape` is the command `symshape`."""

from symshape.cli import main

if __name__ == "__main__":
    main(prog_name="symshape")
