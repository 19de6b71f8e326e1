"""`data.huggingface`: a dataset that the `datasets` library can load, from a folder or the hub."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    DataSamples,
    DataSource,
    Facts,
    LocalFile,
    OperatorError,
    PlanContext,
    Preprocessing,
    RunContext,
    StagePlan,
    TensorSpec,
    Unknown,
)
from recipec.api.published import HubName, Published, place_of, requirements_of, unpinned
from recipec.api.references import Reference
from recipec_data.images import ImageParams
from recipec_data.packages import DATASETS, NUMPY, PILLOW, TOKENIZERS
from recipec_data.parts import PartParams
from recipec_data.tokens import TokensParams


class ImageColumn(ImageParams):
    """A column of pictures, as an input of the model."""

    column: str = Field("image", description="The column of the pictures.")
    input: str = Field("x", description="What the model's input is called.")


class TextColumn(TokensParams):
    """A column of texts, as the inputs `input_ids` and `attention_mask`."""

    column: str = Field("text", description="The column of the texts.")


class HuggingFaceParams(PartParams):
    dataset: Published = Field(
        description="A folder that `save_to_disk` wrote, or one of Parquet, CSV, JSON or picture "
        "files; in an installed package, `package:name/folder`; or on the hub, "
        "`hub:owner/name@revision`.",
        examples=["my-dataset", "hub:ylecun/mnist"],
    )
    configuration: str | None = Field(
        None, min_length=1, description="Which configuration of it, where there are several."
    )
    dataset_split: str = Field(
        "train",
        min_length=1,
        description="Which of the dataset's own splits, such as `train` or `test`. What `split`, "
        "`holdout`, `skip` and `take` say is of its rows.",
    )
    image: ImageColumn | None = Field(None, description="Pictures that are an input of the model.")
    text: TextColumn | None = Field(None, description="Texts that are inputs of the model.")
    arrays: dict[str, str] = Field(
        {},
        description="Columns of numbers, or of lists of numbers of one shape, by the input's name.",
        examples=[{"x": "features"}],
    )
    labels: str | None = Field(None, description="The column of class labels; null without labels.")
    classes: int | None = Field(
        None,
        ge=1,
        description="Number of classes; null for the column's, or the largest label plus one.",
    )


class HuggingFace(DataSource[HuggingFaceParams]):
    """Rows of a dataset: pictures, texts or numbers, read and converted when they are asked for."""

    id = "data.huggingface"
    version = 1
    summary = "a dataset of Hugging Face's datasets, from a folder or the hub"
    params = HuggingFaceParams
    requires = (NUMPY, DATASETS)
    loader: ClassVar[str] = "recipec_data._huggingface:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        params = self.with_
        if params.image is None and params.text is None and not params.arrays:
            raise OperatorError(
                "no column is an input of the model",
                hint="write image: {column: image, size: [32, 32]}, text: {…} or arrays: {x: …}",
            )
        if params.image is not None:
            params.image.check("image")
        references, text = tuple(self._references()), params.text
        needed = (
            *requirements_of(params.dataset, at=("dataset",)),
            *(() if text is None else requirements_of(text.tokenizer, at=("text", "tokenizer"))),
            *((PILLOW,) if params.image is not None else ()),
            *((TOKENIZERS,) if params.text is not None else ()),
        )
        warnings = tuple(warning for one in references for warning in unpinned(one))
        if any(context.missing(requirement) for requirement in (*self.requires, *needed)):
            facts = DataSamples(split=params.split)
            return StagePlan({"samples": facts}, requires=needed, warnings=warnings)
        seen = context.inspect(
            "recipec_data._huggingface:describe",
            self._opening(context),
            files=tuple(one for one in references if isinstance(one, LocalFile)),
            packages=("datasets", "numpy", *(r.package for r in needed if r.package)),
        )
        facts = DataSamples(
            count=params.part_count(seen["count"]),
            inputs=tuple(TensorSpec.model_validate(spec) for spec in seen["inputs"]),
            classes=self._classes(seen["classes"], seen["largest"]),
            split=params.split,
            preprocessing=self._preprocessing,
        )
        return StagePlan({"samples": facts}, requires=needed, warnings=warnings)

    def _references(self) -> Iterator[Reference]:
        yield self.with_.dataset
        if self.with_.text is not None:
            yield self.with_.text.tokenizer

    @property
    def _preprocessing(self) -> Preprocessing | Unknown:
        image = self.with_.image
        return UNKNOWN if image is None or self.with_.arrays else image.preprocessing

    def _classes(self, named: int | None, largest: int | None) -> int | None:
        stated = self.with_.classes
        if largest is None:
            if stated is not None:
                raise OperatorError(
                    "the rows have no labels", at=("classes",), hint="write `labels`: their column"
                )
            return None
        if stated is not None and stated <= largest:
            raise OperatorError(f"there is the label {largest}", at=("classes",))
        return stated or named or largest + 1

    @property
    def identified(self) -> bool:
        """What stands on the hub under a name that isn't a commit may change."""
        return all(not isinstance(one, HubName) or one.pinned for one in self._references())

    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        return {**self._opening(context), "part": self.with_.part}

    def _opening(self, context: PlanContext | RunContext) -> dict[str, Any]:
        params = self.with_
        image, text = params.image, params.text
        return {
            "source": {
                **place_of(params.dataset, context),
                "configuration": params.configuration,
                "split": params.dataset_split,
            },
            "image": None
            if image is None
            else {
                "column": image.column,
                "input": image.input,
                "conversion": image.conversion,
            },
            "text": None
            if text is None
            else {
                "column": text.column,
                "tokens": {
                    "place": place_of(text.tokenizer, context),
                    "max_length": text.max_length,
                    "pad_token": text.pad_token,
                },
            },
            "arrays": params.arrays,
            "labels": params.labels,
        }
