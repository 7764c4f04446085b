#!/bin/sh
# Tries the fast tests with the lowest versions that requirements.txt allows.
#
# usage: tests/lowest_versions.sh [FOLDER]
#
# Makes an environment in FOLDER, by default a temporary one that goes afterwards; with torch's libraries
# for CUDA that takes about 7 GB. Of each floor, such as 2.9, the last release with that number is tried
# (2.9.1). Whoever lowers or raises a floor runs this and writes the result into requirements.txt.
set -eu
cd "$(dirname "$0")/.."

folder=${1:-}
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi

python -m venv "$folder"
sed -nE 's/^([A-Za-z0-9_-]+)>=([0-9.]+).*/\1==\2.*/p' requirements.txt > "$folder/lowest.txt"
"$folder/bin/pip" install --quiet --requirement requirements-dev.txt --constraint "$folder/lowest.txt"
"$folder/bin/pip" freeze | grep -iE "^($(sed 's/==.*//' "$folder/lowest.txt" | tr '_\n-' '.|.' | sed 's/|$//'))=="
# Warnings are no errors here: packages of different ages warn of one another.
"$folder/bin/python" -m pytest -q -m "not browser" -W default
