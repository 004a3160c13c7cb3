//! Passwords from people and scripts, never from arguments: those show in the process list and the shell's history.

use std::io::{self, BufRead as _, IsTerminal as _};

use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_store::PhcString;
use gatecrumb_tokens::random;
use zeroize::Zeroizing;

use crate::Failure;

/// A new password: asked for twice without echo, or the first line of standard input.
pub(crate) fn read_new(from_stdin: bool) -> Result<Password, Failure> {
    let password = read(from_stdin)?;
    if !from_stdin && ask("Again: ")? != password {
        return Err(Failure::new("the two are not the same"));
    }
    Ok(Password::chosen(&password)?)
}

/// A password as it is: asked for once without echo, or the first line of standard input.
pub(crate) fn read(from_stdin: bool) -> Result<Zeroizing<String>, Failure> {
    if !from_stdin {
        return ask("Password: ");
    }
    let mut line = Zeroizing::new(String::new());
    let read = io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Failure::new(format!("cannot read the password: {error}")))?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(line)
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            "no terminal to ask for a password: use --password-stdin",
        ));
    }
    let answer = rpassword::prompt_password(prompt).map(Zeroizing::new);
    answer.map_err(|error| Failure::new(format!("cannot read the password: {error}")))
}

/// Its hash, at the default cost: a deployment with another one hashes again at the first sign-in.
pub(crate) async fn hash(password: Password) -> Result<PhcString, Failure> {
    let hash = Hasher::new(Cost::default(), 1)
        .hash(password, random::bytes()?)
        .await?;
    Ok(hash.expose().to_owned().into())
}
