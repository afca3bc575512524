//! What each row of a file would do, judged against who is here; nothing is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{
    Role, Upn,
    ids::{GroupId, UserId},
    import::{Field, Import, Terms},
    upn::fold,
    user::{Group, Profile, User},
};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::{Digest as _, Sha256};
use sources::Table;
use store::{Tx, federated_domains, former_names, groups, users};

use super::{
    accounts::{self, AccountPlan},
    content,
    judge::Judge,
};
use crate::{Admin, Result, groups::named_by};

/// What a row would do.
#[derive(Debug, Clone)]
pub struct RowCheck {
    /// The line that it begins in.
    pub line: u32,
    /// The sign-in name, as it stands there.
    pub upn: String,
    /// What it would do.
    pub verdict: RowVerdict,
}

/// What a row would do, or what is wrong with it.
#[derive(Debug, Clone)]
pub enum RowVerdict {
    /// Make a person.
    New(Box<Wanted>),
    /// Change somebody who is here, if the admin wants that.
    Changes(Box<Change>),
    /// Do what was ticked of an account of a tenant.
    Account(Box<AccountPlan>),
    /// Nothing: they are here and as the file says.
    Same(UserId),
    /// It is left out.
    Wrong(Vec<CellProblem>),
}

/// A person as a row wants them.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The sign-in name.
    pub upn: Upn,
    /// The profile.
    pub profile: Profile,
    /// The groups.
    pub groups: Vec<Group>,
    /// Their password, as another system hashed it.
    pub password_hash: Option<SecretString>,
    /// The seed of their authenticator app.
    pub seed: Option<SecretSlice<u8>>,
}

/// What a row changes of somebody who is here.
#[derive(Debug, Clone)]
pub struct Change {
    /// Who.
    pub id: UserId,
    /// Their profile now.
    pub before: Profile,
    /// Their profile then.
    pub after: Profile,
    /// The groups that they come into.
    pub groups: Vec<Group>,
}

impl Change {
    /// What changes, each as "what: before -> after".
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let joined = self.groups.iter().map(|group| format!("group: + {}", group.name));
        crate::accounts::differences(&self.before, &self.after).into_iter().chain(joined).collect()
    }
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellProblem {
    /// The name of its column; empty when the whole row is meant.
    pub column: String,
    /// What stands there, cut short.
    pub value: String,
    /// What is wrong and what to do.
    pub sentence: String,
}

/// Who and what is here, as far as rows are judged by it.
pub(super) struct Here {
    pub(super) people: HashMap<String, User>,
    /// Names that somebody had before, with the one that they have now.
    pub(super) former: HashMap<String, String>,
    /// Whose mail address it is.
    pub(super) mail: HashMap<String, UserId>,
    pub(super) groups: HashMap<String, Group>,
    /// Groups that a rule or a permit decides by, when this admin may not change who is in them.
    pub(super) guarded: BTreeMap<GroupId, String>,
    pub(super) members: HashMap<UserId, Vec<GroupId>>,
    pub(super) domains: BTreeSet<String>,
}

impl Here {
    fn of(tx: &mut Tx, admin: &Admin) -> Result<Self> {
        let everybody = users::all(tx)?;
        let mails = everybody.iter().filter_map(|u| Some((fold(u.profile.mail.as_ref()?), u.id)));
        let mail = mails.collect();
        let groups: Vec<Group> = groups::all(tx)?.into_iter().map(|(group, _)| group).collect();
        let mut guarded = BTreeMap::new();
        if !admin.role().covers(Role::SecurityAdmin) {
            for group in &groups {
                let by = named_by(tx, group.id)?.into_iter().next();
                guarded.extend(by.map(|by| (group.id, by)));
            }
        }
        let domains = federated_domains::all(tx)?.into_iter().map(|domain| domain.name);
        Ok(Self {
            mail,
            guarded,
            domains: domains.collect(),
            members: store::groups::memberships(tx)?,
            groups: groups.into_iter().map(|group| (fold(&group.name), group)).collect(),
            former: former(tx, &everybody)?,
            people: everybody.into_iter().map(|user| (user.upn.folded(), user)).collect(),
        })
    }
}

/// Names that somebody had before, with the one that they have now.
fn former(tx: &mut Tx, everybody: &[User]) -> Result<HashMap<String, String>> {
    let now: HashMap<UserId, &Upn> = everybody.iter().map(|user| (user.id, &user.upn)).collect();
    let holders = former_names::last_holders(tx)?.into_iter();
    Ok(holders.filter_map(|(name, id)| Some((name, now.get(&id)?.to_string()))).collect())
}

/// The columns of an import's file, and what each row would do; `None` once the file is forgotten.
pub(super) fn judged(
    tx: &mut Tx,
    admin: &Admin,
    import: &Import,
) -> Result<Option<(Vec<String>, Vec<RowCheck>)>> {
    if let Some(tenant) = import.terms.tenant {
        return Ok(Some((Vec::new(), accounts::judged(tx, import, tenant)?)));
    }
    let Some(table) = content(tx, import.id)? else { return Ok(None) };
    let here = Here::of(tx, admin)?;
    let checks = check(&table, &import.terms, &here);
    Ok(Some((table.columns, checks)))
}

fn check(table: &Table, terms: &Terms, here: &Here) -> Vec<RowCheck> {
    if !terms.mapping.contains_key(&Field::Upn) {
        return Vec::new();
    }
    let mut judge = Judge::new(&table.columns, terms, here);
    table.rows.iter().map(|row| judge.judge(row)).collect()
}

/// What a judgement is known by.
pub(super) fn fingerprint(terms: &Terms, checks: &[RowCheck]) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{} {:?}", terms.update, terms.mapping));
    for check in checks {
        digest.update(format!("{check:?}\n"));
    }
    hex::encode(digest.finalize())
}

/// What is known of each row that was shown, in the order of the rows.
pub(super) fn marks(checks: &[RowCheck]) -> SecretSlice<u8> {
    checks.iter().flat_map(mark).collect::<Vec<u8>>().into()
}

/// The rows, without those that would do something else now than what was shown.
pub(super) fn as_seen(checks: Vec<RowCheck>, marks: &SecretSlice<u8>) -> Vec<RowCheck> {
    let mut marks = marks.expose_secret().chunks(MARK);
    let same = |check: RowCheck| match marks.next() {
        Some(seen) if seen == mark(&check) => check,
        _ => {
            let sentence = "It is no longer what you saw before the import stopped. See what would \
                            happen to it now, and import it anew.";
            let (column, value) = (String::new(), String::new());
            let problem = CellProblem { column, value, sentence: sentence.to_owned() };
            RowCheck { verdict: RowVerdict::Wrong(vec![problem]), ..check }
        }
    };
    checks.into_iter().map(same).collect()
}

/// How long a mark is.
const MARK: usize = 32;

fn mark(check: &RowCheck) -> [u8; MARK] {
    Sha256::digest(format!("{check:?}")).into()
}
