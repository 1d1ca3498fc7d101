"""A worker: trials come as JSON lines on stdin, their results go out on stdout.

    worker.py FOLDER NAME LIBRARY IMAGES

Started by crew.py in a sandbox's network. Ends at the end of its input.
"""

import json
import signal
import sys
import traceback

from server import Joined, rig
from sweeps import Trial
from trial import Trials


def give_up(_signal, _frame):
    raise SystemExit(1)


def make(trials, line):
    try:
        return trials.make(Trial(**json.loads(line)))
    except (rig.Failed, OSError, ValueError, LookupError, rig.subprocess.SubprocessError, *rig_errors()):
        trials.server = None
        return {"killed": True, "kills": 0, "code": None, "moments": 0, "points": [], "killed_at": [],
                "wrong": ["the trial itself failed"], "evidence": traceback.format_exc()}


def rig_errors():
    import botocore.exceptions
    import psycopg2
    return botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, psycopg2.Error


def main():
    folder, name, library, images = sys.argv[1:]
    signal.signal(signal.SIGTERM, give_up)
    trials = Trials(Joined(folder, name), json.loads(images), name, library)
    try:
        for line in sys.stdin:
            print(json.dumps(make(trials, line)), flush=True)
    finally:
        trials.close()


main()
