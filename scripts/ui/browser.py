"""Headless Chromium over its DevTools protocol: as much of it as the dashboard's test and pictures need."""
import asyncio
import base64
import contextlib
import json
import re
import shutil
import subprocess
import tempfile

import websockets


class Page:
    """One tab. `problems` collects what the console or the page complained about."""

    def __init__(self, socket):
        self.socket, self.next, self.answers, self.problems = socket, 0, {}, []
        self.reader = asyncio.create_task(self.read())

    async def read(self):
        with contextlib.suppress(websockets.ConnectionClosed):
            await self.listen()

    async def listen(self):
        async for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                self.answers.pop(message["id"]).set_result(message)
                continue
            parameters = message.get("params", {})
            match message["method"]:
                case "Runtime.exceptionThrown":
                    self.problems.append(json.dumps(parameters["exceptionDetails"]))
                case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                    self.problems.append(json.dumps(parameters["args"]))
                case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                    self.problems.append(f'{parameters["entry"]["text"]} {parameters["entry"].get("url", "")}')

    async def call(self, method, **parameters):
        self.next += 1
        self.answers[self.next] = answer = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"id": self.next, "method": method, "params": parameters}))
        message = await asyncio.wait_for(answer, 60)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message["result"]

    async def open(self, url):
        for domain in ("Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)

    async def run(self, script):
        """The value of a JavaScript expression; promises are awaited."""
        result = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {json.dumps(result['exceptionDetails'])}")
        return result["result"].get("value")

    async def until(self, script, what, seconds=20):
        """Looks again with each frame that the page draws, until the expression is true."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not await self.run(f"Promise.resolve({script}).then(Boolean)"):
            if asyncio.get_running_loop().time() > deadline:
                text = await self.run("document.body.innerText")
                raise AssertionError(f"not seen within {seconds} s: {what}\n{text}\n{self.problems}")
            await self.run("new Promise((done) => setTimeout(done, 50))")

    async def size(self, width, height):
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        await self.run("new Promise((done) => setTimeout(done, 300))")

    async def theme(self, name):
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    async def key(self, name, code, text=""):
        keys = {"key": name, "code": name, "windowsVirtualKeyCode": code}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **keys)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **keys)

    async def picture(self, path, whole=False):
        data = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(data["data"]))


@contextlib.asynccontextmanager
async def browser():
    """Yields a function that opens a page; the browser and its folder are gone afterwards."""
    folder = tempfile.mkdtemp()
    process = subprocess.Popen(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"],
        stderr=subprocess.PIPE, text=True)
    try:
        lines = asyncio.get_running_loop().run_in_executor(None, address, process)
        main = await asyncio.wait_for(lines, 60)
        async with contextlib.AsyncExitStack() as sockets:
            control = Page(await sockets.enter_async_context(websockets.connect(main, max_size=None, ping_interval=None)))

            async def open_page(url):
                target = await control.call("Target.createTarget", url="about:blank")
                place = re.sub("/devtools/browser/.*", f"/devtools/page/{target['targetId']}", main)
                page = Page(await sockets.enter_async_context(websockets.connect(place, max_size=None, ping_interval=None)))
                await page.open(url)
                return page

            yield open_page
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def address(process):
    for line in process.stderr:
        if found := re.search(r"DevTools listening on (ws://\S+)", line):
            return found[1]
    raise RuntimeError("chromium ended early")
