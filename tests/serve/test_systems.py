"""Which nets and systems are served, and that they are made once."""

from __future__ import annotations

import pytest

from windowpane.errors import ArgumentError, NetFileError, WindowpaneError
from windowpane.serve.systems import Systems
from windowpane.systems import DETECT, PARSE, READ


class Own:
    def __init__(self, name):
        self.name = name

    def answer(self, picture):
        raise AssertionError


@pytest.fixture(scope="module")
def systems():
    return Systems()


def test_the_nets_of_a_task_come_with_the_usual_one_first(systems):
    assert systems.names("read")[0] == READ.net
    assert systems.names("parse")[0] == PARSE.net
    assert systems.checked(DETECT, None) == "faces"
    with pytest.raises(WindowpaneError, match="no net 'scenes' is served for detect: choose from faces"):
        systems.checked(DETECT, "scenes")


def test_the_same_options_give_the_same_system(systems):
    usual = systems.get(READ)
    assert systems.get(READ, "digits", top=3, format="number") is usual
    assert systems.get(READ, top=2) is not usual
    assert systems.get(READ, top=2).reader.top == 2
    with pytest.raises(ArgumentError, match="read has no option 'colour'"):
        systems.get(READ, colour="red")


def test_a_further_net_is_served_by_its_name(tmp_path):
    from windowpane.core.netfile import load_net

    path = tmp_path / "my.onnx"
    path.write_bytes(load_net("digits").data)
    assert Systems([path]).names("read") == ["digits", "digits-free"]  # the name is in the file
    with pytest.raises(NetFileError):
        Systems([tmp_path / "none.onnx"])


@pytest.mark.parametrize("name", ["read", "nets", "teach", "Berries", "a/b", "../x", ""])
def test_a_system_of_ones_own_needs_a_name_that_is_free_and_plain(name):
    if name:
        with pytest.raises(ArgumentError, match="give it a `name` of small letters"):
            Systems(own=[Own(name)])
    else:
        assert list(Systems(own=[Own(name)]).own) == ["own"]  # that of its class


def test_two_cannot_have_one_name():
    with pytest.raises(ArgumentError, match="'size'"):
        Systems(own=[Own("size"), Own("size")])
