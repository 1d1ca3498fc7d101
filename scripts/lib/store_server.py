"""A PostgreSQL server for the tests of one file."""

import subprocess

import rig


class Store:
    """A PostgreSQL server of these tests' own: tests/support/postgres-server."""

    def __init__(self, folder):
        self.url = f"postgres://changeover:hunter2@/postgres?host={folder}"
        self.keeper = subprocess.Popen([rig.TOP / "tests/support/postgres-server", folder], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        assert self.keeper.stdout.readline() == "ok\n"
        self.databases = 0
        self.do("start")

    def do(self, command):
        print(command, file=self.keeper.stdin, flush=True)
        assert self.keeper.stdout.readline() == "ok\n", command

    def fresh(self):
        """The URL of a new database on it, where nothing is left of anybody."""
        self.databases += 1
        self.do(f"sql postgres CREATE DATABASE store{self.databases}")
        return self.url.replace("/postgres?", f"/store{self.databases}?")

    def end(self):
        self.keeper.stdin.close()
        self.keeper.wait(20)
