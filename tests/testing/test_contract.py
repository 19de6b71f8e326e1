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
    "LossyJson": {"parameters_fit_their_json_schema", "parameters_survive_json"},
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
    "PlansByMood": {"a_plan_is_repeatable", "a_plan_needs_no_framework", *SELECTORS},
    "PlansIntoItsInputs": {"a_plan_leaves_its_inputs_alone"},
    "PlansWithAFramework": {"a_plan_needs_no_framework"},
    "PlansOnlyWhereItCanRun": {
        "a_plan_can_be_made_for_a_machine_that_has_nothing",
        "its_version_is_raised_when_it_plans_something_else",
    },
    "CountsOnKnownFacts": {"a_plan_copes_with_unknown_facts", *SELECTORS},
    "PlansWhatJsonForgets": {"planned_facts_survive_json", *SELECTORS},
    "MakesWhatJsonForgets": {
        "made_facts_survive_json",
        "a_run_makes_what_was_planned",
        *SELECTORS,
    },
    "WritesElsewhere": {"a_run_makes_every_output_with_its_kind", "a_run_writes_only_its_outputs"},
    "MakesSomethingElse": {"a_run_makes_what_was_planned"},
    "MakesWhatWasNotAskedFor": {
        "a_run_makes_every_output_with_its_kind",
        "a_run_makes_what_was_planned",
    },
    "WritesItsFolder": {"two_runs_make_the_same", "it_runs_in_another_process"},
    "UsesTheGlobalSeed": {"two_runs_make_the_same", "it_runs_in_another_process"},
    "NotesTheTime": {"two_runs_make_the_same"},
    "ChangesItsInputs": {"a_run_leaves_its_inputs_alone", "it_runs_in_another_process"},
    "Prints": {"a_run_prints_nothing"},
    "PrintsLikeALibrary": {"a_run_prints_nothing"},
    "LeavesTheFolder": {"a_run_leaves_the_process_alone"},
    "SeedsForEverybody": {"a_run_leaves_the_process_alone"},
    "MeasuresTwice": {"metrics_are_named_once"},
    "NotesItsFolder": {"notes_name_no_folder_of_this_machine", "two_runs_make_the_same"},
    "RaisesWhatItLikes": {"a_broken_model_is_a_clean_error"},
    "TakesBrokenModels": {"a_broken_model_is_a_clean_error"},
    "NoUnit": {"every_parameter_is_described"},
    "ImportsAFramework": {"a_plan_needs_no_framework"},
    "PlansIntoAFile": {"a_plan_does_nothing_but_plan"},
    "PlansWithAProgram": {"a_plan_does_nothing_but_plan"},
    "PlansAndPrints": {"a_plan_does_nothing_but_plan"},
    "PlansForTheEnvironment": {"a_plan_does_nothing_but_plan", "a_plan_leaves_the_process_alone"},
    "PlansAndSeeds": {"a_plan_leaves_the_process_alone"},
    "PlansAndRemembers": {"a_plan_keeps_nothing_in_the_operator"},
    "CountsOtherChanges": {"a_run_changes_as_many_as_planned"},
    "KeepsState": {"a_run_keeps_nothing_in_the_operator", "two_runs_make_the_same"},
    "KeepsStateInTheClass": {"two_runs_make_the_same"},
    "NeedsWhatTheTestsRegistered": {"it_runs_in_another_process"},
    "GoesByWhatTheTestsRegistered": {"it_runs_in_another_process"},
    "WritesBesideItsOutput": {"a_run_writes_only_its_outputs"},
    "WritesOutside": {"a_run_writes_only_its_outputs"},
    "WritesWhereItIs": {"a_run_writes_only_its_outputs"},
    "SetsThreadsForEverybody": {"a_run_leaves_the_process_alone"},
    "UsesScratchUnsaid": {"scratch_is_used_as_the_contract_says"},
    "Slow": set(),
    "GoesOnWrongly": {"a_killed_run_goes_on_to_the_same"},
    "CannotGoOn": {"a_killed_run_goes_on_to_the_same"},
}
SAYS = {
    "SloppyId": "'Acme' is not of the form 'plugin.name'",
    "NotOffered": "return it from recipec_operators()",
    "UndescribedParameter": "the parameter inner.silent is not described",
    "NoUnit": "the parameter timeout doesn't say its unit",
    "TakesAnything": "takes keys that it doesn't know, so a misspelt one goes unseen",
    "Mutable": "can be changed after they were read",
    "LossyJson": "take field types and serializers that lose nothing",
    "WrongSchema": "an editor would mark a good recipe",
    "PlansAnotherKind": "one of the two is wrong",
    "PlansNothing": "plan() says nothing of the outputs ['model']",
    "PlansByMood": "take out the clock, random numbers, and what is kept between calls",
    "PlansIntoItsInputs": "plan() changed the facts that it was given",
    "PlansWithAFramework": "Move what needs one into a module named `_….py`",
    "ImportsAFramework": "import of jinja2 halted",
    "PlansOnlyWhereItCanRun": "state what is needed in `requires`",
    "CountsOnKnownFacts": "Plan UNKNOWN where an input isn't known yet",
    "PlansWhatJsonForgets": "union_mode='left_to_right'",
    "PlansIntoAFile": "plan.log",
    "PlansWithAProgram": "starts the program",
    "PlansAndPrints": "plan() prints 'planning",
    "PlansForTheEnvironment": "sets the environment variable ACME_PLANS",
    "PlansAndSeeds": "plan() changed random",
    "PlansAndRemembers": "plan() kept something in the operator: {'seen'}",
    "PassesOverWhatMatchesNothing": "so a misspelt name goes unseen",
    "HidesWhatMatched": "give there the names of the layers",
    "MakesSomethingElse": "lines: planned 9, made 3",
    "CountsOtherChanges": "lines repeated: planned 2, made 3",
    "MakesWhatWasNotAskedFor": "['more'], which acme.repeat doesn't declare in `outputs`",
    "WritesElsewhere": "left nothing at context.path_for('model')",
    "WritesItsFolder": "write other bytes into ['model']",
    "KeepsState": "the run kept ['before'] in the operator",
    "ChangesItsInputs": "the run changed the files of its input 'model'",
    "Prints": "the run prints 'done",
    "LeavesTheFolder": "the run changed working directory",
    "SeedsForEverybody": "the run changed random",
    "SetsThreadsForEverybody": "the run changed environment variable OMP_NUM_THREADS",
    "NeedsWhatTheTestsRegistered": "All that it needs must be importable there",
    "GoesByWhatTheTestsRegistered": "it goes by something that only this process has",
    "WritesBesideItsOutput": "writes notes.txt beside its outputs",
    "WritesOutside": "acme-cache: only context.path_for() and context.scratch are its own",
    "WritesWhereItIs": "acme-cache: only context.path_for() and context.scratch are its own",
    "MeasuresTwice": "lines of None",
    "NotesItsFolder": "notes are stored and shown elsewhere",
    "RaisesWhatItLikes": "run() raised ValueError: not a text. Raise OperatorError",
    "TakesBrokenModels": "run() took a model whose files hold garbage on 'model'",
    "UsesScratchUnsaid": "write `uses_scratch = True` in the contract",
    "GoesOnWrongly": "a checkpoint must hold all that the rest depends on",
    "CannotGoOn": "begin anew where one can't be read",
}
"""What an author reads."""


