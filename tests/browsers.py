"""Two small clients that drive a browser without a driver of their own: Chromium by its pipe, Firefox by Marionette."""

import base64
import json
import os
import shutil
import socket
import subprocess
import time

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
FIREFOX = next(filter(None, map(shutil.which, ["firefox-esr", "firefox"])), None)


class Chromium:
    """A headless Chromium with one page: `open`, `run`, `press`, `touch`, `shot`, `errors`, `asked`.

    Args:
        folder: an empty one, for its profile.
        flags: further ones.
    """

    def __init__(self, folder, *flags):
        there, ours_out = os.pipe()
        ours_in, here = os.pipe()
        command = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                   "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={folder}", "--remote-debugging-pipe",
                   "--use-fake-ui-for-media-stream", *flags]  # fmt: skip

        def pipes():
            high_in, high_out = os.dup(there), os.dup(here)
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)

        self.process = subprocess.Popen(
            [CHROMIUM, *command], preexec_fn=pipes, close_fds=False, stderr=subprocess.DEVNULL
        )
        os.close(there)
        os.close(here)
        self.out, self.into = ours_out, os.fdopen(ours_in, "rb", 0)
        self.count, self.rest, self.errors, self.asked, self.session = 0, b"", [], [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """One command of the DevTools protocol; events on the way are noted."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)

    def _next(self):
        while b"\0" not in self.rest:
            piece = self.into.read(65536)
            if not piece:
                raise RuntimeError("the browser closed")
            self.rest += piece
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def _note(self, event):
        about = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(about["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif event.get("method") == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
            self.errors.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")
        elif event.get("method") == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning"):
            self.errors.append(str(about["args"]))
        elif event.get("method") == "Network.requestWillBeSent":
            self.asked.append(about["request"]["url"])

    def open(self, address, wide=1200, high=1000):
        """Shows a page in a window of this size."""
        self.call("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=1, mobile=wide < 600)
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def run(self, script):
        """The value of an expression, awaited."""
        made = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in made:
            raise RuntimeError(made["exceptionDetails"])
        return made["result"].get("value")

    def wait(self, condition, seconds=20):
        """Until an expression is true."""
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.05)

    def press(self, key):
        """A key of the keyboard, for what has the focus."""
        code = {"Enter": 13, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}[key]
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code} | ({"text": "\r"} if key == "Enter" else {})
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, **about)

    def touch(self, *places):
        """One finger, from place to place of the window."""
        for kind, (x, y) in zip(["touchStart"] + ["touchMove"] * len(places), places, strict=False):
            self.call("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y}])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def renew(self):
        """Forgets what earlier pages did."""
        self.errors.clear()
        self.asked.clear()

    def shot(self, path, whole=True):
        """A picture of the page."""
        made = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(made["data"]))

    def close(self):
        """Ends the browser."""
        self.process.terminate()
        self.process.wait(20)
        os.close(self.out)
        self.into.close()


class Firefox:
    """A headless Firefox with one page: `open`, `run` (an expression, awaited), `press`, `touch`, `shot`, `errors`.

    Args:
        folder: an empty one, for its profile.
    """

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "user.js").write_text(
            f'user_pref("marionette.port", {port});\nuser_pref("media.autoplay.default", 0);\n'
            'user_pref("media.navigator.streams.fake", true);\n'
            'user_pref("media.navigator.permission.disabled", true);\n'
        )
        self.process = subprocess.Popen(
            [FIREFOX, "--headless", "--marionette", "-remote-allow-system-access", "--no-remote", "--profile", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(400):
            try:
                self.line = socket.create_connection(("127.0.0.1", port), 60)
                break
            except OSError:
                time.sleep(0.1)
        self.file, self.count = self.line.makefile("rb"), 0
        self._read()
        self.call("WebDriver:NewSession")

    def _read(self):
        size = b""
        while not size.endswith(b":"):
            size += self.file.read(1)
        return json.loads(self.file.read(int(size[:-1])))

    def call(self, command, **parameters):
        """One command of Marionette."""
        self.count += 1
        text = json.dumps([0, self.count, command, parameters]).encode()
        self.line.sendall(str(len(text)).encode() + b":" + text)
        _, _, error, value = self._read()
        if error:
            raise RuntimeError(f"{command}: {error['message']}")
        return value

    def open(self, address, wide=1200, high=1000):
        """Shows a page in a window of this size."""
        self.call("WebDriver:SetWindowRect", width=wide, height=high)
        self.call("WebDriver:Navigate", url=address)

    def run(self, script):
        """The value of an expression, awaited."""
        body = f"const done = arguments[0]; Promise.resolve(({script})).then(done, (e) => done(String(e)));"
        return self.call("WebDriver:ExecuteAsyncScript", script=body, args=[], sandbox=None)["value"]

    wait = Chromium.wait

    def press(self, key):
        """A key of the keyboard, for what has the focus."""
        value = {"Enter": "\ue007", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014"}[key]
        steps = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        self.call("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": steps}])

    def touch(self, *places):
        """One finger, from place to place of the window."""
        moves = [{"type": "pointerMove", "x": int(x), "y": int(y), "duration": 0} for x, y in places]
        steps = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        finger = {"type": "pointer", "id": "finger", "parameters": {"pointerType": "touch"}, "actions": steps}
        self.call("WebDriver:PerformActions", actions=[finger])

    def renew(self):
        """Forgets what earlier pages did."""
        self.call("Marionette:SetContext", value="chrome")
        self.call("WebDriver:ExecuteScript", script="Services.console.reset()", args=[])
        self.call("Marionette:SetContext", value="content")

    @property
    def errors(self):
        """What the page's scripts complained about."""
        self.call("Marionette:SetContext", value="chrome")
        script = """return Services.console.getMessageArray().filter((m) => m instanceof Ci.nsIScriptError
            && !(m.flags & 1) && /^(http:..127|file:)/.test(m.sourceName)).map((m) => m.message)"""
        found = self.call("WebDriver:ExecuteScript", script=script, args=[])["value"]
        self.call("Marionette:SetContext", value="content")
        return found

    def shot(self, path):
        """A picture of the page."""
        path.write_bytes(base64.b64decode(self.call("WebDriver:TakeScreenshot", full=True)["value"]))

    def close(self):
        """Ends the browser."""
        self.line.close()
        self.process.terminate()
        self.process.wait(20)
