//! Reading and writing the small files of the state directory.

use std::{
    borrow::Cow,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    ops::Deref,
    path::Path,
};

use super::{State, failure, remove};
use crate::{Failure, private};

/// Far more than 16 keys need.
const MAX_BYTES: u64 = 1024 * 1024;

impl State {
    /// Opens a file for appending; creates it if necessary.
    pub(crate) fn append(&self, path: &Path) -> Result<File, Failure> {
        self.create()?;
        private::open(OpenOptions::new().create(true).append(true), path)
            .map_err(|error| failure("write", path, &error))
    }

    /// `None` if the file does not exist or is empty.
    pub(crate) fn read(&self, path: &Path) -> Result<Option<String>, Failure> {
        if !self.exists() {
            return Ok(None);
        }
        self.make_private()?;
        match read(path) {
            Ok(text) => Ok(Some(text).filter(|text| !text.trim_ascii().is_empty())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure("read", path, &error)),
        }
    }

    /// Reads a file, or creates it with the text that `make` returns. All processes get the same text.
    pub(crate) fn read_or_create<T: From<String> + Deref<Target: AsRef<str>>>(
        &self,
        path: &Path,
        make: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(text) = self.read(path)? {
            return Ok(text.into());
        }
        self.create()?;
        let _turn = self.take_turn()?;
        if let Some(text) = self.read(path)? {
            return Ok(text.into());
        }
        let text = make()?;
        replace(path, (*text).as_ref())?;
        Ok(text)
    }

    /// Replaces a file atomically. Only its owner can read it, from the first byte.
    pub(crate) fn write_private(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let _turn = self.take_turn()?;
        replace(path, text)
    }

    /// Waits until no other process replaces a file, which takes milliseconds.
    fn take_turn(&self) -> Result<File, Failure> {
        let path = self.directory.join("write-lock");
        let lock = || {
            let file = private::open(OpenOptions::new().create(true).truncate(false).write(true), &path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|error| failure("lock", &path, &error))
    }
}

fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let new = path.with_extension("new");
    let write = || -> io::Result<()> {
        // Left over from a crash.
        remove(&new)?;
        let mut file = private::open(OpenOptions::new().create_new(true).write(true), &new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|error| {
        // The next write would remove it as well.
        let _ = remove(&new);
        failure("write", path, &error)
    })
}

fn read(path: &Path) -> io::Result<String> {
    let file = private::open(OpenOptions::new().read(true), path)?;
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// The problem and the fix. Errors of our own have both already.
pub(crate) fn explain(error: &io::Error) -> Cow<'static, str> {
    let known = match error.kind() {
        _ if error.get_ref().is_some() && error.kind() != io::ErrorKind::InvalidData => None,
        io::ErrorKind::StorageFull => Some("the disk is full: free some space, then try again"),
        io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Some("a quota or a limit of file sizes is reached: raise it, then try again")
        }
        io::ErrorKind::PermissionDenied => Some(
            "permission denied: make it and its directory accessible for you, or choose another directory with --state",
        ),
        io::ErrorKind::ReadOnlyFilesystem => {
            Some("its file system is read-only: choose another directory with --state")
        }
        io::ErrorKind::InvalidData => {
            Some("it is not a text file: restore it from a copy, or move it away to start with a new one")
        }
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => Some(
            "a file is where a directory must be: move that file away, or choose another directory with --state",
        ),
        io::ErrorKind::IsADirectory => {
            Some("a directory is where a file must be: move that directory away, then try again")
        }
        _ => None,
    };
    known.map_or_else(|| error.to_string().into(), Cow::Borrowed)
}
