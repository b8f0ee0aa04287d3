#!/bin/sh
# Installs redis-server for the tests by the machine's package manager, and starts no service.
# Does nothing where there is one. Needs to be root, or sudo without a password; Homebrew needs neither.
set -eu
. "$(dirname "$0")/install.sh"

one_at_a_time

if have redis-server; then exit 0; fi
if have apt-get; then apt_get_install_without_service redis-server
elif have apk; then as_root apk add redis
elif have dnf; then as_root dnf install -y redis
elif have brew; then brew install redis
else
  echo 'No package manager that this script knows: install Redis 6.2 or later, so that redis-server is on the PATH.' >&2
  exit 1
fi
