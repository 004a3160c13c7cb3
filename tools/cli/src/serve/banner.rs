//! What `serve` prints when it is ready.

use gatecrumb_web::routes::ROUTES;

use super::Server;
use crate::demo::{DEMO_PASSWORD, DEMO_USER, Demo};

pub(super) fn text(server: &Server) -> String {
    let api = format!("http://localhost:{}", server.address.port());
    let kept = server.table.kept();
    let mut lines = vec![
        format!("gatecrumb {} is running", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("  page        {api}/"),
        format!("  endpoints   {api}{}", ROUTES.map(|route| route.path).join(", ")),
        format!("  DynamoDB    http://{}, {kept}", server.dynamodb),
        format!("  origins     {}", server.origins.join(", ")),
        format!("  issuer      {}", server.issuer),
    ];
    match server.demo {
        None => lines.push("  fixtures    the rows of events/rows.json".to_owned()),
        Some(demo) => lines.push(format!("  demo user   {}", demo.text())),
    }
    if server.demo.is_some_and(Demo::can_sign_in) {
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
