"""What `recipec init` writes about clustering, for who wants a small file."""

from __future__ import annotations

from typing import Final

from recipec.api.recipe_parts import RecipePart, StagePart, Target

PARTS: Final[tuple[RecipePart, ...]] = (
    Target("codebooks", "a small download: indices into codebooks, unpacked before it runs"),
    StagePart(
        uses="clustering.kmeans",
        id="clustered",
        step="quantize",
        comment="Let the weights of each layer share 16 values. Fewer `bits` make the file smaller "
        "and the model less accurate.",
        params={"bits": 4},
        targets=("codebooks",),
        more={"exclude": ["fc"]},
    ),
    StagePart(
        uses="clustering.pack",
        id="packed",
        step="convert",
        comment="Store an index for each weight. The bits are those of the clustering; left out, "
        "each layer takes as many as it needs.",
        targets=("codebooks",),
    ),
)
