//! Builds the release binaries as users do, one package at a time, and reads their sizes.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::DeflateEncoder};

use crate::Result;

/// What a zip adds to one deflated file named `bootstrap`: two headers with the name, and the end record.
const ZIP_OVERHEAD: usize = 30 + 46 + 22 + 2 * "bootstrap".len();

/// Builds `packages` in release mode, one at a time, so that none gets features that only another one enables. Returns
/// the directory of the binaries.
pub(crate) fn build<'a>(packages: impl IntoIterator<Item = &'a str>) -> Result<PathBuf> {
    for package in packages {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--locked", "-p", package]);
        if !cargo.status()?.success() {
            return Err(format!("{package} does not build").into());
        }
    }
    // Cargo's target directory is two levels above this program's file.
    let program = env::current_exe()?;
    let target = program.ancestors().nth(2).ok_or("no target directory")?;
    Ok(target.join("release"))
}

/// Bytes of a file, and of a zip with it as `bootstrap`.
pub(crate) fn sizes(binary: &Path) -> Result<(usize, usize)> {
    let bytes = fs::read(binary)?;
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(&bytes)?;
    Ok((bytes.len(), deflated.finish()?.len() + ZIP_OVERHEAD))
}
