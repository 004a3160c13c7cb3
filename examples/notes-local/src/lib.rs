//! Runs the example `notes-api` on one machine, beside `gatecrumb serve`: a gateway that does what API Gateway does for
//! `template.yaml`, gatecrumb's authorizer in front of the function in Node, and the notes' table in the DynamoDB of
//! `serve`.

mod function;
mod gateway;
pub mod node;
mod settings;
mod table;

pub use function::Function;
pub use gateway::ROUTES;
pub use settings::{Fault, PublicKeys, Settings};

use axum::Router;

/// The gateway with all functions. Creates the table if there is none. `session` is the function behind the authorizer.
pub async fn router(settings: &Settings, session: Function) -> Result<Router, Fault> {
    table::create(settings).await?;
    let origins = gatecrumb_runtime::config::origins::read(&settings.environment())?;
    let functions = gateway::Functions {
        notes: function::notes(settings)?,
        authorizer: function::authorizer(settings).await?,
        session,
    };
    Ok(gateway::router(functions, origins))
}
