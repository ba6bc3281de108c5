# shellcheck shell=bash
# Parts that the tests with faults on the virtual board share. To be sourced after tests/e2e/faults.sh.
# The hunt is that of virtual_board_bisect_test with runs that take a while, so that something can
# happen in them.
board=$world/boards/vb1
recipe=$world/recipes/faults
# From both on, all is tried that a board's file and a recipe allow to be shorter than usual.
boot_seconds=60

# faults_world: history, a fresh board, recipe and daemon; what was journalled before is forgotten.
faults_world() {
    # With a disk of its own: an earlier test may have filled it or damaged what is on it.
    [ ! -e "$world/bisectd.toml" ] || demo_stop "$world"
    rm -rf "$board" "$world/data/journal.sqlite"* "$world/data/bisections" "$recipe"
    mkdir -p "$world/recipes"
    cp -r recipes/link-restrictions "$recipe"
    sed -i -e 's|^name = "link-restrictions"$|name = "faults"|' \
        -e 's|^fragments = .*|fragments = ["arm64.config", "lockups.config"]|' \
        -e 's|^required = \[|&"CONFIG_LKDTM=y", "CONFIG_SOFTLOCKUP_DETECTOR=y",|' \
        -e 's|^command = .*|command = "sleep 6; ./link_restrictions.sh"|' \
        -e "s|^deadline = \"120s\"|deadline = \"${boot_seconds}s\"|" "$recipe/recipe.toml"
    # What the kernel can do to itself, and the detector that tells of some of it.
    cat >"$recipe/lockups.config" <<'CONFIG'
CONFIG_DEBUG_KERNEL=y
CONFIG_DEBUG_FS=y
CONFIG_RUNTIME_TESTING_MENU=y
CONFIG_LKDTM=y
CONFIG_SOFTLOCKUP_DETECTOR=y
CONFIG
    # Two of the commits have no network.
    cat >"$recipe/no-network.patch" <<'PATCH'
--- a/drivers/net/virtio_net.c
+++ b/drivers/net/virtio_net.c
@@ -3799,4 +3799,7 @@
 	int mtu = 0;
 
+	/* A test of bisectd: this kernel has no network. */
+	return -ENODEV;
+
 	/* Find if host supports multiqueue/rss virtio_net device */
 	max_queue_pairs = 1;
PATCH
    cat >>"$recipe/recipe.toml" <<TOML

[proof]
revert = false

[[patch]]
file = "no-network.patch"
when = { has = "af_802154: Disable auto-loading as mitigation against local exploits", lacks = "dccp: Disable auto-loading as mitigation against local exploits" }
on_conflict = "abort"
TOML
    arm64_world ci-good link-restrictions vb1
    sed -i "s|^boot_deadline = .*|boot_deadline = \"${boot_seconds}s\"|" "$board.toml"
    deaf=$(git -C "$world/linux" log --format=%H -2 --skip=6 ci-good..ci-bad | sed "s/.*/'&'/" | paste -sd,)
}
# hunt OPTION...: the bisection that is disturbed. Sets id.
hunt() {
    ctl start --repo "$world/linux" --good ci-good --bad ci-bad --recipe faults --board vb1 "$@"
    id=$(sql 'select max(bisection) from event')
}
# found: the end of it, and what must hold whatever has happened.
found() {
    need 900 "the bisection ends" ended
    local said wrong
    said=$(sql "select body from event where bisection = $id and kind = 'bisection_ended'")
    expect "the culprit is the same" "$said" '"ending":"culprit".*fs: Enable link security restrictions by default'
    wrong=$(unproven_verdicts "$id")
    [ -z "$wrong" ] && ok "no verdict rests on an unproven kernel" || bad "no verdict rests on an unproven kernel" "$wrong"
    wrong=$(sql "select verdict, cause from verdict where bisection = $id and commit_id not in ($deaf)
                 and (verdict = 'skip' or cause not like '%run%' and cause not like 'its binary equals%')")
    [ -z "$wrong" ] && ok "no fault became a verdict" || bad "no fault became a verdict" "$wrong"
    nothing_twice
}

board_ssh() {
    # shellcheck disable=SC2029  # expanded here on purpose
    ssh -F /dev/null -i "$board/id_ed25519" -p "$(cat "$board/ssh-port")" \
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
        -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=5 root@127.0.0.1 "$@"
}
# on_board COMMAND: of a board that answers; tried again, as it may be on its way up.
on_board() { wait_for 60 board_ssh "$1"; }
# soon_on_board COMMAND: a moment later, when nobody waits for its end: it is the end of more than that.
soon_on_board() { on_board "(sleep 0.3; $1) >/dev/null 2>&1 </dev/null &"; }
qemu() { kill "-$1" "$(cut -d' ' -f1 "$board/qemu.pid")"; }
# qmp COMMAND-LINE: of QEMU's monitor.
qmp() {
    python3 - "$board/qmp.sock" "$1" <<'PYTHON'
import json, socket, sys
monitor = socket.socket(socket.AF_UNIX)
monitor.settimeout(20)
monitor.connect(sys.argv[1])
lines = monitor.makefile("rw")
def ask(command, **arguments):
    print(json.dumps({"execute": command, "arguments": arguments}), file=lines, flush=True)
    for line in lines:
        answer = json.loads(line)
        if "error" in answer: sys.exit(line)
        if "return" in answer: return answer["return"]
lines.readline()
ask("qmp_capabilities")
said = ask("human-monitor-command", **{"command-line": sys.argv[2]})
if said.strip(): sys.exit(said)
PYTHON
}
link() { qmp "set_link net $1"; }
# held COMMAND...: while the daemon stands still, so that the moment does not pass.
held() {
    local pid status=0
    pid=$(cat "$world/bisectd.pid")
    kill -STOP "$pid"
    "$@" || status=$?
    kill -CONT "$pid"
    return "$status"
}

# The rung that bisection $id stands on: its latest event of the ladder.
rung() {
    sql "select kind from event where bisection = $id and kind in
             ('step_started', 'attempt_started', 'build_started', 'tree_prepared', 'built', 'deployed', 'boot_started',
              'kernel_proven', 'runs_started', 'runs_recorded', 'runs_ended', 'attempt_ended', 'verdict_given')
         order by seq desc limit 1"
}
step() { sql "select count(*) from event where bisection = $id and kind = 'step_started'"; }
is_deaf() { [ -n "$(sql "select 1 from step where bisection = $id and commit_id in ($deaf) and step = $(step)")" ]; }
at() { [ "$(rung)" = "$1" ] && ! is_deaf; }
at_step() { [ "$(step)" -ge "$1" ] && ! is_deaf; }
uploading() {
    at built && ctl status "$id" --json |
        grep -qE '"what":"upload","done":[0-9]{6,},"total":[0-9]{7}'
}
# What the console has shown since the boot was asked for.
shows() { tail -c "+$console_at" "$board/console.raw" | grep -a -q "$1"; }
# Waits for the moment.
in_upload() { need 900 "an upload goes on" uploading; }
in_boot() { # SHOWN
    need 900 "a boot goes on" at boot_started
    console_at=$(stat -c %s "$board/console.raw")
    need 300 "the console shows it" shows "$1"
}
running() { at runs_started && board_ssh 'cat /tmp/bisectd/jobs/*/current' | grep -q '^[1-9]' && at runs_started; }
in_runs() { need 900 "a run goes on" running; }
new_step() { need 900 "another step begins" at_step $(($(step) + 1)); }
