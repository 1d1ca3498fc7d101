"""Peak memory of the engine by the number of machines in one plan, and what each further one costs."""

import statistics

import stage
from figures import Figure
from stage import rig

# Resident library pages vary by 0.2 MiB from run to run: a few machines alone would not show the slope.
COUNTS = (1, 2, 4, 8)
PACE = 5  # the sandbox answers at once here: no need to wait as for EC2


def peak_kib(count):
    with rig.Sandbox("none") as sandbox:
        machines, writers, image = stage.machines_under_load(sandbox, count)
        _, spent, _ = stage.apply(sandbox, machines, image, PACE)
        stage.stop_writers(writers)
        if spent["peak_kib"] <= spent["floor_kib"]:
            raise rig.Failed("the engine's peak memory is below what can be measured")
        return spent["peak_kib"]


def measure(runs):
    peaks = {count: Figure(f"peak memory, {count} in one plan", "KiB") for count in COUNTS}
    further = Figure("memory for each further rebuild", "KiB", goal=64)
    for number in range(runs):
        rig.say(f"fleets of {COUNTS}, run {number + 1} of {runs}")
        kib = [peak_kib(count) for count in COUNTS]
        for count, value in zip(COUNTS, kib):
            peaks[count].add(value)
        further.add(statistics.linear_regression(COUNTS, kib).slope)
    return [*peaks.values(), further]
