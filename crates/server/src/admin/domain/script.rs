//! The scripts of a domain: shown, and downloaded as the very bytes that are shown.

use actix_web::{HttpResponse, http::header, web};
use app::office365::{Rollover, Scripts};
use sha2::{Digest as _, Sha256};

use super::{facts, find, tab, tabs};
use crate::{
    answer::{Answer, Desk, see_other},
    error::Failure,
    pages::{
        Rail,
        admin::domain::{Domain, Script},
        parts::{Tone, Verdict},
    },
    visitor::Console,
};

/// One of the scripts.
struct Kind {
    /// The last segment of its page's address.
    view: &'static str,
    /// The last segment of its download's address.
    file: &'static str,
    about: &'static str,
    /// How it is run; `{}` is the file.
    command: &'static str,
    /// The hash of its plan, and its text.
    read: fn(&Scripts) -> app::Result<(&str, &str)>,
}

const POWERSHELL: Kind = Kind {
    view: "powershell",
    file: "federate.ps1",
    about: "Makes the domain federated, with Microsoft Graph PowerShell. It checks tenant and \
            domain first, saves what is there now, and reads back what it wrote. With -WhatIf it \
            only says what it would do.",
    command: "pwsh ./{} -WhatIf",
    read: |scripts| Ok((&scripts.plan_hash, &scripts.federate()?.powershell)),
};

const SH: Kind = Kind {
    view: "sh",
    file: "federate.sh",
    about: "The same with curl and jq, for machines without PowerShell. GRAPH_TOKEN holds an access \
            token of an administrator with Domain.ReadWrite.All.",
    command: "GRAPH_TOKEN=… sh ./{}",
    read: |scripts| Ok((&scripts.plan_hash, &scripts.federate()?.sh)),
};

const REVERT_POWERSHELL: Kind = Kind {
    view: "revert",
    file: "revert.ps1",
    about: "Takes the federation back with Microsoft Graph PowerShell: the saved configuration, or \
            managed sign-in at Microsoft.",
    command: "pwsh ./{}",
    read: |scripts| Ok((&scripts.plan_hash, &scripts.revert.powershell)),
};

const REVERT_SH: Kind = Kind {
    view: "revert-sh",
    file: "revert.sh",
    about: "Takes the federation back with curl and jq: the saved configuration, or managed sign-in \
            at Microsoft.",
    command: "GRAPH_TOKEN=… sh ./{}",
    read: |scripts| Ok((&scripts.plan_hash, &scripts.revert.sh)),
};

const STAGE_POWERSHELL: Kind = Kind {
    view: "stage",
    file: "stage.ps1",
    about: "Hands the certificate of the next key to Microsoft, beside the one that signs now. \
            Nothing changes for anybody until the key is promoted, a day later. With Microsoft \
            Graph PowerShell.",
    command: "pwsh ./{} -WhatIf",
    read: |scripts| rollover(scripts, 0).map(|it| (&*it.plan_hash, &*it.script.powershell)),
};

const STAGE_SH: Kind = Kind {
    view: "stage-sh",
    file: "stage.sh",
    about: "Hands the certificate of the next key to Microsoft, beside the one that signs now. \
            Nothing changes for anybody until the key is promoted, a day later. With curl and jq.",
    command: "GRAPH_TOKEN=… sh ./{}",
    read: |scripts| rollover(scripts, 0).map(|it| (&*it.plan_hash, &*it.script.sh)),
};

const SWAP_POWERSHELL: Kind = Kind {
    view: "swap",
    file: "swap.ps1",
    about: "After a promotion or an emergency: Microsoft trusts the key that signs now and the next \
            one, and forgets every other. With Microsoft Graph PowerShell.",
    command: "pwsh ./{} -WhatIf",
    read: |scripts| rollover(scripts, 1).map(|it| (&*it.plan_hash, &*it.script.powershell)),
};

