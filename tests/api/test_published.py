"""How a recipe names what others published: a file, an installed package's, or one on the hub."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from recipec.api import LocalFile, OperatorError
from recipec.api.published import (
    HubName,
    PackageFile,
    Published,
    local_path,
    place_of,
    requirements_of,
    unpinned,
)
from recipec.testing import AlonePlanContext

READ: TypeAdapter[Any] = TypeAdapter(Published)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("model", LocalFile),
        ("../data/tokenizer.json", LocalFile),
        ("package:json", PackageFile),
        ("package:some_package/model/tokenizer.json", PackageFile),
        ("hub:name", HubName),
        ("hub:owner/some-name.v2", HubName),
        (f"hub:owner/name@{COMMIT}", HubName),
        ("hub:owner/name@refs/pr/1", HubName),
    ],
)
def test_the_form_tells_what_is_meant(written, kind):
    assert type(READ.validate_python(written)) is kind


@pytest.mark.parametrize("written", ["", " model", 3, None])
def test_what_names_nothing_is_refused(written):
    with pytest.raises(ValidationError):
        READ.validate_python(written)


def test_a_package_s_file_is_found_without_importing_the_package(tmp_path, monkeypatch):
    package = tmp_path / "acme_weights"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    place = place_of(PackageFile("package:acme_weights/model"), AlonePlanContext(tmp_path))
    assert place == {"package": "package:acme_weights/model"}
    assert local_path(place) == (package / "model").resolve()
    with pytest.raises(OperatorError, match="acme_weights has no 'nothing'"):
        local_path({"package": "package:acme_weights/nothing"})
    (tmp_path / "outside").touch()
    with pytest.raises(OperatorError, match=r"acme_weights has no '\.\./outside'"):
        local_path({"package": "package:acme_weights/../outside"})
    for name in ("acme_nowhere", "sys", "__main__"):
        with pytest.raises(OperatorError, match=f"no installed package '{name}'"):
            local_path({"package": f"package:{name}/model"})


def test_a_package_is_required_by_the_name_of_its_distribution():
    (needed,) = requirements_of(PackageFile("package:yaml"))
    assert needed.package == "PyYAML"
    (needed,) = requirements_of(PackageFile("package:acme_nowhere/model"))
    assert needed == ("python:acme-nowhere", "pip install --no-deps acme-nowhere")
    assert requirements_of(PackageFile("package:json")) == ()
    assert requirements_of(HubName("hub:owner/name")) == ()


def test_a_misspelt_package_is_a_mistake_at_its_place():
    with pytest.raises(OperatorError, match="no installed package 'pydantik'") as caught:
        requirements_of(PackageFile("package:pydantik/model"), at=("tokenizer",))
    assert caught.value.at == ("tokenizer",)
    assert caught.value.hint.startswith("did you mean 'pydantic'? If not, it has to be installed: ")
    assert caught.value.hint.endswith("pip install --no-deps pydantik")


def test_a_path_that_a_package_does_not_have_is_corrected(tmp_path, monkeypatch):
    for name in ("model", "vocabulary"):
        (tmp_path / "acme_words" / name).mkdir(parents=True)
    (tmp_path / "acme_words" / "model" / "config.json").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for wrong, hint in (
        ("modle", "did you mean 'model'?"),
        ("model/confg.json", "did you mean 'config.json'?"),
        ("tokens", "there are: model, vocabulary"),
        ("../outside", "there are: model, vocabulary"),
    ):
        with pytest.raises(OperatorError, match="has no") as caught:
            PackageFile(f"package:acme_words/{wrong}").path()
        assert caught.value.hint == hint


def test_a_file_is_looked_for_beside_the_recipe(tmp_path):
    place = place_of(LocalFile("model"), AlonePlanContext(tmp_path))
    assert local_path(place) == tmp_path / "model"


def test_only_a_commit_is_known_not_to_change(tmp_path):
    context = AlonePlanContext(tmp_path)
    for written, revision, pinned in (
        ("hub:owner/name", None, False),
        ("hub:owner/name@main", "main", False),
        (f"hub:owner/name@{COMMIT}", COMMIT, True),
    ):
        name = HubName(written)
        assert place_of(name, context) == {"hub": "owner/name", "revision": revision}
        assert local_path(place_of(name, context)) is None
        assert (unpinned(name) == ()) is pinned
