"""The application as a whole: who may ask, by which name, and what headers every answer has."""

from __future__ import annotations

import socket

from windowpane.systems import ReadSystem


def test_a_token_is_asked_for(serving):
    with serving(token="open sesame") as ask:
        for path in ("/api/nets", "/metrics", "/v2/health/ready"):
            assert ask("GET", path).status == 401
            assert ask("GET", path, Authorization="Bearer wrong").status == 401
            assert ask("GET", path, Authorization="Bearer open sesame").status == 200
        assert ask("GET", "/").status == ask("GET", "/health").status == 200


def test_a_server_for_this_machine_answers_to_no_other_name(serving):
    with serving(hosts=("localhost", "127.0.0.1")) as ask:
        assert ask("GET", "/health").status == 200
        assert ask("GET", "/health", Host="evil.example").status == 400


def test_answers_keep_the_page_to_itself(ask):
    headers = ask("GET", "/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_an_address_that_is_none_is_answered_with_a_sentence(ask):
    with socket.create_connection(("127.0.0.1", ask.port), timeout=30) as line:
        line.sendall(b"GET /nothing?a=\xff\xfe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        said = b"".join(iter(lambda: line.recv(1000), b""))
    assert said.split()[1] in (b"400", b"404")
    assert len(ask("GET", f"/{'a' * 5000}").json["error"]) < 200


def test_health_says_what_is_served(ask):
    health = ask("GET", "/health").json
    assert health["status"] == "ok"
    assert {"digits", "faces", "scenes"} <= set(health["nets"])


def test_the_server_closes_the_systems_that_it_made_and_no_other(serving, number, monkeypatch):
    closed = []
    monkeypatch.setattr(ReadSystem, "close", lambda self: closed.append(self.name))

    class Own:
        def answer(self, picture):
            raise AssertionError

        def close(self):
            closed.append("own")

    with serving(systems=[Own()]) as ask:
        assert ask("POST", "/api/read?top=2", number).status == 200
        assert closed == []
    assert closed == ["read", "read"]  # that of the defaults, and the one with two alternatives
