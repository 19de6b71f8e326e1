"""`--plan-out`, `apply`, `diff` and `lock` on the command line: texts, exit codes, files."""

import json
import os
import re
from pathlib import Path

import pytest

from recipec.testing import assert_golden
from toys.bench import TOY_RECIPE

GOLDEN = Path(__file__).parent / "golden"
MATRIX = TOY_RECIPE.replace(
    "name: toy", "name: toy\nmatrix: {stages.small.with.amount: [0.5, 0.25]}"
)


def plain(*texts):
    """Give a text without what differs from run to run."""
    text = re.sub(r"sha256:\w+", "sha256:…", "".join(texts))
    return re.sub(r"\d\.\d s", "… s", text)


def test_a_saved_plan_is_shown_as_in_a_dry_run_and_nothing_runs(recipec):
    _, shown, _ = recipec("compile", "recipe.yaml", "--dry-run")
    code, out, err = recipec("compile", "recipe.yaml", "--plan-out", "plan.json")
    assert (code, err) == (0, "")
    assert out == f"{shown}\nsaved; to run it: recipec apply plan.json\n"
    assert sorted(p.name for p in recipec.folder.iterdir()) == ["plan.json", "recipe.yaml"]


def test_a_plan_is_saved_in_silence(recipec):
    assert recipec("compile", "recipe.yaml", "--plan-out", "p/plan.json", "-q") == (0, "", "")
    assert (recipec.folder / "p" / "plan.json").is_file()


def test_a_plan_as_data_is_all_of_the_output(recipec):
    out = recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "--format", "json")[1]
    assert json.loads(out) == json.loads((recipec.folder / "plan.json").read_text())["plan"]


def test_a_plan_that_can_t_be_carried_out_exits_4_and_isn_t_saved(recipec):
    recipec.change("uses: toys.pack", "uses: toys.accelerate")
    assert recipec("compile", "recipe.yaml", "--plan-out", "plan.json")[0] == 4
    assert not (recipec.folder / "plan.json").exists()


def test_a_recipe_is_not_written_over(recipec):
    code, _, err = recipec("compile", "recipe.yaml", "--plan-out", "recipe.yaml", "-q")
    assert code == 2
    assert "recipe.yaml holds something other than a saved plan" in err
    assert (recipec.folder / "recipe.yaml").read_text() == TOY_RECIPE


def test_apply_runs_the_plan(recipec):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    code, out, err = recipec("apply", "plan.json")
    assert code == 0
    assert_golden(plain(out, "---\n", err), GOLDEN / "apply.txt")
    assert (recipec.folder / "runs" / "toy" / "artifacts" / "packed.bin").is_file()


def test_apply_after_the_same_run_reuses_and_says_so(recipec):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    recipec("compile", "recipe.yaml", "-q")
    _, _, err = recipec("apply", "plan.json", "-o", "out")
    assert_golden(plain(err), GOLDEN / "apply-again.txt")


def test_apply_refuses_what_changed(recipec):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q", "--set", "seed=3")
    recipec.change("amount: 0.5", "amount: 0.25")
    recipec.change("count: 600", "count: 700")
    code, out, err = recipec("apply", "plan.json")
    assert (code, out) == (1, "")
    assert_golden(err, GOLDEN / "refused.txt")
    assert not (recipec.folder / "runs").exists()


def test_a_refusal_can_be_had_as_data(recipec):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    recipec.change("amount: 0.5", "amount: 0.25")
    _, out, _ = recipec("apply", "plan.json", "--format", "json")
    (problem,) = json.loads(out)["diagnostics"]
    assert (problem["code"], problem["line"]) == ("changed-recipe", 11)


def test_apply_exits_as_the_run_does(recipec):
    recipec.change("min_ratio: 2x", "min_ratio: 3x")
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    assert recipec("apply", "plan.json")[0] == 5
    recipec.change("uses: toys.pack", "uses: toys.crash")
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    assert recipec("apply", "plan.json")[0] == 4


def test_apply_can_only_look(recipec):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    code, out, err = recipec("apply", "plan.json", "--dry-run")
    assert (code, out, err) == (0, recipec("compile", "recipe.yaml", "--dry-run")[1], "")
    assert not (recipec.folder / "runs").exists()


def test_what_isn_t_a_saved_plan_exits_2(recipec):
    recipec("compile", "recipe.yaml", "-o", "out", "-q")
    for plan in ("no.json", "recipe.yaml", "out/plan.json", "out"):
        code, out, err = recipec("apply", plan)
        assert (code, out) == (2, "")
        assert err.count("error[bad-plan]") == 1


@pytest.mark.parametrize(
    "command", [["compile", "recipe.yaml", "--dry-run"], ["apply", "plan.json", "--dry-run"]]
)
def test_the_exit_code_says_whether_something_would_run(recipec, command):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    assert recipec(*command, "--detailed-exitcode")[0] == 10
    recipec("compile", "recipe.yaml", "-q")
    assert recipec(*command, "--detailed-exitcode")[0] == 0
    assert recipec(*command)[0] == 0


