use gatecrumb_domain::throttle::{Limit, Limits, Trio};
use gatecrumb_passwords::Cost;
use gatecrumb_runtime::{ConfigError, Environment};

/// `PASSWORD_MEMORY_KIB`, `PASSWORD_ITERATIONS` and `PASSWORD_PARALLELISM`. The default is OWASP's minimum. A cost below
/// the weakest of OWASP's equivalents is refused.
pub fn password_cost(env: &Environment) -> Result<Cost, ConfigError> {
    let number = |name, default, bounds| -> Result<u32, ConfigError> {
        // The bounds are far below 2³².
        Ok(u32::try_from(env.number(name, default, bounds)?).unwrap_or(u32::MAX))
    };
    let memory = number("PASSWORD_MEMORY_KIB", 19_456, 7_168..=131_072)?;
    let iterations = number("PASSWORD_ITERATIONS", 2, 1..=10)?;
    let parallelism = number("PASSWORD_PARALLELISM", 1, 1..=4)?;
    Cost::new(memory, iterations, parallelism)
        .map_err(|error| ConfigError::new("PASSWORD_MEMORY_KIB", "is out of bounds", error.to_string()))
}

/// `THROTTLE_PAIR_FAILURES`, `THROTTLE_ACCOUNT_FAILURES` and `THROTTLE_ADDRESS_FAILURES`. `None` if `THROTTLE` is `off`,
/// which is for tests.
pub fn limits(env: &Environment) -> Result<Option<Limits>, ConfigError> {
    let limit = |name, default, bounds| env.number(name, default, bounds).map(Limit::new);
    let pair = limit("THROTTLE_PAIR_FAILURES", 5, 1..=100)?;
    let limits = Limits {
        // Both limits apply to a single visitor.
        device: pair,
        trio: Trio {
            pair,
            name: limit("THROTTLE_ACCOUNT_FAILURES", 100, 10..=10_000)?,
            network: limit("THROTTLE_ADDRESS_FAILURES", 100, 10..=100_000)?,
        },
    };
    match env.text("THROTTLE").as_deref() {
        None | Some("on") => Ok(Some(limits)),
        Some("off") if env.is_lambda() => {
            let help = "leave it out: without it passwords can be guessed as fast as they are hashed";
            Err(ConfigError::new("THROTTLE", "is off on Lambda", help))
        }
        Some("off") => Ok(None),
        Some(other) => {
            let help = "leave it out, or set it to off for tests";
            Err(ConfigError::new("THROTTLE", format!("is {other:?}"), help))
        }
    }
}
