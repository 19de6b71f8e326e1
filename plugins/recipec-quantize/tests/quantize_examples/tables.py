"""Rows of layer tables, made by hand."""

from recipec.api import Layer, Tensor, TensorSpec

IMAGES = (TensorSpec(name="x", shape=("N", 3, 8, 8)),)


def convolution(name, out, into, positions, *, bias=False, kind="Conv2d", dtype="float32"):
    shape = (into, out, 3, 3) if "Transpose" in kind else (out, into, 3, 3)
    tensors = [Tensor(name="weight", shape=shape, dtype=dtype, zeros=5)]
    if bias:
        tensors.append(Tensor(name="bias", shape=(out,), dtype=dtype, zeros=0))
    return Layer(name=name, type=kind, tensors=tuple(tensors), positions=positions)


def norm(name, channels, folds_into=None):
    vectors = [
        Tensor(name=n, shape=(channels,), dtype="float32", role=role)
        for n, role in [
            ("weight", "parameter"),
            ("bias", "parameter"),
            ("running_mean", "buffer"),
            ("running_var", "buffer"),
        ]
    ]
    return Layer(name=name, type="BatchNorm2d", tensors=tuple(vectors), folds_into=folds_into)


def linear(name, out, into, positions=1):
    return Layer(
        name=name,
        type="Linear",
        tensors=(
            Tensor(name="weight", shape=(out, into), dtype="float32", zeros=0),
            Tensor(name="bias", shape=(out,), dtype="float32", zeros=1),
        ),
        positions=positions,
    )


def embedding(name, rows, width):
    weight = Tensor(name="weight", shape=(rows, width), dtype="float32", zeros=0)
    return Layer(name=name, type="Embedding", tensors=(weight,))


def recurrent(name, kind, features, hidden, layers=1, directions=1, *, projected=False):
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
    tensors = []
    for layer in range(layers):
        into = features if layer == 0 else hidden * directions
        for suffix in ("", "_reverse")[:directions]:
            end = f"l{layer}{suffix}"
            shapes = {
                f"weight_ih_{end}": (gates * hidden, into),
                f"weight_hh_{end}": (gates * hidden, hidden),
                f"bias_ih_{end}": (gates * hidden,),
                f"bias_hh_{end}": (gates * hidden,),
            }
            if projected:
                shapes[f"weight_hr_{end}"] = (hidden // 2, hidden)
            tensors += [Tensor(name=n, shape=s, dtype="float32") for n, s in shapes.items()]
    return Layer(name=name, type=kind, tensors=tuple(tensors))
