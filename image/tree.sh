#!/bin/sh
# Lays out everything that is in the image: tree.sh BINARY ROOT. The Dockerfile runs it, and so does the test that starts the tree.
set -eu
binary=$1
root=$2
authorities=/etc/ssl/certs/ca-certificates.crt

# The platform calls entrypoint.sh on PATH. Here that is the binary itself: without a command it does what
# MASSDRIVER_DEPLOYMENT_ACTION says.
install -D -m 0755 "$binary" "$root/usr/local/bin/aws-ecs-cluster"
ln -s aws-ecs-cluster "$root/usr/local/bin/entrypoint.sh"

# The C library, its loader, and what else the binary is linked with. Names are resolved by the C library itself.
ldd "$binary" | grep -o '/[^ )]*' | while read -r library; do
  install -D -m 0755 "$library" "$root$library"
done
install -d -m 0755 "$root/etc"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
chmod 0644 "$root/etc/nsswitch.conf"

[ -s "$authorities" ] || { echo "tree.sh: $authorities is missing: install ca-certificates" >&2; exit 1; }
install -D -m 0644 "$authorities" "$root$authorities"

# Where the platform mounts the inputs.
install -d -m 0755 "$root/massdriver"
