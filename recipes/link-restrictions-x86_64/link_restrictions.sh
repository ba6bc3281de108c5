#!/bin/sh
# link_restrictions.sh - does the kernel refuse to follow another user's link in a shared folder?
#
# In a sticky, world-writable folder (/tmp) a kernel with fs.protected_symlinks = 1 lets nobody
# follow a symbolic link that another user made there. This script makes such a link and
# reads through it, as root.
#
# Exit: 0 the link is followed, 1 it is refused, 77 the kernel has no such setting,
#       125 the script itself failed.
folder=$(mktemp -d /tmp/links.XXXXXX) || exit 125
trap 'rm -rf "$folder"' EXIT

[ -e /proc/sys/fs/protected_symlinks ] || exit 77
chmod 1777 "$folder" || exit 125
echo content > "$folder/file" || exit 125
ln -s file "$folder/link" || exit 125
chown -h nobody "$folder/link" || exit 125

cat "$folder/file" > /dev/null || exit 125
if cat "$folder/link" > /dev/null; then
    echo "the link is followed"
    exit 0
fi
echo "the link is refused (fs.protected_symlinks = $(cat /proc/sys/fs/protected_symlinks))"
exit 1
