#!/bin/sh
# Installs Chromium for the tests of the pages by the machine's package manager.
# Does nothing where there is one. Needs to be root, or sudo without a password; Homebrew needs neither.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    sudo "$@"
  else
    echo 'Chromium must be installed by root, or by a user with sudo without a password.' >&2
    exit 1
  fi
}

install_with_apt() {
  apt_get='env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120'
  install="$apt_get install --no-install-recommends chromium"
  # Package lists may be missing or name versions that are gone.
  as_root $install || { as_root $apt_get update && as_root $install; }
}

# Several test files may get here at once.
if have flock && [ -z "${RINGKEY_INSTALLS_CHROMIUM:-}" ]; then
  RINGKEY_INSTALLS_CHROMIUM=1 exec flock "${TMPDIR:-/tmp}/ringkey-install-chromium.lock" "$0"
fi

if have chromium || have chromium-browser || have google-chrome; then exit 0; fi
if have apt-get; then install_with_apt
elif have apk; then as_root apk add chromium
elif have dnf; then as_root dnf install -y chromium
elif have brew; then brew install --cask chromium
else
  echo 'No package manager that this script knows: install Chromium, and set CHROMIUM to its path.' >&2
  exit 1
fi
