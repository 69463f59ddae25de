# Sourced by build.sh: what worker-torch has in addition to the program of worker. PyTorch's packages are a layer of their own, which changes only with
# python/requirements.txt: a node that has it pulls a new version of the rest in seconds.

# torch_layers WORK → WORK/torch-packages.tar and WORK/torch-program.tar
torch_layers() {
  local work=$1 folder=$1/torch site python
  scripts/torch/setup.sh >&2
  site=$(sed -n 2p node_modules/.torch/paths)
  python=$(readlink -f node_modules/.torch/bin/python)
  interpreter "$python" "$folder"
  mkdir -p "$folder/app/python"
  find python/src -type f ! -path '*/__pycache__/*' | LC_ALL=C sort | tar -cf - -T - | tar -xf - -C "$folder/app"
  compiled "$python" "$work" "$site"
  native_parts "$folder" "$site"
  layer "$folder" "$work/torch-program.tar"
  layer "$site" "$work/torch-packages.tar" --exclude=__pycache__ --transform 'flags=r;s,^\.,./opt/torch,'
  rm -rf "$folder"
}

# This machine's Python with its standard library, which finds itself by where its program lies, and the environment in which workers look for it.
interpreter() {
  local python=$1 folder=$2 base stdlib environment=$2/app/node_modules/.torch
  base=$("$python" -c 'import sys; print(sys.base_prefix)')
  stdlib=$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
  local home=$folder/opt/python/${stdlib#"$base"/}
  mkdir -p "$folder/opt/python/bin" "$home" "$environment/bin" "$environment/lib/$(basename "$stdlib")/site-packages"
  cp -L "$python" "$folder/opt/python/bin/python3"
  tar -C "$stdlib" --exclude={__pycache__,site-packages,dist-packages,test,tests,idlelib,tkinter,turtledemo,ensurepip,lib2to3,'config-3*'} -cf - . | tar -C "$home" -xf -
  ln -s /opt/python/bin/python3 "$environment/bin/python"
  printf 'home = /opt/python/bin\ninclude-system-site-packages = false\n' > "$environment/pyvenv.cfg"
  printf '/app/python/src\n/opt/torch\n' > "$environment/lib/$(basename "$stdlib")/site-packages/ncsweep.pth"
  with_libraries "$folder" "$python"
}

# bytecode PYTHON FOLDER FROM TO: compiles what lies in FROM, and will lie in TO, into FOLDER.
bytecode() { "$1" -X pycache_prefix="$2" -m compileall -qq -j 0 --invalidation-mode unchecked-hash -s "$3" -p "$4" "$3" || true; }

# Bytecode of everything, beside its sources' folders: a pod cannot write it, and would compile thousands of files at each start. It does not ask for the
# time of a source, as layers have none.
compiled() {
  local python=$1 work=$2 site=$3 folder=$2/torch
  bytecode "$python" "$work/bytecode" "$folder/opt/python" /opt/python
  bytecode "$python" "$work/bytecode" "$folder/app/python" /app/python
  bytecode "$python" "$work/bytecode" "$site" /opt/torch
  mkdir -p "$folder/opt/bytecode/opt"
  mv "$work/bytecode$folder/app" "$folder/opt/bytecode/"
  mv "$work/bytecode$folder/opt/python" "$folder/opt/bytecode/opt/"
  mv "$work/bytecode$site" "$folder/opt/bytecode/opt/torch"
  rm -rf "$work/bytecode"
}

# What the packages' and the interpreter's own libraries load from this machine.
native_parts() {
  local files
  readarray -d '' files < <(find "$1/opt/python" "$2" -type f -name '*.so*' -print0)
  with_libraries "$1" "${files[@]}"
}
