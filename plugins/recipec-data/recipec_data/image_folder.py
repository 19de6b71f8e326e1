"""`data.image_folder`: pictures in folders that are named after their classes."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    DataSamples,
    DataSource,
    Facts,
    LocalFile,
    PlanContext,
    RunContext,
    StagePlan,
)
from recipec_data.image_files import find_images
from recipec_data.images import ImageParams
from recipec_data.packages import NUMPY, PILLOW
from recipec_data.parts import PartParams


class ImageFolderParams(PartParams, ImageParams):
    folder: LocalFile = Field(
        description="A folder with one folder for each class, and PNG, JPEG, BMP or WebP files in "
        "them, at any depth. Classes are numbered in the order of their names. What is hidden "
        "(`.DS_Store`) is left aside; links must not leave the folder."
    )
    labels: bool = Field(
        True, description="false: the folder's pictures have no classes, wherever in it they are."
    )


class ImageFolder(DataSource[ImageFolderParams]):
    """Pictures as `x` [N, C, H, W] float32. Planning looks whether every file is a picture."""

    id = "data.image_folder"
    version = 2
    summary = "pictures (PNG, JPEG, …) in folders that are named after their classes"
    params = ImageFolderParams
    requires = (NUMPY, PILLOW)
    loader: ClassVar[str] = "recipec_data._image_folder:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        params = self.with_
        params.check()
        found = find_images(context.file(params.folder), params.labels)
        if not any(context.missing(requirement) for requirement in self.requires):
            context.inspect(
                "recipec_data._image_folder:check",
                {"folder": str(context.file(params.folder)), "labelled": params.labels},
                files=(params.folder,),
                packages=("Pillow",),
            )
        facts = DataSamples(
            count=params.part_count(len(found.files)),
            inputs=(params.spec("x"),),
            classes=len(found.names) if params.labels else None,
            split=params.split,
            preprocessing=params.preprocessing,
        )
        names = ", ".join(found.names)
        effects = (f"classes: {names}",) if found.names and len(names) <= 200 else ()
        return StagePlan({"samples": facts}, effects=effects)

    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        return {
            "folder": str(context.file(self.with_.folder)),
            "labelled": self.with_.labels,
            "conversion": self.with_.conversion,
            "part": self.with_.part,
        }
