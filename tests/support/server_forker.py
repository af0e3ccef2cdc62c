"""Starts `aftershow serve` again and again, from a process that has read the program's modules once.

For each line on its standard input it forks; the child is the command itself (the same `main`), the parent prints
"pid N", waits for it and prints "ended CODE". Reading the modules takes longer than everything a test then does.
"""

import os
import sys

from forum.cli import main


def serve_forever() -> None:
    """Fork once for each line, until the input ends."""
    for _ in iter(sys.stdin.readline, ""):
        pid = os.fork()
        if pid == 0:
            sys.argv = ["aftershow", "serve"]
            main()
            os._exit(0)
        print(f"pid {pid}", flush=True)
        _, status = os.waitpid(pid, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    serve_forever()
