"""A browser by the W3C WebDriver protocol: no more of it than the tests need."""

import atexit
import base64
import json
import os
import shutil
import signal
import subprocess
import threading
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
TAB = "\ue004"
PATIENCE_S = 120  # far longer than anything here takes


class Failure(Exception):
    pass


class Browser:
    """Chromium behind chromedriver, with a folder of its own."""

    def __init__(self, folder, scripts=True):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
            env={**os.environ, "HOME": folder, "TMPDIR": folder},
        )
        atexit.register(self._end)  # also when a test has broken off
        self.session = None
        self.url = f"http://127.0.0.1:{self._port()}"
        arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", f"--user-data-dir={folder}/profile"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium's own sandbox does not run as root
        options = {"args": arguments}
        if not scripts:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = answer["sessionId"]

    def _port(self):
        waiting = threading.Timer(PATIENCE_S, self.driver.kill)
        waiting.start()
        try:
            for line in self.driver.stdout:
                if "started successfully on port" in line:
                    return int(line.rstrip(".\n").rsplit(" ", 1)[1])
        finally:
            waiting.cancel()
        raise Failure("chromedriver does not start")

    def _ask(self, method, path, body=None):
        prefix = f"/session/{self.session}" if self.session else ""
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + prefix + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise Failure(f"{path}: {value['error']}: {value['message'].splitlines()[0]}") from None

    def close(self):
        try:
            if self.session:
                self._ask("DELETE", "")
        finally:
            self._end()

    def _end(self):
        atexit.unregister(self._end)
        os.killpg(self.driver.pid, signal.SIGKILL)
        self.driver.wait()
        self.driver.stdout.close()

    # --- pages

    def open(self, url):
        self._ask("POST", "/url", {"url": url})

    def back(self):
        self._ask("POST", "/back")

    def title(self):
        return self._ask("GET", "/title")

    def source(self):
        return self._ask("GET", "/source")

    def find(self, selector):
        """What there is of it, perhaps nothing."""
        found = self._ask("POST", "/elements", {"using": "css selector", "value": selector})
        return [node[ELEMENT] for node in found]

    def one(self, selector):
        found = self.find(selector)
        if len(found) != 1:
            raise Failure(f"{len(found)} of {selector} in {self.title()}")
        return found[0]

    def text(self, selector="main"):
        return self._ask("GET", f"/element/{self.one(selector)}/text")

    def attribute(self, node, name):
        return self._ask("GET", f"/element/{node}/attribute/{name}")

    def type(self, selector, text):
        node = self.one(selector)
        self._ask("POST", f"/element/{node}/clear")
        self._ask("POST", f"/element/{node}/value", {"text": text})

    def click(self, selector):
        self._ask("POST", f"/element/{self.one(selector)}/click")

    def submit(self, selector):
        """Clicks, and waits for the page that comes of it: the driver waits for what this one does not have."""
        self.run("document.documentElement.setAttribute('data-left', '')")
        self.click(selector)
        self._ask("POST", "/timeouts", {"implicit": 1000 * PATIENCE_S})
        arrived = self.find("html:not([data-left])")
        self._ask("POST", "/timeouts", {"implicit": 0})
        if not arrived:
            raise Failure("in vain: another page after " + selector)

    def press(self, key):
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def focused(self):
        return self._ask("GET", "/element/active")[ELEMENT]

    def enter_frame(self, selector):
        self._ask("POST", "/frame", {"id": {ELEMENT: self.one(selector)}})

    def run(self, script):
        return self._ask("POST", "/execute/sync", {"script": script, "args": []})

    def complaints(self):
        """What the browser logged of the pages: violations of their policy, failures to load."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    # --- looks

    def devtools(self, command, **parameters):
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def width(self, pixels, height=640):
        self.devtools("Emulation.setDeviceMetricsOverride", width=pixels, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, **features):
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def plain(self):
        self.devtools("Emulation.clearDeviceMetricsOverride")
        self.media()

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._ask("GET", "/screenshot")))


def there():
    return shutil.which("chromedriver") and shutil.which("chromium")
