"""A class server that means harm, and what its labs show of it.

usage: hostile.py serve PORT MODE           relays to the class server there, and prints its own port. MODE is a file with one
                                            line: "texts [KEY...]" puts the corpus into every text of every answer (and into
                                            members of these names), "bytes" bytes that are no UTF-8, "refuse" answers
                                            every request with a refusal in such words, "unwanted" so each item of a push
       hostile.py check FILE...             nothing in them is a control, nothing turns or hides text, no line is forged
       hostile.py pack FOLDER MODEL         makes the pack "evil" there, of a challenge of MODEL with the corpus in its texts
       hostile.py screens KEYS WORDS PROGRAM...  runs the lab on a terminal of its own, presses each of KEYS, waits for the
                                            word that follows it, and looks at every byte that was sent there
"""

import fcntl
import http.client
import http.server
import json
import os
import pty
import re
import select
import shutil
import struct
import sys
import termios
import unicodedata

# What terminals obey, each in a form that the lab itself never sends; what turns or hides text; a pile of accents.
CORPUS = ["\x1b[2;7;7J", "\x1b[31;7;7m", "\x1b[?1049;7l", "\x1b[7;7;7r", "\x1b[0;7;7c", "\x1b[6;7n", "\x1b[21;7t", "\x1bc",
          "\x1b]0;owned\x07", "\x1b]2;owned\x1b\\", "\x1b]8;;http://owned\x1b\\", "\x1b]52;c;b3duZWQ=\x07", "\x1b]52;c;?\x07",
          "\x1b]11;?;owned\x07", "\x1bPowned\x1b\\", "\x1b_owned\x1b\\", "\x1b^owned\x1b\\", "\x1bXowned\x1b\\",
          "\x9b31m", "\x9d0;owned\x9c", "\x90owned\x9c", "\x85", "\x8d", "bell\x07", "back\x08", "line\r", "gone\x7f",
          "\nkodelab: forged\nforged\n",
          "\u202e", "\u2066", "\u2069", "\u200b", "\u2028", "\ufeff", "\U000e0041", "e" + "\u0301" * 40]
KEPT = {"id", "public_key", "token", "refresh_token", "device_code", "pack", "slug", "hash", "sha256", "signature", "code", "role",
        "language", "kind", "type", "state", "status", "verdict", "joining", "late", "from", "version", "key"}
PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}|[A-Z_]+|")
FORGED = re.compile(r"^(kodelab: )?forged", re.MULTILINE)
HIDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
ASKED, KNOWN = b"\x1b[c", "\x1b[?62c"  # what the lab asks of its terminal last, and an answer
SECONDS = 60  # until something is seen on a busy machine


# --- the server ---

def poisoned(value, keys, key="", turn=0):
    if isinstance(value, dict):
        return {name: poisoned(item, keys, name, turn + i) for i, (name, item) in enumerate(value.items())}
    if key == "interval":
        return 1  # nobody waits longer than he must
    if isinstance(value, list):
        return [poisoned(item, keys, key, turn + i) for i, item in enumerate(value)]
    if isinstance(value, str) and (key in keys or key not in KEPT and not PLAIN.fullmatch(value)):
        at = turn % len(CORPUS)
        return "".join(CORPUS[at:] + CORPUS[:at]) + value
    return value


def changed(body, mode):
    """The answer with the corpus in its texts."""
    what, *keys = mode.split()
    value = poisoned(json.loads(body), keys)
    if what == "texts":
        return json.dumps(value).encode()
    return body.replace(b'":"', b'":"\x9b31m\x9d0;owned\x9c')


def unwanted(body):
    """A push's items, each refused for good in such words."""
    error = {"code": "VALIDATION_ERROR", "message": "".join(CORPUS)}
    items = [{"id": item["id"], "end": "refused", "receipt": None, "error": error} for item in json.loads(body)["items"]]
    return json.dumps({"success": True, "data": {"items": items}}).encode()


