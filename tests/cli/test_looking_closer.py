"""`--layers` and `--explain`: parts of a plan, as text and as data; and how wide a page is."""

import json

import pytest


def test_layers_are_shown_in_place_of_the_plan(recipec):
    code, out, _ = recipec("compile", "recipe.yaml", "--dry-run", "--layers")
    assert code == 0
    assert "big → small: 1 of 1 layers change" in out
    assert "8 → 4" in out
    assert "plan of" not in out


def test_layers_can_be_had_as_data(recipec):
    _, out, _ = recipec("compile", "recipe.yaml", "--dry-run", "--layers", "--format", "json")
    found = json.loads(out)
    assert found["format"] == "recipec.layers/v1"
    small = next(stage for stage in found["stages"] if stage["stage"] == "small")
    assert (small["layers"][0]["before"]["shape"], small["layers"][0]["after"]["shape"]) == (
        [8],
        [4],
    )


def test_a_stage_is_explained_in_place_of_the_plan(recipec):
    recipec("compile", "recipe.yaml")
    recipec.change("amount: 0.5", "amount: 0.25")
    code, out, _ = recipec("compile", "recipe.yaml", "--dry-run", "--explain", "small")
    assert code == 0
    assert out.startswith("+ small  toys.drop@1  run: changed: amount 0.5 → 0.25\n")
    assert "changed   amount 0.5 → 0.25" in out


def test_an_explanation_can_be_had_as_data(recipec):
    arguments = ["compile", "recipe.yaml", "--dry-run", "--explain", "small", "--format", "json"]
    _, out, _ = recipec(*arguments)
    found = json.loads(out)
    assert (found["format"], found["stage"]) == ("recipec.explanation/v1", "small")
    assert found["inputs"] == [{"port": "model", "node": "big", "digest": "unknown"}]


def test_a_stage_that_is_not_there_exits_2_with_a_suggestion(recipec):
    code, out, err = recipec("compile", "recipe.yaml", "--dry-run", "--explain", "smal")
    assert (code, out) == (2, "")
    assert "did you mean 'small'?" in err


@pytest.mark.parametrize(
    "arguments",
    [["--layers"], ["--explain", "small"], ["--dry-run", "--layers", "--explain", "small"]],
    ids=" ".join,
)
def test_they_go_with_a_dry_run_and_not_with_each_other(recipec, arguments):
    code, out, _ = recipec("compile", "recipe.yaml", *arguments)
    assert (code, out) == (2, "")
    assert not (recipec.folder / "runs").exists()


@pytest.mark.parametrize("width", ["50", "80", "140"])
def test_the_variable_columns_sets_the_width(recipec, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    _, out, _ = recipec("compile", "recipe.yaml", "--dry-run")
    assert max(map(len, out.splitlines())) <= int(width)


def test_nothing_is_coloured_but_a_terminal(recipec, monkeypatch):
    from recipec.cli.terminal import page

    assert "\x1b" not in recipec("compile", "recipe.yaml", "--dry-run")[1]
    assert terminal(monkeypatch, page, TERM="xterm").colour
    assert not terminal(monkeypatch, page, TERM="xterm", NO_COLOR="1").colour
    assert not terminal(monkeypatch, page, TERM="dumb").colour


def terminal(monkeypatch, page, **environment):
    import io

    class Output(io.StringIO):
        encoding = "utf-8"

        def isatty(self):
            return True

    with monkeypatch.context() as patch:
        for name in ("NO_COLOR", "TERM", "COLUMNS"):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr("sys.stdout", Output())
        return page()
