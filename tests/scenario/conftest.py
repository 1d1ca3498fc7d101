"""What the scenario tests share: the real program against a real sandbox with real PostgreSQL machines."""

import concurrent.futures
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts/lib"))
import rig  # noqa: E402


class Stage:
    """A sandbox with both images, for one test file."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        sandbox.make_key()
        self.v1, self.v2 = sandbox.register("v1"), sandbox.register("v2")
        self.count = 0
        # The sandbox answers at once: no need to wait as for EC2.
        sandbox.environment["CHANGEOVER_PACE"] = "5"

    def machine(self, image=None, provision=True):
        self.count += 1
        return rig.Machine(self.sandbox, image or self.v1, f"db-{self.count}", provision)

    def machines(self, count):
        """So many, made side by side."""
        names = [f"db-{self.count + n + 1}" for n in range(count)]
        self.count += count
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda name: rig.Machine(self.sandbox, self.v1, name), names))

    def plan(self, machines, *changes, image=None):
        return rig.write_plan(self.sandbox, machines, image or self.v2, changes)

    def run(self, *arguments, env=None, **options):
        """changeover with this stage's journal, in the sandbox's network."""
        if env:
            saved, self.sandbox.environment = self.sandbox.environment, {**self.sandbox.environment, **env}
        try:
            return rig.run_changeover(self.sandbox, *arguments, **options)
        finally:
            if env:
                self.sandbox.environment = saved

    def apply(self, plan, *options, **more):
        return self.run("apply", plan, "--journal", self.sandbox.folder / "journal.db", "--json", *options, **more)

    def mutations(self):
        return self.sandbox.ask("calls")["mutations"]


@pytest.fixture(scope="module")
def stage():
    with rig.Sandbox("none") as sandbox:
        yield Stage(sandbox)


@pytest.fixture
def machine(stage):
    """A PostgreSQL server on image v1 that this test may do anything with."""
    return stage.machine()


@pytest.fixture(scope="module")
def shared_machine(stage):
    """One that nothing must be changed on."""
    return stage.machine()
