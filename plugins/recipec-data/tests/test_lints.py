"""Learning from noise."""

import pytest

from recipec.api import InputView, Learning
from recipec.testing import LintContract, plan_of_stages, samples, stage
from recipec_data.lints import NOISE


def calibrated_on(operator, how="calibrates"):
    learns = {"calibration.data": Learning(how=how, samples=64)} if how else {}
    int8 = stage(
        "int8",
        "acme.int8",
        inputs={"calibration.data": InputView("data.some", "samples")},
        learns_from=learns,
    )
    return plan_of_stages(int8, data=[samples("some", operator)])


class TestNoise(LintContract):
    lint = NOISE

    def bad_plan(self):
        return calibrated_on("data.random")

    def good_plan(self):
        return calibrated_on("data.digits")


def test_noise_that_nothing_learns_from_is_fine():
    assert list(NOISE.check(calibrated_on("data.random", how=None))) == []


@pytest.mark.parametrize("how", ["trains", "calibrates", "selects"])
def test_the_place_is_the_parameter_that_names_the_data(how):
    (finding,) = NOISE.check(calibrated_on("data.random", how))
    assert finding.at == ("stages", "int8", "with", "calibration", "data")
    assert "'some', which is noise" in finding.message
