//! Hashes as other programs make them: glibc's crypt, Python's hashlib, the reference Argon2.

use super::*;

const PASSWORD: &str = "correct horse battery";

const TAKEN: [&str; 8] = [
    "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "$2y$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "$2a$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    " {CRYPT}$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo. ",
    "pbkdf2_sha256$1000$abcSALT$6+Z6KQZ3j1yqslUWoJGNU6zjgk0ZQKbVaCsOUBl8Jww=",
    "{PBKDF2-SHA256}10000$....c2FsdDEyMzQ$92A6/vTWwXRF9y80ZG8mQEdFR8mTXYkgQ3FGAbHlM3o",
    "{pbkdf2-sha512}10000$....c2FsdDEyMzQ$USdlyOowfyIm8C1Vk.uE2W07BVNOedHOFF5ajBXSPrdrhhCamTKS1QyRjFMsZPC0uL26U8QA0smk6TlcwCz16w",
    "{SSHA512}QOZ0WJFlSsWxwsBsupmlywYHsTXLksvamFsJJ+kcy5d3+UwtZHlzrNVNkgUEahEnTPkf4ckoCn+PJZ9WOKzal3NhbHRzYWx0",
];

#[test]
fn hashes_of_other_programs_fit_the_right_password_alone() {
    for text in TAKEN {
        let hash = Imported::read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert!(hash.fits(PASSWORD), "{text}");
        for wrong in ["", "correct horse batterx", "Correct horse battery", "correct horse"] {
            assert!(!hash.fits(wrong), "{text}: {wrong}");
        }
    }
}

#[test]
fn argon2_of_other_systems_is_checked_with_its_own_parameters() {
    for text in [
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        "{ARGON2}$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ] {
        let hash = Imported::read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert!(hash.fits("password"), "{text}");
        assert!(!hash.fits("Password"), "{text}");
    }
}

/// bcrypt looks at 72 bytes alone.
#[test]
fn a_password_longer_than_bcrypt_reads_never_fits() {
    let full = "x".repeat(72);
    let hash = ::bcrypt::hash_with_salt(&full, 4, [7; 16]).unwrap().to_string();
    let hash = Imported::read(&hash).unwrap();
    assert!(hash.fits(&full));
    for tail in ["x", "anything else"] {
        assert!(!hash.fits(&format!("{full}{tail}")), "{tail}");
    }
    assert!(!hash.fits(&full[1..]));
}

fn refused(text: &str) -> Option<Unusable> {
    Imported::read(text).err()
}

/// R157
#[test]
fn what_would_keep_the_server_busy_is_refused_unread() {
    let bcrypt = TAKEN[0].replacen("05", "14", 1);
    assert_eq!(refused(&bcrypt), Some(Unusable::TooCostly));
    assert_eq!(refused(&bcrypt.replacen("14", "31", 1)), Some(Unusable::TooCostly));
    assert_eq!(refused(&bcrypt.replacen("14", "99", 1)), Some(Unusable::TooCostly));
    for rounds in ["2000001", "4294967296", "18446744073709551615"] {
        let text = TAKEN[4].replacen("1000", rounds, 1);
        assert_eq!(refused(&text), Some(Unusable::TooCostly), "{text}");
    }
    for params in [
        "m=4194304,t=1,p=1",
        "m=65537,t=1,p=1",
        "m=65536,t=9,p=1",
        "m=19456,t=4000000,p=1",
        "m=65536,t=1,p=64",
    ] {
        let text = format!(
            "$argon2id$v=19${params}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        );
        assert_eq!(refused(&text), Some(Unusable::TooCostly), "{text}");
    }
}

#[test]
fn what_is_no_hash_or_cut_off_is_refused() {
    for unknown in [
        "",
        "Summer2024!",
        "{SSHA}abcd",
        "{SHA512}abcd",
        "$1$salt$hash",
        "$6$salt$hash",
        "$2x$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
        "pbkdf2_sha1$1$a$b",
        "$argon2d$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        "=cmd|' /C calc'!A0",
    ] {
        assert_eq!(refused(unknown), Some(Unusable::Unknown), "{unknown}");
    }
    for text in TAKEN {
        let text = text.trim();
        for end in 8..text.len() - 1 {
            if !text.is_char_boundary(end) {
                continue;
            }
            if let Ok(hash) = Imported::read(&text[..end]) {
                assert!(!hash.fits(PASSWORD), "{}", &text[..end]);
            }
        }
    }
    assert_eq!(
        refused("pbkdf2_sha256$0$abc$6+Z6KQZ3j1yqslUWoJGNU6zjgk0ZQKbVaCsOUBl8Jww="),
        Some(Unusable::Damaged)
    );
    assert_eq!(refused(&format!("{{SSHA512}}{}", "A".repeat(2_000))), Some(Unusable::Damaged));
    assert_eq!(refused("$2b$05$abc"), Some(Unusable::Damaged));
    assert_eq!(
        refused("$2b$ä5$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo"),
        Some(Unusable::Damaged)
    );
}
