"""Recipes grown from the operators that there are: mostly right, with a mistake now and then."""

from __future__ import annotations

from random import Random
from typing import Any

from fuzz.mutations import KEYS, Quoted, any_value, misspelt, written
from recipec.api import DataSource, Evaluator, Facts, ModelSource
from recipec.registry import Catalog

IDS = ("trained", "prune", "retrain", "int8", "onnx", "engine", "a", "b", "small", "x1")
ODD_FILES = ("/dev/zero", "pipe", "loop", "~nobody-here/x", "x" * 300, "data.json/x", "..", "a\0")
CODE = ("model.py:net", "recipec_torch.zoo:resnet")
ODD_CODE = (
    "os:system",
    "sys:exit",
    "__main__:x",
    "broken.py:x",
    "pipe.py:x",
    "no.such:x",
    "loop:x",
)
DATA = ("train", "test", "validation")


def grown(catalog: Catalog, random: Random) -> bytes:
    """Grow a recipe and write it as YAML."""
    return written(_Growing(catalog, random).recipe(), random)


class _Growing:
    def __init__(self, catalog: Catalog, random: Random) -> None:
        self.random = random
        self.wrong = random.choice((0.0, 0.0, 0.003, 0.01))
        """How often a mistake is made."""
        offered = [one.operator for _, one in sorted(catalog.operators.items())]
        self.sources = [o for o in offered if issubclass(o, DataSource)]
        # Most files that a source could read aren't there: such sources come now and then.
        self.sources += [
            o for o in self.sources if not o.params.model_json_schema().get("$defs")
        ] * 3
        self.models = [o for o in offered if issubclass(o, ModelSource)]
        self.evaluators = [o for o in offered if issubclass(o, Evaluator)]
        self.steps = [o for o in offered if not issubclass(o, DataSource | ModelSource | Evaluator)]
        self.lints = sorted(catalog.lints)
        self.stages: list[str] = []
        self.measured: list[str] = []
        self.made: type[Facts] | None = None
        self.variables: dict[str, Any] = {}

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def recipe(self) -> dict[str, Any]:
        random = self.random
        recipe: dict[str, Any] = {"apiVersion": "recipec/v1", "name": "grown"}
        source = random.choice(self.models)
        recipe["model"] = self.use(source)
        self.made = _made(source)
        if self.chance(0.95):
            recipe["data"] = {name: self.use(random.choice(self.sources)) for name in DATA}
        recipe["stages"] = [self.stage() for _ in range(random.randrange(1, 6))]
        if self.chance(0.7):
            recipe["measure"] = self.measure()
        if self.chance(0.5):
            recipe["baseline"] = self.ref()
        if self.chance(0.4):
            wanted = min(len(self.stages), random.randrange(1, 3))
            recipe["outputs"] = [self.perhaps(id) for id in random.sample(self.stages, wanted)]
        if self.chance(0.4):
            recipe["gates"] = [self.gate() for _ in range(random.randrange(1, 3))]
        if self.chance(0.2) and self.lints:
            lint = self.perhaps(random.choice(self.lints))
            recipe["silence"] = [{"lint": lint, "reason": "fine", "stage": self.ref()}]
        if self.chance(0.2):
            recipe["seed"] = self.number({})
        if self.chance(0.15):
            axis = (
                f"stages.{self.perhaps(random.choice(self.stages))}.with.{self.word()}"
                if self.chance(0.5)
                else "seed"
            )
            recipe["matrix"] = {axis: ["0", "1", *(["0"] if self.chance(self.wrong) else [])]}
            if self.chance(0.3):
                recipe["matrix"]["exclude"] = [{axis: "1"}]
        if self.chance(0.2):
            recipe["presets"] = {"small": {"stages": [{"id": self.perhaps(self.stages[0])}]}}
        if self.chance(0.08):
            names = ("base.yaml", "base.yaml", "base.yaml", "cycle.yaml", "broken.yaml")
            recipe["extends"] = random.choice(names)
        if self.chance(0.3) or self.variables:
            recipe["vars"] = self.variables | {"amount": {"type": "number", "default": "0.5"}}
        if self.chance(self.wrong * 5):
            recipe[self.word()] = self.anything(2)
        if self.chance(0.5):
            items = list(recipe.items())
            random.shuffle(items)
            recipe = dict(items)
        return recipe

    def use(self, operator: Any) -> dict[str, Any]:
        made: dict[str, Any] = {"uses": self.perhaps(operator.id)}
        schema = operator.params.model_json_schema(by_alias=True)
        given = self.value(schema, schema.get("$defs", {}), 0)
        if given or self.chance(0.1):
            made["with"] = given
        return made

    def stage(self) -> dict[str, Any]:
        fitting = [step for step in self.steps if _takes(step, self.made)]
        operator = self.random.choice(
            self.steps if not fitting or self.chance(self.wrong) else fitting
        )
        free = [id for id in IDS if id not in self.stages] or list(IDS)
        stage = {"id": self.perhaps(self.random.choice(free)), **self.use(operator)}
        if self.chance(0.1) and self.stages:
            port = next(iter(operator.inputs), "model")
            stage["needs"] = {port: self.ref()} if self.chance(0.3) else self.ref()
        self.stages.append(stage["id"])
        self.made = _made(operator)
        return stage

    def measure(self) -> dict[str, Any]:
        families = [family for o in self.evaluators for family in o.families]
        asked = self.random.sample(families, min(len(families), 3))
        self.measured = [name for family in asked for name in family.names]
        wanted: list[Any] = [family.name for family in asked]
        if self.chance(0.2):
            wanted[0] = {wanted[0]: {self.word(): self.anything(1)}}
        return {"data": self.random.choice(DATA), "metrics": wanted}

    def gate(self) -> dict[str, Any]:
        metric = self.random.choice(self.measured or self.stages).replace("…", "1")
        kind, value = self.random.choice(
            (("max_drop", "1pp"), ("min_ratio", "2x"), ("min", "0.5"), ("max", "5ms"))
        )
        stage = self.perhaps(self.random.choice(self.stages))
        gate = {"stage": stage, "metric": self.perhaps(metric), kind: self.perhaps(value)}
        compares = kind in ("max_drop", "min_ratio") or self.chance(self.wrong)
        return gate | ({"against": self.ref()} if compares and self.chance(0.6) else {})

    def ref(self) -> str:
        """Name a stage, as a rule one that is there."""
        return self.perhaps(self.random.choice([*self.stages, "model"] if self.stages else IDS))

    def word(self) -> str:
        return self.random.choice(KEYS)

    def perhaps(self, word: str) -> str:
        """Give the word, or now and then something else."""
        if not self.chance(self.wrong):
            return word
        return self.random.choice(
            (misspelt(word.encode(), self.random).decode(), any_value(self.random))
        )

    def anything(self, depth: int) -> Any:
        if depth == 0 or self.chance(0.5):
            return any_value(self.random)
        if self.chance(0.5):
            return [self.anything(depth - 1) for _ in range(self.random.randrange(4))]
        return {self.word(): self.anything(depth - 1) for _ in range(self.random.randrange(4))}

    def value(self, schema: dict[str, Any], defs: dict[str, Any], depth: int) -> Any:
        """Grow a value that a JSON Schema admits, as far as this goes by its keywords."""
        if self.chance(self.wrong):
            return self.anything(2)
        if "default" in schema and self.chance(0.5):
            return _quoted(schema["default"])
        if schema.get("examples"):
            return _quoted(self.random.choice(schema["examples"]))
        if "$ref" in schema:
            return self.value(defs[schema["$ref"].rpartition("/")[2]], defs, depth)
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self.value(self.random.choice(schema[choice]), defs, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        if "x-recipec-reference" in schema:
            return self.reference(schema["x-recipec-reference"])
        match schema.get("type"):
            case "object":
                return self.mapping(schema, defs, depth)
            case "array":
                count = self.random.randrange(4) + schema.get("minItems", 0)
                inner = schema.get("prefixItems") or [schema.get("items", {})] * count
                return [self.value(one, defs, depth + 1) for one in inner]
            case "integer" | "number":
                return self.number(schema)
            case "boolean":
                return self.random.choice(("true", "false"))
            case "null":
                return "null"
        plain = self.random.choice(("x", "y", "image", "N"))
        return self.looked_up(plain if self.chance(0.7) else any_value(self.random))

    def mapping(self, schema: dict[str, Any], defs: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        made = {
            name: self.value(inner, defs, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if ((name in required or "const" in inner) and not self.chance(self.wrong))
            or self.chance(0.3 / (depth + 1))
        }
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and (schema.get("minProperties") or self.chance(0.5)):
            made[self.random.choice(("x", "y", self.word()))] = self.value(more, defs, depth + 1)
        return made

    def number(self, schema: dict[str, Any]) -> str:
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        most = schema.get("maximum", schema.get("exclusiveMaximum", 100))
        if schema.get("type") == "integer":
            return self.looked_up(str(self.random.randint(int(least), max(int(least), int(most)))))
        return self.looked_up(str(round(self.random.uniform(least, most), 3)))

    def reference(self, kind: str) -> str:
        match kind:
            case "data":
                return self.perhaps(self.random.choice(DATA))
            case "stage":
                return self.ref()
            case "file":
                return self.random.choice(
                    ODD_FILES if self.chance(0.2) else ("data.json", "folder")
                )
            case "code":
                return self.random.choice(ODD_CODE if self.chance(0.2) else CODE)
        return any_value(self.random)

    def looked_up(self, value: str) -> str:
        """Give the value, or a variable that has it."""
        if not self.chance(0.1):
            return value
        name = f"v{len(self.variables)}"
        self.variables[name] = {"default": value} if self.chance(0.5) else value
        return f"${{vars.{name}}}"


def _quoted(value: Any) -> Any:
    """Let text that is text stay text when it is written."""
    if isinstance(value, list):
        return [_quoted(inner) for inner in value]
    return Quoted(value) if isinstance(value, str) else value


def _made(operator: Any) -> type[Facts] | None:
    """Give the kind of what an operator makes."""
    return next((port.kind for port in operator.outputs.values()), None)


def _takes(operator: Any, kind: type[Facts] | None) -> bool:
    """Say whether an operator's first input can be of a kind."""
    first = next(iter(operator.inputs.values()), None)
    return kind is not None and first is not None and issubclass(kind, first.kind)
