//! The scripts of a domain: shown, and downloaded as the very bytes that are shown.

use actix_web::{HttpResponse, http::header, web};
use app::office365::Scripts;
use sha2::{Digest as _, Sha256};

use super::{facts, find, tabs};
use crate::{
    answer::{Answer, Desk},
    error::Failure,
    pages::{
        Rail,
        admin::domain::{Domain, Script},
        parts::{Tone, Verdict},
    },
    visitor::Console,
};

/// One of the four scripts.
struct Kind {
    /// The last segment of its page's address.
    view: &'static str,
    /// The last segment of its download's address.
    file: &'static str,
    about: &'static str,
    /// How it is run; `{}` is the file.
    command: &'static str,
    text: fn(&Scripts) -> &str,
}

const POWERSHELL: Kind = Kind {
    view: "powershell",
    file: "federate.ps1",
    about: "Makes the domain federated, with Microsoft Graph PowerShell. It checks tenant and \
            domain first, saves what is there now, and reads back what it wrote. With -WhatIf it \
            only says what it would do.",
    command: "pwsh ./{} -WhatIf",
    text: |scripts| &scripts.powershell,
};

const SH: Kind = Kind {
    view: "sh",
    file: "federate.sh",
    about: "The same with curl and jq, for machines without PowerShell. GRAPH_TOKEN holds an access \
            token of an administrator with Domain.ReadWrite.All.",
    command: "GRAPH_TOKEN=… sh ./{}",
    text: |scripts| &scripts.sh,
};

const REVERT_POWERSHELL: Kind = Kind {
    view: "revert",
    file: "revert.ps1",
    about: "Takes the federation back with Microsoft Graph PowerShell: the saved configuration, or \
            managed sign-in at Microsoft.",
    command: "pwsh ./{}",
    text: |scripts| &scripts.revert_powershell,
};

const REVERT_SH: Kind = Kind {
    view: "revert-sh",
    file: "revert.sh",
    about: "Takes the federation back with curl and jq: the saved configuration, or managed sign-in \
            at Microsoft.",
    command: "GRAPH_TOKEN=… sh ./{}",
    text: |scripts| &scripts.revert_sh,
};

/// A script's tab.
pub(in crate::admin) async fn show(
    admin: Console,
    desk: Desk,
    path: web::Path<(String, String)>,
) -> Answer {
    let (slug, view) = path.into_inner();
    let kinds = [POWERSHELL, SH, REVERT_POWERSHELL, REVERT_SH];
    let kind = kinds.into_iter().find(|kind| kind.view == view).ok_or(Failure::NoSuchPage)?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let house = &desk.counter.house;
    let scripts = house.scripts(&admin, domain.id, desk.guest.visitor()).await?;
    let text = (kind.text)(&scripts);
    let file_name = file_name(&kind, &domain.name);
    let sentence = format!("Read it, then run it once; its plan is {}.", &scripts.plan_hash);
    let page = Domain {
        verdict: Verdict::new(Tone::Neutral, &sentence),
        facts: facts(&desk, &domain).await?,
        tabs: tabs(&slug, kind.view),
        properties: Vec::new(),
        checks: Vec::new(),
        checked: None,
        script: Some(Script {
            about: kind.about.to_owned(),
            command: kind.command.replace("{}", &file_name),
            text: text.to_owned(),
            sha256: hex::encode(Sha256::digest(text.as_bytes())),
            download: format!("/admin/domains/{slug}/{}", kind.file),
            file_name,
        }),
        name: domain.name,
        slug,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Downloads the PowerShell script.
pub(in crate::admin) async fn powershell(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
) -> Answer {
    download(&admin, &desk, &slug, &POWERSHELL).await
}

/// Downloads the shell script.
pub(in crate::admin) async fn sh(admin: Console, desk: Desk, slug: web::Path<String>) -> Answer {
    download(&admin, &desk, &slug, &SH).await
}

/// Downloads the PowerShell script that takes it back.
pub(in crate::admin) async fn revert_powershell(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
) -> Answer {
    download(&admin, &desk, &slug, &REVERT_POWERSHELL).await
}

/// Downloads the shell script that takes it back.
pub(in crate::admin) async fn revert_sh(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
) -> Answer {
    download(&admin, &desk, &slug, &REVERT_SH).await
}

async fn download(admin: &Console, desk: &Desk, slug: &str, kind: &Kind) -> Answer {
    let (_, domain) = find(admin, desk, slug).await?;
    let scripts = desk.counter.house.scripts(admin, domain.id, desk.guest.visitor()).await?;
    let name = file_name(kind, &domain.name);
    Ok(attachment("text/plain; charset=utf-8", &name, (kind.text)(&scripts).to_owned()))
}

/// `federate-contoso.com.ps1`.
fn file_name(kind: &Kind, domain: &str) -> String {
    let (stem, extension) = kind.file.split_once('.').unwrap_or((kind.file, "txt"));
    format!("{stem}-{domain}.{extension}")
}

/// A file to keep. Its name holds letters, digits, dots and dashes alone.
pub(in crate::admin) fn attachment<B: Into<web::Bytes>>(
    kind: &'static str,
    name: &str,
    body: B,
) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(body.into())
}
