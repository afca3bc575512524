//! Listings: what came counts only when the last page has arrived (Y22).

use std::collections::HashSet;

use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use crate::{
    client::{Call, Graph},
    error::{Error, Result},
};

/// More pages than the largest directory has.
const MOST_PAGES: usize = 10_000;

#[derive(Deserialize)]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

impl Graph {
    /// Every item of a listing, or an error and nothing.
    pub(crate) async fn list<T: DeserializeOwned>(&self, first: Call) -> Result<Vec<T>> {
        let mut items = Vec::new();
        let mut seen = HashSet::from([first.url.clone()]);
        let mut call = first;
        loop {
            let page: Page<T> = self.read(call.clone()).await?;
            items.extend(page.value);
            let Some(next) = page.next else { return Ok(items) };
            call.url = self.next(&next)?;
            if seen.len() >= MOST_PAGES || !seen.insert(call.url.clone()) {
                return Err(Error::PartialRead("its pages go round in circles"));
            }
        }
    }

    fn next(&self, link: &str) -> Result<Url> {
        Url::parse(link)
            .ok()
            .filter(|url| self.is_graph(url))
            .ok_or(Error::PartialRead("its next page lies somewhere else"))
    }
}
