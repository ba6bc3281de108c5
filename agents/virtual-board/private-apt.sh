# shellcheck shell=bash
# private-apt.sh - a private apt configuration. Sourced by make-board and demo/make-history.
#
# Makes:  FOLDER/apt.conf and beside it apt's lists and cache, for one architecture, binary and
#         source packages. The archives are those of the machine's own sources list (Debian's
#         only); nothing in /etc or /var changes and no root is needed.
# Usage:  . private-apt.sh; private_apt_open FOLDER DEBIAN_ARCHITECTURE
#         afterwards apt-get and apt-cache of this shell use it (APT_CONFIG is exported).
# Errors: returns 1 with a message when the machine lists no Debian archive, or when the
#         package lists cannot be fetched.

# Prints the machine's Debian archives, one "URI SUITE COMPONENT" a line. apt itself reads the
# sources list here, so both of its file formats work.
private_apt_archives() {
    # shellcheck disable=SC2016 # the $(...) are apt's own place holders
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' |
        sed -n -e 's/^Debian //p' -e 's/^\$(ORIGIN) //p' | sort -u
}

private_apt_open() {
    local folder=$1 architecture=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    local options='' uri suite component stamp

    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    folder=$(cd "$folder" && pwd)
    # Without a signature there is no download: a machine with the usual keyring file names it.
    [ ! -r "$keyring" ] || options="[signed-by=$keyring] "
    while read -r uri suite component; do
        printf 'deb %s%s %s %s\ndeb-src %s%s %s %s\n' "$options" "$uri" "$suite" "$component" \
            "$options" "$uri" "$suite" "$component"
    done < <(APT_CONFIG='' private_apt_archives) > "$folder/sources.list.new"
    if [ ! -s "$folder/sources.list.new" ]; then
        echo "private-apt: the machine's sources list names no Debian archive" >&2
        return 1
    fi
    # An empty status file: what is installed on this machine must not shorten the answer.
    : > "$folder/status"
    cat > "$folder/apt.conf" <<CONF
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$folder/lists";
Dir::State::status "$folder/status";
Dir::Cache "$folder/cache";
CONF
    export APT_CONFIG="$folder/apt.conf"

    # The lists are fetched again when the archives changed or after six hours.
    stamp=$(find "$folder/fetched" -mmin -360 2>/dev/null || true)
    if [ -n "$stamp" ] && cmp -s "$folder/sources.list.new" "$folder/sources.list"; then
        rm -f "$folder/sources.list.new"
        return 0
    fi
    mv "$folder/sources.list.new" "$folder/sources.list"
    if ! apt-get -qq update > "$folder/update.log" 2>&1; then
        echo "private-apt: the package lists cannot be fetched; see $folder/update.log" >&2
        return 1
    fi
    touch "$folder/fetched"
}
