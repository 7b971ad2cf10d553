#!/usr/bin/env python3
"""Runs a command at a terminal of its own and types a line at each question.

typed.py LINE... -- COMMAND...: ends as the command does, and prints what the
terminal showed.
"""

import os
import pty
import sys


def main():
    split = sys.argv.index("--")
    lines = sys.argv[1:split]
    command = sys.argv[split + 1:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
        if lines and shown.endswith(b": "):
            os.write(terminal, lines.pop(0).encode() + b"\n")
    _, status = os.waitpid(child, 0)
    print(shown.decode())
    return os.waitstatus_to_exitcode(status)


sys.exit(main())
