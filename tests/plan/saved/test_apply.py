"""A reviewed plan is applied as it is, or refused, naming what changed."""

import json
import shutil

import pytest

import recipec
from recipec.api import Capability, Requirement
from recipec.plan.model import Node, Plan
from toys.bench import TOY_RECIPE
from toys.operators import Drop

FILES = TOY_RECIPE.replace(
    "train: {uses: toys.numbers}", "train: {uses: toys.numbers, with: {file: n.json}}"
).replace("uses: toys.model", "uses: toys.model, with: {code: 'mine.py:f'}")


def with_files(desk):
    (desk.folder / "n.json").write_text("[1, 2, 3]")
    (desk.folder / "mine.py").write_text("import beside\ndef f(): return 1\n")
    (desk.folder / "beside.py").write_text("A = 1\n")
    desk.save(FILES)


def test_a_plan_that_holds_is_the_plan_that_was_reviewed(desk):
    desk.save()
    reviewed = desk.apply()
    assert reviewed.notes == ()
    assert reviewed.compilation.plan == desk.compile().plan
    record = recipec.run_plan(reviewed.compilation, desk.folder / "out")
    assert record.status == "done"


def test_what_was_made_meanwhile_is_reused_and_said(desk):
    desk.save()
    desk.run()
    (note,) = desk.apply().notes
    assert str(note) == (
        "note[made-since]: made since the review, and reused: model, big, small, packed"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("amount: 0.5", "amount: 0.25", "changed-recipe:11: small (toys.drop): amount 0.5 → 0.25"),
        ("factor: 2, ", "", "changed-recipe:10: big (toys.scale): factor 2.0 → 1.0"),
        ("count: 600", "count: 700", "changed-recipe:6: data test (toys.numbers): count 600 → 700"),
        ("data: train}}", "data: test}}", "changed-recipe:10: big (toys.scale): data train → test"),
        ("baseline: big", "baseline: packed", "changed-recipe:8: baseline big → packed"),
        ("name: toy", "name: toy\nseed: 5", "changed-recipe:3: seed 0 → 5"),
        ("outputs: [packed]", "outputs: [small]", "changed-recipe:13: outputs [packed] → [small]"),
        (
            "id: packed, uses: toys.pack",
            "id: packed, uses: toys.pack, needs: big",
            "changed-recipe:12: packed: input model small → big",
        ),
        (
            "  - {id: packed",
            "  - {id: more, uses: toys.scale}\n  - {id: packed",
            "changed-recipe:12: more is new",
        ),
        (
            "  - {id: packed, uses: toys.pack}\noutputs: [packed]\n",
            "outputs: [small]\n",
            "changed-recipe:10: packed is gone",
        ),
        (
            "[numbers, right]",
            "[numbers]",
            "changed-recipe:7: the measurement toys.right is gone",
        ),
        (
            "min_ratio: 2x",
            "min_ratio: 3x",
            "changed-recipe:15: the gate small: numbers.count ratio ≥ 2x → ratio ≥ 3x",
        ),
        (
            "  - {stage: small, metric: numbers.count, min_ratio: 2x}",
            "  - {stage: packed, metric: numbers.count, min_ratio: 2x}",
            "changed-recipe:15: the gate packed: numbers.count ratio ≥ 2x is new",
        ),
        ("name: toy", "# a comment\nname: toy", "changed-recipe:2: this line is new"),
        (
            "baseline: big",
            "baseline:   big",
            "changed-recipe:8: this line has changed since the review; it was: baseline: big",
        ),
    ],
)
def test_an_edited_recipe_is_refused_at_the_place(desk, old, new, said):
    desk.save()
    desk.replace(old, new)
    told = [one.removesuffix(" since the review") for one in desk.refused()]
    assert said in told
    assert len(told) <= 2  # what replaces and what is replaced


def test_stages_that_change_places_are_one_change(desk):
    first = "  - {id: big, uses: toys.scale, with: {factor: 2, data: train}}\n"
    second = "  - {id: small, uses: toys.drop, with: {amount: 0.5}}\n"
    desk.save()
    desk.replace(first + second, second + first)
    (said,) = desk.refused()
    assert "moved from behind" in said


