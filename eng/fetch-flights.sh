#!/usr/bin/env bash
# Brings the three million flights into .cache/, once, from the npm package that carries them, and checks their digest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

file=.cache/flights-3m.parquet
digest=dbeb920c90f59b6ccaff823dcc3d08f25a97fa1ce128d93f40be4e931f5900b0
if [[ -f $file ]] && echo "$digest  $file" | sha256sum --check --status; then
  exit 0
fi
if ! command -v npm >/dev/null; then
  echo "npm is missing: all three million flights come from the npm package vega-datasets@3.2.1. Without it, run ./demo without --full." >&2
  exit 1
fi
mkdir -p .cache
work=$(mktemp -d .cache/fetch.XXXXXX)
trap 'rm -rf "$work"' EXIT
echo "Fetching vega-datasets@3.2.1 (13 MB of flights) ..."
(cd "$work" && npm pack --silent vega-datasets@3.2.1 >/dev/null && tar xzf vega-datasets-3.2.1.tgz package/data/flights-3m.parquet)
if ! echo "$digest  $work/package/data/flights-3m.parquet" | sha256sum --check --status; then
  echo "The file from npm is not the one expected: sha256 should be $digest." >&2
  exit 1
fi
mv "$work/package/data/flights-3m.parquet" "$file"
