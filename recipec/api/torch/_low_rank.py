"""A linear layer or 1×1 convolution as the product of two thin ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from recipec.api.torch._depthwise import CONVOLUTIONS_BY_DIMS
from recipec.api.torch._inputs import dtype_of


class LowRankLinear(nn.Sequential):
    """`reduce` (`[rank, in_features]`, no bias), then `expand` (`[out_features, rank]`)."""

    reduce: nn.Linear
    expand: nn.Linear

    def __init__(
        self,
        in_features: int,
        out_features: int,
        rank: int,
        bias: bool = True,
        dtype: str = "float32",
    ) -> None:
        of = dtype_of(dtype)
        super().__init__(
            OrderedDict(
                reduce=nn.Linear(in_features, rank, bias=False, dtype=of),
                expand=nn.Linear(rank, out_features, bias=bias, dtype=of),
            )
        )

    @property
    def in_features(self) -> int:
        """How many numbers it reads."""
        return self.reduce.in_features

    @property
    def out_features(self) -> int:
        """How many numbers it makes."""
        return self.expand.out_features

    @property
    def weight(self) -> Tensor:
        """The product, `[out_features, in_features]`: some models read it (T5 asks its type)."""
        return self.expand.weight @ self.reduce.weight

    @property
    def bias(self) -> Tensor | None:
        """The bias, `[out_features]`, if there is one."""
        return self.expand.bias


class LowRankConv(nn.Sequential):
    """`reduce` (`[rank, in_channels, 1]`, no bias), then `expand` (`[out_channels, rank, 1]`).

    There are as many ones as dimensions. `reduce` has the stride and padding: as both kernels are
    of size 1 and `reduce` has no bias, what it makes of padding is 0, as before.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        rank: int,
        stride: Sequence[int],
        padding: Sequence[int],
        bias: bool = True,
        dtype: str = "float32",
    ) -> None:
        of, convolution = dtype_of(dtype), CONVOLUTIONS_BY_DIMS[len(stride)]
        super().__init__(
            OrderedDict(
                reduce=convolution(
                    in_channels, rank, 1, tuple(stride), tuple(padding), bias=False, dtype=of
                ),
                expand=convolution(rank, out_channels, 1, bias=bias, dtype=of),
            )
        )
