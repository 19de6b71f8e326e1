"""The plan: what dry-run prints and what the executor takes. Passes map a plan to a plan."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field, InstanceOf, PlainSerializer, WithJsonSchema

from recipec.api import UNKNOWN, Estimate, Facts, Frozen, Learning, Model, Trait, Unknown
from recipec.api.frozen import Memoizing
from recipec.api.units import parse_bytes, parse_duration
from recipec.diagnostics import Diagnostic
from recipec.plan.planned_gates import PlannedGate

FORMAT: Final = "recipec.plan/v1"

FactsField = Annotated[
    InstanceOf[Facts],
    PlainSerializer(lambda facts: facts.to_json(), return_type=dict),
    WithJsonSchema(
        {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}
    ),
]
DiagnosticField = Annotated[
    InstanceOf[Diagnostic],
    PlainSerializer(lambda diagnostic: diagnostic.to_json(), return_type=dict),
    WithJsonSchema({"type": "object"}),
]


class Silenced(NamedTuple):
    """A lint's diagnostic that the recipe silences, and why it is fine there."""

    diagnostic: Diagnostic
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Give the diagnostic as data, with the reason."""
        return {**self.diagnostic.to_json(), "reason": self.reason}


SilencedField = Annotated[
    InstanceOf[Silenced],
    PlainSerializer(lambda silenced: silenced.to_json(), return_type=dict),
    WithJsonSchema({"type": "object"}),
]
Role = Literal["model", "data", "stage", "measure"]
Action = Literal["run", "reuse", "blocked", "reference"]


class Edge(Frozen):
    """Where an input comes from: another node's output."""

    node: str
    port: str

    @property
    def is_data(self) -> bool:
        """Whether it comes from an entry of the recipe's `data:`."""
        return self.node.startswith("data.")


class Isolation(Frozen):
    """A process of its own, and the limits of it as the recipe writes them."""

    time: str | None = None
    memory: str | None = None

    @property
    def seconds(self) -> float | None:
        """The time in seconds, None without a limit."""
        return None if self.time is None else parse_duration(self.time)

    @property
    def bytes(self) -> int | None:
        """The memory in bytes, None without a limit."""
        return None if self.memory is None else parse_bytes(self.memory)

    def __str__(self) -> str:
        limits = " and ".join(one for one in (self.time, self.memory) if one is not None)
        return "in a process of its own" + (f", of at most {limits}" if limits else "")


class Node(Frozen):
    """A stage, the model source, a data source, or a measurement.

    `at` is its place in the recipe. `params` are complete, `given` names those the recipe states.
    `ingredients` is all that goes into the key but the inputs' digests. `digests` are those of the
    outputs, known for data and for what is reused. `reason` says why it runs, is reused or blocked.
    `traits`, `changed`, `matched`, `learns_from` and `work` are those of `recipec.api.StagePlan`
    and its operator; `allow_unchanged` is the recipe's. `isolation` says that it runs in a process
    of its own, as the operator or the recipe asks for; no key depends on it.
    `requires` are all its requirements (`python:torch>=2.9`), and `blocked` names what this
    machine lacks of them. `estimate` is what it is expected to take; nothing when it is reused.
    """

    id: str
    role: Role
    operator: str
    version: int
    plugin: str
    at: tuple[str | int, ...]
    params: dict[str, Any]
    given: tuple[str, ...] = ()
    inputs: Mapping[str, Edge] = Field(default_factory=dict)
    outputs: Mapping[str, FactsField] = Field(default_factory=dict)
    traits: tuple[Trait, ...] = ()
    effects: tuple[str, ...] = ()
    changed: Mapping[str, int | Unknown] = Field(default_factory=dict)
    allow_unchanged: bool = False
    isolation: Isolation | None = None
    matched: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    learns_from: Mapping[str, Learning] = Field(default_factory=dict)
    work: int | None = None
    unmeasured: Mapping[str, str] = Field(default_factory=dict)
    requires: tuple[str, ...] = ()
    blocked: str | None = None
    ingredients: Mapping[str, Any] | Unknown = UNKNOWN
    key: str | Unknown = UNKNOWN
    digests: Mapping[str, str] = Field(default_factory=dict)
    action: Action | Unknown = UNKNOWN
    reason: str = ""
    estimate: Estimate | Unknown = UNKNOWN

    @property
    def model(self) -> Model | None:
        """The facts of the model that this node makes."""
        return next((f for f in self.outputs.values() if isinstance(f, Model)), None)


class Plan(Memoizing):
    """A recipe bound to operators: nodes in an order in which they can run.

    `plugins` are those that the recipe states, each with what is installed and what it asks for.
    `estimate` is what all nodes together are expected to take, as far as that is known: the sum of
    seconds and of bytes on disk, and the largest peak of memory.
    """

    format: Literal["recipec.plan/v1"] = FORMAT
    name: str
    seed: int
    threads: int
    baseline: str | None
    plugins: Mapping[str, str] = Field(default_factory=dict)
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    gates: tuple[PlannedGate, ...] = ()
    estimate: Estimate | Unknown = UNKNOWN
    diagnostics: tuple[DiagnosticField, ...] = ()
    silenced: tuple[SilencedField, ...] = ()

    def node(self, id: str) -> Node:
        """Give a node by its id. Raises KeyError."""
        return self.by_id[id]

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """All nodes by their id, in their order."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def stages(self) -> tuple[Node, ...]:
        """The model source and the recipe's stages."""
        return tuple(node for node in self.nodes if node.role in ("model", "stage"))

    @cached_property
    def data(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.role == "data")

    @cached_property
    def measurements(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.role == "measure")

    @property
    def blocked_outputs(self) -> tuple[Node, ...]:
        """Promised artifacts that can't be made on this machine."""
        promised = set(self.outputs)
        return tuple(n for n in self.stages if n.id in promised and n.action == "blocked")

    def with_nodes(self, nodes: tuple[Node, ...]) -> "Plan":
        return self.model_copy(update={"nodes": nodes})

    def saying(self, *diagnostics: Diagnostic) -> "Plan":
        """Give the plan with more diagnostics."""
        return self.model_copy(update={"diagnostics": self.diagnostics + diagnostics})
