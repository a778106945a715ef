"""Writes the README's links to Binder and to the site from the repository's address in pyproject.toml.

    python binder/links.py

The address stands in one place, under ``[project.urls]``; after changing it, run this.
"""

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=<!-- Made by binder/links\.py: -->\n).*\Z", re.DOTALL)


def links() -> str:
    """The link definitions of the README: for each notebook one to Binder and one to the site."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    owner, name = urlsplit(project["urls"]["Repository"]).path.strip("/").split("/")
    lines = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        number = path.stem[:2]
        binder = f"https://mybinder.org/v2/gh/{owner}/{name}/HEAD?urlpath=lab/tree/notebooks/{path.name}"
        site = f"https://{owner}.github.io/{name}/{page_on_the_site(path.name)}"
        lines += [f"[binder {number}]: {binder}", f"[browser {number}]: {site}"]
    return "\n".join([*lines, ""])


def page_on_the_site(notebook: str) -> str:
    """Where the site shows a notebook, in a workspace of its own.

    With one for all, a second browser tab would open the notebooks of the first once more, and offer to
    overwrite what was written there.
    """
    return f"lab/index.html?path={notebook}&workspace={notebook.removesuffix('.ipynb')}"


def readme() -> str:
    """The README as it is to be: with these links at its end."""
    return BLOCK.sub(lambda _: links(), README.read_text(encoding="utf-8"))


if __name__ == "__main__":
    README.write_text(readme(), encoding="utf-8")
