"""What must hold when a rebuild that was killed and gone on with has ended. Each check tells what is wrong."""

import collections
import sqlite3
import time

from server import rig

from sweeps import BLUE, GREEN

SETTLE_S = 5


def tags_of(thing):
    return {t["Key"]: t["Value"] for t in thing.get("Tags", [])}


def serving(server):
    return server.describe_address().get("InstanceId", "nobody")


# In the cloud


def one_serves(server, who, target):
    """The address, the volume and the service are on the same one machine, and it is the right one."""
    instance, wrong = serving(server), []
    attached = [(a["InstanceId"], a["State"]) for a in server.describe_volume()["Attachments"]]
    if attached != [(instance, "attached")]:
        wrong.append(f"the address points to {instance}, the volume's attachments are {attached}")
    if (instance == server.id) != (who == BLUE):
        wrong.append(f"{who} should serve, but {instance} does; blue is {server.id}")
    image = server.describe(instance).get("ImageId")
    if (image == target) != (who == GREEN):
        wrong.append(f"{who} should serve, but what does runs {image}; the plan says {target}")
    started = "select pg_postmaster_start_time()"
    if server.ask(server.address, started) != server.ask(server.private_ip(instance), started):
        wrong.append("another server answers through the Elastic IP than on the machine itself")
    return wrong


def nothing_is_orphaned(server, who, keep):
    """All that carries the server's name is part of what serves, or a snapshot to be kept."""
    instance, wrong = serving(server), []
    others = {i["InstanceId"]: i["State"]["Name"] for i in server.instances() if i["InstanceId"] != instance}
    if others:
        wrong.append(f"beside {instance}, which serves, there are {others}")
    for volume in server.volumes():
        holders = [a["InstanceId"] for a in volume["Attachments"]]
        if holders != [instance]:
            wrong.append(f"volume {volume['VolumeId']} ({tags_of(volume)}) is left over, attached to {holders}")
    made = collections.Counter((tags_of(s).get("changeover:rebuild"), tags_of(s).get("changeover:role"))
                               for s in server.snapshots())
    wrong += [f"{count} snapshots with the role {role} of {rebuild}" for (rebuild, role), count in made.items()
              if count > 1 or not rebuild or not role]
    if who == GREEN and sum(made.values()) > keep:    # rebuilds that were rolled back prune nothing
        wrong.append(f"{sum(made.values())} snapshots are there, {keep} are to be kept")
    return wrong


def settings_are_as_found(server, who):
    """Termination protection as on blue before; on a blue that was put back also the rest."""
    instance, wrong = serving(server), []
    if server.is_protected(instance):
        wrong.append(f"{instance}, which serves, is protected; blue was not")
    if who == GREEN:
        return wrong
    if server.dies_with(server.id) is not True:
        wrong.append("DeleteOnTermination of the data volume was on, and is not any more")
    role = tags_of(server.describe()).get("changeover:role")
    if role not in (None, "restored"):
        wrong.append(f"blue was put back, but its role is {role}")
    return wrong


# In the journal


def open_intents(events):
    """Intents after which there is neither their outcome nor a resumption."""
    waiting = {}
    for kind, effect, token in events:
        if kind == "intent":
            waiting[token] = effect
        elif kind == "outcome":
            waiting.pop(token, None)
        elif kind == "resumed":
            waiting.clear()
    return waiting


def rebuild_is_consistent(journal, rebuild):
    holder = journal.execute("select holder from lease where rebuild = ?", (rebuild,)).fetchone()
    events = journal.execute("select kind, effect, token from event where rebuild = ? order by seq", (rebuild,))
    wrong = [f"the intent of {effect} ({token}) has no outcome, and nobody went on after it"
             for token, effect in open_intents(events).items()]
    if holder and holder[0]:
        wrong.append(f"the lease is held by {holder[0]}")
    epochs = [e for e, in journal.execute("select epoch from event where rebuild = ? order by seq", (rebuild,))]
    if epochs != sorted(epochs):
        wrong.append("the epoch of the events goes back")
    return wrong


def journal_is_consistent(path, server, who):
    """Whole, every intent answered for, no lease left, and what it says last is what the world is."""
    if not path.exists():
        return []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as journal:
        [(integrity,)] = journal.execute("pragma integrity_check")
        wrong = [] if integrity == "ok" else [f"integrity_check: {integrity}"]
        rows = journal.execute("select id, state, blue, green from rebuild order by created_ms").fetchall()
        for rebuild, state, _, _ in rows:
            wrong += [f"{rebuild}: {text}" for text in rebuild_is_consistent(journal, rebuild)]
            if state not in ("done", "rolled-back", "failed"):
                wrong.append(f"{rebuild} is {state} in the journal")
    if rows:
        _, state, blue, green = rows[-1]
        expected = {GREEN: ("done", green), BLUE: ("rolled-back", blue)}[who]
        if expected != (state, serving(server)):
            wrong.append(f"the journal says {state} ({blue} -> {green}), but {serving(server)} serves")
    return wrong


def settled(check, *values):
    """What the check finds when all that was told to end has had the time that it takes."""
    end = time.monotonic() + SETTLE_S
    while (wrong := check(*values)) and time.monotonic() < end:
        time.sleep(0.1)
    return wrong


def judge(server, who, target, journal, keep):
    """All that is wrong, as texts."""
    try:
        server.await_writes()
    except rig.Failed as failure:
        return [f"no service through the Elastic IP: {failure}"]
    return [*server.lost(), *one_serves(server, who, target), *settled(nothing_is_orphaned, server, who, keep),
            *settings_are_as_found(server, who), *journal_is_consistent(journal, server, who)]
