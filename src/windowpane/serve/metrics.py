"""Prometheus metrics: how many requests, their time, and how much waits."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from windowpane.serve.limits import Admission

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
"""Seconds."""


class Metrics:
    """The figures of one server; `text` gives them as Prometheus reads them."""

    def __init__(self, admission: Admission) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "windowpane_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "windowpane_request_seconds",
            "From a request to its answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        inside = Gauge("windowpane_requests_inside", "Requests that have a place.", registry=self.registry)
        inside.set_function(lambda: admission.admitted)
        waiting = Gauge("windowpane_requests_waiting", "Of these, how many wait.", registry=self.registry)
        waiting.set_function(lambda: admission.waiting)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self.registry)


class Counted:
    """Counts what another application answers, by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            # Names of routes, not paths: a stranger must not be able to fill the memory with them.
            route = getattr(scope.get("route"), "path", None) or "other"
            self.metrics.requests.labels(route, scope["method"], status).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - start)