def test_a_variable_that_several_parameters_take_is_one_change(desk):
    text = TOY_RECIPE.replace("name: toy", "name: toy\nvars: {x: 0.5}")
    text = text.replace("factor: 2", 'factor: "${vars.x}"').replace("0.5}}", '"${vars.x}"}}')
    desk.save(text)
    desk.replace("vars: {x: 0.5}", "vars: {x: 0.25}")
    (said,) = desk.refused()
    assert said.endswith(
        "big (toys.scale): factor 0.5 → 0.25; small (toys.drop): amount 0.5 → 0.25 since the review"
    )


def test_independent_changes_are_told_one_by_one(desk):
    with_files(desk)
    desk.replace("amount: 0.5", "amount: 0.25")
    desk.replace("factor: 2", "factor: 3")
    (desk.folder / "n.json").write_text("[1, 2, 4]")
    codes = [said.partition(":")[0] for said in desk.refused()]
    assert codes == ["changed-recipe", "changed-recipe", "changed-file"]


def test_other_bytes_of_data_are_refused_at_the_parameter(desk):
    with_files(desk)
    (desk.folder / "n.json").write_text("[1, 2, 4]")
    (said,) = desk.refused()
    assert said.startswith("changed-file:5: file n.json sha256:")


@pytest.mark.parametrize("name", ["mine.py", "beside.py"])
def test_other_code_beside_the_recipe_is_refused_and_not_imported(desk, name):
    with_files(desk)
    with (desk.folder / name).open("a") as file:
        file.write("raise SystemExit('imported')\n")
    (said,) = desk.refused()
    assert said.startswith(f"changed-file:3: file {name} sha256:")


def test_a_file_that_is_gone_is_the_error_of_any_plan(desk):
    with_files(desk)
    (desk.folder / "n.json").unlink()
    (said,) = desk.refused()
    assert said == "missing-file:5: there is no file 'n.json'"


def test_another_version_of_an_operator(desk, monkeypatch):
    desk.save()
    monkeypatch.setattr(Drop, "version", 2)
    assert desk.refused() == [
        "changed-version:11: small (toys.drop): version 1 → 2 since the review"
    ]


def test_another_version_of_a_package(desk, monkeypatch):
    versions = {"numberlib": "1.0", "recipec": "0.1.0"}
    monkeypatch.setattr(Drop, "requires", (Requirement("python:numberlib>=1"),))
    monkeypatch.setattr("recipec.plan.machine.installed_version", versions.get)
    desk.save()
    versions["numberlib"] = "1.1"
    assert desk.refused() == ["changed-version:11: package numberlib 1.0 → 1.1 since the review"]
    versions.pop("numberlib")
    assert desk.refused() == [
        "changed-version:11: package numberlib 1.0 → not installed since the review"
    ]


def test_another_version_of_a_plugin(desk, fake_catalog):
    desk.catalog = fake_catalog("recipec-toys", "1.0")
    desk.save()
    desk.catalog = fake_catalog("recipec-toys", "1.1")
    (said,) = desk.refused()
    assert said == (
        "changed-version:5: plugin toys recipec-toys 1.0 → recipec-toys 1.1 since the review"
    )


def test_another_version_of_recipec(desk, monkeypatch):
    desk.save()
    monkeypatch.setattr("recipec.plan.saved.pins.installed_version", lambda name: "0.2.0")
    (said,) = desk.refused()
    assert said.startswith("changed-version")
    assert said.endswith("→ 0.2.0 since the review")


def test_a_capability_that_is_there_now(desk, toys):
    from dataclasses import replace

    fast = TOY_RECIPE.replace(
        "outputs:", "  - {id: f, uses: toys.accelerate, needs: big}\noutputs:"
    )
    desk.save(fast)
    has = {"accelerator": Capability("accelerator", lambda: "2.0", "a thing")}
    (said,) = desk.refused(catalog=replace(toys, capabilities=has))
    assert said == "changed-version: no accelerator → accelerator 2.0 since the review"


