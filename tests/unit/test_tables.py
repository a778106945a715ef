"""Proves that a table is shown as its rows stand, and that names and places are found."""

import numpy as np
import pytest

from leaky_lib.tables import Table, counted, name_of, row_of

TABLE = Table(("α", "best of all"), (("0.01", "a b"), ("0.25 or so", "x|y")))


def test_a_heading_too_may_hold_a_bar():
    shown = Table(("learns |x|",), (("all",),))
    assert "| learns \\|x\\| |" in shown._repr_markdown_()
    assert "learns |x|" in str(shown)


def test_as_text_its_columns_stand_under_each_other():
    assert str(TABLE).splitlines() == ["α           best of all", "0.01        a b", "0.25 or so  x|y"]
    assert repr(TABLE) == str(TABLE)


def test_in_a_notebook_it_is_a_table_whose_cells_do_not_break():
    assert TABLE._repr_markdown_().splitlines() == [
        "| α | best of all |",
        "| --- | --- |",
        "| 0.01 | a\N{NO-BREAK SPACE}b |",
        "| 0.25\N{NO-BREAK SPACE}or\N{NO-BREAK SPACE}so | x\\|y |",
    ]


def test_a_table_of_long_texts_may_break_them():
    assert "| 0.25 or so |" in Table(TABLE.columns, TABLE.rows, wrap=True)._repr_markdown_()


@pytest.mark.parametrize(
    ("alpha", "name"),
    [
        *((0, "ReLU"), (0.01, "Leaky ReLU 0.01"), (1, "linear (α = 1)"), ("PReLU", "PReLU")),
        *((np.float32(0.5), "Leaky ReLU 0.5"), (-1, "Leaky ReLU -1"), (2, "Leaky ReLU 2")),
    ],
)
def test_networks_are_called_by_their_slope(alpha, name):
    assert name_of(alpha) == name


@pytest.mark.parametrize("values", [[0.0, 0.1, "PReLU"], (0.0, 0.1, "PReLU"), np.array([0.0, 0.1])])
def test_a_value_is_found_among_others(values):
    assert row_of(values, 0.1) == 1


def test_a_value_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ValueError, match=r"depth must be one of \[1, 2\]; got 3"):
        row_of([1, 2], 3, "depth")


def test_one_of_a_thing_is_no_plural():
    assert [counted(number, "hidden layer") for number in (1, 2.0)] == ["1 hidden layer", "2 hidden layers"]
    assert counted(5000, "step") == "5,000 steps"
    assert counted(12_345_678, "step") == "12,345,678 steps"


def test_a_page_to_print_holds_title_code_and_every_cell(tmp_path):
    table = Table(("do <this>", "seen in"), (("use `x` & y", "[03 · Death](03.ipynb#Death)"), ("|x|", "2")))
    path = table.to_html(tmp_path / "page.html", "Units & α", "a < b")
    page = path.read_text(encoding="utf-8")
    assert page.count("<h1>Units &amp; α</h1>") == page.count("<pre>a &lt; b</pre>") == 1
    assert "<tr><th>do &lt;this&gt;</th><th>seen in</th></tr>" in page
    assert "<tr><td>use <code>x</code> &amp; y</td><td>03 · Death</td></tr>" in page, "a link's text"
    assert "<tr><td>|x|</td><td>2</td></tr>" in page
    assert "<pre>" not in table.to_html(path, "without code").read_text(encoding="utf-8")
