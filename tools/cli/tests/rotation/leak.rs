//! The emergency order: a new key signs and is the only one that is public, then the leaked ones are removed.

use gatecrumb::key::{Stage, Step};
use gatecrumb_testkit::logs;

use crate::{attacker::forge, client::Client, deployment::Deployment, service::Service};

/// Brings the keys to this stage of a planned rotation.
async fn reach(deployment: &mut Deployment, stage: Option<Stage>) {
    let steps = match stage {
        None => 0,
        Some(Stage::Published) => 1,
        Some(Stage::Signing | Stage::Leaked) => 2,
    };
    for _ in 0..steps {
        deployment.rotate().await.unwrap();
        deployment.begin_deployment().await;
        deployment.complete_deployment();
        let until = deployment.keys().rotation().unwrap().not_before;
        if deployment.keys().rotation().unwrap().stage == Stage::Published {
            let wait = until.since(deployment.now());
            deployment.host.advance(wait);
        }
    }
}

#[tokio::test]
async fn a_leaked_key_opens_nothing_after_one_deployment_and_users_sign_in_again() {
    for stage in [None, Some(Stage::Published), Some(Stage::Signing)] {
        let mut deployment = Deployment::new().await;
        reach(&mut deployment, stage).await;
        let mut client = Client::sign_in(&mut deployment, "a user", 60).await;
        let mut services = [Service::new(), Service::new()];
        client.visit(&mut deployment, &mut services).await;
        let leaked = deployment.keys();
        let kids: Vec<String> = leaked.keys.kids().map(str::to_owned).collect();
        let forged: Vec<_> = kids
            .iter()
            .map(|kid| forge(&client, &leaked, &leaked, kid))
            .collect();
        for forged in &forged {
            assert!(
                forged.are_accepted(&mut deployment).await,
                "{stage:?}: that is the emergency"
            );
        }

        deployment.replace_leaked().await;
        // Until the deployment, nothing changes for users.
        client.visit(&mut deployment, &mut services).await;
        deployment.begin_deployment().await;
        deployment.complete_deployment();
        for forged in &forged {
            assert!(!forged.are_accepted(&mut deployment).await, "{stage:?}");
        }
        let mut fresh = Service::new();
        assert!(!forged[0].are_accepted_by(&mut fresh, &mut deployment).await);

        // A refresh token of the leaked key could be anybody's, so refresh does not renew it: the client is signed out.
        assert_eq!(client.refresh(&mut deployment).await, "401 session_ended");
        assert!(client.is_signed_out());
        let mut client = Client::sign_in(&mut deployment, "the user again", 60).await;
        client.visit(&mut deployment, &mut [fresh]).await;

        // The leaked keys may go now. Functions of the new deployment start, and their parameters stay the same.
        assert_eq!(deployment.rotate().await, Ok(Step::Retire(kids)), "{stage:?}");
        client.visit(&mut deployment, &mut []).await;
        assert_eq!(deployment.keys().keys.kids().count(), 1);

        // Caches trust the leaked keys for as long as the set may be cached, and then no more.
        deployment.host.advance(jwks::MAX_AGE);
        assert_eq!(client.refresh(&mut deployment).await, "200");
        for service in &mut services {
            for forged in &forged {
                assert!(
                    !forged.are_accepted_by(service, &mut deployment).await,
                    "{stage:?}"
                );
            }
            assert!(service.accepts(&mut deployment, client.access()).await);
        }
    }
    logs::assert_clean(&logs::captured());
}
