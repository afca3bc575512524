//! Alarms for another system: where they go, and what became of each.

use secrecy::SecretString;

use crate::{
    Ts,
    ids::{DeliveryId, UserId},
};

/// Where alarms are sent besides the admins' mail.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The address. It may hold a key of the other side, so it is shown to admins alone.
    pub url: String,
    /// What both sides know; each delivery is signed with it.
    pub secret: SecretString,
    /// Who set it.
    pub set_by: UserId,
    /// When.
    pub set_at: Ts,
}

/// A piece of news on its way to the webhook, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Our id; the other side knows by it what it had already.
    pub id: DeliveryId,
    /// What it is about, in a few words.
    pub title: String,
    /// What it says, in JSON.
    pub body: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was written.
    pub made_at: Ts,
    /// When it is tried next; `None`: it was taken, or given up.
    pub due_at: Option<Ts>,
    /// When it was taken.
    pub taken_at: Option<Ts>,
    /// How the last try ended, in words; empty before the first.
    pub answer: String,
}