def test_other_exit_codes_stay_as_they_are(recipec):
    detailed = ("compile", "recipe.yaml", "--dry-run", "--detailed-exitcode")
    recipec.change("amount: 0.5", "amuont: 0.5")
    assert recipec(*detailed)[0] == 1
    recipec.change("amuont: 0.5", "amount: 0.5")
    recipec.change("uses: toys.pack", "uses: toys.accelerate")
    assert recipec(*detailed)[0] == 4


@pytest.mark.parametrize("command", [["compile", "recipe.yaml"], ["apply", "plan.json"]])
def test_the_detailed_exit_code_is_for_a_dry_run(recipec, command):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    code, _, err = recipec(*command, "--detailed-exitcode")
    assert code == 2
    assert "--detailed-exitcode goes with --dry-run" in err
    assert not (recipec.folder / "runs").exists()


def test_a_plan_is_saved_of_one_variant(recipec):
    (recipec.folder / "recipe.yaml").write_text(MATRIX)
    code, _, err = recipec("compile", "recipe.yaml", "--plan-out", "plan.json")
    assert code == 2
    assert "--plan-out is about one variant, and there are 2" in err
    labels = re.findall(r"amount=[\d.]+", err)
    assert len(labels) == 2
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "--variant", labels[1], "-q")
    assert recipec("apply", "plan.json")[0] == 5  # four of eight are wanted
    (record,) = (recipec.folder / "runs" / "toy").glob("*/run.json")
    assert json.loads(record.read_text())["stages"][2]["params"] == {"amount": 0.25}


def test_a_difference(recipec):
    recipec("compile", "recipe.yaml", "-q", "-o", "before")
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    recipec.change("amount: 0.5", "amount: 0.25")
    recipec.change("count: 600", "count: 700")
    recipec.change("  - {id: packed", "  - {id: more, uses: toys.scale}\n  - {id: packed")
    code, out, err = recipec("diff", "plan.json", "recipe.yaml", "--set", "seed=4")
    assert (code, err) == (0, "")
    assert_golden(out, GOLDEN / "diff.txt")
    recipec("compile", "recipe.yaml", "-q", "-o", "after")
    assert_golden(recipec("diff", "before", "after")[1], GOLDEN / "diff-runs.txt")
    assert_golden(recipec("diff", "recipe.yaml", "before/run.json")[1], GOLDEN / "diff-run.txt")


def test_no_difference(recipec):
    code, out, _ = recipec("diff", "recipe.yaml", "recipe.yaml", "--detailed-exitcode")
    assert (code, out) == (0, "recipe recipe.yaml → recipe recipe.yaml\nno difference\n")


def test_the_exit_code_of_a_difference(recipec):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    sides = ("diff", "plan.json", "recipe.yaml", "--set", "seed=4")
    assert recipec(*sides)[0] == 0
    assert recipec(*sides, "--detailed-exitcode", "-q") == (10, "", "")


def test_a_difference_as_data(recipec):
    _, out, _ = recipec("diff", "recipe.yaml", "recipe.yaml", "--format", "json")
    assert json.loads(out)["stages"] == []


def test_two_variants_of_a_recipe(recipec):
    (recipec.folder / "recipe.yaml").write_text(MATRIX)
    code, _, err = recipec("diff", "recipe.yaml", "recipe.yaml")
    assert code == 2
    first, second = re.findall(r"amount=[\d.]+", err)
    sides = ("diff", "recipe.yaml", "recipe.yaml", "--variant", first)
    assert "no difference" in recipec(*sides)[1]
    assert "amount 0.5 → 0.25" in recipec(*sides, "--variant", second)[1]
    assert recipec(*sides, "--variant", second, "--variant", first)[0] == 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("no.yaml", None, 2),
        ("broken.yaml", "apiVersion: recipec/v1\n", 1),
        ("lock.json", '{"format": "recipec.lock/v1"}', 2),
        ("newer.json", '{"format": "recipec.run/v9"}', 2),
        ("half.json", '{"format": "recipec.plan/v1", ', 1),
        ("empty", "directory", 2),
    ],
)
def test_what_can_t_be_compared(recipec, name, content, code):
    path = recipec.folder / name
    if content == "directory":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    found, out, err = recipec("diff", "recipe.yaml", name)
    assert (found, out) == (code, "")
    assert err.count("error[") >= 1


