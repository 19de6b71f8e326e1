"""Dynamically quantized layers: int8 weights, and activations that are rounded for each batch.

They are what a module has in place of `nn.Linear`, `nn.LSTM` and `nn.GRU` (by a `ReplaceLayer`
edit), and run torch's own integer kernels, those behind `torch.ao.nn.quantized.dynamic`. Torch
keeps packed weights as pickled objects; here the int8 weights and their scales are plain tensors,
which safetensors hold, and are packed when a layer is first called.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from recipec.api.artifacts import Quantization
from recipec.api.quantization import dynamic_module_scheme


class _Packed(nn.Module):
    """A layer that packs its weights for the kernels, and again when they change."""

    def __init__(self, *, per_channel: bool) -> None:
        super().__init__()
        self.per_channel = per_channel
        self._packed: tuple[object, Any] | None = None

    def _hold(self, name: str, rows: int, columns: int) -> None:
        """Make a weight, int8 [rows, columns], and its scale, float32 [rows] or [1]."""
        codes = torch.zeros(rows, columns, dtype=torch.int8)
        self.register_parameter(name, nn.Parameter(codes, requires_grad=False))
        self.register_buffer(f"{name}_scale", torch.ones(rows if self.per_channel else 1))

    def _hold_bias(self, name: str, size: int) -> None:
        self.register_parameter(name, nn.Parameter(torch.zeros(size), requires_grad=False))

    def _quantized(self, name: str) -> Tensor:
        """Give a weight as a tensor of torch's quantized types."""
        codes, scale = getattr(self, name), getattr(self, f"{name}_scale")
        with warnings.catch_warnings():
            # These types are deprecated; torch has no other kernels for int8 LSTMs so far.
            warnings.filterwarnings("ignore", "torch.quantize_per_tensor.*deprecated")
            if not self.per_channel:
                return torch._make_per_tensor_quantized_tensor(codes, float(scale), 0)
            zeros = torch.zeros(len(codes), dtype=torch.int64)
            return torch._make_per_channel_quantized_tensor(codes, scale.double(), zeros, 0)

    def _pack(self) -> Any:
        raise NotImplementedError

    def packed(self) -> Any:
        """Give the packed weights, made anew when a tensor is another one or was written to."""
        tensors = (*self.parameters(recurse=False), *self.buffers(recurse=False))
        state = [(t.data_ptr(), None if t.is_inference() else t._version) for t in tensors]
        if self._packed is None or self._packed[0] != state:
            self._packed = state, self._pack()
        return self._packed[1]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_packed": None}  # a copy packs its own


class DynamicLinear(_Packed):
    """`nn.Linear` with int8 weights: [N, …, in_features] → [N, …, out_features] float32."""

    weight: nn.Parameter
    bias: nn.Parameter | None

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, per_channel: bool = True
    ) -> None:
        super().__init__(per_channel=per_channel)
        self.in_features, self.out_features = in_features, out_features
        self._hold("weight", out_features, in_features)
        if bias:
            self._hold_bias("bias", out_features)
        else:
            self.register_parameter("bias", None)

    def _pack(self) -> Any:
        return torch.ops.quantized.linear_prepack(self._quantized("weight"), self.bias)

    def forward(self, x: Tensor) -> Tensor:
        if x.is_meta:
            return x.new_empty((*x.shape[:-1], self.out_features))
        made: Tensor = torch.ops.quantized.linear_dynamic(x, self.packed(), reduce_range=True)
        return made.to(x.dtype)


