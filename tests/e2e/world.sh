# shellcheck shell=bash
# Parts that the tests on the virtual board share. To be sourced from the root of the checkout,
# with `build` (the build folder) and `world` (where all is kept) set.
# shellcheck source=demo/lib.sh
. demo/lib.sh

passed=0 failed=0
ok() { passed=$((passed + 1)); echo "ok - $1"; }
bad() { failed=$((failed + 1)); echo "FAILED - $1"; [ -z "${2:-}" ] || printf '%s\n' "$2" | tail -20 | sed 's/^/    /'; }
# expect SENTENCE ACTUAL PATTERN
expect() { if grep -qE -- "$3" <<<"$2"; then ok "$1"; else bad "$1" "$2"; fi; }
ctl() { "$build/daemon/ctl/bisectctl" --socket "$world/bisectd.sock" "$@"; }
# A daemon that starts after a kill holds the journal for a moment.
sql() { sqlite3 -readonly -cmd '.timeout 10000' "$world/data/journal.sqlite" "$1"; }
# wait_for SECONDS COMMAND...: polls until the command succeeds.
wait_for() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.05
    done
}

# arm64_world GOOD RECIPE BOARD...: history, known-good kernel, boards, configuration, daemon.
# Recipes of a test's own are found in $world/recipes.
arm64_world() {
    local good=$1 recipe=$2 board
    shift 2
    mkdir -p "$world/cache"
    demo/make-history --out "$world/linux" --cache "$world/cache"
    demo_config "$world" 0
    sed -i "s|^listen = .*|listen = \"127.0.0.1:$((20000 + RANDOM % 20000))\"|" "$world/bisectd.toml"
    mkdir -p "$world/recipes"
    sed -i "s|^recipe_folders = .*|recipe_folders = [\"$PWD/recipes\", \"$world/recipes\"]|" "$world/bisectd.toml"
    demo_fallback arm64 "$world" "$world/linux" "$good" "recipes/$recipe"
    for board in "$@"; do demo_board arm64 "$world" "$board"; done
    demo_stop "$world"
    demo_daemon "$build" "$world"
}

# unproven_verdicts BISECTION: the steps judged by an attempt whose kernel was not proven to run. A
# binary that equals, but for its name, one that was proven to run needs no boot of its own.
unproven_verdicts() {
    sql "with proven as (
             select json_extract(body, '\$.step') step, json_extract(body, '\$.attempt') attempt
             from event where bisection = $1 and kind = 'kernel_proven'),
         content as (
             select json_extract(body, '\$.step') step, json_extract(body, '\$.attempt') attempt,
                    json_extract(body, '\$.content_sha256') digest
             from event where bisection = $1 and kind = 'built' and digest <> '')
         select step from attempt a
         where bisection = $1 and outcome in ('good-looking', 'bad-looking')
           and (step, attempt) not in proven
           and not exists (select 1 from content own, content other
                           where (own.step, own.attempt) = (a.step, a.attempt)
                             and other.digest = own.digest
                             and (other.step, other.attempt) in proven)"
}

# count KIND: events of this kind in the bisection $id.
count() { sql "select count(*) from event where bisection = $id and kind = '$1'"; }
ended() { [ "$(count bisection_ended)" != 0 ]; }
# after_next KIND: waits for one more event of this kind.
after_next() {
    local kind=$1 seen
    seen=$(count "$kind")
    more() { [ "$(count "$kind")" -gt "$seen" ] || ended; }
    wait_for 1800 more && ! ended
}
