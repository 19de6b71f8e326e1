"""Shares and percentage points of `train.fit`; what they dump, and so keys, is a number."""

import pytest
from pydantic import ValidationError

from recipec.api.training import EarlyStop
from recipec.api.training.stopping import Stopper
from recipec_train.params import FitParams


def fit(**params):
    return FitParams.model_validate({"data": "train", "epochs": 1, **params})


def test_shares_in_percent_are_the_same_stage():
    bare = fit(
        loss={"name": "cross_entropy", "label_smoothing": 0.05},
        schedule={"name": "one_cycle", "rise": 0.25},
        augment={"scale": 0.1},
    )
    percent = fit(
        loss={"name": "cross_entropy", "label_smoothing": "5%"},
        schedule={"name": "one_cycle", "rise": "25%"},
        augment={"scale": "10%"},
    )
    assert percent.model_dump(mode="json") == bare.model_dump(mode="json")


def test_all_of_the_learning_rate_is_written_so_that_it_is_no_percent():
    assert fit(schedule={"name": "cosine", "end": 1.0}).schedule.end == 1.0
    with pytest.raises(ValidationError, match="1 could be 1% or 100%"):
        fit(schedule={"name": "cosine", "end": 1})


def test_a_gain_of_accuracy_is_in_percentage_points():
    rule = EarlyStop.model_validate({"min_delta": "0.5pp", "patience": 1})
    assert rule.least_gain == 0.005
    stopper = Stopper(rule)
    stopper.saw(loss=1.0, accuracy=0.900)
    assert not stopper.saw(loss=1.0, accuracy=0.904)
    assert stopper.stops
    with pytest.raises(ValidationError, match=r"0\.01pp or 1pp"):
        EarlyStop.model_validate({"min_delta": 0.01})


def test_a_gain_of_the_loss_is_a_bare_number():
    assert EarlyStop.model_validate({"metric": "loss", "min_delta": 0.01}).least_gain == 0.01
    with pytest.raises(ValidationError, match="a loss has no unit"):
        EarlyStop.model_validate({"metric": "loss", "min_delta": "1pp"})


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
def test_what_is_dumped_is_read_again(metric):
    for gain in (0, "0.5pp" if metric == "accuracy" else 0.5):
        rule = EarlyStop.model_validate({"metric": metric, "min_delta": gain})
        assert EarlyStop.model_validate(rule.model_dump(mode="json")) == rule


def test_defaults_dump_what_they_always_did():
    """Keys are made of this: another value here, and every training runs again."""
    dumped = fit().model_dump(mode="json")
    assert dumped["loss"] == {"name": "cross_entropy", "label_smoothing": 0.1}
    assert dumped["schedule"] == {
        "name": "one_cycle",
        "rise": 0.3,
        "start_divisor": 25.0,
        "end_divisor": 10000.0,
    }
    assert dumped["augment"] == {"rotate": 0.0, "scale": 0.0, "shift": 0.0, "flip": False}
    assert EarlyStop().model_dump(mode="json") == {
        "metric": "accuracy",
        "patience": 3,
        "min_delta": 0.0,
    }
