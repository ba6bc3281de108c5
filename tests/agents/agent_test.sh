#!/bin/sh
# Tests of agents/bisectd-agent, through its line protocol only.
#   sh agent_test.sh dash | sh agent_test.sh busybox sh | sh agent_test.sh bash --posix
# The arguments are the shell under test. Nothing waits for a time, only for a condition, with a
# deadline (wait_until). Prints TAP, and "N passed, N failed" at the end.
#
# Needs bash, od, awk and timeout on the machine that tests, whatever the shell under test.
#
# shellcheck disable=SC2016,SC2329 # commands for the board are not expanded here; called by name
# shellcheck disable=SC2030,SC2031,SC2123 # PATH is changed for a subshell, on purpose

[ $# -gt 0 ] || set -- sh
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd -P)
source_file=$here/../../agents/bisectd-agent
root=$(mktemp -d "${TMPDIR:-/tmp}/bisectd-agent-test.XXXXXX") || exit 2
root=$(cd "$root" && pwd -P)
agent_file=$root/bisectd-agent
cp "$source_file" "$agent_file"
shell_under_test=$*
passed=0
failed=0
jobs=0

# shellcheck disable=SC2086 # the shell under test may be two words
agent() { $shell_under_test "$agent_file" "$@"; }

cleanup() {
    for folder in "$root"/job-*; do
        if [ -d "$folder/lock" ]; then agent stop "$folder" >/dev/null 2>&1; fi
    done
    rm -rf "$root"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# test_that SENTENCE COMMAND...: one test; what the command prints is shown when it fails.
test_that() {
    sentence=$1
    shift
    if "$@" >"$root/shown" 2>&1; then
        passed=$((passed + 1))
        printf 'ok %s - %s\n' $((passed + failed)) "$sentence"
    else
        failed=$((failed + 1))
        printf 'not ok %s - %s\n' $((passed + failed)) "$sentence"
        head -c 3000 "$root/shown" | sed 's/^/# /'
    fi
}

# Everything expected of a text: has TEXT PATTERN... (basic regular expressions, each on a line).
has() {
    text=$1
    shift
    for pattern; do
        printf '%s\n' "$text" | grep -q -e "$pattern" || {
            printf 'no line with %s in:\n%s\n' "$pattern" "$text"
            return 1
        }
    done
}

lacks() {
    if printf '%s\n' "$1" | grep -q -e "$2"; then
        printf 'a line with %s in:\n%s\n' "$2" "$1"
        return 1
    fi
}

# wait_until SECONDS COMMAND...
wait_until() {
    limit=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ "$(date +%s)" -gt "$limit" ]; then
            echo "waited in vain for: $*"
            return 1
        fi
        sleep 0.05 2>/dev/null || sleep 1
    done
}

gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; }

# Percent-encodes everything, the hard way.
encoded() { printf %s "$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g'; }

decoded_text() { # of lines on standard input
    { sed -n 's/^bisectd [a-z]* text=//p' | sed 's/%\(..\)/\\x\1/g' | tr -d '\n'; echo; } |
        bash -c 'IFS= read -r escapes; printf %b "$escapes"'
}

# new_job LINE...: a folder with a job, in $job. "command" and "precondition" are encoded here.
new_job() {
    jobs=$((jobs + 1))
    until mkdir "$root/job-$jobs" 2>/dev/null; do jobs=$((jobs + 1)); done
    job=$root/job-$jobs
    echo "id=batch-$jobs" >"$job/job"
    for line; do
        case $line in
            command=* | precondition=* | *_pattern=* | stop_exits=*)
                line=${line%%=*}=$(encoded "${line#*=}") ;;
        esac
        printf '%s\n' "$line" >>"$job/job"
    done
}

# Starts the job and follows it to its end, in $told; both within 60 s.
run_job() {
    new_job "$@"
    answer=$(agent start "$job") || { echo "$answer"; return 1; }
    follow_job 1
}

follow_job() { # FROM
    # shellcheck disable=SC2086
    told=$(timeout 60 $shell_under_test "$agent_file" follow "$job" "$1") || {
        echo "follow failed: $told"
        return 1
    }
}

run_lines() { printf '%s\n' "$told" | grep -c '^bisectd run '; }

equal() { [ "$1" = "$2" ] || { printf 'is: %.500s\nnot: %.500s\n' "$1" "$2"; return 1; }; }

# ---------------------------------------------------------------- small verbs

