import json
import re
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest

from windowpane.core import netfile
from windowpane.core.netfile import Manifest, Output, builtin, load_net, save
from windowpane.core.windows import Window
from windowpane.errors import MissingExtraError, NetFileError, install

LABELS = ("face", "nothing")


def model(shape="N, 3, H, W", output="scores", padding=0):
    """A net of windows 7 x 5 with stride (2, 1), and two channels of scores, as ONNX bytes."""
    graph = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[{shape}] image) => (float[N, 2, R, C] {output}) {{
            a = Conv<strides = [2, 1], pads = [{padding}, {padding}, {padding}, {padding}]>(image, k1)
            {output} = Conv(a, k2)
        }}""")
    random = np.random.default_rng(0)
    for name, size in (("k1", (4, 3, 5, 3)), ("k2", (2, 4, 2, 3))):
        weights = random.standard_normal(size).astype(np.float32)
        graph.graph.initializer.append(onnx.numpy_helper.from_array(weights, name))
    return graph.SerializeToString()


MANIFEST = Manifest(
    name="finder",
    task="detect",
    channels=3,
    colour="rgb",
    mean=(0.5, 0.4, 0.3),
    std=(0.25, 0.25, 0.5),
    outputs=(Output("scores", LABELS, Window(7, 5, stride=(2, 1))),),
    threshold=0.75,
    settings={"temperature": 1.5},
    card={"licence": "Apache-2.0", "seed": 3},
)


def with_manifest(text, graph=None):
    """The bytes of a model with any text as its manifest, right or wrong."""
    proto = onnx.load_model_from_string(graph or model())
    onnx.helper.set_model_props(proto, {netfile.KEY: text})
    return proto.SerializeToString()


def with_fields(graph=None, **fields):
    return with_manifest(json.dumps({**MANIFEST.to_dict(), **fields}), graph)


def with_window(window):
    return with_fields(outputs=[{"name": "scores", "labels": LABELS, "window": window.to_dict()}])


# -- What is saved is read back ----------------------------------------------------------------------------


def test_a_net_comes_back_from_its_file(tmp_path):
    path = tmp_path / "finder.onnx"
    saved = save(path, model(), MANIFEST)
    for net in (load_net(path), load_net(str(path)), load_net(path.read_bytes())):
        assert net.manifest == saved.manifest == MANIFEST
        assert net.data == path.read_bytes()


def test_a_saved_net_keeps_the_other_metadata_of_the_model(tmp_path):
    proto = onnx.load_model_from_string(model())
    onnx.helper.set_model_props(proto, {"author": "somebody"})
    net = save(tmp_path / "finder.onnx", proto.SerializeToString(), MANIFEST)
    metadata = {entry.key for entry in onnx.load_model_from_string(net.data).metadata_props}
    assert metadata == {"author", netfile.KEY}


def test_a_net_that_ships_is_loaded_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "zoo").mkdir()
    save(tmp_path / "zoo" / "finder.onnx", model(), MANIFEST)
    monkeypatch.setattr(netfile.resources, "files", lambda package: tmp_path)
    assert builtin() == ["finder"]
    assert load_net("finder").manifest == MANIFEST
    with pytest.raises(NetFileError, match=r"'reader'.*finder"):
        load_net("reader")


def test_a_contradicting_manifest_is_not_written(tmp_path):
    path = tmp_path / "finder.onnx"
    with pytest.raises(NetFileError, match=r"3 channel.*says 2"):
        save(path, model(), replace(MANIFEST, channels=2, mean=(0.0, 0.0), std=(1.0, 1.0)))
    assert not path.exists()


def test_saving_without_onnx_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=re.escape(install("train"))):
        save(tmp_path / "finder.onnx", b"", MANIFEST)


def test_loading_needs_no_onnx_package(monkeypatch):
    data = with_fields()
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert load_net(data).manifest == MANIFEST


# -- What is wrong is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"hello\n" * 50, b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_a_file_that_is_no_onnx_is_refused_by_name(tmp_path, content):
    path = tmp_path / "strange.onnx"
    path.write_bytes(content)
    with pytest.raises(NetFileError, match=r"strange\.onnx.*no ONNX"):
        load_net(path)


def test_a_truncated_file_is_refused():
    with pytest.raises(NetFileError, match="no ONNX"):
        load_net(with_fields()[:-200])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NetFileError, match=r"lost\.onnx.*cannot be read"):
        load_net(tmp_path / "lost.onnx")
    with pytest.raises(NetFileError, match="cannot be read"):
        load_net(tmp_path)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (model(), "no 'windowpane' manifest"),
        (with_manifest("{"), "no JSON"),
        (with_manifest("[]"), "JSON object, not list"),
        (with_fields(version=2), "version 2.*reads version 1"),
        (with_fields(version=None), "version None"),
        (with_fields(colour=3), "'colour' is a word, not 3"),
        (with_fields(channels="3"), "'channels' is a whole number"),
        (with_fields(mean=0.5), "'mean' is a list"),
        (with_fields(std=[0.1, 0, 0.1]), "'std' is a list of numbers above 0"),
        (with_fields(mean=[0.5]), "1 means and 3 standard deviations"),
        (with_fields(outputs=[]), "'outputs'"),
        (with_fields(outputs=[{"name": "scores", "labels": ["face"]}]), "'outputs'"),
        (with_fields(threshold="high"), "'threshold' is a number or null, not 'high'"),
        (with_fields(settings=None), "'settings' is an object"),
        (with_fields(surprise=1), "unknown 'surprise'"),
        (with_fields(outputs=MANIFEST.to_dict()["outputs"] * 2), "twice"),
    ],
)
def test_a_wrong_manifest_is_explained(data, complaint):
    with pytest.raises(NetFileError, match=complaint):
        load_net(data)


@pytest.mark.parametrize("field", MANIFEST.to_dict())
def test_a_missing_field_is_named(field):
    record = MANIFEST.to_dict()
    del record[field]
    with pytest.raises(NetFileError, match=field):
        load_net(with_manifest(json.dumps(record)))


@pytest.mark.parametrize(
    ("graph", "complaint"),
    [
        (model("1, 3, H, W"), "dynamic N, H and W"),
        (model("N, 3, 32, 32"), "dynamic N, H and W"),
        (model("N, C, H, W"), "manifest says 3"),
        (model(output="other"), r"\['other'\].*\['scores'\]"),
        (model(padding=1), "on an image of"),
    ],
)
def test_a_graph_that_does_not_fit_its_manifest_is_explained(graph, complaint):
    with pytest.raises(NetFileError, match=complaint):
        load_net(with_fields(graph))


def test_an_input_that_is_not_float32_is_refused():
    proto = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["": 17]>
        net (uint8[N, 3, H, W] image) => (float[N, 3, H, W] scores) { scores = Cast<to = 1>(image) }""")
    with pytest.raises(NetFileError, match="one float32 tensor"):
        load_net(with_fields(proto.SerializeToString()))


