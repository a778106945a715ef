"""Builds the course as a static site: Python runs in the browser, and no server is needed.

    python binder/jupyterlite/build.py SITE

SITE is a folder for any web server, GitHub Pages for one. The site loads Pyodide (Python for the browser)
from its makers' network; with ``--pyodide FOLDER`` it carries a copy of that distribution instead, and
then neither the build of it nor the site itself asks anybody else for Python.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FIRST_PAGE = "lab/index.html?path=00_start_here.ipynb&amp;workspace=00_start_here"
"""As ``page_on_the_site`` in ``binder/links.py`` has it, written as HTML; a test comes in by it."""
FRONT_DOOR = f"""<!DOCTYPE html>
<meta charset="utf-8">
<title>Leaky ReLU, by hand</title>
<meta http-equiv="refresh" content="0; url={FIRST_PAGE}">
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{{}}</script>
<p><a href="{FIRST_PAGE}">Leaky ReLU, by hand: start here</a></p>
"""
"""Leads to the first notebook. The pages below it read their settings from its script, here none."""


def main() -> None:
    """Lay out what JupyterLite expects in a folder of its own, and have it build the site."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("site", type=Path, help="the folder to make")
    arguments.add_argument("--pyodide", type=Path, help="a folder with pyodide.mjs, to be part of the site")
    told = arguments.parse_args()
    if sys.version_info < (3, 12):
        sys.exit("Building the site needs Python 3.12 or newer; this is " + sys.version.split()[0])
    if told.site.exists() and any(told.site.iterdir()):
        sys.exit(f"{told.site} is not empty; the site needs a folder of its own")
    if told.pyodide and not (told.pyodide / "pyodide.mjs").is_file():
        sys.exit(f"there is no pyodide.mjs in {told.pyodide}")
    with TemporaryDirectory() as folder:
        build(told.site.resolve(), told.pyodide and told.pyodide.resolve(), Path(folder).resolve())


def build(site: Path, pyodide: Path | None, lite: Path) -> None:
    """Build the site by way of ``lite``, an empty folder."""
    shutil.copy(HERE / "jupyter_lite_config.json", lite)
    shutil.copytree(ROOT / "notebooks", lite / "files", ignore=shutil.ignore_patterns(".*", "sweep_*"))
    for notebook in (lite / "files").glob("*.ipynb"):
        whole = with_whole_texts(json.loads(notebook.read_text(encoding="utf-8")))
        notebook.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    # In this folder the wheel joins Pyodide's lock: importing leaky_lib then loads NumPy and the others.
    wheels = lite / "static" / "pyodide-lock"
    run(lite, "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, ROOT)
    if pyodide is None:
        _build_and_check(lite, site)
    else:
        _build_with_pyodide(lite, site, pyodide)
    # Without a path JupyterLite opens its launcher, which says nothing of where to begin.
    (site / "index.html").write_text(FRONT_DOOR, encoding="utf-8")


def with_whole_texts(notebook: dict) -> dict:
    """A notebook whose rich outputs are whole texts, not the lists of lines that its file holds.

    A server joins the lines, JupyterLite does not, and JupyterLab's table of contents fails on a list.
    """
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            data |= {kind: "".join(lines) for kind, lines in data.items() if isinstance(lines, list)}
    return notebook


def _build_with_pyodide(lite: Path, site: Path, pyodide: Path) -> None:
    shutil.copytree(pyodide, lite / "static" / "pyodide")
    with served(pyodide) as address:
        _build_and_check(lite, site, "--pyodide-lock-url", f"{address}/pyodide-lock.json")
    lock = site / "static" / "pyodide-lock" / "pyodide-lock.json"
    at_home = lock.read_text(encoding="utf-8").replace(address, "../../static/pyodide")
    lock.write_text(at_home, encoding="utf-8")


def _build_and_check(lite: Path, site: Path, *options: str) -> None:
    for step in ("build", "check"):
        run(lite, "jupyter", "lite", step, "--lite-dir", lite, "--output-dir", site, *options)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine: JupyterLite resolves a lock's wheels only where they have a URL."""
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def run(folder: Path, module: str, *arguments: str | Path) -> None:
    """Run a module of this Python in a folder, or stop."""
    # Not in the caller's: JupyterLite would keep there what it did, and leave it out the next time.
    subprocess.run([sys.executable, "-m", module, *arguments], cwd=folder, check=True)


if __name__ == "__main__":
    main()