unknown_verb() {
    told=$(agent frobnicate)
    equal $? 64 && has "$told" '^bisectd end status=64 error=unknown%20verb:%20frobnicate$'
}
no_verb() { told=$(agent); equal $? 64 && has "$told" '^bisectd end status=64 error='; }
version() {
    told=$(agent version) && has "$told" '^bisectd version protocol=1 agent=[0-9.]*$' &&
        equal "$(printf '%s\n' "$told" | tail -n 1)" 'bisectd end status=0'
}
every_line_is_protocol() {
    told=$(agent facts / "$root")
    ! printf '%s\n' "$told" | grep -v -E -e \
        '^bisectd [a-z]+( [a-z][a-z0-9_]*=([A-Za-z0-9._:/+-]|%[0-9A-Fa-f]{2})*)*$'
}
facts() {
    told=$(agent facts / "$root") &&
        has "$told" '^bisectd fact name=protocol value=1$' \
            "^bisectd fact name=boot_id value=$(cat /proc/sys/kernel/random/boot_id)$" \
            "^bisectd fact name=release value=$(uname -r)$" \
            '^bisectd fact name=version value=.' '^bisectd fact name=machine value=.' \
            '^bisectd fact name=taint value=[0-9]' '^bisectd fact name=uptime_s value=[0-9]*$' \
            '^bisectd fact name=agent value=' '^bisectd fact name=cmdline value=' \
            '^bisectd space folder=/ free_kib=[0-9]* ' "^bisectd space folder=$root free_kib=" \
            '^bisectd end status=0$'
}
notes() {
    [ -r /sys/kernel/notes ] || return 0
    equal "$(agent facts | sed -n 's/.*name=notes value=//p')" \
        "$(od -An -v -tx1 /sys/kernel/notes | tr -d ' \n' | head -c 8000)"
}
facts_missing_folder() {
    told=$(agent facts "$root/nowhere" /)
    equal $? 66 && has "$told" '^bisectd space folder=/ ' '^bisectd end status=66 error='
}
hostile_folder_name() {
    folder="$root/a b%\$(touch $root/pwned)'\"é
x"
    mkdir -p "$folder" && told=$(agent facts "$folder") &&
        has "$told" "^bisectd space folder=[A-Za-z0-9._:/+%-]* free_kib=[0-9]* " &&
        equal "$(printf '%s\n' "$told" | sed -n 's/^bisectd space folder=\([^ ]*\) .*/\1/p' |
            sed 's/^/bisectd x text=/' | decoded_text)" "$folder" && [ ! -e "$root/pwned" ]
}
digest() {
    printf 'hello\0world' >"$root/file one"
    sum=$(sha256sum <"$root/file one")
    told=$(agent digest "$root/file one") &&
        has "$told" "^bisectd digest file=$root/file%20one sha256=${sum%% *} bytes=11$"
}
digest_missing() { agent digest "$root/nothing"; equal $? 66; }
digest_relative() { agent digest nothing; equal $? 64; }
digest_dots() { agent digest "$root/../x"; equal $? 64; }

# ---------------------------------------------------------------- clean

fill_boot() {
    rm -rf "${root:?}/boot"
    mkdir -p "$root/boot/bisectd-folder/bisectd-inner"
    for name in vmlinuz vmlinuz-bisectd- bisectd bisectd-1 bisectd-2 'bisectd-with blank' \
        .bisectd-9 bisectd-keep xbisectd-3 bisectd-folder/bisectd-4; do
        : >"$root/boot/$name"
    done
    ln -s vmlinuz "$root/boot/bisectd-link"
    ln -s nowhere "$root/boot/bisectd-dangling"
    mkfifo "$root/boot/bisectd-fifo"
}
clean_removes_only_its_own() {
    fill_boot
    told=$(agent clean "$root/boot" bisectd- bisectd-keep) || { echo "$told"; return 1; }
    has "$told" 'file=.*/bisectd-1$' 'file=.*/bisectd-2$' 'file=.*/bisectd-with%20blank$' || return 1
    equal "$(printf '%s\n' "$told" | grep -c ' removed ')" 3 || return 1
    equal "$(cd "$root/boot" && find . | sort | tr '\n' ' ')" \
        './.bisectd-9 ./bisectd ./bisectd-dangling ./bisectd-fifo ./bisectd-folder ./bisectd-folder/bisectd-4 ./bisectd-folder/bisectd-inner ./bisectd-keep ./bisectd-link ./vmlinuz ./vmlinuz-bisectd- ./xbisectd-3 . ' ||
        equal "$(cd "$root/boot" && find . | sort | tr '\n' ' ')" \
        '. ./.bisectd-9 ./bisectd ./bisectd-dangling ./bisectd-fifo ./bisectd-folder ./bisectd-folder/bisectd-4 ./bisectd-folder/bisectd-inner ./bisectd-keep ./bisectd-link ./vmlinuz ./vmlinuz-bisectd- ./xbisectd-3 '
}
clean_again() { told=$(agent clean "$root/boot" bisectd- bisectd-keep) && lacks "$told" removed; }
clean_without_keep() {
    told=$(agent clean "$root/boot" bisectd- '') && has "$told" 'file=.*/bisectd-keep$' &&
        [ -e "$root/boot/vmlinuz" ]
}
clean_refuses() {
    fill_boot
    for prefix in '' vmlinuz bisectd '*' 'bisectd-*' 'bisectd-/../vm' '../boot/bisectd-' 'bisectd-?'; do
        told=$(agent clean "$root/boot" "$prefix" none)
        equal "$? $prefix" "64 $prefix" || return 1
    done
    told=$(agent clean "$root/boot" bisectd-); equal $? 64 || return 1
    told=$(agent clean "$root/boot" bisectd- a/b); equal $? 64 || return 1
    told=$(agent clean boot bisectd- x); equal $? 64 || return 1
    [ -e "$root/boot/bisectd-1" ] && [ -e "$root/boot/vmlinuz" ]
}

# ---------------------------------------------------------------- jobs

