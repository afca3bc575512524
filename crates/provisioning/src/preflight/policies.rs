//! What the tenant demands at sign-in besides us (`federation.md` 0.4, 5; `graph.md` 9.4).

use model::{
    explanation::Place,
    federated_domain::MfaBehavior,
    preflight::{Check, Finding},
    tenant_state::{AccessPolicy, TokenValidation},
};

use super::{Observed, failed, named, passed, people, seen, warning};

pub(super) fn findings(observed: &Observed) -> Vec<Finding> {
    vec![
        token_validation(observed),
        security_defaults(observed),
        per_user_mfa(observed),
        self_reset(observed),
        registration_campaign(observed),
        access_loop(observed),
        access_strength(observed),
        sign_in_frequency(observed),
    ]
}

/// Microsoft does the second factor whatever we did, so its own demands are wanted.
fn microsoft_asks(observed: &Observed) -> bool {
    observed.ours.mfa_behavior == MfaBehavior::Reject
}

fn token_validation(observed: &Observed) -> Finding {
    let check = Check::TokenValidation;
    let covers = |policy: &TokenValidation| match policy.root_domains.as_str() {
        "all" | "allFederated" | "allManagedAndEnumeratedFederated" => true,
        "enumerated" => policy.names.contains(&observed.domain),
        _ => false,
    };
    seen(check, &observed.tenant.token_validation, |policy| {
        let said = &policy.root_domains;
        if covers(policy) {
            return passed(check, format!("Microsoft compares the domains of a token ({said})."));
        }
        let fix = "Set rootDomains of the federatedTokenValidationPolicy to all: otherwise whoever \
                   vouches for one domain vouches for the people of another.";
        if said == "none" {
            let evidence = "Microsoft takes a token of any federated domain for anybody (none).";
            return failed(check, evidence, (fix, None));
        }
        let evidence = format!("Microsoft does not compare for {} ({said}).", observed.domain);
        warning(check, evidence, (fix, None))
    })
}

fn security_defaults(observed: &Observed) -> Finding {
    let check = Check::SecurityDefaults;
    seen(check, &observed.tenant.security_defaults, |on| {
        if !on {
            return passed(check, "Off: they ask for nothing besides us.");
        }
        if microsoft_asks(observed) {
            return passed(check, "On, and Microsoft shall ask for its second factor as planned.");
        }
        let fix = "Leave them on while administrators rely on them. They have people set up \
                   Microsoft's own second factor beside ours; Conditional Access can ask for one \
                   without that.";
        let evidence = "On: people may be told to set up a second factor at Microsoft as well.";
        warning(check, evidence, (fix, Place::EntraSecurityDefaults))
    })
}

fn per_user_mfa(observed: &Observed) -> Finding {
    let check = Check::PerUserMfa;
    seen(check, &observed.tenant.per_user_mfa, |found| {
        let read = if found.read < found.people {
            format!(" Only {} of {} were read.", found.read, people(found.people))
        } else {
            String::new()
        };
        if found.demanded.is_empty() && !read.is_empty() && !microsoft_asks(observed) {
            let fix = "Look at the others at Microsoft: the script asks each of them.";
            let evidence = format!("It is enabled for nobody who was looked at.{read}");
            return warning(check, evidence, (fix, Place::EntraUsers));
        }
        if found.demanded.is_empty() {
            return passed(check, format!("It is enabled for nobody.{read}"));
        }
        let names = named(&found.demanded);
        let count = people(found.demanded.len());
        if microsoft_asks(observed) {
            return passed(check, format!("Enabled for {count}, as planned: {names}.{read}"));
        }
        let fix = "Disable it for them and ask for second factors by Conditional Access or here: \
                   they would set one up at Microsoft beside ours.";
        let evidence = format!("Enabled for {count}: {names}.{read}");
        warning(check, evidence, (fix, Place::EntraUsers))
    })
}

fn self_reset(observed: &Observed) -> Finding {
    const UNREAD: &str = "The switch for everybody else can't be read by any program: look at it.";
    let check = Check::SelfReset;
    seen(check, &observed.tenant.self_reset, |on| {
        if !on {
            return passed(check, format!("Off for administrators. {UNREAD}"));
        }
        let fix = "Nothing breaks: federated people have no password at Microsoft that they could \
                   reset, and are told so there. Switch it off for them to spare them that page.";
        let evidence = format!("On for administrators. {UNREAD}");
        warning(check, evidence, (fix, Place::EntraPasswordReset))
    })
}

