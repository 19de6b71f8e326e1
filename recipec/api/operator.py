"""The interface that a technique implements.

An operator has a light half (this class: id, version, Params, ports, `plan()`), which imports no
framework, and a heavy half (a module named `_….py`) that `run()` imports when it is called.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Protocol, TypeVar

from recipec.api.artifacts import Artifact, DataSamples, Facts
from recipec.api.capabilities import Requirement
from recipec.api.frozen import Frozen
from recipec.api.metrics import Metric, MetricFamily
from recipec.api.params import NoParams, Params
from recipec.api.references import ImportString, LocalFile
from recipec.api.unknown import Unknown

Trait = Literal[
    "trains",
    "prunes",
    "masks",
    "quantizes",
    "quantizes dynamically",
    "simulates quantization",
    "converts simulated quantization",
    "skips zeros",
]
"""What a technique does to a model, in the words that lints reason with. One that `trains` fits
weights to data, also layer by layer. One that `prunes` takes channels or layers out; one that
`masks` sets weights to zero and leaves shapes as they are; what one that `skips zeros` makes
doesn't multiply by them, or doesn't store them."""


class Learning(Frozen):
    """How what a stage makes depends on samples: its weights are fitted to them (`trains`), ranges
    are found on them (`calibrates`), or what is kept is chosen by them (`selects`: early stopping,
    a search). `samples` is how many are asked for, None for all.
    """

    how: Literal["trains", "calibrates", "selects"]
    samples: int | None = None


class Port(NamedTuple):
    """One input or output. An optional input may stay unconnected."""

    kind: type[Facts]
    doc: str
    optional: bool = False


class StagePlan(NamedTuple):
    """What a stage will make, as far as that can be known.

    `effects` are sentences for the reviewer ("48 of 112 channels leave"). `changed` counts what an
    operator that changes its model changes, by what it is (`{"channels removed": 48}`), UNKNOWN
    where only the run can tell; when nothing is changed, the stage fails unless the recipe allows
    it (`allow_unchanged: true`). Operators that make something new (an export, a training) leave it
    empty. `matched` says which layers the selectors of a parameter chose, by the parameter's name.
    `learns_from` says on which inputs' samples what is made depends, and how; data that is only
    looked at (to check an export) isn't there. `work` is how many multiply-adds the stage itself
    will do (for training: forward and backward passes over all samples and epochs), None where that
    can't be told; expected times are made of it. `warnings` are shown with the stage's place in the
    recipe. `requires` adds requirements that depend on the parameters. `unmeasured` (evaluators
    only) says for an input why it can't be measured.
    """

    outputs: Mapping[str, Facts] = MappingProxyType({})
    effects: tuple[str, ...] = ()
    matched: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    learns_from: Mapping[str, Learning] = MappingProxyType({})
    work: int | None = None
    warnings: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    unmeasured: Mapping[str, str] = MappingProxyType({})
    changed: Mapping[str, int | Unknown] = MappingProxyType({})


class StageResult(NamedTuple):
    """What a stage made: the facts read back from its outputs, its numbers, and remarks.

    `changed` counts what was really changed, under the names that `plan()` gave.
    """

    outputs: Mapping[str, Facts] = MappingProxyType({})
    metrics: tuple[Metric, ...] = ()
    notes: tuple[str, ...] = ()
    changed: Mapping[str, int] = MappingProxyType({})


class PlanContext(Protocol):
    """What `plan()` may ask of recipec."""

    def missing(self, requirement: Requirement) -> str | None:
        """Say why this machine does not meet the requirement ("needs cuda"), or None."""
        ...

    def version(self, distribution: str) -> str | None:
        """Give the version of an installed distribution, None where this machine has none."""
        ...

    def file(self, reference: LocalFile) -> Path:
        """Give the absolute path of a file that a parameter names; it exists."""
        ...

    def inspect(
        self,
        function: str,
        arguments: Mapping[str, Any],
        *,
        code: ImportString | None = None,
        files: tuple[LocalFile, ...] = (),
        packages: tuple[str, ...] = (),
    ) -> Any:
        """Call a heavy function once and remember its JSON result.

        `function` (`"package._module:name"`) gets the arguments as keywords, and besides `code`
        (the loaded object) when an import string is given. The result is remembered under the
        digests of the arguments, the code, the files and the versions of the packages, so that
        planning a known model imports no framework. Raises OperatorError as the function does.
        """
        ...


class RunContext(Protocol):
    """What `run()` may ask of recipec."""

    @property
    def seed(self) -> int:
        """The recipe's seed."""
        ...

    @property
    def threads(self) -> int:
        """How many threads computations may use."""
        ...

    @property
    def scratch(self) -> Path:
        """A folder that survives a killed run until the stage is done: for checkpoints."""
        ...

    def path_for(self, output: str) -> Path:
        """Where to write an output: a file with its kind's suffix, or a folder to make."""
        ...

    def file(self, reference: LocalFile) -> Path:
        """Give the absolute path of a file that a parameter names."""
        ...

    def source(self, code: ImportString) -> Path | None:
        """Give the absolute path of the `.py` file of an import string, None for a module's."""
        ...

    def progress(self, done: float, total: float, what: str) -> None:
        """Tell how far the stage is, e.g. `progress(3, 12, "epoch 4, loss 0.21")`."""
        ...


