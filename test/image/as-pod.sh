#!/bin/sh
# Runs a program in the file system of an image as a node runs a pod under Pod Security
# "restricted": a root that cannot be written, user 65532, no privileges to be gained, and the
# folder of the ServiceAccount. Begins with `unshare --mount`, so that nothing stays mounted.
# Usage: unshare --mount as-pod.sh ROOT ACCOUNT_FOLDER PROGRAM ARGUMENT…
set -eu
root=$1
account=$2
shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind /dev/null "$root/dev/null"
mount --bind "$account" "$root/var/run/secrets/kubernetes.io/serviceaccount"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec=65532:65532 --groups= "$root" "$@"
