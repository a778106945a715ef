"""Hold notebooks, guide, README and library to one vocabulary: one word for one thing."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    [
        ROOT / "README.md",
        *ROOT.glob("notebooks/*.ipynb"),
        *ROOT.glob("notebooks/*.md"),
        *ROOT.glob("leaky_lib/**/*.py"),
    ]
)
INSTEAD = {
    r"silen\w+|dark": "never positive, or dead of a ReLU unit",
    r"asleep": "stuck",
    r"(?:ran|runs?|running) off|blew up|blow(?:s|n|ing)?[ -]?up|explod\w+|not finite": "diverged",
    r"networks per slope": "seeds",
    r"too hot|hot rates?|sane\w*": "how large the learning rate is",
    r"unless told": "by default",
    r"bootstrap": "Student's t",
}


def text_of(path: Path) -> str:
    """What a reader reads: of a notebook its cells' sources."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_one_word_stands_for_one_thing(path):
    text = text_of(path)
    found = {
        match[0]: word
        for pattern, word in INSTEAD.items()
        for match in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text, re.IGNORECASE)
    }
    assert not found, f"say instead: {found}"
