//! The checks of a pre-flight, each with its area and what people call it.

use serde::{Deserialize, Serialize};

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// The domain itself.
    Domain,
    /// Who can mend the tenant when sign-in stands still.
    WayBack,
    /// The people of the domain.
    People,
    /// What else the tenant demands at sign-in.
    Policies,
    /// This house: its addresses, keys and people.
    House,
}

impl Area {
    /// Every area, in the order of the checks.
    pub const ALL: [Self; 5] =
        [Self::Domain, Self::WayBack, Self::People, Self::Policies, Self::House];

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Domain => "The domain",
            Self::WayBack => "The way back in",
            Self::People => "The people of the domain",
            Self::Policies => "What the tenant demands",
            Self::House => "This house",
        }
    }
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident: $area:ident = $label:literal,)*) => {
        /// What is looked at.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Check { $($(#[$doc])* $name,)* }

        impl Check {
            /// Every check, area by area.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What it is about.
            #[must_use]
            pub const fn area(self) -> Area {
                match self { $(Self::$name => Area::$area,)* }
            }

            /// What is looked at, in a few words.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

checks! {
    /// Its ownership was proved.
    DomainVerified: Domain = "Verified in the tenant",
    /// A default domain can't be federated.
    NotDefault: Domain = "Not the default domain",
    /// Nor can the one that the tenant was born with.
    NotInitial: Domain = "Not the tenant's own onmicrosoft.com domain",
    /// A sub-domain follows its root.
    RootDomain: Domain = "A root domain",
    /// Sub-domains follow it at once.
    SubDomains: Domain = "Sub-domains",
    /// Somebody else may vouch for it now.
    FederatedBy: Domain = "Nobody else vouches for it",
    /// An issuer belongs to one domain.
    IssuerUnique: Domain = "Its issuer is no other domain's",
    /// Who gets in when federation does not work (Y08).
    EmergencyAccounts: WayBack = "Two emergency accounts",
    /// Who could not mend the tenant then.
    AdministratorsInside: WayBack = "Administrators of the domain",
    /// Who has none can't sign in.
    ImmutableIdMissing: People = "Everybody has an immutable id",
    /// Two people with the same one are one to Entra.
    ImmutableIdTwice: People = "No immutable id twice",
    /// One that nobody here has.
    ImmutableIdForeign: People = "Their immutable ids are known here",
    /// The domain of a token is the one of its person.
    SignInNameElsewhere: People = "Sign-in names agree",
    /// Assigned here, and not there.
    AssignedButAbsent: People = "Whoever is assigned is in the tenant",
    /// There, and not assigned here.
    ThereButUnassigned: People = "Whoever is in the tenant is assigned",
    /// Another synchronisation keeps them.
    Synchronised: People = "Nobody is synchronised from elsewhere",
    /// They sign in at home.
    Guests: People = "Guests",
    /// Whether one domain can vouch for another's people.
    TokenValidation: Policies = "Tokens count for their own domain",
    /// Microsoft's own demands.
    SecurityDefaults: Policies = "Security defaults",
    /// The oldest switch of them.
    PerUserMfa: Policies = "Per-user MFA",
    /// Microsoft's reset of passwords that it does not have.
    SelfReset: Policies = "Self-service password reset",
    /// Microsoft asks people to set up its own app.
    RegistrationCampaign: Policies = "Registration campaign",
    /// A second factor that is demanded and never comes.
    AccessLoop: Policies = "Conditional Access: second factors",
    /// A strength that no federated sign-in has.
    AccessStrength: Policies = "Conditional Access: authentication strengths",
    /// Signing in anew each time.
    SignInFrequency: Policies = "Conditional Access: sign-in frequency",
    /// What the app registration may do.
    Permissions: House = "Permissions of the app registration",
    /// The day on which the connection ends.
    SecretEnd: House = "Client secret",
    /// Tokens carry times.
    Clock: House = "Clock",
    /// Where people are sent.
    PublicAddress: House = "Public address",
    /// What browsers think of it.
    AddressCertificate: House = "TLS certificate of the address",
    /// What others read of us.
    Metadata: House = "Metadata",
    /// Where people arrive.
    SignInAddress: House = "Sign-in address",
    /// What Windows reads of us.
    Description: House = "Description for Windows (MEX)",
    /// The key that Microsoft shall trust.
    SigningCertificate: House = "Signing certificate",
    /// How long it can.
    SigningCertificateDates: House = "Dates of the signing certificate",
    /// The one after it.
    NextCertificate: House = "Next signing certificate",
    /// Who can do what Microsoft may ask for.
    FactorCoverage: House = "Second factors of the people here",
    /// Who can open the console.
    OwnersFactors: House = "Second factors of the owners",
    /// How people hear of anything.
    Mail: House = "Mail",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_enough_checks_and_those_of_an_area_stand_together() {
        assert!(Check::ALL.len() >= 30);
        let mut areas: Vec<Area> = Check::ALL.iter().map(|check| check.area()).collect();
        areas.dedup();
        assert_eq!(areas, Area::ALL);
    }
}
