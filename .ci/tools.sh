# shellcheck shell=bash
# Functions for the scripts in this folder, which source it in the repository's root: progress, and the installation of
# missing tools.
export CARGO_TERM_COLOR=never
if [ -n "${CI:-}" ]; then
  export CARGO_INCREMENTAL=0 # incremental compilation makes a clean build slower and larger
fi
export CI_START=${CI_START:-$(date +%s)}
venv=$PWD/target/ci-venv

step() { # NAME
  local seconds=$(($(date +%s) - CI_START))
  printf '\n== %s (at %d min %02d s)\n' "$1" $((seconds / 60)) $((seconds % 60))
}

debian() { # PACKAGE...
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq && "${sudo[@]}" apt-get install -y -qq --no-install-recommends "$@"
}

# Checks each command separately: an interrupted installation may have installed only some.
python() { # COMMAND=PACKAGE...: installs into target/ci-venv, with the versions of .ci/requirements.txt
  local packages=() pair
  for pair in "$@"; do
    [ -x "$venv/bin/${pair%%=*}" ] || packages+=("${pair#*=}")
  done
  [ ${#packages[@]} = 0 ] && return
  python3 -c 'import venv, ensurepip' 2>/dev/null || debian python3-venv
  [ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
  "$venv/bin/pip" -q install --disable-pip-version-check -c .ci/requirements.txt "${packages[@]}"
}

# Builds target/debug/gatecrumb, even if it exists: it may be outdated. `.ci/run` sets CI_PACKAGES to the packages that
# its tests compile. With other packages, Cargo would select other features and compile many dependencies twice.
command_line() {
  # shellcheck disable=SC2086 # several options
  cargo build ${CI_PACKAGES:--p gatecrumb} --bin gatecrumb --locked
}

command -v cargo >/dev/null || { echo "cargo is not installed" >&2 && exit 1; }
command -v cc >/dev/null || debian gcc libc6-dev
command -v curl >/dev/null || debian curl ca-certificates
