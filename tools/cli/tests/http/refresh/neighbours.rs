//! Tokens of another deployment in the same browser.

use gatecrumb_domain::{AccessClaims, Acr, AuthenticationMethods, RefreshClaims};
use gatecrumb_testkit::fixtures;
use gatecrumb_tokens::Signer;

use crate::api::{ACCESS, Api, HINT, REFRESH, put, roles};

/// Signs with our key for another deployment.
fn neighbour() -> Signer {
    const NAME: &str = "https://neighbour.example";
    let keys = fixtures::signing_keys();
    let kid = keys.kids().next().unwrap();
    Signer::new(&keys, kid, NAME, NAME).unwrap()
}

pub(super) fn neighbours_refresh_token() -> String {
    let claims = RefreshClaims {
        sub: "neighbour".parse().unwrap(),
        sid: "neighbour".parse().unwrap(),
        jti: "first".parse().unwrap(),
        parent: "root".parse().unwrap(),
        iat: fixtures::THEN,
        exp: fixtures::FAR,
    };
    neighbour().refresh(&claims).unwrap().expose().to_owned()
}

fn neighbours_access_token() -> String {
    let claims = AccessClaims {
        sub: "neighbour".parse().unwrap(),
        sid: "neighbour".parse().unwrap(),
        jti: "first".parse().unwrap(),
        roles: roles(&[]),
        auth_time: fixtures::THEN,
        amr: AuthenticationMethods::password(),
        acr: Acr::Aal1,
        iat: fixtures::THEN,
        exp: fixtures::FAR,
    };
    neighbour().access(&claims).unwrap().expose().to_owned()
}

/// Access, refresh, hint; the responses of me and refresh; the cookies that refresh clears.
type Neighbours<'a> = ([Option<&'a str>; 3], [&'a str; 2], &'a [&'a str]);

/// Two projects on this machine: browsers share cookies between the ports of a host.
#[tokio::test]
async fn a_neighbours_tokens_count_as_absent_and_are_left_alone() {
    let api = Api::here().await;
    let (foreign_access, foreign_refresh) = (neighbours_access_token(), neighbours_refresh_token());
    let (_, ours) = api.signed_in("ada").await;
    let mut over = api.sign_in("ada").await;
    let ended = over.jar[REFRESH].clone();
    over.post("/auth/logout", "", "").await;
    let (access, refresh) = (foreign_access.as_str(), foreign_refresh.as_str());
    let cases: [Neighbours<'_>; 9] = [
        (
            [Some(access), Some(refresh), Some("1")],
            ["401 not_logged_in", "401 not_logged_in"],
            &[],
        ),
        (
            [None, Some(refresh), Some("1")],
            ["401 not_logged_in", "401 not_logged_in"],
            &[],
        ),
        (
            [Some(access), None, None],
            ["401 not_logged_in", "401 not_logged_in"],
            &[],
        ),
        (
            [Some(access), None, Some("1")],
            ["401 not_logged_in", "401 not_logged_in"],
            &[],
        ),
        (
            [Some("junk"), Some(refresh), Some("1")],
            ["401 token_invalid", "401 not_logged_in"],
            &[ACCESS],
        ),
        (
            [Some(access), Some("junk"), Some("1")],
            ["401 access_expired", "401 session_ended"],
            &[REFRESH, HINT],
        ),
        (
            [Some(access), Some(&ended), Some("1")],
            ["401 access_expired", "401 session_ended"],
            &[REFRESH, HINT],
        ),
        (
            [Some(&ours.jar[ACCESS]), Some(refresh), Some("1")],
            ["200", "401 not_logged_in"],
            &[ACCESS],
        ),
        (
            [Some(access), Some(&ours.jar[REFRESH]), Some("1")],
            ["401 access_expired", "200"],
            &[],
        ),
    ];
    for (cookies, [me, refreshed], cleared) in cases {
        let mut browser = api.browser();
        for (name, value) in [ACCESS, REFRESH, HINT].into_iter().zip(cookies) {
            if let Some(value) = value {
                put(&mut browser, name, value);
            }
        }
        assert_eq!(browser.get("/auth/me").await.outcome(), me, "{cookies:?}");
        let answer = browser.post("/auth/refresh", "", "").await;
        assert_eq!(answer.outcome(), refreshed, "{cookies:?}");
        let lines = answer.set_cookies();
        let names = lines
            .iter()
            .filter(|line| line.contains("Max-Age=0"))
            .map(|line| line.split('=').next().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), cleared, "{cookies:?}");
    }
    // Two cookies of one name: refresh clears neither, because it cannot tell which one the browser would delete.
    let mut both = api.browser();
    put(&mut both, REFRESH, &format!("{ended}; {REFRESH}={refresh}"));
    let answer = both.post("/auth/refresh", "", "").await;
    assert_eq!(
        (answer.outcome().as_str(), answer.set_cookies().len()),
        ("401 session_ended", 0)
    );
}
