"""From RunInstances to the first SSH command done, in a sandbox without latencies: one, and many at once."""

import concurrent.futures
import time

import processes
from figures import Figure
from stage import rig

SINGLE_RUNS = 10
CROWD = 50
CLIENTS = 4  # logins at a time: two cores have no use for more
LOGIN = "until ssh -q -i {key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes " \
        "-o ConnectTimeout=5 {user}@{address} true; do sleep 0.02; done"


def log_in(sandbox, address):
    command = LOGIN.format(key=sandbox.key, user=rig.USER, address=address)
    rig.subprocess.run(sandbox.inside(["sh", "-c", command]), check=True, timeout=120)


def launch_s(sandbox, image, count):
    """Seconds from the call until all have been logged in to, and their ids."""
    began = time.monotonic()
    launched = sandbox.ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=count, MaxCount=count,
                                         KeyName="rig")["Instances"]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda i: log_in(sandbox, i["PrivateIpAddress"]), launched))
    return time.monotonic() - began, [i["InstanceId"] for i in launched]


def measure():
    single = Figure("launch to SSH login, one", "s", goal=1, digits=2)
    crowd = Figure(f"launch to SSH login, all of {CROWD} at once", "s", digits=1)
    memory = Figure(f"memory of the sandbox with {CROWD} instances", "MiB", goal=24 * 1024)
    with rig.Sandbox("none") as sandbox:
        sandbox.make_key()
        image = sandbox.register("v1")
        rig.say(f"launching {SINGLE_RUNS} instances, one after the other")
        for _ in range(SINGLE_RUNS):
            took, ids = launch_s(sandbox, image, 1)
            single.add(took)
            sandbox.ec2.terminate_instances(InstanceIds=ids)
        rig.say(f"launching {CROWD} instances at once")
        took, _ = launch_s(sandbox, image, CROWD)
        crowd.add(took)
        memory.add(processes.memory_mib(sandbox.process.pid))
    return [single, crowd, memory]
