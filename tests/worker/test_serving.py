"""Does an answer leave at once, though its headers and its body are written one after the other?"""

from __future__ import annotations

import socket

from worker.serving import listening


def test_an_answer_does_not_wait_for_its_headers_to_be_acknowledged() -> None:
    with listening("127.0.0.1", 0) as heard_on, socket.create_connection(heard_on.getsockname()):
        accepted, _ = heard_on.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
