//! Finds the public key in a certificate (RFC 5280 4.1), and the two numbers of an RSA key in it
//! (RFC 8017 A.1.1): just enough DER to walk there.

const SEQUENCE: u8 = 0x30;

/// Modulus and exponent of the RSA key of a DER certificate, without leading zeros.
pub(crate) fn rsa_numbers(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    const BIT_STRING: u8 = 0x03;
    let algorithm = element(element(public_key(certificate)?)?.content)?;
    let bits = element(algorithm.rest).filter(|e| e.tag == BIT_STRING && e.rest.is_empty())?;
    let (&unused, key) = bits.content.split_first()?;
    let key = element(key).filter(|e| e.tag == SEQUENCE && e.rest.is_empty() && unused == 0)?;
    let modulus = element(key.content)?;
    let exponent = element(modulus.rest).filter(|e| e.rest.is_empty())?;
    Some((number(&modulus)?, number(&exponent)?))
}

/// A positive integer.
fn number<'d>(element: &Element<'d>) -> Option<&'d [u8]> {
    const INTEGER: u8 = 0x02;
    let digits = element.content;
    let bare = digits.strip_prefix(&[0]).unwrap_or(digits);
    (element.tag == INTEGER && !bare.is_empty()).then_some(bare)
}

/// The `SubjectPublicKeyInfo` of a DER certificate, tag and length included.
pub(crate) fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    const VERSION: u8 = 0xa0;
    let outer = element(certificate).filter(|e| e.tag == SEQUENCE && e.rest.is_empty())?;
    let mut rest = element(outer.content).filter(|e| e.tag == SEQUENCE)?.content;
    if element(rest)?.tag == VERSION {
        rest = element(rest)?.rest;
    }
    for _ in ["serial number", "signature algorithm", "issuer", "validity", "subject"] {
        rest = element(rest)?.rest;
    }
    element(rest).filter(|e| e.tag == SEQUENCE).map(|e| e.whole)
}

/// Whether a DER certificate is signed with RSA and SHA-256 (RFC 8017 A.2.4).
pub(crate) fn has_sha256_with_rsa(certificate: &[u8]) -> bool {
    const OID: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    let algorithm = || {
        let body = element(certificate).filter(|e| e.tag == SEQUENCE)?.content;
        let algorithm = element(element(body)?.rest).filter(|e| e.tag == SEQUENCE)?;
        element(algorithm.content).map(|oid| oid.whole == OID)
    };
    algorithm().unwrap_or_default()
}

struct Element<'d> {
    tag: u8,
    whole: &'d [u8],
    content: &'d [u8],
    rest: &'d [u8],
}

/// The first DER element of `bytes`.
fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (&tag, after_tag) = bytes.split_first()?;
    let (&first, after_first) = after_tag.split_first()?;
    let (length, body) = match first {
        0..=0x7f => (usize::from(first), after_first),
        0x81..=0x83 => {
            let (digits, body) = after_first.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit)), body)
        }
        _ => return None,
    };
    let (content, rest) = body.split_at_checked(length)?;
    Some(Element { tag, whole: &bytes[..bytes.len() - rest.len()], content, rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cut_certificate_makes_the_walk_go_astray() {
        let der = include_bytes!("../../tests/data/test-certificate.der");
        assert!(public_key(der).is_some_and(|spki| spki.len() == 294));
        let (modulus, exponent) = rsa_numbers(der).expect("an RSA key");
        assert_eq!((modulus.len(), exponent), (256, &[1, 0, 1][..]));
        assert!(has_sha256_with_rsa(der) && !has_sha256_with_rsa(&der[..40]));
        let sha1 =
            der.windows(9).rposition(|it| it == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]);
        let mut other = der.to_vec();
        other[sha1.expect("its algorithm") + 8] = 5;
        assert!(!has_sha256_with_rsa(&other));
        for length in 0..der.len() {
            assert_eq!(public_key(&der[..length]), None, "{length}");
            assert_eq!(rsa_numbers(&der[..length]), None, "{length}");
        }
    }
}
