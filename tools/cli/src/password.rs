//! Passwords from people and scripts, never from arguments: those show in the process list and the shell's history.

use std::io::{self, BufRead, IsTerminal as _};

use clap::Args;
use gatecrumb_domain::{PasswordHash, random_bytes};
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_runtime::{Environment, SystemRandomness};
use zeroize::Zeroizing;
use zxcvbn::{Score, feedback::Feedback, zxcvbn};

use crate::Failure;

/// Beyond any password, which has 128 characters at most.
const MAX_LINE_BYTES: usize = 4096;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A new password: asked for twice without echo, or the first line of standard input. `context` is what people would
/// guess first: the user's names and addresses.
pub(crate) fn read_new(from_stdin: bool, context: &[&str]) -> Result<Password, Failure> {
    let password = read(from_stdin)?;
    let chosen = Password::chosen(&password)?;
    if !from_stdin && !chosen.is(&Password::presented(&ask("Again: ")?)) {
        return Err(Failure::new("the two are not the same"));
    }
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
    if from_stdin {
        read_line(io::stdin().lock())
    } else {
        ask("Password: ")
    }
}

/// The first line, without its end and without the byte order mark that some editors and shells put before it.
fn read_line(input: impl BufRead) -> Result<Zeroizing<String>, Failure> {
    // Reserved whole, so that growing leaves no copies behind.
    let mut line = Zeroizing::new(String::with_capacity(MAX_LINE_BYTES + 1));
    let limit = u64::try_from(MAX_LINE_BYTES + 1).unwrap_or(u64::MAX);
    let read = input.take(limit).read_line(&mut line);
    read.map_err(|error| Failure::new(format!("cannot read the password: {error}")))?;
    if line.len() > MAX_LINE_BYTES {
        return Err(Failure::new(format!(
            "the password's line is over {MAX_LINE_BYTES} bytes"
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

fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            "no terminal to ask for a password: use --password-stdin",
        ));
    }
    let answer = rpassword::prompt_password(prompt).map(Zeroizing::new);
    answer.map_err(|error| Failure::new(format!("cannot read the password: {error}")))
}

/// What a new hash costs here: what `PASSWORD_MEMORY_KIB` and its like say, which must be what the deployment's login
/// has. A hash of another cost takes another time than that of an unknown name, until its user has signed in.
#[derive(Args, Debug)]
pub(crate) struct CostOptions {
    /// Memory of the password's hash, as the deployment has it (or `PASSWORD_MEMORY_KIB`)
    #[arg(long = "password-memory-kib", value_name = "KIB")]
    memory_kib: Option<String>,
    /// Passes of the password's hash, as the deployment has it (or `PASSWORD_ITERATIONS`)
    #[arg(long = "password-iterations", value_name = "NUMBER")]
    iterations: Option<String>,
    /// Lanes of the password's hash, as the deployment has it (or `PASSWORD_PARALLELISM`)
    #[arg(long = "password-parallelism", value_name = "NUMBER")]
    parallelism: Option<String>,
}

impl CostOptions {
    /// The options, beside them the environment, beside that the functions' defaults, and within the functions' bounds.
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

/// Its hash.
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
    fn a_line_loses_its_end_and_one_byte_order_mark_and_nothing_else() {
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
