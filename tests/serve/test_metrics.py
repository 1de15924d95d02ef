"""What Prometheus is told: requests by route and status, their time, and what waits."""

from __future__ import annotations


def test_requests_are_counted_by_route_and_strangers_fill_no_memory(ask, number):
    ask("POST", "/api/read", number)
    ask("GET", "/api/no/such/route")
    figures = ask("GET", "/metrics").body.decode()
    assert 'windowpane_requests_total{method="POST",route="/api/read",status="200"}' in figures
    assert "/api/no/such" not in figures  # names of their own


def test_what_waits_and_how_long_it_took_is_told(ask):
    figures = ask("GET", "/metrics").body.decode()
    assert "windowpane_requests_waiting 0.0" in figures
    assert (
        'windowpane_request_seconds_bucket{le="0.1",route="/metrics"}' in ask("GET", "/metrics").body.decode()
    )
