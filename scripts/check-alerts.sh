#!/bin/sh
# Checks the alerts with Prometheus' own tool (Debian's package "prometheus" has it), and tries them on made-up figures.
set -eu
cd "$(dirname "$0")/../deploy/prometheus"
promtool check rules ringkey.rules.yml
promtool test rules ringkey.tests.yml
