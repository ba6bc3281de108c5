# shellcheck shell=bash
# Parts that ./quickstart and the end-to-end tests share: a virtual board, a daemon, its client.
# To be sourced from the root of the checkout. Sets nothing but functions.

# demo_ram WORLD: a folder in RAM for trees and outputs of builds, where the machine has plenty; else
# nothing. A kernel's tree is 80,000 files: some disks take longer over them than the compiler does.
demo_ram() {
    local ram=/dev/shm free_kib name
    free_kib=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
    [ "$free_kib" -ge $((8 << 20)) ] && [ -w "$ram" ] || return 0
    [ "$(df --output=avail "$ram" | tail -n 1)" -ge $((4 << 20)) ] || return 0
    # A container's may not allow programs.
    findmnt -no OPTIONS -T "$ram" | grep -qw noexec && return 0
    name=$(cksum <<<"$1")
    echo "$ram/bisectd-demo-${name%% *}"
}

# demo_fallback ARCH WORLD REPO COMMIT RECIPE: the known-good kernel of a board; kept.
demo_fallback() {
    local arch=$1 world=$2 repo=$3 commit=$4 recipe=$5 ram
    ram=$(demo_ram "$world")
    [ -s "$world/fallback-$arch" ] ||
        TMPDIR=${ram:+/dev/shm} demo/build-fallback --repo "$repo" --commit "$commit" --recipe "$recipe" \
            --ccache "$world/data/ccache" --out "$world/fallback-$arch"
}

# demo_board ARCH WORLD NAME: a board folder and its configuration.
demo_board() {
    local arch=$1 world=$2 name=$3
    [ -d "$world/boards/$name" ] ||
        agents/virtual-board/make-board --arch "$arch" --kernel "$world/fallback-$arch" \
            --cache "$world/cache" --out "$world/boards/$name"
    cat >"$world/boards/$name.toml" <<EOF
# A virtual board: QEMU with a boot loader on its own disk. Written by demo/lib.sh.
name = "$name"
kind = "virtual-$arch"
transport = "ssh"
boot_deadline = "180s"
[ssh]
host = "127.0.0.1"
port_file = "$name/ssh-port"
user = "root"
key_file = "$name/id_ed25519"
host_key_file = "$name/host_key.pub"
[deploy]
image = "/boot/bisectd-test"
arm = "boot-once"
disarm = "boot-once --disarm"
reboot = "sync; reboot -f"
fallback_build_id = "$(cat "$world/fallback-$arch.build-id")"
fallback_release = "$(cat "$world/fallback-$arch.release")"
[power]
driver = "virtual-board"
[console]
driver = "virtual-board"
[virtual_board]
arch = "$arch"
folder = "$name"
EOF
}

# demo_config WORLD PORT: the daemon's configuration.
demo_config() {
    local world=$1 port=$2 ram
    ram=$(demo_ram "$world")
    # Quotes inside ${...:+...} would be lost in a here-document.
    [ -z "$ram" ] || ram="builds_folder = \"$ram\""
    mkdir -p "$world/boards" "$world/data"
    cat >"$world/bisectd.toml" <<EOF
# Written by demo/lib.sh.
data_folder = "$world/data"
$ram
socket = "$world/bisectd.sock"
listen = "127.0.0.1:$port"
recipe_folders = ["$PWD/recipes"]
boards_folder = "$world/boards"
EOF
}

# demo_daemon BUILD WORLD: starts the daemon in the background and waits until it answers.
demo_daemon() {
    local build=$1 world=$2 waited=0
    setsid "$build/daemon/bisectd" --config "$world/bisectd.toml" </dev/null >>"$world/bisectd.log" 2>&1 &
    echo $! >"$world/bisectd.pid"
    until "$build/daemon/ctl/bisectctl" --socket "$world/bisectd.sock" list >/dev/null 2>&1; do
        kill -0 "$(cat "$world/bisectd.pid")" 2>/dev/null || {
            echo "demo: the daemon ended; the end of its log:" >&2
            tail -5 "$world/bisectd.log" >&2
            return 1
        }
        [ $((waited += 1)) -lt 300 ] || { echo "demo: the daemon does not answer" >&2; return 1; }
        sleep 0.2
    done
}

# demo_stop WORLD: ends the daemon and the virtual boards of a world.
demo_stop() {
    local world=$1 pid file
    if [ -s "$world/bisectd.pid" ]; then
        pid=$(cat "$world/bisectd.pid")
        if kill -TERM "$pid" 2>/dev/null; then
            tail --pid="$pid" -f /dev/null
        fi
        rm -f "$world/bisectd.pid"
    fi
    rm -rf "$(sed -n 's/^builds_folder = "\(.*\)"$/\1/p' "$world/bisectd.toml" 2>/dev/null)"
    for file in "$world"/boards/*/qemu.pid; do
        [ -s "$file" ] || continue
        read -r pid _ <"$file"
        # The number of a board that is gone may be anybody's: a QEMU of ours works in its board's folder.
        [ "/proc/$pid/cwd" -ef "$(dirname "$file")" ] || continue
        case $(readlink "/proc/$pid/exe" 2>/dev/null) in
            */qemu-system-*) kill -KILL "$pid" ;;
        esac
    done
}
