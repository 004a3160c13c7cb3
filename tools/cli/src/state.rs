//! The directory of the local table and keys.

mod endpoint;
mod files;
mod locate;

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::{Failure, private};

pub(crate) use endpoint::{Announced, Endpoint, Holder};
pub(crate) use files::explain;

/// The name of the directory without `--state`.
const NAME: &str = ".gatecrumb";

/// Every file that gatecrumb writes to the directory.
const FILES: [&str; 17] = [
    ".gitignore",
    "audit.log",
    "device-keys.json",
    "device-keys.new",
    "dynamodb-endpoint",
    "dynamodb-endpoint.new",
    "dynamodb.sqlite",
    "dynamodb.sqlite-journal",
    "dynamodb.sqlite-shm",
    "dynamodb.sqlite-wal",
    "first-start",
    "issuer",
    "issuer.new",
    "lock",
    "signing-keys.json",
    "signing-keys.new",
    "write-lock",
];

/// The state directory. It may not exist yet.
pub(crate) struct State {
    directory: PathBuf,
    origin: Origin,
}

/// How the directory was chosen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// With `--state`.
    Given,
    /// It is in the current directory.
    Here,
    /// It is in a directory above.
    Above,
    /// There was none; it will be created in the current directory.
    New,
}

/// Held by the only process that has the table's file open.
pub(crate) struct Lock {
    _file: File,
}

impl State {
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    pub(crate) fn exists(&self) -> bool {
        self.directory.is_dir()
    }

    pub(crate) fn table_file(&self) -> PathBuf {
        self.directory.join("dynamodb.sqlite")
    }

    pub(crate) fn keys_file(&self) -> PathBuf {
        self.directory.join("signing-keys.json")
    }

    pub(crate) fn device_keys_file(&self) -> PathBuf {
        self.directory.join("device-keys.json")
    }

    pub(crate) fn issuer_file(&self) -> PathBuf {
        self.directory.join("issuer")
    }

    pub(crate) fn audit_log_file(&self) -> PathBuf {
        self.directory.join("audit.log")
    }

    fn endpoint_file(&self) -> PathBuf {
        self.directory.join("dynamodb-endpoint")
    }

    fn first_start_file(&self) -> PathBuf {
        self.directory.join("first-start")
    }

    /// Creates the directory if it does not exist. Restricts it and gatecrumb's files in it to their owner.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.directory)
            .map_err(|error| failure("create", &self.directory, &error))?;
        self.make_private()?;
        self.hide_from_git()
    }

    /// Keeps keys out of every repository. Adds no file to a directory that has other contents, such as a project.
    fn hide_from_git(&self) -> Result<(), Failure> {
        let path = self.directory.join(".gitignore");
        let hide = || -> io::Result<()> {
            if fs::metadata(&path).is_ok_and(|found| found.len() > 0) {
                return Ok(());
            }
            for entry in fs::read_dir(&self.directory)? {
                let name = entry?.file_name();
                if !FILES.iter().any(|ours| name == *ours) {
                    return Ok(());
                }
            }
            let ignore = private::open(OpenOptions::new().create(true).append(true), &path)?;
            io::Write::write_all(&mut &ignore, b"*\n")
        };
        hide().map_err(|error| failure("write", &path, &error))
    }

    /// An earlier version, a copy or an unpacked archive may have left the files readable, including those of SQLite.
    fn make_private(&self) -> Result<(), Failure> {
        private::directory(&self.directory).map_err(|error| failure("use", &self.directory, &error))?;
        for name in FILES {
            let path = self.directory.join(name);
            private::file(&path).map_err(|error| failure("use", &path, &error))?;
        }
        Ok(())
    }

    /// Whether a table was begun. A start or a command that was killed may leave an empty file.
    pub(crate) fn has_table(&self) -> bool {
        fs::metadata(self.table_file()).is_ok_and(|found| found.len() > 0)
    }

    /// Creates an empty file if there is none. SQLite copies its permissions to the files that it adds.
    pub(crate) fn create_table_file(&self) -> Result<PathBuf, Failure> {
        let path = self.table_file();
        private::open(OpenOptions::new().create(true).append(true), &path)
            .map_err(|error| failure("open", &path, &error))?;
        Ok(path)
    }

    /// Before the first start creates the table: marks it, so that the next start completes what this one leaves undone.
    pub(crate) fn begin_first_start(&self) -> Result<(), Failure> {
        let path = self.first_start_file();
        private::open(OpenOptions::new().create(true).append(true), &path)
            .map_err(|error| failure("write", &path, &error))?;
        Ok(())
    }

    /// Whether no start has completed since the first one began.
    pub(crate) fn is_first_start(&self) -> bool {
        self.first_start_file().exists()
    }

    pub(crate) fn complete_first_start(&self) -> Result<(), Failure> {
        let path = self.first_start_file();
        remove(&path).map_err(|error| failure("remove", &path, &error))
    }

    /// `None` if another process holds the lock.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, Failure> {
        self.create()?;
        let path = self.directory.join("lock");
        let file = private::open(OpenOptions::new().create(true).truncate(false).write(true), &path);
        let file = file.map_err(|error| failure("open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failure("lock", &path, &error)),
        }
        // Whoever announced it is gone.
        let stale = self.endpoint_file();
        remove(&stale).map_err(|error| failure("remove", &stale, &error))?;
        Ok(Some(Lock { _file: file }))
    }
}

/// Succeeds if the file does not exist.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn failure(action: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot {action} {}: {}", path.display(), explain(error)))
}
