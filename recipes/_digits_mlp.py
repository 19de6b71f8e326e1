"""Write `digits-mlp.onnx` for onnx-from-file.yaml: a network that no part of recipec exported.

    python recipes/_digits_mlp.py

scikit-learn trains a perceptron on the train split of `data.digits`; the graph is put together node
by node, with the opset that old files have.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.neural_network import MLPClassifier

from recipec_data._digits import load

FILE = Path(__file__).parent / "digits-mlp.onnx"
OPSET = 9


def main() -> None:
    samples = load("train", mean=0.0, std=1.0, subset={})
    train = samples.take(range(len(samples)))
    network = MLPClassifier((64,), max_iter=400, random_state=0)
    network.fit(train.inputs["x"].reshape(-1, 64), train.labels)
    stored = []
    for layer, (weight, bias) in enumerate(
        zip(network.coefs_, network.intercepts_, strict=True), start=1
    ):
        stored.append(numpy_helper.from_array(weight.astype(np.float32), f"layer{layer}.weight"))
        stored.append(numpy_helper.from_array(bias.astype(np.float32), f"layer{layer}.bias"))
    nodes = [
        helper.make_node("Flatten", ["x"], ["flat"], "flatten"),
        helper.make_node("Gemm", ["flat", "layer1.weight", "layer1.bias"], ["a"], "layer1"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("Gemm", ["b", "layer2.weight", "layer2.bias"], ["scores"], "layer2"),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 10])],
        stored,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 4
    helper.set_model_props(model, {"labels": "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"})
    onnx.checker.check_model(model)
    FILE.write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
