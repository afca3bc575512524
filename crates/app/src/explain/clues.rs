//! What a message names besides its code: whom, and by which ids Microsoft's logs find it.

use uuid::Uuid;

/// What a message names.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Clues {
    /// The first sign-in name in it.
    pub upn: Option<String>,
    /// The first address in it that isn't Microsoft's: in a message about a realm, the issuer.
    pub address: Option<String>,
    /// The first value in it that has the form of an immutable id.
    pub immutable_id: Option<String>,
    /// The correlation id, by which the sign-in log finds the whole sign-in.
    pub correlation_id: Option<String>,
    /// The id of the one request: trace id, request id.
    pub request_id: Option<String>,
    /// When it was, as the message says.
    pub at: Option<String>,
}

/// Reads them.
pub(super) fn find(text: &str) -> Clues {
    let pieces: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || "\"'<>()[]{},;|\\`".contains(c))
        .map(|piece| piece.trim_end_matches(['.', ':', '!', '?']))
        .filter(|piece| !piece.is_empty())
        .collect();
    let first = |fits: fn(&str) -> bool| {
        pieces.iter().find(|piece| fits(piece)).map(|piece| (*piece).to_owned())
    };
    let lower = text.to_ascii_lowercase();
    Clues {
        upn: first(is_upn).map(|piece| piece.rsplit(['=', ':']).next().unwrap_or_default().into()),
        address: first(is_address),
        immutable_id: first(is_immutable_id),
        correlation_id: labelled(&lower, &["correlation"], guid),
        request_id: labelled(&lower, &["trace", "request"], guid),
        at: labelled(text, &["imestamp"], moment),
    }
}

fn is_upn(piece: &str) -> bool {
    let domain = piece.split_once('@').filter(|(name, _)| !name.is_empty());
    let domain = domain.map(|(_, domain)| domain).unwrap_or_default();
    domain.contains('.')
        && !domain.starts_with('.')
        && domain.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-')
}

fn is_address(piece: &str) -> bool {
    let rest = piece.strip_prefix("https://").or_else(|| piece.strip_prefix("http://"));
    let microsoft = ["login.microsoftonline.", "aka.ms", "go.microsoft.com", "learn.microsoft.com"];
    rest.is_some_and(|rest| !microsoft.iter().any(|host| rest.starts_with(host)))
}

/// Sixteen bytes in base64: what both Gatehouse and Entra Connect make.
fn is_immutable_id(piece: &str) -> bool {
    let base64 = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    piece.len() == 24 && piece.strip_suffix("==").is_some_and(|rest| rest.chars().all(base64))
}

/// The first value that stands behind one of these words: `Correlation ID: …`,
/// `"correlation_id":"…"`, `request-id: …`.
fn labelled<T>(text: &str, words: &[&str], read: fn(&str) -> Option<T>) -> Option<T> {
    words.iter().find_map(|word| {
        text.match_indices(word).find_map(|(at, found)| {
            let rest = text[at + found.len()..].trim_start_matches([' ', '_', '-']);
            let rest = rest.strip_prefix("id").unwrap_or(rest);
            read(rest.trim_start_matches(['"', ' ', ':', '=', '\'']))
        })
    })
}

fn guid(text: &str) -> Option<String> {
    let guid = text.get(..36).and_then(|text| Uuid::parse_str(text).ok());
    guid.map(|guid| guid.to_string())
}

/// `2026-08-20 10:11:12Z`, or the same with a `T`.
fn moment(text: &str) -> Option<String> {
    let is_part = |c: &char| c.is_ascii_digit() || "-:TZ .".contains(*c);
    let moment: String = text.chars().take_while(is_part).take(20).collect();
    let moment = moment.trim_end_matches([' ', '.']).to_owned();
    (moment.len() >= 19).then_some(moment)
}
