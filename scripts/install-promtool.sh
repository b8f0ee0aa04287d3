#!/bin/sh
# Installs promtool, which comes with Prometheus, by the machine's package manager, and starts no service.
# Does nothing where there is one. Needs to be root, or sudo without a password; Homebrew needs neither.
set -eu
. "$(dirname "$0")/install.sh"

one_at_a_time

if have promtool; then exit 0; fi
if have apt-get; then apt_get_install_without_service prometheus
elif have apk; then as_root apk add prometheus
elif have brew; then brew install prometheus
else
  echo 'No package manager that this script knows: install Prometheus, so that promtool is on the PATH.' >&2
  exit 1
fi
