//! What was just done, said once on the next page. The address carries a word of this list, never
//! text, so nobody can make our pages say something.

use url::form_urlencoded;

use crate::pages::{Toast, parts::Tone};

/// The words and their sentences.
const TOASTS: &[(&str, &str)] = &[
    ("assigned", "Assigned. Microsoft 365 follows within seconds."),
    (
        "assigned-first",
        "Assigned. Nothing reaches Microsoft 365 before the first plan is confirmed, under Sync runs.",
    ),
    ("unassigned", "Unassigned. Sign-in is blocked and sessions are revoked now."),
    ("unassigned-alone", "Taken back. What groups give stays."),
    ("group-created", "The group is made. Add people, and choose what it gives them."),
    ("group-removed", "The group is removed; its people stay."),
    ("group-assigned", "Assigned. Microsoft 365 follows, once the first plan is confirmed."),
    ("group-unassigned", "Unassigned. Microsoft 365 follows within seconds."),
    (
        "group-by-plan",
        "Saved. Signing in here goes by it now; the tenant follows by a plan over everybody, which \
         may wait under Sync runs for an approval.",
    ),
    ("members-added", "They are in the group."),
    ("member-removed", "They are not in the group any more."),
    ("import-begun", "Under way. Load this page again to see how it goes."),
    ("import-done", "Imported; this is what became of it."),
    ("import-discarded", "The draft is gone. Nothing was imported."),
    ("ticks-kept", "The ticks are kept. Nothing is written yet."),
    ("import-undone", "Taken back, as far as nothing has happened since."),
    ("blocked", "Blocked. Every session has ended."),
    ("unblocked", "Unblocked."),
    ("hold-placed", "Under legal hold: licences and account are kept."),
    ("hold-lifted", "The hold is lifted. Nothing is taken away before tomorrow."),
    ("role-changed", "The role is changed; they sign in anew."),
    ("invited", "Letters are on their way to everybody who has no second factor."),
    ("exempt", "A password is enough for them until then, where no rule decides."),
    ("exemption-ended", "From now on they need a second factor."),
    ("pass-withdrawn", "The pass is worth nothing now."),
    ("sessions-ended", "Every session has ended."),
    ("session-ended", "The session has ended."),
    ("device-forgotten", "Forgotten. You will be asked for your second factor there again."),
    ("password-changed", "Your password is changed; every other session has ended."),
    ("passkey-added", "Added. You can sign in with it from now on."),
    ("passkey-renamed", "Renamed."),
    ("passkey-removed", "Removed; every other session has ended."),
    ("directory-saved", "Saved. Test the connection before you rely on it."),
    ("directory-removed", "Removed. It is asked no more."),
    ("password-place", "Saved. The next sign-in goes by it."),
    ("microsoft-linked", "Linked. It can sign you in from now on."),
    ("microsoft-unlinked", "Unlinked; every other session has ended."),
    ("microsoft-taken", "Unlinked. Every session has ended."),
    ("program-added", "Let in. Make a token for it: without one it can do nothing."),
    ("program-removed", "Removed. Its tokens open nothing, and whom it brought stays."),
    ("token-revoked", "Taken back. The token opens nothing."),
    ("program-let-on", "It may go on, as you said."),
    ("registration-added", "Added. Give Microsoft the redirect URI, then switch it on."),
    ("registration-second", "Added. Nothing uses it yet: test it, then use it."),
    ("registration-certificate", "Made. Download it and upload it to the app registration."),
    (
        "registration-rotated",
        "It is used from now on. The former one still opens until you remove it.",
    ),
    ("registration-dropped", "Gone here. At Microsoft it is good until somebody removes it there."),
    ("consent-seen", "The directory has consented: Microsoft knows the app there."),
    (
        "consent-unseen",
        "Consent was given, and Microsoft does not show it yet. Test it again in a minute.",
    ),
    ("registration-tested", "Tested. What was found is below."),
    ("registration-on", "Switched on. The sign-in page offers it."),
    ("registration-off", "Switched off. Nobody signs in through it."),
    ("registration-removed", "Removed. Links of people stay, and open nothing by themselves."),
    ("external-mfa-on", "Switched on. Microsoft is answered once it is set up there."),
    ("external-mfa-off", "Switched off. Requests of Microsoft's are refused."),
    ("saved", "Saved."),
    ("loaded", "The connection works and the products are loaded."),
    ("connected", "Connected."),
    ("certificate-made", "Made. Upload it to Microsoft, then try it."),
    ("certificate-used", "Microsoft took it: it is used from now on."),
    ("certificate-discarded", "The certificate that waited is forgotten."),
    ("checked", "Checked just now."),
    ("webhook-removed", "Alarms go by mail alone from now on."),
    ("webhook-tried", "The other system took the try."),
    ("mfa-chosen", "Planned. Run the script that federates, and Microsoft follows."),
    ("preflight", "Looked at everything just now."),
    (
        "held-back",
        "The script waits for a pre-flight of the last day that found two emergency accounts and a \
         domain that can be federated.",
    ),
    ("alarm-acknowledged", "Noted that you know. It rings again when it gets worse."),
    ("stepped-up", "Thank you. You can go on."),
    ("admins-kept-out", "Administrators of the tenant get no token for it any more."),
    ("admins-let-in", "Administrators of the tenant sign in like everybody."),
    ("writes-stopped", "Writes to the tenant are stopped."),
    ("writes-allowed", "Writes to the tenant are allowed again."),
    ("key-made", "The next key is made and published in the metadata."),
    (
        "key-promoted",
        "Promoted: it signs from now on. A new next key is published. Run the swap script now.",
    ),
    (
        "keys-replaced",
        "Both keys are new. Run the swap script now: until then nobody can sign in to Microsoft.",
    ),
    ("sessions-ending", "Under way. The sessions of everybody there end one after another."),
    ("looked", "Looked at the tenant just now."),
    ("matches-confirmed", "Confirmed. Nothing is written yet: the next plan takes them over."),
    ("match-rejected", "Noted: it isn't suggested again. Rejected shows it."),
    ("match-reopened", "Taken back. The row is open again."),
    ("plan-done", "The plan was carried out; this is how it went."),
    ("plan-begun", "Under way. Load this page again to see how it goes."),
    ("party-registered", "Registered. Give its administrators the addresses on this page."),
    ("party-on", "Switched on."),
    ("party-off", "Switched off. Nobody gets a token for it."),
    ("party-removed", "Removed."),
    ("protocol-chosen", "The script now says so; run it when you are ready."),
    ("wstrust-on", "WS-Trust is on. The federation script tells Microsoft 365 the addresses."),
    ("wstrust-off", "WS-Trust is off."),
    ("networks-saved", "Saved. The next token goes by it."),
    ("policy-drafted", "It is in the draft. Review and publish it when you are ready."),
    ("policy-published", "Published. It counts from now on, for the next token of everybody."),
    ("policy-discarded", "The draft is gone. What was published counts on."),
    (
        "domain-added",
        "The domain is added. Nothing changes for its people before the script is run.",
    ),
];

/// The toast that an address asks for.
pub(crate) fn from_query(query: &str) -> Option<Toast> {
    let word = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "done")?.1;
    let (_, text) = TOASTS.iter().find(|(known, _)| *known == word)?;
    Some(Toast { tone: Tone::Ok, text: (*text).to_owned() })
}
