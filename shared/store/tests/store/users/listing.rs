//! The list of users, and changes that depend on the roles.

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_domain::{Roles, UserId};
use gatecrumb_store::{
    keys::user_pk,
    table::{key, string},
};

use super::super::{Counter, NOW, store, store_and_client, user, username};

/// More items than one request examines, of other kinds and between the users.
#[tokio::test]
async fn users_among_thousands_of_other_items_are_each_listed_once() {
    let (store, client) = store_and_client().await;
    let mut created = Vec::new();
    for batch in 0..96 {
        let items = (0..25).map(|_| {
            // Ids of the same kind, so that the items are between the users in any order.
            let other: UserId = UserId::random(&Counter).unwrap();
            let mut item = key(user_pk(&other), "SESSION#x".to_owned());
            // No user, although it looks like one.
            item.insert("username".to_owned(), string("ada"));
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        client
            .batch_write_item()
            .request_items("test", items.collect())
            .send()
            .await
            .unwrap();
        if batch % 12 == 0 {
            let name = if batch == 0 {
                "bob".to_owned()
            } else {
                format!("ada{batch}")
            };
            created.push(user(&store, &name).await);
        }
    }

    for (prefix, limit, expected) in [
        (None, 3, 8),
        (None, 8, 8),
        (None, 100, 8),
        (Some("ada"), 2, 7),
        (Some("z"), 2, 0),
    ] {
        let prefix = prefix.map(username);
        let mut listed: Vec<UserId> = Vec::new();
        let mut after = None;
        loop {
            let page = store.users(prefix.as_ref(), after.as_ref(), limit).await.unwrap();
            assert!(page.users.len() <= limit);
            let names: Vec<&str> = page.users.iter().map(|it| it.user.username.as_str()).collect();
            assert!(names.is_sorted());
            listed.extend(page.users.iter().map(|it| it.user.id.clone()));
            after = page.next;
            if after.is_none() {
                break;
            }
            assert_eq!(page.users.len(), limit, "only the last page may have fewer");
        }
        assert_eq!(listed.len(), expected, "{prefix:?}, {limit}");
        let found = created.iter().filter(|id| listed.contains(id)).count();
        assert_eq!(found, expected, "each one once: {prefix:?}, {limit}");
    }
}

#[tokio::test]
async fn roles_are_replaced_only_if_they_are_the_expected_ones() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let roles = |names: &[&str]| {
        let roles: Vec<_> = names.iter().map(|name| name.parse().unwrap()).collect();
        Roles::try_from(roles).unwrap()
    };
    for (from, to, done) in [
        (&["reader"][..], &["other"][..], false),
        (&[], &["other"], false),
        (&["admin"], &["admin", "reader"], true),
        (&["admin"], &["other"], false),
        (&["admin", "reader"], &[], true),
        (&[], &["writer"], true),
    ] {
        let before = store.user(&ada).await.unwrap().unwrap();
        let change = Change::ReplaceRoles {
            from: roles(from),
            to: roles(to),
        };
        assert_eq!(
            store.change_user(&ada, &change, NOW).await.unwrap(),
            done,
            "{change:?}"
        );
        let after = store.user(&ada).await.unwrap().unwrap();
        let expected = if done { roles(to) } else { before.roles };
        assert_eq!(after.roles, expected, "{change:?}");
        assert_eq!(after.session_epoch, before.session_epoch);
    }
    let nobody = "nobody".parse().unwrap();
    let change = Change::ReplaceRoles {
        from: roles(&[]),
        to: roles(&["admin"]),
    };
    assert!(!store.change_user(&nobody, &change, NOW).await.unwrap());
    assert!(
        store.account(&nobody).await.unwrap().is_none(),
        "no row was created"
    );
}

/// An import may have written a user without the attribute.
#[tokio::test]
async fn a_user_without_the_attribute_has_no_roles() {
    let (store, client) = store_and_client().await;
    let ada = user(&store, "ada").await;
    client
        .update_item()
        .table_name("test")
        .set_key(Some(gatecrumb_store::keys::user_key(&ada)))
        .update_expression("REMOVE #roles")
        .expression_attribute_names("#roles", "roles")
        .send()
        .await
        .unwrap();
    let to = Roles::try_from(vec!["admin".parse().unwrap()]).unwrap();
    let change = Change::ReplaceRoles {
        from: Roles::default(),
        to: to.clone(),
    };
    assert!(store.change_user(&ada, &change, NOW).await.unwrap());
    assert_eq!(store.user(&ada).await.unwrap().unwrap().roles, to);
}
