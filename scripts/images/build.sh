#!/usr/bin/env bash
# Makes container images without a container engine, from this machine's C library and the locked npm packages: archives that
# `docker load`, `podman load`, `ctr images import` and `kind load image-archive` accept. images/Dockerfile builds the same images with docker or buildah.
#   scripts/images/build.sh orchestrator cli worker        also worker-native, worker-gpu (scripts/native/build.sh), worker-torch (scripts/torch/setup.sh), nats, versitygw (scripts/servers/build.sh)
# Running it again does nothing if nothing has changed. Archives: $NCSWEEP_CACHE/images/NAME.tar, as ncsweep/NAME:VERSION.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
cache=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}
out=$cache/images
version=$(node -p 'require("./package.json").version')
# The pinned Node, whatever is on the path.
node=$(readlink -f node_modules/.bin/node)
# What results say about the program that made them: version and commit, in the form that a checkout uses.
build=$("$node" --input-type=module -e "import { buildId } from 'ncsweep/build-id'; console.log(await buildId())")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
. scripts/images/torch.sh

[ "$(uname -s)" = Linux ] || { echo "images: this script needs Linux. Remedy: docker build -f images/Dockerfile --target worker ." >&2; exit 1; }

# What each image contains from this repository, and what it runs.
workspaces() {
  case $1 in
    orchestrator) echo protocol catalog orchestrator ;;
    cli) echo protocol catalog collapse orchestrator report ncsweep cli ;;
    worker | worker-native | worker-gpu | worker-torch) echo protocol catalog collapse worker ;;
    *) echo "build.sh: there is no image $1" >&2; exit 2 ;;
  esac
}
# The server that an image contains, if any.
server() { case $1 in nats) echo nats-server ;; versitygw) echo versitygw ;; esac; }
program() {
  case $1 in
    orchestrator) echo orchestrator/main.ts ;;
    cli) echo cli/main.ts ;;
    *) echo worker/main.ts ;;
  esac
}

# with_libraries FOLDER FILE…: copies the libraries of this machine that programs or libraries load, to the same paths; libraries that we
# ship ourselves go elsewhere.
with_libraries() {
  local folder=$1
  shift
  { ldd "$@" 2>/dev/null || true; } | awk '$3 ~ /^\// {print $3} $1 ~ /^\/.*[^:]$/ {print $1}' | grep -v "^$cache/" | sort -u | while read -r library; do
    mkdir -p "$folder$(dirname "$library")"
    cp -nL "$library" "$folder$library"
  done
}

# layer FOLDER TAR [OPTION…] → a tar whose bytes depend only on the files.
layer() { tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 "${@:3}" -cf "$2" .; }

base_layer() {
  local folder=$work/base
  mkdir -p "$folder"/{etc,app,tmp,usr/local/bin}
  chmod 1777 "$folder/tmp"
  cp "$node" "$folder/usr/local/bin/node"
  with_libraries "$folder" "$node"
  printf 'root:x:0:0:root:/:/none\nncsweep:x:65532:65532:ncsweep:/tmp:/none\n' > "$folder/etc/passwd"
  printf 'root:x:0:\nncsweep:x:65532:\n' > "$folder/etc/group"
  printf 'hosts: files dns\n' > "$folder/etc/nsswitch.conf"
  layer "$folder" "$work/base.tar"
}

app_layer() {
  local name=$1 app=$work/$1/app optional=(--omit=optional) workspace
  mkdir -p "$app"
  cp package.json package-lock.json .npmrc "$app"
  for workspace in protocol catalog collapse orchestrator worker report ncsweep cli; do
    mkdir -p "$app/$workspace"
    cp "$workspace/package.json" "$app/$workspace"
  done
  case $name in worker-native | worker-gpu) optional=() ;; esac
  (cd "$app" && npm ci --omit=dev "${optional[@]}" --prefer-offline --loglevel=error --workspace "@ncsweep/$(dirname "$(program "$name")")" >&2)
  [ ! -d "$app/node_modules/sharp" ] || image_decoder "$app" "$work/$name"
  for workspace in $(workspaces "$name"); do sources "$workspace" | tar -cf - -T - | tar -xf - -C "$app"; done
  case $name in worker-native) native cpu "$name" ;; worker-gpu) native gpu "$name" ;; esac
  layer "$work/$name" "$work/$name.tar"
}

# sharp's libraries are optional packages, one for each platform: those of this checkout, and what they load.
image_decoder() {
  mkdir -p "$1/node_modules/@img"
  cp -r node_modules/@img/. "$1/node_modules/@img/"
  find "$1/node_modules/@img" -name '*.so.*' | while read -r library; do with_libraries "$2" "$library"; done
}

sources() { find "$1" -type f ! -name '*.test.ts' ! -path '*/node_modules/*' ! -path '*/pytorch/*' ! -path '*/testing/*' ! -path '*/fixtures/*' | LC_ALL=C sort; }

