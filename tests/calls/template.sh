#!/bin/sh
# Runs the lines of docs/reference/api with the command-line tool, see calls.py.
set -eu

check() {
    [ -s printed ] || { echo "$1: nothing was printed" >&2; exit 1; }
    : >printed
}
exec >>printed
# [calls]
