# shellcheck shell=bash
# Parts that the fault tests share. To be sourced after tests/e2e/world.sh. A fault is survived when
# what it did is in the journal and the work that it hit has gone on; how long that took is told.
faults=$world/faults.md
: >"$faults"

now_ms() { date +%s%3N; }
last_seq() { sql 'select coalesce(max(seq), 0) from event'; }
seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

# What a person is told by an event. A body without such a field says nothing.
told="coalesce(json_extract(body, '\$.cause'), json_extract(body, '\$.detail'), json_extract(body, '\$.ask'),
      json_extract(body, '\$.why'), json_extract(body, '\$.text'), '')"

# row WHAT SAID MS: a line of the table. What is said comes from boards and compilers too.
row() {
    local said
    said=$(tr '\n|' '  ' <<<"$2" | tr -cd '[:print:]')
    [ ${#said} -le 150 ] || said="${said:0:147}..."
    echo "| $1 | ${said% } | $(seconds "$3") s |" >>"$faults"
    ok "$1: survived in $(seconds "$3") s"
}

# survives WHAT SAYS RESUMES COMMAND...: makes the fault by COMMAND, then waits until the journal says
# (SAYS, an expression) why, and until an event of the kind RESUMES shows that the work goes on. Where
# that takes a person, `mend` is what the person does when the journal has said why.
mend=:
survives() {
    local what=$1 says=$2 resumes=$3 seq since at='' cause=''
    shift 3
    seq=$(last_seq) since=$(now_ms)
    echo "fault: $what"
    "$@" || { bad "$what: the fault can be made"; return; }
    caused() {
        cause=$(sql "select seq || '|' || $told from event
                     where seq > $seq and bisection = $id order by seq" | grep -m 1 -E "^[0-9]+\|.*($says)")
    }
    wait_for 600 or_over caused || true
    [ -n "$cause" ] || { bad "$what: the journal says why" "$(story_since "$seq")"; return; }
    "$mend" || bad "$what: it can be mended"
    mend=:
    resumed() {
        at=$(sql "select min(at_ms_utc) from event
                  where seq > ${cause%%|*} and bisection = $id and kind = '$resumes'")
        [ -n "$at" ]
    }
    wait_for 600 or_over resumed || true
    [ -n "$at" ] || { bad "$what: it goes on" "$(story_since "$seq")"; return; }
    row "$what" "${cause#*|}" $((at - since))
}
# or_over COMMAND...: what is waited for cannot come any more when the bisection has ended. It may have
# come with the end: then it is found at a second look.
or_over() { "$@" || { [ -n "${id-}" ] && ended && { "$@" || true; }; }; }
story_since() { sql "select seq, kind, $told from event where seq > $1"; }

# killed_after KIND [COMMAND...]: the daemon is killed as soon as it has said that an event of this
# kind, which COMMAND may bring about, is in the journal.
killed_after() {
    local kind=$1 lines tail at=''
    shift
    exec {lines}< <(exec tail -n 0 -F "$world/bisectd.log" 2>/dev/null)
    tail=$!
    [ $# = 0 ] || "$@"
    timeout 1800 grep -q -m 1 -E "bisection [0-9]+: $kind \{" <&"$lines" || bad "the journal gets another $kind"
    kill_daemon
    kill "$tail"
    exec {lines}<&-
    daemon_again
    # Where a person has to do something first it only listens.
    [ "$kind" != board_parked ] || at=$(now_ms)
    goes_on "SIGKILL of the daemon at \`$kind\`" "$at"
}
# killed_now WHEN: the same, at once.
killed_now() {
    kill_daemon
    daemon_again
    goes_on "SIGKILL of the daemon $1" ""
}
# Sets `killed`, the time.
kill_daemon() {
    # Disowned: else the shell tells of each one that is killed.
    disown "$(cat "$world/bisectd.pid")" 2>/dev/null || true
    kill -KILL "$(cat "$world/bisectd.pid")"
    killed=$(now_ms)
}
# goes_on WHAT AT: the time until the successor has journalled something; AT: it is known already.
goes_on() {
    local at=$2
    went_on() {
        at=$(sql "select min(at_ms_utc) from event where seq > $last")
        [ -n "$at" ]
    }
    [ -n "$at" ] || wait_for 900 went_on || { bad "$1: it goes on"; return; }
    row "$1" "nothing: it goes on where it was" $((at - killed))
}
# daemon_again: the one that was killed is gone, and another works. Sets `last`, what the first has left.
daemon_again() {
    local pid
    pid=$(cat "$world/bisectd.pid")
    tail --pid="$pid" -s 0.05 -f /dev/null
    last=$(last_seq)
    demo_daemon "$build" "$world"
}

# Kinds that are written only where kernels are built and booted.
board_kinds="prior_weighed deployed boot_started kernel_proven recovery_tried board_recovered board_parked board_returned"
# ... and what disks do that run full: see full_disk_test.
disk_kinds="artefact_evicted logs_evicted space_ran_out space_returned"

# show_faults TITLE: the table, and what has passed; false where something has failed.
show_faults() {
    printf '\n| %s | the journal says | until it goes on |\n|---|---|---:|\n' "$1"
    cat "$faults"
    printf '\n%s\n' "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}

# nothing_twice: of what the journal says was finished, nothing was done again in bisection $id.
nothing_twice() {
    local twice
    twice=$(sql "select step, attempt, batch, run from run where bisection = $id group by 1, 2, 3, 4 having count(*) > 1")
    [ -z "$twice" ] && ok "bisection $id: no run is recorded twice" || bad "bisection $id: no run is recorded twice" "$twice"
    # A proof is built anew on purpose, once for its step.
    twice=$(sql "with done as (
                     select json_extract(body, '\$.key') key, json_extract(body, '\$.step') step
                     from event where bisection = $id and kind = 'built' and not json_extract(body, '\$.from_store')),
                 proofs as (select step from step where bisection = $id and purpose like 'proof%')
                 select key from done where step not in proofs group by key having count(*) > 1
                 union select step from done group by step having count(*) > 1")
    [ -z "$twice" ] && ok "bisection $id: no finished build is repeated" || bad "bisection $id: no finished build is repeated" "$twice"
    twice=$(sql "select kind, body from event where bisection = $id and kind in
                     ('step_started', 'attempt_started', 'attempt_ended', 'kernel_proven', 'runs_started', 'runs_ended')
                 group by kind, json_extract(body, '\$.step'), json_extract(body, '\$.attempt'), json_extract(body, '\$.batch')
                 having count(*) > 1")
    [ -z "$twice" ] && ok "bisection $id: no step, attempt or batch is taken twice" || bad "bisection $id: no step, attempt or batch is taken twice" "$twice"
}

# need SECONDS WHAT COMMAND...: without this there is nothing to go on with.
need() {
    local limit=$1 what=$2
    shift 2
    local here=''
    come() { "$@" && here=1; }
    wait_for "$limit" or_over come "$@" || true
    [ -z "$here" ] || return 0
    bad "$what" "$(story_since 0 2>/dev/null | tail -15; tail -3 "$world/bisectd.log")"
    exit 1
}