fn registration_campaign(observed: &Observed) -> Finding {
    let check = Check::RegistrationCampaign;
    seen(check, &observed.tenant.registration_campaign, |state| {
        if state == "disabled" {
            return passed(check, "Disabled: nobody is asked to set up Microsoft's app.");
        }
        if microsoft_asks(observed) {
            return passed(
                check,
                "On, and people shall set up Microsoft's second factor as planned.",
            );
        }
        let how = if state == "default" { "as Microsoft decides" } else { "enabled" };
        let fix =
            "Disable it, or exclude the people of the domain: they need no second factor there.";
        let evidence = format!(
            "It runs {how}: people may be asked to set up Microsoft's app after signing in here."
        );
        warning(check, evidence, (fix, Place::EntraAuthenticationMethods))
    })
}

/// The names of the policies that decide and for which it holds.
fn deciding(policies: &[AccessPolicy], holds: impl Fn(&AccessPolicy) -> bool) -> Vec<&str> {
    let deciding = policies.iter().filter(|policy| policy.enforced && holds(policy));
    deciding.map(|policy| policy.name.as_str()).collect()
}

fn access_loop(observed: &Observed) -> Finding {
    let check = Check::AccessLoop;
    seen(check, &observed.tenant.access_policies, |policies| {
        let names = deciding(policies, |policy| policy.wants_factor);
        if names.is_empty() {
            return passed(check, "No policy that decides asks for a second factor.");
        }
        let (wanted, without) = (named(&names), observed.without_factor());
        let has_none = format!("{} have none here: {}.", people(without.len()), named(&without));
        match observed.ours.mfa_behavior {
            MfaBehavior::Reject => {
                let fix = "Let Microsoft accept our second factor, or switch ours off for Microsoft \
                           365: people are asked twice.";
                let evidence = format!(
                    "Microsoft asks for its own second factor ({wanted}), whatever was done here."
                );
                warning(check, evidence, (fix, Place::Domains))
            }
            _ if without.is_empty() => {
                passed(check, format!("{wanted} ask for one, and everybody assigned has one here."))
            }
            MfaBehavior::Enforce => {
                let fix = "Have them set one up first: Microsoft sends them back here for it, again \
                           and again.";
                let evidence = format!("{wanted} ask for a second factor, and {has_none}");
                failed(check, evidence, (fix, Place::Campaign))
            }
            MfaBehavior::Accept => {
                let fix = "Have them set one up first: otherwise Microsoft asks them for one of its \
                           own.";
                let evidence = format!("{wanted} ask for a second factor, and {has_none}");
                warning(check, evidence, (fix, Place::Campaign))
            }
        }
    })
}

fn access_strength(observed: &Observed) -> Finding {
    let check = Check::AccessStrength;
    seen(check, &observed.tenant.access_policies, |policies| {
        let beyond = policies.iter().filter(|policy| policy.enforced).filter_map(|policy| {
            let strength = policy.strength_beyond_us.as_ref()?;
            Some(format!("{} ({strength})", policy.name))
        });
        let names: Vec<String> = beyond.collect();
        if names.is_empty() {
            return passed(check, "No policy that decides asks for more than a second factor.");
        }
        let fix = "Exclude the people of the domain, or have them set up a passkey at Microsoft: \
                   no federated sign-in has this strength, not even by a passkey here.";
        let evidence = format!("These can't be satisfied by signing in here: {}.", named(&names));
        warning(check, evidence, (fix, Place::EntraConditionalAccess))
    })
}

fn sign_in_frequency(observed: &Observed) -> Finding {
    let check = Check::SignInFrequency;
    seen(check, &observed.tenant.access_policies, |policies| {
        let names = deciding(policies, |policy| policy.every_time);
        if names.is_empty() {
            return passed(check, "No policy that decides has people sign in each time.");
        }
        let fix =
            "Choose hours or days: each time, people type their password and code here again.";
        let evidence = format!("These have people sign in anew each time: {}.", named(&names));
        warning(check, evidence, (fix, Place::EntraConditionalAccess))
    })
}
