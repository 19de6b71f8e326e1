"""Contracts of kinds, capabilities and report sections: each planted fault is caught."""

from types import SimpleNamespace

import pytest

import recipec_tensorrt
from recipec.api import UNKNOWN, Capability, Model, ReportSection, TensorSpec, Unknown
from recipec.testing import (
    CapabilityContract,
    KindContract,
    ReportSectionContract,
    example_record,
    stage_record,
)


def failing(contract):
    """Name the checks that fail, with what they say."""
    found = {}
    for name in dir(contract):
        if name.startswith("test_") and getattr(contract, name) is not None:
            try:
                getattr(contract, name)()
            except AssertionError as problem:
                found[name.removeprefix("test_")] = str(problem)
    return found


class Lines(Model):
    kind = "acme.lines"
    suffix = ".txt"
    lines: int | Unknown = UNKNOWN


def kind_contract(kind, *examples):
    class Contract(KindContract):
        def examples(self):
            return examples

    Contract.kind = kind
    return Contract()


OFFERED = "its_plugin_offers_it"


def test_a_good_kind_passes():
    inputs = (TensorSpec(name="x", shape=("N", 4)),)
    assert set(failing(kind_contract(Lines, Lines(lines=3, inputs=inputs)))) == {OFFERED}


class Foreign(Lines):
    kind = "lines"


class NoDot(Lines):
    kind = "acme.no-dot"
    suffix = "txt"


class Demanding(Lines):
    kind = "acme.demanding"
    words: int


class Worded(Lines):
    kind = "acme.worded"
    word: str | Unknown = UNKNOWN


class TakesAll(Lines):
    kind = "acme.takes-all"

    def contradictions(self, made):
        return iter(())


class Strict(Lines):
    kind = "acme.strict"

    def contradictions(self, made):
        if self != made:
            yield "they differ"


@pytest.mark.parametrize(
    ("example", "check", "said"),
    [
        (Foreign(), "it_is_declared_well", "not the plugin's name, a dot"),
        (NoDot(), "it_is_declared_well", "the suffix 'txt' is not like '.onnx'"),
        (Demanding(words=1), "it_is_declared_well", "give every fact `… | Unknown = UNKNOWN`"),
        (Worded(), "it_is_declared_well", "union_mode='left_to_right'"),
        (Worded(), "its_facts_survive_json", "union_mode='left_to_right'"),
        (TakesAll(lines=3), "it_contradicts_what_differs_and_nothing_else", "another 'lines'"),
        (Strict(lines=3), "it_contradicts_what_differs_and_nothing_else", "let UNKNOWN admit all"),
    ],
)
def test_what_is_wrong_with_a_kind_is_told(example, check, said):
    if type(example) is Demanding:
        with pytest.raises(ValueError, match="words"):
            type(example)()
    contract = kind_contract(type(example), example)
    if type(example) is Demanding:
        contract.test_it_contradicts_what_differs_and_nothing_else = lambda: None
    assert said in failing(contract)[check]


def capability_contract(capability):
    return type("Contract", (CapabilityContract,), {"capability": capability})()


def test_a_good_capability_passes():
    (capability,) = recipec_tensorrt.recipec_capabilities()
    assert failing(capability_contract(capability)) == {}


@pytest.mark.parametrize(
    ("capability", "check", "said"),
    [
        (Capability("ACMEC>=2", lambda: "", "it"), "it_is_declared_well", "small letters"),
        (Capability("acmec", lambda: "", "a\nb"), "it_is_declared_well", "one line"),
        (
            Capability("acmec", lambda: "newest", "it"),
            "its_probe_gives_a_version_or_none",
            "None when the machine doesn't have it",
        ),
        (Capability("acmec", lambda: "1", "it"), OFFERED, "return it from recipec_capabilities()"),
    ],
)
def test_what_is_wrong_with_a_capability_is_told(capability, check, said):
    assert said in failing(capability_contract(capability))[check]


def section_contract(hook):
    class Contract(ReportSectionContract):
        plugin = SimpleNamespace(recipec_report_sections=hook)

        def record(self):
            return example_record(stage_record("cluster", "acme.cluster", notes=("16 colours",)))

    return Contract()


def notes(record):
    values = {"notes": [note for stage in record["stages"] for note in stage["notes"]]}
    if values["notes"]:
        yield ReportSection(
            "Notes", "<ul>{% for n in notes %}<li>{{ n }}</li>{% endfor %}</ul>", values
        )


def with_section(template, title="Notes"):
    return lambda record: [ReportSection(title, template)] if record["stages"] else []


def changes(record):
    record["stages"].clear()
    return [ReportSection("Notes", "none")]


def counts_on_notes(record):
    return [ReportSection("Notes", record["stages"][0]["notes"][0])]


def test_good_sections_pass():
    assert failing(section_contract(notes)) == {}


@pytest.mark.parametrize(
    ("hook", "check", "said"),
    [
        (lambda record: None, "it_makes_a_section", "gives no section"),
        (with_section("{{ gone }}"), "its_sections_can_be_rendered", "'gone' is undefined"),
        (with_section("<script></script>"), "its_sections_can_be_rendered", "<script>"),
        (with_section("a", "two\nlines"), "its_sections_can_be_rendered", "must be one line"),
        (
            with_section('<img src="https://example.org/a.png">'),
            "its_sections_can_be_rendered",
            "embed what it needs",
        ),
        (changes, "its_sections_can_be_rendered", "changed the record"),
        (counts_on_notes, "it_copes_with_runs_of_others", "raised IndexError"),
        (lambda record: ["text"], "its_sections_can_be_rendered", "is not a ReportSection"),
    ],
)
def test_what_is_wrong_with_sections_is_told(hook, check, said):
    assert said in failing(section_contract(hook))[check]
