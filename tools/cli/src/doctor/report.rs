use serde::Serialize;

/// The results, in the order of the checks.
#[derive(Default, Serialize)]
pub(super) struct Report {
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    #[serde(rename = "check")]
    name: String,
    outcome: Outcome,
    found: String,
    /// How to fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

#[derive(Clone, Copy, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Pass,
    /// Cannot be decided from outside: the operator should look at it.
    Note,
    Fail,
}

impl Report {
    pub(super) fn pass(&mut self, check: impl Into<String>, found: impl Into<String>) {
        self.add(check, Outcome::Pass, found, None);
    }

    pub(super) fn note(&mut self, check: impl Into<String>, found: impl Into<String>, help: &str) {
        self.add(check, Outcome::Note, found, Some(help));
    }

    pub(super) fn fail(&mut self, check: impl Into<String>, found: impl Into<String>, help: &str) {
        self.add(check, Outcome::Fail, found, Some(help));
    }

    /// Passes if there are no faults.
    pub(super) fn judge(
        &mut self,
        check: impl Into<String>,
        good: impl Into<String>,
        faults: &[String],
        help: &str,
    ) {
        if faults.is_empty() {
            self.pass(check, good);
        } else {
            self.fail(check, faults.join("; "), help);
        }
    }

    fn add(
        &mut self,
        check: impl Into<String>,
        outcome: Outcome,
        found: impl Into<String>,
        help: Option<&str>,
    ) {
        self.checks.push(Check {
            name: check.into(),
            outcome,
            found: found.into(),
            help: help.map(str::to_owned),
        });
    }

    pub(super) fn failures(&self) -> usize {
        let failed = |check: &&Check| check.outcome == Outcome::Fail;
        self.checks.iter().filter(failed).count()
    }

    /// For people: one line for each check, followed by the fix.
    pub(super) fn text(&self) -> String {
        let width = self
            .checks
            .iter()
            .map(|check| check.name.len())
            .max()
            .unwrap_or(0);
        let lines = self.checks.iter().map(|check| {
            let mark = match check.outcome {
                Outcome::Pass => "pass",
                Outcome::Note => "note",
                Outcome::Fail => "FAIL",
            };
            let mut text = format!("{mark}  {:width$}  {}", check.name, check.found);
            if let Some(help) = &check.help {
                text.push_str("\n      → ");
                text.push_str(help);
            }
            text
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
