"""The README's Python runs, and its commands are the ones the gate looks for."""

import re
from pathlib import Path

import pytest

import symshape

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_python_example_runs(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own text


@pytest.mark.parametrize("name", ["report", "test"])
def test_marked_commands_exist(name: str) -> None:
    assert re.search(rf"<!-- command: {name} -->\n```sh\n.+\n```", README)


def test_the_derivation_shown_is_the_one_that_is_made() -> None:
    shown = README.split("<!-- derivation -->")[1].split("<!-- end of derivation -->")[0].strip()
    assert shown in symshape.zoo.lenet5().derive().report(format="md")
