//! Rejects responses that DynamoDB cannot have sent.
//!
//! DynamoDB's response to a `GetItem` of an absent item is `{}`, and a proxy that does not know DynamoDB may send the
//! same. Therefore each call requests its consumed capacity, which is free, and a response without it is an error.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents},
    error::BoxError,
    operation::{
        batch_get_item::{BatchGetItemInput, BatchGetItemOutput},
        delete_item::{DeleteItemInput, DeleteItemOutput},
        get_item::{GetItemInput, GetItemOutput},
        put_item::{PutItemInput, PutItemOutput},
        query::{QueryInput, QueryOutput},
        transact_write_items::{TransactWriteItemsInput, TransactWriteItemsOutput},
        update_item::{UpdateItemInput, UpdateItemOutput},
    },
    types::ReturnConsumedCapacity,
};
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
};
use aws_smithy_types::config_bag::{Storable, StoreReplace};

/// Requests the consumed capacity and rejects a response without it or any other member that DynamoDB always sends.
#[derive(Debug)]
pub(crate) struct Receipt;

/// The tables of a `BatchGetItem`: each must be among the responses or the unprocessed keys.
#[derive(Debug)]
struct RequestedTables(Vec<String>);

impl Storable for RequestedTables {
    type Storer = StoreReplace<Self>;
}

/// A member that a response lacks.
#[derive(Debug, thiserror::Error)]
#[error("the response lacks {0}")]
struct Missing(&'static str);

macro_rules! request_capacity {
    ($input:expr => $($operation:ty),* $(,)?) => {
        $(if let Some(input) = $input.downcast_mut::<$operation>() {
            input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
        })*
    };
}

macro_rules! require_capacity {
    ($output:expr => $($operation:ty),* $(,)?) => {
        $(if let Some(output) = $output.downcast_ref::<$operation>() {
            require("ConsumedCapacity", output.consumed_capacity.is_some())?;
        })*
    };
}

fn require(member: &'static str, is_present: bool) -> Result<(), Missing> {
    if is_present { Ok(()) } else { Err(Missing(member)) }
}

fn require_tables(batch: &BatchGetItemOutput, tables: &[String]) -> Result<(), Missing> {
    let Some(responses) = &batch.responses else {
        return Err(Missing("Responses"));
    };
    let Some(unprocessed) = &batch.unprocessed_keys else {
        return Err(Missing("UnprocessedKeys"));
    };
    let is_present = |table| responses.contains_key(table) || unprocessed.contains_key(table);
    require("a table's Responses", tables.iter().all(is_present))
}

impl Intercept for Receipt {
    fn name(&self) -> &'static str {
        "Receipt"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        // Not for `BatchGetItem`: its response always contains the table's name.
        request_capacity!(input => DeleteItemInput, GetItemInput, PutItemInput, QueryInput,
            TransactWriteItemsInput, UpdateItemInput);
        if let Some(batch) = input.downcast_ref::<BatchGetItemInput>() {
            let tables = batch.request_items.iter().flat_map(HashMap::keys);
            let tables = RequestedTables(tables.cloned().collect());
            state.interceptor_state().store_put(tables);
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else {
            return Ok(());
        };
        require_capacity!(output => DeleteItemOutput, GetItemOutput, PutItemOutput, QueryOutput,
            TransactWriteItemsOutput, UpdateItemOutput);
        if let Some(query) = output.downcast_ref::<QueryOutput>() {
            let counted = i32::try_from(query.items().len()).ok();
            require("Items", query.items.is_some() && counted == Some(query.count))?;
        }
        if let Some(RequestedTables(tables)) = state.load::<RequestedTables>()
            && let Some(batch) = output.downcast_ref::<BatchGetItemOutput>()
        {
            require_tables(batch, tables)?;
        }
        Ok(())
    }
}