def test_a_variable_of_the_environment_is_named_by_the_value_that_it_changes(desk, monkeypatch):
    monkeypatch.setenv("AMOUNT", "0.5")
    desk.save(TOY_RECIPE.replace("amount: 0.5", 'amount: "${env:AMOUNT}"'))
    assert "0.5" not in json.loads((desk.folder / "plan.json").read_text())["environment"].values()
    desk.apply()
    monkeypatch.setenv("AMOUNT", "0.25")
    (said,) = desk.refused()
    assert said == "changed-recipe:11: small (toys.drop): amount 0.5 → 0.25 since the review"


def test_a_variable_of_the_environment_that_changes_no_value(desk, monkeypatch):
    monkeypatch.setenv("WHY", "because")
    text = TOY_RECIPE.replace("name: toy", 'name: toy\ndescription: "${env:WHY}"')
    desk.save(text)
    monkeypatch.setenv("WHY", "otherwise")
    assert desk.refused() == [
        "changed-environment: the environment variable WHY changed since the review"
    ]


def test_settings_are_part_of_the_request(desk):
    desk.save(TOY_RECIPE, "stages.small.with.amount=0.25", until="small", force=["big"])
    plan = desk.apply().compilation.plan
    assert plan.node("small").params["amount"] == 0.25
    assert plan.outputs == ("small",)
    assert plan.node("big").reason == desk.compile(force=["big"]).plan.node("big").reason


def test_another_store_doesn_t_have_what_was_reviewed_as_reused(desk):
    desk.run()
    desk.save()
    assert desk.apply().notes == ()
    shutil.rmtree(desk.folder / "store")
    said = desk.refused()
    assert said == [
        "changed-result:3: model would run, and was reviewed as reused: not made before"
    ]


def test_a_result_that_was_made_again_otherwise(desk):
    desk.run()
    desk.save()
    record = desk.run()
    key = record.stage("big").key
    entry = desk.folder / "store" / "v1" / "entries" / key[:2] / key
    (entry / "model.json").write_text("[0, 0, 0, 0, 0, 0, 0, 0]")
    from recipec.api.digests import digest_path

    data = json.loads((entry / "entry.json").read_text())
    data["outputs"]["model"]["digest"] = digest_path(entry / "model.json")
    (entry / "entry.json").write_text(json.dumps(data))
    assert desk.refused() == [
        "changed-result:10: big: what it made was made again since the review, otherwise"
    ]


def test_an_operator_that_plans_otherwise_without_a_new_version(desk, monkeypatch):
    desk.save()
    monkeypatch.setattr(Drop, "kept", lambda self, numbers: 7)
    said = desk.refused()
    assert said[0].startswith("changed-plan:11: small: planned parameters 4 → 7, multiply-adds")
    assert len(said) == 2  # and what the operator says it does; not what follows from it
    assert "4 of 8 numbers leave" in said[1]


def test_a_warning_that_was_not_reviewed(desk, monkeypatch):
    desk.save()
    plan = Drop.plan
    monkeypatch.setattr(
        Drop, "plan", lambda self, *args: plan(self, *args)._replace(warnings=("it is odd",))
    )
    assert desk.refused() == [
        "changed-plan: the plan that was reviewed did not say: small: it is odd"
    ]


def test_a_recipe_that_is_broken_now_says_what_is_wrong_with_it(desk):
    desk.save()
    desk.replace("amount: 0.5", "amuont: 0.5")
    changed = f"changed-recipe: {desk.folder / 'recipe.yaml'} changed since the review"
    assert desk.refused() == [changed, "unknown-key:11: small (toys.drop) has no 'amuont'"]
    desk.replace("stages:", "stagse:")
    assert [said.partition(":")[0] for said in desk.refused()] == ["changed-recipe", "unknown-key"]


def test_the_last_word_is_how_to_review_it_again(desk, monkeypatch):
    monkeypatch.chdir(desk.folder)
    desk.save(TOY_RECIPE, "name=a-name", force=["small"])
    desk.replace("amount: 0.5", "amount: 0.25")
    with pytest.raises(recipec.RecipeError) as caught:
        desk.apply()
    assert caught.value.diagnostics[-1].hint == (
        "to review it again: recipec compile recipe.yaml --set name=a-name --force small "
        f"--plan-out {desk.folder / 'plan.json'}"
    )


