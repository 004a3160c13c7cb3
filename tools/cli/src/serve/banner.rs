//! What `serve` prints when it is ready.

use gatecrumb_web::routes::ROUTES;

use super::{Options, Server};
use crate::dynamodb::{DEMO_PASSWORD, DEMO_USER};

pub(super) fn text(options: &Options, server: &Server) -> String {
    let api = format!("http://localhost:{}", server.address.port());
    let kept = options.dynamodb.kept();
    let mut lines = vec![
        format!("gatecrumb {} is running", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("  page        {api}/"),
        format!("  endpoints   {api}{}", ROUTES.map(|route| route.path).join(", ")),
        format!("  DynamoDB    http://{}, {kept}", server.dynamodb),
        format!("  origins     {}", server.origins.join(", ")),
        format!("  issuer      {}", server.issuer),
    ];
    if options.dynamodb.fixtures {
        lines.push("  fixtures    the rows of events/rows.json".to_owned());
    } else {
        let note = if server.created_demo {
            "created just now"
        } else {
            "unless you changed it"
        };
        lines.push(format!(
            "  demo user   {DEMO_USER}, password: {DEMO_PASSWORD} ({note})"
        ));
        lines.push(String::new());
        lines.push("Try it:".to_owned());
        lines.push(String::new());
        lines.push(format!(
            "  curl -i -c cookies.txt -H 'Content-Type: application/json' \\\n    -d '{{\"username\":\"{DEMO_USER}\",\
             \"password\":\"{DEMO_PASSWORD}\"}}' {api}/auth/login"
        ));
        lines.push(format!("  curl -i -b cookies.txt {api}/auth/me"));
    }
    lines.push(String::new());
    lines.push("Ctrl-C stops it.".to_owned());
    lines.join("\n")
}
