"""A browser that is told what to do: a small client of the W3C WebDriver protocol.

Only Python's standard library. Starts Debian's chromedriver and through it a chromium without a
window; both end with the object.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
WAIT_S = 15
# Of the driver's own waits: a page that never ends loading is a fault, not a long test.
LIMITS_MS = {"pageLoad": 20_000, "script": 30_000, "implicit": 0}


class WebDriverError(Exception):
    """What the browser said no to."""


class Browser:
    """One browser. `dark`: its owner likes dark pages; `scripts`: it runs them."""

    def __init__(self, width=1280, height=900, dark=False, scripts=True):
        self.profile = tempfile.mkdtemp(prefix="bisectd-browser-")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True)
        self.base = f"http://127.0.0.1:{self._port_of_driver()}"
        arguments = [
            "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", "--force-color-profile=srgb",
            "--disable-dev-shm-usage",  # containers have little of it
            f"--user-data-dir={self.profile}", f"--window-size={width},{height}",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # chromium refuses to be root inside its sandbox
        options = {"args": arguments, "prefs": {}}
        if not scripts:
            options["prefs"]["profile.managed_default_content_settings.javascript"] = 2
        always = {"browserName": "chrome", "timeouts": LIMITS_MS, "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": always}})
        self.session = f"/session/{answer['sessionId']}"
        self.look(width, height, dark)

    def _port_of_driver(self):
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return int(found.group(1))
        raise WebDriverError("chromedriver did not start")

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(f"{value['error']}: {value['message']}") from None

    def command(self, method, path, body=None):
        return self._call(method, self.session + path, body)

    def devtools(self, name, **parameters):
        return self.command("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def look(self, width, height, dark):
        """A screen of this size, in this theme."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=width < 600)
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[theme])

    def open(self, address):
        self.command("POST", "/url", {"url": address})

    def tab(self):
        return self.command("GET", "/window")

    def new_tab(self):
        """Opens a tab and shows it."""
        self.show_tab(self.command("POST", "/window/new", {"type": "tab"})["handle"])

    def show_tab(self, handle):
        self.command("POST", "/window", {"handle": handle})
        self.devtools("Page.bringToFront")

    def close_tab(self):
        """Closes the one that is shown; another must be shown next."""
        self.command("DELETE", "/window")

    def run(self, script, *arguments):
        """Runs the body of a function in the page; gives what it returns."""
        return self.command("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        """The same; the function calls its last argument when it is done."""
        return self.command("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def find(self, selector):
        value = self.command("POST", "/element", {"using": "css selector", "value": selector})
        return value[ELEMENT]

    def click(self, selector):
        self.command("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self.command("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, key):
        """Presses a key, wherever the focus is."""
        actions = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.command("POST", "/actions",
                     {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def text(self, selector="main"):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def wait(self, script, *arguments, seconds=WAIT_S):
        """Until the script returns something true; gives that."""
        until = time.monotonic() + seconds
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > until:
                raise WebDriverError(f"never came true: {script} {arguments}\n{self.text('body')}")
            time.sleep(0.05)

    def wait_text(self, text, selector="main", seconds=WAIT_S):
        return self.wait(
            "return (document.querySelector(arguments[0])?.innerText ?? '').includes(arguments[1])",
            selector, text, seconds=seconds)

    def complaints(self):
        """What the page's console has said since the last call."""
        return [entry["message"] for entry in
                self.command("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def screenshot(self, path, whole=False):
        more = {"captureBeyondViewport": True} if whole else {}
        if whole:
            size = self.run("return [document.documentElement.clientWidth,"
                            "document.documentElement.scrollHeight]")
            more["clip"] = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], 6000),
                            "scale": 1}
        data = self.devtools("Page.captureScreenshot", format="png", **more)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        try:
            self.command("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(10)
            self.driver.stdout.close()
            shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
