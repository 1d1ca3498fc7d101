"""A lock service of the field, small: Foreman's DLM and FleetLock over TLS with client certificates.

    lock_peer.py FOLDER

FOLDER has ca.pem, server.pem and server.key. The port is written to FOLDER/port, each request to FOLDER/log as a line
of JSON. A lock is a file in FOLDER/held, with its holder as the content, so that a test can take and free it; a group
of FleetLock has one slot. FOLDER/mode may say `nonsense`: then every answer is a page that wants a login.
"""

import http.server
import json
import pathlib
import ssl
import sys
import time
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])


def held(name):
    """The file that says who has the lock; and who that is, or None."""
    file = FOLDER / "held" / urllib.parse.quote(name, safe="")
    try:
        return file, file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return file, None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, document):
        body = document if isinstance(document, str) else json.dumps(document)
        with open(FOLDER / "log", "a", encoding="utf-8") as log:
            log.write(json.dumps({"at": time.time(), "method": self.command, "path": self.path, "status": status,
                                  "who": self.who()}) + "\n")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def who(self):
        subject = self.connection.getpeercert()["subject"]
        return next(value for part in subject for key, value in part if key == "commonName")

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def is_nonsense(self):
        try:
            return (FOLDER / "mode").read_text(encoding="utf-8") == "nonsense"
        except FileNotFoundError:
            return False

    def dlm(self, take):
        self.body()
        if self.is_nonsense():
            return self.answer(200, "<html>Please log in</html>")
        name = urllib.parse.unquote(self.path.removeprefix("/api/dlmlocks/").removesuffix("/lock"))
        file, holder = held(name)
        if holder not in (None, self.who()):
            return self.answer(412, {"error": {"id": 1, "message": f"held by {holder}"}})
        if take:
            file.write_text(self.who(), encoding="utf-8")
        else:
            file.unlink(missing_ok=True)
        return self.answer(200, {"id": 1, "name": name, "enabled": True, "type": "ForemanDlm::Dlmlock::Update",
                                 "host": {"name": self.who()} if take else None})

    def do_PUT(self):
        self.dlm(True)

    def do_DELETE(self):
        self.dlm(False)

    def do_POST(self):
        asked = json.loads(self.body())["client_params"]
        if self.is_nonsense():
            return self.answer(200, "<html>Please log in</html>")
        assert self.headers["fleet-lock-protocol"] == "true"
        file, holder = held("slot of " + asked["group"])
        if self.path == "/v1/pre-reboot" and holder not in (None, asked["id"]):
            return self.answer(500, {"kind": "failed_lock", "value": f"the slot is taken by {holder}"})
        if self.path == "/v1/pre-reboot":
            file.write_text(asked["id"], encoding="utf-8")
        elif holder == asked["id"]:
            file.unlink()
        return self.answer(200, {})

    def log_message(self, *_):
        pass


def main():
    (FOLDER / "held").mkdir(exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / "server.pem", FOLDER / "server.key")
    context.load_verify_locations(FOLDER / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    (FOLDER / "port").write_text(str(server.server_port), encoding="utf-8")
    server.serve_forever()


main()
