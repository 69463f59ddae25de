#!/usr/bin/env bash
# Writes manifests/ from the chart: the same install for people without helm. A test compares the two.
#   scripts/render-manifests.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/servers/build.sh helm
helm=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}/servers/helm
{
  echo '# The chart as plain YAML (scripts/render-manifests.sh). Change the store, NATS and images to yours, then:'
  echo '#   kubectl create namespace ncsweep && kubectl apply --server-side -f manifests/install.yaml'
  "$helm" template ncsweep charts/ncsweep --namespace ncsweep \
    --set store.location='s3://BUCKET/PREFIX' --set store.secretName=ncsweep-s3 --set nats.servers=nats://nats.nats:4222 \
    --no-hooks --skip-schema-validation
} > "$1/install.yaml"
