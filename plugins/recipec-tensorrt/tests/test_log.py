"""What TensorRT says becomes short enough to read. The messages are real ones."""

import pytest

from recipec_tensorrt._log import Log, readable, reason


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (
            "IBuilder::buildSerializedNetwork: Error Code 1: Cuda Runtime (In generateForCurrent "
            "at /_src/runtime/core/cudaDeviceProfile.cpp:221 (cudaError 35: CUDA driver version "
            "is insufficient for CUDA runtime version))",
            "Cuda Runtime ((cudaError 35: CUDA driver version is insufficient for CUDA runtime "
            "version))",
        ),
        (
            "IBuilder::buildSerializedNetwork: Error Code 4: API Usage Error (Network has dynamic "
            "or shape inputs, but no optimization profile has been defined. In validate at "
            "/_src/optimizer/api/network.cpp:4023)",
            "API Usage Error (Network has dynamic or shape inputs, but no optimization profile "
            "has been defined)",
        ),
        ("WeightsContext.cpp:203: Failed to open file: a.data", "Failed to open file: a.data"),
        ("two\nlines", "two lines"),
    ],
)
def test_where_in_tensorrts_sources_a_message_comes_from_is_left_out(said, read):
    assert readable(said) == read


@pytest.mark.parametrize(
    ("assertion", "read"),
    [
        (
            "Assertion failed: shiftIsAllZeros(zeroPoint): Non-zero zero point is not supported.",
            "Non-zero zero point is not supported.",
        ),
        (
            "Assertion failed: layout == Layout::kNCHW: only NCHW is supported",
            "only NCHW is supported",
        ),
        ('creator && "Plugin not found"', "Plugin not found"),
        ("no assertion at all", "no assertion at all"),
        (
            "Invalid Node - b\n[checkMacros.cpp::catchCudaError::250] Error Code 1: Cuda Runtime",
            "Invalid Node - b",
        ),
        ("[checkMacros.cpp::catchCudaError::250] Error Code 1: Cuda Runtime", "Cuda Runtime"),
    ],
)
def test_of_a_failed_assertion_the_part_for_people_is_kept(assertion, read):
    assert reason(assertion) == read


def test_notes_say_each_thing_once_and_only_so_many():
    log = Log()
    log.warnings += [f"warning {number}" for number in range(20) for _ in range(3)]
    notes = log.notes()
    assert notes[0] == "warning 0"
    assert len(notes) == len(set(notes)) == 9
    assert notes[-1] == "and 12 more warnings of TensorRT"