# TensorFlow's libraries and the binding that scripts/native/build.sh compiled against them.
native() {
  local kind=$1 folder=$work/$2 built package=tfjs-node other=tfjs-node-gpu
  scripts/native/build.sh "$kind" >&2
  if [ "$kind" = gpu ]; then package=tfjs-node-gpu other=tfjs-node; fi
  built=$(ls -d "$cache/native-$kind"-*)
  rm -rf "$folder/app/node_modules/@tensorflow/$other" "$folder"/app/node_modules/@tensorflow/*/{deps,binding} "$folder/app/node_modules/@webgpu"
  mkdir -p "$folder/app/node_modules/@tensorflow/$package/lib/napi-v8" "$folder/opt"
  cp "$built/tfjs_binding.node" "$folder/app/node_modules/@tensorflow/$package/lib/napi-v8/"
  with_libraries "$folder" "$built/tfjs_binding.node"
  mkdir "$folder/opt/tensorflow"
  (cd "$built/site" && cp -r --parents tensorflow/lib*.so.2 $([ "$kind" = cpu ] || echo nvidia) "$folder/opt/tensorflow/")
}

# TensorFlow's libraries find CUDA's relative to their own location.
variables() {
  case $1 in
    worker-native | worker-gpu) echo ',"LD_LIBRARY_PATH=/opt/tensorflow/tensorflow"' ;;
    worker-torch) echo ',"PYTHONPYCACHEPREFIX=/opt/bytecode"' ;;
  esac
}

digest() { sha256sum "$1" | cut -d' ' -f1; }

server_layer() {
  local folder=$work/$1 program
  program=$(server "$1")
  scripts/servers/build.sh "$program" >&2
  mkdir -p "$folder/usr/local/bin" "$folder/app" "$folder/tmp"
  chmod 1777 "$folder/tmp"
  cp "$cache/servers/$program" "$folder/usr/local/bin/"
  layer "$folder" "$work/$1.tar"
}

# The archive that `docker save` would write: layers, their configuration, and a manifest.
#   archive NAME ENTRYPOINT LAYER…
archive() {
  local name=$1 entrypoint=$2 folder=$work/archive digests=() files=() each
  shift 2
  rm -rf "$folder" && mkdir "$folder"
  for each in "$@"; do
    ln "$each" "$folder/"
    digests+=("\"sha256:$(digest "$each")\"")
    files+=("\"$(basename "$each")\"")
  done
  cat > "$folder/config.json" <<JSON
{"architecture":"amd64","os":"linux","config":{"User":"65532:65532","WorkingDir":"/app","Env":["PATH=/usr/local/bin","NODE_ENV=production","NCSWEEP_BUILD_ID=$build"$(variables "$name")],
"Entrypoint":$entrypoint,"Labels":{"org.opencontainers.image.title":"ncsweep $name","org.opencontainers.image.version":"$version"}},
"rootfs":{"type":"layers","diff_ids":[$(IFS=,; echo "${digests[*]}")]}}
JSON
  printf '[{"Config":"config.json","RepoTags":["ncsweep/%s:%s"],"Layers":[%s]}]' "$name" "$version" "$(IFS=,; echo "${files[*]}")" > "$folder/manifest.json"
  (cd "$folder" && tar -cf "$out/$name.tar.part" manifest.json config.json -- *.tar)
  mv "$out/$name.tar.part" "$out/$name.tar"
}

# What an image is made of: the image is rebuilt when that changes.
state() {
  cat scripts/images/build.sh
  if [ -n "$(server "$1")" ]; then
    cat scripts/servers/build.sh
    return
  fi
  cat package-lock.json
  "$node" --version
  for workspace in $(workspaces "$1"); do sources "$workspace"; done > "$work/list"
  xargs cat < "$work/list"
  cat "$work/list"
  [ "$1" != worker-torch ] || find python/requirements.txt python/src scripts/images/torch.sh scripts/torch -type f ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 cat
}

make_image() {
  local name=$1 below=() above=()
  if [ -n "$(server "$name")" ]; then
    server_layer "$name"
    archive "$name" "[\"/usr/local/bin/$(server "$name")\"]" "$work/$name.tar"
    return
  fi
  [ -e "$work/base.tar" ] || base_layer
  app_layer "$name"
  if [ "$name" = worker-torch ]; then
    torch_layers "$work"
    below=("$work/torch-packages.tar") above=("$work/torch-program.tar")
  fi
  archive "$name" "[\"/usr/local/bin/node\",\"/app/$(program "$name")\"]" "$work/base.tar" "${below[@]}" "$work/$name.tar" "${above[@]}"
}

for name in "$@"; do
  state=$(state "$name" | sha256sum | cut -c1-16)
  [ -e "$out/$name.tar" ] && [ "$(cat "$out/$name.state" 2>/dev/null)" = "$state" ] && continue
  make_image "$name"
  echo "$state" > "$out/$name.state"
  rm -rf "${work:?}/$name" "$work/$name.tar" "$work"/torch-*.tar "$work/archive"
  echo "ncsweep/$name:$version  $(du -h "$out/$name.tar" | cut -f1)  $out/$name.tar"
done
