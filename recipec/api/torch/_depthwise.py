"""A convolution as a depthwise and a pointwise one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from torch import nn

from recipec.api.torch._inputs import dtype_of

Between = Literal["norm_relu", "norm", "nothing"]
CONVOLUTIONS_BY_DIMS: Final[Mapping[int, Callable[..., nn.Module]]] = {
    1: nn.Conv1d,
    2: nn.Conv2d,
    3: nn.Conv3d,
}
_NORMS: Final = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


class DepthwiseSeparable(nn.Sequential):
    """Filter each input channel on its own, then mix channels at each position.

    In place of a convolution `[out_channels, in_channels, *kernel_size]` stand `depthwise`
    (`[in_channels, 1, *kernel_size]`, no bias), what is `between` (batch normalization `norm`, and
    `relu`), and `pointwise` (`[out_channels, in_channels, 1, …]`). Stride, padding and dilation are
    those of `depthwise`. Howard et al., "MobileNets", arXiv:1704.04861, section 3.1, figure 3.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int] | str,
        dilation: Sequence[int],
        padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros",
        bias: bool = False,
        between: Between = "nothing",
        dtype: str = "float32",
    ) -> None:
        dims, of = len(kernel_size), dtype_of(dtype)
        convolution = CONVOLUTIONS_BY_DIMS[dims]
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["depthwise"] = convolution(
            in_channels,
            in_channels,
            tuple(kernel_size),
            tuple(stride),
            padding if isinstance(padding, str) else tuple(padding),
            tuple(dilation),
            groups=in_channels,
            bias=False,
            padding_mode=padding_mode,
            dtype=of,
        )
        if between != "nothing":
            layers["norm"] = _NORMS[dims](in_channels, dtype=of)
        if between == "norm_relu":
            layers["relu"] = nn.ReLU()
        layers["pointwise"] = convolution(in_channels, out_channels, 1, bias=bias, dtype=of)
        super().__init__(layers)
