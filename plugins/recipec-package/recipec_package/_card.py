"""The model card: what a person reads first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recipec.api import Preprocessing
from recipec_package._usage import formula


def card(package: Mapping[str, Any], script: str) -> str:
    """Write README.md from the content of `package.json` and the usage script.

    The head is that of model cards on model hubs (Mitchell et al., "Model Cards for Model
    Reporting", FAT* 2019, is what the sections follow as far as a compiler knows them).
    """
    return "\n".join(_lines(package, script)) + "\n"


def _lines(package: Mapping[str, Any], script: str) -> Iterator[str]:
    model = package["model"]
    based_on = package["provenance"].get("based_on", {})
    yield from ("---", f"license: {package['licence'].lower()}")
    if based_on.get("model", "").startswith("hub:"):
        yield f"base_model: {based_on['model'].removeprefix('hub:')}"
    yield from ("---", "")
    yield from (f"# {package['title']}", "", package["description"], "")
    yield from ("## Use it", "", "```sh", "pip install -r requirements.txt", "python usage.py")
    yield from ("```", "", "```python", script.rstrip(), "```", "")
    yield from ("## Inputs and outputs", "", "| | name | shape | type |", "|---|---|---|---|")
    for what in ("inputs", "outputs"):
        specs = model[what] if isinstance(model[what], list) else []
        for spec in specs:
            shape = ", ".join(map(str, spec["shape"]))
            yield f"| {what[:-1]} | `{spec['name']}` | [{shape}] | {spec['dtype']} |"
    yield ""
    yield from _preprocessing(package)
    if labels := package.get("labels"):
        yield from ("## Classes", "")
        yield "; ".join(f"{number}: {label}" for number, label in enumerate(labels)) + "."
        yield ""
    yield from ("## The model", "", "| | |", "|---|---|")
    yield f"| format | {model['kind']}, `{model['file']}` |"
    yield f"| size | {model['bytes']:,} bytes |"
    if "parameters" in model:
        yield f"| parameters | {model['parameters']:,} |"
        yield f"| multiply-adds of one sample | {model['multiply_adds']:,} |"
    yield f"| precision | {model['precision']} |"
    if isinstance(model["quantization"], dict):
        scheme = model["quantization"]
        yield f"| quantization | weights {scheme['weights']}, activations {scheme['activations']} |"
    yield from ("", "## Where it comes from", "")
    yield "Made by recipec"
    if origin := package["provenance"].get("origin"):
        yield f"from {origin}"
    versions = package["provenance"]["versions"]
    yield "with " + ", ".join(f"{name} {number}" for name, number in versions.items()) + "."
    if based_on:
        yield f"Based on `{based_on['model']}`, {_published(based_on)}."
    yield f"Digest (sha256) of the model: `{model['sha256']}`."
    yield from ("", "## Licence", "", package["licence"])


def _published(based_on: Mapping[str, str]) -> str:
    revision = (
        f"revision `{based_on['revision']}`" if "revision" in based_on else "no revision told"
    )
    return f"{revision}, licence {based_on.get('licence', 'not told')}"


def _preprocessing(package: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Preprocessing", "")
    told = package.get("preprocessing")
    if told is None:
        yield "Inputs are samples as the model was trained with; see who gave you this package."
    else:
        steps = Preprocessing.model_validate(told)
        for step in steps.before:
            yield f"1. {step}"
        yield f"`{formula(steps)}`, where `pixels` are values as they are stored."
    yield ""
