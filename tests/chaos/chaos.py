"""Drives tests/chaos/run.sh: one search after the other until enough faults were injected."""
import argparse
import collections
import json
import os
import random
import signal
import subprocess
import sys
import time

from proxy import Proxy

SYNTH = os.environ["SYNTH"]
LEASE = 1.5  # seconds
# An accuracy that follows from the key alone, as a real trainer's follows from architecture and seed.
TRAINER = """#!/bin/sh
sleep 0.3
key=$(sed 's/.*"key":"\\([0-9a-f]*\\)".*/\\1/')
echo "{\\"accuracy\\": 0.9$(printf %d 0x$(echo $key | cut -c1-4)), \\"samples\\": 1000}"
"""


def synth(*words, check=True):
    done = subprocess.run([SYNTH, *words], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{words}: exit code {done.returncode}\n{done.stderr}")
    return done


class Scene:
    """A search in the database: leaders, workers and what becomes of them."""

    def __init__(self, options, proxy, name, search):
        self.options, self.proxy, self.name = options, proxy, name
        self.folder = options.folder
        self.url = f"postgresql://postgres@127.0.0.1:{proxy.port}/runs?run={name}"
        self.direct = f"postgresql://postgres@/runs?host={self.folder}/server&run={name}"
        self.log = open(f"{self.folder}/{name}.log", "a")
        self.evaluator = f"command:{self.folder}/trainer.sh"
        self.workers = []
        self.leaders = [self.start("search", "--db", self.url, *search)]
        while not self.exists():
            time.sleep(0.2)
        self.tend()

    def start(self, *words):
        return subprocess.Popen([SYNTH, *words, "--jobs", "1"], cwd=self.folder, start_new_session=True,
                                stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def sql(self, statement):
        words = ["psql", "-qtA", f"postgresql://postgres@/runs?host={self.folder}/server", "-c", statement]
        return subprocess.run(words, capture_output=True, text=True)

    def exists(self):
        return self.sql(f'SELECT count(*) FROM "synth:{self.name}".run').stdout.strip() == "1"

    def recorded(self):
        text = self.sql(f'SELECT count(*) FROM "synth:{self.name}".networks').stdout.strip()
        return int(text) if text else -1

    def over(self):
        return self.sql(f'SELECT state FROM "synth:{self.name}".run').stdout.strip() in ("done", "infeasible")

    def tend(self):
        """Whoever is gone is replaced, as an administrator would."""
        for process in self.leaders + self.workers:
            # Killed, done, infeasible, taken over or without its server; anything else is a bug.
            if process.poll() not in (None, -signal.SIGKILL, 0, 3, 4):
                raise RuntimeError(f"{process.args[1]} ended with {process.returncode}, see {self.log.name}:\n"
                                   + open(self.log.name).read()[-5000:])
        self.leaders = [p for p in self.leaders if p.poll() is None]
        self.workers = [p for p in self.workers if p.poll() is None]
        while len(self.leaders) < 2:
            self.leaders.append(self.start("resume", self.url, "--spare", "--evaluator", self.evaluator))
        while len(self.workers) < self.options.workers:
            self.workers.append(self.start("worker", self.url, "--lease", f"{LEASE}s", "--evaluator", self.evaluator))

    def close(self):
        for process in self.leaders + self.workers:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                print(f"{process.args[1]} did not end with the run", flush=True)
                process.kill()
                process.wait()
                self.stuck = True
        self.log.close()


# Faults: each returns whether it hit something.
def kill_worker(scene, draw):
    draw.choice(scene.workers).kill()
    return True


def kill_leader(scene, draw):
    draw.choice(scene.leaders).kill()
    return True


def pause(process, seconds):
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)
    return True


def pause_worker(scene, draw):
    return pause(draw.choice(scene.workers), 2 * LEASE)


def pause_leader(scene, draw):
    return pause(draw.choice(scene.leaders), 1)


def kill_server(scene, draw):
    for action in ("kill", "start"):
        subprocess.run([scene.options.server, action, f"{scene.folder}/server"], check=True)
        if action == "kill":
            time.sleep(draw.choice([0, 0.5, 3]))
    return True


def cut_everything(scene, draw):
    return scene.proxy.cut_all() > 0


def cut_commit(scene, draw):
    scene.proxy.arm(draw.choice(["before", "after"]))
    hit = scene.proxy.cut.wait(10)
    scene.proxy.arm(None)
    return hit


def third_leader(scene, draw):
    """Refused where somebody has the run; where nobody has it, a leader like others."""
    rival = scene.start("resume", scene.url, "--evaluator", scene.evaluator)
    try:
        code = rival.wait(15)
    except subprocess.TimeoutExpired:
        scene.leaders.append(rival)
        return True
    if code not in (0, 4):
        raise RuntimeError(f"a second leader ended with exit code {code}")
    return True


FAULTS = {kill_worker: 6, kill_leader: 3, pause_worker: 3, pause_leader: 2, kill_server: 2, cut_everything: 3,
          cut_commit: 6, third_leader: 1}


def disturb(scene, draw, counts, wanted):
    """Faults, one after the other, until the search is over."""
    kinds, weights = list(FAULTS), list(FAULTS.values())
    while not scene.over():
        scene.tend()
        before = scene.recorded()
        if sum(counts.values()) < wanted:
            fault = draw.choices(kinds, weights)[0]
            if fault(scene, draw):
                counts[fault.__name__] += 1
        # Progress, or not: some faults hit before the one before is mended.
        patience = time.time() + draw.choice([0.2, 1, 20])
        while time.time() < patience and scene.recorded() <= before and not scene.over():
            scene.tend()
            time.sleep(0.1)


def verify(scene, reference, evaluations):
    """Complaints about the final state."""
    found = json.loads(synth("lineage", scene.direct, "--json").stdout)
    complaints = []
    keys = [network["key"] for network in found["networks"]]
    if len(keys) < evaluations:
        complaints.append(f"{evaluations - len(keys)} evaluations lost")
    if len(set(keys)) < len(keys):
        complaints.append(f"{len(keys) - len(set(keys))} evaluations twice")
    if found != reference:
        complaints.append("the lineage differs from that of the undisturbed search")
    if getattr(scene, "stuck", False):
        complaints.append("a process did not end with the run")
    return complaints


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("server")
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--evaluations", type=int, default=120)
    options = parser.parse_args()
    with open(f"{options.folder}/trainer.sh", "w") as file:
        file.write(TRAINER)
    os.chmod(f"{options.folder}/trainer.sh", 0o755)
    proxy = Proxy(f"{options.folder}/server/.s.PGSQL.5432")
    draw, counts, failed, began = random.Random(options.seed), collections.Counter(), False, time.time()
    searches = 0
    while sum(counts.values()) < options.faults and not failed:
        searches += 1
        search = ["--data", "shapes,limit=300", "--prototype", "residual9,width=0.25", "--seeds", "4", "--at-once", "8",
                  "--algorithm", "regularized-evolution", "--seed", str(options.seed + searches), "--require",
                  "accuracy>=1%", "--evaluator", f"command:{options.folder}/trainer.sh", "--evaluations",
                  str(options.evaluations)]
        undisturbed = f"{options.folder}/undisturbed{searches}.db"
        synth("search", "--db", undisturbed, "--jobs", "8", *search)
        reference = json.loads(synth("lineage", undisturbed, "--json").stdout)
        scene = Scene(options, proxy, f"chaos{searches}", search)
        disturb(scene, draw, counts, options.faults)
        scene.close()
        complaints = verify(scene, reference, options.evaluations)
        failed = bool(complaints)
        print(f"search {searches}: {len(reference['networks'])} networks, {sum(counts.values())} faults so far: "
              f"{'; '.join(complaints) or 'identical, lost 0, duplicated 0'}", flush=True)
        if failed:
            print(open(f"{options.folder}/chaos{searches}.log").read()[-20000:])
    print(f"{sum(counts.values())} faults in {time.time() - began:.0f} s: "
          + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
