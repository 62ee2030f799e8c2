"""A service of two workers that tell whoever connects which process they are: ``python -m tests.worker_probe SPOILED``.

Prints its port. While the file ``SPOILED`` exists a worker that starts fails at once.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from bot.workers import open_listeners, supervise


def main() -> None:
    spoiled = Path(sys.argv[1])
    listeners = open_listeners("127.0.0.1", 0, 2)
    print(listeners[0].getsockname()[1], flush=True)

    def work(listener: socket.socket, serving: Callable[[], None]) -> None:
        if spoiled.exists():
            raise RuntimeError("spoiled")
        listener.setblocking(True)
        serving()
        while True:
            connection, _ = listener.accept()
            connection.sendall(b"%d\n" % os.getpid())
            connection.close()

    supervise(listeners, work)


if __name__ == "__main__":
    main()
