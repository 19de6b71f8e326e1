"""`recipec render`: the resolved recipe on the command line."""

import json


def test_what_it_prints_compiles_to_the_same_plan(recipec):
    _, text, _ = recipec("render", "recipe.yaml", "--set", "stages.big.with.factor=3")
    assert text.startswith("# resolved by `recipec render`; later wins:\n#   recipe.yaml\n")
    assert "# --set stages.big.with.factor=3\n" in text
    (recipec.folder / "rendered.yaml").write_text(text)
    assert recipec("compile", "rendered.yaml", "-o", "out")[0] == 0
    _, out, _ = recipec("compile", "recipe.yaml", "--set", "stages.big.with.factor=3", "--dry-run")
    assert "4 stages: 0 run, 4 reuse" in out


def test_defaults_can_be_left_out(recipec):
    assert "# default" in recipec("render", "recipe.yaml")[1]
    assert "# default" not in recipec("render", "recipe.yaml", "--no-defaults")[1]


def test_the_recipe_and_the_origins_are_data_too(recipec):
    code, out, _ = recipec("render", "recipe.yaml", "--format", "json")
    told = json.loads(out)
    assert code == 0
    assert told["recipe"]["stages"][1]["with"] == {"amount": 0.5}
    assert told["origins"]["/stages/1/with/amount"]["line"] == 11


def test_a_wrong_recipe_is_not_rendered(recipec):
    recipec.change("amount: 0.5", "amuont: 0.5")
    code, out, err = recipec("render", "recipe.yaml")
    assert (code, out) == (1, "")
    assert "error[unknown-key]" in err
