//! Files and directories that are their owner's alone, whatever was there before.
//!
//! Where there are no permissions (Windows), a user's own folders are private to them by default.

use std::{
    fs::{File, Metadata, OpenOptions},
    io,
    path::Path,
};

#[cfg(unix)]
const SYMBOLIC_LINK: &str = "is a symbolic link, which is not followed: put the file itself there";

/// Opens a file for its owner alone: made so when it is created, and set so when it was there. What is not a file with
/// this one name is refused: a link of either kind would lead the write to another file.
pub(crate) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        // Nor does a pipe that nobody reads hold the command.
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

/// Makes a file its owner's alone, where there is one. It is not opened: closing it would end the locks that SQLite
/// holds on it in this process. The directory is private already, so nobody exchanges it meanwhile.
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

/// Makes a directory its owner's alone.
pub(crate) fn directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

        const STICKY: u32 = 0o1000;
        let flags = libc::O_DIRECTORY | libc::O_NONBLOCK;
        let directory = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        if directory.metadata()?.permissions().mode() & STICKY != 0 {
            return Err(refused(
                "is a directory that many share, as /tmp is: give --state one of your own",
            ));
        }
        restrict(&directory, 0o700)?;
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
        return Err(refused("is not a file: move it away"));
    }
    if found.nlink() > 1 {
        return Err(refused("has a second name (a hard link): remove one of the two"));
    }
    Ok(())
}

/// Takes away what `mode` does not have, and nothing where there is nothing to take away.
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

/// Some file systems take a change of permissions and do nothing.
#[cfg(unix)]
fn check(found: &Metadata, mode: u32) -> io::Result<()> {
    if is_within(found, mode) {
        Ok(())
    } else {
        Err(refused(
            "is on a file system without permissions: give --state a directory elsewhere",
        ))
    }
}

#[cfg(unix)]
fn unchangeable(error: &io::Error) -> io::Error {
    let text = format!(
        "others may use it, and that cannot be changed ({error}): give --state a directory of your own"
    );
    io::Error::new(error.kind(), text)
}

#[cfg(unix)]
fn refused(what: &str) -> io::Error {
    io::Error::other(format!("it {what}"))
}
