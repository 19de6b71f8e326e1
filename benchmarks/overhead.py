"""What recipec costs on top of the frameworks: seven steps from a recipe, and in a straight script.

    python benchmarks/overhead.py [--pairs 3]

`recipec compile recipes/seven-steps.yaml` takes turns with the same work written down by hand
(`by_hand` below), each in a process of its own, with a new store and output folder, one thread,
and seed 0. Wall time decides: recipec may take 1.05 times the script's median plus 1 second, else
the exit code is 1 (2 when one of the two fails). CPU time is printed beside it, and all ratios pair
by pair: on a busy machine CPU time is the steadier one, and when ratios vary by more than the limit
leaves room for, the run says nothing, whatever it exits with.

The same in both: the model and its random start, the digits and the sizes of their splits, every
parameter of every step (fused optimizer, schedule, batch size, epochs, augmentation, precision,
pruning ratio and importance, observers, calibration samples, opset, engine; `WRITTEN_FOR` is held
against the recipe), the same library for each step, the checks of each ONNX file (ONNX's
checker; outputs against torch on the 180 validation samples), and the measurements after every
step: accuracy on the 600 test samples, parameters, bytes on disk, multiply-adds, zeros, and latency
(10 warm-up runs, 100 rounds of all six models in a new order, each timed after an untimed run).

Not the same, all of it to recipec's disadvantage:

- The script keeps models in memory. It saves each of them once and reads only ONNX files back,
  where recipec loads every stage's input from its store.
- It writes no checkpoints while it trains (recipec: after each epoch, synced to disk), and it
  calls no deterministic algorithms, of which these steps need none on a CPU.
- It counts parameters of ONNX files and multiply-adds of torch modules only; recipec knows both for
  every model, layer by layer, has planned them before, and compares.
- It has no intervals, no paired comparison, no gates; its result is a JSON file and a table.
- It knows that the model is a ResNet of this size: it infers nothing, and catches no error.

To recipec's advantage: exporting, the script lets torch optimize the ONNX graph, as is its default
(about 0.1 s a file); recipec tidies it up itself.

Which samples are in which split, and their order in training, are drawn differently; so accuracies
differ by a few samples, and amounts of work don't.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
RECIPE = ROOT / "recipes" / "seven-steps.yaml"
ZOO = ROOT / "plugins" / "recipec-torch" / "recipec_torch" / "zoo" / "_resnet.py"
FACTOR, SECONDS = 1.05, 1.0

AMOUNT, EPOCHS, SAMPLES = 0.5, 12, 256
AUGMENT = {"rotate": 10, "scale": 0.1, "shift": 0.5}
FIT = {"data": "train", "epochs": EPOCHS, "augment": AUGMENT}
CALIBRATION = {"data": "train", "samples": SAMPLES}
CHECK = {"check": {"data": "validation"}}
ENGINE = {"runtime": "tensorrt-rtx", "compute_capabilities": ["8.0", "8.9"]}
WRITTEN_FOR = {
    "trained": FIT,
    "prune": {"amount": "${vars.amount}", "round_to": 8},
    "retrain": {**FIT, "precision": "bf16-mixed"},
    "int8": {"target": "cpu", "calibration": CALIBRATION},
    "onnx": CHECK,
    "onnx-fp32": CHECK,
    "int8-trt": {"target": "tensorrt", "calibration": CALIBRATION},
    "onnx-trt": CHECK,
    "engine": ENGINE,
}
"""What the recipe's stages are given; the script below does the same."""


# The straight script ----------------------------------------------------------------------------


