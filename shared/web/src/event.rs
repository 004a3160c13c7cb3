//! API Gateway events, mended before `lambda_http` converts them.
//!
//! Its conversion panics on a base64 body that is none, on a query, path or host that make no URI, and loses all
//! cookies when one of them has a control character. A stranger could send each of these.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, Uri, header::HOST};
use lambda_http::{LambdaEvent, aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest};

/// Makes the event safe to convert. What is mended means the same as before, or is refused later as what it is.
pub(crate) fn mend(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        mend_request(request);
    }
    event
}

fn mend_request(request: &mut ApiGatewayV2httpRequest) {
    if let Some(cookies) = &mut request.cookies {
        // An element may hold several cookies, as `lambda_http` joins them into one field again.
        *cookies = cookies
            .iter()
            .flat_map(|element| element.split(';'))
            .filter(|cookie| HeaderValue::from_str(cookie).is_ok())
            .map(str::to_owned)
            .collect();
    }
    let body = request.body.as_deref().unwrap_or_default();
    if request.is_base64_encoded && STANDARD.decode(body).is_err() {
        // Left as the text it is: no route takes it.
        request.is_base64_encoded = false;
    }
    // Nothing below is looked at: API Gateway chose the route, and the guard goes by Origin and not by Host.
    request
        .headers
        .insert(HOST, HeaderValue::from_static("gatecrumb"));
    request.headers.remove("x-forwarded-proto");
    request.request_context.stage = None;
    if !request
        .raw_path
        .as_deref()
        .is_some_and(|path| path.starts_with('/') && path.parse::<Uri>().is_ok())
    {
        request.raw_path = Some("/".to_owned());
    }
    if let Some(query) = &mut request.raw_query_string {
        *query = encode_query(query);
    }
}

/// Percent-encodes what RFC 3986 section 3.4 does not allow in a query.
fn encode_query(query: &str) -> String {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    let mut encoded = String::with_capacity(query.len());
    for byte in query.bytes() {
        if allowed(byte) {
            encoded.push(byte as char);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use lambda_http::{Context, http::Request};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn event() -> Value {
        json!({
            "version": "2.0", "routeKey": "POST /auth/login", "rawPath": "/auth/login", "rawQueryString": "",
            "headers": { "host": "api.example.com" },
            "requestContext": { "stage": "$default", "http": { "method": "POST", "path": "/auth/login" } },
            "isBase64Encoded": false,
        })
    }

    fn convert(event: &Value) -> Request<lambda_http::Body> {
        let request: LambdaRequest = serde_json::from_value(event.clone()).unwrap();
        mend(LambdaEvent::new(request, Context::default())).payload.into()
    }

    #[test]
    fn a_plain_event_stays_what_it_is() {
        let mut event = event();
        event["rawQueryString"] = json!("everywhere=true");
        event["cookies"] = json!(["a=1", "b=2"]);
        event["body"] = json!("eyJhIjoxfQ==");
        event["isBase64Encoded"] = json!(true);
        let request = convert(&event);
        assert_eq!(request.uri().query(), Some("everywhere=true"));
        assert_eq!(request.headers()["cookie"], "a=1; b=2");
        assert_eq!(request.body().as_ref(), b"{\"a\":1}");
    }

    #[test]
    fn one_broken_cookie_does_not_cost_the_others() {
        let mut event = event();
        event["cookies"] = json!(["bad=\u{1}", "good=1;bad=\u{7f};fine=2", "accented=\u{e9}"]);
        assert_eq!(
            convert(&event).headers()["cookie"].as_bytes(),
            "good=1; fine=2; accented=\u{e9}".as_bytes()
        );
    }

    #[test]
    fn lambda_http_still_needs_mending() {
        let mut event = event();
        event["rawQueryString"] = json!("a b\"c");
        let request: LambdaRequest = serde_json::from_value(event).unwrap();
        let convert = || Request::<lambda_http::Body>::from(request);
        assert!(
            catch_unwind(AssertUnwindSafe(convert)).is_err(),
            "this module can go"
        );
    }

    proptest! {
        #[test]
        fn no_event_panics(
            texts in proptest::collection::vec("\\PC{0,20}|[ -~]{0,20}|(.|\n){0,10}", 7), base64: bool,
        ) {
            let mut event = event();
            event["rawQueryString"] = json!(texts[0]);
            event["rawPath"] = json!(texts[1]);
            event["body"] = json!(texts[2]);
            event["isBase64Encoded"] = json!(base64);
            event["cookies"] = json!([texts[3], texts[4]]);
            event["requestContext"]["stage"] = json!(texts[5]);
            event["requestContext"]["domainName"] = json!(texts[6]);
            let visible: String = texts[6].chars().filter(|c| !c.is_control()).collect();
            event["headers"]["host"] = json!(visible);
            event["headers"]["x-forwarded-proto"] = json!(visible);
            convert(&event);
        }
    }
}
