#!/bin/sh
# Collects what Node needs to run into an otherwise empty folder: the root of an image without a
# shell. Which libraries, the loader itself is asked, so that one script serves each platform and
# each Debian. Scanners find the packages they are of, as in other images without a package manager.
set -eu
target=$1
node=/usr/local/bin/node

copy() {
  mkdir -p "$target$(dirname "$1")"
  cp -L "$1" "$target$1"
}

copy "$node"
copy /etc/os-release
libraries=$(ldd "$node" | grep -o '/[^ ]*')
for library in $libraries; do
  copy "$library"
  # Debian has moved /lib into /usr/lib, and its packages still name either.
  package=$(dpkg-query --search "*$library" | head -n 1 | cut -d : -f 1)
  mkdir -p "$target/var/lib/dpkg/status.d"
  dpkg-query --status "$package" >"$target/var/lib/dpkg/status.d/$package"
  copy "/usr/share/doc/$package/copyright"
done
if [ -e /usr/local/LICENSE ]; then copy /usr/local/LICENSE; fi

echo 'poolwarden:x:65532:65532:poolwarden:/:/sbin/nologin' >"$target/etc/passwd"
echo 'poolwarden:x:65532:' >"$target/etc/group"
echo 'hosts: files dns' >"$target/etc/nsswitch.conf"
mkdir -m 1777 "$target/tmp"

# What was collected starts without anything else.
chroot "$target" "$node" --version