const SWAP_SH: Kind = Kind {
    view: "swap-sh",
    file: "swap.sh",
    about: "After a promotion or an emergency: Microsoft trusts the key that signs now and the next \
            one, and forgets every other. With curl and jq.",
    command: "GRAPH_TOKEN=… sh ./{}",
    read: |scripts| rollover(scripts, 1).map(|it| (&*it.plan_hash, &*it.script.sh)),
};

/// Each as PowerShell, then as a shell script.
const ALL: [Kind; 8] = [
    POWERSHELL,
    SH,
    REVERT_POWERSHELL,
    REVERT_SH,
    STAGE_POWERSHELL,
    STAGE_SH,
    SWAP_POWERSHELL,
    SWAP_SH,
];

/// The two dialects of a script and their views.
fn written_as(view: &str) -> [(&'static str, &'static str); 2] {
    let pair = ALL.chunks_exact(2).find(|pair| pair.iter().any(|kind| kind.view == view));
    let [powershell, sh] = pair.map_or(["", ""], |pair| [pair[0].view, pair[1].view]);
    [("PowerShell", powershell), ("Shell", sh)]
}

fn rollover(scripts: &Scripts, step: usize) -> app::Result<&Rollover> {
    scripts.rollover.as_ref().and_then(|steps| steps.get(step)).ok_or_else(|| {
        let public = "There is no next key that could take over. Make one on the page of the keys; \
                      if the one that is there can't be used, replace both keys.";
        app::Error::new(app::Kind::Conflict, public)
    })
}

/// A script's tab.
pub(in crate::admin) async fn show(
    admin: Console,
    desk: Desk,
    path: web::Path<(String, String)>,
) -> Answer {
    let (slug, view) = path.into_inner();
    let kind = ALL.into_iter().find(|kind| kind.view == view).ok_or(Failure::NoSuchPage)?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let house = &desk.counter.house;
    let scripts = house.scripts(&admin, domain.id, desk.guest.visitor()).await?;
    let (plan_hash, text) = match (kind.read)(&scripts) {
        Ok(read) => read,
        // What holds the script back is mended there.
        Err(_) if scripts.federate().is_err() => {
            return Ok(see_other(&format!("/admin/domains/{slug}/preflight?done=held-back")));
        }
        Err(error) => return Err(error.into()),
    };
    let file_name = file_name(&kind, &domain.name);
    let sentence = format!("Read it, then run it once; its plan is {plan_hash}.");
    let page = Domain {
        verdict: Verdict::new(Tone::Neutral, &sentence),
        facts: facts(&desk, &domain).await?,
        tabs: tabs(&slug, written_as(kind.view)[0].1),
        properties: Vec::new(),
        checks: Vec::new(),
        checked: None,
        protocol: None,
        preflight: None,
        preflight_at: None,
        script: Some(Script {
            about: kind.about.to_owned(),
            command: kind.command.replace("{}", &file_name),
            text: text.to_owned(),
            sha256: hex::encode(Sha256::digest(text.as_bytes())),
            dialects: written_as(kind.view)
                .iter()
                .map(|(label, view)| tab(&slug, label, view, *view == kind.view))
                .collect(),
            download: format!("/admin/domains/{slug}/{}", kind.file),
            file_name,
        }),
        name: domain.name,
        slug,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Downloads a script; its address ends with the file's name.
pub(in crate::admin) async fn download(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
) -> Answer {
    let name = desk.request.path().rsplit('/').next().unwrap_or_default();
    let kind = ALL.into_iter().find(|kind| kind.file == name).ok_or(Failure::NoSuchPage)?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let scripts = desk.counter.house.scripts(&admin, domain.id, desk.guest.visitor()).await?;
    let (_, text) = (kind.read)(&scripts)?;
    let name = file_name(&kind, &domain.name);
    Ok(attachment("text/plain; charset=utf-8", &name, text.to_owned()))
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