three_runs() {
    run_job 'command=echo hello' runs=3 || return 1
    has "$answer" '^bisectd started id=batch-[0-9]* pid=[0-9]* again=0$' &&
        has "$told" '^bisectd job id=batch-[0-9]* protocol=1 boot_id=[^ ]* klog=[a-z]* group=setsid$' \
            '^bisectd run n=1 exit=0 signal=0 ms=[0-9]* timeout=0 seen=none klog=none output_bytes=6 at_ms=[0-9]*$' \
            '^bisectd run n=3 ' '^bisectd done id=batch-[0-9]* reason=runs runs=3$' &&
        equal "$(run_lines)" 3 && equal "$(printf '%s\n' "$told" | tail -n 1)" 'bisectd end status=0'
}
second_start() {
    told=$(agent start "$job") && has "$told" '^bisectd started id=batch-[0-9]* pid=[0-9]* again=1$' &&
        follow_job 1 && equal "$(run_lines)" 3
}
second_start_while_running() {
    new_job 'command=until [ -e go ]; do sleep 0.1; done' runs=1
    agent start "$job" >/dev/null && told=$(agent start "$job") && has "$told" 'again=1$' &&
        : >"$job/go" && follow_job 1 && equal "$(run_lines)" 1
}
many_starts_at_once() {
    new_job 'command=echo x >>count' runs=1
    for i in 1 2 3 4 5 6; do agent start "$job" >"$job/answer.$i" & starts="${starts-} $!"; done
    # shellcheck disable=SC2086
    wait $starts
    follow_job 1 && equal "$(cat "$job"/answer.* | grep -c again=0)" 1 &&
        equal "$(grep -c x "$job/count")" 1
}
follow_from_the_middle() {
    run_job command=true runs=10 && follow_job 7 && equal "$(run_lines)" 4 &&
        has "$told" 'run n=7 ' 'run n=10 ' 'done .*runs=10' && lacks "$told" 'run n=6 '
}
follow_past_the_end() { follow_job 11 && equal "$(run_lines)" 0 && has "$told" 'reason=runs'; }
follow_from_zero() { follow_job 0 && equal "$(run_lines)" 10; }
follow_bad_from() { agent follow "$job" -1; equal $? 64; }
follow_not_started() { new_job command=true; agent follow "$job" 1; equal $? 66; }
seconds_limit() {
    run_job command=true seconds=1 && has "$told" 'reason=seconds'
}
exits_and_signals() {
    run_job 'command=case $BISECTD_RUN in 1) exit 3;; 2) kill -9 $$;; 3) exit 139;; 4) nosuch-program;; 5) exit 255;; esac' runs=5 &&
        has "$told" 'run n=1 exit=3 signal=0 ' 'run n=2 exit=137 signal=9 ' \
            'run n=3 exit=139 signal=11 ' 'run n=4 exit=127 signal=0 ' 'run n=5 exit=255 signal=0 '
}
hit_stops() {
    run_job 'command=[ $BISECTD_RUN -lt 5 ] || exit 139' runs=50 'stop_exits=1 139' stop_at_first_hit=1 &&
        has "$told" 'run n=5 exit=139' 'reason=hit runs=5$' && equal "$(run_lines)" 5
}
hit_does_not_stop_unasked() {
    run_job 'command=exit 1' runs=4 stop_exits=1 && has "$told" 'reason=runs runs=4$'
}
other_exit_is_no_hit() {
    run_job 'command=exit 127' runs=3 'stop_exits=1 139' stop_at_first_hit=1 &&
        has "$told" 'reason=runs runs=3$'
}
precondition_met() {
    run_job command=true runs=1 'precondition=true' 'precondition=[ 2 = 2 ]' && has "$told" 'reason=runs'
}
precondition_not_met() {
    run_job 'command=touch ran' runs=1 precondition=true 'precondition=echo "it is 0"; exit 1' &&
        has "$told" 'reason=precondition runs=0 precondition=echo%20%22it%20is%200%22%3[bB]%20exit%201 index=2 exit=1 timeout=0 text=' &&
        equal "$(printf '%s\n' "$told" | sed -n 's/^bisectd done.* text=/bisectd x text=/p' | decoded_text)" 'it is 0' &&
        [ ! -e "$job/ran" ] && has "$(agent output "$job" 0)" '^bisectd output text=%69'
}
precondition_long_output_fits_a_line() {
    run_job command=true runs=1 'precondition=seq 100000; exit 1' && has "$told" 'reason=precondition' &&
        equal "$(printf '%s\n' "$told" | awk 'length($0) > 8191' | wc -l | tr -d ' ')" 0
}
input_is_empty() {
    run_job 'command=read x; echo "$?"; pwd' runs=1 && equal "$(agent output "$job" 1 | decoded_text)" "1
$job"
}
signals_are_not_ignored() {
    run_job 'command=grep SigIgn /proc/self/status; :' runs=1 &&
        has "$(agent output "$job" 1 | decoded_text)" 'SigIgn:[^0-9a-f]*0*[01]...$' || return 1
    ignored=$(agent output "$job" 1 | decoded_text | sed 's/.*[^0-9a-f]//')
    equal "$((0x$ignored & 6))" 0
}
no_descriptor_leaks() {
    # Those the test itself was given are the caller's business.
    run_job 'command=ls /proc/self/fd' runs=1 &&
        equal "$(agent output "$job" 1 | decoded_text)" "$(sh -c 'ls /proc/self/fd' </dev/null 2>&1)"
}
environment_is_the_callers() {
    (LC_ALL=C.UTF-8 BISECTD_X=y run_job 'command=echo "$LC_ALL $BISECTD_X $BISECTD_RUN"' runs=1 &&
        equal "$(agent output "$job" 1 | decoded_text)" 'C.UTF-8 y 1') || return 1
    (unset LC_ALL; run_job 'command=echo "${LC_ALL-unset}"' runs=1 &&
        equal "$(agent output "$job" 1 | decoded_text)" unset)
}
deadline_kills_all() {
    run_job 'command=(sleep 1000 & echo $! >child; (trap "" TERM; sleep 1001 & echo $! >grandchild; while :; do sleep 1; done) & sleep 1002)' \
        runs=1 run_deadline_s=1 || return 1
    has "$told" 'run n=1 exit=1[0-9]* signal=[0-9]* ms=[0-9]* timeout=1 ' 'reason=runs' &&
        [ -s "$job/child" ] && [ -s "$job/grandchild" ] &&
        wait_until 5 gone "$(cat "$job/child")" && wait_until 5 gone "$(cat "$job/grandchild")"
}
deadline_of_one_deaf_to_term() {
    run_job 'command=trap "" TERM; while :; do sleep 0.2; done' runs=1 run_deadline_s=1 &&
        has "$told" 'exit=137 signal=9 ms=[0-9]* timeout=1 '
}
leftovers_are_killed() {
    run_job 'command=sleep 1003 & echo $! >left' runs=2 && has "$told" 'n=2 exit=0 .*timeout=0' &&
        wait_until 5 gone "$(cat "$job/left")"
}
escaped_daemon_does_not_hang_the_job() {
    run_job 'command=echo a; setsid sleep 15 & sleep 0.1' runs=2 && has "$told" 'reason=runs runs=2'
}
pattern_ends_a_program() {
    run_job 'command=echo "Error: 12"; echo $$ >pid; exec sleep 1000' runs=1 'bad_pattern=^Error:' \
        'good_pattern=^Ok!' run_deadline_s=50 &&
        has "$told" 'run n=1 .* timeout=0 seen=bad ' && wait_until 5 gone "$(cat "$job/pid")"
}
good_pattern_ends_a_program() {
    run_job 'command=sleep 0.5; printf "Ok!"; exec sleep 1000' runs=1 'bad_pattern=^Error:' \
        'good_pattern=^Ok!' run_deadline_s=50 && has "$told" 'timeout=0 seen=good '
}
bad_pattern_wins() {
    run_job 'command=echo good; echo bad' runs=1 bad_pattern=bad good_pattern=good && has "$told" seen=bad
}
no_pattern_seen() {
    run_job 'command=echo neither' runs=1 bad_pattern=bad good_pattern=good && has "$told" seen=none
}
bad_pattern_is_a_hit() {
    run_job 'command=[ $BISECTD_RUN = 2 ] && echo bad; :' runs=9 bad_pattern=bad stop_at_first_hit=1 &&
        has "$told" 'reason=hit runs=2$'
}
pattern_behind_much_output() {
    run_job 'command=seq 200000; echo late-bad' runs=1 bad_pattern=late-bad max_output_bytes=1000 &&
        has "$told" seen=bad && has "$(agent output "$job" 1 | decoded_text)" '^1$' \
            'some bytes left out' '^late-bad$'
}
flood_is_bounded() {
    run_job 'command=yes | head -c 30000000; echo "${?}" >status; exit 4' runs=1 max_output_bytes=4096 &&
        has "$told" 'exit=4 .*output_bytes=4194304 ' && equal "$(cat "$job/status")" 0 &&
        size=$(agent output "$job" 1 | decoded_text | wc -c) && [ "$size" -le 4200 ] &&
        [ "$(du -k "$job" | tail -n 1 | cut -f 1)" -lt 1000 ]
}
output_thrown_away() {
    run_job 'command=echo x; exit 5' runs=2 max_output_bytes=0 &&
        has "$told" 'exit=5 .*output_bytes=0 ' && told=$(agent output "$job" 2); equal $? 66
}
outputs_kept() {
    run_job 'command=echo "run $BISECTD_RUN"; [ $BISECTD_RUN != 2 ]' runs=9 stop_exits=1 output_kept_runs=3 ||
        return 1
    for n in 2 7 8 9; do equal "$(agent output "$job" $n | decoded_text)" "run $n" || return 1; done
    told=$(agent output "$job" 3); equal $? 66 || return 1
    told=$(agent output "$job" 10); equal $? 66
}
output_is_bytes() {
    # Through bash's printf the zero byte could not be compared.
    run_job 'command=printf "\303\251\377\001 %%\r\n\\\\\t"' runs=1 &&
        has "$(agent output "$job" 1)" '^bisectd output text=%c3%a9%ff%01%20%25%0d%0a%5c%09$'
}
long_output_lines_are_short() {
    run_job 'command=seq 9000' runs=1 && told=$(agent output "$job" 1) &&
        equal "$(printf '%s\n' "$told" | awk 'length($0) > 8191' | wc -l | tr -d ' ')" 0 &&
        equal "$(printf '%s\n' "$told" | decoded_text | cksum)" "$(seq 9000 | cksum)"
}
empty_output() { run_job command=true runs=1 && equal "$(agent output "$job" 1)" 'bisectd end status=0'; }
hostile_command() {
    text="line one
%41 '\"\\\$x \`echo no\` ; é * ~ \\0101"
    run_job "command=cat <<'END'
$text
END" runs=1 && equal "$(agent output "$job" 1 | decoded_text)" "$text"
}
long_command() {
    long=$(awk 'BEGIN { for (i = 0; i < 10240; i++) printf "%c", 33 + i % 90 }' | tr -d "'")
    run_job "command=printf %s '$long'" runs=1 &&
        equal "$(agent output "$job" 1 | decoded_text)" "$long"
}
nothing_is_evaluated() {
    new_job 'command=true' runs=1
    # shellcheck disable=SC2094
    printf 'bad_pattern=%s\n' "$(encoded "\$(touch $root/evil)\`touch $root/evil\`; touch $root/evil")" >>"$job/job"
    agent start "$job" && follow_job 1 && [ ! -e "$root/evil" ]
}
bad_jobs() {
    for line in runs=abc runs=-1 runs=07 runs=99999999999999999999 'runs=$(id)' run_deadline_s=0 stop_exits=256 \
        stop_exits=x stop_at_first_hit=2 'bad_pattern=(' oops_pattern= max_output_bytes=4194305 frobs=1 \
        command=again id=two noequals; do
        new_job command=true "$line"
        told=$(agent start "$job")
        equal "$? $line" "65 $line" || return 1
        has "$told" '^bisectd end status=65 error=job:' && [ ! -e "$job/lock" ] || return 1
    done
    for value in %4 %zz %00 a%0 'a b' 'a;b' %%41 é; do
        new_job
        printf 'command=%s\n' "$value" >>"$job/job"
        told=$(agent start "$job")
        equal "$? $value" "65 $value" || return 1
    done
    new_job
    told=$(agent start "$job"); equal $? 65 && has "$told" 'command%20is%20missing' || return 1
    new_job command=true; echo 'command=true' >"$job/job"
    told=$(agent start "$job"); equal $? 65 && has "$told" 'id%20is%20missing' || return 1
    new_job command=true max_output_bytes=0 bad_pattern=x
    told=$(agent start "$job"); equal $? 65 || return 1
    new_job; rm "$job/job"
    told=$(agent start "$job"); equal $? 66
}
job_places() {
    new_job command=true
    mkdir -p "$root/outside" && ln -s /tmp "$root/way-out"
    for place in "$job/../$(basename "$job")" relative "$root" "$root/." /tmp / "$root/way-out" '' "$root/a b"; do
        told=$(agent start "$place")
        case $? in 64 | 66) ;; *) echo "$place: $told"; return 1 ;; esac
        has "$told" '^bisectd end status=6[46] error=' || return 1
    done
    for verb in start follow output klog stop; do
        told=$(agent $verb "$root/none" 1)
        equal "$verb $?" "$verb 66" || return 1
    done
}
fast_runs() {
    run_job command=true runs=500 && equal "$(run_lines)" 500 && has "$told" 'reason=runs runs=500$' &&
        equal "$(printf '%s\n' "$told" | sed -n 's/^bisectd run n=\([0-9]*\) exit=0 signal=0 .*/\1/p' | cksum)" \
            "$(seq 500 | cksum)"
}
follower_killed() {
    new_job 'command=until [ -e go ]; do sleep 0.1; done' runs=3
    agent start "$job" >/dev/null || return 1
    # shellcheck disable=SC2086
    setsid $shell_under_test "$agent_file" follow "$job" 1 >"$job/followed" 2>&1 &
    follower=$!
    wait_until 20 grep -q '^bisectd alive runs=0 uptime_s=[0-9]' "$job/followed" || return 1
    kill -KILL "-$follower" || return 1
    wait "$follower"
    : >"$job/go"
    follow_job 2 && has "$told" 'run n=2 ' 'run n=3 ' 'reason=runs runs=3'
}
survives_its_caller() {
    new_job 'command=until [ -e go ]; do sleep 0.1; done' runs=1
    # shellcheck disable=SC2086
    setsid sh -c '"$@" >"$0/answer"; kill -s HUP 0; kill -s KILL 0' "$job" $shell_under_test "$agent_file" start "$job"
    has "$(cat "$job/answer")" again=0 && : >"$job/go" && follow_job 1 && has "$told" 'run n=1 exit=0'
}
stop_ends_a_job() {
    new_job 'command=sleep 1004 & echo $! >child; echo $$ >pid; wait' runs=0
    agent start "$job" >/dev/null && wait_until 20 test -s "$job/pid" || return 1
    told=$(agent stop "$job") && has "$told" '^bisectd stopped id=batch-[0-9]* running=1$' || return 1
    wait_until 5 gone "$(cat "$job/pid")" && wait_until 5 gone "$(cat "$job/child")" || return 1
    follow_job 1 && has "$told" 'reason=stopped runs=0$' && equal "$(run_lines)" 0
}
stop_again() { told=$(agent stop "$job") && has "$told" 'running=0$' && follow_job 1 && has "$told" 'reason=stopped'; }
stop_of_one_deaf_to_term() {
    new_job 'command=trap "" TERM; echo $$ >pid; while :; do sleep 0.2; done'
    agent start "$job" >/dev/null && wait_until 20 test -s "$job/pid" || return 1
    agent stop "$job" >/dev/null && wait_until 5 gone "$(cat "$job/pid")" && follow_job 1 &&
        has "$told" 'reason=stopped'
}
stop_of_fast_runs() {
    new_job command=true
    agent start "$job" >/dev/null && wait_until 20 grep -q n=20 "$job/runs" && agent stop "$job" &&
        follow_job 1 && has "$told" "reason=stopped runs=$(run_lines)$"
}
stop_after_the_end() { run_job command=true runs=1 && told=$(agent stop "$job") && has "$told" 'running=0' && follow_job 1 && has "$told" 'reason=runs'; }
stop_before_the_start() {
    new_job 'command=touch ran' runs=1
    told=$(agent stop "$job") && has "$told" 'running=0$' && told=$(agent start "$job") &&
        has "$told" 'again=1$' && follow_job 1 && has "$told" 'reason=stopped runs=0$' && [ ! -e "$job/ran" ]
}
runner_killed() {
    new_job 'command=[ $BISECTD_RUN != 3 ] || { echo $$ >pid; exec sleep 1005; }'
    agent start "$job" >"$job/answer" && wait_until 20 test -s "$job/pid" || return 1
    kill -s KILL "$(sed -n 's/.* pid=\([0-9]*\).*/\1/p' "$job/answer")"
    follow_job 1 && equal "$(run_lines)" 2 && has "$told" 'reason=died runs=2 rebooted=0$' &&
        wait_until 10 gone "$(cat "$job/pid")" &&
        told=$(agent start "$job") && has "$told" 'again=1$'
}
# Where the first process asks no child how it ended, what was killed stays a zombie: it is dead all the same.
runner_killed_zombie() {
    new_job 'command=[ $BISECTD_RUN != 3 ] || { echo $$ >pid; exec sleep 1005; }'
    # shellcheck disable=SC2086 # the shell may be two words
    python3 -c '
import ctypes, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "w"))
time.sleep(100)' "$job/answer" $shell_under_test "$agent_file" start "$job" &
    first=$!
    # Run 3 may be there before `start` has answered.
    wait_until 20 test -s "$job/pid" && wait_until 20 grep -q ' pid=' "$job/answer" || return 1
    kill -s KILL "$(sed -n 's/.* pid=\([0-9]*\).*/\1/p' "$job/answer")"
    follow_job 1
    kill "$first"
    equal "$(run_lines)" 2 && has "$told" 'reason=died runs=2 rebooted=0$'
}
board_rebooted() {
    fake_kernel
    run_job command=true runs=2 || return 1
    # As after a power loss: what had been running is gone, the boot id is another one.
    rm "$job/finished"
    echo 11111111-2222-3333-4444-555555555555 >"$root/fake/proc/sys/kernel/random/boot_id"
    follow_job 2 && equal "$(run_lines)" 1 && has "$told" 'reason=died runs=2 rebooted=1$'
}
job_processes_are_gone() {
    run_job command=true runs=1 && wait_until 5 no_process_of "$job"
}
no_process_of() {
    for link in /proc/[0-9]*/cwd; do
        if [ "$(readlink "$link" 2>/dev/null)" = "$1" ]; then return 1; fi
    done
}
without_setsid() {
    mkdir -p "$root/few"
    for tool in cat tee grep sed od sleep dirname readlink mkdir rm mv wc head tail mkfifo dd tr \
        sync sh true timeout; do
        case $(command -v $tool) in
            /*) ln -sf "$(command -v $tool)" "$root/few/$tool" ;;
            *) ln -sf "$(command -v busybox)" "$root/few/$tool" ;; # busybox finds its own
        esac
    done
    (
        first=${shell_under_test%% *}
        shell_under_test="$(command -v "$first")${shell_under_test#"$first"}"
        case $shell_under_test in *busybox*) busybox_finds_its_own=1 ;; esac
        PATH=$root/few
        run_job 'command=echo $$ >pid; (sleep 1006; echo) & sleep 1007' runs=1 run_deadline_s=1 || exit 1
        has "$told" "group=${busybox_finds_its_own:+[a-z]*}" 'timeout=1 ' 'reason=runs' || exit 1
        pid=$(cat "$job/pid")
        [ ! -d "/proc/$pid" ]
    )
}

# ---------------------------------------------------------------- the kernel log

# A kernel of files for BISECTD_TEST_ROOT. Its /dev/kmsg is a plain file: the agent reads it again
# each second and tells by the numbers what is new, as after an overrun.
fake_kernel() {
    rm -rf "$root/fake"
    mkdir -p "$root/fake/dev" "$root/fake/proc/sys/kernel/random"
    echo 00000000-2222-3333-4444-555555555555 >"$root/fake/proc/sys/kernel/random/boot_id"
    echo 0 >"$root/fake/proc/sys/kernel/tainted"
    BISECTD_TEST_ROOT=$root/fake
    export BISECTD_TEST_ROOT
}
real_kernel() { unset BISECTD_TEST_ROOT; }
fake_kmsg() {
    fake_kernel
    printf '6,7,100,-;BUG: an old one\n6,8,200,-;old\n' >"$root/fake/dev/kmsg"
}
klog_symptom() {
    fake_kmsg
    run_job "command=[ \$BISECTD_RUN != 2 ] || echo '3,900000,300,-;the thing, \"quoted\" % happened' >>$root/fake/dev/kmsg; sleep 0.5" \
        seconds=20 'kernel_log_pattern=the thing.*happened' stop_at_first_hit=1 || { real_kernel; return 1; }
    real_kernel
    has "$told" 'klog=kmsg' 'run n=1 .*klog=none' 'klog=symptom' 'reason=hit' &&
        has "$(agent klog "$job" | decoded_text)" '^3,900000,300,-;the thing, "quoted" % happened$' &&
        lacks "$(agent klog "$job" | decoded_text)" 'an old one'
}
klog_oops() {
    fake_kmsg
    run_job "command=[ \$BISECTD_RUN != 1 ] || echo '3,900000,300,-;BUG: unable to handle page fault' >>$root/fake/dev/kmsg; sleep 0.5" \
        seconds=20 kernel_log_pattern=nothing stop_on_oops=1 || { real_kernel; return 1; }
    real_kernel
    has "$told" 'klog=oops' 'reason=oops'
}
klog_warning_is_no_oops() {
    fake_kmsg
    run_job "command=echo \"4,90000\$BISECTD_RUN,300,-;WARNING: CPU: 0 PID: 1\" >>$root/fake/dev/kmsg; sleep 0.5" \
        runs=4 || { real_kernel; return 1; }
    real_kernel
    lacks "$told" 'klog=oops' && has "$(agent klog "$job" | decoded_text)" 'WARNING: CPU'
}
klog_unavailable_taint() {
    fake_kernel
    mkdir -p "$root/nodmesg"
    printf '#!/bin/sh\nexit 1\n' >"$root/nodmesg/dmesg"
    chmod +x "$root/nodmesg/dmesg"
    case $shell_under_test in *busybox*) real_kernel; echo 'skipped: finds its own dmesg'; return 0 ;; esac
    (
        PATH=$root/nodmesg:$PATH
        run_job "command=[ \$BISECTD_RUN != 2 ] || echo 128 >$root/fake/proc/sys/kernel/tainted" runs=3 &&
            has "$told" 'klog=unavailable' 'n=1 .*klog=none' 'n=2 .*klog=oops' 'n=3 .*klog=none'
    )
    status=$?
    real_kernel
    return $status
}
klog_by_dmesg() {
    fake_kernel
    case $shell_under_test in *busybox*) real_kernel; echo 'skipped: finds its own dmesg'; return 0 ;; esac
    printf '#!/bin/sh\ncat %s\n' "$root/ring" >"$root/nodmesg/dmesg"
    printf '[ 1.0] KASAN: old\n[ 2.0] old\n' >"$root/ring"
    (
        PATH=$root/nodmesg:$PATH
        run_job "command=[ \$BISECTD_RUN != 2 ] || echo '[ 3.0] KASAN: new' >>$root/ring" runs=3 kernel_log_pattern=x &&
            has "$told" 'klog=dmesg' 'n=1 .*klog=none' 'n=2 .*klog=oops' 'n=3 .*klog=none' &&
            equal "$(agent klog "$job" | decoded_text)" '[ 3.0] KASAN: new'
    )
    status=$?
    real_kernel
    return $status
}
klog_real() {
    { [ -w /dev/kmsg ] && [ -r /dev/kmsg ]; } || { echo 'skipped: no kernel log here'; return 0; }
    mark="bisectd agent test $$"
    # Written until it is seen: the kernel drops lines when others write many (printk_devkmsg).
    run_job "command=[ \$BISECTD_RUN -lt 3 ] || { echo '$mark' >/dev/kmsg; sleep 1; }" runs=1000 "kernel_log_pattern=$mark" stop_at_first_hit=1 || return 1
    lacks "$told" 'run n=[12] .*klog=symptom' && has "$told" 'klog=symptom' 'reason=hit runs=[0-9]*$' &&
        has "$(agent klog "$job" | decoded_text)" "^[0-9]*,[0-9]*,[0-9]*,.*;$mark"
}
# What is read of a long log begins within a line, here behind its priority.
klog_cut_in_a_line() {
    fake_kmsg
    run_job command=true runs=1
    real_kernel
    echo 8 >"$job/klog.from"
    awk 'BEGIN { for (i = 9; i < 2109; i++) printf "6,%08d,100000000000,-;%s\n", i, "a line of 64 bytes, with its end:    "
        printf "3,00900000,100000000000,-;the last thing that was said: %s\n", "........." }' >"$job/klog.raw"
    cut=$((($(wc -c <"$job/klog.raw") - 131072) % 64))
    equal "$cut" 2 && has "$(agent klog "$job" | decoded_text)" 'the last thing that was said'
}
klog_of_a_quiet_job() {
    fake_kmsg
    run_job command=true runs=1
    real_kernel
    equal "$(agent klog "$job")" 'bisectd end status=0'
}

# ---------------------------------------------------------------- sysrq and reboot

sysrq_writes_the_key() {
    fake_kernel
    mkdir -p "$root/fake/proc"
    : >"$root/fake/proc/sysrq-trigger"
    told=$(agent sysrq s) && has "$told" '^bisectd end status=0$' &&
        wait_until 10 grep -q '^s$' "$root/fake/proc/sysrq-trigger"
    status=$?
    real_kernel
    return $status
}
sysrq_refuses() {
    fake_kernel # so that no key gets to a real kernel
    : >"$root/fake/proc/sysrq-trigger"
    for key in '' B 1 bb '*' 'b
'; do
        told=$(agent sysrq "$key")
        equal "$? $key" "64 $key" || { real_kernel; return 1; }
    done
    rm "$root/fake/proc/sysrq-trigger"
    told=$(agent sysrq b)
    status=$?
    real_kernel
    equal $status 69
}
reboot_command() {
    told=$(agent reboot "$(encoded "echo 'a  b' >$root/rebooted")") && has "$told" '^bisectd end status=0$' &&
        wait_until 10 grep -q '^a  b$' "$root/rebooted"
}
reboot_bad_command() { agent reboot 'a b'; equal $? 64 || return 1; agent reboot a b; equal $? 64; }

# ---------------------------------------------------------------- the list

echo "# shell under test: $shell_under_test"
test_that 'an unknown verb ends with 64' unknown_verb
test_that 'no verb ends with 64' no_verb
test_that 'version tells the protocol' version
test_that 'facts tells all facts and free space' facts
test_that 'every line of facts follows the grammar' every_line_is_protocol
test_that 'notes is the hex of the kernel notes' notes
test_that 'facts of a missing folder ends with 66 and tells the rest' facts_missing_folder
test_that 'a hostile folder name is encoded and comes back whole' hostile_folder_name
test_that 'digest tells sha256 and size' digest
test_that 'digest of a missing file ends with 66' digest_missing
test_that 'digest refuses a relative path' digest_relative
test_that 'digest refuses ..' digest_dots
test_that 'clean removes only regular files with the prefix, not the kept one' clean_removes_only_its_own
test_that 'clean again removes nothing' clean_again
test_that 'clean with an empty KEEP keeps none' clean_without_keep
test_that 'clean refuses other prefixes, paths and globs' clean_refuses
test_that 'three runs are told in order, then done' three_runs
test_that 'a second start after the end changes nothing' second_start
test_that 'a second start while it runs changes nothing' second_start_while_running
test_that 'of six starts at once exactly one starts it' many_starts_at_once
test_that 'follow begins in the middle' follow_from_the_middle
test_that 'follow past the end tells only done' follow_past_the_end
test_that 'follow from 0 begins at 1' follow_from_zero
test_that 'follow refuses a bad number' follow_bad_from
test_that 'follow of a job that was not started ends with 66' follow_not_started
test_that 'seconds end a job' seconds_limit
test_that 'exits and signals are told as they are' exits_and_signals
test_that 'a hit stops the job' hit_stops
test_that 'a hit does not stop a job that did not ask for it' hit_does_not_stop_unasked
test_that 'exit 127 is no hit unless named' other_exit_is_no_hit
test_that 'preconditions that are met let the runs begin' precondition_met
test_that 'a precondition not met ends the job, tells which and its output' precondition_not_met
test_that 'a precondition with much output still fits a line' precondition_long_output_fits_a_line
test_that 'a run has empty input and the job folder' input_is_empty
test_that 'a run does not ignore SIGINT and SIGQUIT' signals_are_not_ignored
test_that 'a run inherits no descriptor of the agent' no_descriptor_leaks
test_that "a run has the caller's environment and locale" environment_is_the_callers
test_that 'the deadline kills the group with grandchildren in background' deadline_kills_all
test_that 'the deadline kills a program deaf to TERM' deadline_of_one_deaf_to_term
test_that 'what a run leaves behind is killed' leftovers_are_killed
test_that 'a daemon that left the group does not hang the job' escaped_daemon_does_not_hang_the_job
test_that 'a program that never exits is ended by the bad pattern' pattern_ends_a_program
test_that 'a program that never exits is ended by the good pattern' good_pattern_ends_a_program
test_that 'the bad pattern wins' bad_pattern_wins
test_that 'no pattern seen is told as none' no_pattern_seen
test_that 'a bad pattern is a hit' bad_pattern_is_a_hit
test_that 'a pattern behind much output is found, both ends are kept' pattern_behind_much_output
test_that 'a flood of output is bounded and does not harm the run' flood_is_bounded
test_that 'max_output_bytes=0 throws output away' output_thrown_away
test_that 'outputs of the last runs and of hits are kept, others not' outputs_kept
test_that 'output is told byte by byte' output_is_bytes
test_that 'long output comes in lines below 8192 bytes, whole' long_output_lines_are_short
test_that 'empty output has no lines' empty_output
test_that 'a command with newlines, quotes, % and UTF-8 arrives unchanged' hostile_command
test_that 'a command of 10 kB arrives unchanged' long_command
test_that 'values are never evaluated' nothing_is_evaluated
test_that 'bad job files are refused with 65 and nothing starts' bad_jobs
test_that 'JOB must lie below the agent' job_places
test_that '500 fast runs are told without gaps' fast_runs
test_that 'a killed follower harms nothing, the next one goes on' follower_killed
test_that 'the job survives the death of its caller' survives_its_caller
test_that 'stop ends a job and all its processes' stop_ends_a_job
test_that 'stop again is harmless' stop_again
test_that 'stop kills a program deaf to TERM' stop_of_one_deaf_to_term
test_that 'stop ends a loop of fast runs' stop_of_fast_runs
test_that 'stop after the end changes nothing' stop_after_the_end
test_that 'stop before the start keeps it from starting' stop_before_the_start
test_that 'a killed runner is told as died, its run is killed' runner_killed
test_that 'a killed runner is told as died where nobody reaps it' runner_killed_zombie
test_that 'a reboot is told by the boot id' board_rebooted
real_kernel
test_that 'a job leaves no process' job_processes_are_gone
test_that 'a board without setsid runs jobs too' without_setsid
test_that 'a symptom in the kernel log is a hit' klog_symptom
test_that 'an oops in the kernel log is told and stops when asked' klog_oops
test_that 'WARNING is no oops' klog_warning_is_no_oops
test_that 'without a kernel log the taint flag tells an oops' klog_unavailable_taint
test_that 'without /dev/kmsg dmesg tells what is new' klog_by_dmesg
test_that 'the real kernel log is followed' klog_real
test_that 'klog of a log that was cut within a line has its end' klog_cut_in_a_line
test_that 'klog of a quiet job has no lines' klog_of_a_quiet_job
test_that 'sysrq writes its key after the answer' sysrq_writes_the_key
test_that 'sysrq refuses all but one letter' sysrq_refuses
test_that 'reboot runs its command after the answer' reboot_command
test_that 'reboot refuses a command not encoded' reboot_bad_command
echo "1..$((passed + failed))"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
