//! The directory where this machine's table and keys are kept.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::Failure;

/// The directory, which may not exist yet.
pub(crate) struct State(PathBuf);

/// Held by the one process that has the table's file open.
pub(crate) struct Lock {
    _file: File,
}

impl State {
    pub(crate) fn at(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.0
    }

    pub(crate) fn table_file(&self) -> PathBuf {
        self.0.join("dynamodb.sqlite")
    }

    pub(crate) fn keys_file(&self) -> PathBuf {
        self.0.join("signing-keys.json")
    }

    pub(crate) fn device_keys_file(&self) -> PathBuf {
        self.0.join("device-keys.json")
    }

    pub(crate) fn issuer_file(&self) -> PathBuf {
        self.0.join("issuer")
    }

    fn endpoint_file(&self) -> PathBuf {
        self.0.join("dynamodb-endpoint")
    }

    /// Creates the directory, for its owner alone.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.0)
            .map_err(|error| self.failure("create", &self.0, &error))
    }

    /// Takes the directory for this process; `None` when another one has it.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, Failure> {
        self.create()?;
        let path = self.0.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(|error| self.failure("open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(self.failure("lock", &path, &error)),
        }
    }

    /// Tells other commands where the table of this directory is served.
    pub(crate) fn announce_endpoint(&self, endpoint: &str) -> Result<(), Failure> {
        self.write_private(&self.endpoint_file(), endpoint)
    }

    /// Where the process that holds the lock serves the table.
    pub(crate) fn announced_endpoint(&self) -> Result<String, Failure> {
        let path = self.endpoint_file();
        fs::read_to_string(&path).map_err(|error| self.failure("read", &path, &error))
    }

    /// The file's text; `None` when there is none.
    pub(crate) fn read(&self, path: &Path) -> Result<Option<String>, Failure> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failure("read", path, &error)),
        }
    }

    /// Replaces a file whole, readable by its owner alone from the first byte on.
    pub(crate) fn write_private(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let new = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let write = || -> io::Result<()> {
            // A leftover of a crash might have other permissions.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = options.open(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, path)
        };
        write().map_err(|error| self.failure("write", path, &error))
    }

    #[expect(clippy::unused_self, reason = "reads as what it is about")]
    fn failure(&self, what: &str, path: &Path, error: &io::Error) -> Failure {
        Failure::new(format!("cannot {what} {}: {error}", path.display()))
    }
}
