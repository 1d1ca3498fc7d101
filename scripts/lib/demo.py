"""The demo: PostgreSQL servers under load are rebuilt onto a new image. See scripts/demo."""

import argparse
import json
import sys

import rig


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--machines", type=int, default=1, help="how many are rebuilt by one plan (1)")
    parser.add_argument("--latency", default="ec2", help="ec2, none, or a latency file (ec2)")
    parser.add_argument("--json", action="store_true", help="end with one JSON document on stdout")
    parser.add_argument("--keep", action="store_true", help="leave logs and the journal in their folder")
    return parser.parse_args()


def figures(sandbox, machine, writer, rebuild, images):
    """What became of one machine, as measured from outside."""
    green = rebuild["green"]
    lost = writer.lost()
    address = machine.describe_address()
    volume = machine.describe_volume()
    blue_state = machine.describe(machine.id).get("State", {}).get("Name", "gone")
    wrong = []
    if lost:
        wrong.append(f"{len(lost)} acknowledged writes are missing, the first is number {lost[0]}")
    if address.get("InstanceId") != green:
        wrong.append(f"the address points to {address.get('InstanceId')}, not to green")
    if [a["InstanceId"] for a in volume["Attachments"]] != [green]:
        wrong.append("the volume is not attached to green alone")
    if blue_state not in ("stopped", "terminated", "gone"):
        wrong.append(f"blue is {blue_state}")
    if machine.describe(green).get("ImageId") != images[1]:
        wrong.append("green does not run the new image")
    return {
        "result": rebuild["result"], "acknowledged_writes": len(writer.acknowledged()), "lost_writes": len(lost),
        "outage_ms": writer.outage_ms(), "floor_ms": rig.floor_ms(sandbox, machine, rebuild),
        "blue": machine.id, "blue_state": blue_state, "green": green, "image_before": images[0],
        "image_after": images[1], "volume_before": machine.volume,
        "volume_after": volume["VolumeId"], "rebuild": rebuild["rebuild"], "api": rebuild["api"], "wrong": wrong,
    }


def show(f):
    rig.say(f"""
  {f['rebuild']}: {f['blue']} ({f['image_before']}, now {f['blue_state']}) -> {f['green']} ({f['image_after']})
    acknowledged writes   {f['acknowledged_writes']}
    lost                  {f['lost_writes']}
    outage from outside   {f['outage_ms'] / 1000:.2f} s
    floor                 {f['floor_ms'] / 1000:.2f} s  (detach, attach, address; stop, unmount, mount, start)
    outage / floor        {f['outage_ms'] / f['floor_ms']:.2f}
    volume                {f['volume_after']}, the same as before""")
    for text in f["wrong"]:
        rig.say(f"    WRONG: {text}")


def rebuild_all(sandbox, machines, images):
    plan = rig.write_plan(sandbox, machines, images[1])
    for machine in machines:
        machine.effects_before = len(sandbox.effects())
    rig.say("\n$ changeover apply plan.yaml")
    done = rig.run_changeover(sandbox, "apply", plan, "--json", "--journal", sandbox.folder / "journal.db", show=True)
    if not done.stdout:
        raise rig.Failed(f"changeover apply ended with {done.returncode} and said nothing")
    result = json.loads(done.stdout)
    if done.returncode != 0:
        raise rig.Failed(f"changeover apply ended with {done.returncode}: {done.stdout}")
    rig.say("\n  API calls in all: {calls}, of which mutations {mutations}".format(**result["api"]))
    return {r["blue"]: {**r, "api": result["api"]} for r in result["rebuilds"]}


def run(options):
    rig.say(f"starting the sandbox, latencies: {options.latency}")
    sandbox = rig.Sandbox(options.latency)
    try:
        sandbox.make_key()
        images = [sandbox.register("v1"), sandbox.register("v2")]
        rig.say(f"launching {options.machines} x blue from image v1: PostgreSQL 15, data on a volume of its own")
        machines = [rig.Machine(sandbox, images[0], f"db-{i + 1}") for i in range(options.machines)]
        writers = [rig.Writer(machine) for machine in machines]
        rig.say("clients commit through the Elastic IP, without pause")
        rebuilds = rebuild_all(sandbox, machines, images)
        enough = [len(w.acknowledged()) + 50 for w in writers]
        for writer, count in zip(writers, enough):
            rig.wait_until(lambda w=writer, c=count: len(w.acknowledged()) >= c, "green takes more writes", 30)
            writer.stop()
        return [figures(sandbox, m, w, rebuilds[m.id], images) for m, w in zip(machines, writers)]
    finally:
        sandbox.close(keep=options.keep)
        if options.keep:
            rig.say(f"kept: {sandbox.folder}")


def main():
    options = arguments()
    try:
        results = run(options)
    except rig.Failed as failure:
        rig.say(f"demo: {failure}")
        return 1
    for result in results:
        show(result)
    if options.json:
        print(json.dumps({"format_version": 1, **results[0], "machines": results}))
    return 1 if any(r["wrong"] for r in results) else 0


sys.exit(main())
