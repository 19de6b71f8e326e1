"""Loss curves of the three precisions of `train.fit`, on a CPU: a small MLP, twenty steps.

python docs/evidence/mixed_precision.py          rewrites mixed-precision.md
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import torch

from recipec.api import TensorSpec
from recipec.api.torch import reproducible
from recipec.api.training import (
    CrossEntropy,
    Outcome,
    Reader,
    TrainingParams,
    supervised,
    train,
)
from recipec.testing import AloneRunContext
from recipec_data._digits import load
from recipec_torch.zoo import mlp
from recipec_train.fit import Fit

HERE = Path(__file__).parent
INPUTS = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
PRECISIONS = ("32-true", "16-mixed", "bf16-mixed")
STEPS, BATCH, INFINITY_AT = 20, 64, 3
OPENING = f"""\
# Mixed precision

Made by `python docs/evidence/mixed_precision.py`. A perceptron of `recipec_torch.zoo:mlp` with its
defaults on `data.digits`, AdamW with a learning rate of 0.01, {STEPS} steps of {BATCH}, the same
batches and seed. The loss of each step before it is taken; the last column is the CPU time of all
steps against that of float32, which for so small a model is mostly overhead.

"""


class Planted(torch.nn.Module):
    """Multiplies the logits of one training step by infinity."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.inner(x)
        if self.training:
            self.calls += 1
            if self.calls == INFINITY_AT:
                return logits * float("inf")
        return logits


def trained(precision: str, folder: Path, *, planted: bool = False) -> tuple[Outcome, float]:
    """Train anew; give what came out, and CPU seconds."""
    params = TrainingParams.model_validate(
        {
            "data": "train",
            "steps": STEPS,
            "batch_size": BATCH,
            "precision": precision,
            "clip_norm": 1.0,
            "optimizer": {"name": "adamw", "lr": 0.01},
            "schedule": {"name": "constant"},
        }
    )
    with reproducible(0, 1):
        module = mlp()
    subset = {"take": None, "skip": 0, "draw": 0, "labelled": True}
    samples = load("train", 0.0, 1.0, subset)
    began = time.process_time()
    outcome = train(
        Planted(module) if planted else module,
        Reader(samples, INPUTS, 10),
        params,
        AloneRunContext(folder, Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))),
        loss=supervised(CrossEntropy(label_smoothing=0)),
        identity=f"{precision}-{planted}",
    )
    return outcome, time.process_time() - began


def convolution(dtype: torch.dtype) -> float:
    """Time a convolution forward and backward; give CPU milliseconds."""
    layer = torch.nn.Conv2d(16, 32, 3, padding=1).to(dtype)
    x = torch.randn(32, 16, 8, 8, dtype=dtype)
    layer(x).sum().backward()
    began = time.process_time()
    for _ in range(20):
        layer(x).sum().backward()
    return (time.process_time() - began) / 20 * 1000


def page() -> str:
    """Make the whole page."""
    shown = (1, 5, 10, 15, 20)
    steps = " | ".join(f"step {step}" for step in shown)
    rows = [
        f"| precision | {steps} | largest difference | steps left out | CPU time |",
        "|---|" + "---|" * (len(shown) + 3),
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        trained("32-true", folder / "warm")
        runs = {p: trained(p, folder / p) for p in PRECISIONS}
        whole, seconds = runs["32-true"]
        for precision, (outcome, took) in runs.items():
            curve = " | ".join(f"{outcome.losses[step - 1].item():.4f}" for step in shown)
            largest = (outcome.losses - whole.losses).abs().max().item()
            left_out = "–" if outcome.skipped is None else outcome.skipped
            rows.append(
                f"| `{precision}` | {curve} | {largest:.4f} | {left_out} | {took / seconds:.1f}× |"
            )
        hit, _ = trained("16-mixed", folder / "planted", planted=True)
    floats = (torch.float32, torch.bfloat16, torch.float16)
    times = ", ".join(f"{convolution(d):.1f} ms in {str(d).removeprefix('torch.')}" for d in floats)
    lost = [i + 1 for i, loss in enumerate(hit.losses.tolist()) if loss != loss]
    last = hit.losses[-1].item()
    return (
        OPENING
        + "\n".join(rows)
        + f"""

One 3×3 convolution of 16 to 32 channels on 32 digits, forward and backward, CPU time: {times}.

With an infinity planted in the logits of step {INFINITY_AT}, `16-mixed` leaves out {hit.skipped} of
{STEPS} steps (step {", ".join(map(str, lost))}), says so ("{hit.notes[0]}"), and ends at a loss of
{last:.4f}. Tests hold all of this to a plain loop with `torch.autocast`, `torch.amp.GradScaler`,
`unscale_` and `clip_grad_norm_` (losses and weights to 1e-6), and the curves of a smaller
perceptron to 0.01 of float32.
"""
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    (HERE / "mixed-precision.md").write_text(page(), encoding="utf-8")
