"""What is said about clustering before it runs."""

from recipec.api import InputView, LayerTable, TorchModule
from recipec.testing import LintContract, plan_of_stages, stage
from recipec_clustering.lints import UNDONE, UNPACKED

FACTS = {"model": TorchModule(layers=LayerTable(layers=()))}


def changes(id, operator, needs=None, *traits):
    inputs = {"model": InputView(needs, "model")} if needs else {}
    return stage(id, operator, inputs=inputs, outputs=FACTS, traits=frozenset(traits))


CLUSTERED = changes("clustered", "clustering.kmeans", "model")
TUNED = changes("tuned", "clustering.finetune", "clustered", "trains")


class TestUndone(LintContract):
    lint = UNDONE

    def bad_plan(self):
        fit = changes("fit", "acme.fit", "tuned", "trains")
        return plan_of_stages(changes("model", "acme.model"), CLUSTERED, TUNED, fit)

    def good_plan(self):
        before = changes("model", "acme.fit", None, "trains")
        return plan_of_stages(before, CLUSTERED, TUNED)


class TestUnpacked(LintContract):
    lint = UNPACKED

    def bad_plan(self):
        return plan_of_stages(changes("model", "acme.model"), CLUSTERED, TUNED, outputs=("tuned",))

    def good_plan(self):
        packed = changes("packed", "clustering.pack", "tuned")
        stages = changes("model", "acme.model"), CLUSTERED, TUNED, packed
        return plan_of_stages(*stages, outputs=("packed",))


def test_clusters_are_undone_once():
    first = changes("first", "acme.fit", "clustered", "trains")
    second = changes("second", "acme.fit", "first", "trains")
    (finding,) = UNDONE.check(plan_of_stages(CLUSTERED, first, second))
    assert (finding.stage, finding.hint) == ("first", "use clustering.finetune")
    assert "'clustered'" in finding.message
