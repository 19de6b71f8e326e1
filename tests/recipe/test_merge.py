"""How a recipe is merged over the one that it extends."""

import pytest


def test_parameters_merge_at_every_depth(recipes):
    recipes.write("base.yaml", (recipes.folder / "base.yaml").read_text().replace(
        "{factor: 2, data: train}", "{factor: 2, data: train, deep: {a: {b: 1, c: 2}, d: [1, 2]}}"
    ))  # fmt: skip
    recipe = recipes.over("stages: [{id: big, with: {factor: 3, deep: {a: {c: 4}, d: [5]}}}]\n")
    assert recipes.parameters(recipe)["big"] == {
        "factor": 3,
        "data": "train",
        "deep": {"a": {"b": 1, "c": 4}, "d": [5]},
    }


def test_lists_are_replaced_whole(recipes):
    text = (recipes.folder / "base.yaml").read_text() + "outputs: [small, packed]\n"
    recipes.write("base.yaml", text)
    assert recipes.over("").spec.outputs == ("small", "packed")
    assert recipes.over("outputs: [big]\n").spec.outputs == ("big",)
    assert recipes.over("outputs: []\n").spec.outputs == ()


def test_null_is_a_value_and_takes_optional_keys_out(recipes):
    recipes.write("base.yaml", (recipes.folder / "base.yaml").read_text() + "baseline: big\n")
    assert recipes.over("baseline: null\n").spec.baseline is None


@pytest.mark.parametrize(
    ("stages", "order"),
    [
        ("[{id: new, uses: toys.scale}]", "big small packed new"),
        ("[{id: new, uses: toys.scale, after: big}]", "big new small packed"),
        ("[{id: new, uses: toys.scale, before: big}]", "new big small packed"),
        ("[{id: small, remove: true}]", "big packed"),
        ("[{id: small, before: big}]", "small big packed"),
        ("[{id: big, after: packed}]", "small packed big"),
        (
            "[{id: a, uses: toys.scale, after: big}, {id: b, uses: toys.scale, after: big}]",
            "big a b small packed",
        ),
        (
            "[{id: a, uses: toys.scale, before: small}, {id: b, uses: toys.scale, before: small}]",
            "big a b small packed",
        ),
        (
            "[{id: b, uses: toys.scale, after: a}, {id: a, uses: toys.scale, after: big}]",
            "big a b small packed",
        ),
        (
            "[{id: a, uses: toys.scale, before: b}, {id: b, uses: toys.scale}]",
            "big small packed a b",
        ),
        ("[{id: small, remove: false}]", "big small packed"),
    ],
)
def test_stages_are_added_moved_and_removed(recipes, stages, order):
    assert list(recipes.parameters(recipes.over(f"stages: {stages}\n"))) == order.split()


def test_a_stage_is_replaced_in_its_place(recipes):
    over = "stages: [{id: small, replace: true, uses: toys.scale, with: {factor: 5}}]\n"
    recipe = recipes.over(over)
    assert list(recipes.parameters(recipe)) == ["big", "small", "packed"]
    assert recipe.spec.stages[1].uses == "toys.scale"
    assert recipe.spec.stages[1].with_ == {"factor": 5}


def test_an_operator_without_parameters_may_change(recipes):
    recipe = recipes.over("stages: [{id: packed, uses: toys.scale, with: {factor: 2}}]\n")
    assert recipe.spec.stages[2].uses == "toys.scale"


def test_needs_are_kept_and_changed(recipes):
    text = (recipes.folder / "base.yaml").read_text()
    recipes.write("base.yaml", text.replace("toys.pack}", "toys.pack, needs: big}"))
    assert recipes.over("").spec.stages[2].needs == "big"
    assert recipes.over("stages: [{id: packed, needs: small}]\n").spec.stages[2].needs == "small"
    assert recipes.over("stages: [{id: packed, needs: null}]\n").spec.stages[2].needs is None


def test_model_and_data_merge_and_are_replaced(recipes):
    recipe = recipes.over("""\
model: {with: {code: "math:sqrt"}}
data:
  train: {with: {count: 5}}
  test: {remove: true}
  other: {uses: toys.numbers}
""")
    assert recipe.spec.model.with_ == {"numbers": 8, "code": "math:sqrt"}
    assert {name: use.with_ for name, use in recipe.spec.data.items()} == {
        "train": {"count": 5},
        "other": {},
    }
    replaced = recipes.over("model: {replace: true, uses: toys.model, with: {}}\n")
    assert replaced.spec.model.with_ == {}


def test_parameters_that_are_a_lookup_cannot_be_merged_into(recipes):
    text = (recipes.folder / "base.yaml").read_text()
    recipes.write(
        "base.yaml",
        text.replace("with: {amount: 0.5}", 'with: "${vars.p}"') + "vars: {p: {amount: 0.5}}\n",
    )
    assert recipes.parameters(recipes.over(""))["small"] == {"amount": 0.5}
    over = "stages: [{id: small, with: {amount: 0.25}}]\n"
    (problem,) = recipes.problems(recipes.over, over)
    assert problem.code == "overlay"
    assert problem.message.startswith("the parameters of stage 'small' are a look-up")
    recipes.over(over.replace("id: small,", "id: small, replace: true, uses: toys.drop,"))


def test_what_nobody_touches_is_shared_not_copied(recipes):
    recipe = recipes.over("stages: [{id: big, with: {factor: 3}}]\n")
    base = recipe.files[0].document.value
    assert recipe.value["stages"][1] is base["stages"][1]
    assert recipe.value["data"] is base["data"]


def test_each_part_of_a_merged_stage_keeps_its_place(recipes):
    recipe = recipes.over("stages: [{id: big, with: {factor: 3}}]\n")
    at = ("stages", 0, "with")
    assert str(recipe.place((*at, "factor")).value) == "recipe.yaml:4:35"
    assert str(recipe.place((*at, "data")).value) == "base.yaml:8:57"


def test_ten_thousand_changes_of_ten_thousand_stages_take_no_time_to_speak_of(recipes):
    stages = "".join(f"  - {{id: s{n}, uses: toys.scale}}\n" for n in range(10_000))
    recipes.write(
        "base.yaml", f"apiVersion: recipec/v1\nmodel: {{uses: toys.model}}\nstages:\n{stages}"
    )
    changes = "".join(f"  - {{id: n{n}, uses: toys.scale, after: s{n}}}\n" for n in range(10_000))
    recipe = recipes.over(f"stages:\n{changes}")
    assert [stage.id for stage in recipe.spec.stages[:4]] == ["s0", "n0", "s1", "n1"]
