use gatecrumb_passwords::Cost;
use gatecrumb_web::{ConfigError, Environment};

/// `PASSWORD_MEMORY_KIB`, `PASSWORD_ITERATIONS` and `PASSWORD_PARALLELISM`: OWASP's minimum by default, and no
/// weaker than the weakest of its equivalents.
pub(crate) fn password_cost(env: &Environment) -> Result<Cost, ConfigError> {
    let number = |name, default, bounds| -> Result<u32, ConfigError> {
        // Bounded far below 2³².
        Ok(u32::try_from(env.number(name, default, bounds)?).unwrap_or(u32::MAX))
    };
    let memory = number("PASSWORD_MEMORY_KIB", 19_456, 7_168..=131_072)?;
    let iterations = number("PASSWORD_ITERATIONS", 2, 1..=10)?;
    let parallelism = number("PASSWORD_PARALLELISM", 1, 1..=4)?;
    Cost::new(memory, iterations, parallelism)
        .map_err(|error| ConfigError::new("PASSWORD_MEMORY_KIB", "is out of bounds", error.to_string()))
}
