"""Runs a program with a terminal of its own: keys come by lines on standard input, what it prints goes to standard output.

A line is `k` and keys in hexadecimal, or `s COLUMNS ROWS` for another window size; the end of input hangs up.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def obey(terminal, line):
    kind, _, rest = line.decode().partition(" ")
    if kind == "k":
        os.write(terminal, bytes.fromhex(rest))
    else:
        resize(terminal, *map(int, rest.split()))


def copy(terminal):
    waiting = b""
    sources = [terminal, 0]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if terminal in ready:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:
                return
            if not chunk:
                return
            os.write(1, chunk)
        if 0 in ready:
            chunk = os.read(0, 65536)
            if not chunk:
                sources = [terminal]
                os.kill(child, signal.SIGHUP)
            *lines, waiting = (waiting + chunk).split(b"\n")
            for line in lines:
                obey(terminal, line)


child, master = pty.fork()
if child == 0:
    resize(0, int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
copy(master)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
