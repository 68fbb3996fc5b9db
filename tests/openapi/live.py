"""A real kodelabd with a small class in it, for tests that ask what no client asks."""

import atexit
import gzip
import http.client
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
import uuid

PASSWORD = "a password for tests"
CONFIG = """listen = 127.0.0.1:0
data = {folder}
judge.enabled = false
accounts.registration = open
accounts.hash_kib = 8
accounts.hash_passes = 1
accounts.requests_per_minute = 0
accounts.submissions_per_minute = 0
accounts.login_failures = 100000
log.requests = false
"""
ABOUT = {"format": 1, "summary": "Say it again.", "difficulty": "BEGINNER", "category": "basics", "minutes": 5,
         "kind": "program", "languages": ["bash"]}


def pack(name, title, slugs):
    """A pack's archive, whose challenges print what comes in."""
    files = {"pack.json": json.dumps({"format": 1, "id": name, "title": title, "challenges": slugs})}
    for slug in slugs:
        files |= {
            f"{slug}/challenge.json": json.dumps({"title": slug.title(), **ABOUT}),
            f"{slug}/statement.md": "Print whatever comes in, every line of it, exactly as it is.\n",
            f"{slug}/tests.json": json.dumps({"tests": [{"id": "one", "sample": True, "stdin": "1", "stdout": "1"}]}),
            f"{slug}/starter/bash.sh": "true\n",
            f"{slug}/solution/bash.sh": "cat\n",
        }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, text in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def new_id():
    """UUID version 7."""
    return str(uuid.UUID(int=(int(time.time() * 1000) << 80) | 7 << 76 | uuid.uuid4().int & (0xFFF << 64) | 2 << 62 | uuid.uuid4().int & ((1 << 62) - 1)))


class Answer:
    def __init__(self, reply):
        self.status = reply.status
        self.kind = (reply.getheader("Content-Type") or "").split(";")[0]
        stream = self.kind == "text/event-stream"
        self.body = b"" if stream else reply.read()
        if reply.getheader("Content-Encoding") == "gzip":
            self.body = gzip.decompress(self.body)
        self.ends = stream or reply.will_close

    def json(self):
        return json.loads(self.body)


class Server:
    def __init__(self, program):
        self.program, self.folder = program, tempfile.mkdtemp(prefix="kodelabd-")
        self.config, self.log = self.folder + "/conf", self.folder + "/log"
        with open(self.config, "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=self.folder))
        self.connection = None
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.bind(self.folder + "/notify")
        ready.settimeout(300)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program, "--config", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, "NOTIFY_SOCKET": self.folder + "/notify"})
        atexit.register(self.clear)
        while b"READY=1" not in ready.recv(256):
            pass
        ready.close()
        self.port = int(re.search(r'"listening","address":"127.0.0.1:(\d+)', self.text())[1])

    def text(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def ask(self, method, path, headers=None, body=None):
        """One request as it is, down the one connection; None: the server hung up without a word."""
        for _ in range(2):
            again = self.connection is not None
            if not again:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
            try:
                self.connection.request(method, path, body=body, headers=headers or {})
                answer = Answer(self.connection.getresponse())
                if answer.ends:
                    self.close()
                return answer
            except (ConnectionError, http.client.HTTPException):
                self.close()
                if not again:
                    return None
        return None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def json(self, method, path, who, value=None, kind="application/json"):
        headers, body = dict(who), value
        if value is not None:
            headers["Content-Type"] = kind
            body = value if isinstance(value, bytes) else json.dumps(value)
        answer = self.ask(method, path, headers, body)
        if not answer or answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer and answer.status} {answer and answer.body}")
        return answer.json()["data"]

    def sign_in(self, name, role="student"):
        subprocess.run([self.program, "--config", self.config, "user", "add", name, "--role", role],
                       input=PASSWORD + "\n", text=True, check=False, capture_output=True)
        return self.again(name)

    def again(self, name):
        data = self.json("POST", "/api/auth/login", {}, {"name": name, "password": PASSWORD})
        return {"Authorization": "Bearer " + data["token"]}

    def peak_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1])

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        """Its exit status, and the lines of its log that tell of a fault of its own."""
        self.close()
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait()
        bad = [line for line in self.text().splitlines() if '"level":"error"' in line or "Sanitizer" in line or "runtime error" in line]
        self.clear()
        return status, bad

    def clear(self):
        """Nothing stays, also when a test has broken off."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.folder + "-keys", ignore_errors=True)


class Scene:
    """A course with an assignment, a team, a student and what he handed in; ids by the names that paths have for them."""

    def __init__(self, server):
        self.server = server
        self.root = server.sign_in("root", "admin")
        self.student = server.sign_in("ada")
        json_ = server.json
        json_("POST", "/api/packs", self.root, pack("tiny", "Tiny", ["echo", "same"]), "application/gzip")
        course = json_("POST", "/api/courses", self.root, {"title": "Echoes"})
        json_("POST", "/api/courses/join", self.student, {"code": course["code"]})
        inside = "/api/courses/" + course["id"]
        item = [{"pack": "tiny", "slug": "echo", "points": 10}]
        self.ids = {
            "course": course["id"],
            "assignment": json_("POST", inside + "/assignments", self.root, {"title": "Week 1", "items": item})["id"],
            "team": json_("POST", inside + "/teams", self.root, {"name": "Red"})["id"],
            "user": json_("GET", "/api/auth/me", self.student)["id"],
            "session": json_("GET", "/api/users/me/sessions", self.student)[0]["id"],
            "invitation": json_("POST", "/api/invitations", self.root, {})["id"],
            "pack": "tiny", "slug": "echo", "language": "bash", "name": "ada", "id": "1", "token": new_id(),
            "rejudge": new_id(), "work": new_id(),
        }
        work = {"id": self.ids["work"], "hash": "a" * 64, "body": {"pack": "tiny", "slug": "echo", "stars": 5, "comment": "100%"}, "kind": "rating"}
        json_("POST", "/api/sync/push", self.student, {"items": [work]})
