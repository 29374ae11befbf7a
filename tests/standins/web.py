"""How does a stand-in speak HTTP: with tests in this process, in others, and with our product?"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, str, bytes]


class DropConnection(Exception):
    """Hang up without an answer."""


def as_json(status: int, body: object) -> Answer:
    return status, "application/json", json.dumps(body).encode()


class Server(ThreadingHTTPServer):
    """One thread a connection; counts connections, and closes those still open at the end."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, answer: Callable[[Call], Answer]) -> None:
        super().__init__(("127.0.0.1", port), Call)
        self.answer = answer
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        for open_socket in list(self._open):
            hang_up(open_socket)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


class Call(BaseHTTPRequestHandler):
    """One request; `body` is read before the stand-in is asked."""

    protocol_version = "HTTP/1.1"
    # headers and body in two packets would wait 40 ms for each other
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server
    body: bytes

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    def _answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, kind, body = self.server.answer(self)
        except DropConnection:
            self.close_connection = True
            hang_up(self.connection)
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Silence."""


def hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()
