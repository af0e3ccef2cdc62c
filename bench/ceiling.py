"""The generator's own ceiling: a responder that sends fixed bytes for every request, and nothing else."""

from __future__ import annotations

import select
import socket
import sys


def respond(port: int, answer: bytes) -> None:
    """Answer every request on the port with the same bytes, until the process is ended."""
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    listener.setblocking(False)
    poll = select.epoll()
    poll.register(listener.fileno(), select.EPOLLIN)
    links: dict[int, socket.socket] = {}
    while True:
        for fd, _ in poll.poll():
            if fd == listener.fileno():
                link, _address = listener.accept()
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                links[link.fileno()] = link
                poll.register(link.fileno(), select.EPOLLIN)
            elif not _reply(links[fd], answer):
                poll.unregister(fd)
                links.pop(fd).close()


def _reply(link: socket.socket, answer: bytes) -> bool:
    try:
        request = link.recv(65536)
        if not request:
            return False
        if request.endswith(b"\r\n\r\n"):
            link.sendall(answer)
    except ConnectionError:
        return False
    return True


def main() -> None:
    """Run as a process: the port, then how many bytes the body has."""
    port, size = int(sys.argv[1]), int(sys.argv[2])
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {size}\r\n\r\n".encode()
    respond(port, head + b"x" * size)


if __name__ == "__main__":
    main()
