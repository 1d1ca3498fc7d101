"""How fast `changeover serve` answers: 64 clients that take and give back slots, one core for the service."""

import dataclasses
import json
import os
import pathlib
import resource
import signal
import sys
import tempfile
import time

from authority import Authority
from figures import Figure
from stage import HERE, rig

sys.path.append(str(HERE.parent / "scenario"))
from store_server import Store  # noqa: E402

CLIENTS, SECONDS, SLOTS = 64, 5, 2
SYNCS = 200
MEMORY = pathlib.Path("/dev/shm")    # what is left without a disk


@dataclasses.dataclass
class Way:
    """One way to run the service: options of its command line, and the files that clients need for TLS."""

    name: str
    options: list
    files: list = dataclasses.field(default_factory=list)
    journal: pathlib.Path | None = None
    is_judged: bool = True

    def __post_init__(self):
        rate, most = (5000, 10) if self.is_judged else (None, None)
        self.rate = Figure(f"lock requests per second, {self.name}", goal=rate, at_least=True)
        self.most = Figure(f"99 of 100 lock requests, {self.name}", "ms", most, digits=1)
        self.longest = Figure(f"the longest of all lock requests, {self.name}", "ms", digits=1)
        self.cpu = Figure(f"CPU for one lock request, {self.name}", "us", 200 if self.is_judged else None)
        self.exceeded = Figure(f"groups with too many holders, {self.name}", goal=0, judged="worst")

    def add(self, seen):
        self.rate.add(seen["per_second"])
        self.most.add(seen["p99_ms"])
        self.longest.add(seen["most_ms"])
        self.cpu.add(seen["cpu_us"])
        self.exceeded.add(int(seen["limit_exceeded"]))

    def figures(self):
        return [self.rate, self.most, self.longest, self.cpu, self.exceeded]


def on_core(core):
    """For a child: the service has a core of its own, as far as other work leaves it one."""
    return lambda: os.sched_setaffinity(0, {core})


def sync_ms(folder):
    """What one sync costs on this disk at this moment, where neither the file's size nor its place changes."""
    with open(folder / "sync", "wb", buffering=0) as file:
        file.write(bytes(4096 * SYNCS))
        os.fsync(file)
        file.seek(0)
        began = time.perf_counter()
        for _ in range(SYNCS):
            file.write(b"x" * 4096)
            os.fdatasync(file)
    return (time.perf_counter() - began) * 1000 / SYNCS


def others_s():
    """CPU time that this machine has given to all but our children that have ended."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    ours = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK") - ours.ru_utime - ours.ru_stime


def load(way):
    """What the clients saw."""
    others = others_s()
    if way.journal:
        way.journal.unlink(missing_ok=True)
    service = rig.subprocess.Popen([rig.changeover(), "serve", "--listen", "127.0.0.1:0", "--slots", str(SLOTS),
                                    *way.options],
                                   stdout=rig.subprocess.PIPE, text=True, preexec_fn=on_core(0))
    try:
        port = service.stdout.readline().split(" (")[0].rsplit(":", 1)[1]
        clients = rig.subprocess.run([rig.TOP / "build/release/tests/lock_load", port, str(CLIENTS), str(SECONDS),
                                      str(SLOTS), *way.files],
                                     capture_output=True, text=True, timeout=60, preexec_fn=on_core(1))
        if clients.returncode:
            raise rig.Failed(f"lock_load ended with {clients.returncode}: {clients.stderr}")
        seen = json.loads(clients.stdout)
    finally:
        service.send_signal(signal.SIGINT)
        _, service.returncode, spent = os.wait4(service.pid, 0)
        service.stdout.close()
    seen["cpu_us"] = (spent.ru_utime + spent.ru_stime) * 1e6 / (seen["per_second"] * SECONDS)
    seen["others"] = (others_s() - others) / SECONDS
    return seen


def in_file(name, folder, **settings):
    return Way(name, ["--journal", folder / "journal.db"], journal=folder / "journal.db", **settings)


def with_tls(folder):
    tls = Authority(folder)
    tls.issue("client", "client.example.com")
    way = in_file("TLS", folder, files=[folder / name for name in ("ca.pem", "client.pem", "client.key")])
    way.options += ["--tls-certificate", folder / "server.pem", "--tls-key", folder / "server.key", "--client-ca",
                    folder / "ca.pem"]
    return way


def measure(runs):
    rig.say("the lock service")
    sync = Figure("one sync of the disk meanwhile", "ms", digits=2)
    others = Figure("cores that other work took meanwhile", digits=2)
    store = Store(f"/tmp/changeover-bench-{os.getpid()}")    # where another user may go, too
    try:
        with tempfile.TemporaryDirectory(dir=rig.TOP / "build") as disk, tempfile.TemporaryDirectory(dir=MEMORY) as memory:
            ways = [in_file("plain", pathlib.Path(disk)), with_tls(pathlib.Path(disk)),
                    in_file("plain, journal in memory", pathlib.Path(memory), is_judged=False),
                    Way("plain, PostgreSQL", ["--store", store.url], is_judged=False)]
            for _ in range(runs):
                for way in ways:
                    sync.add(sync_ms(pathlib.Path(disk)))
                    seen = load(way)
                    way.add(seen)
                    if way.journal:    # else the database is the other work
                        others.add(seen["others"])
    finally:
        store.end()
    return [figure for way in ways for figure in way.figures()] + [sync, others]
