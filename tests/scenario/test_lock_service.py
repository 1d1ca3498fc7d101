"""`changeover serve` on real TLS with a test CA: both protocols, operators, and a server that is killed under load."""

import base64
import concurrent.futures
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

import rig
from authority import Authority
from store_server import Store

PASSWORD = "correct horse"
FLEETLOCK = {"fleet-lock-protocol": "true"}


class Service:
    """A running `changeover serve`, which can be killed and started again at the same port.

    sandbox: it runs in that sandbox's network; None: in this one.
    """

    def __init__(self, folder, *options, store=None, sandbox=None):
        self.sandbox, self.options, self.port = sandbox, options, 0
        self.journal = folder / "journal.db"
        self.where = ["--store", store] if store else ["--journal", self.journal]
        self.start()

    def start(self):
        words = [rig.changeover(), "serve", "--listen", f"127.0.0.1:{self.port}", *self.where, *self.options]
        words = self.sandbox.inside(words) if self.sandbox else [str(word) for word in words]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert "listening on" in line, line
        self.port = int(line.split(" (")[0].rsplit(":", 1)[1])

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        code = self.process.wait(10)
        self.process.stdout.close()
        return code

    def changeover(self, *words):
        """An operator's command on the same journal."""
        return subprocess.run([str(word) for word in (rig.changeover(), *words, *self.where)],
                              capture_output=True, text=True, timeout=30)


class Machine:
    """A client with a connection that it keeps. tls None: plain HTTP."""

    def __init__(self, port, tls=None):
        self.port, self.tls, self.connection = port, tls, None

    def ask(self, method, path, body=None, headers=None):
        """Status and JSON; raises if the server goes away."""
        if not self.connection:
            self.connection = (http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=self.tls)
                               if self.tls else http.client.HTTPConnection("127.0.0.1", self.port, timeout=10))
        try:
            body = json.dumps(body) if isinstance(body, (dict, list)) else body
            self.connection.request(method, path, body, headers or {})
            reply = self.connection.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        kind = reply.headers["Content-Type"]
        return reply.status, json.loads(text) if kind.startswith("application/json") else text.decode()

    def fleetlock(self, what, holder, group="default"):
        return self.ask("POST", f"/v1/{what}", {"client_params": {"id": holder, "group": group}}, FLEETLOCK)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = Authority(tmp_path_factory.mktemp("ca"))
    for name in ("web1", "web2"):
        made.issue(name, f"{name}.example.com")
    return made


def secure(authority):
    """The options for TLS with client certificates."""
    return ["--tls-certificate", authority.folder / "server.pem", "--tls-key", authority.folder / "server.key",
            "--client-ca", authority.folder / "ca.pem"]


@pytest.fixture
def service(authority, tmp_path):
    (tmp_path / "password").write_text(PASSWORD + "\n")
    running = Service(tmp_path, *secure(authority), "--slots", "1,web=2", "--password-file", tmp_path / "password")
    yield running
    if running.process.poll() is None:
        assert running.stop() == 0


@pytest.fixture
def client(service, authority):
    """Makes clients: with the certificate of that name, or without one."""
    return lambda name=None: Machine(service.port, authority.context(name))


