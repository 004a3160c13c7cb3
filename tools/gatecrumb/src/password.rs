//! Passwords from people and scripts, never from arguments: those show in the process list and the shell's history.

use std::io::{self, BufRead as _, IsTerminal as _};

use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_store::PhcString;
use gatecrumb_tokens::random;
use zeroize::Zeroizing;
use zxcvbn::{Score, feedback::Feedback, zxcvbn};

use crate::Failure;

/// A new password: asked for twice without echo, or the first line of standard input. `context` is what people would
/// guess first: the user's names and addresses.
pub(crate) fn read_new(from_stdin: bool, context: &[&str]) -> Result<Password, Failure> {
    let password = read(from_stdin)?;
    if !from_stdin && ask("Again: ")? != password {
        return Err(Failure::new("the two are not the same"));
    }
    let chosen = Password::chosen(&password)?;
    refuse_common(&password, context)?;
    Ok(chosen)
}

/// NIST SP 800-63B-4 section 3.1.1.2: not a password that would be among the first guesses, and the reason.
fn refuse_common(password: &str, context: &[&str]) -> Result<(), Failure> {
    let estimate = zxcvbn(password, context);
    if estimate.score() >= Score::Two {
        return Ok(());
    }
    let warning = estimate.feedback().and_then(Feedback::warning);
    let reason = warning.map_or_else(
        || "It is among the first guesses.".to_owned(),
        |it| it.to_string(),
    );
    Err(Failure::new(format!(
        "{reason} Choose another password: four random words make a good one."
    )))
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
    let hash = Hasher::start(Cost::default(), 1)
        .await
        .hash(password, random::bytes()?)
        .await?;
    Ok(hash.expose().to_owned().into())
}
