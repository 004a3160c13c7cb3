//! Confirmation of what cannot be undone.

use std::io::{self, BufRead, IsTerminal as _, Write};

use clap::Args;

use crate::Failure;

/// More than any answer.
const MAX_ANSWER_BYTES: u64 = 64;

/// The option that confirms.
#[derive(Args, Debug)]
pub(crate) struct Confirmation {
    /// Confirm without a prompt, for scripts
    #[arg(long, short = 'y')]
    yes: bool,
}

impl Confirmation {
    /// Prompts on a terminal. `effect` completes "This will …", such as "delete the user ada". Call it before opening
    /// the table: no prompt waits with the lock held.
    pub(crate) fn confirm(&self, effect: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return Err(Failure::usage(format!(
                "this will {effect}: add --yes to confirm, because there is no terminal to prompt on"
            )));
        }
        let confirmed = prompt(effect, io::stdin().lock(), io::stderr().lock())
            .map_err(|error| Failure::new(format!("cannot read the confirmation: {error}")))?;
        if confirmed {
            Ok(())
        } else {
            Err(Failure::new("not confirmed: nothing was changed"))
        }
    }
}

/// Whether the answer is yes. An empty answer and the end of the input are no.
fn prompt(effect: &str, input: impl BufRead, mut output: impl Write) -> io::Result<bool> {
    write!(output, "This will {effect}. Continue? [y/N] ")?;
    output.flush()?;
    let mut answer = String::new();
    input.take(MAX_ANSWER_BYTES).read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_confirms() {
        for (answer, confirmed) in [
            ("y\n", true),
            ("Y\r\n", true),
            (" yes \n", true),
            ("YES", true),
            ("", false),
            ("\n", false),
            ("n\n", false),
            ("no\n", false),
            ("yep\n", false),
            ("n\ny\n", false),
            (&format!("{}y\n", " ".repeat(100)), false),
        ] {
            let mut output = Vec::new();
            assert_eq!(
                prompt("delete it", answer.as_bytes(), &mut output).unwrap(),
                confirmed,
                "{answer:?}"
            );
            assert_eq!(output, b"This will delete it. Continue? [y/N] ");
        }
    }
}
