# shellcheck shell=bash
# Sourced by the scripts beside it, in the repository's root: progress, and what a stage installs where it is missing.
export CARGO_TERM_COLOR=never
if [ -n "${CI:-}" ]; then
  export CARGO_INCREMENTAL=0 # a build from nothing takes longer and more disk with it
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

# Each command is looked for by itself: an interrupted installation leaves some of them.
python() { # COMMAND=PACKAGE...: into target/ci-venv, in the versions of .ci/requirements.txt
  local packages=() pair
  for pair in "$@"; do
    [ -x "$venv/bin/${pair%%=*}" ] || packages+=("${pair#*=}")
  done
  [ ${#packages[@]} = 0 ] && return
  python3 -c 'import venv, ensurepip' 2>/dev/null || debian python3-venv
  [ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
  "$venv/bin/pip" -q install --disable-pip-version-check -c .ci/requirements.txt "${packages[@]}"
}

# target/debug/gatecrumb. `.ci/run` sets CI_PACKAGES to those that its tests have compiled: with others, Cargo would
# choose other features and compile many dependencies a second time.
# Always built, as a binary that an earlier change left there proves nothing.
command_line() {
  # shellcheck disable=SC2086 # several options
  cargo build ${CI_PACKAGES:--p gatecrumb} --bin gatecrumb --locked
}

command -v cargo >/dev/null || { echo "cargo is not installed" >&2 && exit 1; }
command -v cc >/dev/null || debian gcc libc6-dev
command -v curl >/dev/null || debian curl ca-certificates
