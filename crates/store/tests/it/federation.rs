//! Tenants, domains, relying parties, signing keys, the journal of tokens, applications.

use model::{
    FactorEvent, Method,
    application::{Assignment, OnUnassign},
    entitlement::{Entitlement, Holder},
    explanation::Place,
    federated_domain::FederatedDomain,
    ids::{
        EntitlementId, FederatedDomainId, GroupId, IssuedTokenId, RelyingPartyId, SessionId,
        SigningKeyId, TenantId, UserId,
    },
    issued_token::{Asked, IssuedToken, Protocol, Reason, SaidClaim},
    pending_request::Demand,
    preflight::{Check, Finding, Mend, Preflight, Verdict},
    relying_party::PartyKind,
    signing_key::{PrivateKey, SigningKeyState},
    tenant::AppCredential,
    user::Group,
};
use secrecy::{ExposeSecret, SecretString};
use store::{
    Error, applications, assignments, entitlements, federated_domains, groups, issued_tokens,
    preflights, relying_parties, signing_keys, tenants,
    testing::{both, execute},
    users, wstrust_permits,
};

use crate::samples::{
    NOON, application, assignment, at, domain, id, office, permit, relying_party, secret_of,
    signing_key, tenant, user,
};

type Change = fn(&mut FederatedDomain);

