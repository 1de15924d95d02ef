import json

import pytest

from windowpane.core import netfile
from windowpane.core.netfile import Manifest, Output
from windowpane.core.windows import Window

onnx = pytest.importorskip("onnx")


@pytest.fixture
def net(tmp_path):
    """A net file with one 4 x 4 convolution; gives its path."""
    from onnx import TensorProto, helper

    weight = helper.make_tensor("w", TensorProto.FLOAT, [2, 1, 4, 4], [0.0] * 32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "w"], ["scores"], strides=[2, 2])],
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, "h", "w_"])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2, "r", "c"])],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    outputs = (Output("scores", ("yes", "no"), Window(4, 4, (2, 2))),)
    card = {"licence": "Apache-2.0", "data": ["a set"], "scores": {"right": 0.5}}
    manifest = Manifest("tiny", "read", 1, "grey", (0.0,), (1.0,), outputs, threshold=0.5, card=card)
    netfile.save(tmp_path / "tiny.onnx", model.SerializeToString(), manifest)
    return tmp_path / "tiny.onnx"


def test_the_card_of_a_net_says_what_it_is_made_of(run, net):
    answer = run("nets", net)
    assert answer.status == 0
    for part in (
        "tiny",
        "task: read",
        "4 x 4 pixels",
        "threshold: 0.5",
        "licence: Apache-2.0",
        "a set",
        "right: 0.5",
    ):
        assert part in answer.out


def test_the_card_as_json_is_the_manifest(run, net):
    record = json.loads(run("nets", "--json", net).out)
    assert record == netfile.load_net(net).manifest.to_dict()


def test_the_list_has_every_net_that_ships(run):
    answer = run("nets")
    assert answer.status == 0
    for name in netfile.builtin():
        assert name in answer.out
    assert "digits" in answer.out


def test_an_unknown_name_is_wrong_usage_and_says_which_there_are(run):
    answer = run("nets", "nosuch")
    assert answer.status == 2
    assert "nosuch" in answer.err
    assert "Traceback" not in answer.err
