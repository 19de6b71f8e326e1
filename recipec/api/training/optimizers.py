"""Which optimizer, with which numbers."""

from typing import Annotated, Literal

from pydantic import Field

from recipec.api.params import Params

Decay = Annotated[float, Field(ge=0, lt=1)]


class Sgd(Params):
    """Stochastic gradient descent with momentum (torch.optim.SGD)."""

    name: Literal["sgd"] = Field(
        default="sgd", description="Stochastic gradient descent with momentum."
    )
    lr: float = Field(default=0.1, gt=0, description="Learning rate; with a schedule, the highest.")
    momentum: float = Field(
        default=0.9, ge=0, lt=1, description="Share of the last step kept in the next."
    )
    nesterov: bool = Field(
        default=False, description="Look ahead along the momentum (Sutskever et al., ICML 2013)."
    )
    weight_decay: float = Field(
        default=5e-4,
        ge=0,
        description="L2 penalty on every trained parameter, as part of the gradient.",
    )


class Adam(Params):
    """Adam (Kingma and Ba, ICLR 2015; torch.optim.Adam)."""

    name: Literal["adam"] = Field(
        default="adam", description="Adam, the L2 penalty in the gradient."
    )
    lr: float = Field(
        default=1e-3, gt=0, description="Learning rate; with a schedule, the highest."
    )
    betas: tuple[Decay, Decay] = Field(
        default=(0.9, 0.999),
        description="Decay of the averages of gradient and squared gradient per step.",
    )
    weight_decay: float = Field(
        default=0.0, ge=0, description="L2 penalty, as part of the gradient."
    )


class AdamW(Params):
    """Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019; torch.optim.AdamW)."""

    name: Literal["adamw"] = Field(default="adamw", description="Adam with decoupled weight decay.")
    lr: float = Field(
        default=1e-3, gt=0, description="Learning rate; with a schedule, the highest."
    )
    betas: tuple[Decay, Decay] = Field(
        default=(0.9, 0.999),
        description="Decay of the averages of gradient and squared gradient per step.",
    )
    weight_decay: float = Field(
        default=0.01,
        ge=0,
        description="Share of a weight that leaves per step, times the learning rate.",
    )


Optimizer = Annotated[Sgd | Adam | AdamW, Field(discriminator="name")]