class _DynamicRecurrent(_Packed):
    """What `DynamicLSTM` and `DynamicGRU` have in common; arguments are those of `nn.LSTM`."""

    gates: int

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        per_channel: bool = True,
    ) -> None:
        super().__init__(per_channel=per_channel)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.dropout = batch_first, dropout
        self.bidirectional, self.directions = bidirectional, 2 if bidirectional else 1
        for place, name in enumerate(self._cells()):
            first = place < self.directions
            size = input_size if first else hidden_size * self.directions
            self._hold(f"weight_ih_{name}", self.gates * hidden_size, size)
            self._hold(f"weight_hh_{name}", self.gates * hidden_size, hidden_size)
            self._hold_bias(f"bias_ih_{name}", self.gates * hidden_size)
            self._hold_bias(f"bias_hh_{name}", self.gates * hidden_size)

    def _cells(self) -> Iterator[str]:
        for layer in range(self.num_layers):
            for suffix in ("", "_reverse")[: self.directions]:
                yield f"l{layer}{suffix}"

    def _pack(self) -> Any:
        prepack = torch.ops.quantized.linear_prepack
        cells = []
        for name in self._cells():
            biases = getattr(self, f"bias_ih_{name}"), getattr(self, f"bias_hh_{name}")
            weights = (
                prepack(self._quantized(f"weight_{way}_{name}"), bias)
                for way, bias in zip(("ih", "hh"), biases, strict=True)
            )
            cells.append(
                torch.ops.quantized.make_quantized_cell_params_dynamic(
                    *weights, *biases, reduce_range=True
                )
            )
        return cells

    def _zeros(self, batch: int, like: Tensor) -> Tensor:
        return like.new_zeros(self.num_layers * self.directions, batch, self.hidden_size)

    def _width(self, x: Tensor) -> tuple[int, ...]:
        return (*x.shape[:-1], self.hidden_size * self.directions)

    def _settings(self) -> tuple[Any, ...]:
        return (True, self.num_layers, float(self.dropout), self.training, self.bidirectional)


class DynamicLSTM(_DynamicRecurrent):
    """`nn.LSTM` with int8 weights, on a batch of sequences or a `PackedSequence`."""

    gates = 4

    def forward(self, x: Any, states: tuple[Tensor, Tensor] | None = None) -> Any:
        if isinstance(x, PackedSequence):
            batch = int(x.batch_sizes[0])
            first = _permuted(states or (self._zeros(batch, x.data),) * 2, x.sorted_indices)
            rows, *last = torch.quantized_lstm(
                x.data,
                x.batch_sizes,
                first,
                self.packed(),
                *self._settings(),
                dtype=torch.qint8,
                use_dynamic=True,
            )
            made = PackedSequence(rows, x.batch_sizes, x.sorted_indices, x.unsorted_indices)
            return made, _permuted(tuple(last), x.unsorted_indices)
        batch = x.shape[0 if self.batch_first else 1]
        states = states or (self._zeros(batch, x),) * 2
        if x.is_meta:
            return x.new_empty(self._width(x)), states
        made, *last = torch.quantized_lstm(
            x,
            states,
            self.packed(),
            *self._settings(),
            self.batch_first,
            dtype=torch.qint8,
            use_dynamic=True,
        )
        return made, tuple(last)


class DynamicGRU(_DynamicRecurrent):
    """`nn.GRU` with int8 weights, on a batch of sequences or a `PackedSequence`."""

    gates = 3

    def forward(self, x: Any, state: Tensor | None = None) -> Any:
        if isinstance(x, PackedSequence):
            batch = int(x.batch_sizes[0])
            first = self._zeros(batch, x.data) if state is None else state
            (first,) = _permuted((first,), x.sorted_indices)
            rows, last = torch.quantized_gru(
                x.data, x.batch_sizes, first, self.packed(), *self._settings()
            )
            made = PackedSequence(rows, x.batch_sizes, x.sorted_indices, x.unsorted_indices)
            return made, _permuted((last,), x.unsorted_indices)[0]
        first = self._zeros(x.shape[0 if self.batch_first else 1], x) if state is None else state
        if x.is_meta:
            return x.new_empty(self._width(x)), first
        return torch.quantized_gru(x, first, self.packed(), *self._settings(), self.batch_first)


def _permuted(states: tuple[Tensor, ...], order: Tensor | None) -> tuple[Tensor, ...]:
    return states if order is None else tuple(state.index_select(1, order) for state in states)


DYNAMIC_LAYERS = (DynamicLinear, DynamicLSTM, DynamicGRU)


def dynamic_quantization(module: nn.Module) -> Quantization | None:
    """Say how a module's dynamically quantized layers are quantized, None when it has none."""
    found = {layer.per_channel for layer in module.modules() if isinstance(layer, DYNAMIC_LAYERS)}
    return dynamic_module_scheme(found) if found else None
