"""Starting and stopping: the server in its variants, floors, peers. KINDS has a row for each."""

import contextlib
import dataclasses
import grp
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

from lib.config import Failure

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
BUILD = ROOT / "build" / "bench"
FILE = "/favicon.svg"
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's packages
NCHAN = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

START_S = 10  # for a server to listen
STOP_S = 5  # for a server to end after SIGTERM
PEER_WORDS = "run `tools/deps bench`"


def check_call(argv, what, **options):
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", **options)
    if done.returncode:
        raise Failure(f"{what}: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout


# --- what is run ---


def stoa(run, server, port):
    data = run.data_of(server, port)
    where = ["--host", "127.0.0.1", "--port", str(port), "--data", str(data)]
    many = ["--limits-connections-per-address", "100000"]
    loops = ["--threads", str(server.threads)] if server.threads else []
    return [str(run.options.server), "serve", *where, *many, *loops, *server.options.split()]


def stoa_tls(run, server, port):
    cert, key = run.certificate()
    return [*stoa(run, server, port), "--tls-cert", str(cert), "--tls-key", str(key)]


def floor(run, server, port):
    return [str(BUILD / "floor"), str(port), str(run.file()), *server.options.split()]


def stoa_socketio(run, server, port):
    return [str(BUILD / "sio_rooms"), str(port), *server.options.split()]


def node(run, server, port):
    return [run.node, str(BENCH / "peers" / server.script), str(port)]


def fastapi(run, server, port):
    uvicorn = [PYTHON, "-B", "-m", "uvicorn", "--app-dir", str(BENCH / "peers")]
    plain = ["--log-level", "critical", "--no-access-log", "--backlog", "4096"]
    fast = ["--loop", "uvloop", "--http", "httptools", "--ws", "websockets"]
    where = ["--host", "127.0.0.1", "--port", str(port)]
    return [*uvicorn, *where, *plain, *fast, "fastapi_rooms:app"]


def nginx(run, server, port):
    me = pwd.getpwuid(os.getuid())
    here = run.dir / f"nginx-{port}"
    (here / "www").mkdir(parents=True, exist_ok=True)
    shutil.copy(run.file(), here / "www" / FILE.lstrip("/"))
    text = (BENCH / "peers" / server.script).read_text()
    fill = {
        "USER": me.pw_name,
        "GROUP": grp.getgrgid(me.pw_gid).gr_name,
        "DIR": str(here),
        "PORT": str(port),
        "EXTRA": server.options,
        "MODULE": str(NCHAN),
    }
    for name, value in fill.items():
        text = text.replace(f"@{name}@", value)
    (here / "nginx.conf").write_text(text)
    return [find_nginx(), "-p", str(here), "-e", "stderr", "-c", str(here / "nginx.conf")]


def find_nginx():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


# --- why it cannot be ---


def missing_stoa(run):
    here = run.options.server.exists()
    return None if here else f"no {run.options.server}: run `make release`"


def missing_library(run):
    return run.library_failure or (
        None if run.library().exists() else f"no {run.library()}: run `make release`"
    )


def missing_node(run):
    return None if run.node else f"npm's packages are not installed: {run.node_failure}"


def missing_nginx(run):
    return None if find_nginx() else f"nginx is not installed: {PEER_WORDS}"


def missing_nchan(run):
    return None if find_nginx() and NCHAN.exists() else f"nchan is not installed: {PEER_WORDS}"


def missing_fastapi(run):
    argv = [PYTHON, "-c", "import fastapi, uvicorn, uvloop, httptools, websockets"]
    done = subprocess.run(argv, capture_output=True, check=False) if shutil.which(PYTHON) else None
    return None if done and done.returncode == 0 else f"FastAPI is not installed: {PEER_WORDS}"


@dataclasses.dataclass(frozen=True)
class Kind:
    command: object  # (run, server, port) -> argv
    missing: object = lambda run: None  # -> why it cannot run, or None
    is_parent: bool = False  # the work is done in its one child process
    family: str = "peer"  # or ours, floor: how it is drawn


KINDS = {
    "stoa": Kind(stoa, missing_stoa, family="ours"),
    "stoa-tls": Kind(stoa_tls, missing_stoa, family="ours"),
    "stoa-library": Kind(stoa_socketio, missing_library, family="ours"),
    "floor": Kind(floor, family="floor"),
    "node": Kind(node, missing_node),
    "nginx": Kind(nginx, missing_nginx, is_parent=True),
    "nchan": Kind(nginx, missing_nchan, is_parent=True),
    "fastapi": Kind(fastapi, missing_fastapi),
}


# --- running it ---


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def is_listening(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def child_of(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


def get(port, path=FILE):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
        return reply.read()


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)  # a generator that failed may have left it stopped
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail_of(log):
    return log.read_text(errors="replace")[-600:]


class Run:
    """One run of everything: its directory, its options, and the processes it started."""

    def __init__(self, options, directory):
        self.options = options
        self.dir = pathlib.Path(directory)
        self.failures = []
        self.node = None  # the path, once peers are installed
        self.node_failure = "not tried"
        self.library_failure = None
        self.prepared = {}  # data folders by name
        self.ops = {}  # by (scenario, server): operations a second
        self.wrapper = []  # argv of what the server runs in

    def library(self):
        return self.options.server.parent / "libstoa.a"

    def pinned(self, core, argv):
        """Ends with this script, on one core; every wrapper becomes the next, so the pid stays."""
        return ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", str(core), *argv]

    def cores_of(self, server):
        o = self.options
        return o.server_core if server.cores == "one" else f"{o.server_core},{o.load_core}"

    def data_of(self, server, port):
        if server.data:
            return self.prepared[server.data]
        data = self.dir / f"data-{port}"
        shutil.rmtree(data, ignore_errors=True)  # a port may be free again
        data.mkdir()
        return data

    def spawn(self, server, port):
        """Returns the process and its log."""
        log = self.dir / f"{server.name.replace(' ', '-')}-{port}.log"
        command = [*self.wrapper, *KINDS[server.kind].command(self, server, port)]
        argv = self.pinned(self.cores_of(server), command)
        env = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
        with log.open("wb") as out:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=self.dir
            )
        return process, log

    @contextlib.contextmanager
    def started(self, server):
        """A running server: yields its port and the pid that does the work."""
        port = free_port()
        process, log = self.spawn(server, port)
        try:
            yield port, self.wait_ready(server, process, port, log)
        finally:
            if process.poll() is not None:
                ended = f"{server.name} ended by itself, status {process.returncode}"
                self.failures.append(f"{ended}\n{tail_of(log)}")
            stop(process)
            if not server.data:
                shutil.rmtree(self.dir / f"data-{port}", ignore_errors=True)

    def wait_ready(self, server, process, port, log):
        end = time.monotonic() + START_S
        while time.monotonic() < end and process.poll() is None:
            if is_listening(port):
                is_parent = KINDS[server.kind].is_parent
                pid = child_of(process.pid) if is_parent else process.pid
                if pid:
                    return pid
            time.sleep(0.02)
        raise Failure(f"{server.name} does not listen on {port}\n{tail_of(log)}")

    def file(self):
        """The bytes that every HTTP server serves: ours, as our server has them embedded."""
        path = self.dir / "file.svg"
        if path.exists():
            return path
        body = b"<svg>" + b" " * 1013 + b"</svg>"
        if not missing_stoa(self):
            with self.started(self.options.plain_stoa) as (port, _):
                body = get(port)
        path.write_bytes(body)
        return path

    def certificate(self):
        cert, key = self.dir / "cert.pem", self.dir / "key.pem"
        if not cert.exists():
            argv = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
            argv += f" -days 2 -subj /CN=localhost -out {cert} -keyout {key}"
            check_call(argv.split(), "certificate")
        return cert, key

    def install_peers(self):
        """Whoever cannot be installed is left out of the scenarios, with a word."""
        try:
            check_call([str(ROOT / "tools" / "npm-ci"), str(BENCH)], "npm ci", timeout=120)
            self.node = check_call([str(ROOT / "tools" / "node")], "node", timeout=120).strip()
        except (Failure, OSError, subprocess.TimeoutExpired) as e:
            self.node_failure = str(e)


# --- who they are ---


def versions(run):
    """Of everybody who can be asked, by name."""
    packages = json.loads((BENCH / "package.json").read_text())["dependencies"]
    found = {f"npm {name}": version for name, version in packages.items()} if run.node else {}
    if run.node:
        found["Node"] = check_call([run.node, "--version"], "node").strip().lstrip("v")
    for package in ("nginx", "libnginx-mod-nchan", "python3-fastapi", "python3-uvicorn"):
        argv = ["dpkg-query", "-W", "-f", "${Version}", package]
        with contextlib.suppress(Failure, OSError):
            found[package] = check_call(argv, package)
    return found
