//! Runs the target that `GATECRUMB_FUZZ_TARGET` names under libFuzzer.

#![no_main]

use std::sync::LazyLock;

use gatecrumb_fuzz::{Target, target};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "libFuzzer owns the arguments")]
    let name = std::env::var("GATECRUMB_FUZZ_TARGET").unwrap_or_default();
    target(&name)
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
