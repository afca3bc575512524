//! Where a sign-out leads: never to an address that only the request names (`federation.md` 1.5).

use model::relying_party::CloudHosts;

/// What a browser loads to end its session at Microsoft; fire and forget.
#[must_use]
pub fn cleanup_uri(hosts: &CloudHosts) -> String {
    format!("{}?wa=wsignoutcleanup1.0", hosts.reply())
}

/// Where a person goes to end every session at Microsoft.
#[must_use]
pub fn sign_out_uri(hosts: &CloudHosts) -> String {
    format!("{}/common/oauth2/logout", hosts.login)
}

/// Where to go after a sign-out: the asked address if it is registered, byte for byte (R074).
#[must_use]
pub fn registered_reply<'r>(registered: &'r [String], asked: Option<&str>) -> Option<&'r str> {
    let asked = asked?;
    registered.iter().map(String::as_str).find(|reply| *reply == asked)
}

#[cfg(test)]
mod tests {
    use model::relying_party::Cloud;

    use super::*;

    #[test]
    fn only_a_registered_address_is_followed() {
        let hosts = Cloud::Global.hosts().expect("a real cloud");
        let registered = [hosts.reply()];
        let asked = "https://login.microsoftonline.com/login.srf";
        assert_eq!(registered_reply(&registered, Some(asked)), Some(asked));
        for foreign in ["https://evil.example/", "https://login.microsoftonline.com/login.srf/"] {
            assert_eq!(registered_reply(&registered, Some(foreign)), None);
        }
        assert_eq!(registered_reply(&registered, None), None);
        assert_eq!(cleanup_uri(&hosts), format!("{asked}?wa=wsignoutcleanup1.0"));
        assert!(sign_out_uri(&hosts).starts_with("https://login.microsoftonline.com/"));
    }
}