def test_a_lock_is_written_checked_and_refuses(recipec):
    (recipec.folder / "n.json").write_text("[1]")
    recipec.change(
        "train: {uses: toys.numbers}", "train: {uses: toys.numbers, with: {file: n.json}}"
    )
    assert recipec("lock", "recipe.yaml") == (0, "recipe.lock.json\n", "")
    assert recipec("lock", "recipe.yaml", "--check") == (0, "recipe.lock.json is up to date\n", "")
    assert recipec("compile", "recipe.yaml", "--locked", "-q")[0] == 0
    (recipec.folder / "n.json").write_text("[2]")
    for command in (["compile", "recipe.yaml", "--locked"], ["lock", "recipe.yaml", "--check"]):
        code, out, err = recipec(*command)
        assert (code, out) == (1, "")
        assert_golden(plain(err), GOLDEN / "locked.txt")
    recipec("lock", "recipe.yaml", "-q")
    assert recipec("compile", "recipe.yaml", "--locked", "--dry-run")[0] == 0


def test_without_a_lock_nothing_is_locked(recipec):
    code, _, err = recipec("compile", "recipe.yaml", "--locked")
    assert code == 2
    assert "hint: make it with `recipec lock recipe.yaml`" in err


def test_all_variants_are_locked(recipec):
    for name in ("a", "b"):
        (recipec.folder / f"{name}.json").write_text("[1]")
    text = MATRIX.replace(
        "stages.small.with.amount: [0.5, 0.25]", "data.train.with.file: [a.json, b.json]"
    )
    (recipec.folder / "recipe.yaml").write_text(text)
    recipec("lock", "recipe.yaml")
    lock = json.loads((recipec.folder / "recipe.lock.json").read_text())
    assert list(lock["files"]) == ["a.json", "b.json"]
    assert recipec("lock", "recipe.yaml", "--check")[0] == 0
    assert recipec("compile", "recipe.yaml", "--locked", "-q")[0] == 0
    (recipec.folder / "b.json").write_text("[2]")
    code, _, err = recipec("compile", "recipe.yaml", "--locked", "-q")
    assert code == 1
    assert "file b.json" in err


def test_a_plan_is_written_over_no_pipe_and_no_device(recipec):
    os.mkfifo(recipec.folder / "pipe")
    for file in ("pipe", "/dev/null"):
        code, _, err = recipec("compile", "recipe.yaml", "--plan-out", file, "-q")
        assert code == 2
        assert err.startswith(f"error[bad-plan]: {file} holds something other than")


def test_a_plan_behind_a_link_is_written_where_it_leads(recipec):
    (recipec.folder / "link.json").symlink_to("real.json")
    assert recipec("compile", "recipe.yaml", "--plan-out", "link.json", "-q")[0] == 0
    assert (recipec.folder / "link.json").is_symlink()
    assert (recipec.folder / "real.json").is_file()


@pytest.mark.parametrize("also", [["--plan-out", "p.json"], ["--deny", "all"], ["--locked"]])
def test_what_would_come_after_the_shown_pass_is_not_promised(recipec, also):
    code, out, err = recipec("compile", "recipe.yaml", "--print-after", "key", *also)
    assert (code, out) == (2, "")
    assert f"--print-after stops before {also[0]} has its say" in err


def test_a_stage_to_explain_must_be_there_in_silence_too(recipec):
    code, out, err = recipec("compile", "recipe.yaml", "--dry-run", "-q", "--explain", "smal")
    assert (code, out) == (2, "")
    assert "did you mean 'small'?" in err
    assert recipec("compile", "recipe.yaml", "--dry-run", "-q", "--explain", "small") == (0, "", "")


@pytest.mark.parametrize("text", ['{"format":"recipec.lock/v1","a":\n', "[" + "9" * 5000 + "]"])
def test_a_lock_that_is_cut_off_is_one_error(recipec, text):
    (recipec.folder / "recipe.lock.json").write_text(text)
    code, _, err = recipec("compile", "recipe.yaml", "--locked", "--dry-run")
    assert code == 2
    assert err.count("error[") == err.count("error[bad-lock]") == 1


def test_one_variant_is_that_of_the_side_with_a_matrix(recipec):
    (recipec.folder / "swept.yaml").write_text(MATRIX)
    code, out, _ = recipec("diff", "recipe.yaml", "swept.yaml", "--variant", "amount=0.25")
    assert code == 0
    assert "amount 0.5 → 0.25" in out


def test_choices_among_recipes_mean_nothing_between_plans(recipec):
    recipec("compile", "recipe.yaml", "--plan-out", "plan.json", "-q")
    for option in (["--set", "a=1"], ["--variant", "b"], ["--preset", "c"]):
        code, _, err = recipec("diff", "plan.json", "plan.json", *option)
        assert code == 2
        assert "error[not-comparable]" in err


def test_a_store_that_can_not_be_written_is_no_mistake_of_an_operator(recipec):
    (recipec.folder / "file").write_text("")
    store = str(recipec.folder / "file" / "store")
    code, _, err = recipec("compile", "recipe.yaml", "--store", store, "-q")
    assert code == 2
    assert err.startswith("error[store]: the store ")
