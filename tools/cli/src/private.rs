//! Files and directories that only their owner can access, whatever permissions they had before.
//!
//! On Windows, which has no such permissions, a user's own folders are private by default.

use std::{
    fs::{File, Metadata, OpenOptions},
    io,
    path::Path,
};

#[cfg(unix)]
const SYMBOLIC_LINK: &str = "is a symbolic link, which is not followed: replace it with the file";

/// Opens a file and sets its mode to 0600, also if it existed before. Refuses anything but a regular file with one name:
/// a symbolic or hard link would redirect the write to another file.
pub(crate) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        // O_NONBLOCK: opening a pipe without a reader must not block the command.
        options
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let file = options.open(path).map_err(|error| match error.raw_os_error() {
            Some(libc::ELOOP) => refused(SYMBOLIC_LINK),
            _ => error,
        })?;
        refuse_links(&file.metadata()?)?;
        restrict(&file, 0o600)?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

/// Sets mode 0600, if the file exists. Does not open it: closing it would release the locks that SQLite holds on it in
/// this process. The directory is already private, so nobody else can swap the file in between.
pub(crate) fn file(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::{
            fs::{self, Permissions},
            os::unix::fs::PermissionsExt as _,
        };

        let found = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            found => found?,
        };
        refuse_links(&found)?;
        if !is_within(&found, 0o600) {
            fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(|error| unchangeable(&error))?;
            check(&fs::symlink_metadata(path)?, 0o600)?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Sets mode 0700. Refuses a shared directory (sticky bit).
pub(crate) fn directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

        const STICKY: u32 = 0o1000;
        let flags = libc::O_DIRECTORY | libc::O_NONBLOCK;
        let directory = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        if directory.metadata()?.permissions().mode() & STICKY != 0 {
            return Err(refused(
                "is a shared directory, like /tmp: set --state to a directory of your own",
            ));
        }
        restrict(&directory, 0o700)?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Refuses a directory that belongs to somebody else, or that somebody else's symbolic link leads to.
pub(crate) fn own(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::{fs, os::unix::fs::MetadataExt as _};

        let us = rustix::process::geteuid().as_raw();
        if fs::symlink_metadata(path)?.uid() != us || fs::metadata(path)?.uid() != us {
            return Err(refused(
                "belongs to another user: run the command as that user, or choose a directory of your own with --state",
            ));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(unix)]
fn refuse_links(found: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    if found.is_symlink() {
        return Err(refused(SYMBOLIC_LINK));
    }
    if !found.is_file() {
        return Err(refused("is not a regular file: remove it"));
    }
    if found.nlink() > 1 {
        return Err(refused(
            "has a second name (a hard link): remove one of the names",
        ));
    }
    Ok(())
}

/// Changes the permissions only if they exceed `mode`.
#[cfg(unix)]
fn restrict(file: &File, mode: u32) -> io::Result<()> {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    if is_within(&file.metadata()?, mode) {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(mode))
        .map_err(|error| unchangeable(&error))?;
    check(&file.metadata()?, mode)
}

#[cfg(unix)]
fn is_within(found: &Metadata, mode: u32) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    found.permissions().mode() & 0o7777 & !mode == 0
}

/// Some file systems accept a change of permissions and ignore it.
#[cfg(unix)]
fn check(found: &Metadata, mode: u32) -> io::Result<()> {
    if is_within(found, mode) {
        Ok(())
    } else {
        Err(refused(
            "is on a file system without permissions: set --state to a directory on another one",
        ))
    }
}

#[cfg(unix)]
fn unchangeable(error: &io::Error) -> io::Error {
    let message = format!(
        "others can access it, and its permissions cannot be changed ({error}): set --state to a directory of your own"
    );
    io::Error::new(error.kind(), message)
}

#[cfg(unix)]
fn refused(reason: &str) -> io::Error {
    io::Error::other(format!("it {reason}"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix};

    use super::*;

    #[test]
    fn only_an_own_directory_is_trusted_and_no_link_of_somebody_else() {
        let base = std::env::temp_dir().join(format!("gatecrumb-private-{}", std::process::id()));
        let (mine, link) = (base.join("mine"), base.join("link"));
        fs::create_dir_all(&mine).unwrap();
        unix::fs::symlink(&mine, &link).unwrap();
        assert!(own(&mine).is_ok() && own(&link).is_ok());
        // Only root can give a file away; everybody else owns neither of these two.
        let mut foreign = vec![Path::new("/proc/1").to_owned(), Path::new("/").to_owned()];
        if unix::fs::lchown(&link, Some(1), None).is_ok() {
            unix::fs::chown(&mine, Some(1), None).unwrap();
            foreign = vec![mine, link];
        }
        for path in foreign {
            let error = own(&path).unwrap_err().to_string();
            assert!(error.contains("belongs to another user"), "{error}");
        }
        fs::remove_dir_all(base).unwrap();
    }
}
