"""The layer reference: every declaration as a page of formulas, made from the declarations themselves.

`python -m symshape.report.reference > docs/layers.md` writes it; a test holds the file against the declarations.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from symshape.algebra.present import present
from symshape.declaration import Application, Formula, Kind, Layer, Work, registered
from symshape.notation import escape_markdown, latex
from symshape.report.example import example_of
from symshape.symbols import describe
from symshape.written import Each, Symbol, Written

__all__ = ["reference"]

HEAD = """# The layers

Every layer symshape knows, as it is declared: what it takes and gives, its formulas with their sources, its weights,
the conditions under which it is defined, and what the frameworks call it. This page is made from the declarations by
`python -m symshape.report.reference`; do not edit it.

Sizes: N is the batch; L, H × W or D × H × W the axes of a map; C the channels. The examples leave N and the axes free.
"""


def reference() -> str:
    """The whole reference as Markdown."""
    parts = [HEAD]
    families: dict[str, list[type[Layer]]] = {}
    for layer in registered().values():
        if layer.__module__.startswith("symshape.layers."):
            families.setdefault(layer.__module__, []).append(layer)
    for module in sorted(families):
        parts.append(f"\n## {_family_title(module)}\n")
        for layer in families[module]:
            parts.append("\n".join(_layer(layer)))
    return "\n".join(parts)


def _family_title(module: str) -> str:
    """The first line of the family's docstring, without its full stop."""
    return (sys.modules[module].__doc__ or module).strip().splitlines()[0].rstrip(".")


def _layer(layer: type[Layer]) -> Iterable[str]:
    call = example_of(layer)
    signature = call.signature
    yield f"### {layer.__name__}\n"
    yield " ".join((layer.__doc__ or "").strip().split("\n\n")[0].split()) + "\n"
    yield f"- **Options** {', '.join(_options(layer)) or 'none'}"
    taken = [_shape(tuple(map(Symbol, names))) for names in signature.takes]
    if taken:
        yield f"- **Takes** {' and '.join(taken)}"
    yield f"- **Gives** {' and '.join(_shape(shape) for shape in signature.gives)}"
    for formula in dict.fromkeys((*layer.rules, *(rule.formula for rule in signature.rules))):
        reason = f", {formula.reason}" if formula.reason else ""
        yield f"- **{_math(formula.target)}** = {_math(formula.expression)}{reason} [{_cited(formula)}]"
    for weight, shape in signature.weights:
        kind = "" if weight.trainable else ", not trained"
        yield f"- **Weight** {escape_markdown(weight.name)}: {_shape(shape)}{kind}"
    for condition, tree, _ in signature.where:
        yield f"- **Needs** {_math(tree)}: {condition.reason}"
    for count, tree in signature.counts.get("macs", ()):
        yield f"- **MACs** {_math(tree)}: {count.reason}"
    for work, tree in signature.counts.get("work", ()):
        assert isinstance(work, Work)
        assert isinstance(work.kind, Kind)
        if work.kind.operations == ():  # numbers are passed or moved
            continue
        yield f"- **Besides** {_math(tree)}: {work.kind.name}{f', {work.reason}' if work.reason else ''}"
    yield f"- **Example** {_example(call)}"
    names = [f"Keras `{d.name}`" for d in layer.keras] + [f"PyTorch `{d.name}`" for d in layer.torch]
    names += [f"`{d.module}.{d.name}`" for d in layer.operations]
    yield f"- **Frameworks** {', '.join(names) or 'ours alone'}\n"


def _options(layer: type[Layer]) -> Iterable[str]:
    for field in layer.fields:
        if field in ("name", "trainable"):
            continue
        option = layer.options.get(field)
        entry = describe(option.symbol.name) if option is not None else None
        yield f"`{field}`" + (f" ({_math(option.symbol)}, {entry.meaning})" if option is not None and entry else "")


def _example(call: Application) -> str:
    inputs = " and ".join(_shape(tuple(map(present, shape))) for shape in call.inputs)
    outputs = " and ".join(_shape(tuple(map(present, shape))) for shape in call.outputs)
    params = sum((weight.count for weight in call.weights), start=0)
    shown = f"`{call.layer!r}`"
    return f"{shown}: {inputs + ' → ' if inputs else ''}{outputs}" + (
        f", {_math(present(params))} parameters" if call.weights else ""
    )


def _shape(sizes: Iterable[Written]) -> str:
    return "$`(" + ", ".join(_latex(size) for size in sizes) + ")`$"


def _math(tree: Written) -> str:
    return f"$`{_latex(tree)}`$"


def _latex(tree: Written) -> str:
    return r"\prod " + latex(tree.arg) if isinstance(tree, Each) else latex(_spread(tree))


def _spread(tree: Written) -> Written:
    """`Each` inside a formula shown by its symbol: the product over the axes is understood."""
    if isinstance(tree, Each):
        return tree.arg
    parts = tree.parts()
    return tree.rebuilt(tuple(_spread(part) for part in parts)) if parts else tree


def _cited(formula: Formula) -> str:
    source = formula.source
    return source.citation + (f": {source.place}" if source.place else "")


if __name__ == "__main__":
    import symshape.layers  # noqa: F401 - registers every layer

    sys.stdout.write(reference())
