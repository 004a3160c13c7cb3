//! Authentication methods and the assurance level that they reach.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use gatecrumb_domain::{
    Acr::{self, Aal1, Aal2},
    Authentication,
    AuthenticationMethod::{self, Hwk, Mfa, Otp, Pwd, Swk, User},
    AuthenticationMethods, NoMethod, Timestamp,
};
use proptest::prelude::*;
use serde_json::json;

const ALL: [AuthenticationMethod; 6] = AuthenticationMethod::ALL;

fn methods(methods: &[AuthenticationMethod]) -> AuthenticationMethods {
    methods.to_vec().try_into().unwrap()
}

#[test]
fn a_method_has_its_name_in_rfc_8176() {
    let names = ["pwd", "otp", "hwk", "swk", "user", "mfa"];
    assert_eq!(serde_json::to_value(methods(&ALL)).unwrap(), json!(names));
    for (method, name) in ALL.into_iter().zip(names) {
        assert_eq!(
            serde_json::from_value::<AuthenticationMethod>(json!(name)).unwrap(),
            method
        );
    }
    for unknown in [
        json!(""),
        json!("PWD"),
        json!("pwd "),
        json!("fpt"),
        json!(0),
        json!({ "pwd": null }),
    ] {
        assert!(serde_json::from_value::<AuthenticationMethod>(unknown).is_err());
    }
    for unknown in [json!(""), json!("aal3"), json!(1), json!({ "aal1": null })] {
        assert!(serde_json::from_value::<Acr>(unknown).is_err());
    }
    assert_eq!(
        serde_json::to_value([Aal1, Aal2]).unwrap(),
        json!(["aal1", "aal2"])
    );
}

#[test]
fn only_two_different_factors_are_aal2() {
    for (list, acr) in [
        (&[Pwd][..], Aal1),
        (&[Otp], Aal1),
        (&[Hwk], Aal1),
        (&[Swk], Aal1),
        (&[User], Aal1),
        // Presence is not a factor, and two things that somebody has are one kind of factor.
        (&[Pwd, User], Aal1),
        (&[Hwk, User], Aal1),
        (&[Otp, Hwk], Aal1),
        (&[Pwd, Otp], Aal2),
        (&[Pwd, Hwk], Aal2),
        (&[Pwd, Swk], Aal2),
        // A passkey that verified its user.
        (&[Hwk, User, Mfa], Aal2),
        (&[Mfa], Aal2),
    ] {
        assert_eq!(methods(list).acr(), acr, "{list:?}");
    }
}

#[test]
fn without_a_method_there_is_no_sign_in() {
    assert_eq!(AuthenticationMethods::try_from(Vec::new()), Err(NoMethod));
    assert!(serde_json::from_value::<AuthenticationMethods>(json!([])).is_err());
}

#[test]
fn a_password_alone_is_one_factor() {
    let authentication = Authentication::by_password(Timestamp(7));
    assert_eq!(authentication.time, Timestamp(7));
    assert_eq!(authentication.methods, methods(&[Pwd]));
    assert_eq!(authentication.methods.acr(), Aal1);
}

proptest! {
    /// Any list is a set of at most six, in one order, and survives its serialization.
    #[test]
    fn a_list_is_a_bounded_set(list in prop::collection::vec(prop::sample::select(ALL.to_vec()), 1..40)) {
        let set = methods(&list);
        let written = Vec::from(set.clone());
        prop_assert!(written.is_sorted() && written.len() <= ALL.len());
        prop_assert!(list.iter().all(|method| written.contains(method)));
        prop_assert!(written.iter().all(|method| list.contains(method)));
        let json = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<AuthenticationMethods>(&json).unwrap(), set);
    }

    /// Another method never lowers the level.
    #[test]
    fn the_level_grows_with_the_methods(
        list in prop::collection::vec(prop::sample::select(ALL.to_vec()), 1..6), more in prop::sample::select(ALL.to_vec()),
    ) {
        let mut longer = list.clone();
        longer.push(more);
        prop_assert!(methods(&longer).acr() >= methods(&list).acr());
    }
}
