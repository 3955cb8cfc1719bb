#!/usr/bin/env bash
# Sets up what is missing, builds, and takes the bundled clip apart: two people who never met share a room.
#   tools/demo.sh [options of `retime run`]      for example -c default
# Run again, it does only what is missing or has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/setup.sh

set_up
configure_and_build release retime
build/release/bin/retime run examples/room/room.mp4 -o out/room --edit examples/room/meet.json "$@"

cat <<'END'

out/room/overview.png         everything at a glance: input, layers, alphas, recomposition, retimed video
out/room/retimed.mp4          examples/room/meet.json applied: the man comes in while the woman still leaves
out/room/reconstruction.mp4   all layers put together again, as in the clip
out/room/background.mp4       the room without people; only_*.mp4 beside it: one person each
out/room/layers.h5            the layers, for `retime compose` and `retime export`
END
