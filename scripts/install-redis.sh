#!/bin/sh
# Installs redis-server for the tests by the machine's package manager, and starts no service.
# Does nothing where there is one. Needs to be root, or sudo without a password; Homebrew needs neither.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    sudo "$@"
  else
    echo 'redis-server must be installed by root, or by a user with sudo without a password.' >&2
    exit 1
  fi
}

# Debian's package starts its service unless a policy forbids it, and enables it for the next start of the machine.
install_with_apt() {
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy"
    trap 'as_root rm -f "$policy"' EXIT
  fi
  apt_get='env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120'
  install="$apt_get install --no-install-recommends redis-server"
  # Package lists may be missing or name versions that are gone.
  as_root $install || { as_root $apt_get update && as_root $install; }
  if have systemctl; then as_root systemctl --quiet disable redis-server || true; fi
}

# Several test files may get here at once.
if have flock && [ -z "${RINGKEY_INSTALLS_REDIS:-}" ]; then
  RINGKEY_INSTALLS_REDIS=1 exec flock "${TMPDIR:-/tmp}/ringkey-install-redis.lock" "$0"
fi

if have redis-server; then exit 0; fi
if have apt-get; then install_with_apt
elif have apk; then as_root apk add redis
elif have dnf; then as_root dnf install -y redis
elif have brew; then brew install redis
else
  echo 'No package manager that this script knows: install Redis 6.2 or later, so that redis-server is on the PATH.' >&2
  exit 1
fi
