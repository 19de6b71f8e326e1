"""What `recipec init` writes with toys."""

from recipec.api.recipe_parts import DataPart, MetricPart, ModelPart, Question, StagePart, Target

PARTS = [
    Target("paper", "what is written on paper"),
    ModelPart(
        uses="toys.model",
        params={"code": "{model}", "numbers": 8},
        comment="A model of numbers.",
        short_names={"eight": "toys.loading:load"},
    ),
    DataPart(
        uses="toys.numbers",
        sets={"train": {"count": "{count?}"}, "test": {"file": "{file?}", "count": 600}},
        comment="Numbers.",
        labelled=True,
        questions=(Question("count", "How many?"),),
    ),
    StagePart(uses="toys.scale", id="grow", step="train", comment="Scale.", params={"factor": 2}),
    StagePart(uses="toys.drop", id="drop", step="shrink", comment="Drop.", params={"amount": 0.5}),
    StagePart(uses="toys.lie", id="lie", step="shrink", comment="Lie."),
    StagePart(uses="toys.scale", id="heal", step="recover", comment="Scale again."),
    StagePart(
        uses="toys.pack",
        id="pack",
        step="convert",
        comment="Pack.",
        targets=("paper",),
    ),
    MetricPart(
        family="right",
        comment="share that is right",
        needs_labels=True,
        gate={"metric": "right", "max_drop": "{max_drop}"},
    ),
    MetricPart(family="numbers", comment="how many"),
]