@pytest.fixture(scope="module")
def checks(tmp_path_factory):
    """Run the contract over the plugin `acme`: class → check → what it said, None if it passed."""
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
        ],
        env={
            **os.environ,
            "PYTHONPATH": f"{ACME}{os.pathsep}{folder}",
            "ACME_VERSIONS": str(folder / "versions"),
            "CI": "",
        },
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found = defaultdict(dict)
    for case in ElementTree.parse(folder / "x.xml").iter("testcase"):
        operator = case.get("classname").rpartition(".Test")[2]
        check = case.get("name").partition("[")[0].removeprefix("test_")
        assert case.find("error") is None, case.find("error").text
        failure = case.find("failure")
        said = None if failure is None else failure.text
        found[operator][check] = found[operator].get(check) or said
    return found


def test_every_operator_is_under_the_contract(checks):
    assert set(checks) == set(CAUGHT_BY)


def caught(checks):
    return {check for check, said in checks.items() if said is not None}


@pytest.mark.parametrize("operator", CAUGHT_BY)
def test_it_is_caught_by_the_check_that_is_there_for_it(operator, checks):
    assert caught(checks[operator]) == CAUGHT_BY[operator]


@pytest.mark.parametrize("operator", SAYS)
def test_the_check_says_what_is_wrong(operator, checks):
    said = " ".join(" ".join(text or "" for text in checks[operator].values()).split())
    assert SAYS[operator] in said


def test_every_check_catches_something(checks):
    assert set(checks["Slow"]) == set().union(*CAUGHT_BY.values())
