"""What programs make of the reports: TeX compiles them, a browser shows them without complaint.

These tests fail where the programs are missing: `.ci/run` installs them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from symshape.network import Network
from symshape.report import report

pytestmark = pytest.mark.rendering

CHROMIUM = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr"),
)


def program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is missing"
    return found


def compiled(engine: str, folder: Path, runs: int = 2) -> str:
    """The log of a compilation."""
    for _ in range(runs):
        done = subprocess.run(
            [program(engine), "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]
    assert (folder / "report.pdf").stat().st_size > 10_000
    return (folder / "report.log").read_text(encoding="utf-8", errors="replace")


def check(log: str) -> None:
    wide = [float(size) for size in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(wide, default=0) < 5, wide
    assert "Missing character" not in log
    assert "undefined references" not in log


# -- LaTeX -------------------------------------------------------------------------------------------------------------
def test_pdflatex_compiles_every_kind_of_network(everything: list[Network], tmp_path: Path) -> None:
    for network in everything:
        report(network.derive(), tmp_path / "report.tex")
        check(compiled("pdflatex", tmp_path))


@pytest.mark.parametrize("name", ["ResNet50", "InceptionV3"])
def test_pdflatex_compiles_published_networks(published: Callable[[str], Network], name: str, tmp_path: Path) -> None:
    report(published(name).derive(), tmp_path / "report.tex")
    check(compiled("pdflatex", tmp_path))


def test_pdflatex_compiles_hostile_names(hostile: Network, tmp_path: Path) -> None:
    report(hostile.derive(), tmp_path / "report.tex")
    compiled("pdflatex", tmp_path, runs=2)


def test_lualatex_compiles_lenet5(lenet: Network, tmp_path: Path) -> None:
    report(lenet.derive(), tmp_path / "report.tex")
    check(compiled("lualatex", tmp_path))


# -- HTML --------------------------------------------------------------------------------------------------------------
def shown(page: Path, *options: str) -> tuple[str, str]:
    """What Chromium makes of the page, and what it says about it."""
    done = subprocess.run(
        [program("chromium"), *CHROMIUM, f"--user-data-dir={page.parent / 'profile'}", *options, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, done.stderr


@pytest.mark.parametrize("name", ["lenet", "residual", "hostile", "ResNet50"])
def test_chromium_shows_the_page_without_complaint(
    request: pytest.FixtureRequest, published: Callable[[str], Network], name: str, tmp_path: Path
) -> None:
    network = published(name) if name == "ResNet50" else request.getfixturevalue(name)
    page = tmp_path / "report.html"
    report(network.derive(), page)
    dom, said = shown(page, "--dump-dom")
    assert "CONSOLE" not in said, said
    assert dom.count("<article ") > 0
    assert dom.count("<math ") > 5
    assert "<script" not in dom


@pytest.mark.parametrize("size", ["1280,900", "420,900"])
def test_nothing_sticks_out_of_the_page(lenet: Network, size: str, tmp_path: Path) -> None:
    """The page is as wide as the window: what is wider scrolls by itself."""
    page = tmp_path / "report.html"
    text = report(lenet.derive(), format="html")
    told = "<script>document.title = document.documentElement.scrollWidth + ' ' + innerWidth</script></body>"
    page.write_text(re.sub(r"<meta http-equiv[^>]*>", "", text).replace("</body>", told), encoding="utf-8")
    dom, _ = shown(page, f"--window-size={size}", "--dump-dom")
    found = re.search(r"<title>(\d+) (\d+)</title>", dom)
    assert found is not None
    assert int(found.group(1)) <= int(found.group(2))


def test_chromium_takes_a_picture(lenet: Network, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    report(lenet.derive(), page)
    picture = tmp_path / "report.png"
    shown(page, "--window-size=1280,1600", f"--screenshot={picture}")
    assert picture.stat().st_size > 50_000


# -- SVG ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chromium_draws_a_chart(lenet: Network, scheme: str, tmp_path: Path) -> None:
    lenet.derive().sweep("macs", H=range(16, 65), W=[32, 48, 64]).to_svg(tmp_path / "curve.svg")
    page = tmp_path / "page.html"
    page.write_text('<meta name="color-scheme" content="light dark"><img src="curve.svg">', encoding="utf-8")
    picture = tmp_path / "picture.png"
    preferred = f"--blink-settings=preferredColorScheme={1 if scheme == 'light' else 0}"
    _, said = shown(page, "--window-size=800,480", preferred, f"--screenshot={picture}")
    assert "CONSOLE" not in said, said
    assert picture.stat().st_size > 10_000


def test_what_chromium_makes_of_a_chart_is_what_was_written(lenet: Network, tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    lenet.derive().sweep("macs", H=range(16, 33), W=[32, 48, 64]).to_svg(path)
    dom, said = shown(path, "--dump-dom")
    assert "CONSOLE" not in said, said
    assert dom.count('class="chart-mark ') == path.read_text(encoding="utf-8").count('class="chart-mark ') == 51
    assert "W = 48</text>" in dom
