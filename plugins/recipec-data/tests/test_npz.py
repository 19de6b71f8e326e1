"""`data.npz`: headers are read without NumPy; pickles are refused."""

from pathlib import Path

import pytest

from recipec.api import OperatorError
from recipec.testing import AlonePlanContext, DataContract
from recipec_data.npz import Npz

pytestmark = pytest.mark.frameworks  # the files are written by NumPy


def write_npz(path: Path, **arrays: object) -> None:
    import numpy as np

    np.savez(path, **arrays)


def images(count: int = 20):
    import numpy as np

    return np.arange(count * 12, dtype=np.uint8).reshape(count, 3, 2, 2)


class TestNpz(DataContract):
    operator = Npz

    def good_params(self):
        return {"file": "data.npz", "inputs": ["x", "ids"], "split": "train", "holdout": 4}

    def prepare(self, folder: Path):
        import numpy as np

        ids = np.arange(40, dtype=np.int32).reshape(20, 2)
        write_npz(folder / "data.npz", x=images(), ids=ids, y=np.arange(20) % 3)

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}

    # The reference holds the files' absolute paths: data is referred to, not stored.
    test_two_runs_make_the_same = None


def refused(folder: Path, **params: object) -> OperatorError:
    operator = Npz(Npz.params.model_validate({"file": "data.npz", **params}))
    with pytest.raises(OperatorError) as raised:
        operator.plan({}, AlonePlanContext(folder))
    return raised.value


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", ">f4", "float64"])
def test_numbers_become_float32(dtype, compressed, tmp_path, plan_data, open_data):
    import numpy as np

    values = np.linspace(0, 250, 60).reshape(20, 3).astype(dtype)
    save = np.savez_compressed if compressed else np.savez
    save(tmp_path / "data.npz", x=values, y=np.arange(20) % 3)
    assert str(plan_data(Npz, file="data.npz").inputs[0]) == "x: [N, 3] float32"
    batch = open_data(Npz, file="data.npz").take([2, 0])
    divisor = 255 if dtype == "uint8" else 1
    np.testing.assert_allclose(
        batch.inputs["x"], values[[2, 0]].astype(np.float64) / divisor, rtol=1e-6
    )
    assert batch.inputs["x"].dtype == np.float32
    assert batch.labels.tolist() == [2, 0]


@pytest.mark.parametrize("dtype", ["int8", "int32", ">i4", "int64", "uint16"])
def test_whole_numbers_become_int64_and_labels_are_read_in_any_type(
    dtype, tmp_path, plan_data, open_data
):
    import numpy as np

    ids = np.arange(40).reshape(20, 2).astype(dtype)
    write_npz(tmp_path / "data.npz", ids=ids, y=(np.arange(20) % 7).astype(dtype))
    facts = plan_data(Npz, file="data.npz", inputs=["ids"], mean=3.0)
    assert str(facts.inputs[0]) == "ids: [N, 2] int64"
    assert facts.classes == 7
    batch = open_data(Npz, file="data.npz", inputs=["ids"], mean=3.0).take([3])
    assert batch.inputs["ids"].tolist() == [[6, 7]]


def test_an_array_in_fortran_order_is_read_right(tmp_path, open_data):
    import numpy as np

    values = np.asfortranarray(np.arange(12, dtype=np.float32).reshape(4, 3))
    write_npz(tmp_path / "data.npz", x=values)
    batch = open_data(Npz, file="data.npz", labels=None).take([1])
    assert batch.inputs["x"].tolist() == [[3, 4, 5]]


def test_objects_are_refused_not_unpickled(tmp_path):
    import numpy as np

    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    write_npz(tmp_path / "data.npz", x=np.array([Trap(), None], dtype=object))
    error = refused(tmp_path, labels=None)
    assert error.at == ("inputs",)
    assert not (tmp_path / "sprung").exists()


def test_the_loader_refuses_objects_too(tmp_path):
    import numpy as np

    from recipec_data._npz import load

    write_npz(tmp_path / "data.npz", x=np.array([{}, None], dtype=object))
    with pytest.raises(OperatorError, match="allow_pickle"):
        load(str(tmp_path / "data.npz"), ["x"], None, {}, {})


def test_an_array_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    write_npz(tmp_path / "data.npz", images=images())
    error = refused(tmp_path)
    assert error.at == ("inputs",)
    assert error.hint == "it has: images"


def test_arrays_of_different_lengths_are_refused(tmp_path):
    import numpy as np

    write_npz(tmp_path / "data.npz", x=images(), y=np.zeros(19, np.int64))
    assert refused(tmp_path).at == ("labels",)


@pytest.mark.parametrize("labels", [[0.5] * 20, [-1] * 20, [[0]] * 20, ["a"] * 20])
def test_labels_that_are_no_classes_are_refused(labels, tmp_path):
    import numpy as np

    write_npz(tmp_path / "data.npz", x=images(), y=np.array(labels))
    assert refused(tmp_path).at == ("labels",)


@pytest.mark.parametrize("keep", [0, 10, 400])
def test_a_file_that_is_cut_short_is_refused(keep, tmp_path):
    write_npz(tmp_path / "data.npz", x=images())
    path = tmp_path / "data.npz"
    path.write_bytes(path.read_bytes()[:keep])
    assert refused(tmp_path, labels=None).at == ("file",)
