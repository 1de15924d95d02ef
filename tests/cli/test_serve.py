"""``windowpane serve`` as a shell sees it: it says where it is, answers, and ends when told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from importlib import resources

import pytest

from windowpane.errors import install


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_it_says_where_it_is_answers_and_ends_cleanly(tmp_path):
    command = [sys.executable, "-m", "windowpane", "serve", "--port", "0", "--token", "secret"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    try:
        said = server.stdout.readline()
        url = said.split()[3]
        assert url.startswith("http://127.0.0.1:")
        number = (resources.files("windowpane") / "demo" / "ruled.png").read_bytes()
        request = urllib.request.Request(f"{url}api/read", number, {"Authorization": "Bearer secret"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer)["text"] == "94720"
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) in (0, 130, -signal.SIGINT)
    finally:
        server.kill()
        server.wait()
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_one_sentence(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", port)
    assert done.status == 2
    assert f"port {port}" in done.err
    assert "Traceback" not in done.err


def test_a_net_that_cannot_be_served_is_one_sentence(run, tmp_path):
    (tmp_path / "my.onnx").write_bytes(b"no net")
    done = run("serve", "--net", tmp_path / "my.onnx")
    assert done.status == 2
    assert "my.onnx" in done.err


def test_without_the_extra_it_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr("windowpane.cli.serve.find_spec", lambda name: None)
    done = run("serve")
    assert done.status == 2
    assert install("serve") in done.err
