"""Proves that Binder would build the right environment: its Dockerfile, rendered, and its lock, read."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def requirements(path: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and line != "-e ."]


def binder_python() -> str:
    return (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")


@pytest.fixture
def dockerfile(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps of the Dockerfile that Binder would build from this folder."""
    app = pytest.importorskip("repo2docker.app", reason="repo2docker is not installed").Repo2Docker()
    monkeypatch.chdir(ROOT)
    packs = (pack(app.base_image) for pack in app.buildpacks)
    chosen = next(pack for pack in packs if pack.detect())
    chosen.platform = "linux/amd64"
    return chosen.render(build_args={}).splitlines()


def step(dockerfile: list[str], pattern: str) -> int:
    """The number of the only line that matches."""
    found = [number for number, line in enumerate(dockerfile) if re.search(pattern, line)]
    assert len(found) == 1, f"{len(found)} lines with {pattern}"
    return found[0]


def test_builds_the_python_that_it_is_told(dockerfile: list[str]):
    environment = dockerfile[step(dockerfile, r"^COPY .* /tmp/env/environment\.lock$")]
    escaped = environment.replace("-2d", "-").replace("-2e", ".")
    assert f"environment.py-{binder_python()}-linux-64.lock" in escaped


def test_installs_the_lock_before_it_copies_the_repository(dockerfile: list[str]):
    steps = [
        r"^COPY .* src/binder/requirements\.txt \$\{REPO_DIR\}/binder/requirements\.txt$",
        r'^RUN \S+/pip install .*-r "binder/requirements\.txt"$',
        r"^COPY .* src/ \$\{REPO_DIR\}/",
        r"^RUN \./binder/postBuild",
    ]
    order = [step(dockerfile, pattern) for pattern in steps]
    assert order == sorted(order)


def test_nothing_but_the_lock_is_copied_before(dockerfile: list[str]):
    whole = step(dockerfile, r"^COPY .* src/ \$\{REPO_DIR\}/")
    ours = [line.split()[2] for line in dockerfile[:whole] if re.search(r"^COPY .* src/", line)]
    assert ours == ["src/binder/requirements.txt"]


def test_every_line_of_the_lock_is_one_version():
    loose = [
        str(line)
        for line in requirements("binder/requirements.txt")
        if [clause.operator for clause in line.specifier] != ["=="] or "*" in str(line.specifier)
    ]
    assert loose == []


def test_the_lock_holds_what_a_learner_installs():
    pinned = {line.name: str(line.specifier)[2:] for line in requirements("binder/requirements.txt")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    there = {**default_environment(), "python_version": binder_python(), "sys_platform": "linux"}
    wanted = [*requirements("requirements.txt"), *map(Requirement, project["dependencies"])]
    wanted = [line for line in wanted if line.marker is None or line.marker.evaluate(there)]
    missing = [line.name for line in wanted if line.name not in pinned]
    assert missing == []
    assert [str(line) for line in wanted if pinned[line.name] not in line.specifier] == []
