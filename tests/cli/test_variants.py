"""A recipe with a matrix on the command line: all variants, or those that are chosen."""

import json

import pytest

MATRIX = """\
matrix:
  stages.small.with.amount: [0.25, 0.5]
  stages.big.with.factor: [2, 3]
  exclude: [{stages.small.with.amount: 0.25, stages.big.with.factor: 3}]
outputs:"""
LABELS = ["amount=0.25,factor=2", "amount=0.5,factor=2", "amount=0.5,factor=3"]


@pytest.fixture
def swept(recipec):
    """A recipe with three variants, the gate of which the first can't meet."""
    recipec.change("outputs:", MATRIX)
    return recipec


def left(terminal, folder):
    return sorted(path.parent.name for path in (terminal.folder / folder).glob("*/run.json"))


def test_a_dry_run_shows_a_line_for_each_variant_and_then_their_plans(swept):
    code, out, _ = swept("compile", "recipe.yaml", "--dry-run")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "3 variants of toy: 12 stages, 9 of them distinct: 9 run, 0 reuse"
    assert [line.split()[:3] for line in lines if line.startswith("amount")] == [
        [label, "4", "0"] for label in LABELS
    ]
    assert [line.partition(":")[0] for line in lines if line.startswith("plan of")] == [
        f"plan of toy/{label}" for label in LABELS
    ]


def test_of_many_variants_only_the_table_is_shown(recipec):
    values = ", ".join(f"0.{n}" for n in range(10, 60))
    recipec.change(
        "outputs:", f"vars: {{idle: 1}}\nmatrix: {{stages.small.with.amount: [{values}]}}\noutputs:"
    )
    code, out, _ = recipec("compile", "recipe.yaml", "--dry-run")
    assert code == 0
    assert "plan of toy" not in out
    assert out.startswith("50 variants of toy: 200 stages, ")
    assert out.count("warning[unused-variable]") == 1
    assert out.endswith("\nthe plan of one of them: --variant amount=0.1\n")


def test_equal_stages_of_variants_are_counted_once(recipec):
    recipec.change("outputs:", "matrix: {stages.packed.uses: [toys.pack, toys.scale]}\noutputs:")
    _, out, _ = recipec("compile", "recipe.yaml", "--dry-run")
    assert "2 variants of toy: 8 stages, 5 of them distinct: 5 run, 0 reuse" in out


def test_the_plans_are_data_too(swept):
    code, out, _ = swept("compile", "recipe.yaml", "--dry-run", "--format", "json")
    shown = json.loads(out)
    assert code == 0
    assert [variant["label"] for variant in shown["variants"]] == LABELS
    assert shown["variants"][0]["plan"]["name"] == f"toy/{LABELS[0]}"
    assert (shown["stages"], shown["distinct_stages"]) == (12, 9)


def test_a_run_leaves_a_folder_for_each_and_the_worst_exit_code(swept):
    code, out, err = swept("compile", "recipe.yaml")
    assert code == 5
    assert left(swept, "runs/toy") == LABELS
    assert "3 runs: 2 done, 1 gate failed" in (swept.folder / "runs/toy/report.md").read_text()
    for label in LABELS:
        assert f"{label}</bdi></a>" in (swept.folder / "runs/toy/report.html").read_text()
        record = json.loads((swept.folder / "runs" / "toy" / label / "run.json").read_text())
        assert record["name"] == f"toy/{label}"
    assert err.count("error[gate]") == 1
    table = out[out.rindex("variant ") :].splitlines()
    assert [line.split()[0] for line in table[1:4]] == LABELS
    assert ["gate failed" in line for line in table[1:4]] == [True, False, False]
    assert table[4] == "reports: runs/toy/VARIANT/report.html"


def test_stages_that_variants_share_are_made_once(swept):
    _, _, err = swept("compile", "recipe.yaml")
    assert [line.split()[2] for line in err.splitlines() if " model " in line] == [
        "ran",
        "reused",
        "reused",
    ]
    _, out, _ = swept("compile", "recipe.yaml", "--dry-run")
    assert "9 of them distinct: 0 run, 9 reuse" in out


def test_a_run_is_data_too(swept):
    code, out, _ = swept("compile", "recipe.yaml", "-o", "out", "--format", "json")
    told = json.loads(out)
    assert code == 5
    assert [variant["exit_code"] for variant in told["variants"]] == [5, 0, 0]
    assert [variant["out"] for variant in told["variants"]] == [f"out/{label}" for label in LABELS]
    assert told["variants"][1]["record"]["status"] == "done"