#[test]
fn a_tenant_reads_back_with_its_secret() {
    both(async |store| {
        store
            .write(|tx| {
                let mut mine = tenant(40, "s3cret \u{1f511}");
                tenants::create(tx, &mine)?;
                let stored = tenants::by_id(tx, mine.id)?.expect("there");
                assert_eq!(secret_of(&stored), "s3cret \u{1f511}");
                assert_eq!(
                    (&stored.alias, stored.entra_tenant_id, stored.client_id, stored.cloud),
                    (&mine.alias, mine.entra_tenant_id, mine.client_id, mine.cloud)
                );
                assert_eq!(
                    (stored.credential_ends_at, &stored.hosts, stored.writes_stopped),
                    (mine.credential_ends_at, &mine.hosts, false)
                );
                mine.credential = AppCredential::Secret(SecretString::from("another"));
                mine.credential_ends_at = None;
                tenants::update(tx, &mine)?;
                tenants::stop_writes(tx, mine.id, true)?;
                let stored = tenants::all(tx)?.remove(0);
                assert_eq!(secret_of(&stored), "another");
                assert_eq!((stored.credential_ends_at, stored.writes_stopped), (None, true));
                assert!(tenants::stop_writes(tx, TenantId(id(99)), true).is_err());
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
        let mut twin = tenant(42, "x");
        twin.entra_tenant_id = tenant(40, "x").entra_tenant_id;
        let clash = store.write(move |tx| tenants::create(tx, &twin)).await;
        assert!(clash.is_err_and(|e| e.is_conflict_with("tenants_entra_tenant_id")));
    });
}

#[test]
fn a_domain_is_found_by_slug_and_name_and_each_is_given_once() {
    both(async |store| {
        store
            .write(|tx| {
                let owner = tenant(40, "x");
                tenants::create(tx, &owner)?;
                let mut mine = domain(50, owner.id);
                federated_domains::create(tx, &mine)?;
                for found in [
                    federated_domains::by_id(tx, mine.id)?,
                    federated_domains::by_slug(tx, "contoso-com")?,
                    federated_domains::by_name(tx, "CONTOSO.com")?,
                ] {
                    assert_eq!(found.as_ref(), Some(&mine));
                }
                assert_eq!(federated_domains::by_slug(tx, "Contoso-com")?, None);
                federated_domains::set_federated_at(tx, mine.id, Some(at(1)))?;
                mine.federated_at = Some(at(1));
                assert_eq!(federated_domains::all(tx)?, [mine.clone()]);
                federated_domains::set_federated_at(tx, mine.id, None)?;
                mine.federated_at = None;
                mine.enabled = false;
                federated_domains::update(tx, &mine)?;
                assert_eq!(federated_domains::by_id(tx, mine.id)?, Some(mine));
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
        let same: [(&str, Change); 3] = [
            ("federated_domains_name", |d| d.name = "Contoso.COM".to_owned()),
            ("federated_domains_slug", |d| d.slug = "contoso-com".to_owned()),
            ("federated_domains_issuer_uri", |d| {
                d.issuer_uri = domain(1, TenantId(id(40))).issuer_uri;
            }),
        ];
        for (constraint, make_same) in same {
            let mut other = domain(51, TenantId(id(40)));
            other.name = "other.com".to_owned();
            other.slug = "other-com".to_owned();
            other.issuer_uri = "urn:other".to_owned();
            make_same(&mut other);
            let clash = store.write(move |tx| federated_domains::create(tx, &other)).await;
            assert!(clash.as_ref().is_err_and(|e| e.is_conflict_with(constraint)), "{clash:?}");
        }
    });
}

#[test]
fn a_relying_party_is_found_by_exactly_its_realm() {
    both(async |store| {
        store
            .write(|tx| {
                let owner = tenant(40, "x");
                tenants::create(tx, &owner)?;
                let home = domain(50, owner.id);
                federated_domains::create(tx, &home)?;
                let mut party = relying_party(60, home.id);
                relying_parties::create(tx, &party)?;
                let found = relying_parties::by_realm(tx, home.id, &party.realm)?;
                assert_eq!(found.as_ref(), Some(&party), "replies keep their order");
                for foreign in
                    ["urn:federation:microsoftonline", "urn:federation:MicrosoftOnline ", ""]
                {
                    assert_eq!(relying_parties::by_realm(tx, home.id, foreign)?, None);
                }
                let elsewhere = FederatedDomainId(id(51));
                assert_eq!(relying_parties::by_realm(tx, elsewhere, &party.realm)?, None);
                relying_parties::set_enabled(tx, party.id, false)?;
                party.enabled = false;
                for kind in
                    [PartyKind::Microsoft, PartyKind::Saml2, PartyKind::WsFed, PartyKind::Oidc]
                {
                    party.kind = kind;
                    relying_parties::update(tx, &party)?;
                    assert_eq!(relying_parties::by_id(tx, party.id)?.as_ref(), Some(&party));
                }
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
        let twin = relying_party(61, FederatedDomainId(id(50)));
        let clash = store.write(move |tx| relying_parties::create(tx, &twin)).await;
        assert!(clash.is_err_and(|e| e.is_conflict_with("relying_parties_domain_id_realm")));
    });
}

#[test]
fn keys_move_from_next_to_active_to_retired() {
    both(async |store| {
        let old = signing_key(80, SigningKeyState::Active, b"old");
        store.write(move |tx| signing_keys::create(tx, &old)).await.expect("made");
        let new = SigningKeyId(id(81));
        let early = store.write(move |tx| signing_keys::promote(tx, new, NOON)).await;
        assert!(matches!(early, Err(Error::NotFound { .. })), "{early:?}");
        let second = signing_key(82, SigningKeyState::Retired, b"older");
        store
            .write(move |tx| signing_keys::create(tx, &second))
            .await
            .expect("retired ones add up");
        let ids = store
            .write(|tx| {
                let active = signing_keys::active(tx)?.map(|key| key.id);
                assert_eq!(active, Some(SigningKeyId(id(80))), "there was nothing to promote");
                let stored = signing_key(81, SigningKeyState::Next, b"new");
                signing_keys::create(tx, &stored)?;
                signing_keys::set_seen(tx, stored.id, Some(at(2)))?;
                let next = signing_keys::next(tx)?.expect("there");
                assert_eq!(next.seen_by_entra_at, Some(at(2)));
                signing_keys::set_seen(tx, stored.id, None)?;
                assert_eq!(signing_keys::next(tx)?.expect("there").seen_by_entra_at, None);
                assert_eq!(next.private_key.here().expect("here").expose_secret(), b"new");
                assert_eq!(next.certificate, stored.certificate);
                let elsewhere = PrivateKey::InToken(vec![0, 0x30, 0xff]);
                let mut in_token = signing_key(85, SigningKeyState::Retired, b"");
                in_token.private_key = elsewhere;
                signing_keys::create(tx, &in_token)?;
                let all = signing_keys::all(tx)?;
                let found = all.iter().find(|key| key.id == in_token.id).expect("there");
                assert!(
                    matches!(&found.private_key, PrivateKey::InToken(id) if *id == [0, 0x30, 0xff])
                );
                signing_keys::promote(tx, stored.id, at(3))?;
                assert!(signing_keys::next(tx)?.is_none());
                let retired = signing_keys::retirements(tx)?;
                assert_eq!(retired, [(SigningKeyId(id(80)), at(3))]);
                let active = signing_keys::active(tx)?.map(|key| key.id);
                Ok::<_, Error>((active, signing_keys::all(tx)?.len()))
            })
            .await
            .expect("promoted");
        assert_eq!(ids, (Some(SigningKeyId(id(81))), 4));
        let twice = store.write(move |tx| signing_keys::promote(tx, new, NOON)).await;
        assert!(matches!(twice, Err(Error::NotFound { .. })), "{twice:?}");
        let active = store.read(signing_keys::active).await.expect("read");
        assert_eq!(active.map(|key| key.id), Some(new), "a promotion that fails changes nothing");
        let second = signing_key(83, SigningKeyState::Active, b"two");
        let clash = store.write(move |tx| signing_keys::create(tx, &second)).await;
        assert!(
            clash.as_ref().is_err_and(|e| e.is_conflict_with("signing_keys_state")),
            "{clash:?}"
        );
    });
}

/// Of three tokens, two came from sessions.
fn lines_of_both_kinds(tx: &mut store::Tx) -> Result<(), Error> {
    let (lines, is_cut) = issued_tokens::sign_ins(tx, at(2), 1)?;
    assert!(!is_cut, "one of each kind");
    let seen = lines.iter().map(|it| (it.protocol, it.in_session, it.times, it.last));
    let two_kinds = [(Protocol::WsTrust, false, 1, at(3)), (Protocol::Saml2, true, 1, at(2))];
    assert_eq!(seen.collect::<Vec<_>>(), two_kinds);
    assert_eq!((&*lines[0].address, &*lines[0].agent), ("2001:db8::1", "Outlook/16"));
    assert_eq!(issued_tokens::sign_ins(tx, at(4), 9)?, (Vec::new(), false));
    let (lines, is_cut) = issued_tokens::sign_ins(tx, at(1), 1)?;
    assert_eq!((lines.len(), is_cut), (2, true), "there were two from sessions");
    Ok(())
}

/// R091
#[test]
fn a_token_is_written_down_once_even_when_what_it_names_is_gone() {
    both(async |store| {
        let token = |number: u128, name: &str, protocol: Protocol| IssuedToken {
            id: IssuedTokenId(id(number)),
            token_id: name.to_owned(),
            user_id: UserId(id(1)),
            session_id: (protocol != Protocol::WsTrust).then_some(SessionId(id(2))),
            domain_id: FederatedDomainId(id(3)),
            relying_party_id: RelyingPartyId(id(4)),
            protocol,
            signing_key_id: SigningKeyId(id(5)),
            issued_at: at(i64::try_from(number).expect("small")),
            events: vec![FactorEvent { method: Method::Totp, at: NOON }],
            says_mfa: true,
            client_address: "2001:db8::1".to_owned(),
            client_agent: "Outlook/16".to_owned(),
            asked: (number != 3).then(|| Asked {
                demand: Demand { mfa: true, max_age: Some(0), password: false },
                contexts: vec!["urn:context".to_owned()],
            }),
            digest: [9; 32],
            claims: vec![SaidClaim {
                name: "urn:claim".to_owned(),
                values: vec!["a\u{202e}\"b".to_owned(), String::new()],
                reason: Reason::SignInName,
            }],
        };
        let one = token(1, "_a", Protocol::WsFed);
        let two = token(2, "_b", Protocol::Saml2);
        let three = token(3, "_c", Protocol::WsTrust);
        let stored = [one.clone(), two.clone(), three.clone()];
        store
            .write(move |tx| stored.iter().try_for_each(|token| issued_tokens::record(tx, token)))
            .await
            .expect("recorded");
        store
            .read(move |tx| {
                assert_eq!(issued_tokens::count(tx)?, 3);
                let all = issued_tokens::of_user(tx, two.user_id, 9)?;
                assert_eq!(all, [three.clone(), two.clone(), one.clone()]);
                assert_eq!(issued_tokens::of_user(tx, three.user_id, 1)?, all[..1]);
                let page = issued_tokens::page_of_user(tx, three.user_id, 2, 1)?;
                assert_eq!((page.total, &page.rows[..]), (3, &all[1..]));
                let found = issued_tokens::by_program(tx, "outLOOK", at(3))?;
                let seen = found.iter().map(|it| (it.user_id, it.times, it.first, it.last));
                assert_eq!(seen.collect::<Vec<_>>(), [(three.user_id, 1, at(3), at(3))]);
                assert_eq!(issued_tokens::by_program(tx, "Outlook", at(4))?, []);
                assert_eq!(issued_tokens::by_program(tx, "Windows", at(0))?, []);
                lines_of_both_kinds(tx)?;
                let nobody = issued_tokens::page_of_user(tx, UserId(id(77)), 2, 0)?;
                assert_eq!((nobody.total, nobody.rows.len()), (0, 0));
                Ok::<_, Error>(())
            })
            .await
            .expect("read");
        let again = token(4, "_a", Protocol::WsFed);
        let clash = store.write(move |tx| issued_tokens::record(tx, &again)).await;
        assert!(clash.is_err_and(|e| e.is_conflict_with("issued_tokens_token_id")));
    });
}

#[test]
fn what_reaches_a_person_is_their_own_and_what_their_groups_were_given() {
    both(async |store| {
        store
            .write(|tx| {
                let (alice, _, office) = office(tx)?;
                let sales = Group { id: GroupId(id(20)), name: "Sales".to_owned() };
                let others = Group { id: GroupId(id(21)), name: "Others".to_owned() };
                for group in [&sales, &others] {
                    groups::create(tx, group)?;
                }
                groups::add_member(tx, sales.id, alice)?;
                let given = |number, to, since| Entitlement {
                    id: EntitlementId(id(number)),
                    application_id: office.id,
                    to,
                    licences: assignment(71, alice, office.id).licences,
                    since,
                };
                let through = given(90, Holder::Group(sales.id), at(1));
                let own = given(91, Holder::Person(alice), at(2));
                let foreign = given(92, Holder::Group(others.id), at(3));
                for entitlement in [&through, &own, &foreign] {
                    entitlements::put(tx, entitlement)?;
                }
                assert_eq!(entitlements::reaching(tx, alice)?, [own.clone(), through.clone()]);
                assert_eq!(entitlements::of_group(tx, sales.id)?, std::slice::from_ref(&through));
                assert_eq!(entitlements::of_groups(tx)?, [through.clone(), foreign]);
                let newer = given(93, Holder::Person(alice), at(4));
                entitlements::put(tx, &newer)?;
                assert_eq!(entitlements::reaching(tx, alice)?, [newer, through.clone()]);
                assert!(entitlements::take(tx, office.id, Holder::Person(alice))?);
                assert!(!entitlements::take(tx, office.id, Holder::Person(alice))?, "nothing left");
                assert_eq!(entitlements::reaching(tx, alice)?, [through]);
                assert!(entitlements::take(tx, office.id, Holder::Group(sales.id))?);
                assert_eq!(entitlements::reaching(tx, alice)?, []);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// What the migration does with people who were assigned before there were entitlements.
#[test]
fn whoever_was_assigned_before_was_given_it_by_themselves() {
    const MIGRATION: &str =
        include_str!("../../../../migrations/sqlite/2026-11-29-170000_create_entitlements/up.sql");
    const SERVERS: &str = include_str!(
        "../../../../migrations/postgres/2026-11-29-170000_create_entitlements/up.sql"
    );
    let fill = |sql: &'static str| sql.split(';').find(|sql| sql.contains("INSERT INTO"));
    assert_eq!(fill(MIGRATION), fill(SERVERS));
    both(async |store| {
        store
            .write(move |tx| {
                let (alice, _, office) = office(tx)?;
                users::create(tx, &user(2, "Bob"))?;
                let bob = UserId(id(2));
                assignments::add(tx, &assignment(71, alice, office.id))?;
                assignments::add(tx, &assignment(72, bob, office.id))?;
                assignments::end(tx, assignment(72, bob, office.id).id, at(5))?;
                execute(tx, fill(MIGRATION).expect("there"))?;
                let hers = entitlements::reaching(tx, alice)?;
                let now = assignments::active(tx, alice, office.id)?.expect("live");
                assert_eq!(hers.len(), 1);
                assert_eq!(hers[0].to, Holder::Person(alice));
                assert_eq!((&hers[0].licences, hers[0].since), (&now.licences, now.assigned_at));
                assert_eq!(hers[0].application_id, office.id);
                assert_eq!(entitlements::reaching(tx, bob)?, [], "his had ended");
                Ok::<_, Error>(())
            })
            .await
            .expect("filled");
    });
}

#[test]
fn an_assignment_lives_once_and_ended_ones_stay() {
    both(async |store| {
        store
            .write(|tx| {
                let (alice, _, mut office) = office(tx)?;
                assert_eq!(applications::of_tenant(tx, office.tenant_id)?.as_ref(), Some(&office));
                office.settings.on_unassign = OnUnassign::Keep;
                applications::update_settings(tx, office.id, &office.settings)?;
                assert_eq!(applications::by_id(tx, office.id)?.as_ref(), Some(&office));
                assert_eq!(applications::all(tx)?, [office.clone()]);

                let bob = user(2, "Bob");
                users::create(tx, &bob)?;
                let his = assignment(73, bob.id, office.id);
                assignments::add(tx, &his)?;
                let mut first = assignment(71, alice, office.id);
                assignments::add(tx, &first)?;
                assert_eq!(assignments::active(tx, alice, office.id)?.as_ref(), Some(&first));
                assignments::end(tx, first.id, at(5))?;
                assert!(assignments::end(tx, first.id, at(6)).is_err(), "ended");
                assert_eq!(assignments::active(tx, alice, office.id)?, None);
                first.ended_at = Some(at(5));
                assert_eq!(assignments::newest(tx, alice, office.id)?.as_ref(), Some(&first));
                assert_eq!(assignments::latest(tx, office.id)?, [first.clone(), his.clone()]);
                // The clock may not have moved since: the live one counts.
                let same = Assignment {
                    assigned_at: first.assigned_at,
                    ..assignment(70, alice, office.id)
                };
                assignments::add(tx, &same)?;
                assert_eq!(assignments::newest(tx, alice, office.id)?.as_ref(), Some(&same));
                assert_eq!(assignments::latest(tx, office.id)?, [same.clone(), his.clone()]);
                assignments::end(tx, same.id, at(6))?;
                let second = Assignment { assigned_at: at(7), ..assignment(72, alice, office.id) };
                assignments::add(tx, &second)?;
                assert_eq!(assignments::newest(tx, alice, office.id)?.as_ref(), Some(&second));
                assert_eq!(assignments::latest(tx, office.id)?, [second.clone(), his]);
                assert_eq!(assignments::active_of_user(tx, alice)?, [second]);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
        let twice = assignment(74, UserId(id(1)), application(70, TenantId(id(40))).id);
        let clash = store.write(move |tx| assignments::add(tx, &twice)).await;
        assert!(
            clash.as_ref().is_err_and(|e| e.is_conflict_with("assignments_user_id_application_id")),
            "{clash:?}"
        );
    });
}

#[test]
fn a_domain_has_one_permit_at_most_and_it_reads_back() {
    both(async |store| {
        store
            .write(|tx| {
                tenants::create(tx, &tenant(40, "x"))?;
                let mine = domain(50, tenant(40, "x").id);
                federated_domains::create(tx, &mine)?;
                assert_eq!(wstrust_permits::of_domain(tx, mine.id)?, None);
                let first = permit(mine.id, UserId(id(1)));
                wstrust_permits::put(tx, &first)?;
                assert_eq!(wstrust_permits::of_domain(tx, mine.id)?, Some(first));
                let second = permit(mine.id, UserId(id(3)));
                wstrust_permits::put(tx, &second)?;
                assert_eq!(wstrust_permits::of_domain(tx, mine.id)?, Some(second));
                assert!(wstrust_permits::remove(tx, mine.id)?);
                assert!(!wstrust_permits::remove(tx, mine.id)?);
                assert_eq!(wstrust_permits::of_domain(tx, mine.id)?, None);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn the_newest_pre_flight_of_a_domain_is_kept_whole() {
    both(async |store| {
        store
            .write(|tx| {
                let owner = tenant(40, "s");
                tenants::create(tx, &owner)?;
                let ours = domain(41, owner.id);
                federated_domains::create(tx, &ours)?;
                assert_eq!(preflights::of_domain(tx, ours.id)?, None);
                let finding = Finding {
                    check: Check::EmergencyAccounts,
                    verdict: Verdict::Failed,
                    evidence: "There is only one, \u{1f511}.".to_owned(),
                    mend: Some(Mend {
                        fix: "Make two.".to_owned(),
                        place: Some(Place::EntraUsers),
                    }),
                };
                let state = vec![("Security defaults".to_owned(), "off".to_owned())];
                let mut newest =
                    Preflight { domain: ours.id, at: NOON, state, findings: vec![finding] };
                preflights::put(tx, &newest)?;
                assert_eq!(preflights::of_domain(tx, ours.id)?.as_ref(), Some(&newest));
                newest.findings.clear();
                newest.at = at(1);
                preflights::put(tx, &newest)?;
                assert_eq!(preflights::of_domain(tx, ours.id)?, Some(newest));
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}
