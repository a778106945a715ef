"""Proves that imports run one way, and that importing the library stays cheap."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import leaky_lib

LIBRARY = Path(leaky_lib.__file__).parent

ORDER = (
    *("arguments", "activations", "data", "tables", "intervals", "family", "convolutions", "parallel"),
    *("networks", "optimisers", "training", "units", "take_home", "progress", "experiments", "kept"),
    *("figures", "page", "exercises", "explorers"),
)
"""A file imports only from those before it; one in a folder also from its own folder."""
NUMBERS = {"numpy", "threadpoolctl"}
PICTURES = NUMBERS | {"matplotlib", "PIL", "IPython"}
CONTROLS = PICTURES | {"ipywidgets", "traitlets"}


def allowed_packages(name: str) -> set[str]:
    """What a file may import from outside; the mathematics is NumPy alone."""
    if name in ("parallel", "progress"):
        return NUMBERS | {"IPython"}
    rooms = {"parallel": {"numpy"}, "figures": NUMBERS, "page": PICTURES}
    return next((may for end, may in rooms.items() if ORDER.index(name) < ORDER.index(end)), CONTROLS)


def imports_of(source: str) -> set[str]:
    """Every module that a source imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where they lead"
            if node.module == "leaky_lib":
                found |= {f"leaky_lib.{alias.name}" for alias in node.names}
            else:
                found.add(node.module)
    return found


def complaints(name: str, source: str) -> list[str]:
    """What is wrong with a file's imports, in words."""
    own_room, found = name.partition("/")[0], []
    for module in imports_of(source):
        package, _, inner = module.partition(".")
        room = inner.partition(".")[0]
        if package == "leaky_lib":
            in_own_folder = "/" in name and inner.startswith(f"{own_room}.")
            if room not in ORDER or (ORDER.index(room) >= ORDER.index(own_room) and not in_own_folder):
                found.append(f"{name} imports {inner}")
        elif package not in sys.stdlib_module_names and package not in allowed_packages(own_room):
            found.append(f"{name} imports {package}")
    return found


FILES = sorted(
    path.relative_to(LIBRARY).with_suffix("").as_posix()
    for path in LIBRARY.rglob("*.py")
    if path.parent != LIBRARY or path.stem != "__init__"
)


def test_every_file_has_its_place():
    assert {name.partition("/")[0] for name in FILES} == set(ORDER)


@pytest.mark.parametrize("name", FILES)
def test_a_file_imports_only_from_those_before_it(name):
    assert complaints(name, (LIBRARY / f"{name}.py").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("activations", "from leaky_lib import networks"),
        ("activations", "import threadpoolctl"),
        ("networks", "from leaky_lib.training import train"),
        ("networks", "def late():\n    import matplotlib.pyplot"),
        ("experiments/neuron", "from leaky_lib.experiments import sweep"),
        ("figures", "import ipywidgets"),
        ("explorers", "from leaky_lib import unheard_of"),
    ],
)
def test_a_forbidden_import_is_seen(name, source):
    assert len(complaints(name, source)) == 1


def loaded_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sorted(name for name in sys.modules if '.' not in name))"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, text=True
        ).stdout.split()
    )


def test_pictures_and_controls_load_when_first_used_and_not_before():
    assert not loaded_after("import leaky_lib") & {"matplotlib", "ipywidgets", "IPython", "PIL"}
    assert "matplotlib" in loaded_after("import leaky_lib; leaky_lib.figures")
    assert "ipywidgets" in loaded_after("import leaky_lib; leaky_lib.explorers")


def test_every_part_of_the_library_can_be_asked_for_and_no_other():
    assert all(getattr(leaky_lib, name) is not None for name in (*ORDER, *leaky_lib.__all__))
    assert set(ORDER) <= set(dir(leaky_lib))
    with pytest.raises(AttributeError, match="no attribute 'leaky_rely'"):
        _ = leaky_lib.leaky_rely
