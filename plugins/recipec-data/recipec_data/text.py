"""`data.text`: texts of a file, or from Python code, as token ids."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    DataSamples,
    DataSource,
    Facts,
    ImportString,
    LocalFile,
    OperatorError,
    PlanContext,
    RunContext,
    StagePlan,
    TensorSpec,
)
from recipec.api.published import place_of, requirements_of, unpinned
from recipec_data.packages import NUMPY, TOKENIZERS
from recipec_data.parts import PartParams
from recipec_data.tokens import TokensParams

_FORMATS = {".txt": "lines", ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl"}


class TextParams(PartParams, TokensParams):
    file: LocalFile | None = Field(
        None, description="File of texts, in UTF-8. It or `source` is needed."
    )
    source: ImportString | None = Field(
        None,
        description="Function that gives a list of texts, or (texts, labels): "
        "'package.module:name' or 'file.py:name'.",
        examples=["recipec_data.python_topics:sentences"],
    )
    args: dict[str, Any] = Field({}, description="Keyword arguments of the function.")
    version: str | None = Field(
        None,
        min_length=1,
        description="Names the state of whatever else the function reads. Without it the texts are "
        "read once in every run, and their content is their identity.",
    )
    format: Literal["lines", "csv", "tsv", "jsonl"] | None = Field(
        None,
        description="How the file is read: a text a line, columns with a first line of names, or a "
        "JSON object a line. null to go by its ending (.txt, .csv, .tsv, .jsonl).",
    )
    text: str = Field("text", description="The column, or key, of the text.")
    labels: str | None = Field(
        None, description="The column, or key, of the class label; null without labels."
    )
    names: tuple[str, ...] | None = Field(
        None,
        min_length=2,
        description="The classes' names in the order of their numbers, where labels are names. "
        "null where they are whole numbers from 0.",
    )
    classes: int | None = Field(
        None,
        ge=1,
        description="Number of classes; null for that of the names, or the largest label plus one.",
    )


class Text(DataSource[TextParams]):
    """Texts as `input_ids` and `attention_mask`, both int64 `[N, max_length]`."""

    id = "data.text"
    version = 1
    summary = "texts of a file or from Python code, as token ids of one length"
    params = TextParams
    requires = (NUMPY, TOKENIZERS)
    loader: ClassVar[str] = "recipec_data._text:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        params = self.with_
        self._check()
        shape = ("N", params.max_length)
        specs = tuple(
            TensorSpec(name=name, shape=shape, dtype="int64")
            for name in ("input_ids", "attention_mask")
        )
        needed = requirements_of(params.tokenizer, at=("tokenizer",))
        warnings = unpinned(params.tokenizer)
        if any(context.missing(requirement) for requirement in (*self.requires, *needed)):
            facts = DataSamples(inputs=specs, split=params.split)
            return StagePlan({"samples": facts}, requires=needed, warnings=warnings)
        files = (params.file, params.tokenizer)
        seen = context.inspect(
            "recipec_data._text:describe",
            {"source": self._source(context), "tokens": self._tokens(context)}
            | {"version": params.version},
            code=params.source,
            files=tuple(file for file in files if isinstance(file, LocalFile)),
            packages=("numpy", "tokenizers", *(r.package for r in needed if r.package)),
        )
        facts = DataSamples(
            count=params.part_count(seen["count"]),
            inputs=specs,
            classes=self._classes(seen["largest"]),
            split=params.split,
        )
        return StagePlan({"samples": facts}, requires=needed, warnings=warnings)

    def _check(self) -> None:
        """Raise OperatorError for parameters that don't go together."""
        params = self.with_
        if (params.file is None) == (params.source is None):
            raise OperatorError(
                "texts come from one `file` or one `source`",
                at=() if params.file is None else ("source",),
                hint="write file: texts.csv, or source: file.py:function",
            )
        if params.source is not None and params.labels is not None:
            raise OperatorError(
                "a `source` gives its labels itself", at=("labels",), hint="take it out"
            )
        if params.file is not None and self._format is None:
            raise OperatorError(
                f"how {str(params.file)!r} is to be read can't be told by its ending",
                at=("format",),
                hint="write `format: lines`, `csv`, `tsv` or `jsonl`",
            )

    @property
    def _format(self) -> str | None:
        name = str(self.with_.file)
        return self.with_.format or next(
            (format for ending, format in _FORMATS.items() if name.endswith(ending)), None
        )

    def _classes(self, largest: int | None) -> int | None:
        stated, names = self.with_.classes, self.with_.names
        if largest is None:
            for value, at in ((stated, "classes"), (names, "names")):
                if value is not None:
                    raise OperatorError(
                        "the texts have no labels", at=(at,), hint="write `labels`: their column"
                    )
            return None
        if stated is not None and stated <= largest:
            raise OperatorError(f"there is the label {largest}", at=("classes",))
        return stated or (largest + 1 if names is None else len(names))

    @property
    def identified(self) -> bool:
        """What arbitrary code reads, and what stands on the hub, is known only if it is stated."""
        stated = self.with_.source is None or self.with_.version is not None
        return stated and not unpinned(self.with_.tokenizer)

    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        source = self._source(context)
        if self.with_.source is not None:
            path = context.source(self.with_.source)
            source["folder"] = None if path is None else str(path.parent)
            if path is not None:
                source["code"] = f"{path.name}:{self.with_.source.name}"
        return {"source": source, "tokens": self._tokens(context), "part": self.with_.part}

    def _source(self, context: PlanContext | RunContext) -> dict[str, Any]:
        params = self.with_
        names = None if params.names is None else list(params.names)
        if params.file is None:
            return {"code": params.source, "args": params.args, "names": names}
        return {
            "file": str(context.file(params.file)),
            "format": self._format,
            "text": params.text,
            "labels": params.labels,
            "names": names,
        }

    def _tokens(self, context: PlanContext | RunContext) -> dict[str, Any]:
        return {
            "place": place_of(self.with_.tokenizer, context),
            "max_length": self.with_.max_length,
            "pad_token": self.with_.pad_token,
        }
