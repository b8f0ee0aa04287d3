#!/bin/sh
# Checks the alerts with Prometheus' own tool, and tries them on made-up figures. Installs the tool where there is none.
set -eu
cd "$(dirname "$0")"
./install-promtool.sh
cd ../deploy/prometheus
promtool check rules ringkey.rules.yml
promtool test rules ringkey.tests.yml
