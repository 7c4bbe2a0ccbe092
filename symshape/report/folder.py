"""Where the templates are.

They lie in `templates/` at the top of the repository and in `symshape/templates` of a built wheel. An editable install
has only the first, an ordinary install only the second.
"""

from __future__ import annotations

from pathlib import Path

from symshape.errors import SymshapeError

__all__ = ["template_folder"]


def template_folder() -> Path:
    """Give the folder of the templates that come with symshape.

    >>> template_folder().name
    'templates'
    """
    package = Path(__file__).resolve().parents[1]
    repository = package.parent
    installed = package / "templates"
    if installed.is_dir():
        return installed
    in_repository = repository / "templates"
    if in_repository.is_dir() and (repository / "pyproject.toml").is_file():  # in site-packages it would be another's
        return in_repository
    raise SymshapeError(f"this installation of symshape has lost its templates: there is no folder {installed}")
