"""The artifact kind of packages."""

from recipec.api import UNKNOWN, Facts, TensorSpec, Unknown


class Package(Facts):
    """A folder with a model and what its users need; `package.json` describes it.

    `model` is the kind of the model inside, `files` are the names at the top of the folder.
    """

    kind = "package.folder"
    model: str | None = None
    inputs: tuple[TensorSpec, ...] | Unknown = UNKNOWN
    outputs: tuple[TensorSpec, ...] | Unknown = UNKNOWN
    licence: str | None = None
    labels: int | None = None
    files: tuple[str, ...] | Unknown = UNKNOWN
