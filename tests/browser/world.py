"""A world for the browser to look at: a history with merges, recipes, boards, a real daemon.

Only Python's standard library, git and the daemon that was built.
"""

import functools
import json
import os
import random
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HOSTILE = "<img src=x onerror=alert(1)> \"quoted\" 'single' & <script>alert(2)</script>"
START_LIMIT_S = 120

SUBJECTS = [
    "mm/mmap: keep the brk area apart from the stack", "fs/binfmt_elf: use PT_LOAD p_align",
    "arm64: errata: read the register once", "net: ipv4: count what is dropped",
    "drm/vc4: wait for the last frame", "i2c: imx: end a transfer that hangs",
    "sched/fair: do not wake an idle core twice", "usb: dwc3: mend a lost interrupt",
    "kbuild: sort the list of objects", "Documentation: say what brk_base means",
    "spi: bcm2835: shorten the longest wait", "block: merge bios of one page",
    "rtc: pcf8523: read the century", "mtd: spinand: know two more chips",
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    """A daemon in a folder of its own, with its token."""

    def __init__(self, build, folder, more_config=""):
        self.build = Path(build)
        self.folder = Path(folder)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = None
        for name in ("boards", "recipes", "data"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "bisectd.toml").write_text(
            f'data_folder = "{self.folder}/data"\nsocket = "{self.folder}/bisectd.sock"\n'
            f'listen = "127.0.0.1:{self.port}"\nrecipe_folders = ["{self.folder}/recipes"]\n'
            f'boards_folder = "{self.folder}/boards"\nlog_level = "warning"\n{more_config}')

    def start(self):
        """Starts it; gives how long it took until it answered. Unit: seconds."""
        with open(self.folder / "bisectd.log", "ab") as log:
            begun = time.monotonic()
            self.process = subprocess.Popen(
                [self.build / "daemon/bisectd", "--config", self.folder / "bisectd.toml"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while time.monotonic() - begun < START_LIMIT_S:
            try:
                self.get("/healthz")
                return time.monotonic() - begun
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        raise RuntimeError("the daemon does not answer: " +
                           (self.folder / "bisectd.log").read_text()[-2000:])

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    @functools.cached_property
    def token(self):
        return subprocess.run(
            [self.build / "daemon/bisectd", "--config", self.folder / "bisectd.toml",
             "--new-token"], check=True, capture_output=True, text=True).stdout.strip()

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=60) as answer:
            return answer.read()

    def json(self, path):
        return json.loads(self.get(path))

    def post(self, path, body=None):
        request = urllib.request.Request(
            self.address + path, method="POST", data=json.dumps(body or {}).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def wait_for(self, condition, seconds=120):
        """Until `condition()` gives something true; gives that."""
        until = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > until:
                raise RuntimeError("it never came")
            time.sleep(0.1)


class History:
    """A git history whose program fails from one commit on; some commits do not build."""

    def __init__(self, folder, commits, culprit, seed=7):
        self.folder = Path(folder)
        self.chance = random.Random(seed)
        self.folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        for number in range(1, commits + 1):
            merged = number % 9 == 0 and number != culprit
            if merged:
                self.git("checkout", "-q", "-b", f"side{number}", "main~3")
                for part in range(2):
                    self.commit(number, f"side{number}", part)
                self.git("checkout", "-q", "main")
                self.git("merge", "-q", "--no-ff", f"side{number}", "-m",
                         f"Merge tag 'fixes-{number}' of the side tree")
            (self.folder / "program.sh").write_text(
                f"# {number}\n" + ("echo oops; exit 1\n" if number >= culprit else "exit 0\n"))
            broken = number in (culprit - 9, culprit + 7)
            (self.folder / "builds").write_text("no\n" if broken else "yes\n")
            self.commit(number, "main", 0, HOSTILE if number == culprit else None)
        self.good = self.git("rev-list", "--max-parents=0", "main").strip()

    def git(self, *arguments):
        environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_AUTHOR_NAME="A. Hacker",
                           GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_NAME="A. Hacker",
                           GIT_COMMITTER_EMAIL="a@example.org")
        return subprocess.run(["git", "-C", self.folder, *arguments], check=True, text=True,
                              stdout=subprocess.PIPE, env=environment).stdout

    def commit(self, number, branch, part, subject=None):
        (self.folder / f"{branch}.txt").write_text(f"{number} {part}\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject or self.chance.choice(SUBJECTS))


def write_recipe(daemon, name, command, build="", title="a program that fails", runs=20):
    folder = daemon.folder / "recipes" / name
    folder.mkdir(parents=True, exist_ok=True)
    colours = r"printf '  CC      \033[32mmm/mmap.o\033[0m\n\033[1;31merror:\033[0m none\n'; "
    text = "set -e; " + colours + build + "grep -q yes $SOURCE/builds; cp $SOURCE/program.sh program"
    (folder / "recipe.toml").write_text(f"""name = "{name}"
title = "{title}"
[build]
kind = "command"
command = '''{text}'''
artefacts = ["program"]
deadline = "60s"
[[symptom]]
name = "fails"
command = "{command}"
runs = {runs}
deadline = "20s"
""")


def write_board(daemon, name, console):
    """A board that nobody answers for; its console is a file."""
    (daemon.folder / "boards" / "no-key").write_text("")
    (daemon.folder / "boards" / f"{name}.toml").write_text(f'''name = "{name}"
kind = "raspberry-pi-4"
transport = "ssh"
boot_deadline = "10s"
[ssh]
host = "127.0.0.1"
port = 9
key_file = "no-key"
host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
[deploy]
image = "/boot/bisectd-{{release}}"
arm = "true"
fallback_build_id = "0123456789abcdef0123456789abcdef01234567"
fallback_release = "6.1.0-18-arm64"
[console]
driver = "file"
address = "{console}"
''')


def wish(history, recipe, board="local", **more):
    return {"repository": str(history.folder), "good": [history.good], "bad": "main",
            "recipe": recipe, "board": board, **more}


def make_folder(name):
    return tempfile.mkdtemp(prefix=f"bisectd-{name}-")
