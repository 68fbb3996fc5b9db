"""The real kodelabd for the browser's tests, with somebody in it; and a site that is not ours."""

import http.server
import json
import os
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request

from webdriver import Failure

PASSWORD = "a password for tests"
CONFIG = """listen = 127.0.0.1:0
data = {0}
judge.enabled = false
accounts.hash_kib = 64
accounts.hash_passes = 1
"""


class Server:
    def __init__(self, program, folder):
        self.program, self.config = program, os.path.join(folder, "conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder))
        self.process = subprocess.Popen([program, "--config", self.config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, text=True)
        self.url = f"http://127.0.0.1:{self._listening()}"
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def _listening(self):
        """Its port. What it says afterwards is read by nobody."""
        for line in self.process.stderr:
            if found := re.search(r'"listening","address":"127.0.0.1:(\d+)"', line):
                return found.group(1)
        raise Failure("the server does not listen")

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait() != 0:
            raise Failure(f"the server ended with {self.process.returncode}")

    def add_user(self, name):
        subprocess.run([self.program, "--config", self.config, "user", "add", name], input=PASSWORD + "\n", text=True, check=True)

    def ask(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def begin(self, device):
        """A terminal asks: what it asks with, and what it shows."""
        status, answer = self.ask("/api/auth/device", {"device": device})
        if status != 200:
            raise Failure(f"no code: {answer}")
        return answer["data"]

    def poll(self, codes):
        return self.ask("/api/auth/device/token", {"device_code": codes["device_code"]})


class OtherSite:
    """Serves one page, from another origin."""

    def __init__(self, html):
        page = html.encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 (the name is the library's)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
