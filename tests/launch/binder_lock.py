"""Installs Binder's lock in a new environment of Binder's Python and runs the notebooks there.

    python tests/launch/binder_lock.py                                  all of them
    python tests/launch/binder_lock.py notebooks/00_start_here.ipynb    only this one

Say which Python with ``--python PATH`` if ``python3.12``, or whichever stands in runtime.txt, is not on the
path. It does in a clone (so: of what is committed) what Binder does, in Binder's order: the lock, then
binder/postBuild. Nothing of it is kept.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Build the environment as Binder does, and run the notebooks in it."""
    version = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("notebooks", nargs="*", default=["notebooks"])
    arguments.add_argument("--python", default=shutil.which(f"python{version}"), help="path of a Python")
    told = arguments.parse_args()
    if told.python is None or _version(told.python) != version:
        sys.exit(f"Binder's Python is {version}; {told.python or 'none'} is not. Say which: --python PATH")
    with TemporaryDirectory() as folder:
        clone = Path(folder) / "repository"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        began = perf_counter()
        environment = _environment_as_binder_makes_it(told.python, clone, Path(folder) / "venv")
        print(f"installed in {perf_counter() - began:.0f} s; the lock is complete", flush=True)
        began = perf_counter()
        subprocess.run(
            ["python", "-m", "pytest", "-q", *told.notebooks], cwd=clone, env=environment, check=True
        )
        print(f"the notebooks ran as saved, in {perf_counter() - began:.0f} s")


def _version(python: str) -> str:
    show = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", show], capture_output=True, text=True, check=False).stdout.strip()


def _environment_as_binder_makes_it(python: str, clone: Path, venv: Path) -> dict[str, str]:
    subprocess.run([python, "-m", "venv", venv], check=True)
    environment = {**os.environ, "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    for command in (
        ["python", "-m", "pip", "install", "--quiet", "--no-deps", "-r", "binder/requirements.txt"],
        ["binder/postBuild"],
        ["python", "-m", "pip", "check"],  # fails if the lock is not complete
    ):
        subprocess.run(command, cwd=clone, env=environment, check=True)
    return environment


if __name__ == "__main__":
    main()
