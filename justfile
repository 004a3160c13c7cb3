# Common commands for https://just.systems; `just` lists them. Each also works without just.
_list:
    @just --list --unsorted

# Run gatecrumb on this machine: http://localhost:3000
run *options:
    cargo run --locked -- serve {{ options }}

# Run all tests, or some: just test -p gatecrumb-tokens
test *options='--workspace':
    cargo test --locked {{ options }}

# Check formatting and lints
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Format Rust, and web/ if its packages are installed
fmt:
    cargo fmt --all
    test ! -d web/node_modules || npm run --silent format --prefix web

# Update events/ from the functions' responses; review the diff afterwards
events:
    UPDATE_EVENTS=1 cargo test --locked -p gatecrumb-testkit
    UPDATE_EVENTS=1 cargo test --locked --workspace

# Run all CI stages, or some: just ci lint web
ci *stages:
    .ci/run {{ stages }}

# Run mutation tests on what this branch changes in domain, tokens and auth (cargo install --locked cargo-mutants)
mutants *options:
    mkdir -p target
    git diff main...HEAD >target/change.diff
    cargo mutants --in-diff target/change.diff --output target -p gatecrumb-domain -p gatecrumb-tokens -p gatecrumb-auth {{ options }}

# Benchmark the functions against their floors
bench *options='functions':
    cargo run --release --locked -p gatecrumb-bench -- {{ options }}
