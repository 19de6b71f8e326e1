"""What a saved plan holds, and what is said of a file that isn't one."""

import json

import pytest

import recipec
from recipec.plan.saved.plan import SavedPlan
from toys.bench import TOY_RECIPE


def problem(desk, text):
    (desk.folder / "plan.json").write_text(text)
    with pytest.raises(recipec.UsageError) as caught:
        desk.apply()
    (said,) = caught.value.diagnostics
    assert said.code == "bad-plan"
    assert said.hint == "make one with `recipec compile RECIPE --plan-out FILE`"
    return str(said).replace(str(desk.folder), "…")


def test_a_saved_plan_names_all_that_it_stands_on(desk, monkeypatch):
    monkeypatch.setenv("AMOUNT", "0.5")
    (desk.folder / "n.json").write_text("[1, 2]")
    (desk.folder / "base.yaml").write_text(
        TOY_RECIPE.replace("amount: 0.5", 'amount: "${env:AMOUNT}"')
    )
    path = desk.save(
        "apiVersion: recipec/v1\nextends: base.yaml\nname: toy\n"
        "presets: {own: {data: {train: {with: {file: n.json}}}}}\n",
        "seed=3",
        presets=["own"],
        until="small",
        force=["big"],
    )
    saved = json.loads(path.read_text())
    assert saved["request"] == {
        "recipe": "recipe.yaml",
        "settings": ["seed=3"],
        "presets": ["own"],
        "variant": None,
        "force": ["big"],
        "until": "small",
    }
    assert [source["name"] for source in saved["sources"]] == ["base.yaml", "recipe.yaml"]
    assert list(saved["environment"]) == ["AMOUNT"]
    assert list(saved["pins"]["files"]) == ["n.json"]
    assert list(saved["pins"]["plugins"]) == ["toys"]
    assert saved["plan"] == json.loads(
        desk.compile(
            (desk.folder / "recipe.yaml").read_text(),
            "seed=3",
            presets=["own"],
            until="small",
            force=["big"],
        ).plan.model_dump_json()
    )
    desk.apply()


def test_the_same_plan_is_the_same_file(desk):
    assert desk.save().read_bytes() == desk.save().read_bytes()


def test_what_is_read_is_what_was_written(desk):
    path = desk.save()
    saved = recipec.read_saved_plan(path)
    assert SavedPlan.model_validate_json(saved.model_dump_json()) == saved


def test_a_plan_that_can_t_be_carried_out_is_not_saved(desk):
    text = TOY_RECIPE.replace("uses: toys.pack", "uses: toys.accelerate")
    with pytest.raises(recipec.StageError, match="needs accelerator"):
        desk.save(text)
    assert not (desk.folder / "plan.json").exists()


@pytest.mark.parametrize(
    "content", ["apiVersion: recipec/v1\n", "{}", '{"format": "recipec.run/v1"}']
)
def test_nothing_but_a_plan_is_written_over(desk, content):
    path = desk.folder / "plan.json"
    path.write_text(content)
    with pytest.raises(recipec.UsageError, match="holds something other than a saved plan"):
        desk.save()
    assert path.read_text() == content


def test_a_recipe_without_a_file_can_t_be_compiled_again(desk):
    from recipec.recipe import parse_recipe

    recipe = parse_recipe(TOY_RECIPE.encode(), "nowhere.yaml", desk.folder)
    compilation = recipec.compile_recipe(recipe, catalog=desk.catalog, store=desk.folder / "store")
    with pytest.raises(recipec.UsageError, match=r"there is no file nowhere\.yaml"):
        recipec.save_plan(compilation, desk.folder / "plan.json")


def test_a_file_that_can_t_be_written(desk):
    (desk.folder / "file").write_text("")
    with pytest.raises(recipec.UsageError, match=r"can't be written: .*file: File exists"):
        recipec.save_plan(desk.compile(), desk.folder / "file" / "plan.json")


NO_JSON = "this is not a saved plan: it is no JSON"
NOT_SAVED = "error[bad-plan]: …/plan.json is not a saved plan"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", f"…/plan.json:1:1: error[bad-plan]: {NO_JSON} (Expecting value)"),
        ("{\n 1: 2}", f"…/plan.json:2:2: error[bad-plan]: {NO_JSON} (Expecting property name "
         "enclosed in double quotes)"),
        ("[" * 100_000, f"{NOT_SAVED}: it is nested too deeply"),
        ("[]", NOT_SAVED),
        ('{"format": 3}', NOT_SAVED),
        ('{"format": "recipec.plan/v1"}', f"{NOT_SAVED}: its format is recipec.plan/v1"),
        (
            '{"format": "recipec.saved-plan/v2"}',
            "error[bad-plan]: …/plan.json is of another version of recipec: recipec.saved-plan/v2; "
            "this one reads recipec.saved-plan/v1",
        ),
    ],
)  # fmt: skip
def test_what_is_no_saved_plan_is_one_error(desk, content, said):
    assert problem(desk, content) == said


def test_bytes_that_are_no_text(desk):
    (desk.folder / "plan.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(recipec.UsageError, match="is not a saved plan: it is no text"):
        desk.apply()


def test_a_plan_that_isn_t_there(desk):
    with pytest.raises(recipec.UsageError, match="can't be read: No such file"):
        desk.apply()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.pop("pins"), "pins: field required"),
        (lambda data: data.update(more=1), "more: extra inputs are not permitted"),
        (lambda data: data["plan"]["nodes"][0].pop("id"), "plan.nodes.0.id: field required"),
        (lambda data: data["plan"]["nodes"][0].update(version="one"),
         "plan.nodes.0.version: input should be a valid integer"),
        (lambda data: data["plan"]["nodes"].append(data["plan"]["nodes"][0]),
         "plan: a node's id occurs twice"),
        (lambda data: data["request"].update(recipe="a\0b"),
         "request.recipe: string should match pattern"),
        (lambda data: data.update(sources=[]), "sources: tuple should have at least 1 item"),
    ],
)  # fmt: skip
def test_a_damaged_plan_is_one_error_at_its_place(desk, change, said):
    path = desk.save()
    data = json.loads(path.read_text())
    change(data)
    told = problem(desk, json.dumps(data, indent=1))
    assert f"error[bad-plan]: {said}" in told
    assert told.startswith("…/plan.json:")


def test_half_a_plan_is_one_error(desk):
    text = desk.save().read_text()
    assert "it is no JSON" in problem(desk, text[: len(text) // 2])
