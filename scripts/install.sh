# What the install scripts share; to be sourced. Packages come by the machine's package manager, as root or by sudo without a password.

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    sudo "$@"
  else
    echo "$(basename "$0"): must be run by root, or by a user with sudo without a password." >&2
    exit 1
  fi
}

apt_get_install() {
  apt_get='env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120'
  install="$apt_get install --no-install-recommends $1"
  # Package lists may be missing or name versions that are gone.
  as_root $install || { as_root $apt_get update && as_root $install; }
}

# Debian starts the service of a package, unless a policy forbids it, and enables it for the next start of the machine.
#   apt_get_install_without_service PACKAGE, whose service has the same name
apt_get_install_without_service() {
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy"
    trap 'as_root rm -f "$policy"' EXIT
  fi
  apt_get_install "$1"
  if have systemctl; then as_root systemctl --quiet disable "$1" || true; fi
}

# Several test files may get to a script at once: all but one wait, and then find that there is nothing to do.
one_at_a_time() {
  if have flock && [ -z "${RINGKEY_INSTALLS:-}" ]; then
    RINGKEY_INSTALLS=1 exec flock "${TMPDIR:-/tmp}/ringkey-$(basename "$0").lock" "$0"
  fi
}
