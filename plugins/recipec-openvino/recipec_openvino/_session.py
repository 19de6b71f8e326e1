"""OpenVINO models, run by OpenVINO on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from recipec.api import Artifact, OperatorError
from recipec.api.sessions import Array
from recipec_openvino._openvino import openvino


class OpenVINOSession:
    """One compiled model and one infer request: one stream, for latency.

    Floats are computed in float32: by itself OpenVINO takes bfloat16 where a CPU has it, and
    outputs then differ from other runtimes' in the third digit. Threads aren't bound to cores: on
    shared ones a bound thread waits for its core while another is idle (measured: 20 times slower).
    """

    def __init__(self, artifact: Artifact[Any], threads: int) -> None:
        self._request = compiled(artifact.path, threads).create_infer_request()

    def active(self) -> AbstractContextManager[None]:
        return nullcontext()

    def feed(self, arrays: Sequence[Array]) -> list[Array]:
        return list(arrays)

    def run(self, feed: list[Array]) -> Any:
        """Compute; the arrays aren't copied, as in the other runtimes."""
        self._request.infer(feed, share_inputs=True)
        return self._request

    def fetch(self, result: Any) -> Array:
        array: Array = result.get_output_tensor(0).data.copy()
        return array


def compiled(folder: Path, threads: int) -> Any:
    """Read and compile a model for the CPU. Raises OperatorError when that can't be done."""
    core = openvino.Core()
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": "f32",
        "ENABLE_CPU_PINNING": False,
    }
    try:
        return core.compile_model(core.read_model(folder / "model.xml"), "CPU", options)
    except Exception as problem:  # its exceptions have no common class of their own
        raise OperatorError(f"OpenVINO can't load the model: {said(problem, folder)}") from problem


def said(problem: Exception, folder: Path) -> str:
    """Give what OpenVINO says without the places in its sources and on this machine."""
    lines = [line.strip() for line in str(problem).replace(f"{folder}/", "").splitlines()]
    noise = ("Exception from", "Check '", "FrontEnd API failed", "Summary:")
    kept = [line for line in lines if line and not line.startswith(noise)]
    return " ".join(kept[:4]) or type(problem).__name__
