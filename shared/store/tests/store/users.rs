mod listing;

use gatecrumb_admin::{Admin as _, Change, CreateError, RenameError};
use gatecrumb_domain::Roles;

use super::{NOW, credentials::password_items, hash, new_user, store, store_and_client, user, username};

#[tokio::test]
async fn a_created_user_is_found_by_any_spelling_of_the_name() {
    let store = store().await;
    let new = new_user("André");
    store.create_user(&new, NOW).await.unwrap();
    let account = store.find_account(&username("ANDRÉ")).await.unwrap().unwrap();
    assert_eq!(account.user.id, new.id);
    assert_eq!(account.user.username, "andré");
    assert_eq!(account.user.email.as_deref(), Some("mail@example.com"));
    assert_eq!(account.user.name, None);
    assert_eq!(account.user.roles, new.roles);
    assert!(account.user.active);
    assert_eq!(
        (account.user.session_epoch, account.created_at, account.updated_at),
        (0, NOW, NOW)
    );
    let credentials = store.credentials(&new.id).await.unwrap().unwrap();
    assert_eq!(credentials.password_hash, hash("phc"));
    assert!(store.find_account(&username("carol")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_parallel_creations_of_one_name_one_succeeds_and_the_others_leave_nothing() {
    let (store, client) = store_and_client().await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let user = new_user("ada");
                let created = store.create_user(&user, NOW).await;
                (user.id, created)
            })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        let (id, created) = task.await.unwrap();
        match created {
            Ok(()) => winners.push(id),
            Err(CreateError::NameTaken) => assert!(store.account(&id).await.unwrap().is_none()),
            Err(CreateError::Unavailable(error)) => panic!("{error}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(password_items(&client).await, 1);
    assert_eq!(
        store.find_login(&username("ada")).await.unwrap().as_ref(),
        winners.first()
    );
}

#[tokio::test]
async fn renaming_moves_the_claim_and_frees_the_old_name() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    user(&store, "bob").await;
    let taken = store
        .rename_user(&ada, &username("ada"), &username("bob"), NOW)
        .await;
    assert!(matches!(taken, Err(RenameError::NameTaken)));
    let wrong = store
        .rename_user(&ada, &username("carol"), &username("dora"), NOW)
        .await;
    assert!(matches!(wrong, Err(RenameError::Changed)));
    store
        .rename_user(&ada, &username("ada"), &username("ada.l"), NOW)
        .await
        .unwrap();
    assert_eq!(store.user(&ada).await.unwrap().unwrap().username, "ada.l");
    assert_eq!(
        store.find_login(&username("ada.l")).await.unwrap(),
        Some(ada.clone())
    );
    assert_eq!(store.find_login(&username("ada")).await.unwrap(), None);
    user(&store, "ada").await;
}

#[tokio::test]
async fn deleting_frees_the_name_and_leaves_nothing() {
    let (store, client) = store_and_client().await;
    let ada = user(&store, "ada").await;
    assert!(store.delete_user(&ada, &username("ada")).await.unwrap());
    assert!(!store.delete_user(&ada, &username("ada")).await.unwrap());
    assert!(store.user(&ada).await.unwrap().is_none());
    assert_eq!(password_items(&client).await, 0);
    user(&store, "ada").await;
}

#[tokio::test]
async fn only_changes_that_end_sessions_increment_the_epoch() {
    let (store, client) = store_and_client().await;
    let ada = user(&store, "ada").await;
    let epoch = async || store.user(&ada).await.unwrap().unwrap().session_epoch;
    let roles = Roles::default();
    for (change, expected) in [
        (Change::Disable, 1),
        (Change::Enable, 1),
        (super::new_password(hash("new")), 2),
        (Change::Roles(roles), 2),
        (Change::EndSessions, 3),
    ] {
        assert!(store.change_user(&ada, &change, NOW).await.unwrap());
        assert_eq!(epoch().await, expected, "{change:?}");
    }
    let nobody = "nobody".parse().unwrap();
    assert!(!store.change_user(&nobody, &Change::Disable, NOW).await.unwrap());
    let password = super::new_password(hash("new"));
    assert!(!store.change_user(&nobody, &password, NOW).await.unwrap());
    assert!(
        store.account(&nobody).await.unwrap().is_none(),
        "no row was created"
    );
    assert_eq!(password_items(&client).await, 1, "ada's");
}

#[tokio::test]
async fn ending_all_sessions_of_an_epoch_is_idempotent() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    for _ in 0..3 {
        store.end_all_sessions(&ada, 0, NOW).await.unwrap();
    }
    assert_eq!(store.user(&ada).await.unwrap().unwrap().session_epoch, 1);
}
