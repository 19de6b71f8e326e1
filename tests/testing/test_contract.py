"""The contract catches operators that misbehave, each by the check that is there for it."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

import pytest

ACME = Path(__file__).parent / "acme"

SELECTORS = {
    "a_selector_that_matches_nothing_is_an_error_at_its_place",
    "a_plan_says_what_selectors_matched",
}
"""What catches an operator that plans without looking at its selectors."""
CAUGHT_BY = {
    "Repeat": set(),
    "SloppyId": {"its_id_is_a_namespace_a_dot_and_a_name", "its_plugin_offers_it"},
    "NotOffered": {"its_plugin_offers_it"},
    "NoVersion": {"its_version_is_a_positive_integer"},
    "LongSummary": {"its_summary_is_one_line"},
    "UndescribedPort": {"every_port_is_described"},
    "TakesAnything": {"an_unknown_parameter_is_refused"},
    "UndescribedParameter": {"every_parameter_is_described"},
    "LossyJson": {"parameters_survive_json"},
    "WrongSchema": {"parameters_fit_their_json_schema"},
    "Mutable": {"parameters_are_immutable"},
    "PassesOverWhatMatchesNothing": {"a_selector_that_matches_nothing_is_an_error_at_its_place"},
    "HidesWhatMatched": {"a_plan_says_what_selectors_matched"},
    "PlansAnotherKind": {
        "a_plan_fills_every_output_with_its_kind",
        "a_plan_can_be_made_for_a_machine_that_has_nothing",
        "a_plan_copes_with_unknown_facts",
        "a_run_makes_what_was_planned",
    },
    "PlansNothing": {
        *SELECTORS,
        "a_plan_fills_every_output_with_its_kind",
        "a_plan_can_be_made_for_a_machine_that_has_nothing",
        "a_plan_copes_with_unknown_facts",
        "a_run_makes_what_was_planned",
    },
    "PlansByMood": {"a_plan_is_repeatable", *SELECTORS},
    "PlansIntoItsInputs": {"a_plan_leaves_its_inputs_alone"},
    "PlansWithAFramework": {"a_plan_needs_no_framework"},
    "PlansOnlyWhereItCanRun": {"a_plan_can_be_made_for_a_machine_that_has_nothing"},
    "CountsOnKnownFacts": {"a_plan_copes_with_unknown_facts", *SELECTORS},
    "PlansWhatJsonForgets": {"planned_facts_survive_json", *SELECTORS},
    "MakesWhatJsonForgets": {
        "made_facts_survive_json",
        "a_run_makes_what_was_planned",
        *SELECTORS,
    },
    "WritesElsewhere": {"a_run_makes_every_output_with_its_kind"},
    "MakesSomethingElse": {"a_run_makes_what_was_planned"},
    "MakesWhatWasNotAskedFor": {
        "a_run_makes_every_output_with_its_kind",
        "a_run_makes_what_was_planned",
    },
    "WritesItsFolder": {"two_runs_make_the_same"},
    "UsesTheGlobalSeed": {"two_runs_make_the_same"},
    "NotesTheTime": {"two_runs_make_the_same"},
    "ChangesItsInputs": {"a_run_leaves_its_inputs_alone"},
    "Prints": {"a_run_prints_nothing"},
    "PrintsLikeALibrary": {"a_run_prints_nothing"},
    "LeavesTheFolder": {"a_run_leaves_the_process_alone"},
    "SeedsForEverybody": {"a_run_leaves_the_process_alone"},
    "MeasuresTwice": {"metrics_are_named_once"},
    "NotesItsFolder": {"notes_name_no_folder_of_this_machine", "two_runs_make_the_same"},
    "RaisesWhatItLikes": {"a_broken_model_is_a_clean_error"},
    "TakesBrokenModels": {"a_broken_model_is_a_clean_error"},
}


@pytest.fixture(scope="module")
def checks(tmp_path_factory):
    """Run the contract over the plugin `acme`: class → check → whether it failed."""
    folder = tmp_path_factory.mktemp("acme")
    installed = folder / "recipec_acme-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: recipec-acme\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[recipec]\nacme = recipec_acme\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", str(ACME / "contracts.py"), "-q"),
            *(
                "--import-mode=importlib",
                "-p",
                "no:cacheprovider",
                f"--junitxml={folder / 'x.xml'}",
            ),
            # A child process each: only where it is the question.
            *("-k", "not needs_no_framework or TestRepeat or PlansWithAFramework"),
        ],
        env={**os.environ, "PYTHONPATH": f"{ACME}{os.pathsep}{folder}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found = defaultdict(dict)
    for case in ElementTree.parse(folder / "x.xml").iter("testcase"):
        operator = case.get("classname").rpartition(".Test")[2]
        check = case.get("name").partition("[")[0].removeprefix("test_")
        assert case.find("error") is None, case.find("error").text
        failed = case.find("failure") is not None
        found[operator][check] = found[operator].get(check, False) or failed
    return found


def test_every_operator_is_under_the_contract(checks):
    assert set(checks) == set(CAUGHT_BY)


@pytest.mark.parametrize("operator", CAUGHT_BY)
def test_it_is_caught_by_the_check_that_is_there_for_it(operator, checks):
    assert {check for check, failed in checks[operator].items() if failed} == CAUGHT_BY[operator]


def test_every_check_catches_something(checks):
    assert set(checks["Repeat"]) == set().union(*CAUGHT_BY.values())
