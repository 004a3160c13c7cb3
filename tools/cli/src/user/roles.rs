//! `gatecrumb user roles`.

use clap::{ArgGroup, Args};
use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_domain::{Role, Roles};
use gatecrumb_runtime::now;

use super::{about, display, find, report, show};
use crate::{
    Failure,
    cli::Target,
    table::{Access, Table},
};
use gatecrumb_domain::Username;

/// How often a change is tried while other commands change the same user's roles.
const ATTEMPTS: usize = 5;

/// The change. Without one, the command shows the user.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("all").args(["set", "none"]).conflicts_with_all(["add", "remove"]))]
pub(crate) struct RoleOptions {
    /// Give the user exactly these roles, separated by commas
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    set: Option<Vec<String>>,
    /// Add roles, separated by commas
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    add: Vec<String>,
    /// Remove roles, separated by commas
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    remove: Vec<String>,
    /// Remove all roles
    #[arg(long)]
    none: bool,
}

/// A change with valid roles.
#[derive(Debug, Eq, PartialEq)]
enum Edit {
    Show,
    Set(Roles),
    AddAndRemove { add: Vec<Role>, remove: Vec<Role> },
}

impl RoleOptions {
    fn edit(&self) -> Result<Edit, Failure> {
        if self.none {
            return Ok(Edit::Set(Roles::default()));
        }
        if let Some(set) = &self.set {
            return Ok(Edit::Set(parse(set)?));
        }
        let parsed = |roles| Ok::<_, Failure>(Vec::from(parse(roles)?));
        let (add, remove) = (parsed(&self.add)?, parsed(&self.remove)?);
        if let Some(role) = add.iter().find(|role| remove.contains(role)) {
            let role = String::from(role.clone());
            return Err(Failure::usage(format!(
                "--add and --remove both name {role}: leave it out of one of them"
            )));
        }
        if add.is_empty() && remove.is_empty() {
            return Ok(Edit::Show);
        }
        Ok(Edit::AddAndRemove { add, remove })
    }
}

impl Edit {
    fn apply(&self, roles: &Roles) -> Result<Roles, Failure> {
        match self {
            Self::Show => Ok(roles.clone()),
            Self::Set(roles) => Ok(roles.clone()),
            Self::AddAndRemove { add, remove } => {
                let mut roles = Vec::from(roles.clone());
                roles.retain(|role| !remove.contains(role));
                roles.extend(add.iter().cloned());
                Ok(roles.try_into()?)
            }
        }
    }
}

pub(super) fn parse(roles: &[String]) -> Result<Roles, Failure> {
    let roles: Result<Vec<Role>, _> = roles.iter().map(|role| role.parse()).collect();
    Ok(roles?.try_into()?)
}

pub(super) async fn run(target: &Target, name: &Username, options: &RoleOptions) -> Result<(), Failure> {
    let edit = options.edit()?;
    if edit == Edit::Show {
        let table = Table::open(target, Access::Existing).await?;
        return show(target, &table.store, name).await;
    }
    let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
    for _ in 0..ATTEMPTS {
        let before = find(&table.store, name).await?;
        let (id, from) = (&before.user.id, before.user.roles.clone());
        let to = edit.apply(&from)?;
        if from == to {
            let summary = format!("nothing to change: {} has these roles", name.as_str());
            return report(target, &summary, &before, &before);
        }
        let summary = format!(
            "changed the roles of {}: {} → {}",
            name.as_str(),
            display::roles(&from),
            display::roles(&to)
        );
        let change = Change::ReplaceRoles { from, to };
        if table.store.change_user(id, &change, now()).await? {
            audit_log
                .record("user_roles_set", about(id, name))
                .map_err(Failure::after_the_change)?;
            let after = find(&table.store, name).await;
            return report(
                target,
                &summary,
                &before,
                &after.map_err(Failure::after_the_change)?,
            );
        }
    }
    Err(Failure::new(format!(
        "other commands keep changing the roles of {0}: run this command again, or show them with `gatecrumb user roles {0}`",
        name.as_str()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(set: Option<&[&str]>, add: &[&str], remove: &[&str], none: bool) -> RoleOptions {
        let owned = |roles: &[&str]| roles.iter().map(|&role| role.to_owned()).collect();
        RoleOptions {
            set: set.map(owned),
            add: owned(add),
            remove: owned(remove),
            none,
        }
    }

    fn roles(text: &str) -> Roles {
        let names: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        parse(&names).unwrap()
    }

    #[test]
    fn each_option_gives_its_roles() {
        for (options, before, after) in [
            (options(None, &[], &[], false), "a b", "a b"),
            (options(None, &[], &[], true), "a b", ""),
            (options(Some(&["c"]), &[], &[], false), "a b", "c"),
            (options(Some(&["b", "a", "b"]), &[], &[], false), "", "a b"),
            (options(None, &["c"], &[], false), "a b", "a b c"),
            (options(None, &["a"], &[], false), "a", "a"),
            (options(None, &[], &["a"], false), "a b", "b"),
            (options(None, &[], &["z"], false), "a b", "a b"),
            (options(None, &["c"], &["a"], false), "a b", "b c"),
        ] {
            let edit = options.edit().unwrap();
            assert_eq!(edit.apply(&roles(before)).unwrap(), roles(after), "{options:?}");
        }
        assert!(options(None, &["a"], &["a"], false).edit().is_err());
        assert!(options(Some(&[""]), &[], &[], false).edit().is_err());
    }

    #[test]
    fn no_user_gets_more_roles_than_allowed() {
        let names: Vec<String> = (0..16).map(|number| format!("role{number}")).collect();
        let full = parse(&names).unwrap();
        assert!(
            options(None, &["one.more"], &[], false)
                .edit()
                .unwrap()
                .apply(&full)
                .is_err()
        );
        let swap = options(None, &["one.more"], &["role3"], false).edit().unwrap();
        assert!(swap.apply(&full).is_ok());
    }
}
