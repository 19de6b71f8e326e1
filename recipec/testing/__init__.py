"""A kit for plugin authors' own tests; it needs pytest and jsonschema. See docs/testing.md.

Contracts to subclass: `OperatorContract` and `RunContract`, `DataContract` and `EvaluatorContract`,
`KindContract`, `CapabilityContract`, `ReportSectionContract` and `LintContract`. To try operators:
`run_alone` and the contexts, `tiny_cnn` and other tiny things, `catalog_of` and `compile_recipe`.
Golden files: `assert_golden`, `assert_golden_plan`, `assert_golden_report`. `check_plugin` is what
`recipec plugins check` does.
"""

import pytest

# Before the first import of it, so that a failed check shows the values it compared.
pytest.register_assert_rewrite(
    "recipec.testing.contract",
    "recipec.testing.data_contract",
    "recipec.testing.evaluator_contract",
    "recipec.testing.lint_contract",
    "recipec.testing.offer_contracts",
    "recipec.testing.plan_checks",
    "recipec.testing.run_contract",
)

from recipec.testing.check import Checked, check_plugin  # noqa: E402
from recipec.testing.contexts import (  # noqa: E402
    AlonePlanContext,
    AloneRunContext,
    BarePlanContext,
    run_alone,
)
from recipec.testing.contract import OperatorContract  # noqa: E402
from recipec.testing.damage import artifact  # noqa: E402
from recipec.testing.data_contract import DataContract  # noqa: E402
from recipec.testing.evaluator_contract import EvaluatorContract  # noqa: E402
from recipec.testing.frameworks import FRAMEWORKS  # noqa: E402
from recipec.testing.golden import assert_golden  # noqa: E402
from recipec.testing.golden_text import assert_golden_plan, assert_golden_report  # noqa: E402
from recipec.testing.lint_contract import LintContract  # noqa: E402
from recipec.testing.offer_contracts import (  # noqa: E402
    CapabilityContract,
    KindContract,
    ReportSectionContract,
)
from recipec.testing.plans import plan_of_stages, samples, stage  # noqa: E402
from recipec.testing.recipes import catalog_of, compile_recipe  # noqa: E402
from recipec.testing.records import example_record, stage_record  # noqa: E402
from recipec.testing.run_contract import RunContract  # noqa: E402
from recipec.testing.tiny import (  # noqa: E402
    tiny_cnn,
    tiny_facts,
    tiny_mlp,
    tiny_onnx,
    tiny_samples,
)

__all__ = [
    "FRAMEWORKS",
    "AlonePlanContext",
    "AloneRunContext",
    "BarePlanContext",
    "CapabilityContract",
    "Checked",
    "DataContract",
    "EvaluatorContract",
    "KindContract",
    "LintContract",
    "OperatorContract",
    "ReportSectionContract",
    "RunContract",
    "artifact",
    "assert_golden",
    "assert_golden_plan",
    "assert_golden_report",
    "catalog_of",
    "check_plugin",
    "compile_recipe",
    "example_record",
    "plan_of_stages",
    "run_alone",
    "samples",
    "stage",
    "stage_record",
    "tiny_cnn",
    "tiny_facts",
    "tiny_mlp",
    "tiny_onnx",
    "tiny_samples",
]
