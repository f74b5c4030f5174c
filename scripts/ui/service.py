"""The service beside a simulated Celonis, for the dashboard's test and pictures."""
import json
import os
import re
import socket
import subprocess
import urllib.error
import urllib.request

BUILD = os.environ.get("RELOADER_BUILD", ".build/debug")
TABLES = ["EKKO", "EKPO", "EKBE", "EKET", "VBAK", "VBAP", "LIKP", "LIPS", "BKPF", "BSEG", "KNA1", "LFA1"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def request(url, body=None, method=None, token="sender"):
    """Status and answer, decoded where it is JSON."""
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data=data, method=method, headers={
        "Content-Type": "application/json", "Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


class Program:
    def __init__(self, arguments, ready):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.line = ""
        for self.line in self.process.stdout:
            if re.search(ready, self.line):
                # Nobody reads further: what it writes must not fill a pipe.
                self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
                return
        raise RuntimeError(f"{arguments[0]} ended: {self.line}")

    def end(self, kill=False):
        self.process.kill() if kill else self.process.terminate()
        self.process.wait()
        self.drain.wait()


class World:
    """`models`: name -> settings (a YAML mapping's inside); `simulated`: name -> keys of a simulated model."""

    def __init__(self, folder, models, simulated={}, sources=("etl",)):
        self.folder, self.sources = folder, sources
        described = [{"pool_id": "pool", "data_model_id": name, "load_seconds": 0.3, **simulated.get(name, {})} for name in models]
        simulator = os.path.join(folder, "simulator.json")
        with open(simulator, "w") as file:
            json.dump({"models": described}, file)
        self.simulator = Program([f"{BUILD}/celonis-simulator", "--port", "0", "--config", simulator], "listens on")
        self.celonis = re.search(r"http://\S+", self.simulator.line)[0]
        self.admin, self.public = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.models = models
        self.ids = {name: name for name in models}
        self.start()

    def start(self):
        self.service = Program([f"{BUILD}/reloader", "serve", "--config", self.configure()], "listening")

    def change(self, name, id):
        """Gives the model another id, in the file that the service follows."""
        self.ids[name] = id
        self.configure()

    def configure(self):
        host = lambda url: url.removeprefix("http://")
        lines = [f"listen: {{ address: {host(self.public)} }}", f"admin: {{ address: {host(self.admin)} }}",
                 "celonis:", f"  base_url: {self.celonis}", "  max_concurrent_loads: 16",
                 '  auth: { type: oauth_client, client_id: "literal:demo-client", client_secret: "literal:demo-secret" }',
                 "  poll: { initial: 100ms, maximum: 500ms }", "models:"]
        lines += [f"  {json.dumps(name)}: {{ pool_id: pool, data_model_id: {self.ids[name]}, {settings} }}" for name, settings in self.models.items()]
        lines += ["sources:"] + [f'  {name}: {{ signature: {{ bearer: true }}, secrets: ["literal:sender"] }}' for name in self.sources]
        lines += ["rules:"] + [f"  - {{ name: {name}, source: [{', '.join(self.sources)}], when: {{ $.model: {name} }}, "
                               f"reload: {{ model: {name}, tables: {{ from: '$.tables[*]' }} }} }}" for name in self.models]
        lines += ["limits: { drain_timeout: 0s }"]
        path = os.path.join(self.folder, "reloader.yaml")
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def deliver(self, model, *tables, source=None, token="sender"):
        return request(f"{self.public}/hooks/{source or self.sources[0]}", {"model": model, "tables": tables}, token=token)

    def get(self, path):
        return request(self.admin + path)[1]

    def post(self, path):
        return request(self.admin + path, method="POST")

    def end(self):
        self.service.end(kill=True)
        self.simulator.end(kill=True)
