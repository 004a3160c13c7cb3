//! Which directory is meant.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::{NAME, Origin, State, failure};
use crate::{Failure, output, private};

impl State {
    /// `given`, or the nearest `.gatecrumb/` in the current directory or above it, or a new one in the current directory.
    /// Creates nothing. As git does, refuses a directory above that belongs to somebody else.
    pub(crate) fn locate(given: Option<&Path>) -> Result<Self, Failure> {
        if let Some(directory) = given {
            return Ok(Self {
                directory: directory.to_owned(),
                origin: Origin::Given,
            });
        }
        let current = env::current_dir().map_err(|error| failure("find", Path::new("."), &error))?;
        Self::nearest(&current)
    }

    fn nearest(current: &Path) -> Result<Self, Failure> {
        for ancestor in current.ancestors() {
            let directory = ancestor.join(NAME);
            if !directory.is_dir() {
                continue;
            }
            private::own(&directory).map_err(|error| failure("use", &directory, &error))?;
            return Ok(if ancestor == current {
                Self {
                    directory: PathBuf::from(NAME),
                    origin: Origin::Here,
                }
            } else {
                Self {
                    directory,
                    origin: Origin::Above,
                }
            });
        }
        Ok(Self {
            directory: PathBuf::from(NAME),
            origin: Origin::New,
        })
    }

    /// Says on standard error where `what` is, unless it is obvious. `creates`: whether the command creates the directory.
    pub(crate) fn say_where(&self, what: &str, creates: bool) {
        let directory = self.full_path();
        let directory = directory.display();
        match self.origin {
            Origin::Above => output::error(format_args!("note: using {directory} for the {what}")),
            Origin::New if creates => {
                output::error(format_args!("note: created {directory} for the {what}"));
            }
            Origin::Given | Origin::Here | Origin::New => {}
        }
    }

    /// For a note: absolute, because where the command ran is part of the question.
    pub(crate) fn full_path(&self) -> PathBuf {
        std::path::absolute(&self.directory).unwrap_or_else(|_| self.directory.clone())
    }
}