def by_hand(out: Path) -> None:
    """Do the seven steps with the frameworks' own calls; files, results.json and a table."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    data = digits()
    example = data["train"][0][:2]
    report = Report(out, data)

    model = zoo().resnet(depth=14)
    train(model, *data["train"], precision="32-true")
    report.module("trained", model)
    small = prune(model, example[:1])
    report.module("prune", small)
    train(small, *data["train"], precision="bf16-mixed")
    report.module("retrain", small)
    int8 = quantize(small, example, data["train"][0], "cpu")
    reference = report.program("int8", int8)
    report.onnx("onnx", export(int8, example, out / "onnx.onnx"), reference)
    onnx_fp32 = export(model, example, out / "onnx-fp32.onnx")
    report.onnx("onnx-fp32", onnx_fp32, model, quantized=False)
    int8_trt = quantize(small, example, data["train"][0], "tensorrt")
    reference = report.program("int8-trt", int8_trt)
    onnx_trt = export(int8_trt, example, out / "onnx-trt.onnx")
    report.onnx("onnx-trt", onnx_trt, reference)
    report.engine("engine", build(onnx_trt, out / "engine.engine"))
    report.latency(baseline="trained")
    assert not any(name.startswith("recipec") for name in sys.modules)
    (out / "results.json").write_text(json.dumps(report.rows, indent=1) + "\n")
    for name, row in report.rows.items():
        print(f"{name:10}", *(f"{key} {value:.6g}" for key, value in row.items()))


def zoo() -> Any:
    """Load the model's definition from its file, so that nothing of recipec is imported."""
    spec = importlib.util.spec_from_file_location("zoo_resnet", ZOO)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def digits() -> dict[str, tuple[Any, Any]]:
    import numpy as np
    import torch
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    x = torch.tensor(images / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
    y = torch.tensor(labels)
    order = torch.tensor(np.random.RandomState(0).permutation(len(y)))
    splits = {"test": order[:600], "validation": order[600:780], "train": order[780:]}
    return {name: (x[rows], y[rows]) for name, rows in splits.items()}


def train(model: Any, x: Any, y: Any, precision: Any, batch: int = 32) -> None:
    import torch
    from lightning_fabric import Fabric

    fabric = Fabric(accelerator="cpu", devices=1, precision=precision)
    optimizer = torch.optim.SGD(
        model.parameters(), 0.1, momentum=0.9, weight_decay=5e-4, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.1, epochs=EPOCHS, steps_per_epoch=-(-len(y) // batch), cycle_momentum=False
    )
    called, stepper = fabric.setup(model, optimizer)
    model.train()
    for epoch in range(EPOCHS):
        total, right = 0.0, 0
        for rows in torch.randperm(len(y)).split(batch):
            logits = called(augmented(x[rows]))
            loss = torch.nn.functional.cross_entropy(logits, y[rows], label_smoothing=0.1)
            stepper.zero_grad()
            fabric.backward(loss)
            stepper.step()
            schedule.step()
            total += loss.item() * len(rows)
            right += int((logits.argmax(1) == y[rows]).sum())
        print(f"epoch {epoch + 1}: loss {total / len(y):.3f}, accuracy {right / len(y):.3f}")
    model.eval()


def augmented(x: Any) -> Any:
    """Rotate, scale and move each image by its own draws."""
    import math

    import torch
    from torch.nn.functional import affine_grid, grid_sample

    draws = torch.rand(4, len(x)) * 2 - 1
    angle = draws[0] * math.radians(AUGMENT["rotate"])
    inverse = 1 / (1 + draws[1] * AUGMENT["scale"])
    right, down = draws[2:] * AUGMENT["shift"] * 2 / x.shape[-1]
    cosine, sine = angle.cos() * inverse, angle.sin() * inverse
    rows = torch.stack([cosine, -sine, right], 1), torch.stack([sine, cosine, down], 1)
    grid = affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return grid_sample(x, grid, padding_mode="border", align_corners=False)


def prune(model: Any, example: Any) -> Any:
    import copy

    import torch_pruning as tp

    small = copy.deepcopy(model)
    tp.pruner.BasePruner(
        small,
        example,
        importance=tp.importance.GroupMagnitudeImportance(p=2, group_reduction="mean"),
        pruning_ratio=AMOUNT,
        round_to=8,
        ignored_layers=[small.fc],
    ).step()
    return small


def quantize(model: Any, example: Any, samples: Any, target: str) -> Any:
    import torch
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    free = ({0: torch.export.Dim("N", min=1)},)
    with torch.no_grad():
        graph = torch.export.export(model, (example,), dynamic_shapes=free).module()
        prepared = prepare_pt2e(graph, quantizer(target))
        order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))
        for rows in order[:SAMPLES].split(32):
            prepared(samples[rows])
        return torch.export.export(convert_pt2e(prepared), (example,), dynamic_shapes=free)


def quantizer(target: str) -> Any:
    """Quantize inputs and weights of convolutions and linear layers, and operands of additions.

    Activations are affine uint8 for onnxruntime on a CPU, symmetric int8 for TensorRT.
    """
    import torch
    from torchao.quantization.pt2e import HistogramObserver, PerChannelMinMaxObserver
    from torchao.quantization.pt2e.quantizer import (
        QuantizationAnnotation,
        QuantizationSpec,
        Quantizer,
    )

    aten = torch.ops.aten
    cpu = target == "cpu"
    activation = QuantizationSpec(
        dtype=torch.uint8 if cpu else torch.int8,
        quant_min=0 if cpu else -128,
        quant_max=255 if cpu else 127,
        qscheme=torch.per_tensor_affine if cpu else torch.per_tensor_symmetric,
        observer_or_fake_quant_ctr=HistogramObserver,
    )
    weight = QuantizationSpec(
        dtype=torch.int8,
        quant_min=-127,
        quant_max=127,
        qscheme=torch.per_channel_symmetric,
        ch_axis=0,
        observer_or_fake_quant_ctr=PerChannelMinMaxObserver,
    )

    class Int8(Quantizer):
        def annotate(self, model: Any) -> Any:
            for node in model.graph.nodes:
                if node.target in (aten.conv2d.default, aten.linear.default):
                    inputs = {node.args[0]: activation, node.args[1]: weight}
                elif node.target is aten.add.Tensor:
                    inputs = dict.fromkeys(node.args[:2], activation)
                else:
                    continue
                node.meta["quantization_annotation"] = QuantizationAnnotation(
                    input_qspec_map=inputs, _annotated=True
                )
            return model

        def validate(self, model: Any) -> None:
            pass

    return Int8()


