"""Somebody at the lab's keyboard: the program on a real pty. usage: typist.py PROGRAM ARGUMENT...

It says "ready" when the editor is there; each line of input is answered by one. Letters that are typed are no ASCII, so that nothing else on
the way to the terminal looks like them.

    type LETTERS    one after the other, each when the one before is on the screen: "ok"
    press KEYS      with \\x1b, \\r and such: "ok"
    read WORDS      until the lab has written them since the last order: "ok"
    leave, fall     by its key, by kill -9: "left STATUS"
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

PATIENCE_S = 120
READY = (b"not received", b"waiting")
LEAVE = b"\x11"


class Lab:
    def __init__(self, argv):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execv(argv[0], argv)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.seen = b""

    def look(self):
        """False: nothing comes any more."""
        if not select.select([self.fd], [], [], PATIENCE_S)[0]:
            return False
        try:
            got = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += got
        return bool(got)

    def await_bytes(self, *wanted):
        while not any(word in self.seen for word in wanted):
            if not self.look():
                return False
        return True

    def type(self, letters):
        for letter in letters:
            self.seen = b""
            os.write(self.fd, letter.encode())
            if not self.await_bytes(letter.encode()):
                return f"'{letter}' does not come"
        return "ok"

    def press(self, keys):
        self.seen = b""
        os.write(self.fd, keys.encode().decode("unicode_escape").encode())
        return "ok"

    def read(self, words):
        return "ok" if self.await_bytes(words.encode()) else f"'{words}' does not come: {self.seen[-2000:]!r}"

    def leave(self):
        os.write(self.fd, LEAVE)
        return self.ended()

    def fall(self):
        os.kill(self.pid, signal.SIGKILL)
        return self.ended()

    def ended(self):
        while self.look():
            pass
        return f"left {os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])}"


def main():
    lab = Lab(sys.argv[1:])
    print("ready" if lab.await_bytes(*READY) else f"not ready: {lab.seen[-2000:]!r}", flush=True)
    for line in sys.stdin:
        word, _, rest = line.rstrip("\n").partition(" ")
        print(getattr(lab, word)(*([rest] if rest else [])), flush=True)
        if word in ("leave", "fall"):
            return


main()
