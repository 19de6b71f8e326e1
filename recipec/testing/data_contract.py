"""The contract of data sources: a `RunContract`, and samples that are as planned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Artifact, DataSamples, DataSource, Facts, OperatorError
from recipec.registry import installed_version
from recipec.testing.contexts import AlonePlanContext, run_alone
from recipec.testing.example import Example, no_check
from recipec.testing.offers import source_faults
from recipec.testing.run_contract import RunContract


class DataContract(RunContract):
    """A data source. It needs no inputs, so parameters are enough:

    class TestPictures(DataContract):
        operator = Pictures

        def good_params(self):
            return {"folder": "pets"}

        def prepare(self, folder):
            save_pictures(folder / "pets")
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if cls.prepare is not Example.prepare:
            # A reference to files has their absolute paths, and the two runs have two folders.
            no_check(cls, "test_two_runs_make_the_same")

    def example_facts(self) -> Mapping[str, Facts]:
        return {}

    def example_artifacts(self, folder: Path) -> Mapping[str, Artifact[Any]]:
        return {}

    def test_its_loader_is_in_a_heavy_module(self) -> None:
        assert list(source_faults(self.operator)) == []

    def test_its_samples_are_as_planned(self, tmp_path: Path) -> None:
        pytest.importorskip("numpy", reason="samples are NumPy arrays")
        from recipec.api.data import open_samples

        facts, artifact = self._made(tmp_path)
        try:
            samples = open_samples(artifact)
            labels = samples.take(range(len(samples))).labels
        except OperatorError as problem:
            raise AssertionError(
                f"what the loader gives isn't what plan() said: {problem.message}. Recipes plan by "
                "these facts; read them from the same files, or plan UNKNOWN"
            ) from problem
        if isinstance(facts.classes, int):
            assert labels is not None, f"{facts.classes} classes were planned; there are no labels"
            assert 0 <= labels.min() <= labels.max() < facts.classes, (
                f"{facts.classes} classes were planned, and labels go from {labels.min()} to "
                f"{labels.max()}"
            )

    def test_its_samples_are_the_same_every_time(self, tmp_path: Path) -> None:
        pytest.importorskip("numpy", reason="samples are NumPy arrays")
        from recipec.api.data import digest_samples, open_samples

        _, artifact = self._made(tmp_path)
        first, again = (digest_samples(open_samples(artifact)) for _ in range(2))
        assert first == again, (
            "opened twice, the samples differ: the data's key says they are the same, so what is "
            "drawn at random must come from a seed in the parameters"
        )

    def _made(self, folder: Path) -> tuple[DataSamples, Artifact[Any]]:
        for requirement in self.operator.requires:
            kind, _, name = requirement.capability.partition(":")
            if kind == "python" and installed_version(name) is None:
                pytest.skip(f"needs {requirement.spec}")
        planned = self.plan_in(folder, AlonePlanContext(folder)).outputs["samples"]
        assert isinstance(planned, DataSamples), f"it plans {planned!r}, which are no samples"
        operator = self.make()
        assert isinstance(operator, DataSource), "its class must be a DataSource"
        path = folder / "reference"
        path.mkdir(parents=True)
        run_alone(operator, {}, path, files=folder)
        return planned, Artifact(planned, path / "made" / "samples.json", "")
