//! The environment and the rows for the files in `events/`.

use gatecrumb_admin::Admin as _;
use gatecrumb_store::Store;
use serde::Deserialize;
use serde_json::{Map, Value};

/// In the format of `sam local invoke --env-vars`.
const ENVIRONMENT: &str = include_str!("../../../events/env.json");
const ROWS: &str = include_str!("../../../events/rows.json");

#[derive(Deserialize)]
struct EnvVars {
    #[serde(rename = "Parameters")]
    parameters: Map<String, Value>,
}

/// The functions' environment variables, from `events/env.json`.
#[must_use]
pub fn variables() -> Vec<(String, String)> {
    let vars: Option<EnvVars> = serde_json::from_str(ENVIRONMENT).ok();
    let vars = vars.map(|vars| vars.parameters).unwrap_or_default();
    vars.into_iter()
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        .collect()
}

/// Creates the table if it does not exist. Writes the rows of `events/rows.json`, replacing rows with the same keys.
pub async fn load(store: &Store) -> Result<(), String> {
    store.create_table().await.map_err(|error| error.to_string())?;
    let rows: Vec<Value> =
        serde_json::from_str(ROWS).map_err(|error| format!("events/rows.json: {error}"))?;
    for row in rows {
        let item = serde_dynamo::to_item(row).map_err(|error| format!("events/rows.json: {error}"))?;
        store
            .table()
            .put("PutItem of a fixture", item)
            .await
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}
