"""`data.image_folder`: pictures become what torchvision makes of them; a broken one is named."""

from pathlib import Path

import pytest

from recipec.api import OperatorError
from recipec.testing import AlonePlanContext, DataContract
from recipec_data.image_folder import ImageFolder

pytestmark = pytest.mark.frameworks

SIZES = {"cat/b.png": (40, 30), "cat/a.jpg": (20, 50), "dog/deep/c.PNG": (31, 31)}
PHOTO = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4]}


def save_pictures(folder: Path, sizes=SIZES) -> None:
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for name, (width, height) in sizes.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8)).save(path)


@pytest.fixture(autouse=True)
def pets(tmp_path):
    save_pictures(tmp_path / "pets")


class TestImageFolder(DataContract):
    operator = ImageFolder

    def good_params(self):
        return {"folder": "pets", "size": [16, 16]}

    def prepare(self, folder: Path):
        save_pictures(folder / "pets")

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}

    # The reference holds the folder's absolute path: data is referred to, not stored.
    test_two_runs_make_the_same = None


def test_facts_are_known_beforehand(plan_data):
    facts = plan_data(ImageFolder, folder="pets", size=[16, 12], split="test")
    assert (facts.count, facts.classes, facts.split) == (3, 2, "test")
    assert str(facts.inputs[0]) == "x: [N, 3, 16, 12] float32"
    assert facts.preprocessing.before == (
        "scaled to cover 16×12 and cut around the middle, bilinear",
    )


def test_classes_are_numbered_by_name_and_files_come_in_their_order(open_data):
    samples = open_data(ImageFolder, folder="pets", size=[8, 8])
    assert samples.take([0, 1, 2]).labels.tolist() == [0, 0, 1]


@pytest.mark.parametrize("fit", ["crop", "stretch"])
@pytest.mark.parametrize("size", [16, 25])
def test_pictures_are_those_of_torchvision(fit, size, tmp_path, open_data):
    import numpy as np
    from torchvision import datasets, transforms

    scale = transforms.Resize(size if fit == "crop" else (size, size))
    reference = datasets.ImageFolder(
        str(tmp_path / "pets"),
        transforms.Compose(
            [
                scale,
                transforms.CenterCrop(size),
                transforms.ToTensor(),
                transforms.Normalize(PHOTO["mean"], PHOTO["std"]),
            ]
        ),
    )
    batch = open_data(ImageFolder, folder="pets", size=[size, size], fit=fit, **PHOTO).take(
        range(3)
    )
    for index, (x, label) in enumerate(reference):
        np.testing.assert_allclose(batch.inputs["x"][index], x.numpy(), atol=1e-6)
        assert batch.labels[index] == label


def test_a_picture_can_be_cut_to_any_shape(open_data):
    for size in ([10, 40], [40, 10], [1, 1]):
        samples = open_data(ImageFolder, folder="pets", size=size, channels=1)
        assert samples.take([0, 1, 2]).inputs["x"].shape == (3, 1, *size)


def test_a_photograph_is_turned_as_its_camera_says(tmp_path, open_data):
    import numpy as np
    from PIL import Image

    (tmp_path / "one" / "up").mkdir(parents=True)
    picture = Image.fromarray(np.arange(0, 240, 10, np.uint8).reshape(4, 6))
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned by 90 degrees, clockwise
    picture.save(tmp_path / "one" / "up" / "photo.png", exif=exif)
    x = open_data(ImageFolder, folder="one", size=[6, 4], channels=1).take([0]).inputs["x"][0, 0]
    expected = np.rot90(np.asarray(picture), -1) / np.float32(255)
    np.testing.assert_allclose(x, expected, atol=1e-6)


