//! The part of `OData` that Graph's directory understands: query options, `$filter`, paging.

mod filter;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use serde_json::Value;

pub(crate) use filter::Filter;

use crate::graph::Refusal;

/// The query options of a call, decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string.
    pub(crate) fn parse(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// An option such as `$filter`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The names of `$select`.
    pub(crate) fn select(&self) -> Vec<String> {
        let names = self.get("$select").unwrap_or_default();
        names.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect()
    }

    /// An object with only its selected properties.
    pub(crate) fn reduced(&self, mut object: Value) -> Value {
        let select = self.select();
        if let Some(properties) = object.as_object_mut()
            && !select.is_empty()
        {
            properties.retain(|name, _| select.contains(name));
        }
        object
    }

    /// The page size; Graph takes 1 to 999.
    pub(crate) fn top(&self) -> Result<usize, Refusal> {
        let Some(text) = self.get("$top") else { return Ok(100) };
        text.parse().ok().filter(|top| (1..=999).contains(top)).ok_or_else(|| {
            Refusal::bad(
                "Request_UnsupportedQuery",
                format!(
                    "Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive."
                ),
            )
        })
    }

    /// Where the page begins: the number of the last object already seen.
    pub(crate) fn after(&self) -> Result<u64, Refusal> {
        let Some(token) = self.get("$skiptoken") else { return Ok(0) };
        URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| text.strip_prefix("RFNwdAIAAQ:")?.parse().ok())
            .ok_or_else(|| Refusal::bad("Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request."))
    }

    /// Whether the answer shall count.
    pub(crate) fn counts(&self) -> bool {
        self.get("$count") == Some("true")
    }

    /// The address of the next page: the same options and an opaque token.
    pub(crate) fn next_link(&self, collection: &str, last: u64) -> String {
        let token = URL_SAFE_NO_PAD.encode(format!("RFNwdAIAAQ:{last}"));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.0.iter().filter(|(name, _)| name != "$skiptoken") {
            query.append_pair(name, value);
        }
        query.append_pair("$skiptoken", &token);
        format!("{collection}?{}", query.finish())
    }
}
