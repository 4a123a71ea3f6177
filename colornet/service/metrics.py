"""What GET /metrics says, in Prometheus's text format."""

import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from colornet.service.workers import Workers

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
PATHS = ("/colorize", "/runs", "/healthz", "/metrics", "/docs", "/openapi.json")


class Metrics:
    """The figures of one app, in a registry of its own."""

    def __init__(self, workers: Workers):
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        about = "Requests that were answered"
        self._requests = Counter(
            "colornet_requests", about, ["path", "status"], registry=self.registry
        )
        about = "Requests that were refused or failed"
        self._errors = Counter("colornet_errors", about, ["status"], registry=self.registry)
        about = "Seconds from a request for colours to the end of its answer"
        self._seconds = Histogram(
            "colornet_seconds", about, buckets=BUCKETS, registry=self.registry
        )
        about = "Pixels that were coloured"
        self.pixels = Counter("colornet_pixels", about, registry=self.registry)
        about = "Requests that are received, wait, or are answered"
        gauge = Gauge("colornet_waiting", about, registry=self.registry)
        gauge.set_function(lambda: workers.waiting)
        about = "Pictures that are coloured at this moment"
        gauge = Gauge("colornet_running", about, registry=self.registry)
        gauge.set_function(lambda: workers.running)

    def add(self, path: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        path = path if path in PATHS else "other"
        self._requests.labels(path, status).inc()
        if status >= 400:
            self._errors.labels(status).inc()
        elif path == "/colorize":
            self._seconds.observe(seconds)


class Counted:
    """An ASGI app whose requests are counted, those that fail too."""

    def __init__(self, app: Any, metrics: Metrics):
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, status = time.perf_counter(), 500

        async def noted(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.add(scope["path"], status, time.perf_counter() - began)
