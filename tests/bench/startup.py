"""How long it takes until `changeover --help` and `validate` have ended, against what starting a process takes."""

import os
import time

from figures import Figure
from stage import rig

RUNS = 50
SILENCE = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]


def wall_ms(command):
    began = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=SILENCE)
    _, status = os.waitpid(child, 0)
    took = (time.perf_counter() - began) * 1000
    if status:
        raise rig.Failed(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return took


def measure():
    rig.say("starting the program")
    program = rig.changeover()
    commands = {
        "/bin/true": (["/bin/true"], None),
        "changeover --help": ([program, "--help"], 10),
        "changeover validate": ([program, "validate", str(rig.TOP / "plans/demo.yaml")], 10),
    }
    figures = {name: Figure(name, "ms", goal, digits=2) for name, (_, goal) in commands.items()}
    ratios = {name: Figure(f"{name} / true", digits=1) for name in commands if name != "/bin/true"}
    # In turns, so that whatever else this machine does meets all of them alike.
    for _ in range(RUNS):
        took = {name: wall_ms(command) for name, (command, _) in commands.items()}
        for name, figure in figures.items():
            figure.add(took[name])
        for name, ratio in ratios.items():
            ratio.add(took[name] / took["/bin/true"])
    return [*figures.values(), *ratios.values()]