class Relay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with open(sys.argv[3], encoding="ascii") as file:
            mode = file.read().strip()
        if mode == "refuse" or self.path.endswith("/device/token"):
            words = "".join(CORPUS)
            refusal = {"success": False, "error": {"code": words, "message": words, "details": {words: words}}}
            self.answer(403, [("Content-Type", "application/json")], json.dumps(refusal).encode())
            return
        if mode == "unwanted" and self.path == "/api/sync/push":
            self.answer(200, [("Content-Type", "application/json")], unwanted(body))
            return
        there = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=600)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("accept-encoding", "connection")}
        there.request(self.command, self.path, body or None, headers)
        reply = there.getresponse()
        body = reply.read()
        if mode != "unwanted" and (reply.getheader("Content-Type") or "").startswith("application/json"):
            body = changed(body, mode)
        elif (reply.getheader("Content-Type") or "").startswith("text/csv"):
            body = "".join(CORPUS).encode() + b"\x9b31m" + body
        self.answer(reply.status, [(name, value) for name, value in reply.getheaders()
                                   if name.lower() not in ("content-length", "connection", "transfer-encoding")], body)
        there.close()

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = relay

    def log_message(self, *words):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    print(server.server_port, flush=True)
    server.serve_forever()


# --- what came of it ---

def controls(text, allowed):
    return {f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in HIDING and char not in allowed}


def check(name, data):
    """data: what a command wrote."""
    text = data.decode("utf-8")
    found = controls(text, "\n\t")
    if found:
        raise SystemExit(f"{name} has {sorted(found)}")
    if FORGED.search(text):
        raise SystemExit(f"{name} has a line that is not the lab's:\n{text}")


def make_pack(folder, model):
    """The challenge of another pack, with the corpus in its texts: whole where a text has lines, what is no control where it is one."""
    line, text = "".join(item for item in CORPUS if item[0] > "\xa0"), "".join(item for item in CORPUS if "forged" not in item)
    shutil.copytree(f"{model}/add", f"{folder}/harm")
    with open(f"{folder}/harm/challenge.json", encoding="utf-8") as file:
        challenge = json.load(file)
    challenge.update(title=f"Harm{line[:9]}", summary=f"Harm{line}", author=f"Harm{line}", licence=f"MIT{line}", hints=[text])
    with open(f"{folder}/harm/tests.json", encoding="utf-8") as file:
        tests = json.load(file)
    for test in tests["tests"]:
        test["name"] = f"harm{line[:9]}"
    pack = {"format": 1, "id": "evil", "title": f"Harm{line}", "description": line, "author": line, "licence": line, "version": "1.0.0",
            "challenges": ["harm"]}
    for name, value in (("pack", pack), ("harm/challenge", challenge), ("harm/tests", tests)):
        with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
            json.dump(value, file)
    with open(f"{folder}/harm/statement.md", "w", encoding="utf-8") as file:
        file.write(f"Print the sum. {text}\n")


def check_screen(data):
    """data: all that went to a terminal; the lab's own sequences are in it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SystemExit(f"on the terminal: {data[error.start - 200:error.end + 20]!r} is no UTF-8") from error
    found = controls(text, "".join(map(chr, range(0x20)))) | {repr(item) for item in CORPUS[:-1] if item in text}
    if found:
        raise SystemExit(f"on the terminal: {sorted(found)}")


def screens(keys, words, command):
    pid, terminal = pty.fork()
    if not pid:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
        os.execvp(command[0], command)
    data, seen = b"", 0

    def wait_for(word):
        nonlocal data, seen
        while word not in data[seen:]:
            if not select.select([terminal], [], [], SECONDS)[0]:
                raise SystemExit(f"{word!r} is not seen; the last was {data[-2000:]!r}")
            data += os.read(terminal, 65536)
        seen = data.index(word, seen) + len(word)

    try:
        wait_for(ASKED)
        for key, word in zip([KNOWN + keys[0], *keys[1:]], words):
            if key:
                seen = len(data)
                os.write(terminal, key.encode())
            wait_for(word.encode())
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    check_screen(data)


if sys.argv[1] == "serve":
    serve()
elif sys.argv[1] == "pack":
    make_pack(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "check":
    for path in sys.argv[2:]:
        with open(path, "rb") as stream:
            check(path, stream.read())
else:
    screens(json.loads(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4:])
