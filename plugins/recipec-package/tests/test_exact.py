"""What a package writes is read back to the last sign and digit, whatever it is."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipec.api import LocalFile, Preprocessing
from recipec_package._usage import formula, usage
from recipec_package.folder import PackageFolder
from recipec_package.labels import labels_text, read_labels
from recipec_package.runtimes import SNIPPETS

WORDS = {"title": "T", "description": "D.", "licence": "MIT", "data": "test"}
LABELS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1),
    min_size=1,
    max_size=4,
    unique=True,
)
NUMBERS = st.floats(min_value=1e-300, max_value=1e300)
SEPARATORS = ["a\u2028b", "c\x0bd\x0ce", "\x1cf\x1d", "\x85", " g ", "\ufeffh", "i\u2029"]


def read_as_users_do(labels):
    """Write `labels.txt`, and run the line of `usage.py` that reads it."""
    script = usage(
        SNIPPETS["onnx.model"],
        "model.onnx",
        Preprocessing(),
        raw=False,
        labels=True,
        classes=True,
        tolerance=1.0,
    )
    [line] = [line for line in script.splitlines() if line.startswith("labels = ")]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "labels.txt").write_text(
            labels_text(labels), encoding="utf-8", newline="\n"
        )
        seen = {"here": Path(folder)}
        exec(line, seen)
    return seen["labels"]


@given(LABELS)
@settings(deadline=None)
def test_users_read_the_labels_that_the_recipe_has(labels):
    taken = PackageFolder.params.model_validate({**WORDS, "labels": labels}).labels
    assert read_as_users_do(read_labels(taken, Path)) == labels


def test_separators_of_lines_may_stand_in_a_label():
    assert read_as_users_do(SEPARATORS) == SEPARATORS


def test_a_file_has_a_label_a_line_whatever_separators_stand_in_it(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_bytes("a\u2028b\r\n c\x0bd \n\x1ce\t\n\n".encode())
    assert read_labels(LocalFile("labels.txt"), lambda name: tmp_path / name) == (
        "a\u2028b",
        "c\x0bd",
        "\x1ce",
    )


@given(NUMBERS, st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=3), NUMBERS)
@settings(deadline=None)
def test_numbers_of_the_preprocessing_are_written_exactly(divisor, mean, std):
    steps = Preprocessing(divisor=divisor, mean=tuple(mean), std=(std,))
    written = []

    class Pixels:
        """Takes down which numbers it is divided by and less by."""

        def __truediv__(self, number):
            written.append(("/", number))
            return self

        def __sub__(self, number):
            written.append(("-", number))
            return self

        def astype(self, dtype):
            return self

    class Numpy:
        float32 = "float32"

        @staticmethod
        def array(values):
            return type("Array", (), {"reshape": lambda self, *shape: tuple(values)})()

    eval(formula(steps), {"pixels": Pixels(), "np": Numpy})
    wanted = [("/", divisor)] if divisor != 1 else []
    wanted += [("-", mean[0] if len(mean) == 1 else tuple(mean))] if any(mean) else []
    assert written == [*wanted, *([("/", std)] if std != 1 else [])]


@pytest.mark.parametrize(
    ("divisor", "written"),
    [(255.0, "255"), (1 / 3, "0.3333333333333333"), (255.00001, "255.00001"), (1e22, "1e+22")],
)
def test_divisors_are_written_as_one_would(divisor, written):
    assert formula(Preprocessing(divisor=divisor)) == f"(pixels / {written}).astype(np.float32)"
    assert float(written) == divisor
