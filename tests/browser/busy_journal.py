"""Fills a daemon's journal with a busy farm's past: many bisections that have ended.

The events have the shapes that the daemon writes; it reads them as its own. The daemon must not
run meanwhile.
"""

import json
import random
import sqlite3

STEPS = 12
HOUR_MS = 3_600_000
FIRST_MS = 1_770_000_000_000


class Writer:
    def __init__(self, database, seed):
        self.database = database
        self.chance = random.Random(seed)
        self.at_ms = FIRST_MS

    def event(self, bisection, kind, **body):
        self.at_ms += self.chance.randint(1, 40_000)
        self.database.execute(
            "INSERT INTO event(bisection, at_ms_utc, kind, version, body) VALUES(?, ?, ?, 1, ?)",
            (bisection, self.at_ms, kind, json.dumps(body)))

    def commit(self):
        return f"{self.chance.getrandbits(160):040x}"

    def attempt(self, bisection, step, board, runs, bad):
        place = {"step": step, "attempt": 1}
        self.event(bisection, "attempt_started", **place, board=board)
        self.event(bisection, "tree_prepared", **place, tree=self.commit(), stack_digest="",
                   patches=[])
        self.event(bisection, "build_started", **place, key=self.commit() + "0" * 24, log="build")
        self.event(bisection, "built", **place, key=self.commit() + "0" * 24,
                   from_store=self.chance.random() < 0.2, image_sha256=self.commit(),
                   build_id=self.commit(), release="6.1.0-bisectd", seconds=190.5, drift=[],
                   rebuild="", content_sha256="")
        self.event(bisection, "deployed", **place, path="/boot/bisectd-6.1", bytes=11_000_000,
                   seconds=3.1, removed=[])
        self.event(bisection, "boot_started", **place, boot_id_before=self.commit())
        self.event(bisection, "kernel_proven", **place, boot_id=self.commit(),
                   build_id=self.commit(), release="6.1.0-bisectd", boot_seconds=24.5)
        self.event(bisection, "runs_started", **place, batch="a", symptom="segfault", planned=runs)
        looks = ["clean"] * runs
        if bad:
            looks[-1] = "hit"
        self.event(bisection, "runs_recorded", **place, batch="a", runs=[
            {"run": n + 1, "look": look, "exit": int(look == "hit"), "signal": 0, "ms": 850}
            for n, look in enumerate(looks)])
        self.event(bisection, "runs_ended", **place, batch="a")
        self.event(bisection, "attempt_ended", **place, rung="run",
                   outcome="bad-looking" if bad else "good-looking",
                   cause="hit in the last run" if bad else "all runs were clean",
                   board_needs_recovery=False, ends_bisection=False)

    def bisection(self, number, runs_a_step):
        board = f"rack{number % 7}-pi4"
        bad, good = self.commit(), self.commit()
        self.event(number, "bisection_requested", recipe_folder="/gone", recipe_digest="", seed=1,
                   request={"repository": "/home/kim/linux", "bad": "v6.2", "good": ["v6.1"],
                            "recipe": ["brk-static-pie", "rseq", "ptrace"][number % 3],
                            "board": board, "first_parent": False, "paths": [],
                            "title": f"hunt {number}: a crash in brk()", "more_boards": [],
                            "hints": [], "seen_failures": 0, "seen_runs": 0, "trust_ends": False,
                            "confidence": 0.95, "replay": ""})
        self.event(number, "range_resolved", bad=bad, good=[good], merge_bases=[], suspects=13_524)
        suspects = 13_524
        for step in range(1, STEPS + 1):
            commit = self.commit()
            is_bad = self.chance.random() < 0.5
            self.event(number, "step_started", step=step, commit=commit, purpose="search",
                       subject="mm: let brk() know about static PIE", suspects=suspects,
                       reverted="")
            self.attempt(number, step, board, runs_a_step, is_bad)
            self.event(number, "verdict_given", step=step, commit=commit, symptom="segfault",
                       verdict="bad" if is_bad else "good", cause="as the runs said",
                       bad_probability=0.99 if is_bad else 0.01, closes=True)
            suspects = max(1, suspects // 2)
        self.event(number, "bisection_ended", ending="culprit", commits=[self.commit()],
                   cause="The culprit is bad again and its parent good again.")


def fill(journal, bisections, runs, seed=3):
    """Writes `bisections` with together about `runs` runs into the journal file."""
    database = sqlite3.connect(journal)
    writer = Writer(database, seed)
    first = database.execute("SELECT coalesce(max(bisection), 0) + 1 FROM event").fetchone()[0]
    for number in range(first, first + bisections):
        writer.bisection(number, max(1, round(runs / bisections / STEPS)))
    # The daemon makes its projections again when it does not know them.
    database.execute("UPDATE projection_definition SET sql = ''")
    database.commit()
    count = database.execute("SELECT count(*) FROM event").fetchone()[0]
    database.close()
    return count
