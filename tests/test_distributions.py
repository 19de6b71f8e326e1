"""Built-in plugins are whole distributions that are also bundled in the root wheel."""

import shutil
import subprocess
import sys
import tomllib

import pytest

NAMES = [
    "arch",
    "data",
    "factorize",
    "graphsurgeon",
    "measure",
    "onnx",
    "openvino",
    "package",
    "prune",
    "quantize",
    "tensorrt",
    "torch",
    "train",
]


@pytest.fixture(scope="module")
def root(request):
    return request.config.rootpath


def project(folder):
    return tomllib.loads((folder / "pyproject.toml").read_text())


def test_every_plugin_folder_is_known(root):
    assert sorted(p.name for p in (root / "plugins").iterdir() if p.is_dir()) == [
        f"recipec-{name}" for name in NAMES
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_plugin_is_bundled_as_it_would_be_installed(root, name):
    bundle, own = project(root), project(root / "plugins" / f"recipec-{name}")
    folder = f"plugins/recipec-{name}"
    assert own["project"]["entry-points"]["recipec"] == {name: f"recipec_{name}"}
    assert bundle["project"]["entry-points"]["recipec"][name] == f"recipec_{name}"
    assert (
        f"{folder}/recipec_{name}"
        in bundle["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    )
    assert folder in bundle["tool"]["hatch"]["build"]["dev-mode-dirs"]
    assert own["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [f"recipec_{name}"]
    assert own["project"]["requires-python"] == bundle["project"]["requires-python"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_plugin_depends_on_is_in_an_extra_of_the_bundle(root, name):
    bundle, own = project(root)["project"], project(root / "plugins" / f"recipec-{name}")["project"]
    extras = {need for needs in bundle["optional-dependencies"].values() for need in needs}
    assert {d for d in own["dependencies"] if not d.startswith("recipec")} <= extras | {
        *bundle["dependencies"]
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_plugin_has_what_a_distribution_needs(root, name):
    folder = root / "plugins" / f"recipec-{name}"
    assert (folder / "README.md").stat().st_size > 200
    assert (folder / f"recipec_{name}" / "py.typed").is_file()
    assert list((folder / "tests").glob("test_*.py"))


@pytest.mark.slow
def test_a_copied_and_renamed_plugin_installs_and_is_found(root, tmp_path):
    """What a third party does first: copy a folder, give it a name, install it, list it."""
    copy = tmp_path / "recipec-acme"
    shutil.copytree(
        root / "plugins" / "recipec-data", copy, ignore=shutil.ignore_patterns("__pycache__")
    )
    (copy / "recipec_data").rename(copy / "recipec_acme")
    for file in copy.rglob("*"):
        if file.suffix in (".py", ".toml", ".md"):
            text = (
                file.read_text()
                .replace("recipec_data", "recipec_acme")
                .replace("recipec-data", "recipec-acme")
            )
            text = text.replace('data = "recipec_acme"', 'acme = "recipec_acme"').replace(
                '"data.', '"acme.'
            )
            file.write_text(text)
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", str(target), str(copy)], check=True)
    script = """
from recipec.registry import discover
catalog = discover()
print([plugin.failure for plugin in catalog.plugins if plugin.name == "acme"])
print("acme.digits" in catalog.operators)
"""
    env = {"PYTHONPATH": str(target), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[None]\nTrue"
