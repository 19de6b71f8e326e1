"""What is wrong with a recipe is told before anything is made, at its place, and with a non-zero
exit code. Other tools warn, guess or begin."""

import pytest


def test_a_misspelt_parameter_is_an_error_and_nothing_is_made(place):
    answer = place.recipec("compile", "misspelt-parameter.yaml", "-o", "out")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "misspelt-parameter.yaml:8:47: error[unknown-key]: "
        "pruned (prune.channels) has no 'amuont'\n"
        "   8 |   - {id: pruned, uses: prune.channels, with: {amuont: 0.5}}\n"
        "     |                                               ^^^^^^\n"
        "  hint: did you mean 'amount'?\n"
    )
    assert place.left_behind == set()


def test_a_dry_run_tells_every_impossible_value_at_its_place(place):
    answer = place.recipec("compile", "impossible-values.yaml", "--dry-run", "--format", "json")
    assert answer.code == 1
    assert answer.places == [
        ("invalid-value", 7, 64),
        ("invalid-value", 8, 55),
        ("invalid-value", 9, 96),
        ("invalid-value", 10, 82),
    ]
    assert place.left_behind == set()


def test_a_misspelt_top_level_key_is_one_error_at_its_line(place):
    answer = place.recipec("compile", "misspelt-key.yaml", "--dry-run", "--format", "json")
    assert answer.code == 1
    assert answer.places == [("unknown-key", 3, 1)]
    assert answer.data["diagnostics"][0]["hint"] == "did you mean 'model'?"
    assert "Traceback" not in answer.err


def test_a_key_that_is_given_twice_is_an_error_with_both_places(place):
    answer = place.recipec("compile", "key-given-twice.yaml", "--dry-run", "--format", "json")
    (problem,) = answer.data["diagnostics"]
    assert answer.code == 1
    assert answer.places == [("duplicate-key", 12, 7)]
    assert "line 10" in problem["message"]


def test_stages_whose_kinds_dont_meet_are_named_with_the_operator_that_joins_them(place):
    answer = place.recipec("compile", "kinds-that-dont-meet.yaml", "--format", "json")
    (problem,) = answer.data["diagnostics"]
    assert answer.code == 1
    assert answer.places == [("kinds-dont-meet", 8, 24)]
    assert "'engine' needs onnx.model, and 'trained' makes torch.module" in problem["message"]
    assert "onnx.export" in problem["hint"]
    assert place.left_behind == set()


def test_a_recipe_of_an_older_format_is_refused_with_what_to_change(place):
    answer = place.recipec("compile", "last-year.yaml", "--format", "json")
    (problem,) = answer.data["diagnostics"]
    assert answer.code == 1
    assert answer.places == [("api-version", 2, 1)]
    assert "recipec migrate last-year.yaml" in problem["hint"]
    assert place.recipec("migrate", "last-year.yaml", "--write", "-q").code == 0
    assert place.recipec("validate", "last-year.yaml").code == 0


def test_a_recipe_of_a_version_that_nobody_knows_is_refused(place):
    recipe = place.folder / "last-year.yaml"
    recipe.write_text(recipe.read_text().replace("recipe: 1", "apiVersion: recipec/v0"))
    answer = place.recipec("compile", "last-year.yaml", "--format", "json")
    assert answer.code == 1
    assert answer.places == [("api-version", 2, 13)]


@pytest.mark.frameworks
def test_a_selector_that_matches_no_layer_is_an_error_of_the_plan(place):
    answer = place.recipec("compile", "selector-without-layers.yaml", "--format", "json")
    (problem,) = answer.data["diagnostics"]
    assert answer.code == 1
    assert (problem["line"], problem["column"]) == (8, 84)
    assert "'block.*' matches no layer" in problem["message"]
    assert "blocks" in problem["hint"]
    assert not (place.folder / "runs").exists()


@pytest.mark.frameworks
@pytest.mark.parametrize("damage", [lambda whole: b"not a model at all", lambda whole: whole[:-9]])
def test_a_damaged_input_model_is_an_error_that_names_the_file(place, damage):
    from safetensors.torch import save

    from recipec_torch.zoo import resnet

    whole = save(resnet(depth=8).state_dict())
    (place.folder / "trained.safetensors").write_bytes(damage(whole))
    answer = place.recipec("compile", "corrupt-model.yaml", "--format", "json")
    (problem,) = answer.data["diagnostics"]
    assert answer.code == 1
    assert (problem["line"], problem["column"]) == (8, 14)
    assert "trained.safetensors can't be read as safetensors" in problem["message"]
    assert "Traceback" not in answer.err
    assert not (place.folder / "runs").exists()
