use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, ProvideErrorMetadata as _},
    types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType},
};
use gatecrumb_aws::Connection;
use notes_api::KEYS;

use crate::{Fault, Settings};

/// The table of the notes, beside that of gatecrumb.
pub(crate) const NAME: &str = "notes";

/// As in `template.yaml`. Does nothing if the table exists.
pub(crate) async fn create(settings: &Settings) -> Result<(), Fault> {
    let fault = |cause: String| Fault::Table {
        url: settings.dynamodb.clone(),
        cause,
    };
    let (attributes, keys) = definition().map_err(|error| fault(error.to_string()))?;
    let request = Client::new(&Connection::local(&settings.dynamodb).dynamodb())
        .create_table()
        .table_name(NAME)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes))
        .set_key_schema(Some(keys));
    let Err(error) = request.send().await else {
        return Ok(());
    };
    match error.as_service_error() {
        Some(service) if service.is_resource_in_use_exception() => Ok(()),
        Some(service) => Err(fault(
            service.code().unwrap_or("an error without a code").to_owned(),
        )),
        None => Err(fault("no response".to_owned())),
    }
}

fn definition() -> Result<(Vec<AttributeDefinition>, Vec<KeySchemaElement>), BuildError> {
    let mut attributes = Vec::new();
    let mut keys = Vec::new();
    for (name, kind) in KEYS.into_iter().zip([KeyType::Hash, KeyType::Range]) {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        attributes.push(attribute.build()?);
        keys.push(
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()?,
        );
    }
    Ok((attributes, keys))
}
