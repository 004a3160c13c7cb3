//! The directory where this machine's table and keys are kept.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{Failure, private};

/// Everything that gatecrumb keeps in the directory.
const FILES: [&str; 14] = [
    "audit.log",
    "device-keys.json",
    "device-keys.new",
    "dynamodb-endpoint",
    "dynamodb-endpoint.new",
    "dynamodb.sqlite",
    "dynamodb.sqlite-journal",
    "dynamodb.sqlite-shm",
    "dynamodb.sqlite-wal",
    "issuer",
    "issuer.new",
    "lock",
    "signing-keys.json",
    "signing-keys.new",
];

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

    /// Creates the directory, or takes it as it is, and makes it its owner's alone with all of gatecrumb's files in it.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.0)
            .map_err(|error| failure("create", &self.0, &error))?;
        self.make_private()
    }

    /// An earlier version, a copy or an unpacked archive may have left it readable, SQLite's own files among it.
    fn make_private(&self) -> Result<(), Failure> {
        private::directory(&self.0).map_err(|error| failure("use", &self.0, &error))?;
        for name in FILES {
            let path = self.0.join(name);
            private::file(&path).map_err(|error| failure("use", &path, &error))?;
        }
        Ok(())
    }

    /// Makes sure that the table's file is there, empty at first: SQLite gives the permissions of this one to those that
    /// it adds.
    pub(crate) fn create_table_file(&self) -> Result<PathBuf, Failure> {
        let path = self.table_file();
        private::open(OpenOptions::new().create(true).append(true), &path)
            .map_err(|error| failure("open", &path, &error))?;
        Ok(path)
    }

    /// A file that is only ever added to.
    pub(crate) fn append(&self, name: &str) -> Result<File, Failure> {
        self.create()?;
        let path = self.0.join(name);
        private::open(OpenOptions::new().create(true).append(true), &path)
            .map_err(|error| failure("write", &path, &error))
    }

    /// Takes the directory for this process; `None` when another one has it.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, Failure> {
        self.create()?;
        let path = self.0.join("lock");
        let file = private::open(OpenOptions::new().create(true).truncate(false).write(true), &path);
        let file = file.map_err(|error| failure("open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failure("lock", &path, &error)),
        }
    }

    /// Tells other commands where the table of this directory is served.
    pub(crate) fn announce_endpoint(&self, endpoint: &str) -> Result<(), Failure> {
        self.write_private(&self.endpoint_file(), endpoint)
    }

    /// Where the process that holds the lock serves the table.
    pub(crate) fn announced_endpoint(&self) -> Result<String, Failure> {
        let path = self.endpoint_file();
        read(&path).map_err(|error| failure("read", &path, &error))
    }

    /// The file's text; `None` when there is none.
    pub(crate) fn read(&self, path: &Path) -> Result<Option<String>, Failure> {
        if !self.0.exists() {
            return Ok(None);
        }
        self.make_private()?;
        match read(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure("read", path, &error)),
        }
    }

    /// Replaces a file whole, readable by its owner alone from the first byte on.
    #[expect(clippy::unused_self, reason = "reads as what it is about")]
    pub(crate) fn write_private(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let new = path.with_extension("new");
        let write = || -> io::Result<()> {
            // A leftover of a crash.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = private::open(OpenOptions::new().create_new(true).write(true), &new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, path)
        };
        write().map_err(|error| failure("write", path, &error))
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut file = private::open(OpenOptions::new().read(true), path)?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

fn failure(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot {what} {}: {error}", path.display()))
}
