#!/bin/sh
# Installs redis-server for the tests by the machine's package manager, and starts no service.
# Does nothing where there is one. Needs to be root, or sudo without a password; Homebrew needs neither.
set -eu
. "$(dirname "$0")/install.sh"

# Debian's package starts its service unless a policy forbids it, and enables it for the next start of the machine.
install_with_apt() {
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy"
    trap 'as_root rm -f "$policy"' EXIT
  fi
  apt_get_install redis-server
  if have systemctl; then as_root systemctl --quiet disable redis-server || true; fi
}

one_at_a_time

if have redis-server; then exit 0; fi
if have apt-get; then install_with_apt
elif have apk; then as_root apk add redis
elif have dnf; then as_root dnf install -y redis
elif have brew; then brew install redis
else
  echo 'No package manager that this script knows: install Redis 6.2 or later, so that redis-server is on the PATH.' >&2
  exit 1
fi
