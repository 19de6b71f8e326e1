"""Engines for GPUs that aren't there."""

import pytest

import recipec_tensorrt
from recipec.api import TensorRTEngine
from recipec.testing import CapabilityContract, LintContract, plan_of_stages, stage
from recipec_tensorrt.gpus import compute_capabilities
from recipec_tensorrt.lints import ABSENT


def engine(*wanted, given=("compute_capabilities",)):
    facts = TensorRTEngine(compute_capabilities=wanted) if wanted else TensorRTEngine()
    return stage("engine", "tensorrt.build", outputs={"engine": facts}, given=given)


def found(engine, here):
    return list(ABSENT.check(plan_of_stages(engine, version_of={"compute-capability": here}.get)))


class TestComputeCapability(CapabilityContract):
    (capability,) = recipec_tensorrt.recipec_capabilities()


class TestAbsent(LintContract):
    lint = ABSENT

    def bad_plan(self):
        return plan_of_stages(engine("8.0", "8.9"))

    def good_plan(self):
        return plan_of_stages(engine("8.0", "8.9"), version_of={"compute-capability": "8.9"}.get)


def test_a_machine_without_a_gpu_can_build_and_not_run():
    (finding,) = found(engine("8.0", "8.9"), None)
    assert "8.0, 8.9, and this machine has no GPU" in finding.message
    assert finding.at == ("stages", "engine", "with", "compute_capabilities")


def test_what_stands_only_in_the_defaults_is_told_at_the_stage():
    assert found(engine("8.0", given=()), None)[0].at is None


@pytest.mark.parametrize(("here", "absent"), [("7.5", True), ("7.5 8.9", False), ("8.6", True)])
def test_one_gpu_that_it_is_for_is_enough(here, absent):
    assert bool(found(engine("8.0", "8.9"), here)) is absent


def test_an_engine_for_the_gpu_of_this_machine_is_fine():
    assert found(engine(), None) == []


def test_a_machine_without_the_driver_has_no_compute_capability():
    assert compute_capabilities("no-such-library.so") is None


def test_every_gpu_is_asked_once(monkeypatch):
    """A driver with three GPUs, two of one kind."""
    versions = [(8, 9), (8, 6), (8, 9)]

    class Driver:
        def cuInit(self, flags):  # noqa: N802 (the driver calls it so)
            return 0

        def cuDeviceGetCount(self, count):  # noqa: N802 (the driver calls it so)
            count._obj.value = len(versions)
            return 0

        def cuDeviceGet(self, device, index):  # noqa: N802 (the driver calls it so)
            device._obj.value = index
            return 0

        def cuDeviceGetAttribute(self, value, attribute, device):  # noqa: N802 (the driver calls it so)
            value._obj.value = versions[device.value][{75: 0, 76: 1}[attribute]]
            return 0

    monkeypatch.setattr("ctypes.CDLL", lambda library: Driver())
    assert compute_capabilities() == "8.6 8.9"
