"""Contracts of what plugins offer beside operators and lints: kinds, capabilities, sections."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import pytest

from recipec.api import Capability, Facts, Model, ReportSection, Unknown
from recipec.registry import installed_version
from recipec.testing.example import no_check
from recipec.testing.installed import probe_faults
from recipec.testing.offers import (
    ask_apart,
    capability_faults,
    json_faults,
    kind_faults,
    offering,
    section_faults,
    session_faults,
)
from recipec.testing.records import example_record


class KindContract(ABC):
    """An artifact kind: a subclass of `Facts` or `Model`.

    class TestTFLite(KindContract):
        kind = TFLiteModel

        def examples(self):
            return [TFLiteModel(inputs=(TensorSpec(name="x", shape=("N", 4)),), operators=12)]
    """

    kind: ClassVar[type[Facts]]

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        kind = getattr(cls, "kind", None)
        if kind is not None and not (issubclass(kind, Model) and kind.session):
            no_check(cls, "test_its_session_can_be_imported")

    @abstractmethod
    def examples(self) -> Iterable[Facts]:
        """Give facts of the kind, as they are read back from something that was made."""

    def test_its_plugin_offers_it(self) -> None:
        assert offering("recipec_artifact_kinds", self.kind) is not None, (
            f"no installed plugin offers {self.kind.kind}: return it from recipec_artifact_kinds()"
        )

    def test_it_is_declared_well(self) -> None:
        assert list(kind_faults(self.kind, self.kind.kind.partition(".")[0])) == []

    def test_its_facts_survive_json(self) -> None:
        for facts in self.examples():
            assert list(json_faults(facts)) == []

    def test_it_contradicts_what_differs_and_nothing_else(self) -> None:
        for facts in self.examples():
            assert list(facts.contradictions(facts)) == [], "facts contradict themselves"
            assert list(self.kind().contradictions(facts)) == [], (
                "a plan of which nothing is known contradicts what was made: let UNKNOWN admit all"
            )
            for name, value in known(facts).items():
                other = facts.model_copy(update={name: not_the(value)})
                assert list(other.contradictions(facts)), (
                    f"a plan with another {name!r} doesn't contradict what was made, so a wrong "
                    "plan goes unseen; leave facts that only plans have UNKNOWN in examples()"
                )

    def test_its_session_can_be_imported(self) -> None:
        for requirement in getattr(self.kind, "session_requires", ()):
            if requirement.package and installed_version(requirement.package) is None:
                pytest.skip(f"its session needs {requirement.package}")
        assert list(session_faults(self.kind)) == []


class CapabilityContract:
    """A probe for something that a machine may have.

    class TestCompiler(CapabilityContract):
        capability = ACMEC
    """

    capability: ClassVar[Capability]

    def test_its_plugin_offers_it(self) -> None:
        assert offering("recipec_capabilities", self.capability) is not None, (
            f"no installed plugin offers {self.capability.name}: return it from "
            "recipec_capabilities()"
        )

    def test_it_is_declared_well(self) -> None:
        assert list(capability_faults(self.capability)) == []

    def test_its_probe_gives_a_version_or_none(self) -> None:
        assert list(probe_faults(self.capability.probe())) == []

    def test_its_probe_needs_no_framework(self) -> None:
        point = offering("recipec_capabilities", self.capability)
        assert point is not None, "no installed plugin offers it"
        apart = ask_apart(point, ["recipec_capabilities"], probes=True)
        assert apart.raised is None, (
            f"in a process without frameworks, the probe (or another of its plugin's) fails: "
            f"{apart.raised}. Every dry run may call it: look for a file, a program, a library "
            f"through ctypes, and return None where there is none\n{apart.stderr}"
        )
        assert not apart.stdout, f"the probe prints {apart.stdout[:200]!r}"


class ReportSectionContract(ABC):
    """The sections that a plugin adds to reports.

    class TestChart(ReportSectionContract):
        plugin = recipec_acme

        def record(self):
            return example_record(stage_record("cluster", "acme.cluster", metrics=(…,)))
    """

    plugin: ClassVar[Any]
    """The module (or object) that implements `recipec_report_sections`."""

    @abstractmethod
    def record(self) -> Mapping[str, Any]:
        """Give a run record (JSON) that the plugin has something to say about."""

    def test_it_makes_a_section(self) -> None:
        found = list(self.plugin.recipec_report_sections(record=self.record()) or ())
        assert found, "recipec_report_sections gives no section for record()"
        assert all(isinstance(section, ReportSection) for section in found)

    def test_its_sections_can_be_rendered(self) -> None:
        assert list(section_faults(self.plugin, self.record())) == []

    def test_it_copes_with_runs_of_others(self) -> None:
        assert list(section_faults(self.plugin, example_record())) == []
        others = example_record(*_others(self.record()))
        assert list(section_faults(self.plugin, others)) == []


def _others(record: Mapping[str, Any]) -> Iterable[Any]:
    """Give the stages of a record as if another plugin had left nothing on them but their names."""
    from recipec.testing.records import stage_record

    return [
        stage_record(stage["id"], "some.other", plugin="some") for stage in record.get("stages", ())
    ]


def known(facts: Facts) -> dict[str, Any]:
    """Give the facts that are neither UNKNOWN nor structured: what one can make another of."""
    values = {name: getattr(facts, name) for name in type(facts).model_fields}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, (bool, int, float, str)) and not isinstance(value, Unknown)
    }


def not_the(value: Any) -> Any:
    """Give another value of the same type."""
    if isinstance(value, bool):
        return not value
    return f"not {value}" if isinstance(value, str) else value + 1
