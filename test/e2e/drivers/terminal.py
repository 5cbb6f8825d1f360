"""Types into a program on a terminal of its own, like a person: arguments are the program; lines of stdin are `EXPECT<tab>text` and `TYPE<tab>text`."""

import os
import pty
import select
import sys
import time

PATIENCE = 15.0


def main():
    steps = [line.rstrip("\n").split("\t", 1) for line in sys.stdin]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    shown = b""
    for verb, text in steps:
        words = text.encode().decode("unicode_escape").encode()
        if verb == "TYPE":
            os.write(terminal, words)
        else:
            shown = wait_for(terminal, words, shown)
    while read(terminal, 5.0):
        pass
    _, status = os.waitpid(pid, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


def wait_for(terminal, words, shown):
    """What was shown behind the words."""
    end = time.monotonic() + PATIENCE
    while words not in shown:
        piece = read(terminal, end - time.monotonic())
        if not piece:
            sys.exit(f"no sign of {words!r}")
        shown += piece
    return shown.split(words, 1)[1]


def read(terminal, seconds):
    ready, _, _ = select.select([terminal], [], [], max(seconds, 0))
    if not ready:
        return b""
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        return b""
    sys.stdout.buffer.write(piece)
    sys.stdout.flush()
    # Whoever draws with escape codes first asks where the cursor is.
    if b"\x1b[6n" in piece:
        os.write(terminal, b"\x1b[1;1R")
    return piece


main()
