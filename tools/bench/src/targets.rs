//! What the figures must be, as ratios to the floors of the same run.

use serde_json::{Value, json};

use crate::{
    functions::{LOGIN_ROUND_TRIPS, ONE_GET_ITEM, ONLY_200},
    report::{Report, Row, align, megabytes},
};

const ARENA_MIB: f64 = 19.0;
const OWN_MIB: f64 = 14.0;

/// One of them.
pub(crate) struct Target {
    what: String,
    measured: f64,
    limit: f64,
    how: String,
}

impl Target {
    pub(crate) fn met(&self) -> bool {
        self.measured <= self.limit
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "what": self.what, "measured": self.measured, "limit": self.limit, "met": self.met(), "how": self.how })
    }
}

pub(crate) fn check(report: &Report) -> Vec<Target> {
    let (Some(floor), Some(get)) = (report.row(ONLY_200), report.row(ONE_GET_ITEM)) else {
        return Vec::new();
    };
    let mut targets = Vec::new();
    for function in ["me", "refresh", "logout"] {
        let Some(row) = report.row(function) else { continue };
        let mut add = |what: &str, measured, limit, how: String| {
            let what = format!("{function}: {what}");
            targets.push(Target {
                what,
                measured,
                limit,
                how,
            });
        };
        let (sum, under, floor) = (row.both.median(), get.both.median(), floor.both.median());
        add(
            "init + first ÷ (200 + one SDK call)",
            sum / under,
            2.0,
            format!(
                "{sum:.2} ÷ {under:.2} ms; less the call {:.2} × 200 alone ({floor:.2} ms)",
                (sum - (under - floor)) / floor
            ),
        );
        let (warm, call) = (row.warm.median(), report.get_item.median());
        add(
            "warm p50 ÷ bare call",
            warm / call,
            1.6,
            format!("{warm:.3} ÷ {call:.3} ms"),
        );
        add("peak RSS, MiB", row.rss, OWN_MIB, String::new());
        add("zip, MB", megabytes(row.zip), 2.6, String::new());
    }
    if let Some(row) = report.row("login") {
        targets.extend(of_login(row, report));
    }
    targets
}

fn of_login(row: &Row, report: &Report) -> Vec<Target> {
    let target = |what: &str, measured, limit, how: String| Target {
        what: format!("login: {what}"),
        measured,
        limit,
        how,
    };
    let warm = row.warm.median();
    let floor = report.hash.median() + LOGIN_ROUND_TRIPS * report.get_item.median();
    let arena_pages = ARENA_MIB * 256.0;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let faults = row.first_faults as f64;
    vec![
        target(
            "warm p50 ÷ (bare hash + 3 bare calls)",
            warm / floor,
            1.12,
            format!("{warm:.2} ÷ {floor:.2} ms"),
        ),
        target(
            "page faults of the first answer ÷ the arena's pages",
            faults / arena_pages,
            0.2,
            format!("{faults} faults; the arena has {arena_pages} pages"),
        ),
        target("peak RSS, MiB", row.rss, ARENA_MIB + OWN_MIB, String::new()),
        target("zip, MB", megabytes(row.zip), 3.0, String::new()),
    ]
}

pub(crate) fn table(targets: &[Target]) -> String {
    let mut lines = vec![
        ["target", "measured", "at most", "", ""]
            .map(str::to_owned)
            .to_vec(),
    ];
    for target in targets {
        lines.push(vec![
            target.what.clone(),
            format!("{:.2}", target.measured),
            format!("{:.2}", target.limit),
            if target.met() { "met" } else { "MISSED" }.to_owned(),
            target.how.clone(),
        ]);
    }
    align(&lines)
}