def test_a_project_may_move_as_a_whole(desk, tmp_path):
    with_files(desk)
    new = tmp_path / "elsewhere" / "deep"
    new.mkdir(parents=True)
    for name in ("plan.json", "recipe.yaml", "n.json", "mine.py", "beside.py"):
        shutil.move(desk.folder / name, new / name)
    recipec.apply_plan(new / "plan.json", catalog=desk.catalog, store=desk.folder / "store")


def test_lines_are_told_with_the_path_that_leads_to_them(desk, tmp_path, monkeypatch):
    (desk.folder / "bases").mkdir()
    base = desk.folder / "bases" / "base.yaml"
    base.write_text(TOY_RECIPE)
    monkeypatch.chdir(desk.folder.parent)
    desk.save("apiVersion: recipec/v1\nname: toy\nextends: bases/base.yaml\n")
    base.write_text(TOY_RECIPE.replace("baseline: big", "baseline: big  # of course"))
    with pytest.raises(recipec.RecipeError) as caught:
        desk.apply()
    (said,) = caught.value.diagnostics
    assert str(said.span) == f"{desk.folder.name}/bases/base.yaml:8:1"
    assert said.span.source == "baseline: big  # of course"


def test_a_plan_may_move_alone_when_it_is_told_where_the_recipe_is(desk, tmp_path):
    path = desk.save()
    moved = tmp_path / "artifacts" / "plan.json"
    moved.parent.mkdir()
    path.rename(moved)
    options = {"catalog": desk.catalog, "store": desk.folder / "store"}
    with pytest.raises(recipec.UsageError, match=r"recipe\.yaml can't be read"):
        recipec.apply_plan(moved, **options)
    recipec.apply_plan(moved, recipe=desk.folder / "recipe.yaml", **options)


def test_timings_on_another_machine_are_no_other_plan(desk, monkeypatch):
    from recipec.plan.machine import Machine
    from toys.operators import Size

    monkeypatch.setattr(Size, "machine_bound", True)
    desk.save()
    monkeypatch.setattr(Machine, "fingerprint", {"cpu": "another", "cores": 64})
    assert desk.apply().notes == ()


NOT_COMPARED = {
    Node: {"reason", "key", "digests", "estimate"},  # what is in the store, and the past, decide
    Plan: {"estimate", "diagnostics", "nodes"},
}


def other(value):
    """Give another value of the same form."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, list):
        return value[:-1] if value else ["x"]
    return {**value, "x": "x"} if isinstance(value, dict) else "x"


@pytest.mark.parametrize("name", [n for n in Node.model_fields if n not in NOT_COMPARED[Node]])
def test_a_field_of_a_stage_that_was_edited_by_hand_is_seen(desk, name):
    desk.save()
    desk.edit(
        lambda data: data["plan"]["nodes"][4].update({name: other(data["plan"]["nodes"][4][name])})
    )
    with pytest.raises((recipec.RecipeError, recipec.UsageError)) as caught:
        desk.apply()
    assert caught.value.exit_code in (1, 2)


@pytest.mark.parametrize("name", [n for n in Plan.model_fields if n not in NOT_COMPARED[Plan]])
def test_a_field_of_the_plan_that_was_edited_by_hand_is_seen(desk, name):
    desk.save()
    desk.edit(lambda data: data["plan"].update({name: other(data["plan"][name])}))
    with pytest.raises((recipec.RecipeError, recipec.UsageError)) as caught:
        desk.apply()
    assert name.removesuffix("s") in str(caught.value)


def test_parameters_that_were_edited_by_hand_are_named(desk):
    desk.save()
    desk.edit(lambda data: data["plan"]["nodes"][4]["params"].update(amount=0.9))
    assert desk.refused() == [
        "changed-recipe:11: small (toys.drop): amount 0.9 → 0.5 since the review"
    ]


def test_settings_that_were_edited_by_hand_are_named(desk):
    desk.save()
    desk.edit(lambda data: data["request"].update(settings=["stages.small.with.amount=0.9"]))
    (said,) = desk.refused()
    assert "small (toys.drop): amount 0.5 → 0.9" in said


def test_a_source_text_that_is_not_the_one_of_its_digest_is_refused(desk):
    desk.save()
    desk.edit(lambda plan: plan["sources"][-1].update(text="# harmless\n"))
    with pytest.raises(recipec.UsageError, match="the text is not the one of the digest"):
        desk.apply()
