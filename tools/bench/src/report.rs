//! What was measured, as a table for people and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{calls::Consumed, stats::Samples, targets::Target};

/// What was measured of one process. Times are in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) status: u64,
    pub(crate) init: Samples,
    pub(crate) first: Samples,
    /// Init and first answer of the same start.
    pub(crate) both: Samples,
    pub(crate) warm: Samples,
    /// Processor time of the start and the first answer.
    pub(crate) start_processor: Samples,
    /// Processor time of a warm request.
    pub(crate) processor: Samples,
    pub(crate) first_faults: u64,
    pub(crate) rss: f64,
    pub(crate) binary: usize,
    pub(crate) zip: usize,
    pub(crate) calls: Vec<Consumed>,
    /// Bytes that a request logs.
    pub(crate) log: u64,
}

impl Row {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    fn units(&self, reads: bool) -> f64 {
        let of_kind = self.calls.iter().filter(|call| call.reads() == reads);
        // Not sum(): of nothing that is -0.
        of_kind.fold(0.0, |sum, call| sum + call.units)
    }
}

/// All of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) tls: bool,
    pub(crate) rows: Vec<Row>,
    /// A bare hash in warm memory.
    pub(crate) hash: Samples,
    /// A bare `GetItem` on an open connection.
    pub(crate) get_item: Samples,
}

impl Report {
    pub(crate) fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    pub(crate) fn table(&self) -> String {
        let mut text = format!(
            "\nmeasured, milliseconds; medians; DynamoDB by {}; {} starts, {} warm requests\n\n",
            if self.tls { "TLS" } else { "plain HTTP" },
            self.rows.first().map_or(0, |row| row.init.len()),
            self.rows.first().map_or(0, |row| row.warm.len()),
        );
        let head = [
            "",
            "status",
            "init",
            "first",
            "sum",
            "warm p50",
            "p99",
            "CPU",
            "faults*",
            "RSS MiB",
            "binary MB",
            "zip MB",
            "reads",
            "writes",
            "calls",
        ];
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        for row in &self.rows {
            let operations: Vec<&str> = row.calls.iter().map(|call| call.operation.as_str()).collect();
            lines.push(vec![
                row.name.clone(),
                row.status.to_string(),
                format!("{:.2}", row.init.median()),
                format!("{:.2}", row.first.median()),
                format!("{:.2}", row.both.median()),
                format!("{:.3}", row.warm.median()),
                format!("{:.3}", row.warm.percentile(99)),
                format!("{:.3}", row.processor.median()),
                row.first_faults.to_string(),
                format!("{:.1}", row.rss),
                format!("{:.2}", megabytes(row.binary)),
                format!("{:.2}", megabytes(row.zip)),
                format!("{}", row.units(true)),
                format!("{}", row.units(false)),
                operations.join(" "),
            ]);
        }
        for (name, samples) in [("bare argon2id", &self.hash), ("bare GetItem", &self.get_item)] {
            let mut line = vec![String::new(); head.len()];
            name.clone_into(&mut line[0]);
            line[5] = format!("{:.3}", samples.median());
            line[6] = format!("{:.3}", samples.percentile(99));
            lines.push(line);
        }
        text.push_str(&align(&lines));
        text.push_str(
            "\nCPU: processor time of a warm request; *: minor page faults of the first answer; reads and writes are capacity units a request\n",
        );
        text
    }

    pub(crate) fn json(&self, targets: &[Target]) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(row_json).collect();
        json!({
            "tls": self.tls,
            "milliseconds": true,
            "rows": rows,
            "bare_argon2id": spread(&self.hash),
            "bare_get_item": spread(&self.get_item),
            "targets": targets.iter().map(Target::json).collect::<Vec<_>>(),
        })
    }
}

fn row_json(row: &Row) -> Value {
    let calls: Vec<Value> = row
        .calls
        .iter()
        .map(|call| json!({ "operation": call.operation, "units": call.units }))
        .collect();
    json!({
        "name": row.name,
        "status": row.status,
        "init": spread(&row.init),
        "first": spread(&row.first),
        "init_and_first": spread(&row.both),
        "warm": spread(&row.warm),
        "processor_of_start_and_first": spread(&row.start_processor),
        "processor_of_warm": spread(&row.processor),
        "first_minor_faults": row.first_faults,
        "peak_rss_mib": row.rss,
        "binary_bytes": row.binary,
        "zip_bytes": row.zip,
        "calls": calls,
        "log_bytes": row.log,
    })
}

fn spread(samples: &Samples) -> Value {
    json!({ "p50": samples.median(), "p99": samples.percentile(99), "samples": samples.len() })
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
pub(crate) fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Columns under one another, the first to the left and the others to the right.
pub(crate) fn align(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            // Writing to a String cannot fail.
            let _ = match column {
                0 => write!(row, "{cell:<width$}"),
                _ => write!(row, "  {cell:>width$}"),
            };
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}