def export(model: Any, example: Any, path: Path) -> Path:
    """Export a module or an exported program, and have ONNX's checker look at the file."""
    import onnx
    import torch

    program = isinstance(model, torch.export.ExportedProgram)
    torch.onnx.export(
        model,
        () if program else (example,),
        path,
        dynamo=True,
        opset_version=18,
        dynamic_shapes=None if program else ({0: torch.export.Dim("N", min=1)},),
        input_names=["x"],
        output_names=["output"],
        external_data=False,
        verbose=False,
    )
    onnx.checker.check_model(path, full_check=True)
    return path


def build(model: Path, path: Path) -> Path:
    import tensorrt_rtx as trt

    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    builder.max_threads = 1
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    if not trt.OnnxParser(network, logger).parse_from_file(str(model)):
        raise RuntimeError(f"TensorRT can't read {model.name}")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, 1 << 30)
    config.num_compute_capabilities = 2
    config.set_compute_capability(trt.ComputeCapability.SM80, 0)
    config.set_compute_capability(trt.ComputeCapability.SM89, 1)
    profile = builder.create_optimization_profile()
    profile.set_shape("x", (1, 1, 8, 8), (8, 1, 8, 8), (32, 1, 8, 8))
    config.add_optimization_profile(profile)
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise RuntimeError("TensorRT can't build the engine")
    path.write_bytes(engine)
    return path


class Report:
    """What is measured after each step."""

    def __init__(self, out: Path, data: dict[str, tuple[Any, Any]]) -> None:
        self.out = out
        self.data = data
        self.rows: dict[str, dict[str, float]] = {}
        self.timed: dict[str, Callable[[], object]] = {}

    def module(self, name: str, model: Any) -> None:
        import torch_pruning as tp
        from safetensors.torch import save_file

        path = self.out / f"{name}.safetensors"
        save_file(model.state_dict(), path)
        one = self.data["test"][0][:1]
        macs, parameters = tp.utils.count_ops_and_params(model, one)
        zeros = sum(int((p == 0).sum()) for p in model.parameters())
        self._measure(name, path, model, macs=macs, parameters=parameters, zeros=zeros)
        self.timed[name] = self._copy(model, one)

    def program(self, name: str, program: Any) -> Any:
        import torch

        path = self.out / f"{name}.pt2"
        torch.export.save(program, path)
        parameters = sum(tensor.numel() for tensor in program.state_dict.values())
        module = program.module()
        self._measure(name, path, module, parameters=parameters)
        return module

    def onnx(self, name: str, path: Path, reference: Any, quantized: bool = True) -> None:
        """Compare an ONNX file with the torch model it comes from, and measure it."""
        import numpy as np
        import onnx
        import onnxruntime
        import torch

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

        def run(x: Any) -> Any:
            return torch.from_numpy(session.run(None, {"x": x.numpy()})[0])

        with torch.no_grad():
            pairs = [(run(x), reference(x)) for x in self.data["validation"][0].split(32)]
        made, wanted = (torch.cat(one).double() for one in zip(*pairs, strict=True))
        distance = (made - wanted).abs() / (wanted.max() - wanted.min())
        difference = float(distance.square().mean().sqrt() if quantized else distance.max())
        agreement = float((made.argmax(1) == wanted.argmax(1)).double().mean())
        if not difference <= (2 / 255 if quantized else 1e-4):
            raise RuntimeError(f"{name} differs from torch: {difference}, {agreement}")
        parameters = sum(int(np.prod(t.dims)) for t in onnx.load(path).graph.initializer)
        self._measure(
            name, path, run, parameters=parameters, difference=difference, agreement=agreement
        )
        feed = {"x": self.data["test"][0][:1].numpy()}
        self.timed[name] = lambda: session.run(None, feed)

    def engine(self, name: str, path: Path) -> None:
        self.rows[name] = {"disk": path.stat().st_size}

    def _measure(self, name: str, path: Path, call: Any, **numbers: float) -> None:
        import torch

        x, y = self.data["test"]
        with torch.inference_mode():
            right = sum(
                int((call(a).argmax(1) == b).sum())
                for a, b in zip(x.split(256), y.split(256), strict=True)
            )
        self.rows[name] = {"disk": path.stat().st_size, "accuracy": right / len(y), **numbers}

    def _copy(self, model: Any, x: Any) -> Callable[[], object]:
        """Keep a torch model as it is now, to be timed at the end."""
        import copy

        kept = copy.deepcopy(model)
        return lambda: kept(x)

    def latency(self, baseline: str, warmup: int = 10, rounds: int = 100) -> None:
        import gc

        import numpy as np
        import torch

        generator, names = random.Random(0), list(self.timed)
        seconds: dict[str, list[float]] = {name: [] for name in names}
        gc.collect()
        gc.disable()
        with torch.inference_mode():
            for call in self.timed.values():
                for _ in range(warmup):
                    call()
            for _ in range(rounds):
                generator.shuffle(names)
                for name in names:
                    self.timed[name]()
                    began = time.perf_counter()
                    self.timed[name]()
                    seconds[name].append(time.perf_counter() - began)
        gc.enable()
        base = float(np.median(seconds[baseline]))
        for name, times in seconds.items():
            p50, p95 = (float(value) for value in np.percentile(times, [50, 95]))
            self.rows[name] |= {"p50": p50, "p95": p95, "speed-up": base / p50}


