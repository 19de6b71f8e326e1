"""The command line: what it prints, what it leaves behind, and its exit codes."""

import json

import pytest
from click.testing import CliRunner

from recipec.cli import main as cli


def test_a_run_leaves_what_it_promises(recipec):
    code, out, _ = recipec("compile", "recipe.yaml")
    assert code == 0
    left = {
        p.relative_to(recipec.folder / "runs" / "toy").as_posix()
        for p in (recipec.folder / "runs" / "toy").rglob("*")
    }
    assert left == {
        "run.json",
        "plan.json",
        "report.html",
        "report.md",
        "artifacts",
        "artifacts/packed.bin",
    }
    assert "report: runs/toy/report.html" in out
    assert "gate small numbers.count ratio ≥ 2x: pass" in out


def test_a_second_run_reuses_everything(recipec):
    recipec("compile", "recipe.yaml")
    code, _, err = recipec("compile", "recipe.yaml")
    assert code == 0
    assert err.count("reused") == 4


def test_a_dry_run_leaves_nothing(recipec):
    code, out, _ = recipec("compile", "recipe.yaml", "--dry-run")
    assert code == 0
    assert "plan of toy: 4 stages: 4 run" in out
    assert [p.name for p in recipec.folder.iterdir()] == ["recipe.yaml"]


def test_the_plan_that_is_kept_is_the_one_that_was_shown(recipec):
    _, out, _ = recipec("compile", "recipe.yaml", "--dry-run", "--format", "json")
    recipec("compile", "recipe.yaml", "-o", "out")
    assert json.loads(out) == json.loads((recipec.folder / "out" / "plan.json").read_text())


def test_a_pass_can_be_looked_at(recipec):
    code, out, _ = recipec("compile", "recipe.yaml", "--print-after", "bind")
    assert code == 0
    assert {node["action"] for node in json.loads(out)["nodes"]} == {"unknown"}


def test_a_wrong_recipe_exits_1_with_a_caret(recipec):
    recipec.change("amount: 0.5", "amuont: 0.5")
    code, out, err = recipec("compile", "recipe.yaml")
    assert (code, out) == (1, "")
    assert err == (
        "recipe.yaml:11:41: error[unknown-key]: small (toys.drop) has no 'amuont'\n"
        "  11 |   - {id: small, uses: toys.drop, with: {amuont: 0.5}}\n"
        "     |                                         ^^^^^^\n"
        "  hint: did you mean 'amount'?\n"
    )


def test_errors_can_be_had_as_data(recipec):
    recipec.change("amount: 0.5", "amuont: 0.5")
    code, out, err = recipec("validate", "recipe.yaml", "--format", "json")
    (problem,) = json.loads(out)["diagnostics"]
    assert (code, err) == (1, "")
    assert (problem["code"], problem["line"], problem["column"]) == ("unknown-key", 11, 41)


@pytest.mark.parametrize(
    "arguments",
    [
        ["compile", "no.yaml"],
        ["compile", "recipe.yaml", "--until", "nobody"],
        ["compile", "recipe.yaml", "--force", "nobody"],
        ["compile", "recipe.yaml", "--set", "nonsense"],
        ["compile", "recipe.yaml", "-o", "recipe.yaml"],
        ["compile", "recipe.yaml", "--no-such-option"],
        ["report", "nowhere"],
        ["nonsense"],
    ],
)
def test_a_wrong_command_line_exits_2(recipec, arguments):
    code, out, err = recipec(*arguments)
    assert (code, out) == (2, "")
    assert err


def test_a_failed_stage_exits_4(recipec):
    recipec.change("uses: toys.pack", "uses: toys.crash")
    code, _, err = recipec("compile", "recipe.yaml")
    assert code == 4
    assert "packed (toys.crash): it can't be done" in err
    assert not (recipec.folder / "runs").exists()


def test_a_blocked_promise_exits_4_also_in_a_dry_run(recipec):
    recipec.change("uses: toys.pack", "uses: toys.accelerate")
    assert recipec("compile", "recipe.yaml", "--dry-run")[0] == 4
    assert recipec("compile", "recipe.yaml")[0] == 4


def test_a_failed_gate_exits_5_and_says_by_how_much(recipec):
    recipec.change("min_ratio: 2x", "min_ratio: 3x")
    code, _, err = recipec("compile", "recipe.yaml")
    assert code == 5
    assert "error[gate]: small: numbers.count ratio ≥ 3x against big: fail" in err
    assert (recipec.folder / "runs" / "toy" / "artifacts" / "packed.bin").is_file()


def test_an_inconclusive_gate_exits_0_and_5_when_strict(recipec):
    recipec.change("metric: numbers.count, min_ratio: 2x", "metric: right, max_drop: 1pp")
    code, _, err = recipec("compile", "recipe.yaml")
    assert code == 0
    assert "warning[gate]" in err
    assert recipec("compile", "recipe.yaml", "--strict")[0] == 5


def test_a_bug_exits_3_with_a_log(recipec, monkeypatch):
    def broken(*_):
        raise KeyError("boom")

    monkeypatch.setattr("recipec.run.summary.summarize", broken)
    monkeypatch.setenv("TMPDIR", str(recipec.folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    code, _, err = recipec("compile", "recipe.yaml", "-o", "out")
    assert code == 3
    (log,) = recipec.folder.glob("recipec-*.log")
    assert str(log) in err
    assert "KeyError: 'boom'" in log.read_text()
    assert not (recipec.folder / "out").exists()


def test_quiet_says_nothing_when_all_is_well(recipec):
    assert recipec("compile", "recipe.yaml", "--quiet") == (0, "", "")


def test_a_report_is_rendered_again_from_the_record_alone(recipec):
    recipec("compile", "recipe.yaml", "-o", "out")
    first = (recipec.folder / "out" / "report.html").read_text()
    (recipec.folder / "out" / "report.html").unlink()
    assert recipec("report", "out")[0] == 0
    assert (recipec.folder / "out" / "report.html").read_text() == first


def test_help_names_every_command():
    shown = CliRunner().invoke(cli.cli, ["--help"]).output
    assert all(name in shown for name in cli.COMMANDS)


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_a_command_has_the_summary_that_the_list_shows(name):
    command = cli.cli.get_command(None, name)
    assert command.get_short_help_str(200) == cli.COMMANDS[name]
