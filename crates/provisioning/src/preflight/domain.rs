//! The domain itself (`graph.md` 8.1, 8.5).

use model::{
    entra::EntraDomain,
    explanation::Place,
    preflight::{Check, Finding},
};

use super::{Observed, failed, named, passed, seen, unseen, warning};

pub(super) fn findings(observed: &Observed) -> Vec<Finding> {
    let mut findings = of_itself(observed);
    findings.extend([sub_domains(observed), federated_by(observed), issuer_unique(observed)]);
    findings
}

/// What the domain's own object says; without one none of it can be seen.
fn of_itself(observed: &Observed) -> Vec<Finding> {
    let name = &observed.domain;
    let checks = [
        (Check::DomainVerified, verified as fn(&str, &EntraDomain) -> Finding),
        (Check::NotDefault, not_default),
        (Check::NotInitial, not_initial),
        (Check::RootDomain, root),
    ];
    let domains = &observed.tenant.domains;
    let found = domains.as_ref().map(|all| all.iter().find(|domain| domain.name == *name));
    let judge = |(check, judge): (Check, fn(&str, &EntraDomain) -> Finding)| match found {
        Ok(Some(domain)) => judge(name, domain),
        Ok(None) if check == Check::DomainVerified => {
            let fix = "Add the domain to the tenant and prove that it is yours.";
            let evidence = format!("The tenant has no domain {name}.");
            failed(check, evidence, (fix, Place::EntraDomains))
        }
        Ok(None) => unseen(check, &format!("The tenant has no domain {name}.")),
        Err(why) => unseen(check, why),
    };
    checks.map(judge).into()
}

fn verified(name: &str, domain: &EntraDomain) -> Finding {
    if domain.verified {
        return passed(
            Check::DomainVerified,
            format!("Microsoft has seen the DNS record of {name}."),
        );
    }
    let fix = "Prove that the domain is yours: add its TXT record to DNS and verify it.";
    let evidence = format!("{name} is in the tenant, but nobody has proved that it is yours.");
    failed(Check::DomainVerified, evidence, (fix, Place::EntraDomains))
}

fn not_default(name: &str, domain: &EntraDomain) -> Finding {
    if !domain.default {
        return passed(Check::NotDefault, "Another domain is the default one.");
    }
    let fix =
        "Make the onmicrosoft.com domain the default one: a default domain can't be federated.";
    let evidence = format!("{name} is the tenant's default domain.");
    failed(Check::NotDefault, evidence, (fix, Place::EntraDomains))
}

fn not_initial(name: &str, domain: &EntraDomain) -> Finding {
    if !domain.initial {
        return passed(Check::NotInitial, format!("{name} was added to the tenant later."));
    }
    let fix = "Federate a domain of your own; this one stays Microsoft's, and is your way back in.";
    let evidence = format!("{name} is the domain that the tenant was born with.");
    failed(Check::NotInitial, evidence, (fix, Place::EntraDomains))
}

fn root(name: &str, domain: &EntraDomain) -> Finding {
    if domain.root {
        return passed(Check::RootDomain, format!("{name} has a federation of its own."));
    }
    let fix =
        "Federate its root domain, which it follows, or make it a root domain of its own first.";
    let evidence = format!("{name} is a sub-domain: it is federated as its root domain is.");
    failed(Check::RootDomain, evidence, (fix, Place::EntraDomains))
}

fn sub_domains(observed: &Observed) -> Finding {
    let check = Check::SubDomains;
    seen(check, &observed.tenant.domains, |domains| {
        let ending = format!(".{}", observed.domain);
        let follows = |it: &&EntraDomain| !it.root && it.name.ends_with(&ending);
        let names: Vec<&str> =
            domains.iter().filter(follows).map(|domain| domain.name.as_str()).collect();
        if names.is_empty() {
            return passed(check, "No sub-domain follows it.");
        }
        let fix = "Make sure that their people are known here as well: they are sent here with the \
                   others.";
        let evidence =
            format!("With {} these are federated, too: {}.", observed.domain, named(&names));
        warning(check, evidence, (fix, Place::People))
    })
}

fn federated_by(observed: &Observed) -> Finding {
    let check = Check::FederatedBy;
    seen(check, &observed.tenant.federations, |all| {
        let Some((name, theirs)) = all.iter().find(|(name, _)| *name == observed.domain) else {
            return passed(check, "Its people sign in at Microsoft now.");
        };
        if theirs.issuer_uri == observed.ours.issuer_uri {
            return passed(check, format!("{name} is federated with this house already."));
        }
        let fix = "Keep what is there: the script saves it to a file, and the revert script gives it \
                   back. From the switch on, nobody signs in there any more.";
        let evidence = format!(
            "{name} is federated with {} now; people are sent to {}.",
            theirs.issuer_uri, theirs.passive_sign_in_uri
        );
        warning(check, evidence, (fix, Place::Domains))
    })
}

fn issuer_unique(observed: &Observed) -> Finding {
    let check = Check::IssuerUnique;
    seen(check, &observed.tenant.federations, |all| {
        let ours = &observed.ours.issuer_uri;
        let same = |(name, theirs): &&(String, _)| {
            let theirs: &model::entra::FederationConfiguration = theirs;
            *name != observed.domain && theirs.issuer_uri == *ours
        };
        let Some((name, _)) = all.iter().find(same) else {
            return passed(check, format!("No other domain of the tenant has the issuer {ours}."));
        };
        let fix = "Give the other domain an issuer of its own first: Microsoft refuses one twice.";
        let evidence = format!("{name} has the same issuer, {ours}.");
        failed(check, evidence, (fix, Place::EntraDomains))
    })
}
