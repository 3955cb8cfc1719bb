#!/usr/bin/env bash
# `catalog run LIST -o FOLDER --entry K` by means of the stages: prepares and fits frames FIRST to LAST of the bundled
# clip, line K of LIST being "NAME FIRST LAST".
set -euo pipefail
list=$3 folder=$5 entry=$7
read -r name first last < <(sed -n "$((entry + 1))p" "$list")
mkdir -p "$folder/$name"
clip=$(dirname "${BASH_SOURCE[0]}")/../../examples/room/room.mp4
[ -f "$folder/$name/scene.h5" ] || env -u PMIX_RANK "$RETIME_PROGRAM" prepare "$clip" -o "$folder/$name/scene.h5" \
  --size 96x54 --objects 2 --first-frame "$first" --last-frame "$last"
exec "$RETIME_PROGRAM" train "$folder/$name/scene.h5" -o "$folder/$name/run" -c preview --width 4 --batch-frames 4 \
  --epochs 12 --checkpoint-epochs 1 --preview-epochs 0
