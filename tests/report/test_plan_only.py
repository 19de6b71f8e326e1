"""Facts that only plans know are no part of what is compared with what was made."""

from recipec.api import UNKNOWN
from recipec.report.view import view
from toys.bench import TOY_RECIPE
from toys.kinds import PackedFacts, ToyFacts
from toys.operators import Pack


class Remembered(ToyFacts):
    kind = "toys.remembered"
    plan_only = frozenset({"origin"})
    origin: str = ""


def test_what_only_a_plan_knows_contradicts_nothing():
    planned = Remembered(numbers=3, origin="a builder")
    assert list(planned.contradictions(Remembered(numbers=3))) == []
    assert list(planned.contradictions(Remembered(numbers=4))) == ["numbers: planned 3, made 4"]


def test_the_report_does_not_compare_it(bench, monkeypatch):
    monkeypatch.setattr(PackedFacts, "plan_only", frozenset({"numbers"}))
    monkeypatch.setattr(Pack, "run", forgetting_numbers(Pack.run))
    record = bench.run(TOY_RECIPE.partition("gates:")[0].replace("[numbers, right]", "[right]"))
    stage = record.stage("packed")
    assert "numbers" not in stage.planned["packed"].keys() | stage.made["packed"].keys()
    rows = {str(row.stage): row.verdict.word for row in view(record).planned}
    assert rows["packed"] == "equal"


def forgetting_numbers(run):
    """Let an operator give facts as they are read from what it made, where it counts nothing."""

    def forgetful(self, inputs, context):
        result = run(self, inputs, context)
        facts = result.outputs["packed"].model_copy(update={"numbers": UNKNOWN})
        return result._replace(outputs={"packed": facts})

    return forgetful
