"""How fast `changeover serve` answers: 64 clients that take and give back slots, one core for the service."""

import json
import os
import pathlib
import signal
import tempfile
import time

from authority import Authority
from figures import Figure
from stage import rig

CLIENTS, SECONDS, SLOTS = 64, 5, 2
SYNCS = 200


def on_core(core):
    """For a child: the service has a core of its own, as far as other work leaves it one."""
    return lambda: os.sched_setaffinity(0, {core})


def sync_ms(folder):
    """What one sync costs on this disk at this moment; a commit takes five."""
    with open(folder / "sync", "wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(SYNCS):
            file.write(b"x" * 4096)
            os.fdatasync(file)
    return (time.perf_counter() - began) * 1000 / SYNCS


def load(folder, tls):
    """What the clients saw. tls: an Authority, or None for plain HTTP."""
    (folder / "journal.db").unlink(missing_ok=True)
    options = [] if not tls else ["--tls-certificate", tls.folder / "server.pem", "--tls-key", tls.folder / "server.key",
                                  "--client-ca", tls.folder / "ca.pem"]
    service = rig.subprocess.Popen([rig.changeover(), "serve", "--listen", "127.0.0.1:0", "--slots", str(SLOTS),
                                    "--journal", folder / "journal.db", *options],
                                   stdout=rig.subprocess.PIPE, text=True, preexec_fn=on_core(0))
    try:
        port = service.stdout.readline().split(" (")[0].rsplit(":", 1)[1]
        files = [tls.folder / name for name in ("ca.pem", "client.pem", "client.key")] if tls else []
        clients = rig.subprocess.run([rig.TOP / "build/release/tests/lock_load", port, str(CLIENTS), str(SECONDS),
                                      str(SLOTS), *files],
                                     capture_output=True, text=True, timeout=60, preexec_fn=on_core(1))
        if clients.returncode:
            raise rig.Failed(f"lock_load ended with {clients.returncode}: {clients.stderr}")
        seen = json.loads(clients.stdout)
    finally:
        service.send_signal(signal.SIGINT)
        _, service.returncode, spent = os.wait4(service.pid, 0)
        service.stdout.close()
    seen["cpu_us"] = (spent.ru_utime + spent.ru_stime) * 1e6 / (seen["per_second"] * SECONDS)
    return seen


def measure(runs):
    rig.say("the lock service")
    ways = {"plain": None, "TLS": None}
    figures = {way: (Figure(f"lock requests per second, {way}", goal=5000, at_least=True),
                     Figure(f"99 of 100 lock requests, {way}", "ms", 10, digits=1),
                     Figure(f"CPU for one lock request, {way}", "us", 200),
                     Figure(f"groups with too many holders, {way}", goal=0, judged="worst")) for way in ways}
    sync = Figure("one sync of the disk meanwhile", "ms", digits=2)
    with tempfile.TemporaryDirectory(dir=rig.TOP / "build") as name:
        folder = pathlib.Path(name)
        ways["TLS"] = Authority(folder)
        ways["TLS"].issue("client", "client.example.com")
        for _ in range(runs):
            for way, tls in ways.items():
                sync.add(sync_ms(folder))
                seen = load(folder, tls)
                rate, most, cpu, exceeded = figures[way]
                rate.add(seen["per_second"])
                most.add(seen["p99_ms"])
                cpu.add(seen["cpu_us"])
                exceeded.add(int(seen["limit_exceeded"]))
    return [*figures["plain"], *figures["TLS"], sync]
