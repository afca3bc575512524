//! What may be drawn for a random walk: moves, policies and accounts.

use proptest::prelude::*;

use super::*;

fn any_demand() -> impl Strategy<Value = Demand> {
    let max_age = prop_oneof![Just(None), (0..600_u64).prop_map(Some)];
    (any::<bool>(), max_age, any::<bool>()).prop_map(|(mfa, max_age, password)| Demand {
        mfa,
        max_age,
        password,
    })
}

fn any_audience() -> impl Strategy<Value = SessionAudience> {
    prop_oneof![Just(SessionAudience::Employee), Just(SessionAudience::Admin)]
}

pub(super) fn any_move() -> impl Strategy<Value = Move> {
    let standing = prop_oneof![3 => Just(Standing::Active), 1 => Just(Standing::Blocked)];
    let console = prop_oneof![2 => Just(Console::Allowed), 1 => Just(Console::Closed)];
    prop_oneof![
        6 => any::<bool>().prop_map(|right| Move::Password { right }),
        2 => Just(Move::ResetLink),
        3 => any::<bool>().prop_map(|right| Move::Passkey { right }),
        3 => any::<bool>().prop_map(|mfa| Move::Microsoft { mfa }),
        3 => any::<(bool, bool)>().prop_map(|(right, verifies)| Move::Key { right, verifies }),
        4 => any::<bool>().prop_map(|right| Move::Code { right }),
        1 => any::<bool>().prop_map(|right| Move::RecoveryCode { right }),
        1 => any::<bool>().prop_map(|right| Move::AccessPass { right }),
        1 => Just(Move::HelpDeskGivesPass),
        2 => any::<bool>().prop_map(|right| Move::EnrollmentCode { right }),
        3 => Just(Move::BeginEnrollment),
        3 => any::<bool>().prop_map(|right| Move::ConfirmEnrollment { right }),
        2 => any::<(bool, bool)>()
            .prop_map(|(right, verifies)| Move::EnrollKey { right, verifies }),
        3 => Just(Move::ChangePassword),
        2 => (0..900_i64).prop_map(|secs| Move::Wait { secs }),
        2 => (any_audience(), any_demand())
            .prop_map(|(audience, demand)| Move::NewRequest { audience, demand }),
        1 => Just(Move::SignOut),
        1 => Just(Move::AdminResetsFactors),
        2 => standing.prop_map(Move::AdminBlocks),
        1 => (0..3_600_i64).prop_map(|secs| Move::AdminSetsFirstPassword { secs }),
        1 => console.prop_map(Move::AdminSetsRole),
    ]
}

pub(super) fn any_policy() -> impl Strategy<Value = Policy> {
    let mfa = prop_oneof![
        Just(MfaPolicy::PhishingResistant),
        Just(MfaPolicy::Always),
        Just(MfaPolicy::OnDemand)
    ];
    let grace =
        prop_oneof![Just(None), (999_000..1_060_000_i64).prop_map(|s| Some(Ts::from_secs(s)))];
    (mfa, grace, any::<bool>()).prop_map(|(mfa, enrollment_grace_until, may_put_off)| Policy {
        mfa,
        enrollment_grace_until,
        may_put_off,
        ..Policy::default()
    })
}

fn any_devices() -> impl Strategy<Value = Devices> {
    prop_oneof![Just(Devices::App), Just(Devices::Keys), Just(Devices::Both)]
}

pub(super) fn any_account() -> impl Strategy<Value = Account> {
    let factors = prop_oneof![Just(Factors::None), any_devices().prop_map(Factors::Enrolled)];
    let enrollment = prop_oneof![Just(Enrollment::First), Just(Enrollment::Again)];
    (factors, enrollment).prop_map(|(factors, enrollment)| Account {
        standing: Standing::Active,
        factors,
        enrollment: if factors == Factors::None { enrollment } else { Enrollment::Again },
        must_change_before: None,
        console: Console::Allowed,
    })
}