def test_labels_are_as_many_as_channels_of_the_output():
    with pytest.raises(NetFileError, match="labels"):
        load_net(
            with_fields(
                outputs=[
                    {"name": "scores", "labels": ["one"], "window": MANIFEST.outputs[0].window.to_dict()}
                ]
            )
        )


@pytest.mark.parametrize(
    "window",
    [
        Window(6, 5, stride=(2, 1)),
        Window(8, 5, stride=(2, 1)),
        Window(7, 4, stride=(2, 1)),
        Window(7, 6, stride=(2, 1)),
        Window(7, 5, stride=(1, 1)),
        Window(7, 5, stride=(3, 1)),
        Window(7, 5, stride=(2, 2)),
    ],
)
def test_a_window_that_is_not_the_nets_is_noticed(window):
    with pytest.raises(NetFileError, match="window"):
        load_net(with_window(window))


def test_a_net_that_pads_inside_is_refused():
    with pytest.raises(NetFileError, match="pads inside"):
        load_net(with_window(Window(7, 5, stride=(2, 1), offset=(-1, -1))))


def test_a_wrong_window_field_is_named():
    outputs = MANIFEST.to_dict()["outputs"]
    outputs[0]["window"]["stride"] = 2
    with pytest.raises(NetFileError, match="stride"):
        load_net(with_fields(outputs=outputs))
