//! The measurements as a table and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{calls::Consumed, stats::Samples};

/// The measurements of one subject. Times are in milliseconds.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// The HTTP status of its responses.
    pub(crate) status: u64,
    pub(crate) init: Samples,
    pub(crate) first: Samples,
    /// Of the same start.
    pub(crate) init_and_first: Samples,
    pub(crate) warm: Samples,
    pub(crate) processor_of_start_and_first: Samples,
    pub(crate) processor_of_warm: Samples,
    pub(crate) first_minor_faults: u64,
    pub(crate) peak_rss_mib: f64,
    pub(crate) binary_bytes: usize,
    pub(crate) zip_bytes: usize,
    pub(crate) calls: Vec<Consumed>,
    /// Of a warm request.
    pub(crate) log_bytes: u64,
}

impl Row {
    fn units(&self, reads: bool) -> f64 {
        let of_kind = self.calls.iter().filter(|call| call.reads() == reads);
        // Not `sum()`, which is -0 for an empty list.
        of_kind.fold(0.0, |sum, call| sum + call.units)
    }

    fn cells(&self) -> Vec<String> {
        let operations: Vec<&str> = self.calls.iter().map(|call| call.operation.as_str()).collect();
        vec![
            self.name.clone(),
            self.status.to_string(),
            format!("{:.2}", self.init.median()),
            format!("{:.2}", self.first.median()),
            format!("{:.2}", self.init_and_first.median()),
            format!("{:.3}", self.warm.median()),
            format!("{:.3}", self.warm.percentile(99)),
            format!("{:.3}", self.processor_of_warm.median()),
            self.first_minor_faults.to_string(),
            format!("{:.1}", self.peak_rss_mib),
            format!("{:.2}", megabytes(self.binary_bytes)),
            format!("{:.2}", megabytes(self.zip_bytes)),
            self.units(true).to_string(),
            self.units(false).to_string(),
            operations.join(" "),
        ]
    }
}

/// The columns of [`Row::cells`].
const HEAD: [&str; 15] = [
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

/// The measurements of a run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) tls: bool,
    pub(crate) rows: Vec<Row>,
    /// In memory that was touched before.
    pub(crate) bare_argon2id: Samples,
    /// On an open connection.
    pub(crate) bare_get_item: Samples,
}

impl Report {
    pub(crate) fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    pub(crate) fn table(&self) -> String {
        let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
        lines.extend(self.rows.iter().map(Row::cells));
        for (name, samples) in [
            ("bare argon2id", &self.bare_argon2id),
            ("bare GetItem", &self.bare_get_item),
        ] {
            let times = [samples.median(), samples.percentile(99)].map(|time| format!("{time:.3}"));
            let mut line = vec![name.to_owned()];
            line.resize(5, String::new());
            line.extend(times);
            lines.push(line);
        }
        format!(
            "\nmeasured, milliseconds; medians; DynamoDB by {}; {} starts, {} warm requests\n\n{}\nCPU: processor time \
             of a warm request; *: minor page faults of the first response; reads and writes are capacity units of a \
             request\n",
            if self.tls { "TLS" } else { "plain HTTP" },
            self.rows.first().map_or(0, |row| row.init.len()),
            self.rows.first().map_or(0, |row| row.warm.len()),
            align(&lines)
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
pub(crate) fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Columns below one another, the first aligned left and the others right.
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
