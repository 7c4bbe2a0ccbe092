"""What a report collects on its way: the sources it cites, the symbols it uses, and whose conditions are whose."""

from __future__ import annotations

from symshape.declaration import Source
from symshape.derivation import Derivation
from symshape.layers.source import InputLayer
from symshape.report.naming import plain_name, stem_of
from symshape.report.view import Cite, ClosedForm, Meaning, Ref, SourceRow
from symshape.symbols import describe
from symshape.written import Symbol

__all__ = ["Register"]


class Register:
    """Filled while the layers are told, read when they all are."""

    def __init__(self, derivation: Derivation) -> None:
        self.network = derivation.network
        self.taken = frozenset({*derivation.network.symbols, *derivation.symbols} - {"N"})
        self.last_map: tuple[Ref | None, tuple[ClosedForm, ...]] = (None, ())  # of those that have axes, and its layer
        self._sources: dict[tuple[str, str], int] = {}
        self._symbols: dict[str, Symbol] = {}
        self._owners: dict[str, Ref | None] = {}  # by the label that conditions carry; None where two layers share it

    # -- whose a condition is ------------------------------------------------------------------------------------------
    def owner(self, label: str) -> Ref | None:
        """The layer whose conditions carry this label."""
        return self._owners.get(label) or self._owners.get(label.rpartition(", ")[0])

    def own(self, label: str, ref: Ref) -> None:
        """Remember whose conditions carry this label."""
        known = self._owners.setdefault(label, ref)
        if known is not None and known.name != ref.name:
            self._owners[label] = None

    # -- sources and symbols -------------------------------------------------------------------------------------------
    def cite(self, source: Source) -> Cite:
        """The source's number in the list, and the place in it."""
        return Cite(self._sources.setdefault((source.citation, source.url), len(self._sources) + 1), source.place)

    def meet(self, *symbols: Symbol) -> None:
        """Remember symbols for the glossary, by their stems: H_3 is explained once, as the sizes of layers."""
        for symbol in sorted(symbols, key=lambda s: s.name):
            name = symbol.name if symbol.name in self.taken else stem_of(symbol.name)
            if name not in self._symbols and (entry := self._meaning(name)) is not None:
                self._symbols[name] = entry

    def _meaning(self, name: str) -> Symbol | None:
        if name not in self.taken:
            return describe(name)
        if name in self.network.meanings:
            return Symbol(name, self.network.meanings[name])
        for node in self.network.nodes:
            if isinstance(node.operation, InputLayer):
                continue
            for option, value in getattr(node.operation, "bindings", {}).items():
                if plain_name(value) == name:
                    base = option.rpartition("_")[0]  # K for K_h: the symbol stands for every axis that has it
                    known = describe(option if option.rpartition("_")[2] not in ("d", "h", "w") else base or option)
                    meaning = known.meaning if known is not None else "an option"
                    return Symbol(name, f"{meaning}, of {node.name}", known.unit if known is not None else "")
        known = describe(name) or describe(name.partition("_")[0])
        if known is None:
            return Symbol(name, "a size of the input")
        return Symbol(name, known.meaning.replace("input map", "network's input"), known.unit)

    # -- what was collected --------------------------------------------------------------------------------------------
    def sources(self) -> tuple[SourceRow, ...]:
        """The list of sources."""
        return tuple(SourceRow(number, citation, url) for (citation, url), number in self._sources.items())

    def glossary(self) -> tuple[Meaning, ...]:
        """The symbols with their meanings."""
        return tuple(Meaning(Symbol(name), s.meaning, s.unit) for name, s in self._symbols.items())
