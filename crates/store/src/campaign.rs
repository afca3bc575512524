//! The campaign in which everybody sets up a second factor: one setting, as JSON.

use model::campaign::Campaign;

use crate::{
    Error, Tx, settings,
    text::{self, Row},
};

const NAME: &str = "enrollment_campaign";

/// The campaign as it is.
pub fn get(tx: &mut Tx) -> Result<Campaign, Error> {
    parse(settings::get(tx, NAME)?)
}

/// The same, which nobody else changes until this writing transaction ends.
pub fn hold(tx: &mut Tx) -> Result<Campaign, Error> {
    parse(settings::hold(tx, NAME)?)
}

/// Keeps it.
pub fn put(tx: &mut Tx, campaign: &Campaign) -> Result<(), Error> {
    settings::put(tx, NAME, &text::json(campaign))
}

/// Keeps how far letters to everybody have come: no token depends on that.
pub fn note(tx: &mut Tx, campaign: &Campaign) -> Result<(), Error> {
    settings::note(tx, NAME, &text::json(campaign))
}

fn parse(text: Option<String>) -> Result<Campaign, Error> {
    let row = Row { table: "settings", id: NAME };
    text.map_or_else(|| Ok(Campaign::default()), |text| row.json(&text))
}
