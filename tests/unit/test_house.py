"""Proves that the house holds together: requirements in step, README's commands, licence, top level."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def requirement_lines(path: str) -> set[str]:
    lines = (line.split("#")[0].strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines())
    return {line for line in lines if line}


def test_a_text_file_is_read_and_written_in_a_named_encoding():
    """Ruff's PLW1514 sees it only where it can tell that something is a path."""
    for path in (path for part in ("leaky_lib", "tests", "binder") for path in (ROOT / part).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("read_text", "write_text"):
                assert "encoding" in {keyword.arg for keyword in node.keywords}, f"{path}:{node.lineno}"


def test_a_learner_installs_no_test_tool_but_those_asked_for():
    names = {re.split(r"[<>=]", line)[0] for line in requirement_lines("requirements.txt")}
    assert names == {"-e .", "jupyterlab", "numpy", "matplotlib", "ipywidgets", "nbval", "pytest"}


def test_what_a_learner_installs_runs_the_notebooks_as_tests():
    """Of pytest's plugins only nbval is among it: no option of another may be needed."""
    asked = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", "--collect-only", "-q"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    alone.pop("PYTEST_ADDOPTS", None)
    found = subprocess.run(
        [*asked, "notebooks/00_start_here.ipynb"],
        cwd=ROOT,
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert "Cell 0" in found.stdout


def test_binder_makes_the_library_importable():
    post_build = ROOT / "binder" / "postBuild"
    assert "pip install --no-deps -e ." in post_build.read_text(encoding="utf-8")
    assert post_build.stat().st_mode & 0o100


def test_binder_runs_a_python_that_the_package_allows():
    runtime = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    major, minor = map(int, runtime.removeprefix("python-").split("."))
    assert (major, minor) >= (3, 11)


def test_only_what_belongs_there_is_at_the_top():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: its list of files is not to be had")
    top = {Path(line).parts[0] for line in listed.stdout.splitlines()}
    visible = {name for name in top if not name.startswith(".")}
    assert visible <= {
        *("notebooks", "leaky_lib", "tests", "binder"),
        *("requirements.txt", "README.md", "pyproject.toml", "LICENSE"),
    }


def test_the_readme_gives_each_command_for_both_systems():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for system, count in (("sh", 2), ("powershell", 2)):
        assert len(re.findall(rf"^```{system}$", readme, re.MULTILINE)) == count


def test_the_readme_links_to_files_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_gate_runs_the_readmes_own_test_command():
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "<!-- test command -->" in gate
    everything = "-m pytest --numprocesses=2 --dist=loadfile"
    assert re.search(rf"<!-- test command -->\n```sh\n.*{everything}\n```", readme)


def test_the_digits_travel_with_their_source():
    text = (ROOT / "leaky_lib" / "digits.md").read_text(encoding="utf-8")
    assert "Alpaydin" in text
    assert "10.24432/C50P49" in text
    assert "CC BY 4.0" in text
