"""A kit for plugin authors' own tests; it needs pytest and jsonschema.

`OperatorContract` and `RunContract` check what every operator must hold to; `run_alone` and the
contexts run an operator without a recipe or a store; `LintContract` checks a lint, on plans made of
`stage`, `samples` and `plan_of_stages`; `assert_golden` compares text with a file.
"""

import pytest

# Before the first import of it, so that a failed check shows the values it compared.
pytest.register_assert_rewrite(
    "recipec.testing.contract", "recipec.testing.lint_contract", "recipec.testing.run_contract"
)

from recipec.testing.contexts import (  # noqa: E402
    AlonePlanContext,
    AloneRunContext,
    BarePlanContext,
    run_alone,
)
from recipec.testing.contract import OperatorContract  # noqa: E402
from recipec.testing.golden import assert_golden  # noqa: E402
from recipec.testing.isolated import FRAMEWORKS  # noqa: E402
from recipec.testing.lint_contract import (  # noqa: E402
    LintContract,
    plan_of_stages,
    samples,
    stage,
)
from recipec.testing.run_contract import RunContract, artifact  # noqa: E402

__all__ = [
    "FRAMEWORKS",
    "AlonePlanContext",
    "AloneRunContext",
    "BarePlanContext",
    "LintContract",
    "OperatorContract",
    "RunContract",
    "artifact",
    "assert_golden",
    "plan_of_stages",
    "run_alone",
    "samples",
    "stage",
]
