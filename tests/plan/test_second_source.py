"""A model source may stand among the stages: where a second model comes from."""

RECIPE = """\
apiVersion: recipec/v1
name: toy
model: {uses: toys.model}
data: {train: {uses: toys.numbers}}
stages:
  - {id: big, uses: toys.scale, with: {factor: 2, data: train}}
  - {id: other, uses: toys.model, with: {numbers: 3}}
  - {id: small, uses: toys.scale}
outputs: [big, small]
"""


def test_what_comes_after_it_goes_on_with_its_model(bench):
    plan = bench.compile(RECIPE).plan
    assert plan.node("small").inputs["model"].node == "other"
    assert plan.node("big").inputs["model"].node == "model"
    numbers = {id: plan.node(id).outputs["model"].layers.parameters for id in ("big", "small")}
    assert numbers == {"big": 8, "small": 3}


def test_it_sees_the_first_data_as_the_model_does_and_no_stage(bench):
    plan = bench.compile(RECIPE).plan
    for id in ("model", "other"):
        assert {port: edge.node for port, edge in plan.node(id).inputs.items()} == {
            "example": "data.train"
        }


def test_it_is_made_and_reused_like_any_stage(bench):
    first, again = bench.run(RECIPE), bench.run(RECIPE)
    assert [stage.status for stage in first.stages] == ["ran"] * 4
    assert [stage.status for stage in again.stages] == ["reused"] * 4
