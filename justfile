# The daily commands, with https://just.systems: `just` lists them. Each is a command that also runs without just.
_list:
    @just --list --unsorted

# Run everything on this machine: http://localhost:3000
run *options:
    cargo run --locked -- serve {{ options }}

# Run the tests, or some: just test -p gatecrumb-tokens
test *options='--workspace':
    cargo test --locked {{ options }}

# Check format and lints
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Format Rust, and the frontend where it is installed
fmt:
    cargo fmt --all
    test ! -d web/node_modules || npm run --silent format --prefix web

# Write events/ anew from what the functions answer; then read the diff
events:
    UPDATE_EVENTS=1 cargo test --locked -p gatecrumb-testkit
    UPDATE_EVENTS=1 cargo test --locked --workspace

# Run what must hold before a change lands, or some stages: just ci lint web
ci *stages:
    .ci/run {{ stages }}

# Mutate what this branch changes in the crates that decide who is signed in (cargo install --locked cargo-mutants)
mutants *options:
    mkdir -p target
    git diff main...HEAD >target/change.diff
    cargo mutants --in-diff target/change.diff --output target -p gatecrumb-domain -p gatecrumb-tokens -p gatecrumb-auth {{ options }}

# Compare the functions with the floors under them
bench *options='functions':
    cargo run --release --locked -p gatecrumb-bench -- {{ options }}