# The comparison ---------------------------------------------------------------------------------

# pip leaves compiled bytecode beside what it installs; a checkout gets its own at the first run,
# unless it is told not to: then every run of recipec would measure the compiler.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT["OMP_NUM_THREADS"] = "1"


@dataclass(frozen=True)
class Spent:
    """What a process took, its children included: seconds by the clock, in user and kernel mode."""

    wall: float
    user: float
    system: float


def spent(command: list[str]) -> Spent:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout}", file=sys.stderr)
        sys.exit(2)
    return Spent(wall, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime)


def run_recipec(folder: Path) -> Spent:
    recipec = str(Path(sys.executable).with_name("recipec"))
    store, out = folder / "store", folder / "out"
    return spent([recipec, "compile", str(RECIPE), "--store", str(store), "-o", str(out)])


def run_by_hand(folder: Path) -> Spent:
    return spent([sys.executable, __file__, "--by-hand", str(folder)])


def check_recipe() -> None:
    """Exit with 2 unless the recipe still asks for what the script does."""
    import yaml

    recipe = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    stages = {stage["id"]: stage.get("with", {}) for stage in recipe["stages"]}
    amount = recipe["vars"]["amount"]["default"]
    if (stages, amount, recipe["seed"], recipe["threads"]) != (WRITTEN_FOR, AMOUNT, 0, 1):
        print(f"{RECIPE.name} has changed: bring the straight script in step", file=sys.stderr)
        sys.exit(2)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument("--by-hand", type=Path, metavar="OUT", help="only the straight script")
    arguments = parser.parse_args()
    if arguments.by_hand:
        arguments.by_hand.mkdir(parents=True, exist_ok=True)
        by_hand(arguments.by_hand)
        return 0
    if arguments.pairs < 1:
        parser.error("--pairs must be at least 1")
    check_recipe()
    runners = {"recipec": run_recipec, "by hand": run_by_hand}
    taken: dict[str, list[Spent]] = {name: [] for name in runners}
    for pair in range(arguments.pairs + 1):
        for name in list(runners) if pair % 2 else list(reversed(runners)):
            with tempfile.TemporaryDirectory() as folder:
                one = runners[name](Path(folder))
            if pair == 0:
                continue  # it compiled modules and read the frameworks from the disk
            taken[name].append(one)
            print(
                f"{name:8} {one.wall:6.1f} s wall, {one.user:6.1f} s user, {one.system:.1f} s"
                " system",
                flush=True,
            )
    return verdict(taken["recipec"], taken["by hand"])


def verdict(recipec: list[Spent], straight: list[Spent]) -> int:
    """Print the medians, their ratio and the limit, for CPU and wall time; the latter decides."""
    held = True
    for what, seconds in (
        ("user", lambda one: one.user),
        ("user + system", lambda one: one.user + one.system),
        ("wall", lambda one: one.wall),
    ):
        ours, theirs = list(map(seconds, recipec)), list(map(seconds, straight))
        mine, base = median(ours), median(theirs)
        limit = FACTOR * base + SECONDS
        held = mine <= limit
        pairs = ", ".join(f"{a / b:.2f}" for a, b in zip(ours, theirs, strict=True))
        print(
            f"{what}: recipec {mine:.1f} s, by hand {base:.1f} s, ratio {mine / base:.3f} "
            f"(pairs: {pairs}); limit {FACTOR} × {base:.1f} s + {SECONDS:.0f} s = {limit:.1f} s: "
            f"{'held' if held else 'exceeded'}"
        )
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
