"""What `recipec init` writes about torch models."""

from __future__ import annotations

from typing import Final

from recipec.api.recipe_parts import ModelPart, RecipePart, Target

_TORCHVISION: Final = (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "mobilenet_v2",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
    "regnet_y_400mf",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnext50_32x4d",
    "shufflenet_v2_x1_0",
    "squeezenet1_1",
    "vgg16",
    "wide_resnet50_2",
)
_ZOO: Final = ("lstm", "mlp", "mobilenet", "resnet")

PARTS: Final[tuple[RecipePart, ...]] = (
    Target("torch", "PyTorch itself: the module stays one"),
    ModelPart(
        uses="torch.model",
        params={
            "builder": "{model}",
            "weights": "{weights?}",
            "input": {"x": {"shape": "{shape?}"}},
        },
        comment="The model: code that builds it, and a file of trained weights (safetensors, or a "
        "state dict in a .pt file). `args` are keyword arguments of the builder. Without `input`, "
        "shapes are those of the data.",
        short_names={
            **{name: f"recipec_torch.zoo:{name}" for name in _ZOO},
            **{name: f"torchvision.models:{name}" for name in _TORCHVISION},
        },
        more={
            "args": {"num_classes": 10},
            "weights": "model.safetensors",
            "input": {"x": {"shape": ["N", 3, 224, 224]}},
        },
    ),
)
