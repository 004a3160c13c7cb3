use std::{fmt, ops::RangeInclusive, sync::Arc, time::Duration};

/// A missing or invalid variable. The message is one line and contains no secret value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
    help: String,
}

impl ConfigError {
    /// `problem` says what is wrong with the variable, `help` how to fix it.
    pub fn new(variable: &'static str, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            variable,
            problem: problem.into(),
            help: help.into(),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.variable, self.problem, self.help)
    }
}

impl std::error::Error for ConfigError {}

/// Looks up variables in the process's environment, or in what a test or `gatecrumb serve` provides.
#[derive(Clone)]
pub struct Environment(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// The process's environment.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the only code that reads the environment"
    )]
    pub fn of_process() -> Self {
        Self(Arc::new(|name| std::env::var(name).ok()))
    }

    /// Any other source.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The variable's trimmed value. An empty one counts as not set, because SAM cannot omit a variable.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        (self.0)(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// The variable's value. Fails if it is not set.
    pub fn required(&self, name: &'static str, help: &str) -> Result<String, ConfigError> {
        self.text(name)
            .ok_or_else(|| ConfigError::new(name, "is not set", help))
    }

    /// Whether this is Lambda itself. Lambda sets the initialization type. `sam local` sets it too, together with
    /// `AWS_SAM_LOCAL`. The runtime interface emulator and `cargo lambda watch` set neither.
    #[must_use]
    pub fn is_lambda(&self) -> bool {
        self.text("AWS_LAMBDA_INITIALIZATION_TYPE").is_some() && self.text("AWS_SAM_LOCAL").is_none()
    }

    /// `true` or `false`, which is the default.
    pub fn flag(&self, name: &'static str) -> Result<bool, ConfigError> {
        match self.text(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(ConfigError::new(
                name,
                format!("is {other:?}"),
                "set it to true or false",
            )),
        }
    }

    /// A whole number within bounds.
    pub fn number(
        &self,
        name: &'static str,
        default: u64,
        bounds: RangeInclusive<u64>,
    ) -> Result<u64, ConfigError> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        text.parse()
            .ok()
            .filter(|number| bounds.contains(number))
            .ok_or_else(|| {
                let (start, end) = (bounds.start(), bounds.end());
                ConfigError::new(
                    name,
                    format!("is {text:?}"),
                    format!("set it to a whole number from {start} to {end}, or leave it out for {default}"),
                )
            })
    }

    /// A whole number of seconds within bounds.
    pub fn seconds(
        &self,
        name: &'static str,
        default: u64,
        bounds: RangeInclusive<u64>,
    ) -> Result<Duration, ConfigError> {
        self.number(name, default, bounds).map(Duration::from_secs)
    }
}
