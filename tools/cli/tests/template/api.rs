//! The API in front of the functions: its routes, its limits, and the CDN before it.

use gatecrumb_testkit::{
    openapi,
    template::{logical_name, template, yaml},
};
use gatecrumb_web::routes::{self, ROUTES};
use serde_json::json;

#[test]
fn the_routes_are_those_of_the_registry() {
    let resources = template()["Resources"].clone();
    let functions = resources.as_object().unwrap().iter();
    let events = functions.flat_map(|(name, resource)| {
        let events = resource["Properties"]["Events"].as_object().cloned();
        let events = events.unwrap_or_default().into_values();
        events.map(move |event| (name, event))
    });
    let mut deployed: Vec<String> = events
        .map(|(name, event)| {
            let route = &event["Properties"];
            let text = |name: &str| route[name].as_str().unwrap().to_owned();
            assert_eq!(
                (&event["Type"], text("PayloadFormatVersion")),
                (&json!("HttpApi"), "2.0".to_owned())
            );
            let registered =
                routes::functions().find(|function| *name == format!("{}Function", logical_name(function)));
            let function = registered.unwrap_or_else(|| panic!("{name} is not in the registry"));
            format!("{function}: {} {}", text("Method"), text("Path"))
        })
        .collect();
    deployed.sort();
    let registered = ROUTES.map(|route| format!("{}: {}", route.function, route.key()));
    assert_eq!(deployed, sorted(registered.into()));
    let documented = openapi::functions().into_iter().map(|function| {
        let (method, path) = openapi::route_of(&function);
        format!("{function}: {method} {path}")
    });
    assert_eq!(deployed, sorted(documented.collect()));
}

fn sorted(mut routes: Vec<String>) -> Vec<String> {
    routes.sort();
    routes
}

#[test]
fn attempts_are_refused_where_the_registry_says_so() {
    for route in &ROUTES {
        let (path, method) = (openapi::step(route.path), route.method.to_lowercase());
        let responses = openapi::document().pointer(&format!("/paths/{path}/{method}/responses"));
        let refused =
            responses.unwrap()["429"] == json!({ "$ref": "#/components/responses/TooManyAttempts" });
        assert_eq!(refused, route.throttles, "{}", route.key());
    }
}

/// One visitor must not be able to use up the API's limits for all visitors.
#[test]
fn the_api_limits_are_far_above_what_one_visitor_sends() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"];
    let routes = api["RouteSettings"].as_object().unwrap().values();
    for settings in routes.chain([&api["DefaultRouteSettings"]]) {
        for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
            let parameter = settings[limit]["!Ref"].as_str().unwrap();
            let default = template["Parameters"][parameter]["Default"].as_str().unwrap();
            assert!(default.parse::<u32>().unwrap() >= 1000, "{parameter}");
        }
    }
}

/// The documented CDN passes on what the cross-origin rule, the throttle and the cookies need.
#[test]
fn the_documented_cloudfront_can_be_built_and_passes_on_what_is_needed() {
    let resources = yaml("docs/cloudfront.yaml")["Resources"].clone();
    let policy = &resources["OriginRequestPolicy"]["Properties"]["OriginRequestPolicyConfig"];
    // The other behaviours either forward Host, which API Gateway refuses, or cannot add CloudFront's own headers.
    assert_eq!(policy["HeadersConfig"]["HeaderBehavior"], "whitelist");
    let headers = policy["HeadersConfig"]["Headers"].as_array().unwrap();
    let headers: Vec<String> = headers
        .iter()
        .map(|name| name.as_str().unwrap().to_ascii_lowercase())
        .collect();
    assert!(headers.len() <= 10, "CloudFront's quota");
    for needed in [
        "origin",
        "sec-fetch-site",
        "content-type",
        "user-agent",
        "cloudfront-viewer-address",
    ] {
        assert!(headers.iter().any(|name| name == needed), "{needed}");
    }
    for harmful in ["host", "cookie", "x-gatecrumb-proxy"] {
        assert!(!headers.iter().any(|name| name == harmful), "{harmful}");
    }
    assert_eq!(policy["CookiesConfig"]["CookieBehavior"], "all");
    assert_eq!(policy["QueryStringsConfig"]["QueryStringBehavior"], "all");
    let distribution = &resources["Distribution"]["Properties"]["DistributionConfig"];
    let behaviour = &distribution["CacheBehaviors"][0];
    assert_eq!(behaviour["PathPattern"], "/auth/*");
    // The managed policy CachingDisabled.
    assert_eq!(behaviour["CachePolicyId"], "4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    assert_eq!(
        behaviour["OriginRequestPolicyId"],
        json!({ "!Ref": "OriginRequestPolicy" })
    );
    assert!(
        behaviour["AllowedMethods"]
            .as_array()
            .unwrap()
            .contains(&json!("POST"))
    );
    let origins = distribution["Origins"].as_array().unwrap();
    let origin = origins
        .iter()
        .find(|origin| origin["Id"] == behaviour["TargetOriginId"])
        .unwrap();
    assert_eq!(
        origin["OriginCustomHeaders"],
        json!([{ "HeaderName": "x-gatecrumb-proxy", "HeaderValue": { "!Ref": "ProxySecret" } }])
    );
    // One file of parameters serves both stacks.
    let pattern = &yaml("docs/cloudfront.yaml")["Parameters"]["ProxySecret"]["AllowedPattern"];
    assert_eq!(pattern, "^(?!\\{\\{resolve:)[!-~]{16,255}$");
}
