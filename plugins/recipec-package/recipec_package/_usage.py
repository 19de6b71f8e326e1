"""The script that runs a packaged model, and the preprocessing as a line of NumPy."""

from __future__ import annotations

from recipec.api import Preprocessing, Unknown
from recipec_package.runtimes import Snippet

_NAMED = (
    'labels = (here / "labels.txt").read_text(encoding="utf-8").split("\\n")[:-1]',
    'print(*(labels[row.argmax()] for row in scores), sep=", ")',
)
"""How the classes of the examples are told by name. A line of `labels.txt` ends in a line feed and
in nothing else: `splitlines` would split at separators inside labels, too."""
_NUMBERED = "print(*scores.argmax(-1))"


def usage(
    snippet: Snippet,
    model: str,
    preprocessing: Preprocessing | Unknown,
    *,
    raw: bool,
    labels: bool,
    classes: bool,
    tolerance: float,
) -> str:
    """Write `usage.py`. `tolerance` is in units of the outputs, which are of classes or aren't."""
    given = 'np.load(here / "example_inputs.npz").values()'
    x = f"[*{given}]"
    if raw and isinstance(preprocessing, Preprocessing):
        x = f"[{formula(preprocessing)} for pixels in {given}]"
    expected = 'np.load(here / "example_outputs.npz")["output"]'
    lines = [
        '"""Run the examples of this package; put your own samples in their place."""',
        "",
        "from pathlib import Path",
        "import numpy as np",
        snippet.imports,
        "here = Path(__file__).parent",
        snippet.load.format(model=model),
        f"x = {x}",
        f"scores = {snippet.call}",
        *(_NAMED if labels else [_NUMBERED if classes else "print(scores.shape)"]),
        f"np.testing.assert_allclose(scores, {expected}, rtol=0, atol={tolerance:.3g})",
    ]
    return "\n".join(lines) + "\n"


def formula(steps: Preprocessing) -> str:
    """Write the preprocessing of an array `pixels` [N, C, …] as NumPy."""
    text = "pixels"
    if steps.divisor != 1:
        text = f"{text} / {_number(steps.divisor)}"
    if any(steps.mean):
        text = f"{text} - {_numbers(steps.mean)}"
    if any(std != 1 for std in steps.std):
        text = (
            f"({text}) / {_numbers(steps.std)}"
            if " - " in text
            else f"{text} / {_numbers(steps.std)}"
        )
    return f"({text}).astype(np.float32)"


def _number(value: float) -> str:
    """Write a number so that the same one is read; `255` for 255.0."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _numbers(values: tuple[float, ...]) -> str:
    if len(values) == 1:
        return repr(values[0])
    return f"np.array({list(values)!r}).reshape(-1, 1, 1)"
