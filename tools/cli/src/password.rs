//! Passwords come from a prompt or standard input, never from arguments: arguments are visible in the process list and
//! in the shell's history.

use std::io::{self, BufRead, IsTerminal as _};

use clap::Args;
use gatecrumb_domain::{PasswordHash, random_bytes};
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_runtime::{Environment, SystemRandomness};
use zeroize::Zeroizing;
use zxcvbn::{Score, feedback::Feedback, zxcvbn};

use crate::Failure;

/// More than any password: those have at most 128 characters.
const MAX_LINE_BYTES: usize = 4096;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a new password: prompts twice without echo, or reads the first line of standard input. `context` lists what an
/// attacker would guess first: the user's names and addresses.
pub(crate) fn read_new(from_stdin: bool, context: &[&str]) -> Result<Password, Failure> {
    let password = read(from_stdin)?;
    let chosen = Password::chosen(&password)?;
    if !from_stdin && !chosen.is(&Password::presented(&prompt("Repeat password: ")?)) {
        return Err(Failure::new("passwords do not match: run the command again"));
    }
    refuse_common(&password, context)?;
    Ok(chosen)
}

/// Refuses a password that is easy to guess, with the reason (NIST SP 800-63B-4 section 3.1.1.2).
fn refuse_common(password: &str, context: &[&str]) -> Result<(), Failure> {
    let estimate = zxcvbn(password, context);
    if estimate.score() >= Score::Two {
        return Ok(());
    }
    let warning = estimate.feedback().and_then(Feedback::warning);
    let reason = warning.map_or_else(
        || "This password is easy to guess.".to_owned(),
        |it| it.to_string(),
    );
    Err(Failure::new(format!(
        "{reason} Choose another password, for example four random words."
    )))
}

/// Reads an existing password: prompts once without echo, or reads the first line of standard input.
pub(crate) fn read(from_stdin: bool) -> Result<Zeroizing<String>, Failure> {
    if from_stdin {
        read_line(io::stdin().lock())
    } else {
        prompt("Password: ")
    }
}

/// The first line without its line ending and without the byte order mark that some editors and shells write.
fn read_line(input: impl BufRead) -> Result<Zeroizing<String>, Failure> {
    // Full capacity from the start: a reallocation would leave a copy of the password in memory.
    let mut line = Zeroizing::new(String::with_capacity(MAX_LINE_BYTES + 1));
    let limit = u64::try_from(MAX_LINE_BYTES + 1).unwrap_or(u64::MAX);
    let read = input.take(limit).read_line(&mut line);
    read.map_err(|error| Failure::new(format!("cannot read the password: {error}")))?;
    if line.len() > MAX_LINE_BYTES {
        return Err(Failure::new(format!(
            "the password is longer than {MAX_LINE_BYTES} bytes: choose a shorter one"
        )));
    }
    for end in ['\n', '\r'] {
        if line.ends_with(end) {
            line.pop();
        }
    }
    if line.starts_with(BYTE_ORDER_MARK) {
        line.remove(0);
    }
    Ok(line)
}

fn prompt(label: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            "no terminal to prompt for the password: use --password-stdin",
        ));
    }
    let password = rpassword::prompt_password(label).map(Zeroizing::new);
    password.map_err(|error| Failure::new(format!("cannot read the password: {error}")))
}

/// The cost of a new hash, which must equal the cost in the deployment. Otherwise, until the user's first sign-in, the
/// response time tells that the user exists.
#[derive(Args, Debug)]
pub(crate) struct CostOptions {
    /// Memory of the password hash, as in the deployment (or set `PASSWORD_MEMORY_KIB`)
    #[arg(long = "password-memory-kib", value_name = "KIB")]
    memory_kib: Option<String>,
    /// Iterations of the password hash, as in the deployment (or set `PASSWORD_ITERATIONS`)
    #[arg(long = "password-iterations", value_name = "NUMBER")]
    iterations: Option<String>,
    /// Lanes of the password hash, as in the deployment (or set `PASSWORD_PARALLELISM`)
    #[arg(long = "password-parallelism", value_name = "NUMBER")]
    parallelism: Option<String>,
}

impl CostOptions {
    /// In this order: options, environment, the functions' defaults. Refuses what login refuses.
    pub(crate) fn cost(&self) -> Result<Cost, Failure> {
        let given = [
            ("PASSWORD_MEMORY_KIB", self.memory_kib.clone()),
            ("PASSWORD_ITERATIONS", self.iterations.clone()),
            ("PASSWORD_PARALLELISM", self.parallelism.clone()),
        ];
        let process = Environment::of_process();
        let env = Environment::new(move |name| {
            let given = given.iter().find(|(variable, _)| *variable == name);
            given
                .and_then(|(_, value)| value.clone())
                .or_else(|| process.text(name))
        });
        Ok(login::password_cost(&env)?)
    }
}

pub(crate) async fn hash(password: Password, cost: Cost) -> Result<PasswordHash, Failure> {
    let hash = Hasher::start(cost, 1)
        .await
        .hash(password, random_bytes(&SystemRandomness)?)
        .await?;
    Ok(hash.expose().to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_loses_only_its_ending_and_one_byte_order_mark() {
        for (input, password) in [
            ("secret", "secret"),
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            ("secret\nnext", "secret"),
            ("secret\n\n", "secret"),
            ("secret\r\r\n", "secret\r"),
            (" secret \u{a0}\n", " secret \u{a0}"),
            ("\u{feff}secret\n", "secret"),
            ("\u{feff}\u{feff}secret\u{feff}\n", "\u{feff}secret\u{feff}"),
            ("\u{feff}\n", ""),
            ("", ""),
        ] {
            assert_eq!(*read_line(input.as_bytes()).unwrap(), password, "{input:?}");
        }
    }

    #[test]
    fn a_line_is_bounded_and_never_moves_in_memory() {
        let longest = "x".repeat(MAX_LINE_BYTES);
        let line = read_line(longest.as_bytes()).unwrap();
        assert_eq!(
            (line.len(), line.capacity()),
            (MAX_LINE_BYTES, MAX_LINE_BYTES + 1)
        );
        assert!(read_line(format!("{longest}x").as_bytes()).is_err());
        assert!(read_line(format!("{longest}\u{e9}").as_bytes()).is_err());
    }
}