def test_one_variant_that_fails_does_not_keep_the_others_from_running(recipec):
    recipec.change("uses: toys.pack}", "uses: toys.crash, with: {how: error}}")
    recipec.change("outputs:", "matrix: {stages.packed.with.how: [error, bug]}\noutputs:")
    code, out, err = recipec("compile", "recipe.yaml")
    assert code == 4
    assert (err.count("error[operator]"), err.count("error[stage-failed]")) == (1, 1)
    assert [line.split() for line in out.splitlines()[2:4]] == [
        ["how=error", "failed"],
        ["how=bug", "failed"],
    ]
    assert left(recipec, "runs/toy") == []


def test_a_bug_in_one_variant_is_reported_and_the_others_run(swept, monkeypatch):
    from recipec.run import summary

    summarize = summary.summarize

    def broken(plan, *rest):
        if plan.name.endswith(LABELS[1]):
            raise KeyError("boom")
        return summarize(plan, *rest)

    monkeypatch.setattr("recipec.run.summary.summarize", broken)
    monkeypatch.setattr("tempfile.tempdir", str(swept.folder))
    code, _, err = swept("compile", "recipe.yaml", "-o", "out")
    assert code == 3
    assert "this is a bug in recipec: KeyError" in err
    assert left(swept, "out") == [LABELS[0], LABELS[2]]


def test_one_variant_goes_where_it_is_when_all_run(swept):
    assert swept("compile", "recipe.yaml", "-o", "out", "--variant", LABELS[1])[0] == 0
    assert left(swept, "out") == [LABELS[1]]
    assert swept("compile", "recipe.yaml", "--variant", "*factor=3")[0] == 0
    assert left(swept, "runs/toy") == [LABELS[2]]


def test_variants_are_chosen_by_a_glob(swept):
    _, out, _ = swept("compile", "recipe.yaml", "--dry-run", "--variant", "amount=0.5*")
    assert out.startswith("2 variants of toy: ")
    code, _, err = swept("compile", "recipe.yaml", "--dry-run", "--variant", "amount=0.6*")
    assert code == 2
    assert "error[unknown-variant]: --variant amount=0.6*: the recipe has no such variant" in err


def test_a_blocked_promise_is_told_once(swept):
    swept.change("uses: toys.pack", "uses: toys.accelerate")
    code, _, err = swept("compile", "recipe.yaml", "--dry-run")
    assert code == 4
    assert err.count("error[blocked-output]") == 1


def test_the_detailed_exit_code_is_about_all(swept):
    dry = ("compile", "recipe.yaml", "--dry-run", "--detailed-exitcode")
    assert swept(*dry)[0] == 10
    swept("compile", "recipe.yaml")
    assert swept(*dry)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["compile", "recipe.yaml", "--plan-out", "plan.json"],
        ["compile", "recipe.yaml", "--print-after", "bind"],
        ["render", "recipe.yaml"],
        ["compile", "recipe.yaml", "--dry-run", "--layers"],
        ["compile", "recipe.yaml", "--dry-run", "--explain", "big"],
    ],
)
def test_what_is_about_one_recipe_lists_the_variants(swept, arguments):
    code, out, err = swept(*arguments)
    assert (code, out) == (2, "")
    assert f"choose one with --variant: {'; '.join(LABELS)}" in err


def test_validate_looks_at_all_variants(swept):
    assert swept("validate", "recipe.yaml") == (
        0,
        "recipe.yaml: toy is valid, 3 variants, 9 stages\n",
        "",
    )
    swept.change("amount: [0.25, 0.5]", "amount: [0.25, 0.5, much]")
    code, _, err = swept("validate", "recipe.yaml")
    assert code == 1
    assert err.count("error[") == 1
    assert "note: the value comes from the matrix, axis 'stages.small.with.amount'" in err


def test_a_variant_is_compared_with_its_own_last_run(swept):
    swept("compile", "recipe.yaml", "--variant", LABELS[1])
    _, out, _ = swept("compile", "recipe.yaml", "--dry-run", "--variant", LABELS[2])
    assert "big  toys.scale@1  run: not made before" in out


def test_quiet_says_nothing(recipec):
    recipec.change("outputs:", "matrix: {seed: [1, 2]}\noutputs:")
    assert recipec("compile", "recipe.yaml", "--quiet") == (0, "", "")


@pytest.mark.parametrize("chosen", [[], ["--variant", LABELS[0]]])
def test_variants_do_not_lie_among_the_files_of_a_run(recipec, chosen):
    assert recipec("compile", "recipe.yaml", "-q")[0] == 0
    recipec.change("outputs:", MATRIX)
    code, _, err = recipec("compile", "recipe.yaml", "-q", *chosen)
    assert code == 2
    assert "runs/toy holds a run" in err
    assert left(recipec, "runs/toy") == []