@pytest.mark.parametrize("labels", [True, False])
def test_what_is_hidden_is_left_aside(labels, tmp_path, plan_data):
    hidden = ("cat/.hidden.png", "cat/.ipynb_checkpoints/a.png", ".thumbs/x.png", ".y.png")
    save_pictures(tmp_path / "pets", dict.fromkeys(hidden, (4, 4)))
    (tmp_path / "pets" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "pets" / "cat" / "._a.jpg").write_bytes(b"macOS keeps attributes in such files")
    facts = plan_data(ImageFolder, folder="pets", size=[8, 8], labels=labels)
    assert facts.count == 3


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("cat/linked.png", "outside/x/a.png"),
        ("cat/deep", "outside/x"),
        ("bird", "outside/x"),
        ("cat/gone.png", "outside/nothing.png"),
    ],
)
def test_a_link_that_leaves_the_folder_is_refused(labels, link, target, tmp_path, plan_data):
    save_pictures(tmp_path / "outside", {"x/a.png": (4, 4)})
    (tmp_path / "pets" / link).symlink_to(tmp_path / target)
    with pytest.raises(OperatorError, match=f"pets/{link} is a link that leaves") as raised:
        plan_data(ImageFolder, folder="pets", size=[8, 8], labels=labels)
    assert raised.value.at == ("folder",)


def test_a_link_inside_the_folder_and_the_folder_s_own_are_followed(tmp_path, plan_data):
    (tmp_path / "pets" / "cat" / "again.png").symlink_to("b.png")
    (tmp_path / "linked").symlink_to(tmp_path / "pets")
    assert plan_data(ImageFolder, folder="linked", size=[8, 8]).count == 4


def test_parts_never_overlap(tmp_path, open_data):
    save_pictures(tmp_path / "many", {f"{c}/{n}.png": (4, 4) for c in "ab" for n in range(10)})
    found = []
    for split, count in (("train", 15), ("validation", 5)):
        samples = open_data(ImageFolder, folder="many", size=[4, 4], split=split, holdout="25%")
        assert len(samples) == count
        found += [x.tobytes() for x in samples.take(range(count)).inputs["x"]]
    assert len(set(found)) == 20


def test_without_labels_pictures_may_lie_anywhere(tmp_path, plan_data, open_data):
    save_pictures(tmp_path / "loose", {"a.png": (4, 4), "deep/b.png": (4, 4)})
    params = {"folder": "loose", "size": [4, 4], "labels": False}
    assert plan_data(ImageFolder, **params).classes is None
    assert open_data(ImageFolder, **params).take([0, 1]).labels is None


@pytest.mark.parametrize(
    ("params", "message", "at"),
    [
        ({"folder": "pets/cat"}, "cat holds no folders of classes; pictures lie", ("folder",)),
        ({"folder": "void"}, "void holds no folders of classes", ("folder",)),
        ({"folder": "void", "labels": False}, "void holds no pictures", ("folder",)),
        ({"folder": "hollow"}, "the class 'empty' of hollow has no pictures", ("folder",)),
        ({"folder": "file.txt"}, "file.txt is not a folder", ("folder",)),
        ({"folder": "text"}, "text/a/note.png can't be read as a picture", ("folder",)),
        ({"mean": [0.1, 0.2]}, "2 numbers for 3 channels", ("mean",)),
        ({"channels": 1, "std": [1, 1, 1]}, "3 numbers for 1 channels", ("std",)),
        ({"take": 4}, "only 3 samples to take", ("take",)),
    ],
)
def test_what_is_wrong_has_its_place(params, message, at, tmp_path):
    (tmp_path / "void").mkdir()
    (tmp_path / "file.txt").write_text("no folder")
    save_pictures(tmp_path / "hollow", {"full/a.png": (4, 4)})
    (tmp_path / "hollow" / "empty").mkdir()
    (tmp_path / "text" / "a").mkdir(parents=True)
    (tmp_path / "text" / "a" / "note.png").write_text("not a picture")
    given = {"folder": "pets", "size": [8, 8], **params}
    operator = ImageFolder(ImageFolder.params.model_validate(given))
    with pytest.raises(OperatorError, match=message) as raised:
        operator.plan({}, AlonePlanContext(tmp_path))
    assert raised.value.at == at
    assert str(tmp_path) not in raised.value.message


def test_a_picture_that_is_cut_short_is_named_when_it_is_read(tmp_path, open_data):
    save_pictures(tmp_path / "pets", {"cat/z.jpg": (40, 40)})
    path = tmp_path / "pets" / "cat" / "z.jpg"
    path.write_bytes(path.read_bytes()[:-200])  # its header says nothing of that
    samples = open_data(ImageFolder, folder="pets", size=[8, 8])
    with pytest.raises(OperatorError, match=r"pets/cat/z\.jpg can't be read") as raised:
        samples.take([0, 1, 2])
    assert raised.value.at == ("folder",)
