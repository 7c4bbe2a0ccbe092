"""`report`: which format, what is returned, and files that are there whole or not at all."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from symshape.derivation import Derivation
from symshape.errors import ConditionError, FormatError, UnknownName, UsageError
from symshape.network import Network
from symshape.report import report
from symshape.report.formats import FORMATS

BEGINNINGS = {
    "md": "# lenet5",
    "tex": "\\documentclass",
    "html": "<!DOCTYPE html>",
    "txt": "lenet5: ",
    "json": '{\n "format_version"',
}


@pytest.fixture(scope="module")
def derived(lenet: Network) -> Derivation:
    return lenet.derive()


# -- which format ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["md", "tex", "html", "txt", "json"])
def test_the_format_by_name_and_by_ending(derived: Derivation, name: str, tmp_path: Path) -> None:
    text = report(derived, format=name)
    assert text.startswith(BEGINNINGS[name])
    path = tmp_path / f"x.{name.upper()}"
    assert report(derived, path) == text
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("other", "name"), [("markdown", "md"), ("latex", "tex"), ("text", "txt"), ("HTML", "html"), (".md", "md")]
)
def test_other_names_of_a_format(derived: Derivation, other: str, name: str) -> None:
    assert report(derived, format=other) == report(derived, format=name)


def test_the_name_goes_before_the_ending(derived: Derivation, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    report(derived, path, "json")
    assert json.loads(path.read_text(encoding="utf-8"))["title"] == "lenet5"


def test_text_where_nothing_is_said(derived: Derivation) -> None:
    assert report(derived) == report(derived, format="txt")


@pytest.mark.parametrize(("path", "name"), [("x.docx", None), ("x", None), (None, "docx"), ("x.md", "pdf")])
def test_an_unknown_format_lists_those_that_exist(
    derived: Derivation, path: str | None, name: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FormatError, match="html, json, md, tex, txt"):
        report(derived, path, name)
    assert list(tmp_path.iterdir()) == []


def test_no_name_and_no_ending_belongs_to_two_formats() -> None:
    names = [name for entry in FORMATS for name in entry.names]
    endings = [ending for entry in FORMATS for ending in entry.endings]
    assert len(set(names)) == len(names)
    assert len(set(endings)) == len(endings)


def test_derivations_report_themselves(derived: Derivation, tmp_path: Path) -> None:
    assert derived.report(tmp_path / "x.md") == report(derived, format="md")


# -- the worked point and the title ------------------------------------------------------------------------------------
def test_a_point_is_shown_beside_every_closed_form(derived: Derivation) -> None:
    text = report(derived, point={"H": 64, "W": 48})
    assert "at H = 64: 60" in text
    assert "at 64 × 48" in text


def test_a_point_is_completed_from_the_file(derived: Derivation) -> None:
    assert "at 64 × 32" in report(derived, point={"H": 64})


def test_a_point_of_unknown_symbols_is_refused(derived: Derivation) -> None:
    with pytest.raises(UnknownName, match="the free symbols are H, W"):
        report(derived, point={"Q": 3})


def test_a_point_that_says_too_little_is_refused(free: Network) -> None:
    with pytest.raises(UsageError, match="no number for"):
        report(free.derive(), point={"H": 32})


def test_a_point_outside_the_domain_is_refused(derived: Derivation) -> None:
    with pytest.raises(ConditionError, match="conv2d_1"):
        report(derived, point={"H": 12, "W": 32})


def test_a_network_that_is_valid_nowhere_is_refused(unet: Network) -> None:
    with pytest.raises(ConditionError):
        report(unet.derive(H=63))


@pytest.mark.parametrize("name", ["md", "tex", "html", "txt"])
def test_a_title_of_ones_own(derived: Derivation, name: str) -> None:
    text = report(derived, format=name, title="The first network")
    assert "The first network" in text
    assert "lenet5: shapes" not in text


# -- files -------------------------------------------------------------------------------------------------------------
def test_nothing_is_left_where_writing_fails(
    derived: Derivation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.md"
    path.write_text("before")

    def refuse(*_: object) -> None:
        raise OSError("no")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", refuse)
        with pytest.raises(OSError, match="no"):
            report(derived, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.md"]
    assert path.read_text() == "before"


def test_nothing_is_written_where_rendering_fails(derived: Derivation, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "report.md.j2").write_text("{{ nonsense }}")
    with pytest.raises(FormatError):
        report(derived, tmp_path / "x.md", templates=folder)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_an_existing_file_keeps_its_permissions(derived: Derivation, tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("before")
    path.chmod(0o640)
    report(derived, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_usual_permissions(derived: Derivation, tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    report(derived, tmp_path / "x.md")
    assert (tmp_path / "x.md").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_symbolic_link_stays_one(derived: Derivation, tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("before")
    (tmp_path / "link.md").symlink_to("real.md")
    report(derived, tmp_path / "link.md")
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_text(encoding="utf-8").startswith("# ")


def test_what_is_no_file_is_written_to_directly(derived: Derivation) -> None:
    report(derived, os.devnull, "md")
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


def test_a_missing_folder_is_named(derived: Derivation, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        report(derived, tmp_path / "missing" / "x.md")
    with pytest.raises(IsADirectoryError):
        report(derived, tmp_path, "md")


# -- what is loaded ----------------------------------------------------------------------------------------------------
def test_json_needs_no_jinja2_and_no_report_needs_sympy() -> None:
    code = (
        "import sys; sys.modules['sympy'] = None\n"
        "import symshape\n"
        "from symshape.report import report\n"
        "derived = symshape.zoo.lenet5().derive()\n"
        "report(derived, format='json')\n"
        "assert 'jinja2' not in sys.modules\n"
        "for name in ('md', 'tex', 'html', 'txt'): report(derived, format=name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
