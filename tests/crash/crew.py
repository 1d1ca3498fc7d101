"""The workers and their sandboxes: trials are given to whoever is free."""

import dataclasses
import json
import queue
import subprocess
import threading

from server import HERE, rig


class Crew:
    """Use as a context manager. `each(trials, done)` makes trials until there are no more."""

    def __init__(self, sandboxes, workers, library):
        self.sandboxes, self.workers = [], []
        try:
            for number in range(sandboxes):
                self.sandboxes.append(self.open_sandbox())
            for number in range(workers):
                self.workers.append(self.start(number, self.sandboxes[number % sandboxes], library))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure:
            for worker in self.workers:
                worker.terminate()
        self.close()

    @staticmethod
    def open_sandbox():
        sandbox = rig.Sandbox(str(HERE / "latency"))
        sandbox.make_key()
        sandbox.images = {name: sandbox.register(name) for name in ("v1", "v2")}
        return sandbox

    @staticmethod
    def start(number, sandbox, library):
        command = ["/usr/bin/python3", HERE / "worker.py", sandbox.folder, f"w{number}", library,
                   json.dumps(sandbox.images)]
        return subprocess.Popen(sandbox.inside(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def each(self, trials, done):
        """Makes trials until the iterator ends; done(trial, result) is called as results come, never twice at once.

        The iterator is asked for the next trial when there is somebody to make it.
        """
        lock = threading.Lock()
        failed = queue.SimpleQueue()

        def work(worker):
            try:
                while True:
                    with lock:
                        trial = next(trials, None)
                    if trial is None:
                        return
                    result = self.ask(worker, trial)
                    with lock:
                        done(trial, result)
            except Exception as failure:    # told by the thread that waits for all
                failed.put(failure)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in self.workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not failed.empty():
            raise failed.get()

    @staticmethod
    def ask(worker, trial):
        worker.stdin.write(json.dumps(dataclasses.asdict(trial)) + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        if not line:
            raise rig.Failed(f"a worker ended, in the trial: {trial}")
        return json.loads(line)

    def close(self):
        for worker in self.workers:
            worker.stdin.close()
        for worker in self.workers:
            try:
                worker.wait(120)
            except subprocess.TimeoutExpired:
                worker.terminate()
                worker.wait()
        for sandbox in self.sandboxes:
            sandbox.close()