def administrator():
    return {"Authorization": "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()}


def test_foreman_dlm_knows_machines_by_their_certificates(client):
    web1, web2, nobody = client("web1"), client("web2"), client()
    assert web1.ask("GET", "/api/dlmlocks/db/lock")[0] == 404
    status, lock = web1.ask("PUT", "/api/dlmlocks/db/lock")
    assert status == 200 and lock["host"] == {"name": "web1.example.com"} and lock["host_id"]
    assert (lock["name"], lock["enabled"], lock["type"]) == ("db", True, "ForemanDlm::Dlmlock::Update")
    status, refused = web2.ask("PUT", "/api/v2/dlmlocks/db/lock")
    assert status == 412 and refused["error"]["id"] == lock["id"] and "web1.example.com" in refused["error"]["message"]
    assert web2.ask("DELETE", "/api/dlmlocks/db/lock")[0] == 412
    assert web1.ask("PUT", f"/api/dlmlocks/{lock['id']}/lock")[0] == 200  # its own, by id
    assert web1.ask("GET", "/api/dlmlocks/db/lock")[1]["host"] == {"name": "web1.example.com", "self": True}
    assert web2.ask("GET", "/api/dlmlocks/db/lock")[1]["host"] == {"name": "web1.example.com", "self": False}
    for method in ("GET", "PUT", "DELETE"):
        assert nobody.ask(method, "/api/dlmlocks/db/lock")[0] == 401
    status, lock = web1.ask("DELETE", "/api/dlmlocks/db/lock")
    assert status == 200 and lock["host"] is None and lock["host_id"] is None
    assert web2.ask("PUT", "/api/dlmlocks/db/lock")[0] == 200


def test_a_lock_of_several_slots_shows_each_foreman_host_what_it_would_see_of_one(client):
    web1, web2 = client("web1"), client("web2")
    path = "/api/dlmlocks/web/lock"
    assert web1.ask("PUT", path)[1]["host"] == {"name": "web1.example.com"}
    assert web2.ask("GET", path)[1]["host"] is None  # there is a slot for it
    assert web2.ask("PUT", path)[1]["host"] == {"name": "web2.example.com"}
    assert web1.ask("GET", path)[1]["host"] == {"name": "web1.example.com", "self": True}
    assert web1.ask("DELETE", path)[1]["host"] is None
    assert web1.fleetlock("pre-reboot", "node7", "web")[0] == 200
    assert web1.ask("GET", path)[1]["host"] == {"name": "web2.example.com", "self": False}


def test_a_certificate_that_is_no_good_is_as_none(authority, client, tmp_path):
    other = Authority(tmp_path)
    other.issue("web1", "web1.example.com")
    authority.issue("server-only", "web9.example.com", "serverAuth")
    foreign = authority.context()
    foreign.load_cert_chain(other.folder / "web1.pem", other.folder / "web1.key")
    unknown = client()
    unknown.tls = foreign
    for one in (unknown, client("server-only")):
        try:
            assert one.ask("PUT", "/api/dlmlocks/db/lock")[0] == 401
        except OSError:
            pass  # refused in the handshake
    assert client("web1").ask("GET", "/api/dlmlocks/db/lock")[0] == 404


def test_administration_is_for_people_with_the_password(client):
    web1, person = client("web1"), client()
    for method, path in (("GET", "/api/dlmlocks"), ("POST", "/api/dlmlocks"), ("PUT", "/api/dlmlocks/db"),
                         ("DELETE", "/api/dlmlocks/db"), ("GET", "/api/dlmlocks/db/dlmlock_events")):
        assert web1.ask(method, path, "{}")[0] == 401
        assert person.ask(method, path, "{}", {"Authorization": "Basic YWRtaW46d3Jvbmc="})[0] == 401
    admin = administrator()
    assert person.ask("POST", "/api/dlmlocks", {"dlmlock": {"name": "db"}}, admin)[0] == 201
    assert person.ask("POST", "/api/dlmlocks", {"dlmlock": {"name": "db"}}, admin)[0] == 422
    assert web1.ask("PUT", "/api/dlmlocks/db/lock")[0] == 200
    assert person.ask("PUT", "/api/dlmlocks/db/lock", headers=admin)[0] == 403  # a person is no host
    assert person.ask("DELETE", "/api/dlmlocks/db", headers=admin)[0] == 412
    assert person.ask("PUT", "/api/dlmlocks/db", {"enabled": False}, admin)[1]["enabled"] is False
    assert web1.ask("DELETE", "/api/dlmlocks/db/lock")[0] == 412
    assert person.ask("PUT", "/api/dlmlocks/db", {"enabled": True}, admin)[1]["enabled"] is True
    assert web1.ask("DELETE", "/api/dlmlocks/db/lock")[0] == 200
    events = person.ask("GET", "/api/dlmlocks/db/dlmlock_events", headers=admin)[1]["results"]
    assert [e["event_type"] for e in events] == ["release", "enable", "disable", "acquire"]
    assert person.ask("GET", "/api/dlmlocks", headers=admin)[1]["results"][0]["name"] == "db"
    assert person.ask("DELETE", "/api/dlmlocks/db", headers=admin)[0] == 200
    assert person.ask("GET", "/api/dlmlocks", headers=admin)[1]["results"] == []


def test_fleetlock_fills_its_slots_and_no_more(client):
    web1 = client("web1")
    assert web1.fleetlock("pre-reboot", "a", "web")[0] == 200
    assert web1.fleetlock("pre-reboot", "b", "web")[0] == 200
    status, refused = web1.fleetlock("pre-reboot", "c", "web")
    assert status == 423 and refused["kind"] == "lock_held" and "2 of 2" in refused["value"]
    assert web1.fleetlock("pre-reboot", "a", "web")[0] == 200  # its own again
    assert web1.fleetlock("steady-state", "c", "web")[0] == 200  # what it does not hold
    assert web1.fleetlock("steady-state", "a", "web")[0] == 200
    assert web1.fleetlock("pre-reboot", "c", "web")[0] == 200


def test_both_protocols_share_one_limit(client):
    web1 = client("web1")
    assert web1.ask("PUT", "/api/dlmlocks/db/lock")[0] == 200
    assert web1.fleetlock("pre-reboot", "another", "db")[0] == 423
    assert web1.fleetlock("pre-reboot", "web1.example.com", "db")[0] == 200  # the same machine
    assert web1.fleetlock("steady-state", "web1.example.com", "db")[0] == 200
    assert web1.fleetlock("pre-reboot", "another", "db")[0] == 200
    assert web1.ask("PUT", "/api/dlmlocks/db/lock")[0] == 412


BAD_BODIES = ["", "{", "[]", "{}", '{"client_params":{"id":"a"}}', '{"client_params":{"id":"","group":"g"}}',
              '{"client_params":{"id":"a","group":"a b"}}', '{"client_params":{"id":"a","group":"../x"}}',
              '{"client_params":{"id":7,"group":"g"}}', '{"client_params":{"id":"a","group":"g"}} x', "[" * 60000,
              json.dumps({"client_params": {"id": "a" * 300, "group": "g"}})]


def test_bad_requests_are_refused_with_their_reason(client):
    web1 = client("web1")
    good = {"client_params": {"id": "a", "group": "g"}}
    for headers in ({}, {"fleet-lock-protocol": "false"}):
        status, refused = web1.ask("POST", "/v1/pre-reboot", good, headers)
        assert status == 400 and refused["kind"] == "invalid_protocol" and refused["value"]
    for body in BAD_BODIES:
        status, refused = web1.ask("POST", "/v1/pre-reboot", body, FLEETLOCK)
        assert status == 400 and refused["kind"].startswith("invalid_") and refused["value"], body
    assert web1.ask("POST", "/v1/pre-reboot", "x" * 100000, FLEETLOCK)[0] == 413
    assert web1.ask("GET", "/v1/pre-reboot")[0] == 405
    for path in ("/", "/v1", "/api/dlmlocks//lock", "/api/dlmlocks/a%00b/lock", "/api/dlmlocks/%ff/lock",
                 "/api/dlmlocks/" + "a" * 256 + "/lock", "/api/dlmlocks/a/b/lock"):
        assert web1.ask("GET", path)[0] == 404, path
    assert client().fleetlock("pre-reboot", "a", "g")[0] == 401
    assert "changeover_lock_holders 0" in web1.ask("GET", "/metrics")[1]


def record(journal, rebuild, blue, state, cause):
    """A rebuild in the journal, as an engine that is not there any more left it."""
    with sqlite3.connect(journal) as database:
        database.execute("INSERT INTO rebuild (id, blue, state, cause, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?)",
                         (rebuild, blue, state, cause, 1795312800000, 1795312800000))


def test_an_operator_sees_what_became_of_holders_and_releases_those_that_are_back(service, client):
    web1 = client("web1")
    for holder, group in (("i-parked", "db"), ("i-done", "web"), ("zincati-7", "web")):
        assert web1.fleetlock("pre-reboot", holder, group)[0] == 200
    record(service.journal, "rb-1", "i-parked", "parked", "readiness failed: http 503")
    record(service.journal, "rb-2", "i-done", "done", None)

    listed = service.changeover("lock", "list", "--json")
    locks = {lock["name"]: lock for lock in json.loads(listed.stdout)["locks"]}
    assert json.loads(listed.stdout)["format_version"] == 1
    fates = {h["holder"]: (h["fate"], h["explanation"]) for lock in locks.values() for h in lock["holders"]}
    assert fates["i-parked"][0] == "away" and "rb-1 of i-parked is parked since 2026-11-22T02:00:00Z: readiness" \
        in fates["i-parked"][1]
    assert fates["i-done"][0] == "back" and "rb-2 of i-done ended well at" in fates["i-done"][1]
    assert fates["zincati-7"][0] == "unknown" and "unknown here" in fates["zincati-7"][1]
    assert "rb-1 of i-parked is parked" in service.changeover("lock", "list").stdout

    refused = service.changeover("lock", "release", "db")
    assert refused.returncode == 1 and "i-parked is still away" in refused.stderr and "--force" in refused.stderr
    assert web1.fleetlock("pre-reboot", "next", "db")[0] == 423
    unclear = service.changeover("lock", "release", "web")
    assert unclear.returncode == 64 and "i-done and zincati-7" in unclear.stderr
    released = service.changeover("lock", "release", "web", "i-done")
    assert released.returncode == 0 and "1 of 2 slots" in released.stdout, released.stderr
    assert web1.fleetlock("pre-reboot", "next", "web")[0] == 200  # the running service knows
    assert service.changeover("lock", "release", "db", "--force").returncode == 0
    assert web1.fleetlock("pre-reboot", "next", "db")[0] == 200
    assert "there is no lock nothing" in service.changeover("lock", "release", "nothing").stderr


def test_a_store_that_fails_grants_nothing_and_is_used_again(service, client):
    web1 = client("web1")
    assert web1.fleetlock("pre-reboot", "a")[0] == 200
    with sqlite3.connect(service.journal) as database:
        database.execute("ALTER TABLE machine_lock_state RENAME TO gone")
    status, refused = web1.fleetlock("steady-state", "a")
    assert status == 503 and refused["kind"] == "store_failed"
    with sqlite3.connect(service.journal) as database:
        database.execute("ALTER TABLE gone RENAME TO machine_lock_state")
    assert web1.fleetlock("pre-reboot", "b")[0] == 423
    assert web1.fleetlock("steady-state", "a")[0] == 200


def test_two_services_on_one_postgresql_share_the_limit_and_a_server_that_was_away_is_used_again(tmp_path):
    store = Store(f"/tmp/changeover-locks-{os.getpid()}")  # where another user may go, too
    services = [Service(tmp_path, "--slots", "3", store=store.url) for _ in range(2)]
    try:
        clients = [Machine(service.port) for service in services]
        granted = [clients[i % 2].fleetlock("pre-reboot", f"m-{i}", "web")[0] for i in range(5)]
        assert granted == [200, 200, 200, 423, 423]
        store.do("crash")
        assert clients[0].fleetlock("steady-state", "m-0", "web")[0] == 503
        store.do("start")
        rig.wait_until(lambda: clients[0].fleetlock("steady-state", "m-0", "web")[0] == 200, "the store is used again")
        assert services[0].changeover("lock", "release", "web", "m-1").returncode == 0
        assert [clients[1].fleetlock("pre-reboot", name, "web")[0] for name in "abc"] == [200, 200, 423]
    finally:
        assert [service.stop() for service in services] == [0, 0]
        store.end()


@pytest.mark.parametrize("options, word", [
    (["--listen", "127.0.0.1"], "port"),
    (["--listen", "192.0.2.1:0", "--tls-certificate", "server.pem", "--tls-key", "server.key"], "could not listen"),
    (["--listen", "0.0.0.0:0"], "TLS is needed"),
    (["--tls-certificate", "server.pem"], "go together"),
    (["--client-ca", "ca.pem"], "--client-ca needs"),
    (["--listen", "127.0.0.1:0", "--tls-certificate", "ca.key", "--tls-key", "server.key"], "PEM"),
    (["--listen", "127.0.0.1:0", "--tls-certificate", "missing.pem", "--tls-key", "server.key"], "missing.pem"),
    (["--slots", "db=0"], "does not end in a number"),
    (["--slots", "db=1,db=2"], "named twice"),
])
def test_what_makes_no_sense_is_refused_before_anything_is_served(authority, tmp_path, options, word):
    done = subprocess.run([str(rig.changeover()), "serve", "--journal", str(tmp_path / "j.db"), *options],
                          cwd=authority.folder, capture_output=True, text=True, timeout=10)
    assert done.returncode in (1, 64) and word in done.stderr, done.stderr
    assert not done.stdout


def holders(service):
    """Who holds what, and what became of them: by name."""
    listed = json.loads(service.changeover("lock", "list", "--json").stdout)["locks"]
    return {holder["holder"]: holder for lock in listed for holder in lock["holders"]}


@pytest.fixture
def pair(stage, authority):
    """Two services on the journal of the stage: one in the sandbox's network, for rebuilds, and one out here."""
    running = [Service(stage.sandbox.folder, *secure(authority), sandbox=sandbox) for sandbox in (stage.sandbox, None)]
    yield running
    assert [service.stop() for service in running] == [0, 0]


def plan_with_locks(stage, machine, authority, port):
    folder = authority.folder
    common = (f'url: "https://127.0.0.1:{port}", ca: {folder}/ca.pem, certificate: {folder}/web2.pem, '
              f'key: {folder}/web2.key, wait: 60s')
    locks = f"rollout:\n  locks:\n    - fdlm: {{ {common}, name: night }}\n    - fleetlock: {{ {common}, group: db }}\n"
    return stage.plan([machine], ("version: 1\n", f"version: 1\n{locks}"), ("bake: 3s", "bake: 0s"))


def test_a_rebuild_and_a_machine_that_updates_itself_wait_for_each_other(stage, machine, authority, pair):
    inside, outside = pair
    node = Machine(outside.port, authority.context("web1"))
    assert node.fleetlock("pre-reboot", "node7", "db")[0] == 200
    plan = plan_with_locks(stage, machine, authority, inside.port)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        rebuild = pool.submit(stage.apply, plan)
        rig.wait_until(lambda: "web2.example.com" in holders(outside), "the rebuild has its first lock")
        time.sleep(1)
        assert machine.id not in holders(outside)  # node7 is away
        assert node.fleetlock("steady-state", "node7", "db")[0] == 200
        held = rig.wait_until(lambda: [h for name, h in holders(outside).items()
                                       if name == machine.id and h["fate"] == "away"], "it is told as away")
        assert "is under way, driven by" in held[0]["explanation"]
        assert node.fleetlock("pre-reboot", "node7", "db")[0] == 423
        assert outside.changeover("lock", "release", "db").returncode == 1
        applied = rebuild.result(150)
    assert applied.returncode == 0, applied.stderr
    assert "waits for lock db" in applied.stderr and "node7" in applied.stderr
    assert holders(outside) == {}


def events(journal):
    with sqlite3.connect(journal) as database:
        return database.execute("SELECT count(*) FROM machine_lock_event").fetchone()[0]


def test_what_a_busy_service_granted_comes_into_the_tables_bit_by_bit_and_a_kill_in_between_loses_nothing(tmp_path):
    service = Service(tmp_path)
    log, machine, group = tmp_path / "journal.db-locks", Machine(service.port), "g" * 200
    for _ in range(200):
        assert [machine.fleetlock(what, "a", group)[0] for what in ("pre-reboot", "steady-state")] == [200, 200]
    assert machine.fleetlock("pre-reboot", "b", group)[0] == 200
    assert log.exists() and 0 < events(service.journal) < 402  # some 100 KiB, of which a part has gone
    service.stop(signal.SIGKILL)
    assert list(holders(service)) == ["b"]
    service.start()
    assert service.stop() == 0
    assert not log.exists() and events(service.journal) == 402  # the lock was made, too
    assert list(holders(service)) == ["b"]


class Crowd:
    """64 machines that take and give back slots of 4 groups, and the book of who surely holds one."""

    SLOTS = 2

    def __init__(self, service, context):
        self.service, self.context = service, context
        self.lock, self.held = threading.Lock(), {}
        self.most, self.grants, self.lost = 0, 0, []
        self.ends = threading.Event()

    def book(self, group, change):
        with self.lock:
            self.held[group] = self.held.get(group, 0) + change
            self.most = max(self.most, self.held[group])
            self.grants += change > 0

    def ask(self, machine, what, holder, group):
        """Asks until an answer comes: who does not know asks again, as real clients do."""
        while True:
            try:
                return machine.fleetlock(what, holder, group)[0]
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)

    def live(self, number):
        machine = Machine(self.service.port, self.context)
        holder, group = f"m-{number}", f"group-{number % 4}"
        while not self.ends.is_set():
            if self.ask(machine, "pre-reboot", holder, group) != 200:
                time.sleep(0.01)
                continue
            self.book(group, +1)
            if number % 16 == 0:
                self.look_after(machine, holder, group)
            self.book(group, -1)  # before it is asked: it may be given back before the answer is here
            assert self.ask(machine, "steady-state", holder, group) == 200

    def look_after(self, machine, holder, group):
        """What was granted is kept: nobody else can have both slots while this one holds one."""
        time.sleep(0.05)
        if self.ask(machine, "pre-reboot", holder, group) != 200:
            self.lost.append(holder)


def test_64_clients_never_exceed_the_limit_though_the_server_is_killed(authority, tmp_path):
    service = Service(tmp_path, "--tls-certificate", authority.folder / "server.pem", "--tls-key",
                      authority.folder / "server.key", "--slots", str(Crowd.SLOTS))
    crowd = Crowd(service, authority.context())
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        lives = [pool.submit(crowd.live, number) for number in range(64)]
        for _ in range(3):
            time.sleep(1.5)
            service.stop(signal.SIGKILL)
            service.start()
        time.sleep(1)
        crowd.ends.set()
        for life in lives:
            life.result(20)
    assert service.stop() == 0
    assert crowd.most == Crowd.SLOTS and not crowd.lost
    assert crowd.grants > 100
    left = json.loads(service.changeover("lock", "list", "--json").stdout)["locks"]
    assert left == []  # every slot was given back, and none twice
