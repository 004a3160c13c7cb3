//! The API in front of the functions: its routes, its limits, and the CDN before it.

use gatecrumb_testkit::{
    openapi,
    template::{template, yaml},
};
use serde_json::json;

#[test]
fn the_routes_are_those_of_the_document() {
    let resources = template()["Resources"].clone();
    let functions = resources.as_object().unwrap().values();
    let events = functions.flat_map(|resource| {
        let events = resource["Properties"]["Events"].as_object().cloned();
        events.unwrap_or_default().into_values()
    });
    let mut deployed: Vec<String> = events
        .map(|event| {
            let route = &event["Properties"];
            let text = |name: &str| route[name].as_str().unwrap().to_owned();
            assert_eq!(
                (&event["Type"], text("PayloadFormatVersion")),
                (&json!("HttpApi"), "2.0".to_owned())
            );
            format!("{} {}", text("Method"), text("Path"))
        })
        .collect();
    deployed.sort();
    let paths = openapi::document()["paths"].as_object().unwrap().iter();
    let mut documented: Vec<String> = paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    documented.sort();
    assert_eq!(deployed, documented);
    assert!(deployed.len() >= 4);
}

/// One visitor must not shut everybody out by using up what the API lets through for all of them.
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

/// What the guard, the throttle and the cookies need reaches the functions through the documented CDN.
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
