//! The floors that need no Runtime API: a bare hash and a bare call, in this process.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use argon2::{Block, Params};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use gatecrumb_aws::Connection;

use crate::Result;

/// OWASP's parameters, login's default.
const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const OUTPUT_BYTES: usize = 32;

/// Argon2id in memory that was touched before.
pub(crate) struct Hash {
    params: Params,
    arena: Vec<Block>,
}

impl Hash {
    pub(crate) fn new() -> Result<Self> {
        let params =
            Params::new(MEMORY_KIB, ITERATIONS, 1, Some(OUTPUT_BYTES)).map_err(|error| error.to_string())?;
        let arena = vec![Block::new(); params.block_count()];
        Ok(Self { params, arena })
    }

    pub(crate) fn time(&mut self) -> Result<Duration> {
        let mut output = [0; OUTPUT_BYTES];
        let started = Instant::now();
        let inputs: [&[u8]; 3] = [b"correct horse battery staple", &[7; 16], b""];
        gatecrumb_argon2id::hash(&self.params, inputs, &mut output, &mut self.arena)
            .map_err(|error| error.to_string())?;
        black_box(output);
        Ok(started.elapsed())
    }
}

/// A bare `GetItem` of a user, by an SDK client that is connected.
pub(crate) struct Get(Client);

impl Get {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self(Client::new(&connection.dynamodb()))
    }

    pub(crate) async fn time(&self) -> Result<Duration> {
        let started = Instant::now();
        let request = self.0.get_item().table_name("gatecrumb").consistent_read(true);
        let answer = request
            .key("pk", AttributeValue::S("USER#me".to_owned()))
            .key("sk", AttributeValue::S("USER".to_owned()))
            .send()
            .await?;
        let took = started.elapsed();
        answer.item.ok_or("no such user")?;
        Ok(took)
    }
}
