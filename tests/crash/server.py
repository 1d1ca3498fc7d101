"""A PostgreSQL server that a client writes to all the time, and that is rebuilt again and again."""

import pathlib
import sys

import psycopg2

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts/lib"))
import rig  # noqa: E402

WRITE_EVERY_MS, TRY_EVERY_MS = 200, 50    # two dozen of them share two cores
DEVICE = "/dev/sdf"
GONE = ("shutting-down", "terminated")


class Joined(rig.Sandbox):
    """A sandbox that somebody else started, for a process in its network, with a folder of its own."""

    def __init__(self, folder, name):
        self.state = pathlib.Path(folder) / "sandbox"
        self.key = pathlib.Path(folder) / "id_ed25519"
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.clients = []
        self._read_environment()
        self.environment["CHANGEOVER_PACE"] = "5"    # this cloud is quick: see the latencies

    def inside(self, command):
        return [str(word) for word in command]


class Server(rig.Machine):
    # As small as a server can be: it is started once or twice in each trial, and two dozen share two cores.
    settings = """
shared_buffers = 1MB
max_connections = 20
max_wal_size = 4MB
autovacuum = off
max_logical_replication_workers = 0
"""

    def __init__(self, sandbox, image, name):
        super().__init__(sandbox, image, name)
        self.writer = rig.Writer(self, WRITE_EVERY_MS, TRY_EVERY_MS)
        self.looked_until = 0    # this row, and all before it, were seen
        self.rows_until = 0      # how many there were

    # What the cloud says

    def tagged(self):
        return [{"Name": "tag:Name", "Values": [self.name]}]

    def instances(self):
        """All of this server's that are there: blues and greens."""
        shown = self.sandbox.ec2.describe_instances(Filters=self.tagged())
        return [i for r in shown["Reservations"] for i in r["Instances"] if i["State"]["Name"] not in GONE]

    def volumes(self):
        return self.sandbox.ec2.describe_volumes(Filters=self.tagged())["Volumes"]

    def snapshots(self):
        return self.sandbox.ec2.describe_snapshots(OwnerIds=["self"], Filters=self.tagged())["Snapshots"]

    def is_protected(self, instance):
        return self.sandbox.ec2.describe_instance_attribute(
            InstanceId=instance, Attribute="disableApiTermination")["DisableApiTermination"]["Value"]

    def dies_with(self, instance):
        """Whether the data volume would be deleted with the instance; None if it is not attached to it."""
        devices = {d["Ebs"]["VolumeId"]: d["Ebs"] for d in self.describe(instance)["BlockDeviceMappings"]}
        return devices[self.volume]["DeleteOnTermination"] if self.volume in devices else None

    def begin(self):
        """Makes the machine that serves now the blue of the next rebuild, with something to protect on it."""
        self.id = self.describe_address()["InstanceId"]
        self.sandbox.ec2.modify_instance_attribute(InstanceId=self.id, BlockDeviceMappings=[
            {"DeviceName": DEVICE, "Ebs": {"DeleteOnTermination": True}}])

    def tidy(self):
        """Removes the snapshots of rebuilds that are over: those that were rolled back keep theirs."""
        for snapshot in self.snapshots():
            self.sandbox.ec2.delete_snapshot(SnapshotId=snapshot["SnapshotId"])

    # What clients see

    def connect(self, address):
        connection = psycopg2.connect(host=address, user="postgres", dbname="postgres", connect_timeout=5)
        connection.autocommit = True
        return connection

    def ask(self, address, *questions):
        """The rows that answer each question, asked one after the other through one connection."""
        connection = self.connect(address)
        try:
            with connection.cursor() as cursor:
                return [cursor.execute(question) or cursor.fetchall() for question in questions]
        finally:
            connection.close()

    def await_writes(self):
        before = len(self.writer.acknowledged())
        rig.wait_until(lambda: len(self.writer.acknowledged()) > before + 2, "writes are taken", 20, 0.02)

    def lost(self):
        """What is wrong with the rows, read from outside through the Elastic IP: all that were acknowledged are there."""
        acknowledged = [n for n, _ in self.writer.acknowledged() if n > self.looked_until]
        newest = max(acknowledged, default=self.looked_until)
        rows, [(older,)] = self.ask(self.address, f"select number from written where number > {self.looked_until}",
                                    f"select count(*) from written where number <= {self.looked_until}")
        present = {number for number, in rows}
        missing = [n for n in acknowledged if n not in present]
        wrong = [f"{len(missing)} acknowledged writes are missing, the first is {missing[0]}"] if missing else []
        if older < self.rows_until:
            wrong.append(f"{self.rows_until - older} older writes are gone")
        self.looked_until, self.rows_until = newest, older + sum(1 for n in present if n <= newest)
        return wrong

    def stop_writer(self):
        try:
            self.writer.stop()
        except rig.subprocess.TimeoutExpired:    # it waits for a server that is neither there nor gone
            self.writer.process.kill()
            self.writer.process.wait()

    def discard(self):
        """After a failure: nothing of it may disturb the next server."""
        self.stop_writer()
        for instance in self.instances():
            self.sandbox.ec2.modify_instance_attribute(
                InstanceId=instance["InstanceId"], DisableApiTermination={"Value": False})
            self.sandbox.ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
        self.tidy()
