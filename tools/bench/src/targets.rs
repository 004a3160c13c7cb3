//! The targets, as ratios to the floors of the same run.

use serde::Serialize;

use gatecrumb_web::routes;

use crate::{
    report::{Report, Row, align, megabytes},
    subject::{AUTHORIZER, AUTHORIZER_STRICT, ONE_GET_ITEM, ONLY_200},
};

/// The function that hashes passwords.
const LOGIN: &str = "login";
/// Round trips of a sign-in that wait for one another: name, user, session.
const LOGIN_ROUND_TRIPS: f64 = 3.0;
const ARENA_MIB: f64 = 19.0;
const OWN_MIB: f64 = 14.0;

#[derive(Serialize)]
pub(crate) struct Target {
    what: String,
    measured: f64,
    limit: f64,
    pub(crate) met: bool,
    how: String,
}

impl Target {
    fn new(function: &str, what: &str, measured: f64, limit: f64, how: String) -> Self {
        Self {
            what: format!("{function}: {what}"),
            measured,
            limit,
            met: measured <= limit,
            how,
        }
    }
}

pub(crate) fn check(report: &Report) -> Vec<Target> {
    let (Some(floor), Some(get)) = (report.row(ONLY_200), report.row(ONE_GET_ITEM)) else {
        return Vec::new();
    };
    let functions = routes::functions().chain([AUTHORIZER_STRICT]);
    let functions = functions.filter_map(|function| report.row(function));
    let (login, others): (Vec<&Row>, Vec<&Row>) = functions.partition(|row| row.name == LOGIN);
    let mut targets = Vec::new();
    for row in others {
        let mut add = |what: &str, measured, limit, how| {
            targets.push(Target::new(&row.name, what, measured, limit, how));
        };
        let sum = row.init_and_first.median();
        let (under, floor) = (get.init_and_first.median(), floor.init_and_first.median());
        let without_call = (sum - (under - floor)) / floor;
        add(
            "init + first ÷ (200 + one SDK call)",
            sum / under,
            2.0,
            format!("{sum:.2} ÷ {under:.2} ms; less the call {without_call:.2} × 200 alone ({floor:.2} ms)"),
        );
        let (warm, call) = (row.warm.median(), report.bare_get_item.median());
        add(
            "warm p50 ÷ bare call",
            warm / call,
            1.6,
            format!("{warm:.3} ÷ {call:.3} ms"),
        );
        add("peak RSS, MiB", row.peak_rss_mib, OWN_MIB, String::new());
        add("zip, MB", megabytes(row.zip_bytes), 2.6, String::new());
    }
    if let Some(row) = report.row(AUTHORIZER) {
        targets.extend(of_authorizer(row, floor));
    }
    for row in login {
        targets.extend(of_login(row, report));
    }
    targets
}

/// It calls nobody, so its floor is the function that only answers 200.
fn of_authorizer(row: &Row, floor: &Row) -> [Target; 3] {
    let target = |what: &str, measured, limit, how| Target::new(AUTHORIZER, what, measured, limit, how);
    let (sum, under) = (row.init_and_first.median(), floor.init_and_first.median());
    [
        target(
            "init + first ÷ 200 alone",
            sum / under,
            1.3,
            format!("{sum:.2} ÷ {under:.2} ms"),
        ),
        target("peak RSS, MiB", row.peak_rss_mib, OWN_MIB, String::new()),
        target("zip, MB", megabytes(row.zip_bytes), 0.65, String::new()),
    ]
}

fn of_login(row: &Row, report: &Report) -> [Target; 4] {
    let target = |what: &str, measured, limit, how| Target::new(LOGIN, what, measured, limit, how);
    let warm = row.warm.median();
    let floor = report.bare_argon2id.median() + LOGIN_ROUND_TRIPS * report.bare_get_item.median();
    let arena_pages = ARENA_MIB * 256.0;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let faults = row.first_minor_faults as f64;
    [
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
        target(
            "peak RSS, MiB",
            row.peak_rss_mib,
            ARENA_MIB + OWN_MIB,
            String::new(),
        ),
        target("zip, MB", megabytes(row.zip_bytes), 3.0, String::new()),
    ]
}

pub(crate) fn table(targets: &[Target]) -> String {
    let head = ["target", "measured", "at most", "", ""];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for target in targets {
        lines.push(vec![
            target.what.clone(),
            format!("{:.2}", target.measured),
            format!("{:.2}", target.limit),
            if target.met { "met" } else { "MISSED" }.to_owned(),
            target.how.clone(),
        ]);
    }
    align(&lines)
}
