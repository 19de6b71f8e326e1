"""`data.idx`: headers are read exactly, damaged files are refused at their parameter."""

import gzip
import struct
from array import array
from pathlib import Path

import pytest

from recipec.api import OperatorError
from recipec.testing import AlonePlanContext, DataContract
from recipec_data.idx import Idx

CODES = {"B": 0x08, "b": 0x09, "h": 0x0B, "i": 0x0C, "f": 0x0D, "d": 0x0E}
IMAGES = [list(range(i, i + 6)) for i in range(40)]  # 40 images of 2×3
LABELS = [i % 4 for i in range(40)]


def write_idx(path: Path, shape: tuple[int, ...], values: list[float], code: str = "B") -> Path:
    header = bytes([0, 0, CODES[code], len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    content = array(code, values)
    content.byteswap()  # big-endian
    data = header + content.tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_set(folder: Path, suffix: str = "") -> dict[str, str]:
    write_idx(folder / f"images{suffix}", (40, 2, 3), [v for image in IMAGES for v in image])
    write_idx(folder / f"labels{suffix}", (40,), LABELS)
    return {"images": f"images{suffix}", "labels": f"labels{suffix}"}


class TestIdx(DataContract):
    operator = Idx

    def good_params(self):
        return {"images": "images.gz", "labels": "labels.gz", "split": "train", "holdout": 8}

    def prepare(self, folder: Path):
        write_set(folder, ".gz")

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}

    # The reference holds the files' absolute paths: data is referred to, not stored.
    test_two_runs_make_the_same = None


def refused(folder: Path, **params: object) -> OperatorError:
    operator = Idx(Idx.params.model_validate(params))
    with pytest.raises(OperatorError) as raised:
        operator.plan({}, AlonePlanContext(folder))
    return raised.value


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_facts_are_those_of_the_files(suffix, tmp_path, plan_data):
    facts = plan_data(Idx, **write_set(tmp_path, suffix), split="test")
    assert facts.count == 40
    assert str(facts.inputs[0]) == "x: [N, 1, 2, 3] float32"
    assert (facts.classes, facts.split) == (4, "test")


def test_compression_is_told_by_content_not_by_name(tmp_path, plan_data):
    files = write_set(tmp_path, ".gz")
    (tmp_path / "images.gz").rename(tmp_path / "images")
    assert plan_data(Idx, images="images", labels=files["labels"]).count == 40


def test_without_labels_there_are_no_classes(tmp_path, plan_data):
    assert plan_data(Idx, images=write_set(tmp_path)["images"]).classes is None


def test_images_with_channels_and_feature_vectors_are_taken_as_they_are(tmp_path, plan_data):
    write_idx(tmp_path / "rgb", (2, 3, 2, 2), list(range(24)))
    write_idx(tmp_path / "features", (4, 6), list(range(24)))
    assert plan_data(Idx, images="rgb").inputs[0].shape == ("N", 3, 2, 2)
    assert plan_data(Idx, images="features").inputs[0].shape == ("N", 6)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("which", ["images", "labels"])
def test_a_file_that_is_cut_short_is_refused(suffix, which, tmp_path):
    files = write_set(tmp_path, suffix)
    path = tmp_path / files[which]
    path.write_bytes(path.read_bytes()[:-5])
    error = refused(tmp_path, **files)
    assert error.at == (which,)
    assert "cut short" in error.message


def test_a_file_that_is_too_long_is_refused(tmp_path):
    files = write_set(tmp_path)
    with (tmp_path / "images").open("ab") as file:
        file.write(b"more")
    assert "too long" in refused(tmp_path, **files).message


def test_two_gzip_members_are_one_file(tmp_path, plan_data):
    files = write_set(tmp_path)
    content = (tmp_path / "images").read_bytes()
    (tmp_path / "images").write_bytes(gzip.compress(content[:50]) + gzip.compress(content[50:]))
    assert plan_data(Idx, **files).count == 40


@pytest.mark.parametrize(
    "content", [b"", b"\0\0", b"\0\0\x08\x03\0\0", b"PNG\x0d\x0a\x1a\x0a", b"\x1f\x8b\x08\x00no"]
)
def test_another_file_is_refused(content, tmp_path):
    files = write_set(tmp_path)
    (tmp_path / "images").write_bytes(content)
    error = refused(tmp_path, **files)
    assert error.at == ("images",)
    assert "can't be read as an IDX file" in error.message


def test_labels_of_other_images_are_refused(tmp_path):
    files = write_set(tmp_path)
    write_idx(tmp_path / "labels", (39,), LABELS[:39])
    error = refused(tmp_path, **files)
    assert error.at == ("labels",)
    assert "39 labels for 40 images" in error.message


@pytest.mark.parametrize(("values", "code"), [([-1] * 40, "b"), ([0.5] * 40, "f")])
def test_labels_that_are_no_classes_are_refused(values, code, tmp_path):
    files = write_set(tmp_path)
    write_idx(tmp_path / "labels", (40,), values, code)
    assert refused(tmp_path, **files).at == ("labels",)


def test_fewer_classes_than_labels_are_refused(tmp_path):
    assert refused(tmp_path, **write_set(tmp_path), classes=3).at == ("classes",)


def test_more_classes_than_labels_may_be_stated(tmp_path, plan_data):
    assert plan_data(Idx, **write_set(tmp_path), classes=10).classes == 10


@pytest.mark.parametrize(
    ("params", "place"),
    [
        ({"holdout": 8}, "holdout"),
        ({"holdout": 8, "split": "test"}, "holdout"),
        ({"holdout": 40, "split": "train"}, "holdout"),
        ({"take": 41}, "take"),
        ({"take": 9, "split": "validation", "holdout": 8}, "take"),
    ],
)
def test_parts_that_cannot_be_had_are_refused(params, place, tmp_path):
    assert refused(tmp_path, **write_set(tmp_path), **params).at == (place,)


@pytest.mark.frameworks
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_images_are_scaled_and_in_the_file_s_order(suffix, tmp_path, open_data):
    import numpy as np

    samples = open_data(Idx, **write_set(tmp_path, suffix))
    batch = samples.take([39, 0])
    assert batch.inputs["x"].dtype == np.float32
    assert batch.inputs["x"].flags.c_contiguous
    wanted = np.array([IMAGES[39], IMAGES[0]], np.float32).reshape(2, 1, 2, 3) / np.float32(255)
    np.testing.assert_array_equal(batch.inputs["x"], wanted)
    assert batch.labels.tolist() == [3, 0]
    assert batch.labels.dtype == np.int64


@pytest.mark.frameworks
def test_bytes_are_normalized_as_the_arithmetic_says(tmp_path, open_data):
    import numpy as np

    samples = open_data(Idx, **write_set(tmp_path), mean=0.1307, std=0.3081)
    wanted = (np.array(IMAGES[7]) / 255 - 0.1307) / 0.3081
    np.testing.assert_allclose(samples.take([7]).inputs["x"].ravel(), wanted, rtol=1e-6)


@pytest.mark.frameworks
@pytest.mark.parametrize("code", ["b", "h", "i", "f", "d"])
def test_other_types_are_read_unscaled(code, tmp_path, open_data):
    write_idx(tmp_path / "values", (2, 3), [1, -2, 3, 4, 5, -6], code)
    batch = open_data(Idx, images="values").take([1, 0])
    assert batch.inputs["x"].tolist() == [[4, 5, -6], [1, -2, 3]]
    assert batch.labels is None


@pytest.mark.frameworks
def test_bytes_stay_bytes_in_memory(tmp_path, open_data):
    import numpy as np

    assert open_data(Idx, **write_set(tmp_path)).inputs["x"].dtype == np.uint8


@pytest.mark.frameworks
def test_what_is_held_out_is_never_trained_on(tmp_path, open_data):
    files = write_set(tmp_path)
    parts = [open_data(Idx, **files, split=split, holdout=8) for split in ("train", "validation")]
    rows = [part.rows.tolist() for part in parts]
    assert [len(r) for r in rows] == [32, 8]
    assert sorted(rows[0] + rows[1]) == list(range(40))


@pytest.mark.frameworks
def test_taking_fewer_draws_from_the_same_part(tmp_path, open_data):
    files = write_set(tmp_path)
    whole = open_data(Idx, **files, split="train", holdout=8).rows.tolist()
    fewer = open_data(Idx, **files, split="train", holdout=8, take=10).rows.tolist()
    assert len(fewer) == 10
    assert set(fewer) < set(whole)


@pytest.mark.frameworks
def test_a_file_that_was_cut_after_planning_is_refused(tmp_path):
    from recipec_data._idx import load

    files = write_set(tmp_path)
    (tmp_path / "images").write_bytes((tmp_path / "images").read_bytes()[:-1])
    with pytest.raises(OperatorError, match="cut short"):
        load(str(tmp_path / files["images"]), None, {"split": None, "holdout": 0, "take": None}, {})


FASHION = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.frameworks
@pytest.mark.skipif(not FASHION.is_dir(), reason="needs Debian's dataset-fashion-mnist")
def test_fashion_mnist_is_read(open_data):
    samples = open_data(
        Idx,
        images=str(FASHION / "train-images-idx3-ubyte.gz"),
        labels=str(FASHION / "train-labels-idx1-ubyte.gz"),
        split="validation",
        holdout=5000,
    )
    batch = samples.take(range(5000))
    assert batch.inputs["x"].shape == (5000, 1, 28, 28)
    assert abs(batch.inputs["x"].mean() - 0.286) < 0.005  # the data set's well-known mean
    assert set(batch.labels.tolist()) == set(range(10))