P = TypeVar("P", bound=Params)


class Operator(ABC, Generic[P]):
    """A technique: facts in → facts out (`plan`), artifacts in → artifacts out (`run`).

    Operators keep no state between calls; `self.with_` holds the stage's parameters.
    """

    id: ClassVar[str]
    """`plugin.name`; the plugin's entry-point name is the namespace."""
    version: ClassVar[int]
    """Raised when the same inputs would give different bytes."""
    summary: ClassVar[str]
    """One line for lists and editors."""
    # No ClassVar, which can't depend on P: so a checker sees when `params` isn't the class's own P.
    params: type[P] = NoParams  # type: ignore[assignment]  # right for an Operator[NoParams] alone
    inputs: ClassVar[Mapping[str, Port]] = {}
    outputs: ClassVar[Mapping[str, Port]] = {}
    requires: ClassVar[tuple[Requirement, ...]] = ()
    traits: ClassVar[frozenset[Trait]] = frozenset()
    """What it does to a model, for lints."""
    machine_bound: ClassVar[bool] = False
    """Whether results hold for this machine only (timings)."""
    isolation: ClassVar[Literal["process"] | None] = None
    """`"process"` for one that may crash, leak or hang: it runs in a process of its own. What it
    makes is the same, and so is its key; a recipe can ask it of any stage."""

    def __init__(self, params: P) -> None:
        self.with_ = params

    @abstractmethod
    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Say what `run()` will make: pure, quick, without frameworks. Raises OperatorError."""

    @abstractmethod
    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Make the outputs at `context.path_for(port)`. Raises OperatorError."""


class ModelSource(Operator[P]):
    """Where a model comes from: the operator of a recipe's `model:`.

    A subclass may have an optional input `example` of kind `data.samples`; recipec connects it to
    the first data that the recipe's stages name, so that input shapes needn't be written twice.
    """

    @property
    def needs_example(self) -> bool:
        """Whether the parameters leave something open that only `example` can tell."""
        return True


class DataSource(Operator[P]):
    """Where data comes from: the operator of an entry of a recipe's `data:`.

    Data is a reference: it isn't copied to the store, and its digest is its key (parameters,
    bytes of files, versions of packages). `loader` is the import string of a heavy function that
    gets `arguments()` as keywords and returns `recipec.api.data.Samples`.
    """

    outputs: ClassVar[Mapping[str, Port]] = {"samples": Port(DataSamples, "the samples")}
    loader: ClassVar[str]

    @property
    def identified(self) -> bool:
        """Whether parameters, files and versions say all that the data depends on.

        Where they don't (arbitrary code), recipec reads the samples once in every run, and their
        content is the data's digest.
        """
        return True

    @abstractmethod
    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        """Give the loader's keyword arguments: JSON, with absolute paths."""

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Write the reference; `recipec.api.data.open_samples` follows it."""
        from recipec.api.data.reference import write_reference

        write_reference(context.path_for("samples"), self.loader, self.arguments(context))
        return StageResult()


class Evaluator(Operator[P]):
    """Measures models: the operator behind the names in a recipe's `measure.metrics`.

    One that isn't `joint` becomes a plan node for each measured stage, with the model on the input
    `subject`. A `joint` one becomes a single node with all models, each on an input named after its
    stage: what must be compared is measured in one process. `Params` may have a `data: DataRef`,
    which the recipe's `measure.data` fills, and a `baseline: str`, which its `baseline` fills.
    """

    families: ClassVar[tuple[MetricFamily, ...]]
    subjects: ClassVar[type[Facts]]
    joint: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def metric_names(cls, params: Params) -> tuple[str, ...]:
        """Give the exact names of what these parameters will measure."""
