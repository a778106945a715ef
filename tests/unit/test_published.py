"""Holds the published figures to their marks."""

import pytest

from leaky_lib import published


def test_every_unread_figure_carries_a_star():
    table = published.studies()
    for study, row in zip(published.STUDIES, table.rows, strict=True):
        for slope, cell in zip(("0.01", "0.18", "0.33", "PReLU", "RReLU", "1"), row[2:], strict=True):
            if slope in study.accuracy:
                assert cell.endswith("*") == (not study.read >= {"0", slope})
                assert float(cell.removesuffix(" *")) == pytest.approx(study.minus_relu(slope), abs=0.051)
            else:
                assert cell == "–"


def test_every_accuracy_is_a_share_and_every_gain_a_few_points():
    for study in published.STUDIES:
        assert study.read <= set(study.accuracy)
        for slope, accuracy in study.accuracy.items():
            assert 0 < accuracy < 1
            assert abs(study.minus_relu(slope)) < 12
        assert study.minus_relu("0") == 0


def test_what_the_sources_state_stands_in_the_table():
    cifar10, cifar100, imagenet, *_ = published.STUDIES
    assert [round(100 * study.accuracy["RReLU"], 1) for study in (cifar10, cifar100)] == [88.8, 59.8]
    assert 1 - imagenet.accuracy["PReLU"] == pytest.approx(0.3264)
    assert imagenet.minus_relu("PReLU") == pytest.approx(1.2)
    assert published.studies().columns == (
        *("source", "data and network"),
        *("α=0.01", "α=0.18", "α=0.33", "PReLU", "RReLU", "α=1"),
    )
