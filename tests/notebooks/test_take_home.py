"""Runs what notebook 06 gives to take home: a line for each library, and the count in PyTorch."""

import re
from pathlib import Path

import hygiene
import numpy as np
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_limits.ipynb"


def blocks(tag: str) -> list[str]:
    """The Python that stands in the text of the cell with this tag."""
    (cell,) = (cell for cell in hygiene.load(NOTEBOOK).cells if tag in cell.metadata.get("tags", []))
    return re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)


def library_of(block: str) -> str:
    return re.match(r"import (\w+)", block)[1]


@pytest.mark.parametrize("block", blocks("libraries"), ids=library_of)
def test_the_line_for_a_library_is_leaky_relu_at_a_tenth(block):
    pytest.importorskip(library_of(block), reason=f"{library_of(block)} is not installed to compare with")
    names: dict[str, object] = {}
    exec(block, names)
    if library_of(block) == "onnx":
        (slope,) = names["node"].attribute
        assert (slope.name, round(slope.f, 6)) == ("alpha", 0.1)
    else:
        np.testing.assert_allclose(np.asarray(names["y"]), [-0.1, 2.0], atol=1e-6)


def test_scikit_learn_has_none():
    networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    with pytest.raises(ValueError, match="activation"):
        networks.MLPClassifier(activation="leaky_relu").fit([[0.0], [1.0]], [0, 1])


def test_dead_and_stuck_units_of_a_model_in_pytorch(capsys):
    pytest.importorskip("torch", reason="PyTorch is not installed to compare with")
    (block,) = blocks("pytorch")
    names: dict[str, object] = {}
    exec(block, names)
    only_channel_3 = np.arange(8) == 3
    np.testing.assert_array_equal(names["dead"], only_channel_3)
    np.testing.assert_array_equal(names["stuck"], only_channel_3)
    assert "True" in capsys.readouterr().out
