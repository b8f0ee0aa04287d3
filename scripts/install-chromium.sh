#!/bin/sh
# Installs Chromium for the tests of the pages by the machine's package manager.
# Does nothing where there is one. Needs to be root, or sudo without a password; Homebrew needs neither.
set -eu
. "$(dirname "$0")/install.sh"

one_at_a_time

if have chromium || have chromium-browser || have google-chrome; then exit 0; fi
if have apt-get; then apt_get_install chromium
elif have apk; then as_root apk add chromium
elif have dnf; then as_root dnf install -y chromium
elif have brew; then brew install --cask chromium
else
  echo 'No package manager that this script knows: install Chromium, and set CHROMIUM to its path.' >&2
  exit 1
fi
